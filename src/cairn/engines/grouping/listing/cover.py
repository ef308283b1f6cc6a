"""Choosing possible groups that together seat everybody once: the search behind proofs with many attributes.

Of m groups whose excesses (see `possible`) add up to at most K, one has an excess of at most K // m. So the next group
is always taken among those. As long as K // m is below the smallest excess there is, only groups without any excess
qualify: these are listed once. With K = 0 the person whom fewest of them hold is seated next; otherwise they are taken
in the order of the list, so that no set of them is met twice. Later, when few people are left, all groups within
K // m are listed anew among them. The last group is whoever is left.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cairn.engines.grouping.listing.possible import Listing, less
from cairn.engines.grouping.listing.possible_kernel import Numbers, Words

MOST_LISTED = 200_000
MANY = 4
OFTEN = 100_000
MOST_AT_ONCE = 5_000_000


class Spent(Exception):
    """The allowed work ended before the search."""


@dataclass
class Meter:
    """Work left, in nodes of the listing, about a million of them a second; and a guard above it."""

    left: int
    late: Callable[[], bool] = lambda: False
    since: int = 0

    def take(self, work: int) -> None:
        """Count work done. Raises Spent."""
        self.left -= work
        self.since += work
        if self.left < 0 or (self.since > OFTEN and self.late()):
            raise Spent
        if self.since > OFTEN:
            self.since = 0


Seats = list[tuple[int, Words]]
"""A cover: for each group its kind (a position among the sizes) and its people as a mask."""
Accept = Callable[[Seats], bool]


class Covers:
    """All ways to seat the people in `left` in groups of the given kinds with a total excess within a budget."""

    def __init__(
        self,
        listing: Listing,
        left: Words,
        kinds: Sequence[int],
        accept: Accept,
        *,
        meter: Meter,
        rng: random.Random | None = None,
    ) -> None:
        """With `rng`, groups of equal excess are tried in an order drawn by lot."""
        self.listing, self.left, self.kinds = listing, left, tuple(kinds)
        self.accept, self.meter, self.rng = accept, meter, rng

    def find(self, budget: int) -> Seats | None:
        """A cover within the budget that is accepted, None if there is none. Raises Spent."""
        self.share = budget // max(MANY, 1)
        self.masks, self.costs, self.kind_of = self._listed(self.left, self.kinds, self.share, budget)
        self.seated, self.counts = self.listing.table(self.masks), self.listing.counts(self.masks)
        found = self._fill(self.left, self.kinds, budget, np.arange(len(self.masks)))
        return next((seats for seats in found if self.accept(seats)), None)

    def _listed(self, left: Words, kinds: tuple[int, ...], share: int, budget: int) -> tuple[Words, Numbers, Numbers]:
        """Every group of use for the budget among these people, of any of the kinds still wanted, by excess."""
        parts = []
        for kind in [kind for kind, times in enumerate(kinds) if times]:
            masks, costs, nodes = self.listing.groups(
                left, kinds, kind, share, budget, nodes=min(self.meter.left, MOST_AT_ONCE), most=MOST_LISTED
            )
            self.meter.take(nodes + 20)
            if masks is None:
                raise Spent
            parts.append((masks, costs, np.full(len(masks), kind, np.int64)))
        masks, costs, kind_of = (np.concatenate(column) for column in zip(*parts, strict=True))
        lots = np.array([self.rng.random() if self.rng else 0.0 for _ in costs])
        order = np.lexsort((lots, costs))
        return masks[order], costs[order], kind_of[order]

    def _fill(self, left: Words, kinds: tuple[int, ...], budget: int, view: Numbers) -> Iterator[Seats]:
        count = sum(kinds)
        if count == 1:
            kind = kinds.index(1)
            if self.listing.excess_of(left, kind) <= budget and bool(self.listing.may_be(left[None, :])[0]):
                yield [(kind, left)]
        elif budget // count > self.share:
            yield from self._fresh(left, kinds, budget)
        else:
            yield from self._from_list(left, kinds, budget, view)

    def _fresh(self, left: Words, kinds: tuple[int, ...], budget: int) -> Iterator[Seats]:
        masks, costs, kind_of = self._listed(left, kinds, budget // sum(kinds), budget)
        for mask, cost, kind in zip(masks, costs.tolist(), kind_of.tolist(), strict=True):
            people = left & ~mask
            view = self._within(np.arange(len(self.masks)), people)
            for rest in self._fill(people, less(kinds, kind), budget - cost, view):
                yield [(kind, mask), *rest]

    def _from_list(self, left: Words, kinds: tuple[int, ...], budget: int, view: Numbers) -> Iterator[Seats]:
        """The next group: one with the person who is hardest to seat, or any that is later in the list."""
        view = self._promising(left, kinds, budget, view)
        picks, exactly = view, budget < self.listing.step
        if exactly:
            people = self.listing.people(left)
            hardest = people[int(self.seated[view].sum(axis=0)[people].argmin())]
            picks = view[self.seated[view, hardest]]
        for k, at in enumerate(picks.tolist()):
            people, kind = left & ~self.masks[at], int(self.kind_of[at])
            later = view if exactly else view[k + 1 :]
            self.meter.take(len(view) // 32 + 20)
            for rest in self._fill(
                people, less(kinds, kind), budget - int(self.costs[at]), self._within(later, people)
            ):
                yield [(kind, self.masks[at]), *rest]

    def _promising(self, left: Words, kinds: tuple[int, ...], budget: int, view: Numbers) -> Numbers:
        """Those within an equal share, after which the others could still stay within the budget, value by value."""
        self.meter.take(len(view) * 2 + 20)
        cost = self.costs[view]
        total = np.full(len(view), budget + 1, np.int64)
        have = self.listing.counts(left[None, :])[0]
        rows = np.arange(len(have))
        for kind in [kind for kind, times in enumerate(kinds) if times]:
            mine = np.flatnonzero((self.kind_of[view] == kind) & (cost <= budget // sum(kinds)))
            least = self.listing.least(less(kinds, kind))
            total[mine] = cost[mine] + least[rows, have - self.counts[view[mine]]].sum(axis=1)
        return view[total <= budget]

    def _within(self, view: Numbers, people: Words) -> Numbers:
        outside = self.masks[view] & ~people
        return view[~outside.any(axis=1)]
