"""Random small problems with every kind of rule, and figures straight from their definitions to check against."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cairn.engines.grouping import Attribute, Coach, Group, Pair, Person, Problem

CALM = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
VALUES = st.sampled_from(["x", "y", "z", None])
SLOTS = ("mon", "tue", "wed")


@st.composite
def settled_problems(draw: st.DrawFn, most_people: int = 9, most_groups: int = 3, *, plain: bool = False) -> Problem:
    """Problems whose groups have their coach and their time, feasible or not; `plain` ones only mix by given values."""
    count, wide = draw(st.integers(2, most_people)), draw(st.integers(2, most_groups))
    timed = draw(st.booleans())
    groups = tuple(
        Group(f"g{g}", f"c{draw(st.integers(0, wide - 1))}", slots=(SLOTS[g],) if timed else ()) for g in range(wide)
    )
    coaches = sorted({group.coach for group in groups})
    attributes = _attributes(draw)
    if plain:
        attributes = tuple(replace(one, not_alone=frozenset()) for one in attributes if not one.of)
    keys = [attribute.key for attribute in attributes if not attribute.of]
    people = tuple(_person(draw, i, keys, coaches, groups, timed=timed) for i in range(count))
    apart, together = draw(_pairs(count)), draw(_pairs(count, most=1))
    return Problem(
        people,
        groups,
        attributes,
        cap=draw(st.none() | st.integers(-(-count // wide), count)),
        minimum=draw(st.none() | st.integers(0, count // wide)),
        apart=tuple(Pair(*pair) for pair in apart if pair not in together),
        together=tuple(Pair(*pair) for pair in together),
        coaches=tuple(Coach(coach, minutes=draw(st.none() | st.integers(10, 60))) for coach in coaches),
        minutes_per_person=2,
        minutes_per_opt_out=5,
        minutes_per_group=4,
    )


def _attributes(draw: st.DrawFn) -> tuple[Attribute, ...]:
    shy = st.sampled_from([frozenset(), frozenset(), frozenset({"x"}), frozenset({"*"})])
    plain = tuple(Attribute(f"a{a}", draw(st.integers(0, 3)), (), draw(shy)) for a in range(draw(st.integers(1, 3))))
    if len(plain) > 1 and draw(st.booleans()):
        return (*plain, Attribute("a0a1", draw(st.integers(1, 2)), ("a0", "a1")))
    return plain


def _person(
    draw: st.DrawFn, i: int, keys: list[str], coaches: list[str], groups: tuple[Group, ...], *, timed: bool
) -> Person:
    seldom = st.integers(0, 7)
    return Person(
        f"p{i:02}",
        {key: draw(VALUES) for key in keys},
        opted_out=draw(seldom) == 0,
        blocked_coaches=frozenset({draw(st.sampled_from(coaches))}) if draw(seldom) == 0 else frozenset(),
        pinned_group=draw(st.sampled_from(groups)).id if draw(seldom) == 0 else None,
        slots=frozenset(draw(st.sets(st.sampled_from(SLOTS), min_size=2))) if timed and draw(seldom) < 2 else None,
    )


def _pairs(count: int, most: int = 2) -> st.SearchStrategy[list[tuple[str, str]]]:
    pair = st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True).map(
        lambda two: (f"p{min(two):02}", f"p{max(two):02}")
    )
    return st.lists(pair, max_size=most, unique=True)


def renamed(problem: Problem) -> Problem:
    """The same problem with other names for values, and everything listed in another order."""
    names = {"x": "zulu", "y": "alpha", "z": "mike", "*": "*"}
    people = tuple(
        replace(person, values={key: names.get(value or "") for key, value in person.values.items()})
        for person in reversed(problem.people)
    )
    attributes = tuple(
        replace(one, not_alone=frozenset(names[value] for value in one.not_alone))
        for one in reversed(problem.attributes)
    )
    return replace(
        problem,
        people=people,
        attributes=attributes[::-1],
        groups=tuple(reversed(problem.groups)),
        coaches=tuple(reversed(problem.coaches)),
        apart=tuple(Pair(pair.b, pair.a) for pair in reversed(problem.apart)),
        together=tuple(Pair(pair.b, pair.a) for pair in reversed(problem.together)),
    )


def value(person: Person, attribute: Attribute) -> tuple[str, ...] | None:
    """A person's value, or values for an intersection; None where one is not said."""
    parts = [person.values.get(key) for key in attribute.of or (attribute.key,)]
    return None if None in parts else tuple(part for part in parts if part is not None)


def naive_objective(problem: Problem, assignment: Mapping[str, str]) -> Fraction:
    """D from its definition, cell by cell."""
    placed = [person for person in problem.people if person.id in assignment]
    total = Fraction(0)
    for attribute in problem.attributes:
        for v in {value(person, attribute) for person in placed} - {None}:
            holders = [person for person in placed if value(person, attribute) == v]
            for group in problem.groups:
                size = sum(assignment[person.id] == group.id for person in placed)
                count = sum(assignment[person.id] == group.id for person in holders)
                total += attribute.weight * (count - Fraction(size * len(holders), len(placed))) ** 2
    return total


def naive_alone(problem: Problem, assignment: Mapping[str, str]) -> int:
    """How many people are the only one of a value that should not be alone, counted once per value."""
    found = 0
    for attribute in problem.attributes:
        for group in problem.groups:
            inside = [value(one, attribute) for one in problem.people if assignment.get(one.id) == group.id]
            shy = {v for v in inside if v is not None and ("*" in attribute.not_alone or v[0] in attribute.not_alone)}
            found += sum(inside.count(v) == 1 for v in shy)
    return found
