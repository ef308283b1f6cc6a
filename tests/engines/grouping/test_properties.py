"""What holds for every problem: checks agree, bounds are bounds, names do not matter, pins hold, claims are exact."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cairn.engines import grouping
from cairn.engines.grouping import Budget, Infeasible, Problem, Request, Result
from tests.engines.grouping.worlds import CALM, naive_alone, naive_objective, renamed, settled_problems

SMALL = Budget(evaluations=20_000, effort=1.0)


def solved(problem: Problem) -> Result:
    try:
        return grouping.solve(problem, budget=SMALL)
    except Infeasible:
        assume(False)
        raise


def members(problem: Problem) -> list[str]:
    return [person.id for person in problem.people if not person.opted_out]


def sizes(assignment: dict[str, str] | Result) -> list[int]:
    seats = assignment.assignment if isinstance(assignment, Result) else assignment
    return sorted(Counter(seats.values()).values())


def every_assignment(problem: Problem) -> list[dict[str, str]]:
    people = members(problem)
    seats = itertools.product([group.id for group in problem.groups], repeat=len(people))
    return [dict(zip(people, seat, strict=True)) for seat in seats]


def holds_every_rule(problem: Problem, assignment: dict[str, str]) -> bool:
    return not grouping.rescore(problem, assignment).violations


@CALM
@given(settled_problems(most_people=12, plain=True))
def test_the_independent_check_agrees_with_every_answer(problem: Problem) -> None:
    result = solved(problem)

    check = grouping.verify(problem, result)

    assert check.ok == (not result.violations)
    assert (check.D, check.bound, check.score) == (result.D, result.bound, result.score)
    assert naive_objective(problem, dict(result.assignment)) == result.D


@CALM
@given(settled_problems(most_people=9, most_groups=2) | settled_problems(most_people=6))
def test_no_assignment_is_better_than_the_bound_or_than_what_was_proven(problem: Problem) -> None:
    result = solved(problem)
    assume(result.assignment and not result.violations)

    rivals = [one for one in every_assignment(problem) if sizes(one) == sizes(result)]
    least = min(naive_objective(problem, one) for one in rivals)
    assert result.bound <= least

    rank = naive_alone(problem, dict(result.assignment)), result.D
    better = [one for one in rivals if (naive_alone(problem, one), naive_objective(problem, one)) < rank]
    if result.proof != "none":
        assert not any(holds_every_rule(problem, one) for one in better)


@CALM
@given(settled_problems(most_people=10))
def test_names_and_order_change_nothing(problem: Problem) -> None:
    result = solved(problem)

    again = grouping.solve(renamed(problem), budget=SMALL)

    assert (again.assignment, again.D, again.score, again.proof) == (
        result.assignment,
        result.D,
        result.score,
        result.proof,
    )


@CALM
@given(settled_problems(most_people=14))
def test_a_pin_is_never_broken(problem: Problem) -> None:
    result = solved(problem)

    pinned = {one.id: one.pinned_group for one in problem.people if one.pinned_group and not one.opted_out}
    assert {person: result.assignment[person] for person in pinned} == pinned


@CALM
@given(settled_problems(most_people=7), st.integers(0, 6), st.integers(1, 4), st.booleans())
def test_a_repair_keeps_every_promise(problem: Problem, who: int, max_moves: int, newcomer: bool) -> None:
    previous = dict(solved(problem).assignment)
    assume(len(previous) > 2)
    person = sorted(previous)[who % len(previous)]
    if newcomer:
        previous.pop(next(one for one in sorted(previous) if one != person))
    before = grouping.rescore(problem, previous)

    try:
        points = grouping.repair(problem, previous, [Request(person)], max_moves=max_moves, budget=SMALL)
    except Infeasible as impossible:
        points = ()
        assert impossible.conflicts
    for point in points:
        after = {**previous, **point.moves}
        again = grouping.rescore(problem, after)
        assert again.violations == ()
        assert (point.D, point.score) == (again.D, again.score)
        assert point.change == pytest.approx(again.score - before.score)
        assert point.alone == naive_alone(problem, after)
        assert after[person] != previous[person]
        assert point.moved == sum(previous[one] != after[one] for one in previous) <= max_moves
    _is_the_best(problem, previous, person, max_moves, points)


def _is_the_best(
    problem: Problem, previous: dict[str, str], person: str, max_moves: int, points: tuple[grouping.Repair, ...]
) -> None:
    """No repair exists where none was found, and each proven point is the best with so many moves."""

    def rank(after: dict[str, str]) -> tuple[int, int, object]:
        return sum(n * n for n in sizes(after)), naive_alone(problem, after), naive_objective(problem, after)

    rivals: dict[int, list[dict[str, str]]] = {}
    for after in every_assignment(problem):
        moved = sum(previous[one] != after[one] for one in previous)
        if moved <= max_moves and after[person] != previous[person] and holds_every_rule(problem, after):
            rivals.setdefault(moved, []).append(after)
    assert bool(points) == bool(rivals)
    for point in points:
        if point.proof != "none":
            best = min(rank(after) for moved, those in rivals.items() if moved <= point.moved for after in those)
            assert rank({**previous, **point.moves}) == best


@CALM
@given(settled_problems(most_people=8))
def test_no_rule_has_a_price_below_nothing(problem: Problem) -> None:
    result = solved(problem)
    assume(not result.violations)

    for price in grouping.prices(problem, result, budget=SMALL):
        assert price.points >= 0
        assert price.points == price.score_without - price.score


@CALM
@given(settled_problems(most_people=8, most_groups=2))
def test_a_proven_price_is_the_difference_to_the_best_without_the_rule(problem: Problem) -> None:
    result = solved(problem)
    assume(result.assignment and not result.violations and result.proof != "none")

    for price in grouping.prices(problem, result, budget=SMALL):
        if price.proof == "none" or isinstance(price.rule, str) or price.rule.rule == "opt_out":
            continue
        eased = replace(grouping.without(problem, price.rule), goals=("mix",))
        best = grouping.solve(eased, budget=SMALL)
        if sizes(best) == sizes(result) and not any(one.not_alone for one in problem.attributes):
            assert max(best.score, result.score) == price.score_without
