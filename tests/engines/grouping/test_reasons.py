"""Explanations in words: cells that somebody helps or not, alternatives with their points, and what is forbidden."""

from dataclasses import replace

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, Group, Person, Problem

SIX = Problem(
    tuple(Person(f"p{i}", {"a": "xy"[i % 2]}) for i in range(6)),
    (Group("g", "gus"), Group("h", "hal")),
    (Attribute("a"),),
    cap=3,
)
SPLIT = {"p0": "g", "p2": "g", "p4": "g", "p1": "h", "p3": "h", "p5": "h"}
MIXED = {"p0": "g", "p1": "g", "p2": "g", "p3": "h", "p4": "h", "p5": "h"}


def said(problem: Problem, assignment: dict[str, str], person: str) -> list[str]:
    names = {"x": "biology", "a": "field", "p0": "Ama", "g": "group 1", "h": "group 2"}
    explanation = grouping.explain(problem, assignment, person)
    return [
        grouping.say_reason(reason, name=lambda item: names.get(item, item)) for reason in grouping.reasons(explanation)
    ]


def test_a_badly_placed_person_is_told_what_would_be_better() -> None:
    assert said(SIX, SPLIT, "p0") == [
        "With Ama, group 1 has 3 of biology (field), and the fair share is 1.5: without, it would be nearer.",
        "Trading places with p1 in group 2 would gain 1000 points.",
    ]


def test_a_well_placed_person_is_told_that_nothing_is_better() -> None:
    assert said(SIX, MIXED, "p0") == [
        "With Ama, group 1 has 2 of biology (field), and the fair share is 1.5: without, it would be as far off.",
        "No permitted move or swap of Ama would mix the groups better.",
    ]


def test_a_pin_is_the_first_reason() -> None:
    problem = replace(SIX, people=(replace(SIX.people[0], pinned_group="g"), *SIX.people[1:]))

    assert said(problem, SPLIT, "p0")[0] == "Ama is pinned to group 1."


def test_a_value_that_is_short_in_the_group_is_helped() -> None:
    (reason, _) = grouping.reasons(grouping.explain(SIX, MIXED, "p1"))

    assert (reason.key, dict(reason.numbers)) == ("here_helps", {"count": 1, "target": 1.5})


def test_every_alternative_says_what_it_brings() -> None:
    problem = replace(SIX, cap=None, attributes=(Attribute("a", not_alone=frozenset({"x"})),))
    (option,) = grouping.options(problem, SPLIT, "p0")

    sentences = [grouping.say_reason(reason) for reason in grouping.option_reasons(option, "p0")]

    assert sentences == [
        f"Moving to h would gain {option.change:g} points.",
        "1 more would be the only one of their value in a group.",
        "Trading places with p1 in h would gain 1000 points.",
        "1 more would be the only one of their value in a group.",
    ]


def test_a_swap_between_people_alike_costs_nothing() -> None:
    (option,) = grouping.options(SIX, MIXED, "p0")

    (reason,) = grouping.option_reasons(option, "p0")

    assert grouping.say_reason(reason) == "Trading places with p3 in h would cost nothing."


def test_a_group_without_a_partner_says_so() -> None:
    people = (*SIX.people[:3], *(replace(one, pinned_group="h") for one in SIX.people[3:]))
    (option,) = grouping.options(replace(SIX, people=people), MIXED, "p0")

    sentences = [grouping.say_reason(reason) for reason in grouping.option_reasons(option, "p0")]

    assert sentences == ["Nobody in h may trade places with p0."]
    assert [grouping.say(item) for item in option.blocked] == ["h would hold 4 people, and the cap is 3."]
