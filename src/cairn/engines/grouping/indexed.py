"""The problem with ids turned into positions, checked for sense. Sorted by id, so input order cannot matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cairn.engines.grouping.shapes import Attribute, BadProblem, Coach, Group, Pair, Person, Problem

MOST_WEIGHT = 1000


@dataclass(frozen=True)
class Indexed:
    """Positions instead of ids. `members` are the people who are to be grouped; -1 as a code means not said.

    `attributes` are those with a weight or with `not_alone` values; `alone` holds the codes of the latter for each.
    An attribute with weight 0 is there for them only and is no part of D. `coach_of` is -1 where a coach is still to
    be chosen. `coach_limits` holds a Coach for everybody in `coaches`, without limits for those not listed.
    """

    problem: Problem
    members: tuple[Person, ...]
    opt_outs: tuple[Person, ...]
    groups: tuple[Group, ...]
    coaches: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    values: tuple[tuple[str, ...], ...]
    codes: tuple[tuple[int, ...], ...]
    caps: tuple[int, ...]
    minimums: tuple[int, ...]
    apart: tuple[tuple[int, int], ...]
    together: tuple[tuple[int, int], ...]
    blocks: tuple[tuple[int, ...], ...]
    pins: tuple[int, ...]
    coach_of: tuple[int, ...]
    minutes: tuple[int | None, ...]
    coach_limits: tuple[Coach, ...]
    alone: tuple[frozenset[int], ...]
    met: tuple[tuple[int, int], ...]
    member_at: dict[str, int]
    group_at: dict[str, int]

    def may_join(self, i: int, g: int) -> bool:
        """Whether coach conflicts, times and the pin let member `i` sit in group `g`.

        Where the coach or the time of the group is still to be chosen, one that suits is enough.
        """
        return self.pins[i] in (-1, g) and self.has_coach(i, g) and self.has_slot(i, g)

    def has_coach(self, i: int, g: int) -> bool:
        """Whether no conflict keeps member `i` from the group's coach, or from every coach it could get."""
        blocked, c = self.members[i].blocked_coaches, self.coach_of[g]
        return not blocked or (
            self.coaches[c] not in blocked if c >= 0 else any(x not in blocked for x in self.coaches)
        )

    def has_slot(self, i: int, g: int) -> bool:
        """Whether member `i` can come when the group meets, or at one of the times at which it might."""
        slots, times = self.members[i].slots, self.groups[g].slots
        return slots is None or not times or not slots.isdisjoint(times)

    @property
    def settled(self) -> bool:
        """Whether every group has its coach and at most one time."""
        return all(c >= 0 for c in self.coach_of) and all(len(group.slots) <= 1 for group in self.groups)

    def block_may_join(self, block: tuple[int, ...], g: int) -> bool:
        """The same for people who must stay together."""
        return all(self.may_join(i, g) for i in block)


def index(problem: Problem) -> Indexed:
    """Check the problem and turn it into positions. Raises BadProblem with a sentence."""
    check(problem)
    people = sorted(problem.people, key=lambda person: person.id)
    members = tuple(person for person in people if not person.opted_out)
    groups = tuple(sorted(problem.groups, key=lambda group: group.id))
    wanted = (attribute for attribute in problem.attributes if attribute.weight or attribute.not_alone)
    attributes = tuple(sorted(wanted, key=lambda attribute: attribute.key))
    limits = {coach.id: coach for coach in problem.coaches}
    coaches = tuple(sorted({group.coach for group in groups if group.coach or not limits} | set(limits)))
    member_at = {person.id: i for i, person in enumerate(members)}
    group_at = {group.id: g for g, group in enumerate(groups)}
    said = [[value_of(person, attribute) for person in members] for attribute in attributes]
    values = tuple(tuple(dict.fromkeys(v for v in column if v is not None)) for column in said)
    together = _positions(problem.together, member_at)
    coach_at = {coach: c for c, coach in enumerate(coaches)}
    coach_limits = tuple(limits.get(coach, Coach(coach)) for coach in coaches)
    return Indexed(
        problem=problem,
        members=members,
        opt_outs=tuple(person for person in people if person.opted_out),
        groups=groups,
        coaches=coaches,
        attributes=attributes,
        values=values,
        codes=tuple(_codes(column, values[a]) for a, column in enumerate(said)),
        caps=tuple(_cap(group, problem, len(members)) for group in groups),
        minimums=tuple(_first_given(group.minimum, problem.minimum, 0) for group in groups),
        apart=_positions(problem.apart, member_at),
        together=together,
        blocks=_blocks(len(members), together),
        pins=tuple(-1 if person.pinned_group is None else group_at[person.pinned_group] for person in members),
        coach_of=tuple(coach_at.get(group.coach, -1) for group in groups),
        minutes=tuple(coach.minutes for coach in coach_limits),
        coach_limits=coach_limits,
        alone=tuple(_watched(attribute, values[a]) for a, attribute in enumerate(attributes)),
        met=_positions(problem.met, member_at),
        member_at=member_at,
        group_at=group_at,
    )


def value_of(person: Person, attribute: Attribute) -> str | None:
    """A person's value; for an intersection made of the others' values, and not said where one of them is not.

    A cross in a value is doubled, so that two different combinations never read alike.
    """
    if not attribute.of:
        return person.values.get(attribute.key)
    parts = [person.values.get(key) for key in attribute.of]
    return None if None in parts else " × ".join(part.replace("×", "××") for part in parts if part is not None)


def check(problem: Problem) -> None:
    """Raise BadProblem when the input contradicts itself or names what does not exist."""
    if not problem.people:
        raise BadProblem("no_people")
    if not problem.groups:
        raise BadProblem("no_groups")
    _no_duplicates("duplicate_person", "id", (person.id for person in problem.people))
    _no_duplicates("duplicate_group", "id", (group.id for group in problem.groups))
    _no_duplicates("duplicate_attribute", "key", (attribute.key for attribute in problem.attributes))
    for attribute in problem.attributes:
        _check_attribute(attribute, problem)
    _no_duplicates("duplicate_coach", "id", (coach.id for coach in problem.coaches))
    _check_limits(problem)
    _check_people(problem)
    _check_pairs(problem)


def _check_attribute(attribute: Attribute, problem: Problem) -> None:
    if not _is_count(attribute.weight) or attribute.weight > MOST_WEIGHT:
        raise BadProblem("bad_weight", key=attribute.key)
    if attribute.of:
        plain = {other.key for other in problem.attributes if not other.of}
        if (
            len(set(attribute.of)) < 2
            or len(set(attribute.of)) < len(attribute.of)
            or not plain.issuperset(attribute.of)
        ):
            raise BadProblem("bad_intersection", key=attribute.key)


def _check_limits(problem: Problem) -> None:
    limits: list[tuple[str, object]] = [
        ("cap", problem.cap),
        ("minimum", problem.minimum),
        ("minutes_per_person", problem.minutes_per_person),
        ("minutes_per_opt_out", problem.minutes_per_opt_out),
        ("minutes_per_group", problem.minutes_per_group),
    ]
    limits += [(f"cap of {group.id}", group.cap) for group in problem.groups]
    limits += [(f"minimum of {group.id}", group.minimum) for group in problem.groups]
    limits += [(f"minutes of {coach.id}", coach.minutes) for coach in problem.coaches]
    limits += [(f"most groups of {coach.id}", coach.most_groups) for coach in problem.coaches]
    for name, limit in limits:
        if limit is not None and not _is_count(limit):
            raise BadProblem("bad_limit", name=name)


def _check_people(problem: Problem) -> None:
    known = {group.id for group in problem.groups}
    given = [attribute for attribute in problem.attributes if not attribute.of]
    for person in problem.people:
        if person.pinned_group is not None and person.pinned_group not in known:
            raise BadProblem("unknown_group", id=person.pinned_group)
        for attribute in given:
            if not isinstance(person.values.get(attribute.key), str | None):
                raise BadProblem("bad_value", key=attribute.key, id=person.id)


def _check_pairs(problem: Problem) -> None:
    known = {person.id for person in problem.people}
    for pair in (*problem.apart, *problem.together, *problem.met):
        for person in (pair.a, pair.b):
            if person not in known:
                raise BadProblem("unknown_person", id=person)
        if pair.a == pair.b:
            raise BadProblem("self_pair", id=pair.a)
    both = {frozenset((p.a, p.b)) for p in problem.apart} & {frozenset((p.a, p.b)) for p in problem.together}
    if both:
        a, b = min(sorted(pair) for pair in both)
        raise BadProblem("contradictory_pair", a=a, b=b)


def _no_duplicates(key: str, word: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise BadProblem(key, **{word: item})
        seen.add(item)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _first_given(own: int | None, shared: int | None, otherwise: int) -> int:
    if own is not None:
        return own
    return otherwise if shared is None else shared


def _cap(group: Group, problem: Problem, count: int) -> int:
    return min(_first_given(group.cap, problem.cap, count), count)


def _codes(column: Sequence[str | None], values: tuple[str, ...]) -> tuple[int, ...]:
    at: dict[str | None, int] = {value: code for code, value in enumerate(values)}
    return tuple(at.get(value, -1) for value in column)


def _watched(attribute: Attribute, values: tuple[str, ...]) -> frozenset[int]:
    every = "*" in attribute.not_alone
    return frozenset(code for code, value in enumerate(values) if every or value in attribute.not_alone)


def _positions(pairs: tuple[Pair, ...], member_at: dict[str, int]) -> tuple[tuple[int, int], ...]:
    """Pairs of members as sorted positions; a pair with somebody who opted out concerns no group."""
    found = set()
    for pair in pairs:
        if pair.a in member_at and pair.b in member_at:
            i, j = sorted((member_at[pair.a], member_at[pair.b]))
            found.add((i, j))
    return tuple(sorted(found))


def _blocks(count: int, together: tuple[tuple[int, int], ...]) -> tuple[tuple[int, ...], ...]:
    """People joined by keep-together pairs, directly or through others; single people are blocks of one."""
    head = list(range(count))

    def find(i: int) -> int:
        while head[i] != i:
            head[i] = head[head[i]]
            i = head[i]
        return i

    for i, j in together:
        a, b = sorted((find(i), find(j)))
        head[b] = a
    blocks: dict[int, list[int]] = {}
    for i in range(count):
        blocks.setdefault(find(i), []).append(i)
    return tuple(tuple(block) for block in blocks.values())
