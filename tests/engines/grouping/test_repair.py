"""Repairing groups with few changes: requests are met, rules hold, and every figure is what rescoring says."""

import itertools
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from cairn.engines import grouping
from cairn.engines.grouping import (
    Attribute,
    BadProblem,
    Budget,
    Coach,
    Group,
    Infeasible,
    Pair,
    Person,
    Problem,
    Repair,
    Request,
)
from tests.engines.grouping.cohorts import cohort_of_53
from tests.engines.grouping.worlds import naive_alone, naive_objective

SIX = Problem(
    tuple(Person(f"p{i}", {"a": "xy"[i % 2]}) for i in range(6)),
    (Group("g", "gus"), Group("h", "hal")),
    (Attribute("a"),),
    cap=3,
)
MIXED = {"p0": "g", "p1": "g", "p2": "g", "p3": "h", "p4": "h", "p5": "h"}
QUICK = Budget(effort=1.0)


def after(previous: Mapping[str, str], point: Repair) -> dict[str, str]:
    return {**previous, **point.moves}


def keys(problem: Problem, previous: Mapping[str, str], request: Request, max_moves: int = 6) -> list[str]:
    with pytest.raises(Infeasible) as caught:
        grouping.repair(problem, previous, [request], max_moves=max_moves)
    assert all(set(item.people) <= {request.person} for item in caught.value.conflicts)
    assert all(grouping.say(item).endswith(".") for item in caught.value.conflicts)
    return [item.key for item in caught.value.conflicts]


def test_a_request_is_met_by_the_swap_that_costs_nothing() -> None:
    (point,) = grouping.repair(SIX, MIXED, [Request("p0")])

    assert (point.moved, point.change, point.proof) == (2, 0.0, "closed_form")
    assert point.moves["p0"] == "h"
    assert grouping.rescore(SIX, after(MIXED, point)).D == point.D


def test_the_curve_is_proven_from_one_move_on_and_never_gets_worse() -> None:
    problem = replace(cohort_of_53(), together=())
    result = grouping.solve(problem)

    points = grouping.repair(problem, result.assignment, [Request("p05")], max_moves=4)

    assert points[0].moved == 1
    assert all(point.proof != "none" for point in points)
    assert all(len(point.moves) == point.moved <= 4 for point in points)
    assert [point.score for point in points] == sorted(point.score for point in points)
    for point in points:
        again = grouping.rescore(problem, after(result.assignment, point))
        assert (again.D, again.score, again.violations) == (point.D, point.score, ())
        assert point.change == pytest.approx(point.score - result.score)
        assert point.moves["p05"] != result.assignment["p05"]


def test_whoever_must_stay_together_moves_together() -> None:
    problem = replace(SIX, together=(Pair("p0", "p1"),))

    point = grouping.repair(problem, MIXED, [Request("p0")])[0]

    assert (point.moves["p0"], point.moves["p1"], point.moved) == ("h", "h", 4)


def test_newcomers_take_a_seat_without_counting_as_moved() -> None:
    previous = {person: group for person, group in MIXED.items() if person != "p5"}

    (point,) = grouping.repair(SIX, {**previous, "gone": "g", "p4": "h"}, [])

    assert (point.moves, point.placed, point.moved) == ({"p5": "h"}, ("p5",), 0)


def test_people_of_a_dissolved_group_are_seated_anew() -> None:
    previous = {**MIXED, "p5": "dissolved"}

    (point,) = grouping.repair(SIX, previous, [])

    assert (point.moves, point.moved) == ({"p5": "h"}, 0)


def test_a_new_conflict_with_a_coach_is_mended_without_any_request() -> None:
    problem = replace(
        SIX,
        people=tuple(replace(one, blocked_coaches=frozenset({"gus"})) if one.id == "p0" else one for one in SIX.people),
    )

    (point,) = grouping.repair(problem, MIXED, [])

    assert (point.moves["p0"], point.moved) == ("h", 2)


def test_an_overfull_group_is_mended() -> None:
    previous = {**MIXED, "p3": "g"}

    point = grouping.repair(SIX, previous, [])[0]

    assert point.moved == 1
    assert grouping.rescore(SIX, after(previous, point)).violations == ()


def test_a_request_that_is_met_already_moves_nobody() -> None:
    point = grouping.repair(SIX, MIXED, [Request("p0", groups=("g",))])[0]

    assert (point.moves, point.change, point.proof) == ({}, 0.0, "closed_form")


def test_two_requests_are_met_at_once() -> None:
    points = grouping.repair(SIX, MIXED, [Request("p0", groups=("h",)), Request("p3", away_from_coach="hal")])

    assert points[0].moves == {"p0": "h", "p3": "g"}


def test_slots_are_heeded_when_somebody_makes_room() -> None:
    people = tuple(replace(one, slots=frozenset({"tue"})) if one.id == "p4" else one for one in SIX.people)
    problem = replace(SIX, people=people, groups=(Group("g", "gus", slots=("mon",)), Group("h", "hal", slots=("tue",))))

    (point,) = grouping.repair(problem, MIXED, [Request("p0")])

    assert point.moves == {"p0": "h", "p3": "g"}


def test_chosen_times_and_coaches_stand_during_a_repair() -> None:
    people = tuple(replace(one, slots=frozenset({"mon"})) if one.id == "p0" else one for one in SIX.people)
    coaches = (Coach("gus", slots=frozenset({"mon"})), Coach("hal"))
    groups = (Group("g", slots=("mon", "tue")), Group("h", slots=("mon", "tue")))
    problem = replace(SIX, people=people, groups=groups, coaches=coaches)
    chosen = {"coaches": {"g": "gus", "h": "hal"}, "slots": {"g": "mon", "h": "tue"}}

    with pytest.raises(Infeasible) as caught:
        grouping.repair(problem, MIXED, [Request("p0")], **chosen)
    (point,) = grouping.repair(problem, MIXED, [Request("p1")], **chosen)

    assert [item.key for item in caught.value.conflicts] == ["request_slot"]
    assert (point.moves["p1"], point.proof) == ("h", "closed_form")


def test_a_pin_stands_against_a_request() -> None:
    problem = replace(SIX, people=(replace(SIX.people[0], pinned_group="g"), *SIX.people[1:]))

    assert keys(problem, MIXED, Request("p0")) == ["request_pin"]


def test_a_conflict_with_the_only_other_coach_stands_against_a_request() -> None:
    problem = replace(SIX, people=(replace(SIX.people[0], blocked_coaches=frozenset({"hal"})), *SIX.people[1:]))

    assert keys(problem, MIXED, Request("p0")) == ["request_coach"]


def test_the_only_other_time_stands_against_a_request() -> None:
    people = (replace(SIX.people[0], slots=frozenset({"mon"})), *SIX.people[1:])
    problem = replace(SIX, people=people, groups=(Group("g", "gus", slots=("mon",)), Group("h", "hal", slots=("tue",))))

    assert keys(problem, MIXED, Request("p0")) == ["request_slot"]


def test_a_pair_stands_against_a_request_without_being_named() -> None:
    people = (*SIX.people[:3], *(replace(one, pinned_group="h") for one in SIX.people[3:5]), SIX.people[5])
    problem = replace(SIX, people=people, apart=(Pair("p0", "p3"),))

    assert keys(problem, MIXED, Request("p0")) == ["request_apart", "request_other_pins"]


def test_a_full_group_of_pinned_people_stands_against_a_request() -> None:
    people = (*SIX.people[:3], *(replace(one, pinned_group="h") for one in SIX.people[3:]))

    assert keys(replace(SIX, people=people), MIXED, Request("p0")) == ["request_cap", "request_other_pins"]


def test_too_few_moves_stand_against_a_request() -> None:
    assert keys(SIX, MIXED, Request("p0"), max_moves=1) == ["request_moves"]


def test_a_request_with_only_one_group_cannot_be_met() -> None:
    problem = replace(SIX, groups=(Group("g", "gus"),), cap=6)

    assert keys(problem, dict.fromkeys(MIXED, "g"), Request("p0")) == ["request_no_group"]


def test_minutes_stand_against_a_request() -> None:
    problem = replace(
        SIX,
        cap=None,
        people=(*SIX.people[:3], *(replace(one, pinned_group="h") for one in SIX.people[3:])),
        coaches=(Coach("hal", minutes=30),),
        minutes_per_person=10,
    )

    assert keys(problem, MIXED, Request("p0")) == ["request_minutes", "request_other_pins"]


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (Request("zoe"), "unknown_person"),
        (Request("p0", groups=("k",)), "unknown_group"),
        (Request("out"), "person_not_placed"),
    ],
)
def test_asking_for_what_does_not_exist_gets_a_sentence(request_: Request, key: str) -> None:
    problem = replace(SIX, people=(*SIX.people, Person("out", opted_out=True)))

    with pytest.raises(BadProblem) as caught:
        grouping.repair(problem, MIXED, [request_])

    assert caught.value.key == key


@pytest.mark.parametrize("seed", range(6))
def test_the_best_exchange_of_three_is_found_and_proven(seed: int) -> None:
    rng = random.Random(seed)
    people = tuple(Person(f"p{i}", {"a": rng.choice("xyz"), "b": rng.choice("uv")}) for i in range(9))
    groups = tuple(Group(f"g{g}", f"c{g}") for g in range(3))
    shy = Attribute("a", 2, not_alone=frozenset("x"))
    problem = Problem(people, groups, (shy, Attribute("b")), cap=3, apart=(Pair("p1", "p2"),))
    previous = {f"p{i}": f"g{(i + seed) % 3}" for i in range(9)}

    points = grouping.repair(problem, previous, [Request("p0")], max_moves=3)

    def rank(after: Mapping[str, str]) -> tuple[int, object]:
        return naive_alone(problem, after), naive_objective(problem, after)

    rivals = [{**previous, "p0": previous[j], j: previous["p0"]} for j in previous]
    for j, k in itertools.permutations(previous, 2):
        rivals.append({**previous, "p0": previous[j], j: previous[k], k: previous["p0"]})
    fair = [one for one in rivals if one["p0"] != previous["p0"] and not grouping.rescore(problem, one).violations]
    best = min(rank(one) for one in fair)
    assert (rank(after(previous, points[-1])), points[-1].proof != "none") == (best, True)


def test_the_same_question_gets_the_same_answer() -> None:
    problem = cohort_of_53(2)
    previous = grouping.solve(problem).assignment
    shuffled = replace(problem, people=tuple(reversed(problem.people)))

    first = grouping.repair(problem, previous, [Request("p05")], max_moves=3, budget=QUICK)
    second = grouping.repair(shuffled, previous, [Request("p05")], max_moves=3, budget=QUICK)

    assert first == second


def test_without_effort_the_answer_comes_at_once_and_claims_no_more_than_counting_shows() -> None:
    problem = cohort_of_53(2)
    previous = grouping.solve(problem).assignment

    points = grouping.repair(problem, previous, [Request("p05")], max_moves=4, budget=Budget(effort=0.0))

    assert points
    assert {point.proof for point in points} <= {"enumerated", "closed_form", "none"}
