"""From the values of an exercise to what the pictures are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cairn.engines.exercises.comparing import name_column
from cairn.engines.exercises.shapes import Exercise, Part, Values
from cairn.engines.pictures.line import Place, in_order
from cairn.engines.pictures.network import Contact
from cairn.engines.pictures.week import Block
from cairn.engines.pictures.wheel import Aspect

COLUMNS = {
    "wheel": ("now", "wished"),
    "line": ("height",),
    "network": ("closeness",),
    "overlap": ("lies",),
    "week": ("day", "time"),
}
HEAPS = ("mine", "both", "theirs")

Earlier = Sequence[tuple[str, Values]]
"""Earlier doings, newest first: what they are called (a date in words) and their values."""


@dataclass(frozen=True)
class Rows:
    """The rows a picture is drawn from, and the column by which people know them."""

    part: Part
    naming: str
    rows: tuple[Mapping[str, Any], ...]

    def name(self, row: Mapping[str, Any]) -> str:
        """What a row is called."""
        return str(row.get(self.naming, ""))


def rows_of(exercise: Exercise, values: Values) -> Rows | None:
    """The rows of the exercise's picture; None where it has none."""
    needed = COLUMNS.get(exercise.picture)
    if needed is None:
        return None
    for part in exercise.parts:
        if part.kind == "rows" and all(part.column(key) for key in needed):
            found = values.get(part.key)
            rows = tuple(row for row in found if isinstance(row, Mapping)) if isinstance(found, list) else ()
            return Rows(part, name_column(part).key, rows[: part.most])
    return None


def is_filled(exercise: Exercise, found: Rows) -> bool:
    """Whether there is anything to draw: a value, not only the names that were offered."""
    if exercise.picture == "wheel":
        return any(isinstance(row.get(key), int) for row in found.rows for key in COLUMNS["wheel"])
    return bool(found.rows)


def aspects(found: Rows, earlier: Sequence[Rows]) -> list[Aspect]:
    """A wheel's aspects; those of earlier wheels belong to the same name."""
    known = [{_folded(each.name(row)): row for row in each.rows} for each in earlier]
    return [
        Aspect(
            name=found.name(row),
            now=_whole(row.get("now")),
            wished=_whole(row.get("wished")),
            importance=_whole(row.get("importance")),
            note=aspect_note(row.get("now"), row.get("wished")),
            then=tuple(_whole(rows.get(_folded(found.name(row)), {}).get("now")) for rows in known),
        )
        for row in found.rows
    ]


def aspect_note(now: Any, wished: Any) -> str:
    """The values under an aspect's name."""
    if now is None and wished is None:
        return ""
    if wished is None:
        return str(now)
    if now is None:
        return _("wished %(wished)s") % {"wished": wished}
    return _("%(now)s, wished %(wished)s") % {"now": now, "wished": wished}


def places(found: Rows) -> list[Place]:
    """The places of a line; one without a height lies on the base."""
    return [
        Place(
            what=found.name(row),
            height=_whole(row.get("height")) or 0,
            year=_whole(row.get("year")),
            gave=bool(row.get("gave")),
            drained=bool(row.get("drained")),
        )
        for row in found.rows
    ]


def by_time(found: Rows) -> list[Mapping[str, Any]]:
    """A line's rows as time has them."""
    return [found.rows[index] for index in in_order(places(found))]


def contacts(found: Rows) -> list[Contact]:
    """The people of a network."""
    column = found.part.column("closeness")
    low, high = (column.low, column.high) if column else (0, 10)
    return [
        Contact(found.name(row), _share(row.get("closeness"), low, high), bool(row.get("next") or row.get("date")))
        for row in found.rows
    ]


def heaps(found: Rows) -> tuple[list[str], list[str], list[str]]:
    """What lies only in one's own plans, in both, and only in what is needed; the rest is in the table alone."""
    mine, both, theirs = (
        [found.name(row) for row in found.rows if row.get("lies") == heap and found.name(row)] for heap in HEAPS
    )
    return mine, both, theirs


def options(found: Rows, column: str) -> dict[str, str]:
    """The words of a choice."""
    known = found.part.column(column)
    return (known.options if known else None) or {}


def blocks(found: Rows) -> list[Block]:
    """The stretches of a week that have a day; one without a time of day stands in the first row."""
    days, times = list(options(found, "day")), list(options(found, "time"))
    places_ = options(found, "where")
    return [
        Block(
            day=days.index(row["day"]),
            time=times.index(row["time"]) if row.get("time") in times else 0,
            what=found.name(row),
            note=", ".join(str(word) for word in (places_.get(row.get("where", "")), row.get("company")) if word),
            kind=str(row.get("where", "")),
        )
        for row in found.rows
        if row.get("day") in days
    ]


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _share(value: Any, low: int, high: int) -> float | None:
    number = _whole(value)
    return None if number is None or high <= low else (number - low) / (high - low)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
