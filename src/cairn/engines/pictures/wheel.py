"""The career wheel: a wedge for each aspect; its width is how much it matters, its filling what is there now.

The wished-for value is an edge, an earlier wheel's value a dotted edge. There is no average and no verdict.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cairn.engines.pictures import lettering, placing
from cairn.engines.pictures.lettering import Box, Line

MOST_EARLIER = 2
WIDEST = 3.0
"""How many times wider than the least important an all-important aspect is drawn."""
_GAP = 0.012
_PAD = 4.0


@dataclass(frozen=True)
class Aspect:
    """One aspect: values from 0 to 10, None where nothing was said. `note` stands under the name; `then` holds the
    values of earlier wheels, newest first."""

    name: str
    now: int | None = None
    wished: int | None = None
    importance: int | None = None
    note: str = ""
    then: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Arc:
    """A part of a circle around the centre, from one point to another, clockwise."""

    radius: float
    x1: float
    y1: float
    x2: float
    y2: float
    large: int


@dataclass(frozen=True)
class Spoke:
    """One aspect, drawn. Angles in radians, clockwise from the top."""

    number: int
    name: str
    start: float
    end: float
    now: Arc | None
    wished: Arc | None
    then: tuple[Arc | None, ...]
    mark_x: float
    mark_y: float


@dataclass(frozen=True)
class Label:
    """Name and values beside the rim, and the hairline that leads to them."""

    number: int
    lines: tuple[Line, ...]
    box: Box
    leader: str


@dataclass(frozen=True)
class Wheel:
    """A finished wheel; what is drawn lies between `top` and `top` + `height`."""

    top: float
    width: float
    height: float
    cx: float
    cy: float
    radius: float
    rings: tuple[float, ...]
    spokes: tuple[Spoke, ...]
    labels: tuple[Label, ...]


def wide(aspects: Sequence[Aspect]) -> Wheel:
    """The wheel with its words around it."""
    size, radius = 660.0, 160.0
    angles = _angles(aspects)
    middles = [(start + end) / 2 for start, end in angles]
    sides = _sides(aspects, middles, room=size / 2 - radius - 32, height=490.0)
    height = max(490.0, *(sum(box.tall + box.gap for box in side) + 2 * _PAD for side in sides.values()))
    cx, cy = size / 2, height / 2
    labels = sorted(_labels(sides, cx, cy, radius, height), key=lambda label: label.number)
    top = min([cy - radius - 8, *(label.box.top for label in labels)]) - _PAD
    bottom = max([cy + radius + 8, *(label.box.bottom for label in labels)]) + _PAD
    return replace(_wheel(aspects, angles, (size, height, cx, cy, radius), tuple(labels)), top=top, height=bottom - top)


def narrow(aspects: Sequence[Aspect]) -> Wheel:
    """The wheel with numbers only, for a narrow plate with a list below it."""
    return _wheel(aspects, _angles(aspects), (380.0, 380.0, 190.0, 190.0, 160.0), ())


def _wheel(
    aspects: Sequence[Aspect],
    angles: Sequence[tuple[float, float]],
    frame: tuple[float, float, float, float, float],
    labels: tuple[Label, ...],
) -> Wheel:
    width, height, cx, cy, radius = frame
    spokes = tuple(
        _spoke(number, aspect, angle, frame)
        for number, (aspect, angle) in enumerate(zip(aspects, angles, strict=True), 1)
    )
    return Wheel(0.0, width, height, cx, cy, radius, tuple(radius * ring / 5 for ring in range(1, 6)), spokes, labels)


def _angles(aspects: Sequence[Aspect]) -> list[tuple[float, float]]:
    weights = [1 + (WIDEST - 1) * _within(5 if a.importance is None else a.importance) / 10 for a in aspects]
    whole, angles, start = sum(weights), [], 0.0
    for weight in weights:
        angles.append((start, start + 2 * math.pi * weight / whole))
        start = angles[-1][1]
    return angles


def _spoke(number: int, aspect: Aspect, angle: tuple[float, float], frame: tuple[float, ...]) -> Spoke:
    _, _, cx, cy, radius = frame
    middle = (angle[0] + angle[1]) / 2
    mark_x, mark_y = _point(cx, cy, radius + 16, middle)
    now, wished = (_arc(value, angle, cx, cy, radius) for value in (aspect.now, aspect.wished))
    then = tuple(_arc(value, angle, cx, cy, radius) for value in aspect.then[:MOST_EARLIER])
    return Spoke(number, aspect.name, *angle, now, wished, then, mark_x, mark_y)


def _arc(value: int | None, angle: tuple[float, float], cx: float, cy: float, radius: float) -> Arc | None:
    if value is None or _within(value) == 0:
        return None
    at = radius * _within(value) / 10
    start, end = angle[0] + _GAP, angle[1] - _GAP
    return Arc(at, *_point(cx, cy, at, start), *_point(cx, cy, at, end), int(end - start > math.pi))


def _point(cx: float, cy: float, radius: float, angle: float) -> tuple[float, float]:
    return cx + radius * math.sin(angle), cy - radius * math.cos(angle)


def _within(value: int) -> int:
    return max(0, min(10, value))


@dataclass(frozen=True)
class _Words:
    """A label before it has a place."""

    number: int
    lines: tuple[str, ...]
    note: str
    angle: float
    broad: float
    tall: float
    gap: float


def _sides(
    aspects: Sequence[Aspect], middles: Sequence[float], *, room: float, height: float
) -> dict[str, list[_Words]]:
    """The labels left, right and exactly above or below, in as many lines as the height holds."""
    sides: dict[str, list[_Words]] = {}
    for lines, gap in ((3, 8.0), (2, 8.0), (2, 4.0), (1, 6.0), (1, 2.0)):
        words = [
            _words(number, aspect, angle, room=room, lines=lines, gap=gap)
            for number, (aspect, angle) in enumerate(zip(aspects, middles, strict=True), 1)
        ]
        sides = _shared_out([each for each in words if each.lines])
        if all(sum(each.tall + gap for each in side) <= height - 2 * _PAD for side in sides.values()):
            break
    return sides


def _words(number: int, aspect: Aspect, angle: float, *, room: float, lines: int, gap: float) -> _Words:
    name = lettering.wrapped(aspect.name, room=room, size=lettering.SERIF, most=lines)
    note = "".join(lettering.wrapped(aspect.note, room=room, size=lettering.SMALL, most=1))
    broad = max(
        [lettering.width(line, lettering.SERIF) for line in name] + [lettering.width(note, lettering.SMALL)],
        default=0.0,
    )
    tall = len(name) * lettering.LEADING + (lettering.SMALL_LEADING if note else 0.0)
    return _Words(number, name, note, angle, min(broad, room), tall, gap)


def _shared_out(words: Sequence[_Words]) -> dict[str, list[_Words]]:
    sides: dict[str, list[_Words]] = {"top": [], "bottom": [], "right": [], "left": []}
    for each in words:
        pole = "top" if math.cos(each.angle) > 0 else "bottom"
        if abs(math.sin(each.angle)) < 0.09 and not sides[pole] and len(each.lines) < 3:
            sides[pole].append(each)
        else:
            sides["right" if math.sin(each.angle) >= 0 else "left"].append(each)
    sides["left"].reverse()
    return sides


def _labels(sides: dict[str, list[_Words]], cx: float, cy: float, radius: float, height: float) -> list[Label]:
    labels = []
    poles: list[Box] = []
    for pole, sign in (("top", -1), ("bottom", 1)):
        for words in sides[pole]:
            near = cy + sign * (radius + 20)
            top = near - words.tall if sign < 0 else near
            top = min(max(top, _PAD), height - _PAD - words.tall)
            box = Box(cx - words.broad / 2, top, cx + words.broad / 2, top + words.tall)
            poles.append(box)
            labels.append(_label(words, box, "middle", cx, (cx, cy, radius)))
    for side, sign in (("right", 1), ("left", -1)):
        rows = sides[side]
        wished = [cy - (radius + 26) * math.cos(each.angle) - each.tall / 2 for each in rows]
        gap = rows[0].gap if rows else 0.0
        tops = placing.spread(wished, [each.tall for each in rows], low=_PAD, high=height - _PAD, gap=gap)
        for words, top in zip(rows, tops, strict=True):
            away = _away(top, words.tall, (cx, cy, radius + 24), poles)
            x = cx + sign * away
            box = Box(min(x, x + sign * words.broad), top, max(x, x + sign * words.broad), top + words.tall)
            labels.append(_label(words, box, "start" if sign > 0 else "end", x, (cx, cy, radius)))
    return labels


def _away(top: float, tall: float, circle: tuple[float, float, float], poles: Sequence[Box]) -> float:
    """How far from the middle a label must begin so as to clear the rim and what stands above or below it."""
    cx, cy, clear = circle
    nearest = 0.0 if top <= cy <= top + tall else min(abs(top - cy), abs(top + tall - cy))
    away = math.sqrt(clear**2 - nearest**2) if nearest < clear else 0.0
    beside = (box.right - cx for box in poles if box.top < top + tall + 4 and top < box.bottom + 4)
    return max(away, 8.0, *(half + 10 for half in beside)) if poles else max(away, 8.0)


def _label(words: _Words, box: Box, anchor: str, x: float, circle: tuple[float, float, float]) -> Label:
    cx, cy, radius = circle
    lines = [
        Line(x, box.top + 13 + index * lettering.LEADING, anchor, lettering.isolated(text))
        for index, text in enumerate(words.lines)
    ]
    if words.note:
        lines.append(Line(x, box.bottom - 4, anchor, lettering.isolated(words.note), "t-faint"))
    from_x, from_y = _point(cx, cy, radius + 4, words.angle)
    if anchor == "middle":
        to_x, to_y = cx, box.bottom + 3 if box.top < cy else box.top - 3
    else:
        to_x, to_y = x + (-4 if anchor == "start" else 4), (box.top + box.bottom) / 2
    leader = f"M{from_x:.1f} {from_y:.1f}L{to_x:.1f} {to_y:.1f}"
    return Label(words.number, tuple(lines), box, leader)
