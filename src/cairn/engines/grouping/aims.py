"""What the counts of a value should be: limits for single groups, and the bound when nobody may be alone of a value.

With n people, N of a value and a group of size s, the part of n*D that depends on the count c is f(c) = n*c^2 - 2sNc.
The step from k to k + 1 costs n*(2k + 1) - 2sN. Taking the N cheapest steps of all groups gives the least sum; the
price of the last one (the multiplier of "counts add up to N", as in Lagrange relaxation) tells for every group by
itself which counts are without excess. Where one person alone is not allowed, the first two steps become one double
step at their mean price: the lower convex envelope of f without 1.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.indexed import Indexed

Kinds = Sequence[tuple[int, int]]
"""Group sizes with how many groups have them."""

MOST_SPLITS = 20_000


def shy(ix: Indexed, widest: int) -> list[list[bool]]:
    """Values of which a group should not hold one alone, as far as this can be helped at all."""
    asked = "isolation" in ix.problem.goals
    return [
        [asked and code in alone and total > 1 and widest > 1 for code, total in enumerate(totals)]
        for alone, totals in zip(ix.alone, ix.totals, strict=True)
    ]


def comes_first(ix: Indexed) -> bool:
    """Whether nobody being alone counts for more than mix."""
    order = ix.problem.goals
    return "isolation" in order and ("mix" not in order or order.index("isolation") < order.index("mix"))


def steps_within(n: int, total: int, size: int, price: int, alone: bool) -> int:
    """The largest count in a group of this size all of whose steps cost no more than `price`."""
    count = min(max((price + 2 * size * total - n) // (2 * n) + 1, 0), size)
    if alone:
        return max(count, 2) if size > 1 and price >= 2 * n - 2 * size * total else 0
    return count


def last_price(n: int, total: int, kinds: Kinds, alone: bool) -> int:
    """The price of the dearest of the `total` cheapest steps."""
    widest = max(size for size, _ in kinds)
    below, enough = -2 * widest * total - 2 * n, n * (2 * widest + 2)
    while enough - below > 1:
        middle = (below + enough) // 2
        if sum(times * steps_within(n, total, size, middle, alone) for size, times in kinds) >= total:
            enough = middle
        else:
            below = middle
    return enough


def limits(
    n: int, totals: Sequence[int], alone: Sequence[int], weights: Sequence[int], kinds: Kinds
) -> npt.NDArray[np.int32]:
    """The least and the largest count without excess, for each kind of group (outer) and each value (inner)."""
    found = np.zeros((max(1, len(kinds)), len(totals), 2), dtype=np.int32)
    found[:, :, 1] = 2**31 - 1
    for v, (total, weight) in enumerate(zip(totals, weights, strict=True)):
        if not weight or not kinds:
            continue
        price = last_price(n, total, kinds, bool(alone[v]))
        for k, (size, _) in enumerate(kinds):
            found[k, v] = [steps_within(n, total, size, price - below, bool(alone[v])) for below in (1, 0)]
    return found.reshape(-1)


def _scaled(n: int, total: int, size: int, count: int) -> int:
    return (n * count - size * total) ** 2


def envelope_bound(n: int, total: int, kinds: Kinds) -> int:
    """A bound on one value's squared error (times n^2) when no group may hold one alone: by the convex envelope."""
    price = last_price(n, total, kinds, True)
    bound, left = 0, total
    for size, times in kinds:
        count = steps_within(n, total, size, price - 1, True)
        bound += times * _scaled(n, total, size, count)
        left -= times * count
    return bound + n * price * left


def _filled(n: int, total: int, kinds: Kinds) -> int | None:
    """The least squared error (times n^2) with at least two of the value in every one of these groups."""
    left = total - sum(2 * times for _, times in kinds)
    if left < 0 or total > sum(size * times for size, times in kinds) or any(size < 2 for size, _ in kinds):
        return None
    counts = {size: 2 for size, _ in kinds}
    below, enough = -2 * n * (total + n), 2 * n * (total + n) + 2 * n

    def held(price: int) -> dict[int, int]:
        return {size: max(2, steps_within(n, total, size, price, False)) for size, _ in kinds}

    while enough - below > 1:
        middle = (below + enough) // 2
        counts = held(middle)
        if sum(times * counts[size] for size, times in kinds) >= total:
            enough = middle
        else:
            below = middle
    counts = held(below)
    rest = total - sum(times * counts[size] for size, times in kinds)
    return sum(times * _scaled(n, total, size, counts[size]) for size, times in kinds) + n * enough * rest


def value_bound(n: int, total: int, kinds: Kinds) -> int:
    """The least squared error of one value (times n^2) when no group may hold one alone.

    Exact, by trying how many groups of each size hold nobody of it and filling the others with two or more; where
    that is too many ways, or there is none, the bound of the envelope.
    """
    ways = 1
    for _, times in kinds:
        ways *= times + 1
    if ways > MOST_SPLITS or total < 2:
        return envelope_bound(n, total, kinds)
    best: int | None = None
    for empty in product(*(range(times + 1) for _, times in kinds)):
        used = [(size, times - none) for (size, times), none in zip(kinds, empty, strict=True) if times > none]
        cost = _filled(n, total, used) if used else None
        if cost is not None:
            cost += sum(none * _scaled(n, total, size, 0) for (size, _), none in zip(kinds, empty, strict=True))
            best = cost if best is None else min(best, cost)
    return envelope_bound(n, total, kinds) if best is None else best


def scaled_bound(ix: Indexed, sizes: Sequence[int]) -> int:
    """The bound on D (times n^2) for groups of these sizes when nobody is alone who need not be."""
    n, found = sum(sizes), 0
    counted = dict.fromkeys(sorted(set(sizes)), 0)
    for size in sizes:
        counted[size] += 1
    kinds = list(counted.items())
    first = comes_first(ix)
    for a, flags in enumerate(shy(ix, max(sizes, default=0))):
        for total, alone in zip(ix.totals[a], flags, strict=True):
            flag = alone and first
            if ix.attributes[a].weight and kinds and n:
                found += ix.attributes[a].weight * (value_bound(n, total, kinds) if flag else _plain(n, total, kinds))
    return found


def _plain(n: int, total: int, kinds: Kinds) -> int:
    price = last_price(n, total, kinds, False)
    counts = [(size, times, steps_within(n, total, size, price - 1, False)) for size, times in kinds]
    left = total - sum(times * count for _, times, count in counts)
    return sum(times * _scaled(n, total, size, count) for size, times, count in counts) + n * price * left
