"""A doing of an exercise as it is read: words for every value, and what differs between two doings."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cairn.engines.exercises import comparing
from cairn.engines.exercises.comparing import Difference
from cairn.engines.exercises.shapes import Column, Exercise, Part, Values
from cairn.web.templatetags import _amounts


@dataclass(frozen=True)
class ShownRow:
    """One row: what it is called, and (label, words) of everything else that was filled in."""

    name: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    """One part with what was filled in.

    Rows with long texts are read one after another (`rows`), those of which only the names were filled in as a list
    (`items`), others as a table: `heads` are the labels of its columns, `lines` words for each row.
    """

    part: Part
    text: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[ShownRow, ...] = ()
    heads: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    piles: tuple[tuple[str, tuple[str, ...]], ...] = ()


def shown(exercise: Exercise, values: Values) -> tuple[Shown, ...]:
    """The parts that hold something, in the order of the exercise."""
    return tuple(_shown(part, values[part.key]) for part in exercise.parts if values.get(part.key) not in (None, ""))


def difference(found: Difference) -> str:
    """What became different, in a sentence without judgement."""
    where = f"{found.label}, {found.column}" if found.column else found.label
    return _sentence(found).format(where=where, was=found.was, now=found.now)


def _sentence(found: Difference) -> str:
    if found.kind == "rose":
        return _("{where}: up from {was} to {now}")
    if found.kind == "fell":
        return _("{where}: down from {was} to {now}")
    if found.kind == "came":
        return _("{where}: new") if found.now is None else _("{where}: new, {now}")
    if found.kind == "went":
        return _("{where}: no longer there") if found.was is None else _("{where}: no longer {was}")
    return _("{where}: from “{was}” to “{now}”")


def differences(exercise: Exercise, earlier: Values, later: Values) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What became different, in sentences, by the label of each part."""
    found: dict[str, list[str]] = {}
    for each in comparing.compare(exercise, earlier, later):
        found.setdefault(each.part, []).append(difference(each))
    labels = {part.key: part.label for part in exercise.parts}
    return tuple((labels[key], tuple(sentences)) for key, sentences in found.items())


def names(exercise: Exercise, values: Values, most: int = 6) -> tuple[str, ...]:
    """What the first filled part with rows lists, by name, shortened: enough to remember a doing by."""
    for part in exercise.parts:
        rows = values.get(part.key)
        if part.kind == "rows" and isinstance(rows, list) and rows:
            key = comparing.name_column(part).key
            found = [str(row[key]) for row in rows if row.get(key)]
            return tuple(textwrap.shorten(name, 60, placeholder=" …") for name in found[:most])
    short = [str(values[part.key]) for part in exercise.parts if part.kind == "short" and values.get(part.key)]
    return tuple(textwrap.shorten(text, 140, placeholder=" …") for text in short[:most])


def _shown(part: Part, value: Any) -> Shown:
    if part.kind == "rows":
        return _rows(part, value if isinstance(value, list) else [])
    if part.kind == "sort":
        laid = value if isinstance(value, Mapping) else {}
        piles = (
            (label, tuple(card for key, card in (part.cards or {}).items() if laid.get(key) == pile))
            for pile, label in (part.piles or {}).items()
        )
        return Shown(part, piles=tuple((label, cards) for label, cards in piles if cards))
    if part.kind == "scale":
        words = _("{value} on a scale from {low} to {high}").format(value=value, low=part.low, high=part.high)
        return Shown(part, text=words)
    return Shown(part, text=(part.options or {}).get(value, str(value)))


def _rows(part: Part, rows: list[Any]) -> Shown:
    naming = comparing.name_column(part)
    others = [column for column in part.columns if column.key != naming.key]
    used = [column for column in others if any(row.get(column.key) is not None for row in rows)]
    if not used:
        return Shown(part, items=tuple(str(row.get(naming.key, "")) for row in rows))
    if any(column.kind == "long" for column in used):
        return Shown(part, rows=tuple(_row(row, naming, used) for row in rows))
    heads = (naming.label, *(column.label for column in used))
    lines = tuple(tuple(_words(column, row.get(column.key)) for column in (naming, *used)) for row in rows)
    return Shown(part, heads=heads, lines=lines)


def _row(row: Mapping[str, Any], naming: Column, others: list[Column]) -> ShownRow:
    facts = ((column.label, _words(column, row.get(column.key))) for column in others)
    return ShownRow(str(row.get(naming.key, "")), tuple((label, words) for label, words in facts if words))


def _words(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "choice":
        return (column.options or {}).get(value, str(value))
    if column.kind == "date" and (date := parse_date(str(value))):
        return str(_amounts.day(date, "medium"))
    if column.kind == "scale":
        return _signed(column, value)
    return str(value)


def _signed(column: Column, value: int) -> str:
    """With its sign where a scale goes below nothing."""
    if column.low >= 0 or value == 0:
        return str(value)
    return f"+{value}" if value > 0 else f"−{-value}"
