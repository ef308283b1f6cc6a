"""Goals in their order, against the optimum found by trying every assignment."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, Coach, Group, Pair, Person, Problem
from cairn.engines.grouping.figures import goals, measure
from cairn.engines.grouping.problem.indexed import Indexed, index
from cairn.engines.grouping.proofs.ladder import Ladder


def small(seed: int, order: Sequence[grouping.Goal]) -> Indexed:
    rng = random.Random(seed)
    people = tuple(
        Person(
            f"p{i}",
            {"a": rng.choice("xyz"), "b": rng.choice("uv")},
            styles=frozenset(rng.choice(["", "brisk", "calm"]).split()),
        )
        for i in range(8)
    )
    pairs = {tuple(sorted(rng.sample(range(8), 2))) for _ in range(4)}
    return index(
        Problem(
            people,
            tuple(Group(f"g{g}", f"c{g}") for g in range(3)),
            (Attribute("a", 2, not_alone=frozenset("xy")), Attribute("b"), Attribute("c", of=("a", "b"))),
            coaches=tuple(Coach(f"c{g}", styles=frozenset({("brisk", "calm", "quiet")[g]})) for g in range(3)),
            met=tuple(Pair(f"p{i}", f"p{j}") for i, j in sorted(pairs)),
            goals=tuple(order),
        )
    )


def everything(ix: Indexed) -> list[dict[str, int]]:
    """What each assignment to groups of 3, 3 and 2 is worth, for every way to seat eight people."""
    found = []
    for seats in sorted(set(permutations((0, 0, 0, 1, 1, 1, 2, 2)))) + sorted(
        set(permutations((0, 0, 0, 1, 1, 2, 2, 2))) | set(permutations((0, 0, 1, 1, 1, 2, 2, 2)))
    ):
        places = np.array(seats, dtype=np.int32)
        counted = measure.count(ix, places)
        found.append(
            {
                "mix": measure.scaled_objective_of(ix, counted),
                "isolation": goals.alone(ix, counted),
                "meetings": goals.meetings(ix, places),
                "style": goals.unstyled(ix, places),
            }
        )
    return found


@pytest.mark.parametrize(
    "order",
    [
        ("isolation", "mix", "meetings", "style"),
        ("mix", "isolation", "style", "meetings"),
        ("style", "meetings", "mix"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_goal_is_met_as_far_as_those_before_it_allow(seed: int, order: tuple[grouping.Goal, ...]) -> None:
    ix = small(seed, order)
    worths = [tuple(worth[goal] for goal in order) for worth in everything(ix)]

    reached = Ladder(ix, [0, 1, 2, 0, 1, 2, 0, 1], [], seed=1).climb(effort=5.0, seconds=20.0)

    places = np.array(reached.places, dtype=np.int32)
    counted = measure.count(ix, places)
    have = {
        "mix": measure.scaled_objective_of(ix, counted),
        "isolation": goals.alone(ix, counted),
        "meetings": goals.meetings(ix, places),
        "style": goals.unstyled(ix, places),
    }
    assert tuple(have[goal] for goal in order) == min(worths)
    assert reached.exhausted
    assert all(Fraction(have[goal]) == bound for goal, bound in reached.proven.items())
