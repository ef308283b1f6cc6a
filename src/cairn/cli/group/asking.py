"""From the options and the files to the engine's problem."""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cairn.cli.group import mixing, rules
from cairn.cli.group.people import Column, People, read_people, said, spellings
from cairn.cli.group.tables import TitledTable, open_table
from cairn.cli.group.wording import BadInput, named, note
from cairn.engines import grouping

YES = frozenset({"yes", "y", "true", "1", "x"})
T = TypeVar("T")
NO = frozenset({"", "no", "n", "false", "0"})


@dataclass(frozen=True)
class Asked:
    """The table, the ids in its order, and the problem for the engine."""

    table: TitledTable
    ids: list[str]
    problem: grouping.Problem


def read(asked: argparse.Namespace) -> Asked:
    """Read every file and put the problem together. Raises `BadInput`."""
    table = open_table(asked.people, sheet=asked.sheet, quiet=asked.quiet)
    attributes = mixing.attributes(asked, table)
    if not asked.column.strip():
        raise BadInput("--column needs a title for the new column.")
    if asked.column in table.titles:
        raise BadInput(f"{table.name} has a column “{asked.column}” already. Give the new one a title with --column.")
    people = read_people(table, id_column=asked.id, titles=_needed(asked, table, attributes))
    if not asked.quiet:
        _tell_oddities(people, attributes, asked.not_said)
    groups = _groups(asked, people)
    known = set(people.ids)
    problem = grouping.Problem(
        people=_people(asked, people, attributes, table, groups),
        groups=groups,
        attributes=attributes,
        cap=asked.cap,
        minimum=asked.minimum,
        apart=rules.pairs(asked.apart, known, people=table.name, quiet=asked.quiet),
        together=rules.pairs(asked.together, known, people=table.name, quiet=asked.quiet),
        met=rules.pairs(asked.met, known, people=table.name, quiet=asked.quiet),
        coaches=rules.coaches_from_file(asked.coaches),
        minutes_per_group=asked.minutes_per_group,
        minutes_per_person=asked.minutes_per_person,
        minutes_per_opt_out=asked.minutes_per_one_to_one,
        mode="alike" if asked.alike else "self_chosen" if asked.wishes else "mixed",
        alike_by=mixing.alike_by(asked, table),
    )
    return Asked(table, people.ids, problem)


def _needed(asked: argparse.Namespace, table: TitledTable, attributes: Iterable[grouping.Attribute]) -> list[str]:
    titles = [attribute.key for attribute in attributes if not attribute.of]
    titles += [*mixing.wish_columns(asked, table)]
    titles += filter(None, (asked.pin, asked.slots, asked.one_to_one, asked.blocked, asked.styles))
    return list(dict.fromkeys(titles))


def _tell_oddities(people: People, attributes: Iterable[grouping.Attribute], not_said: Sequence[str]) -> None:
    for attribute in attributes:
        if attribute.of or not attribute.weight:
            continue
        values = {value for value in said(people.columns[attribute.key], not_said) if value is not None}
        if len(values) < 2:
            whom = f"everybody who says so has “{next(iter(values))}” in it" if values else "nobody says anything in it"
            note(f"“{attribute.key}” mixes nobody: {whom}.")
        for first, second in spellings(people.columns[attribute.key]):
            note(f"“{first}” and “{second}” in “{attribute.key}” are taken for two different values.")


def _groups(asked: argparse.Namespace, people: People) -> tuple[grouping.Group, ...]:
    words = (asked.groups or "").strip()
    if words and not words.lstrip("-").isdigit():
        groups = rules.groups_from_file(words)
    else:
        count = _count(words, asked, people)
        groups = tuple(grouping.Group(str(number)) for number in range(1, count + 1))
    if not asked.slots or any(group.slots for group in groups):
        return groups
    times = tuple(sorted({slot for text in people.columns[asked.slots].values for slot in rules.listed(text)}))
    return tuple(grouping.Group(g.id, coach=g.coach, cap=g.cap, minimum=g.minimum, slots=times) for g in groups)


def _count(words: str, asked: argparse.Namespace, people: People) -> int:
    seated = len(people.ids)
    if asked.one_to_one:
        seated -= sum(_yes(text, asked.one_to_one) for text in people.columns[asked.one_to_one].texts())
    if not words and asked.cap is None:
        raise BadInput("Say how many groups (--groups 5) or how large they may be (--cap 11).")
    if not words:
        return max(1, math.ceil(seated / int(asked.cap)))
    count = int(words)
    if count < 1:
        raise BadInput(f"--groups must be 1 or more, or a file; “{words}” is not.")
    if count > max(seated, 1):
        raise BadInput(f"{seated:,} people cannot fill {count:,} groups.")
    return count


def _yes(text: str, title: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise BadInput(f"“{title}” must hold yes, no or nothing; “{text}” is neither.")
    return word in YES


def _people(
    asked: argparse.Namespace,
    people: People,
    attributes: Sequence[grouping.Attribute],
    table: TitledTable,
    groups: Sequence[grouping.Group],
) -> grouping.People:
    """Everybody as the engine takes them, by columns."""
    known = {group.id for group in groups}
    plain = [attribute.key for attribute in attributes if not attribute.of]
    return grouping.People.from_columns(
        people.ids,
        values={key: _values(people.columns[key], asked.not_said) for key in plain},
        opted_out=_each(people, asked.one_to_one, lambda text: _yes(text, asked.one_to_one)),
        blocked_coaches=_each(people, asked.blocked, lambda text: frozenset(rules.listed(text))),
        pinned=_each(people, asked.pin, lambda text: _group(text, known, asked.pin) or None),
        slots=_each(people, asked.slots, lambda text: frozenset(rules.listed(text)) or None),
        styles=_each(people, asked.styles, lambda text: frozenset(rules.listed(text))),
        wishes=_wishes(people, mixing.wish_columns(asked, table), known),
    )


def _values(column: Column, not_said: Sequence[str]) -> list[str | None]:
    meanings = said(column, not_said)
    return [meanings[code] for code in column.codes]


def _each(people: People, title: str | None, meaning: Callable[[str], T]) -> list[T] | None:
    """What a column means for each person; None when no column is asked for."""
    if not title:
        return None
    column = people.columns[title]
    meanings = [meaning(text) for text in column.values]
    return [meanings[code] for code in column.codes]


def _wishes(people: People, titles: Sequence[str], known: set[str]) -> list[tuple[str, ...]] | None:
    def meaning(title: str) -> Callable[[str], tuple[str, ...]]:
        return lambda text: tuple(_group(word, known, title) for word in rules.listed(text))

    if not titles:
        return None
    columns = [_each(people, title, meaning(title)) or [] for title in titles]
    return [tuple(dict.fromkeys(itertools.chain(*row))) for row in zip(*columns, strict=True)]


def _group(text: str, known: set[str], title: str) -> str:
    if text and text not in known:
        raise BadInput(f"“{title}” names the group “{text}”, and the groups are {named(sorted(known, key=in_order))}.")
    return text


def in_order(name: str) -> tuple[int, str]:
    """Sorts group 2 before group 10."""
    return (int(name) if name.isascii() and name.isdigit() else -1, name)
