"""The files beside the table of people: pairs, groups and coaches."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cairn.cli.group.tables import TitledTable, open_table, text_of
from cairn.cli.group.wording import BadInput, note
from cairn.engines import grouping

MOST_GROUPS = 1_000_000


def pairs(name: str | None, known: Container[str], *, people: str, quiet: bool) -> tuple[grouping.Pair, ...]:
    """Pairs from the first two columns of a file. A first row in which neither cell is a person is its titles."""
    if name is None:
        return ()
    table = open_table(name, quiet=True)
    if len(table.titles) < 2:
        raise BadInput(f"{table.name} has one column; pairs need two columns of ids.")
    first = table.titles[0], table.titles[1]
    found = []
    if first[0] in known or first[1] in known:
        found.append(_pair(*first, known, table.name, people))
    elif not quiet:
        note(f"{table.name}: the first row, “{first[0]}” and “{first[1]}”, is taken for titles.")
    for row in table.rows():
        found.append(_pair(text_of(row[0]), text_of(row[1]), known, table.name, people))
    return tuple(dict.fromkeys(found))


def _pair(a: str, b: str, known: Container[str], file: str, people: str) -> grouping.Pair:
    if not a or not b:
        raise BadInput(f"{file} has a pair with an empty cell beside “{a or b}”.")
    for person in (a, b):
        if person not in known:
            raise BadInput(f"{file} pairs “{a}” and “{b}”, and “{person}” is not in {people}.")
    if a == b:
        raise BadInput(f"{file} pairs “{a}” with themselves.")
    return grouping.Pair(*sorted((a, b)))


def listed(text: str) -> tuple[str, ...]:
    """The words of a cell, divided by semicolons."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(";") if word.strip()))


def groups_from_file(name: str) -> tuple[grouping.Group, ...]:
    """Groups with their coach, cap, minimum and slots."""
    table = open_table(name, quiet=True)
    found = [
        grouping.Group(
            _named(line, "group", table.name),
            coach=line.get("coach", ""),
            cap=_number(line, "cap", table.name),
            minimum=_number(line, "min", table.name),
            slots=listed(line.get("slots", "")),
        )
        for line in _lines(table, "group", ("coach", "cap", "min", "slots"))
    ]
    if not found:
        raise BadInput(f"There is no group in {table.name}: below the titles it has no rows.")
    return tuple(found)


def coaches_from_file(name: str | None) -> tuple[grouping.Coach, ...]:
    """Coaches with their minutes, slots, styles and most groups."""
    if name is None:
        return ()
    table = open_table(name, quiet=True)
    return tuple(
        grouping.Coach(
            _named(line, "coach", table.name),
            minutes=_number(line, "minutes", table.name),
            slots=frozenset(listed(line["slots"])) if line.get("slots") else None,
            styles=frozenset(listed(line.get("styles", ""))),
            most_groups=_number(line, "groups", table.name),
        )
        for line in _lines(table, "coach", ("minutes", "slots", "styles", "groups"))
    )


def _lines(table: TitledTable, needed: str, further: tuple[str, ...]) -> Iterator[dict[str, str]]:
    table.column(needed)
    for title in filter(None, table.titles):
        if title not in (needed, *further):
            raise BadInput(f"{table.name} has a column “{title}”; it may have {', '.join((needed, *further))}.")
    for number, row in enumerate(table.rows(), start=1):
        if number > MOST_GROUPS:
            raise BadInput(f"{table.name} has more than {MOST_GROUPS:,} rows.")
        yield {title: text_of(cell) for title, cell in zip(table.titles, row, strict=True)}


def _named(line: dict[str, str], title: str, file: str) -> str:
    if not line[title]:
        raise BadInput(f"{file} has a row with an empty cell in “{title}”.")
    return line[title]


def _number(line: dict[str, str], title: str, file: str) -> int | None:
    word = line.get(title, "")
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise BadInput(f"{file}: “{title}” must be a whole number of 0 or more; “{word}” is not.")
    return int(word)
