"""Two shapes that overlap: what is only in one's own plans, what is only needed around one, and where they meet."""

from collections.abc import Sequence
from dataclasses import dataclass

from cairn.engines.pictures import lettering
from cairn.engines.pictures.lettering import Box, Line

_WIDTH, _HEIGHT = 760.0, 420.0
_TOP, _BOTTOM, _ROOM = 124.0, 350.0, 152.0
_MIDDLES = (164.0, 380.0, 596.0)


@dataclass(frozen=True)
class Oval:
    """One of the two shapes."""

    cx: float
    cy: float
    rx: float
    ry: float


@dataclass(frozen=True)
class Heap:
    """The things in one part of the picture; `left_out` did not fit and stand in the table."""

    title: Line
    lines: tuple[Line, ...]
    box: Box
    left_out: int


@dataclass(frozen=True)
class Overlap:
    """A finished picture: what is mine, what is in both, what is theirs."""

    width: float
    height: float
    ovals: tuple[Oval, Oval]
    heaps: tuple[Heap, Heap, Heap]


def wide(titles: tuple[str, str, str], things: tuple[Sequence[str], Sequence[str], Sequence[str]]) -> Overlap:
    """The picture; titles and things in the order mine, both, theirs."""
    mine, both, theirs = (
        _heap(title, listed, middle) for title, listed, middle in zip(titles, things, _MIDDLES, strict=True)
    )
    ovals = (Oval(270, 228, 252, 184), Oval(490, 228, 252, 184))
    return Overlap(_WIDTH, _HEIGHT, ovals, (mine, both, theirs))


def _heap(title: str, things: Sequence[str], x: float) -> Heap:
    head = "".join(lettering.wrapped(title, room=_ROOM, size=lettering.SMALL, most=1))
    lines: list[Line] = []
    y, shown = _TOP + 13, 0
    for thing in things:
        pieces = lettering.wrapped(thing, room=_ROOM, size=lettering.SERIF, most=2)
        rest = lettering.LEADING + 7 if shown + 1 < len(things) else 0.0
        if y + (len(pieces) - 1) * lettering.LEADING + rest > _BOTTOM:
            break
        for piece in pieces:
            lines.append(Line(x, y, "middle", lettering.isolated(piece)))
            y += lettering.LEADING
        y += 7
        shown += 1
    left_out = len(things) - shown
    if left_out:
        lines.append(Line(x, y, "middle", f"+ {left_out}", "t-faint"))
    box = Box(x - _ROOM / 2, _TOP, x + _ROOM / 2, _BOTTOM + 4)
    return Heap(Line(x, _TOP - 14, "middle", lettering.isolated(head), "t-head"), tuple(lines), box, left_out)
