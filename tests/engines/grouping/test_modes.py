"""Alike and self-chosen: the goal of the mode is met as far as can be, then people are mixed."""

import random
from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, Group, Pair, Person, Problem
from cairn.engines.grouping.problem.indexed import index
from cairn.engines.grouping.proofs.alike import differing
from cairn.engines.grouping.proofs.wished import ranks, spent


def cohort(people: int, groups: int, seed: int, *, wishes: int = 0) -> Problem:
    rng = random.Random(seed)
    ids = [f"g{g}" for g in range(groups)]
    cast = tuple(
        Person(
            f"p{i:04}",
            {"stage": rng.choice(["early", "mid", "late", None]), "field": rng.choice("abc")},
            wishes=tuple(rng.sample(ids, rng.randint(0, wishes))),
        )
        for i in range(people)
    )
    return Problem(
        cast,
        tuple(Group(group, f"c{group}") for group in ids),
        (Attribute("stage"), Attribute("field")),
        cap=-(-people // groups),
        minimum=people // groups,
    )


def goal(result: grouping.Result, name: str) -> grouping.GoalReport:
    return next(report for report in result.goals if report.goal == name)


@pytest.mark.parametrize("seed", range(3))
def test_as_few_people_who_differ_as_can_be_share_a_group(seed: int) -> None:
    problem = replace(cohort(8, 2, seed), mode="alike", alike_by=("stage",), apart=(Pair("p0000", "p0001"),), minimum=4)
    ix = index(problem)
    everything = sorted(set(permutations((0,) * 4 + (1,) * 4)))
    least = min(differing(ix, seats) for seats in everything if seats[0] != seats[1])

    result = grouping.solve(problem)

    likeness = goal(result, "likeness")
    assert (likeness.value, likeness.bound, likeness.proof) == (least, least, "cp_sat")
    assert result.violations == ()


def test_people_who_are_alike_are_mixed_by_everything_else() -> None:
    problem = replace(cohort(40, 4, 5), mode="alike", alike_by=("stage",))

    result = grouping.solve(problem)

    assert goal(result, "likeness").proof == "cp_sat"
    assert {report.key for report in result.per_attribute} == {"field"}
    assert result.score > 50


@pytest.mark.parametrize("pairs", [(), (Pair("p0000", "p0001"), Pair("p0002", "p0003"))])
@pytest.mark.parametrize("seed", range(3))
def test_ranks_add_up_to_the_least_there_is(seed: int, pairs: tuple[Pair, ...]) -> None:
    problem = replace(cohort(8, 3, seed, wishes=3), mode="self_chosen", apart=pairs)
    ix = index(problem)
    shapes = [(3, 3, 2), (3, 2, 3), (2, 3, 3)]
    everything = {
        seats for shape in shapes for seats in permutations([g for g, size in enumerate(shape) for _ in range(size)])
    }
    least = min(spent(ix, seats) for seats in everything if all(seats[i] != seats[j] for i, j in ix.apart))

    result = grouping.solve(problem)

    wishes = goal(result, "wishes")
    assert (wishes.value, wishes.bound, wishes.proof) == (least, least, "cp_sat")
    assert result.violations == ()


def test_thousands_of_people_get_their_wishes_by_the_flow() -> None:
    problem = replace(cohort(3_000, 300, 1, wishes=5), mode="self_chosen")

    result = grouping.solve(problem)

    assert goal(result, "wishes").proof == "cp_sat"
    assert result.violations == ()


def test_lots_and_not_ids_decide_between_people_with_the_same_wish() -> None:
    people = tuple(Person(f"p{i}", wishes=("g",)) for i in range(4))
    problem = Problem(people, (Group("g"), Group("h")), cap=2, mode="self_chosen")

    winners = Counter(
        person
        for seed in range(60)
        for person, group in grouping.solve(problem, seed=seed).assignment.items()
        if group == "g"
    )

    assert set(winners) == {"p0", "p1", "p2", "p3"}
    assert min(winners.values()) > 15


def test_a_wish_costs_its_rank_and_no_wish_come_true_the_number_of_groups_and_one() -> None:
    problem = Problem((Person("p", wishes=("h", "g")), Person("q")), tuple(Group(group) for group in "ghk"))

    assert ranks(index(problem)).tolist() == [[2, 1, 4], [0, 0, 0]]
