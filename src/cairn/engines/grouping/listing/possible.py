"""Every group that could be: all sets of people of one size whose counts stay within a given excess.

With sizes fixed, the sum of squares splits into groups. For one value with total N let f_s(c) = (n c - s N)^2 be the
(scaled) error of count c in a group of size s. Because each f_s is convex there is a price y with

    least sum of f over all counts adding up to N  =  y N + sum over groups of min over c of (f_s(c) - y c)

(the marginal price at which the greedy filling of the closed-form bound stops; equality holds for separable convex
costs with one sum). Calling  x_s(c) = f_s(c) - y c - min over k of (f_s(k) - y k) >= 0  the excess of a count,

    D - bound  =  sum over groups of the excess of all counts in the group, weighted.

So an assignment is within K of the bound if and only if its groups' excesses add up to at most K: a group can be
judged alone. With many attributes few sets of people have a small excess, and they can all be listed: this is the
column formulation of set partitioning (Dantzig and Wolfe 1960), with all columns of interest written down.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.listing import annealing, possible_kernel
from cairn.engines.grouping.listing.possible_kernel import NEVER, Numbers, Words

WORD = 64


@cache
def _list_all() -> Callable[..., Any]:
    """The inner loop as machine code."""
    return annealing.compiled_function(possible_kernel, possible_kernel.list_all)


def excesses(weight: int, total: int, people: int, sizes: Sequence[int]) -> dict[int, list[int]]:
    """The weighted excess of every count 0..s of one value, for each size s, scaled by people squared.

    The price lies half-way between the last unit that the greedy filling places and the first that it does not: any
    number between the two proves the same bound, and the middle one keeps the fewest groups.
    """
    marginals = sorted(
        people * people * (2 * k - 1) - 2 * people * size * total for size in sizes for k in range(1, size + 1)
    )
    last = marginals[total - 1]
    price = (last + marginals[total]) // 2 if total < len(marginals) else last
    table = {}
    for size in set(sizes):
        line = [(people * count - size * total) ** 2 - price * count for count in range(size + 1)]
        table[size] = [weight * (x - min(line)) for x in line]
    return table


def less(kinds: tuple[int, ...], kind: int) -> tuple[int, ...]:
    """The kinds of groups that are left after taking one of this kind."""
    return (*kinds[:kind], kinds[kind] - 1, *kinds[kind + 1 :])


class Listing:
    """Lists groups of given sizes over given rows: the values, with their weights and who has them."""

    def __init__(
        self,
        rows: Sequence[tuple[int, Sequence[int]]],
        people: int,
        sizes: Sequence[int],
        *,
        apart: Iterable[tuple[int, int]] = (),
        blocks: Iterable[Sequence[int]] = (),
        allowed: Iterable[Sequence[int]] = (),
    ) -> None:
        """`sizes` are those of all groups; a kind of group is a size, by position among the different ones.

        A group never holds both of a pair in `apart`, nor a part of a block; it fits into one of the sets in `allowed`.
        """
        rows = [row for row in rows if row[1]]
        self.count, self.words = people, (people + WORD - 1) // WORD
        self.sizes = tuple(sorted(set(sizes)))
        self.holders = np.array([self.mask(holders) for _, holders in [*rows, (0, range(people))]], np.uint64)
        self.rows_of = self._rows_of([holders for _, holders in rows])
        self.foes = self._foes(apart)
        self.blocks = [self.mask(block) for block in blocks if len(block) > 1]
        self.allowed = [self.mask(group) for group in allowed]
        tables = [excesses(weight, len(holders), people, sizes) for weight, holders in rows]
        self.scale = gcd(*(x for table in tables for line in table.values() for x in line)) or 1
        self.excess = [self._table(tables, size) for size in self.sizes]
        priced = np.concatenate([table[(table > 0) & (table < NEVER)] for table in self.excess])
        self.step = int(priced.min(initial=NEVER))
        self._least: dict[tuple[int, ...], Numbers] = {}

    def mask(self, people: Iterable[int]) -> Words:
        """The people as bits."""
        mask = np.zeros(self.words, np.uint64)
        for i in people:
            mask[i // WORD] |= np.uint64(1) << np.uint64(i % WORD)
        return mask

    def table(self, masks: Words) -> npt.NDArray[np.bool_]:
        """Masks as a table of yes and no: a row for each mask, a column for each person."""
        spread = np.unpackbits(np.ascontiguousarray(masks).view(np.uint8), axis=1, bitorder="little")
        return spread[:, : self.count].astype(np.bool_)

    def people(self, mask: Words) -> Numbers:
        """The people in a mask."""
        return np.flatnonzero(self.table(mask[None, :])[0])

    def _rows_of(self, holders: Sequence[Sequence[int]]) -> Numbers:
        mine: list[list[int]] = [[] for _ in range(self.count)]
        for r, people in enumerate(holders):
            for i in people:
                mine[i].append(r)
        for rows in mine:
            rows.append(len(holders))
        wide = max(len(rows) for rows in mine)
        return np.array([rows + [-1] * (wide - len(rows)) for rows in mine], np.int64)

    def _foes(self, apart: Iterable[tuple[int, int]]) -> Words:
        near: list[list[int]] = [[] for _ in range(self.count)]
        for i, j in apart:
            near[i].append(j)
            near[j].append(i)
        return np.array([self.mask(people) for people in near], np.uint64)

    def _table(self, tables: Sequence[dict[int, list[int]]], size: int) -> Numbers:
        excess = np.full((len(tables) + 1, self.count + 1), NEVER, np.int64)
        for r, table in enumerate(tables):
            excess[r, : size + 1] = [x // self.scale for x in table[size]]
        excess[-1, size] = 0
        return excess

    def groups(
        self, left: Words, kinds: tuple[int, ...], kind: int, share: int, budget: int, *, nodes: int, most: int
    ) -> tuple[Words | None, Numbers, int]:
        """Groups of one kind among the people in `left`, who fill groups of these kinds within the budget altogether.

        Those are listed whose own excess is at most `share`, and after which the others could still stay within the
        budget, value by value. Sorted by excess; the last number is the nodes it took. None instead of
        the groups when there are more than `most` or the nodes do not suffice.
        """
        found, cost = np.zeros((most, self.words), np.uint64), np.zeros(most, np.int64)
        budgets = np.array([share, budget], np.int64)
        tables = np.stack([self.excess[kind], self._with_others(left, kinds, kind)])
        have, used = _list_all()(left, self.rows_of, self.holders, tables, self.foes, budgets, nodes, found, cost)
        if have < 0:
            return None, cost[:0], used
        found, cost = found[:have], cost[:have]
        keep = self.may_be(found)
        found, cost = found[keep], cost[keep]
        order = np.argsort(cost, kind="stable")
        return found[order].copy(), cost[order], used

    def _with_others(self, left: Words, kinds: tuple[int, ...], kind: int) -> Numbers:
        """For every row and count in one group: its excess and the least of everybody else in `left`."""
        least, have = self.least(less(kinds, kind)), self.counts(left[None, :])[0]
        others = have[:, None] - np.arange(self.count + 1)[None, :]
        rest = np.take_along_axis(least, np.maximum(others, 0), axis=1)
        return np.minimum(self.excess[kind] + np.where(others < 0, NEVER, rest), NEVER)

    def may_be(self, masks: Words) -> npt.NDArray[np.bool_]:
        """Which of these sets keep blocks whole and fit into one of the allowed sets (apart pairs are not checked)."""
        keep = np.ones(len(masks), np.bool_)
        for block in self.blocks:
            inside = masks & block
            keep &= ~inside.any(axis=1) | (inside == block).all(axis=1)
        if self.allowed:
            fits = np.zeros(len(masks), np.bool_)
            for group in self.allowed:
                fits |= ~(masks & ~group).any(axis=1)
            keep &= fits
        return keep

    def counts(self, masks: Words) -> Numbers:
        """How many people each set holds in each row: a line for each mask."""
        inside = self.table(masks).astype(np.float32)
        return (inside @ self.table(self.holders).astype(np.float32).T).astype(np.int64)

    def excess_of(self, mask: Words, kind: int) -> int:
        """The excess of one group, NEVER or more when it has another size or joins an apart pair."""
        inside = self.table(mask[None, :])[0]
        if (self.foes[inside] & mask).any():
            return NEVER
        counts = self.counts(mask[None, :])[0]
        return int(self.excess[kind][np.arange(len(counts)), counts].sum())

    def least(self, kinds: tuple[int, ...]) -> Numbers:
        """For every row and number of people in it, their least excess in groups of these kinds taken together."""
        known = self._least.get(kinds)
        if known is None:
            kind = next((kind for kind, times in enumerate(kinds) if times), -1)
            if kind < 0:
                known = np.full_like(self.excess[0], NEVER)
                known[:, 0] = 0
            else:
                rest = self.least(less(kinds, kind))
                known = np.full_like(rest, NEVER)
                for count in range(self.sizes[kind] + 1):
                    with_this = rest[:, : self.count + 1 - count] + self.excess[kind][:, count, None]
                    known[:, count:] = np.minimum(known[:, count:], with_this)
            self._least[kinds] = known
        return known

    def least_excess(self, left: Words, kinds: tuple[int, ...]) -> int:
        """The least excess of these people in groups of these kinds, each value by itself."""
        counts = self.counts(left[None, :])[0]
        return int(self.least(kinds)[np.arange(len(counts)), counts].sum())
