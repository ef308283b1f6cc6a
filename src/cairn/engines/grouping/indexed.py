"""The problem with ids turned into positions, checked for sense. Sorted by id, so input order cannot matter."""

from collections.abc import Iterable
from dataclasses import dataclass

from cairn.engines.grouping.shapes import Attribute, BadProblem, Group, Pair, Person, Problem

MOST_WEIGHT = 1000


@dataclass(frozen=True)
class Indexed:
    """Positions instead of ids. `members` are the people who are to be grouped; -1 as a code means not said."""

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
    member_at: dict[str, int]
    group_at: dict[str, int]

    def may_join(self, i: int, g: int) -> bool:
        """Whether coach conflicts and pins let member `i` sit in group `g`."""
        return self.pins[i] in (-1, g) and self.groups[g].coach not in self.members[i].blocked_coaches

    def block_may_join(self, block: tuple[int, ...], g: int) -> bool:
        """The same for people who must stay together."""
        return all(self.may_join(i, g) for i in block)


def index(problem: Problem) -> Indexed:
    """Check the problem and turn it into positions. Raises BadProblem with a sentence."""
    check(problem)
    people = sorted(problem.people, key=lambda person: person.id)
    members = tuple(person for person in people if not person.opted_out)
    groups = tuple(sorted(problem.groups, key=lambda group: group.id))
    attributes = tuple(sorted((a for a in problem.attributes if a.weight), key=lambda attribute: attribute.key))
    coaches = tuple(sorted({group.coach for group in groups} | set(problem.coach_minutes or {})))
    member_at = {person.id: i for i, person in enumerate(members)}
    group_at = {group.id: g for g, group in enumerate(groups)}
    values = tuple(_values_in_order(members, attribute.key) for attribute in attributes)
    together = _positions(problem.together, member_at)
    minutes = problem.coach_minutes or {}
    return Indexed(
        problem=problem,
        members=members,
        opt_outs=tuple(person for person in people if person.opted_out),
        groups=groups,
        coaches=coaches,
        attributes=attributes,
        values=values,
        codes=tuple(_codes(members, attribute.key, values[a]) for a, attribute in enumerate(attributes)),
        caps=tuple(_cap(group, problem, len(members)) for group in groups),
        minimums=tuple(_first_given(group.minimum, problem.minimum, 0) for group in groups),
        apart=_positions(problem.apart, member_at),
        together=together,
        blocks=_blocks(len(members), together),
        pins=tuple(-1 if person.pinned_group is None else group_at[person.pinned_group] for person in members),
        coach_of=tuple(coaches.index(group.coach) for group in groups),
        minutes=tuple(minutes.get(coach) for coach in coaches),
        member_at=member_at,
        group_at=group_at,
    )


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
        if not _is_count(attribute.weight) or attribute.weight > MOST_WEIGHT:
            raise BadProblem("bad_weight", key=attribute.key)
    _check_limits(problem)
    _check_people(problem)
    _check_pairs(problem)


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
    limits += [(f"coach_minutes of {coach}", minutes) for coach, minutes in (problem.coach_minutes or {}).items()]
    for name, limit in limits:
        if limit is not None and not _is_count(limit):
            raise BadProblem("bad_limit", name=name)


def _check_people(problem: Problem) -> None:
    known = {group.id for group in problem.groups}
    for person in problem.people:
        if person.pinned_group is not None and person.pinned_group not in known:
            raise BadProblem("unknown_group", id=person.pinned_group)
        for attribute in problem.attributes:
            if not isinstance(person.values.get(attribute.key), str | None):
                raise BadProblem("bad_value", key=attribute.key, id=person.id)


def _check_pairs(problem: Problem) -> None:
    known = {person.id for person in problem.people}
    for pair in (*problem.apart, *problem.together):
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


def _values_in_order(members: tuple[Person, ...], key: str) -> tuple[str, ...]:
    """Values by first appearance, so that renaming values changes nothing."""
    found: dict[str, None] = {}
    for person in members:
        value = person.values.get(key)
        if value is not None:
            found.setdefault(value)
    return tuple(found)


def _codes(members: tuple[Person, ...], key: str, values: tuple[str, ...]) -> tuple[int, ...]:
    at: dict[str | None, int] = {value: code for code, value in enumerate(values)}
    return tuple(at.get(person.values.get(key), -1) for person in members)


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
