"""The people of a table, column by column: every different value is kept once, so that a million rows fit."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cairn.cli.group.tables import TitledTable, text_of
from cairn.cli.group.wording import BadInput
from cairn.foundation.sheets import Cell

NOTHING_SAID = frozenset({"", "prefer not to say"})


@dataclass
class Column:
    """A column as codes: `values[code]` is the text, as it stands in the table; "" has a code like every other."""

    values: list[str] = field(default_factory=list)
    codes: array[int] = field(default_factory=lambda: array("i"))
    known: dict[str, int] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Append one cell."""
        text = cell if isinstance(cell, str) else text_of(cell)
        code = self.known.get(text)
        if code is None:
            code = self.known[text] = self._code_of(text_of(text))
        self.codes.append(code)

    def _code_of(self, text: str) -> int:
        code = self.known.get(text)
        if code is None:
            code = self.known[text] = len(self.values)
            self.values.append(text)
        return code

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
    rows = _ids(table, at, id_column, wanted)
    people = People(list(rows), columns)
    if not people.ids:
        raise BadInput(f"There is nobody in {table.name}: below the titles it has no rows.")
    return people


def _ids(table: TitledTable, at: int, title: str, wanted: Sequence[tuple[int, Column]]) -> Iterator[str]:
    seen: set[str] = set()
    for number, row in enumerate(table.rows(), start=1):
        person = text_of(row[at])
        if not person:
            raise BadInput(f"In {table.name}, person {number} below the titles has an empty cell in “{title}”.")
        if person in seen:
            raise BadInput(
                f"In {table.name}, “{person}” stands twice in “{title}”, the second time as person {number}."
            )
        seen.add(person)
        for position, column in wanted:
            column.add(row[position])
        yield person


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
