"""A week as a plate: days side by side, the times of day below one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from cairn.engines.pictures import lettering
from cairn.engines.pictures.lettering import Box, Line

_WIDTH, _MARGIN, _HEAD, _INSET = 1000.0, 86.0, 34.0, 7.0
_LEAST = 74.0


@dataclass(frozen=True)
class Block:
    """A stretch of the week: day and time by their places in the headings. `kind` is where it happens, as code."""

    day: int
    time: int
    what: str
    note: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Cell:
    """A block, drawn."""

    box: Box
    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Week:
    """A finished week."""

    width: float
    height: float
    heads: tuple[Line, ...]
    times: tuple[Line, ...]
    rules: tuple[float, ...]
    columns: tuple[float, ...]
    cells: tuple[Cell, ...]


def wide(days: Sequence[str], times: Sequence[str], blocks: Sequence[Block]) -> Week:
    """The week; rows grow with what stands in them."""
    broad = (_WIDTH - _MARGIN) / max(len(days), 1)
    columns = tuple(_MARGIN + broad * index for index in range(len(days)))
    cells: list[Cell] = []
    rules, labels, top = [_HEAD], [], _HEAD
    for row, time in enumerate(times):
        found = [block for block in blocks if block.time == row and 0 <= block.day < len(days)]
        drawn, bottom = _row(found, columns, broad, top)
        cells += drawn
        labels.append(Line(0, top + 22, "start", _fitted(time, _MARGIN - 8, lettering.SMALL), "t-faint"))
        top = max(bottom, top + _LEAST)
        rules.append(top)
    heads = [
        Line(x + broad / 2, 22, "middle", _fitted(day, broad - 8, lettering.SMALL + 1), "t-head")
        for x, day in zip(columns, days, strict=True)
    ]
    return Week(_WIDTH, top + 6, tuple(heads), tuple(labels), tuple(rules), columns, tuple(cells))


def _row(blocks: Sequence[Block], columns: Sequence[float], broad: float, top: float) -> tuple[list[Cell], float]:
    feet = [top + 5.0] * len(columns)
    cells = []
    for block in blocks:
        cell = _cell(block, columns[block.day] + 4, feet[block.day], broad - 8)
        feet[block.day] = cell.box.bottom + 5
        cells.append(cell)
    return cells, max(feet, default=top)


def _cell(block: Block, left: float, top: float, broad: float) -> Cell:
    room = broad - 2 * _INSET
    lines, y = [], top + 17.0
    for text in lettering.wrapped(block.what, room=room, size=lettering.SERIF, most=4) or (lettering.ELLIPSIS,):
        lines.append(Line(left + _INSET, y, "start", lettering.isolated(text)))
        y += lettering.LEADING
    for text in lettering.wrapped(block.note, room=room, size=lettering.SMALL, most=3):
        lines.append(Line(left + _INSET, y, "start", lettering.isolated(text), "t-faint"))
        y += lettering.SMALL_LEADING
    return Cell(Box(left, top, left + broad, y - 6), block.kind, tuple(lines))


def _fitted(text: str, room: float, size: float) -> str:
    return lettering.isolated("".join(lettering.wrapped(text, room=room, size=size, most=1)))
