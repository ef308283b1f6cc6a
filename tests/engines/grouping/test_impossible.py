"""Bad input gets a sentence; rules that cannot hold are named with the people they concern."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, BadProblem, Coach, Group, Infeasible, Pair, Person, Problem

ANN, BEN, CAT, DAN = (Person(name, {"a": name[0]}) for name in ("ann", "ben", "cat", "dan"))
FOUR = Problem((ANN, BEN, CAT, DAN), (Group("g", "gus"), Group("h", "hal")), (Attribute("a"),))


def conflicts_of(problem: Problem) -> list[tuple[str, str, tuple[str, ...]]]:
    with pytest.raises(Infeasible) as caught:
        grouping.solve(problem)
    return [(conflict.rule, conflict.key, conflict.people) for conflict in caught.value.conflicts]


def with_people(*people: Person, **rules: object) -> Problem:
    return replace(FOUR, people=people, **rules)


@pytest.mark.parametrize(
    ("problem", "key"),
    [
        (replace(FOUR, people=()), "no_people"),
        (replace(FOUR, groups=()), "no_groups"),
        (with_people(ANN, ANN), "duplicate_person"),
        (replace(FOUR, groups=(Group("g", "gus"), Group("g", "hal"))), "duplicate_group"),
        (replace(FOUR, attributes=(Attribute("a"), Attribute("a"))), "duplicate_attribute"),
        (replace(FOUR, attributes=(Attribute("a", -1),)), "bad_weight"),
        (replace(FOUR, attributes=(Attribute("a", 1.5),)), "bad_weight"),
        (replace(FOUR, attributes=(Attribute("a", float("nan")),)), "bad_weight"),
        (replace(FOUR, attributes=(Attribute("a", 1001),)), "bad_weight"),
        (replace(FOUR, cap=-1), "bad_limit"),
        (replace(FOUR, minimum="two"), "bad_limit"),
        (replace(FOUR, coaches=(Coach("gus", minutes=-5),)), "bad_limit"),
        (with_people(Person("x", {"a": 3})), "bad_value"),
        (replace(FOUR, apart=(Pair("ann", "zoe"),)), "unknown_person"),
        (with_people(replace(ANN, pinned_group="k")), "unknown_group"),
        (replace(FOUR, together=(Pair("ann", "ann"),)), "self_pair"),
        (replace(FOUR, apart=(Pair("ann", "ben"),), together=(Pair("ben", "ann"),)), "contradictory_pair"),
    ],
)
def test_input_that_makes_no_sense_gets_a_sentence(problem: Problem, key: str) -> None:
    with pytest.raises(BadProblem) as caught:
        grouping.solve(problem)

    assert caught.value.key == key
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (replace(FOUR, cap=1), ("cap", "too_many_people", ("ann", "ben", "cat", "dan"))),
        (replace(FOUR, minimum=3), ("minimum", "too_few_people", ())),
        (
            with_people(replace(ANN, blocked_coaches=frozenset({"gus", "hal"})), BEN),
            ("coach_conflict", "no_coach_left", ("ann",)),
        ),
        (
            with_people(BEN, replace(ANN, opted_out=True, blocked_coaches=frozenset({"gus", "hal"}))),
            ("coach_conflict", "no_coach_for_opt_out", ("ann",)),
        ),
        (
            with_people(replace(ANN, blocked_coaches=frozenset({"gus"}), pinned_group="g"), BEN),
            ("pin", "pin_against_coach", ("ann",)),
        ),
        (with_people(replace(ANN, opted_out=True, pinned_group="g"), BEN), ("pin", "pin_opted_out", ("ann",))),
        (
            with_people(replace(ANN, pinned_group="g"), replace(BEN, pinned_group="g"), cap=1),
            ("pin", "pins_over_cap", ("ann", "ben")),
        ),
        (
            with_people(
                replace(ANN, pinned_group="g"), replace(BEN, pinned_group="g"), CAT, apart=(Pair("ben", "ann"),)
            ),
            ("pin", "pins_join_apart", ("ann", "ben")),
        ),
        (
            with_people(
                replace(ANN, pinned_group="g"), replace(BEN, pinned_group="h"), CAT, together=(Pair("ann", "ben"),)
            ),
            ("pin", "pins_split_together", ("ann", "ben")),
        ),
        (
            replace(FOUR, together=(Pair("ann", "ben"), Pair("ben", "cat")), cap=2),
            ("together", "block_over_cap", ("ann", "ben", "cat")),
        ),
        (
            replace(FOUR, together=(Pair("ann", "ben"), Pair("ben", "cat")), apart=(Pair("ann", "cat"),)),
            ("apart", "block_apart", ("ann", "cat")),
        ),
        (
            with_people(
                replace(ANN, blocked_coaches=frozenset({"gus"})),
                replace(BEN, blocked_coaches=frozenset({"hal"})),
                together=(Pair("ann", "ben"),),
            ),
            ("together", "block_no_group", ("ann", "ben")),
        ),
        (
            with_people(replace(ANN, opted_out=True), BEN, CAT, together=(Pair("ann", "ben"),)),
            ("together", "together_opted_out", ("ann", "ben")),
        ),
        (
            replace(FOUR, apart=(Pair("ann", "ben"), Pair("ben", "cat"), Pair("ann", "cat"))),
            ("apart", "apart_over_groups", ("ann", "ben", "cat")),
        ),
        (
            replace(FOUR, coaches=(Coach("gus", minutes=9),), minutes_per_group=10),
            ("coach_minutes", "coach_over_minutes", ()),
        ),
        (
            replace(FOUR, coaches=(Coach("gus", minutes=10), Coach("hal", minutes=10)), minutes_per_person=10),
            ("coach_minutes", "minutes_short", ()),
        ),
    ],
)
def test_a_rule_that_cannot_hold_is_named_before_any_search(
    problem: Problem, expected: tuple[str, str, tuple[str, ...]]
) -> None:
    assert conflicts_of(problem) == [expected]


def test_rules_that_clash_only_jointly_are_reduced_to_the_few_that_matter() -> None:
    # Cat and dan cannot both be kept from gus when h is full with ben: three people for one place of two.
    kept_from_gus = frozenset({"gus"})
    problem = with_people(
        ANN,
        replace(BEN, pinned_group="h"),
        replace(CAT, blocked_coaches=kept_from_gus),
        replace(DAN, blocked_coaches=kept_from_gus),
        cap=2,
        apart=(Pair("ann", "ben"),),
    )

    with pytest.raises(Infeasible) as caught:
        grouping.solve(problem)

    assert caught.value.jointly
    assert [(conflict.rule, conflict.people) for conflict in caught.value.conflicts] == [
        ("cap", ()),
        ("pin", ("ben",)),
        ("coach_conflict", ("cat",)),
        ("coach_conflict", ("dan",)),
    ]


@pytest.mark.parametrize(
    "relax",
    [
        lambda p: replace(p, cap=3),
        lambda p: replace(p, people=tuple(replace(person, pinned_group=None) for person in p.people)),
        lambda p: replace(
            p,
            people=tuple(
                replace(person, blocked_coaches=frozenset() if person.id == "cat" else person.blocked_coaches)
                for person in p.people
            ),
        ),
    ],
)
def test_relaxing_any_one_rule_of_a_joint_conflict_makes_it_possible(relax: Callable[[Problem], Problem]) -> None:
    kept_from_gus = frozenset({"gus"})
    problem = with_people(
        ANN,
        replace(BEN, pinned_group="h"),
        replace(CAT, blocked_coaches=kept_from_gus),
        replace(DAN, blocked_coaches=kept_from_gus),
        cap=2,
    )

    assert grouping.solve(relax(problem)).violations == ()


def test_a_ring_of_pairs_apart_that_no_two_groups_can_hold_is_found() -> None:
    ids = [f"p{i}" for i in range(5)]
    ring = tuple(Pair(ids[i], ids[(i + 1) % 5]) for i in range(5))
    problem = Problem(tuple(Person(person) for person in ids), FOUR.groups, apart=ring)

    assert [rule for rule, _, _ in conflicts_of(problem)] == ["apart"] * 5


def test_minutes_that_no_split_of_people_can_meet_name_the_coaches() -> None:
    problem = replace(FOUR, coaches=(Coach("gus", minutes=15), Coach("hal", minutes=25)), minutes_per_person=10)

    assert {(rule, key) for rule, key, _ in conflicts_of(problem)} == {("coach_minutes", "rule_coach_minutes")}


def test_names_replace_ids_in_the_sentence_and_the_remedy_is_said() -> None:
    problem = with_people(replace(ANN, blocked_coaches=frozenset({"gus", "hal"})), BEN)
    with pytest.raises(Infeasible) as caught:
        grouping.solve(problem)
    conflict = caught.value.conflicts[0]

    sentence = grouping.say(conflict, name=str.title)

    assert sentence == "Ann cannot be placed: there is a conflict with the coach of every group."
    assert grouping.say_remedy(conflict).startswith("Engage another coach")
