"""Slots and coaches chosen: people can come, coaches hold one group at a time, and nobody is lost in silence."""

import random
import time
from collections import Counter
from dataclasses import replace

import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, Budget, Coach, Group, Infeasible, Person, Problem
from cairn.engines.grouping.problem.indexed import index
from cairn.engines.grouping.proofs import arrange

SLOTS = ("mon", "tue", "wed", "thu", "fri")


def cohort(people: int, groups: int, coaches: int, *, seed: int = 1, most: int = 3) -> Problem:
    """People who can come to two to four of five slots, some in conflict with a coach; everything to be chosen."""
    rng = random.Random(seed)
    patterns = [frozenset(rng.sample(SLOTS, rng.randint(2, 4))) for _ in range(20)]
    return Problem(
        tuple(
            Person(
                f"p{i:06}",
                {"a": rng.choice("xyz"), "b": rng.choice("uvw")},
                blocked_coaches=frozenset({f"c{rng.randrange(min(coaches, 5)):05}"} if i % 25 == 0 else ()),
                slots=rng.choice(patterns),
            )
            for i in range(people)
        ),
        tuple(Group(f"g{g:05}", slots=SLOTS) for g in range(groups)),
        (Attribute("a"), Attribute("b")),
        cap=-(-people // groups),
        coaches=tuple(
            Coach(f"c{c:05}", slots=frozenset(rng.sample(SLOTS, 3)), most_groups=most) for c in range(coaches)
        ),
    )


def faults(problem: Problem) -> list[str]:
    """What is wrong with the slots and coaches of a settled problem."""
    coaches = {coach.id: coach for coach in problem.coaches}
    found = [group.id for group in problem.groups if len(group.slots) != 1 or group.coach not in coaches]
    for group in problem.groups:
        slots = coaches[group.coach].slots
        if slots is not None and not slots & set(group.slots):
            found.append(f"{group.coach} cannot come to {group.id}")
    twice = Counter((group.coach, group.slots) for group in problem.groups)
    found += [f"{coach} twice at {slots}" for (coach, slots), times in twice.items() if times > 1]
    held = Counter(group.coach for group in problem.groups)
    return found + [coach for coach, times in held.items() if times > (coaches[coach].most_groups or times)]


@pytest.mark.parametrize("seed", range(3))
def test_a_small_cohort_gets_slots_and_coaches_under_which_it_is_mixed_as_well_as_can_be(seed: int) -> None:
    problem = cohort(40, 4, 3, seed=seed)

    result = grouping.solve(problem, seed=1)

    coach_of, meets = result.coaches, result.slots
    chosen = tuple(replace(group, coach=coach_of[group.id], slots=(meets[group.id],)) for group in problem.groups)
    assert faults(replace(problem, groups=chosen)) == []
    assert (result.violations, result.gap) == ((), 0.0)
    assert all(meets[result.assignment[person.id]] in (person.slots or ()) for person in problem.people)


def test_a_large_cohort_is_settled_by_numbers_alone_and_quickly() -> None:
    ix = index(cohort(20_000, 2_000, 900))
    began = time.perf_counter()

    settled = arrange.settle(ix, seed=1, budget=Budget())

    assert faults(settled) == []
    assert time.perf_counter() - began < 5.0


def test_settling_asks_for_times_that_suit_everybody() -> None:
    people = tuple(Person(f"p{i}", slots=frozenset({"mon" if i < 4 else "tue"})) for i in range(12))
    problem = Problem(people, tuple(Group(f"g{g}", slots=SLOTS) for g in range(3)), cap=4, coaches=(Coach("c", None),))

    with pytest.raises(Infeasible):
        arrange.settle(index(problem), seed=1, budget=Budget())

    both = replace(problem, coaches=(Coach("c"), Coach("d")))
    settled = arrange.settle(index(both), seed=1, budget=Budget())
    assert Counter(group.slots for group in settled.groups) == {("mon",): 1, ("tue",): 2}


def test_whoever_no_coach_can_meet_is_named_with_the_coaches() -> None:
    people = (Person("ann", slots=frozenset({"fri"})), Person("ben"))
    groups = (Group("g", slots=("mon", "fri")), Group("h", slots=("mon", "fri")))
    problem = Problem(people, groups, cap=1, coaches=(Coach("c", slots=frozenset({"mon"})), Coach("d", most_groups=0)))

    with pytest.raises(Infeasible) as caught:
        grouping.solve(problem)

    named = {(conflict.rule, conflict.people, conflict.coaches) for conflict in caught.value.conflicts}
    assert {("slot", (), ("c",)), ("coach_groups", (), ("d",))} <= named


def test_minutes_decide_which_coach_gets_a_group() -> None:
    people = tuple(Person(f"p{i}") for i in range(8))
    problem = Problem(
        people,
        (Group("g"), Group("h")),
        cap=4,
        coaches=(Coach("c", minutes=100), Coach("d", minutes=50)),
        minutes_per_person=10,
        minutes_per_group=10,
    )

    settled = arrange.settle(index(problem), seed=1, budget=Budget())

    assert sorted(group.coach for group in settled.groups) in (["c", "c"], ["c", "d"])
    assert grouping.solve(problem).violations == ()
