"""Proof by whole groups: the excess of groups adds up to D above the bound, and "no" is never said wrongly."""

import random
from collections.abc import Iterator
from itertools import combinations

import pytest

from cairn.engines.grouping import Attribute, Group, Pair, Person, Problem
from cairn.engines.grouping.figures import measure
from cairn.engines.grouping.listing.wholes import Wholes
from cairn.engines.grouping.problem.indexed import Indexed, index


def cohort(seed: int, people: int, groups: int, *, values: int = 3, attributes: int = 4) -> Indexed:
    rng = random.Random(seed)
    cast = tuple(
        Person(f"p{i}", {f"a{a}": rng.choice("abcdef"[:values]) for a in range(attributes)}) for i in range(people)
    )
    weights = tuple(Attribute(f"a{a}", rng.randint(1, 3)) for a in range(attributes))
    apart = (Pair("p0", "p1"),)
    return index(Problem(cast, tuple(Group(f"g{g}", f"c{g}") for g in range(groups)), weights, apart=apart))


def partitions(people: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    if not sizes:
        yield []
        return
    for first in combinations(people, sizes[0]):
        rest = tuple(i for i in people if i not in first)
        for others in partitions(rest, sizes[1:]):
            yield [first, *others]


def seated(groups: list[tuple[int, ...]], count: int) -> list[int]:
    places = [-1] * count
    for g, people in enumerate(groups):
        for i in people:
            places[i] = g
    return places


@pytest.mark.parametrize("sizes", [(3, 3, 3), (3, 3, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(6))
def test_the_proof_by_whole_groups_ends_at_the_optimum_found_by_trying_everything(
    seed: int, sizes: tuple[int, ...]
) -> None:
    ix = cohort(seed, sum(sizes), len(sizes))
    everything = [seated(groups, sum(sizes)) for groups in partitions(tuple(range(sum(sizes))), sizes)]
    allowed = [places for places in everything if all(places[i] != places[j] for i, j in ix.apart)]
    costs = [measure.scaled_objective(ix, measure.tally(ix, places)) for places in allowed]
    worst = allowed[costs.index(max(costs))]

    standing = Wholes(ix, worst, seed=1, late=lambda: False).prove(10_000_000)

    assert (standing.scaled, standing.bound, standing.exhausted) == (min(costs), min(costs), True)
    assert measure.scaled_objective(ix, measure.tally(ix, standing.places)) == min(costs)


def test_the_excesses_of_all_groups_add_up_to_what_d_is_above_the_bound() -> None:
    ix = cohort(3, 23, 4, values=5)
    places = [i % 4 for i in range(23)]

    standing = Wholes(ix, places, seed=1, late=lambda: False).standing(0)

    assert standing.scaled == measure.scaled_objective(ix, measure.tally(ix, places))


def test_seating_a_few_groups_anew_makes_a_bad_start_better() -> None:
    ix = cohort(4, 48, 8, values=4, attributes=5)
    places = [i % 8 for i in range(48)]
    places[0], places[1] = 0, 1

    standing = Wholes(ix, places, seed=1, late=lambda: False).improve(1_000_000)

    assert standing.scaled < measure.scaled_objective(ix, measure.tally(ix, places))
    assert sorted(map(standing.places.count, range(8))) == [6] * 8
    assert standing.places[0] != standing.places[1]


def test_annealing_keeps_sizes_and_pairs_and_tells_the_truth_about_d() -> None:
    ix = cohort(5, 47, 6, values=5, attributes=6)
    places = [i % 6 for i in range(47)]
    whole = Wholes(ix, places, seed=1, late=lambda: False)

    standing = whole.shake(300_000)

    assert standing.scaled == measure.scaled_objective(ix, measure.tally(ix, standing.places))
    assert standing.scaled < measure.scaled_objective(ix, measure.tally(ix, places))
    assert [standing.places.count(g) for g in range(6)] == [places.count(g) for g in range(6)]
    assert all(standing.places[i] != standing.places[j] for i, j in ix.apart)


def test_the_same_seed_gives_the_same_places() -> None:
    ix = cohort(6, 45, 5, values=5, attributes=7)
    places = [i % 5 for i in range(45)]

    found = [Wholes(ix, places, seed=3, late=lambda: False).refine(100_000).places for _ in range(2)]

    assert found[0] == found[1]
