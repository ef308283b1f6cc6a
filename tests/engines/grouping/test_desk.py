"""The desk: every swap, move and explanation is exact, follows changes, and is quick for many people."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, BadProblem, Coach, Desk, Group, Pair, Person, Problem
from tests.engines.grouping.worlds import CALM, naive_alone, naive_objective, settled_problems

SIX = Problem(
    tuple(Person(f"p{i}", {"a": "xy"[i % 2], "b": "uuuvvv"[i]}) for i in range(6)),
    (Group("g", "gus"), Group("h", "hal")),
    (Attribute("a"), Attribute("b")),
)
SPLIT = {"p0": "g", "p2": "g", "p4": "g", "p1": "h", "p3": "h", "p5": "h"}


def random_assignment(problem: Problem, seed: int) -> dict[str, str]:
    rng = random.Random(seed)
    return {one.id: rng.choice(problem.groups).id for one in problem.people if not one.opted_out}


def broken_by(problem: Problem, assignment: dict[str, str], who: set[str]) -> bool:
    """Whether a rule about these people or (for one person) about sizes is broken."""
    return any(set(item.people) & who for item in grouping.rescore(problem, assignment).violations)


@CALM
@given(settled_problems(), st.integers(0, 5))
def test_swaps_and_moves_are_priced_as_the_definition_says(problem: Problem, seed: int) -> None:
    assignment = random_assignment(problem, seed)
    desk = Desk(problem, assignment)
    assert (desk.D, len(desk.alone)) == (naive_objective(problem, assignment), naive_alone(problem, assignment))

    for person in assignment:
        swaps = desk.best_swaps(person, count=len(assignment))
        for swap in swaps:
            after = {**assignment, person: swap.group, swap.other: swap.other_group}
            again = grouping.rescore(problem, after)
            assert (swap.D, swap.score) == (again.D, again.score) == (naive_objective(problem, after), again.score)
            assert swap.alone == naive_alone(problem, after) - len(desk.alone)
        permitted = {
            other
            for other, group in assignment.items()
            if group != assignment[person]
            and not broken_by(problem, {**assignment, person: group, other: assignment[person]}, {person, other})
        }
        assert {swap.other for swap in swaps} == permitted
        order = [(swap.alone, swap.D, swap.other) for swap in swaps]
        assert order == sorted(order)
        for option in desk.options(person):
            after = {**assignment, person: option.group}
            again = grouping.rescore(problem, after)
            assert (option.D, option.score, option.alone) == (
                again.D,
                again.score,
                naive_alone(problem, after) - len(desk.alone),
            )


@CALM
@given(settled_problems(), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), max_size=6))
def test_a_desk_that_followed_changes_is_like_a_new_one(problem: Problem, changes: list[tuple[int, int]]) -> None:
    assignment = random_assignment(problem, 1)
    desk = Desk(problem, assignment)
    people = sorted(assignment)

    for i, g in changes:
        if people:
            person, group = people[i % len(people)], problem.groups[g % len(problem.groups)].id
            desk.move(person, group)
            assignment[person] = group

    fresh = Desk(problem, assignment)
    assert (desk.assignment, desk.D, desk.score, desk.alone) == (assignment, fresh.D, fresh.score, fresh.alone)
    assert [desk.options(person) for person in people] == [fresh.options(person) for person in people]


@pytest.mark.parametrize("weight", [1, 1000])
def test_figures_stay_exact_where_64_bits_are_not_enough(weight: int) -> None:
    rng = random.Random(3)
    people = tuple(Person(f"p{i:05}", {"a": rng.choice("xyz"), "b": rng.choice("uvw")}) for i in range(60_000))
    weights = (Attribute("a", weight), Attribute("b", weight), Attribute("ab", weight, ("a", "b")))
    problem = Problem(people, (Group("g", "gus"), Group("h", "hal")), weights)
    assignment = {one.id: "g" if i < 21_000 else "h" for i, one in enumerate(people)}
    desk = Desk(problem, assignment)
    assert desk.counts.kind is (object if weight == 1000 else np.int64)

    swap = desk.best_swaps("p00001", count=1)[0]

    assert naive_objective(problem, {**assignment, "p00001": "h", swap.other: "g"}) == swap.D
    desk.swap("p00001", swap.other)
    assert desk.D == swap.D


def test_figures_can_leave_attributes_out_while_every_rule_stays() -> None:
    problem = replace(
        SIX,
        attributes=(*SIX.attributes, Attribute("ab", 1, ("a", "b"))),
        people=(replace(SIX.people[0], pinned_group="g"), *SIX.people[1:]),
    )
    without = replace(problem, attributes=(Attribute("b"),))

    seen = Desk(problem, SPLIT, attributes=("b",))

    assert seen.options("p2") == Desk(without, SPLIT).options("p2")
    assert grouping.rescore(problem, SPLIT, attributes=("b",)) == grouping.rescore(without, SPLIT)
    assert [item.rule for item in seen.options("p0")[0].blocked] == ["pin"]
    assert grouping.only(problem, ("a", "ab")).attributes == (Attribute("a"),)


def test_a_time_that_does_not_suit_blocks_a_move_and_a_swap() -> None:
    people = (replace(SIX.people[0], slots=frozenset({"mon"})), *SIX.people[1:])
    problem = replace(SIX, people=people, groups=(Group("g", "gus", slots=("mon", "tue")), Group("h", "hal")))

    (option,) = Desk(problem, SPLIT, slots={"g": "tue", "h": "tue"}, coaches={"g": "gus"}).options("p0")

    assert ([item.key for item in option.blocked], option.swap_with) == (["slot_missed"], None)


def test_somebody_without_a_seat_can_be_seated() -> None:
    desk = Desk(SIX, {person: group for person, group in SPLIT.items() if person != "p5"})

    desk.move("p5", "h")

    assert (desk.D, desk.assignment) == (grouping.rescore(SIX, SPLIT).D, dict(sorted(SPLIT.items())))


def test_the_best_groups_come_first_when_only_some_are_asked_for() -> None:
    three = replace(SIX, groups=(*SIX.groups, Group("k", "kim")))

    options = Desk(three, SPLIT).options("p0", count=1)

    assert [option.group for option in options] == ["h"]


@pytest.mark.parametrize(
    ("question", "key"),
    [
        (lambda desk: desk.best_swaps("zoe"), "unknown_person"),
        (lambda desk: desk.best_swaps("p0", groups=["k"]), "unknown_group"),
        (lambda desk: desk.move("p0", "k"), "unknown_group"),
        (lambda desk: desk.explain("out"), "person_not_placed"),
    ],
)
def test_asking_about_what_does_not_exist_gets_a_sentence(question: object, key: str) -> None:
    desk = Desk(replace(SIX, people=(*SIX.people, Person("out", opted_out=True))), SPLIT)

    with pytest.raises(BadProblem) as caught:
        question(desk)  # type: ignore[operator]

    assert caught.value.key == key


def test_one_question_among_50_000_people_takes_a_moment() -> None:
    problem, assignment = crowd(50_000)
    desk = Desk(problem, assignment)
    desk.explain("p000100", count=5)

    taken = []
    for person in ("p000100", "p002003", "p049999"):
        start = time.perf_counter()
        best = desk.best_swaps(person, count=1)[0]
        explanation = desk.explain(person, count=5)
        taken.append(time.perf_counter() - start)
        assert explanation.alternatives[0].swap_with == best.other

    # 50 ms is promised on a quiet machine; a busy one gets some leave.
    assert min(taken) < 0.25


def crowd(count: int) -> tuple[Problem, dict[str, str]]:
    """Many people in groups of ten with all rules, in no particular order."""
    rng = random.Random(5)
    wide = count // 10
    people = tuple(
        Person(
            f"p{i:06}",
            {"a": rng.choice("abcdefghij"), "b": rng.choice("xyz"), "c": rng.choice("uvw")},
            blocked_coaches=frozenset({f"c{rng.randrange(wide)}"}) if i % 20 == 3 else frozenset(),
            slots=frozenset({"mon", "tue"}) if i % 3 else None,
        )
        for i in range(count)
    )
    problem = Problem(
        people,
        tuple(Group(f"g{g:05}", f"c{g}", slots=(("mon", "tue", "wed")[g % 3],)) for g in range(wide)),
        (
            Attribute("a", 4),
            Attribute("b", 4, not_alone=frozenset({"x"})),
            Attribute("c", 2),
            Attribute("ab", 1, ("a", "b")),
        ),
        cap=11,
        apart=tuple(Pair(f"p{i:06}", f"p{i + 1:06}") for i in range(0, count - 1, 50)),
        coaches=tuple(Coach(f"c{g}", minutes=4000) for g in range(wide)),
        minutes_per_person=210,
    )
    return problem, {f"p{i:06}": f"g{seat % wide:05}" for i, seat in enumerate(rng.sample(range(count), count))}
