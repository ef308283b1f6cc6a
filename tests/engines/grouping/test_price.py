"""What rules cost: the difference to the best score without them, proven where it can be."""

from dataclasses import replace

import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, BadProblem, Budget, Coach, Conflict, Group, Pair, Person, Problem
from tests.engines.grouping.cohorts import cohort_of_53

SIX = Problem(
    tuple(Person(f"p{i}", {"a": "xy"[i % 2]}) for i in range(6)),
    (Group("g", "gus"), Group("h", "hal")),
    (Attribute("a"),),
    cap=3,
)
PINNED_APART = replace(
    SIX,
    people=tuple(replace(one, pinned_group="g" if i in (0, 2, 4) else None) for i, one in enumerate(SIX.people)),
)


def by_key(prices: tuple[grouping.Price, ...]) -> list[tuple[str, float, str]]:
    return [(one.rule if isinstance(one.rule, str) else one.rule.key, one.points, one.proof) for one in prices]


def test_rules_cost_nothing_where_nobody_could_mix_better() -> None:
    problem = replace(SIX, apart=(Pair("p0", "p1"),))
    result = grouping.solve(problem)

    assert by_key(grouping.prices(problem, result)) == [
        ("rule_apart", 0.0, "closed_form"),
        ("rule_cap", 0.0, "closed_form"),
    ]


def test_a_rule_that_forces_a_bad_mix_has_its_price() -> None:
    problem = replace(SIX, together=(Pair("p0", "p2"), Pair("p2", "p4")))

    prices = grouping.prices(problem)

    # All x must share a group: D is 9, the bound 1, lots give 1.8. Without one of the pairs the bound is met.
    assert [(round(one.points), one.score_without, one.proof) for one in prices] == [
        (1000, 100.0, "cp_sat"),
        (1000, 100.0, "cp_sat"),
        (0, prices[2].score, "cp_sat"),
    ]


def test_each_of_three_pins_alone_is_worth_what_the_best_without_it_gives() -> None:
    prices = grouping.prices(PINNED_APART)

    assert [(item[0], round(item[1]), item[2]) for item in by_key(prices)] == [
        ("rule_pin", 1000, "cp_sat"),
        ("rule_pin", 1000, "cp_sat"),
        ("rule_pin", 1000, "cp_sat"),
        ("rule_cap", 0, "cp_sat"),
    ]


def test_the_price_of_one_rule_is_that_in_the_list() -> None:
    rule = grouping.rules_of(PINNED_APART)[0]

    assert grouping.price(PINNED_APART, rule) == grouping.prices(PINNED_APART)[0]


def test_all_rules_of_a_real_cohort_are_priced() -> None:
    problem = cohort_of_53(2)
    result = grouping.solve(problem)

    prices = grouping.prices(problem, result, budget=Budget(effort=2.0))

    assert [one.rule for one in prices] == list(grouping.rules_of(problem))
    assert all(one.points >= 0 and one.score == result.score for one in prices)


def test_every_kind_of_rule_is_listed_and_can_be_taken_away() -> None:
    problem = replace(
        SIX,
        people=(
            Person("p0", {"a": "x"}, opted_out=True),
            Person("p1", {"a": "y"}, pinned_group="g", blocked_coaches=frozenset({"hal"})),
            Person("p2", {"a": "x"}, slots=frozenset({"mon"})),
            *SIX.people[3:],
        ),
        groups=(Group("g", "gus", slots=("mon",)), Group("h", "hal", slots=("tue",))),
        attributes=(Attribute("a", not_alone=frozenset({"x"})),),
        minimum=2,
        apart=(Pair("p3", "p4"),),
        together=(Pair("p4", "p5"),),
        coaches=(Coach("gus", minutes=100), Coach("hal")),
    )

    rules = grouping.rules_of(problem)

    assert [rule if isinstance(rule, str) else rule.rule for rule in rules] == [
        "opt_out",
        "pin",
        "coach_conflict",
        "slot",
        "apart",
        "together",
        "cap",
        "minimum",
        "coach_minutes",
        "a=x",
    ]
    for rule in rules:
        assert len(grouping.rules_of(grouping.without(problem, rule))) == len(rules) - 1
        assert isinstance(rule, str) or grouping.say(rule).endswith(".")


@pytest.mark.parametrize("rule", ["a=x", Conflict("apart", "rule_apart", ("p0", "p1")), Conflict("moves", "x")])
def test_a_rule_the_problem_does_not_have_gets_a_sentence(rule: Conflict | str) -> None:
    with pytest.raises(BadProblem) as caught:
        grouping.price(SIX, rule)

    assert caught.value.key == "unknown_rule"
