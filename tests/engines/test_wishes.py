"""Wishes come true as far as the rules allow; checked against every assignment of small groups."""

import itertools
import random

import pytest

from cairn.engines import wishes
from cairn.engines.grouping import Group, Pair, Person, Problem


def problem(people, groups=("a", "b"), **rules):
    given = {"cap": 2, "minimum": 1, "mode": "self_chosen", **rules}
    return Problem(people=tuple(people), groups=tuple(Group(each, coach=f"c{each}") for each in groups), **given)


def person(name, *wished, **fields):
    return Person(name, wishes=wished, **fields)


def granted(asked, seats=2, seed=0):
    return wishes.granted(asked, seats=seats, seed=seed)


def test_whoever_wishes_for_what_is_free_gets_it():
    asked = problem([person("p", "a"), person("q", "b", "a"), person("r")])
    assert granted(asked) == {"p": "a", "q": "b"}


def test_of_three_for_two_seats_lots_decide_and_each_has_a_chance():
    asked = problem([person(name, "a", "b") for name in "pqr"])
    left = {next(who for who, group in granted(asked, seed=seed).items() if group == "b") for seed in range(30)}
    assert left == {"p", "q", "r"}
    assert granted(asked, seed=7) == granted(asked, seed=7)


def test_seats_that_are_held_back_are_not_given_by_wish():
    asked = problem([person("p", "a"), person("q", "a")])
    assert len(granted(asked, seats=1)) == 1


def test_a_pinned_person_takes_a_seat_and_is_not_asked():
    asked = problem([person("p", "b", pinned_group="a"), person("q", "a"), person("r", "a")])
    assert len(granted(asked)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"apart": (Pair("p", "q"),)},
        {"minimum": 2, "cap": 2},
    ],
)
def test_rules_come_before_wishes(rule):
    asked = problem([person("p", "a"), person("q", "a"), person("r"), person("s", "a")], **rule)
    found = granted(asked)
    assert set(found.values()) == {"a"}
    assert not {"p", "q"} <= found.keys() or "apart" not in rule


def test_people_who_belong_together_get_one_group():
    asked = problem([person("p", "a"), person("q", "b", "a"), person("r")], together=(Pair("p", "q"),))
    assert set(granted(asked).values()) == {"a"}


def test_a_blocked_coach_and_an_impossible_time_are_no_wish():
    asked = Problem(
        people=(
            person("p", "a", "b", blocked_coaches=frozenset({"ca"})),
            person("q", "b", "a", slots=frozenset({"monday"})),
        ),
        groups=(Group("a", "ca", slots=("monday",)), Group("b", "cb", slots=("friday",))),
        cap=2,
        mode="self_chosen",
    )
    assert granted(asked) == {"p": "b", "q": "a"}


def test_where_no_grouping_is_possible_nobody_is_promised_anything():
    assert granted(problem([person(name, "a") for name in "pqrst"])) == {}


def test_nobody_wishes_for_anything():
    assert granted(problem([person("p"), person("q")])) == {}


@pytest.mark.parametrize("seed", range(25))
def test_no_assignment_costs_less(seed):
    draw = random.Random(seed)
    groups = ("a", "b", "c")
    people = [person(f"p{n}", *draw.sample(groups, draw.randint(0, 3))) for n in range(6)]
    apart = tuple(Pair(*pair) for pair in [draw.sample([each.id for each in people], 2)] if draw.random() < 0.6)
    asked = problem(people, groups, cap=3, minimum=1, apart=apart)

    found = granted(asked, seats=2, seed=seed)

    assert _cost(people, found, 3) == min(_cost(people, each, 3) for each in _every(people, groups, apart))


def _cost(people, found, most):
    return sum(each.wishes.index(found[each.id]) if each.id in found else most for each in people if each.wishes)


def _every(people, groups, apart):
    """What can be granted: in every grouping within the rules, two of each group who wished for it at most."""
    for seats in itertools.product(groups, repeat=len(people)):
        sits = dict(zip((each.id for each in people), seats, strict=True))
        sizes = [seats.count(group) for group in groups]
        if max(sizes) > 3 or min(sizes) < 1 or any(sits[pair.a] == sits[pair.b] for pair in apart):
            continue
        wished = [(each, sits[each.id]) for each in people if sits[each.id] in each.wishes]
        ranked = sorted(wished, key=lambda pair: pair[0].wishes.index(pair[1]))
        taken, given = dict.fromkeys(groups, 0), {}
        for each, group in ranked:
            if taken[group] < 2:
                taken[group] += 1
                given[each.id] = group
        yield given
