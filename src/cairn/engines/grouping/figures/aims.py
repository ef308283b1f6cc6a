"""What the counts of a value should be: limits for single groups, and the bound when nobody may be alone of a value.

With n people, N of a value and a group of size s, the part of n*D that depends on the count c is f(c) = n*c^2 - 2sNc.
The step from k to k + 1 costs n*(2k + 1) - 2sN. Taking the N cheapest steps of all groups gives the least sum; the
price of the last one (the multiplier of "counts add up to N", as in Lagrange relaxation) tells for every group by
itself which counts are without excess. Groups of different sizes share their seats among the values of an attribute,
which `transport.py` looks after. Where one person alone is not allowed, the first two steps become one double
step at their mean price: the lower convex envelope of f without 1.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import measure, transport
from cairn.engines.grouping.problem.indexed import Indexed

Kinds = Sequence[tuple[int, int]]
"""Group sizes with how many groups have them."""

MOST_SPLITS = 20_000
MOST_TO_SPREAD = 2_000


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


def limits(ix: Indexed, kinds: Kinds) -> npt.NDArray[np.int32]:
    """The least and the largest count without excess, for each kind of group (outer) and each cell (inner).

    Cells are all values of all attributes, then "not said" of each attribute.
    """
    n, values = len(ix.members), sum(len(values) for values in ix.values)
    found = np.zeros((max(1, len(kinds)), values + len(ix.attributes), 2), dtype=np.int32)
    found[:, :, 1] = 2**31 - 1
    widest, cell = max((size for size, _ in kinds), default=0), 0
    for a, flags in enumerate(shy(ix, widest)):
        if ix.attributes[a].weight and kinds:
            own = found[:, cell : cell + len(flags)]
            if (comes_first(ix) and any(flags)) or len(kinds) * len(flags) > MOST_TO_SPREAD:
                _alone_limits(own, n, ix.totals[a], flags if comes_first(ix) else [False] * len(flags), kinds)
            else:
                spread = transport.least(n, ix.totals[a], kinds)
                _spread_limits(own, n, ix.totals[a], spread.prices, kinds)
                found[:, values + a, 1] = [0 if shut else 2**31 - 1 for shut in spread.shut]
        cell += len(flags)
    return found.reshape(-1)


def _alone_limits(
    own: npt.NDArray[np.int32], n: int, totals: Sequence[int], flags: Sequence[bool], kinds: Kinds
) -> None:
    for v, (total, flag) in enumerate(zip(totals, flags, strict=True)):
        price = last_price(n, total, kinds, flag)
        for k, (size, _) in enumerate(kinds):
            own[k, v] = [steps_within(n, total, size, price - below, flag) for below in (1, 0)]


def _spread_limits(
    own: npt.NDArray[np.int32], n: int, totals: Sequence[int], prices: Sequence[Sequence[int]], kinds: Kinds
) -> None:
    for k, (size, _) in enumerate(kinds):
        for v, total in enumerate(totals):
            own[k, v] = [steps_within(n, total, size, prices[k][v] - below, False) for below in (1, 0)]


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


def scaled_bound(ix: Indexed, sizes: Sequence[int], *, nobody_alone: bool, spread: bool = True) -> int:
    """The best bound on D (times n^2) that needs no search, for groups of these sizes.

    With `nobody_alone` it holds only where nobody is alone of a watched value who need not be. Without `spread` every
    value is looked at by itself, in closed form.
    """
    n, counted = sum(sizes), Counter(sizes)
    kinds = sorted(counted.items())
    if not n:
        return 0
    return sum(
        attribute.weight * _attribute_bound(n, ix.totals[a], flags, kinds, spread)
        for a, (attribute, flags) in enumerate(zip(ix.attributes, _flags(ix, sizes, nobody_alone), strict=True))
        if attribute.weight
    )


def _flags(ix: Indexed, sizes: Sequence[int], nobody_alone: bool) -> list[list[bool]]:
    flags = shy(ix, max(sizes, default=0))
    return flags if nobody_alone else [[False] * len(row) for row in flags]


def _attribute_bound(n: int, totals: Sequence[int], flags: Sequence[bool], kinds: Kinds, spread: bool) -> int:
    apart = sum(
        value_bound(n, total, kinds) if flag else measure.scaled_value_bound(n, total, Counter(dict(kinds)))
        for total, flag in zip(totals, flags, strict=True)
    )
    if not spread or len(kinds) < 2 or len(kinds) * len(totals) > MOST_TO_SPREAD:
        return apart
    squares = sum(times * size * size for size, times in kinds)
    return max(apart, n * transport.least(n, totals, kinds).cost + squares * sum(total * total for total in totals))
