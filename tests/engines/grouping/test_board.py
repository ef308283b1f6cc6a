"""Editing by hand: scores follow, moves are priced exactly or refused by rule, and tampering is seen."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, BadProblem, Budget, Group, Infeasible, Pair, Person, Problem
from tests.engines.grouping.cohorts import cohort_of_53, problems

SIX = Problem(
    tuple(Person(f"p{i}", {"a": "xy"[i % 2]}) for i in range(6)),
    (Group("g", "gus"), Group("h", "hal")),
    (Attribute("a"),),
)
SPLIT = {"p0": "g", "p2": "g", "p4": "g", "p1": "h", "p3": "h", "p5": "h"}


def test_rescoring_a_solution_repeats_its_figures() -> None:
    problem = cohort_of_53()
    result = grouping.solve(problem)

    again = grouping.rescore(problem, result.assignment)

    assert (again.D, again.bound, again.baseline, again.score, again.violations, again.certificate) == (
        result.D,
        result.bound,
        result.baseline,
        result.score,
        (),
        result.certificate,
    )


def test_the_worst_split_scores_below_drawing_lots() -> None:
    result = grouping.rescore(SIX, SPLIT)

    # Each of the four cells is 1.5 off its share: D = 4 * 2.25. At best each is 0.5 off. Lots give 1.8.
    assert (result.D, result.bound, float(result.baseline)) == (9, 1, 1.8)
    assert result.score == pytest.approx(-900.0)


def test_a_hand_made_assignment_lists_every_broken_rule() -> None:
    problem = replace(
        SIX,
        people=(
            replace(SIX.people[0], pinned_group="h"),
            replace(SIX.people[1], blocked_coaches=frozenset({"hal"})),
            *SIX.people[2:],
            Person("out", {}, opted_out=True, blocked_coaches=frozenset()),
        ),
        cap=2,
        minimum=2,
        apart=(Pair("p2", "p4"),),
        together=(Pair("p4", "p5"),),
    )
    assignment = {"p0": "g", "p1": "h", "p2": "g", "p4": "g", "p5": "h", "out": "g"}

    violations = grouping.rescore(problem, assignment).violations

    assert [(item.rule, item.people, item.groups) for item in violations] == [
        ("opt_out", ("out",), ("g",)),
        ("pin", ("p0",), ("h",)),
        ("coach_conflict", ("p1",), ("h",)),
        ("unplaced", ("p3",), ()),
        ("apart", ("p2", "p4"), ("g",)),
        ("together", ("p4", "p5"), ("g", "h")),
        ("cap", (), ("g",)),
    ]
    assert all(grouping.say(item).endswith(".") for item in violations)


def test_an_empty_board_lists_everybody_as_unplaced() -> None:
    result = grouping.rescore(SIX, {})

    assert (result.D, result.proof, [item.key for item in result.violations]) == (0, "none", ["unplaced"] * 6)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(problems(most_people=9))
def test_the_price_of_every_move_and_swap_is_what_rescoring_says(problem: Problem) -> None:
    try:
        result = grouping.solve(problem, budget=Budget(evaluations=10_000, effort=0.5))
    except Infeasible:
        assume(False)
    person = min(result.assignment, default=None)
    assume(person is not None)

    for option in grouping.options(problem, result.assignment, person):
        moved = grouping.rescore(problem, {**result.assignment, person: option.group})
        assert (option.D, option.score) == (moved.D, moved.score)
        assert bool(option.blocked) == bool(moved.violations)
        swaps = {
            other: grouping.rescore(
                problem, {**result.assignment, person: option.group, other: result.assignment[person]}
            )
            for other, group in result.assignment.items()
            if group == option.group
        }
        permitted = [swap.D for swap in swaps.values() if not swap.violations]
        assert option.swap_D == min(permitted, default=None)
        if option.swap_with is not None:
            assert option.swap_score == swaps[option.swap_with].score


def test_a_move_into_a_full_group_is_refused_by_the_cap_and_the_swap_is_offered() -> None:
    problem = replace(SIX, cap=3)

    (option,) = grouping.options(problem, SPLIT, "p0")

    assert [grouping.say(item) for item in option.blocked] == ["h would hold 4 people, and the cap is 3."]
    assert (option.swap_with, option.swap_D) == ("p1", 1)
    assert option.swap_change == pytest.approx(1000.0)


def test_a_pinned_person_may_not_be_moved_or_swapped() -> None:
    problem = replace(SIX, people=(replace(SIX.people[0], pinned_group="g"), *SIX.people[1:]))

    explanation = grouping.explain(problem, SPLIT, "p0")

    assert explanation.pinned
    assert [item.rule for item in explanation.alternatives[0].blocked] == ["pin"]
    assert explanation.alternatives[0].swap_with is None


def test_an_explanation_shows_the_cells_the_person_counts_in() -> None:
    explanation = grouping.explain(SIX, SPLIT, "p0")

    assert [(row.attribute, row.value, row.group, row.count, float(row.target)) for row in explanation.cells] == [
        ("a", "x", "g", 3, 1.5)
    ]


@pytest.mark.parametrize(
    ("assignment", "person", "key"),
    [
        (SPLIT, "zoe", "unknown_person"),
        ({"p0": "g"}, "p1", "person_not_placed"),
        ({"p0": "k"}, "p0", "unknown_group"),
        ({"zoe": "g"}, "p0", "unknown_person"),
    ],
)
def test_asking_about_what_does_not_exist_gets_a_sentence(assignment: dict[str, str], person: str, key: str) -> None:
    with pytest.raises(BadProblem) as caught:
        grouping.options(SIX, assignment, person)

    assert caught.value.key == key


def test_the_independent_check_sees_through_a_tampered_result() -> None:
    problem = replace(SIX, cap=3, apart=(Pair("p0", "p1"),))
    result = grouping.solve(problem)
    worse = {**result.assignment, "p0": result.assignment["p1"]}

    tampered = grouping.verify(problem, replace(result, assignment=worse))
    flattered = grouping.verify(problem, replace(result, D=result.D - 1))

    assert not tampered.ok
    assert f"p0 and p1 share {worse['p0']}" in tampered.violations
    assert flattered.violations[0] == f"D is {result.D}, not {result.D - 1}"


def test_groups_report_how_like_the_cohort_they_are() -> None:
    parts = grouping.rescore(SIX, SPLIT).per_group

    assert [(part.id, part.coach, part.size, float(part.D), part.unmet) for part in parts] == [
        ("g", "gus", 3, 4.5, 2),
        ("h", "hal", 3, 4.5, 2),
    ]
