"""What is claimed of groups whose times and coaches the engine chose must hold for every other choice of them."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from cairn.engines import grouping

TIMES, COACHES = ("mon", "tue"), ("ann", "bob")


def open_problem(seed: int) -> grouping.Problem:
    """Nine people, two groups, either coach at either time; some can come to one time only, some not to one coach."""
    dice = random.Random(seed)
    people = tuple(
        grouping.Person(
            f"p{i}",
            {"field": dice.choice("abc"), "gender": dice.choice("mw")},
            slots=None if dice.random() < 0.5 else frozenset({dice.choice(TIMES)}),
            blocked_coaches=frozenset({dice.choice(COACHES)}) if dice.random() < 0.2 else frozenset(),
        )
        for i in range(9)
    )
    return grouping.Problem(
        people=people,
        groups=(grouping.Group("g1", slots=TIMES), grouping.Group("g2", slots=TIMES)),
        attributes=(
            grouping.Attribute("field", not_alone=frozenset({"a"})),
            grouping.Attribute("gender"),
            grouping.Attribute("both", of=("field", "gender")),
        ),
        cap=5,
        minimum=4,
        coaches=tuple(grouping.Coach(coach) for coach in COACHES),
    )


def by_every_choice(problem: grouping.Problem) -> list[tuple[int, Fraction]]:
    """(people alone, D) of the best groups for each way to choose times and coaches."""
    found = []
    for times, coaches in product(product(TIMES, repeat=2), product(COACHES, repeat=2)):
        groups = tuple(
            replace(group, coach=coach, slots=(time,))
            for group, coach, time in zip(problem.groups, coaches, times, strict=True)
        )
        try:
            result = grouping.solve(replace(problem, groups=groups), seed=1)
        except grouping.Infeasible:
            continue
        if not result.violations:
            assert result.proof != "none"
            found.append((len(result.alone), result.D))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_claim_holds_whatever_times_and_coaches_are_chosen(seed: int) -> None:
    problem = open_problem(seed)
    try:
        result = grouping.solve(problem, seed=1)
    except grouping.Infeasible:
        assert by_every_choice(problem) == []
        return
    assert grouping.verify(problem, result).ok
    alone, best = min(by_every_choice(problem))
    if alone == len(result.alone):
        assert result.proven_bound <= best
        if result.proof != "none":
            assert best == result.D
