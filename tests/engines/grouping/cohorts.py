"""Cohorts for the grouping tests: one in the shape of a real cohort, and random small ones for properties."""

import random

from hypothesis import strategies as st

from cairn.engines.grouping import Attribute, Coach, Group, Pair, Person, Problem

FIELDS = {
    "discipline": ("life", "physical", "human", "engineering"),
    "gender": ("woman", "man", "another"),
    "ethnicity": ("a", "b", "c", "d", "e"),
    "institution": ("Eastmere", "Westhaven", "Northam"),
}


def cohort_of_53(seed: int = 1) -> Problem:
    """53 people, 5 coaches with a group each, 4 attributes, pairs, pins, conflicts, two opt-outs and minutes."""
    rng = random.Random(seed)
    people = []
    for i in range(53):
        values = {
            key: None if rng.random() < 0.05 else rng.choices(options, [2**-k for k in range(len(options))])[0]
            for key, options in FIELDS.items()
        }
        blocked = frozenset({f"coach{rng.randrange(5)}"}) if i % 8 == 3 else frozenset()
        pinned = {0: "group0", 7: "group1", 14: "group1"}.get(i)
        people.append(Person(f"p{i:02}", values, i in (20, 41), blocked, pinned))
    return Problem(
        people=tuple(people),
        groups=tuple(Group(f"group{g}", f"coach{g}") for g in range(5)),
        attributes=tuple(Attribute(key, 2 if key == "discipline" else 1) for key in FIELDS),
        cap=11,
        minimum=8,
        apart=tuple(Pair(f"p{i:02}", f"p{i + 5:02}") for i in (1, 9, 17, 25, 33)),
        together=(Pair("p30", "p31"), Pair("p31", "p32")),
        coaches=tuple(Coach(f"coach{g}", minutes=900 + 12 * 210 + 1110) for g in range(5)),
        minutes_per_person=210,
        minutes_per_opt_out=1110,
        minutes_per_group=900,
    )


@st.composite
def problems(draw: st.DrawFn, most_people: int = 14) -> Problem:
    """Random problems, feasible or not, with every kind of rule."""
    count, wide = draw(st.integers(1, most_people)), draw(st.integers(1, 4))
    groups = tuple(Group(f"g{g}", f"c{draw(st.integers(0, wide - 1))}") for g in range(wide))
    coaches = sorted({group.coach for group in groups})
    attributes = tuple(Attribute(f"a{a}", draw(st.integers(0, 3))) for a in range(draw(st.integers(0, 3))))
    value = st.sampled_from(["x", "y", "z", None])
    people = tuple(
        Person(
            f"p{i:02}",
            {attribute.key: draw(value) for attribute in attributes},
            opted_out=draw(st.integers(0, 9)) == 0,
            blocked_coaches=frozenset(draw(st.sets(st.sampled_from(coaches), max_size=1)))
            if draw(st.integers(0, 5)) == 0
            else frozenset(),
            pinned_group=draw(st.sampled_from(groups)).id if draw(st.integers(0, 7)) == 0 else None,
        )
        for i in range(count)
    )
    apart, together = draw(_pairs(count)), draw(_pairs(count))
    return Problem(
        people,
        groups,
        attributes,
        cap=draw(st.none() | st.integers(-(-count // wide), count)),
        minimum=draw(st.none() | st.integers(0, count // wide)),
        apart=tuple(Pair(*pair) for pair in apart if pair not in together),
        together=tuple(Pair(*pair) for pair in together),
        coaches=tuple(Coach(coach, minutes=draw(st.integers(10, 60))) for coach in coaches)
        if draw(st.booleans())
        else (),
        minutes_per_person=2,
        minutes_per_opt_out=5,
        minutes_per_group=4,
    )


def _pairs(count: int) -> st.SearchStrategy[list[tuple[str, str]]]:
    if count < 2:
        return st.just([])
    pair = st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True).map(
        lambda two: (f"p{min(two):02}", f"p{max(two):02}")
    )
    return st.lists(pair, max_size=2, unique=True)
