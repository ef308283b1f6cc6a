"""The problem with ids turned into positions. Sorted by id, so input order cannot matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.check import check, check_people
from cairn.engines.grouping.problem.people import Column, People
from cairn.engines.grouping.problem.shapes import Attribute, BadProblem, Coach, Group, Pair, Person, Problem

Codes = npt.NDArray[np.int32]

MOST_CELLS = 200_000_000


@dataclass(frozen=True, eq=False)
class Indexed:
    """Positions instead of ids. `members` are the people who are to be grouped; -1 as a code means not said.

    `attributes` are those with a weight or with `not_alone` values; `alone` holds the codes of the latter for each.
    An attribute with weight 0 is there for them only and is no part of D. `coach_of` is -1 where a coach is still to
    be chosen. `coach_limits` holds a Coach for everybody in `coaches`, without limits for those not listed.

    `table` is the codes as an array, a row for each attribute; `pin_of` the pins as one. `codes`, `pins` and `blocks`
    are the same as tuples, made when asked for.
    """

    problem: Problem
    members: People
    opt_outs: tuple[Person, ...]
    groups: tuple[Group, ...]
    coaches: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    values: tuple[tuple[str, ...], ...]
    table: Codes
    caps: tuple[int, ...]
    minimums: tuple[int, ...]
    apart: tuple[tuple[int, int], ...]
    together: tuple[tuple[int, int], ...]
    pin_of: Codes
    coach_of: tuple[int, ...]
    minutes: tuple[int | None, ...]
    coach_limits: tuple[Coach, ...]
    alone: tuple[frozenset[int], ...]
    met: tuple[tuple[int, int], ...]
    group_at: dict[str, int]

    @cached_property
    def member_at(self) -> dict[str, int]:
        """Position of each member by id."""
        return {person: i for i, person in enumerate(self.members.ids)}

    @cached_property
    def codes(self) -> tuple[tuple[int, ...], ...]:
        """The code of every member for every attribute."""
        return tuple(tuple(row) for row in self.table.tolist())

    @cached_property
    def pins(self) -> tuple[int, ...]:
        """The group each member is pinned to, or -1."""
        return tuple(self.pin_of.tolist())

    @cached_property
    def units(self) -> tuple[tuple[int, ...], ...]:
        """People joined by keep-together pairs, directly or through others."""
        return _units(self.together)

    @cached_property
    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """Everybody, in units: people who stay together, and single people as blocks of one, by first member."""
        joined = {i for unit in self.units for i in unit}
        single = [(i,) for i in range(len(self.members)) if i not in joined]
        return tuple(sorted([*self.units, *single]))

    @cached_property
    def foes(self) -> dict[int, set[int]]:
        """For each member with pairs apart or met before, the others of these."""
        found: dict[int, set[int]] = {}
        for i, j in (*self.apart, *self.met):
            found.setdefault(i, set()).add(j)
            found.setdefault(j, set()).add(i)
        return found

    @cached_property
    def coach_at(self) -> dict[str, int]:
        """Position of each coach by id."""
        return {coach: c for c, coach in enumerate(self.coaches)}

    def may_join(self, i: int, g: int) -> bool:
        """Whether coach conflicts, times and the pin let member `i` sit in group `g`.

        Where the coach or the time of the group is still to be chosen, one that suits is enough.
        """
        return self.pin_of[i] in (-1, g) and self.has_coach(i, g) and self.has_slot(i, g)

    def has_coach(self, i: int, g: int) -> bool:
        """Whether no conflict keeps member `i` from the group's coach, or from every coach it could get."""
        blocked, c = self.members.blocked[i], self.coach_of[g]
        if not blocked:
            return True
        return self.coaches[c] not in blocked if c >= 0 else any(coach not in blocked for coach in self.coaches)

    def has_slot(self, i: int, g: int) -> bool:
        """Whether member `i` can come when the group meets, or at one of the times at which it might."""
        slots, times = self.members.slots[i], self.groups[g].slots
        return slots is None or not times or not slots.isdisjoint(times)

    def block_may_join(self, block: tuple[int, ...], g: int) -> bool:
        """The same for people who must stay together."""
        return all(self.may_join(i, g) for i in block)

    @property
    def settled(self) -> bool:
        """Whether every group has its coach and at most one time."""
        return all(c >= 0 for c in self.coach_of) and all(len(group.slots) <= 1 for group in self.groups)

    @cached_property
    def totals(self) -> tuple[tuple[int, ...], ...]:
        """How many members have each value of each attribute."""
        return tuple(
            tuple(np.bincount(row[row >= 0], minlength=len(values)).tolist())
            for row, values in zip(self.table, self.values, strict=True)
        )


def index(problem: Problem) -> Indexed:
    """Check the problem and turn it into positions. Raises BadProblem with a sentence."""
    check(problem)
    plain = [attribute.key for attribute in problem.attributes if not attribute.of]
    everybody = People.of(problem.people, plain).in_order()
    check_people(problem, everybody, plain)
    members = everybody
    opt_outs: tuple[Person, ...] = ()
    if everybody.opted_out.any():
        members = everybody.take(np.flatnonzero(~everybody.opted_out))
        opt_outs = tuple(everybody[i] for i in np.flatnonzero(everybody.opted_out).tolist())
    groups = tuple(sorted(problem.groups, key=lambda group: group.id))
    group_at = {group.id: g for g, group in enumerate(groups)}
    wanted = (attribute for attribute in problem.counted if attribute.weight or attribute.not_alone)
    attributes = tuple(sorted(wanted, key=lambda attribute: attribute.key))
    columns = [_column(members, attribute) for attribute in attributes]
    _check_cells(columns, groups)
    limits = {coach.id: coach for coach in problem.coaches}
    coaches = tuple(sorted({group.coach for group in groups if group.coach or not limits} | set(limits)))
    coach_limits = tuple(limits.get(coach, Coach(coach)) for coach in coaches)
    coach_at = {coach: c for c, coach in enumerate(coaches)}
    position = _Positions(problem, members)
    return Indexed(
        problem=problem,
        members=members,
        opt_outs=opt_outs,
        groups=groups,
        coaches=coaches,
        attributes=attributes,
        values=tuple(column.labels for column in columns),
        table=np.array([column.codes for column in columns], dtype=np.int32).reshape(len(columns), len(members)),
        caps=tuple(_cap(group, problem, len(members)) for group in groups),
        minimums=tuple(_first_given(group.minimum, problem.minimum, 0) for group in groups),
        apart=position.of(problem.apart),
        together=position.of(problem.together),
        pin_of=_pin_of(members.pinned, group_at),
        coach_of=tuple(coach_at.get(group.coach, -1) for group in groups),
        minutes=tuple(coach.minutes for coach in coach_limits),
        coach_limits=coach_limits,
        alone=tuple(_watched(a, column.labels) for a, column in zip(attributes, columns, strict=True)),
        met=position.of(problem.met),
        group_at=group_at,
    )


def _first_given(own: int | None, shared: int | None, otherwise: int) -> int:
    if own is not None:
        return own
    return otherwise if shared is None else shared


def _cap(group: Group, problem: Problem, count: int) -> int:
    return min(_first_given(group.cap, problem.cap, count), count)


def _column(members: People, attribute: Attribute) -> Column:
    """An attribute's column with codes in order of first appearance, so that renaming values changes nothing."""
    if not attribute.of:
        return _by_appearance(members.values.get(attribute.key) or Column.of(None, len(members), attribute.key))
    parts = [members.values[key] for key in attribute.of]
    return _by_appearance(_crossed(parts))


def _crossed(parts: Sequence[Column]) -> Column:
    """The intersection of columns: not said where one of them is not.

    A cross in a value is doubled, so that two different combinations never read alike.
    """
    first, *others = parts
    codes, labels = first.codes.astype(np.int64), [_doubled(label) for label in first.labels]
    for part in others:
        wide = max(1, len(part.labels))
        codes = np.where((codes < 0) | (part.codes < 0), -1, codes * wide + part.codes)
        found = np.unique(codes[codes >= 0])
        labels = [f"{labels[at // wide]} × {_doubled(part.labels[at % wide])}" for at in found.tolist()]
        codes = np.where(codes < 0, -1, np.searchsorted(found, codes))
    return Column(codes.astype(np.int32), tuple(labels))


def _doubled(label: str) -> str:
    return label.replace("×", "××")


def _by_appearance(column: Column) -> Column:
    found, first = np.unique(column.codes, return_index=True)
    order = [code for code in found[np.argsort(first)].tolist() if code >= 0]
    new = np.full(len(column.labels) + 1, -1, dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return Column(new[column.codes], tuple(column.labels[code] for code in order))


def _check_cells(columns: Sequence[Column], groups: Sequence[Group]) -> None:
    values = sum(len(column.labels) for column in columns)
    if values * len(groups) > MOST_CELLS:
        raise BadProblem("too_many_values", values=values, groups=len(groups))


def _pin_of(pinned: Column, group_at: dict[str, int]) -> Codes:
    at = np.array([*(group_at[label] for label in pinned.labels), -1], dtype=np.int32)
    return at[pinned.codes]


def _watched(attribute: Attribute, values: Sequence[Any]) -> frozenset[int]:
    every = "*" in attribute.not_alone
    return frozenset(code for code, value in enumerate(values) if every or value in attribute.not_alone)


class _Positions:
    """Pairs of ids as sorted positions of members, looking up only those ids that occur in pairs."""

    def __init__(self, problem: Problem, members: People) -> None:
        wanted = {
            person for pairs in (problem.apart, problem.together, problem.met) for p in pairs for person in (p.a, p.b)
        }
        self.at = {person: i for i, person in enumerate(members.ids) if person in wanted} if wanted else {}

    def of(self, pairs: Sequence[Pair]) -> tuple[tuple[int, int], ...]:
        """Each pair once; one with somebody who opted out concerns no group."""
        return tuple(sorted(set(self._each(pairs))))

    def _each(self, pairs: Sequence[Pair]) -> Iterator[tuple[int, int]]:
        for pair in pairs:
            i, j = self.at.get(pair.a), self.at.get(pair.b)
            if i is not None and j is not None:
                yield (i, j) if i < j else (j, i)


def _units(together: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    head: dict[int, int] = {}

    def find(i: int) -> int:
        while head.setdefault(i, i) != i:
            head[i] = head[head[i]]
            i = head[i]
        return i

    for i, j in together:
        a, b = sorted((find(i), find(j)))
        head[b] = a
    units: dict[int, list[int]] = {}
    for i in sorted(head):
        units.setdefault(find(i), []).append(i)
    return tuple(tuple(unit) for unit in units.values())
