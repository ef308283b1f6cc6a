"""A doing of an exercise as a form: what is sent, read into plain values; and values, laid out as fields.

Fields are named by what they hold: `<part>` for a text, scale or choice, `<part>-<row>-<column>` in rows (counted from
0), `<part>-<card>` in a sort. Nothing needs a script.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.engines.exercises import reading, reconciling
from cairn.engines.exercises.reading import Problem
from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Column, Exercise, Part, Values

BLANK_ROWS = 3


@dataclass(frozen=True)
class Cell:
    """One field in a row."""

    column: Column
    name: str
    value: str
    error: str


@dataclass(frozen=True)
class Card:
    """One card of a sort, and the pile it lies on."""

    name: str
    label: str
    pile: str


@dataclass(frozen=True)
class Laid:
    """One part as fields. `count` is in characters as readers count them, or in rows; `seconds` how long it takes to
    say."""

    part: Part
    value: str
    error: str
    rows: tuple[tuple[Cell, ...], ...] = ()
    cards: tuple[Card, ...] = ()
    count: int = 0
    seconds: int = 0
    is_full: bool = False


def sent(exercise: Exercise, data: QueryDict) -> dict[str, Any]:
    """What a page sent, in the shape that `reading.read` takes; rows keep their places."""
    raw: dict[str, Any] = {WORDS: data.get(WORDS, ""), CONFIRMED: data.get(CONFIRMED, "")}
    for part in exercise.parts:
        if part.kind == "rows":
            raw[part.key] = _rows_sent(part, data)
        elif part.kind == "sort":
            raw[part.key] = {card: data.get(f"{part.key}-{card}", "") for card in part.cards or {}}
        else:
            raw[part.key] = data.get(part.key, "")
    return raw


def known_by_page(data: QueryDict) -> tuple[int, Mapping[str, Any] | None]:
    """The revision a page was filled from, 0 when it does not say, and its marks."""
    number = data.get("revision", "")
    try:
        marks = json.loads(data.get("seen", ""))
    except ValueError:
        marks = None
    revision = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    return revision, marks if isinstance(marks, Mapping) else None


def marks_of(exercise: Exercise, values: Values) -> str:
    """The marks of a page filled from these values, to be sent back with it."""
    return json.dumps(reconciling.marks(exercise, values), separators=(",", ":"))


def laid_out(exercise: Exercise, values: Mapping[str, Any], problems: Iterable[Problem] = ()) -> tuple[Laid, ...]:
    """The fields of every part, filled from values or from what was sent, with what stands against it beside."""
    said = {(each.part, each.row, each.column): sentence(each) for each in problems}
    return tuple(_laid(part, values.get(part.key), said) for part in exercise.parts)


def sentence(problem: Problem) -> str:
    """What to tell the person about a problem."""
    typed = _(" You typed “{value}”.").format(value=problem.value) if problem.value else ""
    if problem.kind == "too_long":
        words = ngettext(
            "This is longer than {n} character. All of it is kept.",
            "This is longer than {n} characters. All of it is kept.",
            problem.limit,
        )
        return words.format(n=problem.limit)
    if problem.kind == "too_many":
        words = ngettext(
            "There is room for {n} line here. All of yours are kept.",
            "There is room for {n} lines here. All of yours are kept.",
            problem.limit,
        )
        return words.format(n=problem.limit)
    if problem.kind == "not_a_date":
        return _("Write the date as year, month, day, like 2027-03-03.") + typed
    return _("Write a whole number from {low} to {high}.").format(low=problem.low, high=problem.high) + typed


def field_id(problem: Problem) -> str:
    """Where on the page it stands."""
    return problem.part if problem.row is None else f"{problem.part}-{problem.row}-{problem.column}"


def _rows_sent(part: Part, data: QueryDict) -> list[dict[str, str]]:
    places = set()
    for name in data:
        key, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        if key == part.key and number.isascii() and number.isdecimal() and len(number) < 5:
            places.add(int(number))
    names = [column.key for column in part.columns]
    return [{name: data.get(f"{part.key}-{place}-{name}", "") for name in names} for place in sorted(places)]


def _laid(part: Part, value: Any, said: Mapping[tuple[str, int | None, str], str]) -> Laid:
    error = said.get((part.key, None, ""), "")
    if part.kind == "rows":
        rows = _filled(part, value)
        blank: list[dict[str, Any]] = [{} for _number in range(min(BLANK_ROWS, max(0, part.most - len(rows))))]
        cells = tuple(_cells(part, place, row, said) for place, row in enumerate([*rows, *blank]))
        return Laid(part, "", error, rows=cells, count=len(rows), is_full=not blank)
    if part.kind == "sort":
        laid = value if isinstance(value, Mapping) else {}
        cards = (Card(f"{part.key}-{key}", label, laid.get(key, "")) for key, label in (part.cards or {}).items())
        return Laid(part, "", error, cards=tuple(cards))
    text = _shown(value)
    return Laid(part, text, error, count=reading.graphemes(text), seconds=reading.speaking_seconds(text))


def _filled(part: Part, value: Any) -> list[Mapping[str, Any]]:
    """Rows with something typed into them, as they were sent, so that what is wrong stays where it was typed."""
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    while rows and not any(_shown(cell).strip() for cell in rows[-1].values()):
        rows.pop()
    return rows


def _cells(
    part: Part, place: int, row: Mapping[str, Any], said: Mapping[tuple[str, int | None, str], str]
) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            column,
            f"{part.key}-{place}-{column.key}",
            _shown(row.get(column.key)),
            said.get((part.key, place, column.key), ""),
        )
        for column in part.columns
    )


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
