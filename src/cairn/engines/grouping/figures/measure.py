"""Objective, bound, baseline and score of an assignment, in exact arithmetic.

With n people placed, N of them having a value, and a group of size s holding c of them, the cell's error is
(c - s*N/n)^2. Inside the engine everything is multiplied by n^2, so that all decisions compare whole numbers.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.indexed import Indexed

Kinds = Counter[int]


@dataclass(frozen=True)
class Tally:
    """Counts of an assignment: `counts[a][v][g]`, totals `totals[a][v]`, group sizes and people placed."""

    counts: list[list[list[int]]]
    totals: list[list[int]]
    sizes: list[int]
    placed: int


def tally(ix: Indexed, places: Sequence[int]) -> Tally:
    """Count who sits where; `places[i]` is the group of member i or -1."""
    wide = len(ix.groups)
    counts = [[[0] * wide for _ in values] for values in ix.values]
    sizes = [0] * wide
    for i, g in enumerate(places):
        if g < 0:
            continue
        sizes[g] += 1
        for a, codes in enumerate(ix.codes):
            if codes[i] >= 0:
                counts[a][codes[i]][g] += 1
    totals = [[sum(row) for row in rows] for rows in counts]
    return Tally(counts, totals, sizes, sum(sizes))


def scaled_cells(t: Tally, a: int, v: int) -> list[int]:
    """Squared errors of one value in every group, times n^2."""
    n, total = t.placed, t.totals[a][v]
    return [(n * count - size * total) ** 2 for count, size in zip(t.counts[a][v], t.sizes, strict=True)]


def scaled_objective(ix: Indexed, t: Tally) -> int:
    """D times n^2."""
    return sum(
        attribute.weight * sum(scaled_cells(t, a, v))
        for a, attribute in enumerate(ix.attributes)
        for v in range(len(ix.values[a]))
    )


def scaled_value_bound(n: int, total: int, sizes: Iterable[int] | Kinds) -> int:
    """The least possible sum of squared errors of one value over groups of these sizes, times n^2.

    Every group starts with its fair share rounded down; what is left goes to the largest remainders.
    """
    if n == 0:
        return 0
    rests: Counter[int] = Counter()
    raised = total
    for size, times in kinds_of(sizes).items():
        whole, rest = divmod(size * total, n)
        rests[rest] += times
        raised -= whole * times
    bound = 0
    for rest in sorted(rests, reverse=True):
        up = min(raised, rests[rest])
        bound += up * (n - rest) ** 2 + (rests[rest] - up) * rest**2
        raised -= up
    return bound


def kinds_of(sizes: Iterable[int] | Kinds) -> Kinds:
    """How many groups there are of each size."""
    return sizes if isinstance(sizes, Counter) else Counter(sizes)


def scaled_bound(ix: Indexed, totals: Sequence[Sequence[int]], sizes: Sequence[int]) -> int:
    """The closed-form bound times n^2 for groups of these sizes."""
    n, kinds = sum(sizes), kinds_of(sizes)
    return sum(
        attribute.weight * sum(scaled_value_bound(n, total, kinds) for total in totals[a])
        for a, attribute in enumerate(ix.attributes)
    )


def value_baseline(n: int, total: int, sizes: Iterable[int] | Kinds) -> Fraction:
    """Expected sum of squared errors of one value when places are drawn by lot (hypergeometric variance)."""
    if n <= 1:
        return Fraction(0)
    spread = sum(times * size * (n - size) for size, times in kinds_of(sizes).items())
    return Fraction(total * (n - total) * spread, n * n * (n - 1))


def score_of(objective: Fraction, bound: Fraction, baseline: Fraction) -> float:
    """100 for the bound, 0 for the average of drawing lots; 100 when there is nothing to mix (baseline is bound)."""
    if baseline == bound:
        return 100.0
    return float(100 * (1 - (objective - bound) / (baseline - bound)))


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts as an array: row `first[a] + code` for each value, a column for each group."""

    counts: npt.NDArray[np.int32]
    first: tuple[int, ...]
    sizes: npt.NDArray[np.int64]
    placed: int

    def of(self, a: int, code: int) -> npt.NDArray[np.int32]:
        """The counts of one value in every group."""
        row: npt.NDArray[np.int32] = self.counts[self.first[a] + code]
        return row


def count(ix: Indexed, places: npt.NDArray[np.int32]) -> Counted:
    """Count who sits where; `places[i]` is the group of member i or -1."""
    wide, first = len(ix.groups), np.cumsum([0, *(len(values) for values in ix.values)])
    counts = np.zeros((int(first[-1]), wide), dtype=np.int32)
    sizes = np.bincount(places[places >= 0], minlength=wide).astype(np.int64)
    for a, codes in enumerate(ix.table):
        known = (codes >= 0) & (places >= 0)
        at = codes[known].astype(np.int64) * wide + places[known]
        tallied = np.bincount(at, minlength=len(ix.values[a]) * wide)
        counts[first[a] : first[a + 1]] = tallied.reshape(-1, wide)
    return Counted(counts, tuple(first.tolist()), sizes, int(sizes.sum()))


def scaled_errors(ix: Indexed, c: Counted) -> list[list[tuple[int, int]]]:
    """For each attribute and value how many have it and its squared error times n^2, from exact sums.

    sum (n c - s N)^2 = n^2 sum c^2 - 2 n N sum s c + N^2 sum s^2, each sum small enough for 64 bits.
    """
    squares, found = int((c.sizes**2).sum()), []
    for a, values in enumerate(ix.values):
        rows = []
        for code in range(len(values)):
            row = c.of(a, code).astype(np.int64)
            total, own, crossed = int(row.sum()), int((row * row).sum()), int((row * c.sizes).sum())
            rows.append((total, c.placed**2 * own - 2 * c.placed * total * crossed + total**2 * squares))
        found.append(rows)
    return found


def scaled_objective_of(ix: Indexed, c: Counted) -> int:
    """D times n^2."""
    return sum(
        attribute.weight * error
        for attribute, rows in zip(ix.attributes, scaled_errors(ix, c), strict=True)
        for _, error in rows
    )
