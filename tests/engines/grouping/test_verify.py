"""The second reckoning: it confirms true answers of every kind, and finds each false one."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cairn.engines import grouping
from cairn.engines.grouping.checking.recount import least_error, least_without_alone

GENDERS, FIELDS = ("woman", "man", "another"), ("history", "physics", "law", "music")


def everything() -> grouping.Problem:
    """Twelve people, three groups, and one of each rule."""
    people = tuple(
        grouping.Person(
            f"p{i:02}",
            {"gender": GENDERS[i % 3 if i != 9 else 0], "field": FIELDS[i % 4]},
            opted_out=i == 11,
            blocked_coaches=frozenset({"ann"}) if i == 3 else frozenset(),
            pinned_group="g1" if i == 0 else None,
            slots=frozenset({"mon", "tue"}) if i == 5 else None,
            styles=frozenset({"quiet"}) if i < 4 else frozenset(),
        )
        for i in range(12)
    )
    return grouping.Problem(
        people=people,
        groups=(
            grouping.Group("g1", "ann", slots=("mon",)),
            grouping.Group("g2", "bob", slots=("tue",)),
            grouping.Group("g3", "cyd", slots=("wed",)),
        ),
        attributes=(
            grouping.Attribute("gender", 2, not_alone=frozenset({"*"})),
            grouping.Attribute("field"),
            grouping.Attribute("both", of=("gender", "field")),
        ),
        cap=4,
        minimum=3,
        apart=(grouping.Pair("p01", "p02"),),
        together=(grouping.Pair("p06", "p07"),),
        met=(grouping.Pair("p00", "p04"),),
        minutes_per_person=10,
        minutes_per_opt_out=50,
        minutes_per_group=100,
        coaches=(
            grouping.Coach("ann", minutes=140, slots=frozenset({"mon"}), styles=frozenset({"quiet"}), most_groups=1),
            grouping.Coach("bob", minutes=190),
            grouping.Coach("cyd"),
        ),
    )


@pytest.fixture(scope="module")
def answer() -> tuple[grouping.Problem, grouping.Result]:
    problem = everything()
    return problem, grouping.solve(problem, seed=1)


def test_true_answer_with_every_rule_is_confirmed(answer: tuple[grouping.Problem, grouping.Result]) -> None:
    problem, result = answer
    assert grouping.verify(problem, result) == grouping.Verification(
        True, (), result.D, result.bound, result.baseline, result.score, 100.0 - result.score
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"D": Fraction(0)}, "D is "),
        ({"baseline": Fraction(1)}, "baseline is "),
        ({"gap": -1.0}, "gap is "),
        ({"slots": {"g1": "mon", "g2": "tue", "g3": "tue"}}, "g3 meets at tue, which is none of its times"),
        ({"coaches": {"g1": "cyd"}}, "g1 has a coach of its own, but was given another"),
        ({"alone": (grouping.Alone("gender", "woman", "g9"),)}, "the people alone of a value are not"),
    ],
)
def test_false_claim_is_found(
    answer: tuple[grouping.Problem, grouping.Result], change: dict[str, Any], said: str
) -> None:
    problem, result = answer
    faults = grouping.verify(problem, replace(result, **change)).violations
    assert [fault for fault in faults if fault.startswith(said)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cap": 3}, "over the cap of 3"),
        ({"minimum": 4}, "under the minimum of 4"),
        ({"minutes_per_group": 101}, "of 140 minutes"),
        ({"apart": (grouping.Pair("p06", "p07"),)}, "p06 and p07 share"),
        ({"together": (grouping.Pair("p01", "p02"),)}, "p01 and p02 are not together"),
    ],
)
def test_broken_rule_is_found(
    answer: tuple[grouping.Problem, grouping.Result], change: dict[str, Any], said: str
) -> None:
    problem, result = answer
    faults = grouping.verify(replace(problem, **change), result).violations
    assert [fault for fault in faults if said in fault]


def test_rules_of_one_person_are_found(answer: tuple[grouping.Problem, grouping.Result]) -> None:
    problem, result = answer
    first = problem.people[0]
    spoilt = replace(
        first, blocked_coaches=frozenset({"ann"}), slots=frozenset({"tue"}), pinned_group="g2", opted_out=False
    )
    faults = grouping.verify(replace(problem, people=(spoilt, *problem.people[1:])), result).violations
    assert [fault for fault in faults if fault.startswith("p00")] == [
        "p00 has no coach they may have",
        "p00 is pinned to g2",
        "p00 cannot come to mon",
    ]


def test_bound_with_nobody_alone_agrees_with_trying_everything() -> None:
    for sizes in ((4, 4, 4), (5, 4, 3), (2, 2, 1), (6, 3)):
        people = sum(sizes)
        for total in range(2, people + 1):
            wanted = _by_trying(sizes, total, people)
            kinds = {size: sizes.count(size) for size in sizes}
            assert least_without_alone(kinds, total) == wanted
            assert least_error(kinds, total) <= (people**2 if wanted is None else wanted)


def _by_trying(sizes: tuple[int, ...], total: int, people: int) -> Fraction | None:
    found: list[Fraction] = []

    def fill(at: int, left: int, error: Fraction) -> None:
        if at == len(sizes):
            found.extend([error] if left == 0 else [])
            return
        for count in range(min(left, sizes[at]) + 1):
            if count != 1:
                fill(at + 1, left - count, error + (count - Fraction(sizes[at] * total, people)) ** 2)

    fill(0, total, Fraction(0))
    return min(found, default=None)
