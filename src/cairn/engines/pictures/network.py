"""The people around somebody: the nearer the person, the nearer the dot; whoever is next has a second ring."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cairn.engines.pictures import lettering, placing
from cairn.engines.pictures.lettering import Box, Label, Line

_DOT = 11.0
_TURNS = 48
_GOLDEN = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True)
class Contact:
    """Somebody: nearness from 0 (far) to 1 (close), None where it was not said; `next` marks a contact to come."""

    who: str
    nearness: float | None = None
    next: bool = False


@dataclass(frozen=True)
class Dot:
    """Somebody, drawn."""

    number: int
    x: float
    y: float
    next: bool
    box: Box


@dataclass(frozen=True)
class Network:
    """A finished map."""

    width: float
    height: float
    cx: float
    cy: float
    rings: tuple[float, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]


def wide(contacts: Sequence[Contact]) -> Network:
    """The map with names."""
    return _network(contacts, 720.0, 520.0, words=True)


def narrow(contacts: Sequence[Contact]) -> Network:
    """The map with numbers only, for a narrow plate with a list below it."""
    return _network(contacts, 420.0, 420.0, words=False)


def _network(contacts: Sequence[Contact], width: float, height: float, *, words: bool) -> Network:
    cx, cy, far = width / 2, height / 2, min(width, height) / 2 - 34
    near = 44.0
    dots = _dots(contacts, (cx, cy), near, far)
    labels = _labels(contacts, dots, Box(4, 4, width - 4, height - 4), (cx, cy)) if words else ()
    rings = tuple(near + (far - near) * share for share in (0.0, 1 / 3, 2 / 3, 1.0))
    return Network(width, height, cx, cy, rings, dots, labels)


def _dots(contacts: Sequence[Contact], middle: tuple[float, float], near: float, far: float) -> tuple[Dot, ...]:
    """Each at the distance that was said, at the first free angle; where a ring is full, a little further out."""
    found: dict[int, Dot] = {}
    for index in sorted(range(len(contacts)), key=lambda i: (-_nearness(contacts[i]), i)):
        contact = contacts[index]
        radius = far - (far - near) * _nearness(contact)
        for x, y in _seats(middle, radius, index * _GOLDEN):
            box = Box(x - _DOT, y - _DOT, x + _DOT, y + _DOT)
            if not any(math.hypot(x - dot.x, y - dot.y) < 2 * _DOT + 5 for dot in found.values()):
                found[index] = Dot(index + 1, x, y, contact.next, box)
                break
    return tuple(found[index] for index in sorted(found))


def _seats(middle: tuple[float, float], radius: float, start: float) -> Iterator[tuple[float, float]]:
    for further in range(40):
        at = radius + further * 6 if radius + further * 6 <= radius + 24 else max(radius - (further - 4) * 6, 30.0)
        for turn in range(_TURNS):
            angle = start + (turn if turn % 2 else -turn) * math.pi / _TURNS
            yield middle[0] + at * math.sin(angle), middle[1] - at * math.cos(angle)


def _nearness(contact: Contact) -> float:
    return 0.5 if contact.nearness is None else max(0.0, min(1.0, contact.nearness))


def _labels(
    contacts: Sequence[Contact], dots: Sequence[Dot], plate: Box, middle: tuple[float, float]
) -> tuple[Label, ...]:
    me = Box(middle[0] - 26, middle[1] - 14, middle[0] + 26, middle[1] + 14)
    taken = [me, *(dot.box for dot in dots)]
    found = []
    for dot in dots:
        for room, most in ((170.0, 1), (110.0, 2), (76.0, 2)):
            lines = lettering.wrapped(contacts[dot.number - 1].who, room=room, size=lettering.SERIF, most=most)
            broad = max((lettering.width(line, lettering.SERIF) for line in lines), default=0.0)
            tall = len(lines) * lettering.LEADING
            box = placing.first_free(_around(dot, broad, tall, middle[0]), taken, plate) if lines else None
            if box is not None:
                taken.append(box)
                found.append(Label(dot.number, _lines(lines, box, dot), box))
                break
    return tuple(found)


def _around(dot: Dot, broad: float, tall: float, middle: float) -> Iterator[Box]:
    right = Box(dot.box.right + 6, dot.y - tall / 2, dot.box.right + 6 + broad, dot.y + tall / 2)
    left = Box(dot.box.left - 6 - broad, dot.y - tall / 2, dot.box.left - 6, dot.y + tall / 2)
    yield from (right, left) if dot.x >= middle else (left, right)
    for top in (dot.box.top - 5 - tall, dot.box.bottom + 5):
        for shift in (-0.5, -0.2, -0.8):
            yield Box(dot.x + shift * broad, top, dot.x + (shift + 1) * broad, top + tall)


def _lines(lines: Sequence[str], box: Box, dot: Dot) -> tuple[Line, ...]:
    x, anchor = (box.left + box.right) / 2, "middle"
    if box.left >= dot.box.right:
        x, anchor = box.left, "start"
    elif box.right <= dot.box.left:
        x, anchor = box.right, "end"
    return tuple(
        Line(x, box.top + 13 + row * lettering.LEADING, anchor, lettering.isolated(text))
        for row, text in enumerate(lines)
    )
