"""Two doings of one exercise side by side: what rose, fell, came and went. No verdict."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cairn.engines.exercises.shapes import Column, Exercise, Part, Values


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was. `kind`: rose, fell, came, went, changed.

    `label` is the row, card or part in the person's words or the definition's; `column` the label of a row's column,
    "" for the whole. `was` and `now` are words or numbers fit to be shown, None where there was nothing.
    """

    part: str
    kind: str
    label: str
    column: str = ""
    was: Any = None
    now: Any = None


def compare(exercise: Exercise, earlier: Values, later: Values) -> tuple[Difference, ...]:
    """What differs between two doings, in the order of the exercise. Rows belong together by their name column."""
    found: list[Difference] = []
    for part in exercise.parts:
        was, now = earlier.get(part.key), later.get(part.key)
        if was != now:
            found.extend(_of_part(part, was, now))
    return tuple(found)


def _of_part(part: Part, was: Any, now: Any) -> Iterator[Difference]:
    if part.kind == "rows":
        yield from _of_rows(part, was or [], now or [])
    elif part.kind == "sort":
        yield from _of_sort(part, was or {}, now or {})
    else:
        words = part.options or {}
        yield Difference(
            part.key, _kind(was, now), part.label, was=words.get(was or "", was), now=words.get(now or "", now)
        )


def _of_sort(part: Part, was: dict[str, str], now: dict[str, str]) -> Iterator[Difference]:
    piles = part.piles or {}
    for card, label in (part.cards or {}).items():
        before, after = was.get(card), now.get(card)
        if before != after:
            yield Difference(
                part.key, _kind(before, after), label, was=piles.get(before or ""), now=piles.get(after or "")
            )


def _of_rows(part: Part, was: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Difference]:
    naming = name_column(part)
    before, after = _named(was, naming), _named(now, naming)
    for name, row in after.items():
        label = str(row.get(naming.key, ""))
        if name not in before:
            yield Difference(part.key, "came", label)
            continue
        for column in part.columns:
            if column.key != naming.key and before[name].get(column.key) != row.get(column.key):
                yield _of_cell(part, label, column, before[name].get(column.key), row.get(column.key))
    for name, row in before.items():
        if name not in after:
            yield Difference(part.key, "went", str(row.get(naming.key, "")))


def _of_cell(part: Part, label: str, column: Column, was: Any, now: Any) -> Difference:
    words = column.options or {}
    return Difference(
        part.key, _kind(was, now), label, column.label, words.get(was or "", was), words.get(now or "", now)
    )


def name_column(part: Part) -> Column:
    """The column by which people know a row: its first text."""
    return next((column for column in part.columns if column.kind == "text"), part.columns[0])


def _named(rows: list[dict[str, Any]], naming: Column) -> dict[str, dict[str, Any]]:
    """Rows by folded name; several of one name are told apart by their place among them."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = " ".join(str(row.get(naming.key, "")).casefold().split())
        number = 1
        while f"{name}#{number}" in found:
            number += 1
        found[f"{name}#{number}"] = row
    return found


def _kind(was: Any, now: Any) -> str:
    if was is None:
        return "came"
    if now is None:
        return "went"
    if isinstance(was, int) and isinstance(now, int):
        return "rose" if now > was else "fell"
    return "changed"
