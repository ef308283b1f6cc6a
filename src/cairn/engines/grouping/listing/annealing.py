"""Long annealing at a few low temperatures, for cohorts with so many attributes that the bound is hard to meet.

There, the landscape is rugged but shallow: most swaps of two people change D by a few units, and what helps is many
cheap swaps at a temperature at which small rises are still taken (compare Connolly 1990). The temperatures, taken in
turn, are in units of the mean weight, and were found by trial on random cohorts of 55 and 110 people with eight
attributes and two intersections. Only swaps that keep every rule about people are taken.
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import log
from typing import Any

import numpy as np

from cairn.engines.grouping.listing import annealing_kernel
from cairn.engines.grouping.listing.annealing_kernel import Numbers
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.search import compiled

TEMPERATURES = (0.95, 0.85, 0.75, 0.65)
LEVELS = 4_096


@cache
def _anneal() -> Callable[..., Any]:
    """The inner loop as machine code."""
    return compiled_function(annealing_kernel, annealing_kernel.anneal)


def compiled_function(module: Any, entrance: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a module of plain loops as machine code, kept where `compiled` keeps its own."""
    import numba
    from numba.extending import register_jitable

    folder = compiled.cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    for each in vars(module).values():
        if callable(each) and getattr(each, "__module__", "") == module.__name__:
            register_jitable(each)
    machine: Callable[..., Any] = numba.njit(nogil=True, cache=folder is not None)(entrance)
    return machine


class Annealer:
    """One assignment that is shaken; groups keep their sizes."""

    def __init__(self, ix: Indexed, rows_of: Numbers, weights: Sequence[int], places: Sequence[int], seed: int) -> None:
        """`rows_of` holds every member's rows (the last for the group's size), `weights` those of all other rows."""
        n, wide = len(places), len(ix.groups)
        self.ix, self.rows_of = ix, rows_of
        self.places = np.array(places, dtype=np.int64)
        self.weights = np.array([*weights, 0], dtype=np.int64)
        self.sizes = np.append(np.bincount(self.places, minlength=wide), n).astype(np.int64)
        fixed = {i for unit in ix.units for i in unit} | {i for i, pin in enumerate(ix.pins) if pin >= 0}
        self.free = np.array([i for i in range(n) if i not in fixed], dtype=np.int64)
        self.allowed = np.array([[ix.may_join(i, g) for g in range(wide)] for i in range(n)], dtype=np.int64)
        self.foes = _foes(ix)
        self.state = np.array([(seed * 2_654_435_761 + 88_172_645_463_325) % 2**62 or 1], dtype=np.int64)
        attributes = [attribute.weight for attribute in ix.attributes if attribute.weight]
        self.heat = n / 2 * sum(attributes) / max(1, len(attributes))
        self.bursts = 0

    def shake(self, scaled: int, bound: int, tries: int) -> tuple[list[int], int]:
        """The best places met in so many tries, from D and a bound on it (both times n^2), and how far it is above.

        A swap changes D (times n^2) by a multiple of 2n, so that is the unit here.
        """
        heat = self.heat * TEMPERATURES[self.bursts % len(TEMPERATURES)]
        thresholds = np.array([int(-heat * log((k + 0.5) / LEVELS)) for k in range(LEVELS)], dtype=np.int64)
        self.bursts += 1
        unit, best = 2 * int(self.sizes[-1]), self.places.copy()
        least = (scaled - bound) // unit
        if len(self.free) > 1 and least > 0:
            least = _anneal()(
                self.places, best, self.free, self.rows_of, self._counts(), self.weights, self.sizes, self.allowed,
                self.foes, thresholds, self.state, least, tries,
            )  # fmt: skip
        return [int(g) for g in best], int(least)

    def _counts(self) -> Numbers:
        """Counts of each row in each group; the last column is the total."""
        counts = np.zeros((len(self.weights), len(self.sizes)), dtype=np.int64)
        for k in range(self.rows_of.shape[1]):
            said = self.rows_of[:, k] >= 0
            np.add.at(counts, (self.rows_of[said, k], self.places[said]), 1)
            np.add.at(counts, (self.rows_of[said, k], len(self.sizes) - 1), 1)
        return counts


def _foes(ix: Indexed) -> Numbers:
    """For each member the people they must not meet, filled up with -1."""
    near: list[list[int]] = [[] for _ in ix.members.ids]
    for i, j in ix.apart:
        near[i].append(j)
        near[j].append(i)
    wide = max((len(each) for each in near), default=0)
    return np.array([each + [-1] * (wide + 1 - len(each)) for each in near], dtype=np.int64)
