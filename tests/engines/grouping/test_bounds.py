"""Every bound is compared with the best of all assignments where these can be counted out."""

import itertools
import random
from collections.abc import Iterator, Sequence

import numpy as np

from cairn.engines.grouping import Attribute, Group, Pair, Person, Problem
from cairn.engines.grouping.figures import aims, measure, transport
from cairn.engines.grouping.problem.indexed import index
from cairn.engines.grouping.proofs import shares


def sizes_of(rng: random.Random, most: int) -> list[int]:
    return [rng.randint(1, most) for _ in range(rng.randint(1, 4))]


def kinds_of(sizes: Sequence[int]) -> list[tuple[int, int]]:
    return [(size, list(sizes).count(size)) for size in sorted(set(sizes))]


def parts(total: int, many: int) -> Iterator[tuple[int, ...]]:
    """All ways to write a total as so many numbers."""
    if many == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in parts(total - first, many - 1))


def test_the_bound_with_nobody_alone_is_the_least_without_a_count_of_one() -> None:
    rng = random.Random(1)
    for _ in range(150):
        sizes = sizes_of(rng, 5)
        n, total = sum(sizes), rng.randint(2, max(2, sum(sizes)))
        ways = itertools.product(*(range(size + 1) for size in sizes))
        costs = [
            sum((n * count - size * total) ** 2 for count, size in zip(counts, sizes, strict=True))
            for counts in ways
            if sum(counts) == total and 1 not in counts
        ]

        bound = aims.value_bound(n, total, kinds_of(sizes))

        assert bound == min(costs, default=bound)


def test_values_that_share_seats_cost_what_the_best_table_costs() -> None:
    rng = random.Random(2)
    for _ in range(60):
        sizes, values = sizes_of(rng, 4)[:3], rng.randint(1, 3)
        n = sum(sizes)
        said = [rng.randrange(values + 1) for _ in range(n)]
        totals = [said.count(v) for v in range(values)]
        tables = itertools.product(*(list(parts(size, values + 1)) for size in sizes))
        costs = [
            sum(
                n * row[v] ** 2 - 2 * s * totals[v] * row[v]
                for s, row in zip(sizes, rows, strict=True)
                for v in range(values)
            )
            for rows in tables
            if all(sum(row[v] for row in rows) == totals[v] for v in range(values))
        ]

        assert transport.least(n, totals, kinds_of(sizes)).cost == min(costs)


def test_no_assignment_undercuts_the_bound_of_shares() -> None:
    rng = random.Random(3)
    for _ in range(15):
        ids = [f"p{i}" for i in range(rng.randint(4, 7))]
        people = tuple(Person(i, {key: rng.choice(["x", "y", "z", None]) for key in "ab"}) for i in ids)
        problem = Problem(
            people,
            tuple(Group(f"g{g}", "c") for g in range(rng.choice([2, 3]))),
            (Attribute("a", 2), Attribute("b"), Attribute("ab", 1, of=("a", "b"))),
            together=(Pair("p0", "p1"),),
        )
        ix, least = index(problem), {}
        for places in itertools.product(range(len(problem.groups)), repeat=len(ids)):
            if places[0] == places[1]:
                counted = measure.count(ix, np.array(places, dtype=np.int32))
                key = tuple(sorted(counted.sizes.tolist()))
                least[key] = min(least.get(key, 10**18), measure.scaled_objective_of(ix, counted))

        for sizes, best in least.items():
            assert shares.share_out(ix, sizes, seconds=5.0, seed=0).scaled <= best
            assert aims.scaled_bound(ix, sizes, nobody_alone=False) <= best
