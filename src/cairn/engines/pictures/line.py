"""The line of working life: a ridge through the places somebody remembers, drawn as land and not as a share price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cairn.engines.pictures import curve, lettering, placing
from cairn.engines.pictures.curve import Curve
from cairn.engines.pictures.lettering import Box, Label, Line

MOST = 30
HIGHEST = 5
_MARKER = 11.0


@dataclass(frozen=True)
class Place:
    """One place on the line: height from -5 to 5, `year` None where it was not said."""

    what: str
    height: int
    year: int | None = None
    gave: bool = False
    drained: bool = False


@dataclass(frozen=True)
class Marker:
    """A place, drawn; `number` is its place in time, `source` its place in what came in."""

    number: int
    source: int
    x: float
    y: float
    high: bool
    gave: bool
    drained: bool
    box: Box


@dataclass(frozen=True)
class Relief:
    """A finished line. `land` is the ridge closed along the base; `step` is how far one unit of height reaches."""

    width: float
    height: float
    base: float
    step: float
    left: float
    right: float
    ridge: str
    land: str
    strata: tuple[str, ...]
    markers: tuple[Marker, ...]
    labels: tuple[Label, ...]
    years: tuple[Line, ...]
    curve: Curve | None


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    side: float
    top: float
    bottom: float
    words: bool

    @property
    def base(self) -> float:
        return (self.top + self.bottom) / 2


_WIDE = _Frame(960, 396, 40, 80, 312, True)
_NARROW = _Frame(400, 300, 22, 26, 258, False)


def wide(places: Sequence[Place]) -> Relief:
    """The line with words at its places."""
    return _relief(places, _WIDE)


def narrow(places: Sequence[Place]) -> Relief:
    """The line with numbers only, for a narrow plate with a list below it."""
    return _relief(places, _NARROW)


def in_order(places: Sequence[Place]) -> list[int]:
    """The places' own numbers as time has them; those without a year stay after the one they stand behind."""
    last, keys = -10_000, []
    for index, place in enumerate(places):
        last = place.year if place.year is not None else last
        keys.append((last, index))
    return [index for _, index in sorted(keys)]


def _relief(places: Sequence[Place], frame: _Frame) -> Relief:
    order = in_order(places)[:MOST]
    ordered = [places[index] for index in order]
    xs = _across([place.year for place in ordered], frame)
    points = [(x, _down(place.height, frame)) for x, place in zip(xs, ordered, strict=True)]
    markers = tuple(
        _marker(number, source, place, point)
        for number, (source, place, point) in enumerate(zip(order, ordered, points, strict=True), 1)
    )
    drawn = curve.through(points) if points else None
    labels = _labels(markers, ordered, drawn, frame) if frame.words and drawn else ()
    return Relief(
        width=frame.width,
        height=frame.height,
        base=frame.base,
        step=(frame.bottom - frame.top) / 2 / HIGHEST,
        left=frame.side / 2,
        right=frame.width - frame.side / 2,
        ridge=drawn.path() if drawn else "",
        land=_land(drawn, frame) if drawn else "",
        strata=tuple(drawn.flattened(frame.base, share).path() for share in (0.8, 0.6, 0.4, 0.2)) if drawn else (),
        markers=markers,
        labels=labels,
        years=_years([place.year for place in ordered], xs, frame),
        curve=drawn,
    )


def _down(height: int, frame: _Frame) -> float:
    half = (frame.bottom - frame.top) / 2
    return frame.base - half * max(-HIGHEST, min(HIGHEST, height)) / HIGHEST


def _across(years: Sequence[int | None], frame: _Frame) -> list[float]:
    """Places by year where all years are known, else evenly; never closer than their markers need."""
    count = len(years)
    room = frame.width - 2 * frame.side
    if count < 2:
        return [frame.width / 2] * count
    step = room / (count - 1)
    known = [year for year in years if year is not None]
    span = known[-1] - known[0] if len(known) == count else 0
    if not span:
        return [frame.side + step * index for index in range(count)]
    wished = [frame.side + room * (year - known[0]) / span for year in known]
    gap = min(step, 2.6 * _MARKER)
    return placing.spread(wished, [0.0] * count, low=frame.side, high=frame.width - frame.side, gap=gap)


def _marker(number: int, source: int, place: Place, point: tuple[float, float]) -> Marker:
    x, y = point
    reach = _MARKER + (9 if place.gave or place.drained else 1)
    box = Box(x - _MARKER - 1, y - _MARKER - 1, x + reach, y + _MARKER + 1)
    return Marker(number, source, x, y, place.height >= 0, place.gave, place.drained, box)


def _land(drawn: Curve, frame: _Frame) -> str:
    first, last = drawn.points[0][0], drawn.points[-1][0]
    return f"{drawn.path()}L{last:.1f} {frame.base:.1f}L{first:.1f} {frame.base:.1f}Z"


def _labels(markers: Sequence[Marker], places: Sequence[Place], drawn: Curve, frame: _Frame) -> tuple[Label, ...]:
    """Words where they touch neither marker nor word nor ridge; the outermost places are served first."""
    plate = Box(4, 4, frame.width - 4, frame.bottom + 56)
    taken = [marker.box for marker in markers]
    found = []
    turns = sorted(range(len(markers)), key=lambda index: (-abs(places[index].height), index))
    for index in turns:
        label = _label(markers[index], places[index].what, taken, drawn, plate)
        if label is not None:
            found.append(label)
            taken.append(label.box)
    return tuple(sorted(found, key=lambda label: label.number))


def _label(marker: Marker, what: str, taken: Sequence[Box], drawn: Curve, plate: Box) -> Label | None:
    for room, most in ((240.0, 1), (140.0, 2), (100.0, 3)):
        lines = lettering.wrapped(what, room=room, size=lettering.SERIF, most=most)
        if not lines:
            return None
        if lines[-1].endswith(lettering.ELLIPSIS) and most < 3:
            continue
        broad = max(lettering.width(line, lettering.SERIF) for line in lines)
        tall = len(lines) * lettering.LEADING
        own = [box for box in _around(marker, broad, tall) if not _crossed(box, drawn)]
        box = placing.first_free(own, taken, plate)
        if box is not None:
            middle = (box.left + box.right) / 2
            drawn_lines = tuple(
                Line(middle, box.top + 13 + row * lettering.LEADING, "middle", lettering.isolated(text))
                for row, text in enumerate(lines)
            )
            return Label(marker.number, drawn_lines, box)
    return None


def _around(marker: Marker, broad: float, tall: float) -> Iterator[Box]:
    """Places for a label: away from the base first, then a little to either side, then across it."""
    shifts = (0.0, -0.25, 0.25, -0.4, 0.4)
    for above in (marker.high, not marker.high):
        top = marker.box.top - 5 - tall if above else marker.box.bottom + 5
        for lift in (0.0, 14.0):
            for shift in shifts:
                left = marker.x - broad / 2 + shift * broad
                at = top - lift if above else top + lift
                yield Box(left, at, left + broad, at + tall)


def _crossed(box: Box, drawn: Curve) -> bool:
    first, last = drawn.points[0][0], drawn.points[-1][0]
    steps = 12
    for step in range(steps + 1):
        x = box.left + (box.right - box.left) * step / steps
        if first <= x <= last and box.top - 3 < drawn.at(x) < box.bottom + 3:
            return True
    return False


def _years(years: Sequence[int | None], xs: Sequence[float], frame: _Frame) -> tuple[Line, ...]:
    """Years along the foot: those of the places themselves, as many as keep apart."""
    apart = 52.0
    found: list[Line] = []
    for year, x in zip(years, xs, strict=True):
        text = "" if year is None else str(year)
        at = min(max(x, 20.0), frame.width - 20.0)
        if text and not any(line.text == text for line in found) and (not found or at - found[-1].x >= apart):
            found.append(Line(at, frame.height - 8, "middle", text, "t-faint"))
    return tuple(found)
