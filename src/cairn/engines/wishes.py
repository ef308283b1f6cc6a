"""Whose wishes come true, where people ranked the groups they would like: as many and as high as the rules allow.

Each person's wish costs its place in their order, counted from 0; who gets none of theirs costs as much as there are
groups. The sum is least possible; between answers of the same sum lots decide, drawn from a seed. What comes out are
pins: everybody else, and who wished for nothing, is then placed for the mix by the grouping engine.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cairn.engines.grouping import Group, Person, Problem

if TYPE_CHECKING:
    from cairn.engines.grouping.proofs import cpsat

LOTS = 1_000
EFFORT, SECONDS = 30.0, 60.0
Places = Mapping[tuple[str, str], int]


def granted(problem: Problem, *, seats: int, seed: int) -> dict[str, str]:
    """Person id → group id of everybody whose wish comes true; nobody where the rules allow no grouping at all.

    `seats` are those of each group that may be given by wish; the others are left to the mix. Size limits, coaches,
    times, pins and pairs of the problem hold; its minutes are not looked at.
    """
    people = [each for each in problem.people if not each.opted_out]
    if not any(each.wishes for each in people) or not problem.groups:
        return {}
    from cairn.engines.grouping.proofs import cpsat  # the exact solver is large, and seldom needed

    model = cpsat.Model()
    places = {
        (each.id, group.id): model.boolean() for each in people for group in problem.groups if _may_sit(each, group)
    }
    given = {
        (each.id, group): model.boolean()
        for each in people
        for group in dict.fromkeys(each.wishes)
        if (each.id, group) in places and each.pinned_group is None
    }
    if not _keep_rules(model, problem, people, places):
        return {}
    _keep_seats(model, problem, given, places, seats)
    model.minimise(_cost(people, given, len(problem.groups), random.Random(seed)))  # noqa: S311  lots, drawn again at will
    answer = model.solve(effort=EFFORT, seconds=SECONDS, seed=seed)
    return {who: group for (who, group), literal in given.items() if answer.found and answer.values[literal]}


def _may_sit(person: Person, group: Group) -> bool:
    if person.pinned_group is not None:
        return person.pinned_group == group.id
    in_time = person.slots is None or not group.slots or bool(person.slots & set(group.slots))
    return in_time and group.coach not in person.blocked_coaches


def _keep_rules(model: cpsat.Model, problem: Problem, people: Sequence[Person], places: Places) -> bool:
    """One place each, sizes within limits, pairs. False when somebody has no place at all."""
    for each in people:
        own = [places[each.id, group.id] for group in problem.groups if (each.id, group.id) in places]
        if not own:
            return False
        model.exactly_one(own)
    for group in problem.groups:
        here = [(places[each.id, group.id], 1) for each in people if (each.id, group.id) in places]
        least, most = group.minimum or problem.minimum or 0, group.cap or problem.cap or len(people)
        model.between(here, least, most)
    there = {each.id for each in people}
    for pairs, apart in ((problem.apart, True), (problem.together, False)):
        for a, b in ((pair.a, pair.b) for pair in pairs if {pair.a, pair.b} <= there):
            for group in problem.groups:
                both = [places[who, group.id] for who in (a, b) if (who, group.id) in places]
                if apart:
                    model.at_most_one(both)
                elif len(both) == 2:
                    model.between([(both[0], 1), (both[1], -1)], 0, 0)
                else:
                    model.between([(literal, 1) for literal in both], 0, 0)
    return True


def _keep_seats(model: cpsat.Model, problem: Problem, given: Places, places: Places, seats: int) -> None:
    """A wish that comes true is a place; only so many seats of a group go by wish, pinned ones among them."""
    pinned = [each.pinned_group for each in problem.people if not each.opted_out]
    for key, literal in given.items():
        model.between([(places[key], 1), (literal, -1)], 0, 1)
    for group in problem.groups:
        here = [(literal, 1) for (_who, key), literal in given.items() if key == group.id]
        model.between(here, 0, max(0, seats - pinned.count(group.id)))


def _cost(people: Sequence[Person], given: Places, groups: int, draw: random.Random) -> list[tuple[int, int]]:
    """What a wish that comes true saves, as a cost that is never negative in sum: the solver minimises."""
    scale = LOTS * (len(people) + 1)
    terms = []
    for each in sorted(people, key=lambda person: person.id):
        for place, group in enumerate(dict.fromkeys(each.wishes)):
            lot = draw.randrange(LOTS)
            if (each.id, group) in given:
                terms.append((given[each.id, group], (place - groups) * scale + lot))
    return terms
