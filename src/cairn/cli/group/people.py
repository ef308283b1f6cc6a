"""The people of a table, column by column: every different value is kept once, so that a million rows fit."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cairn.cli.group.tables import TitledTable, texts_of
from cairn.cli.group.wording import BadInput

BLOCK = 50_000
NOTHING_SAID = frozenset({"", "prefer not to say"})


@dataclass
class Column:
    """A column as codes: `values[code]` is the text, as it stands in the table; "" has a code like every other."""

    values: list[str] = field(default_factory=list)
    codes: array[int] = field(default_factory=lambda: array("i"))
    known: dict[str, int] = field(default_factory=dict)

    def extend(self, texts: Sequence[str]) -> None:
        """Append cells, as `text_of` gives them."""
        for text in dict.fromkeys(texts):
            if text not in self.known:
                self.known[text] = len(self.values)
                self.values.append(text)
        self.codes.extend(map(self.known.__getitem__, texts))

    def texts(self) -> Iterator[str]:
        """The cells from top to bottom."""
        return (self.values[code] for code in self.codes)

    def counts(self) -> dict[str, int]:
        """How often each text stands there."""
        found = [0] * len(self.values)
        for code in self.codes:
            found[code] += 1
        return dict(zip(self.values, found, strict=True))


@dataclass
class People:
    """Ids in the order of the table, and the columns that were asked for."""

    ids: list[str]
    columns: dict[str, Column]


def read_people(table: TitledTable, *, id_column: str, titles: Iterable[str]) -> People:
    """Read what is needed of everybody. Raises `BadInput` for an empty or doubled id and for a table without rows."""
    at = table.column(id_column)
    columns = {title: Column() for title in titles}
    wanted = [(table.column(title), column) for title, column in columns.items()]
    people = People([], columns)
    seen: set[str] = set()
    rows = table.rows()
    while block := list(itertools.islice(rows, BLOCK)):
        ids = texts_of([row[at] for row in block])
        seen.update(ids)
        if "" in ids or len(seen) < len(people.ids) + len(ids):
            raise _bad_id(table, id_column, people.ids, ids)
        people.ids += ids
        for position, column in wanted:
            column.extend(texts_of([row[position] for row in block]))
    if not people.ids:
        raise BadInput(f"There is nobody in {table.name}: below the titles it has no rows.")
    return people


def _bad_id(table: TitledTable, title: str, before: Sequence[str], ids: Sequence[str]) -> BadInput:
    """Which of these ids is empty or stands twice."""
    seen = set(before)
    for number, person in enumerate(ids, start=len(before) + 1):
        if not person:
            return BadInput(f"In {table.name}, person {number} below the titles has an empty cell in “{title}”.")
        if person in seen:
            return BadInput(
                f"In {table.name}, “{person}” stands twice in “{title}”, the second time as person {number}."
            )
        seen.add(person)
    raise ValueError("these ids are fine")


def said(column: Column, not_said: Iterable[str]) -> list[str | None]:
    """For each code the value that counts, or None where nothing is said."""
    silent = NOTHING_SAID | {text.strip().casefold() for text in not_said}
    return [None if value.casefold() in silent else value for value in column.values]


def spellings(column: Column) -> Iterator[tuple[str, str]]:
    """Values that differ only in capital letters or blanks, which are probably meant as one."""
    seen: dict[str, str] = {}
    for value in column.values:
        first = seen.setdefault(" ".join(value.casefold().split()), value)
        if first != value:
            yield first, value
