"""Proof and improvement by whole groups: for many attributes, where counting value by value proves too little.

`prove` asks for larger and larger totals K whether any assignment lies within K of the closed-form bound. Each "no"
raises the bound, and the first "yes" is the optimum. `improve` takes a few groups of a larger cohort at a time, seats
their people anew with less excess, or with the same to get away from where it is, and leaves the others alone.

Sizes are those of the assignment in hand, in any order; rules about coaches' minutes may keep a cover from being used,
and then no proof is claimed beyond it.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from math import gcd

from cairn.engines.grouping.figures import measure, rarity
from cairn.engines.grouping.listing import annealing
from cairn.engines.grouping.listing.cover import Covers, Meter, Seats, Spent
from cairn.engines.grouping.listing.possible import Listing
from cairn.engines.grouping.listing.possible_kernel import Words
from cairn.engines.grouping.problem.indexed import Indexed

AT_ONCE = 5
ROUND_WORK = 400_000
MOST_LEVELS = 12
FEW = 3
BURST = 5_000_000
TURNS = 4
TRIES_FOR_A_NODE = 8
MOST_STRIDES = {4: 3, 5: 2}


@dataclass
class Standing:
    """The best places, their D and the best bound on it (both times n^2), and whether the two are proven to meet."""

    places: list[int]
    scaled: int
    bound: int
    exhausted: bool


class Wholes:
    """One cohort, with the groups it could have."""

    def __init__(self, ix: Indexed, places: Sequence[int], *, seed: int, late: Callable[[], bool]) -> None:
        self.ix, self.places, self.late = ix, list(places), late
        self.rng = random.Random(f"{seed}")  # noqa: S311  repeatable on purpose; no secret depends on it
        self.sizes = [self.places.count(g) for g in range(len(ix.groups))]
        self.floor = measure.scaled_bound(ix, ix.totals, self.sizes)
        wide = range(len(ix.groups))
        self.open_to = [[i for i in range(len(ix.members)) if ix.may_join(i, g)] for g in wide]
        self.listing = Listing(
            rarity.rows(ix),
            len(ix.members),
            self.sizes,
            apart=_apart(ix),
            blocks=_kept_whole(ix),
            allowed=self._different(),
        )
        self.stride = max(1, _stride(ix, self.sizes) // self.listing.scale)
        self.refused = False

    def _different(self) -> list[list[int]]:
        return [list(people) for people in {tuple(people) for people in self.open_to}]

    def standing(self, least: int) -> Standing:
        """How things stand when nothing below `least` over the bound is possible."""
        over = self._over()
        bound = self.floor + min(least, over) * self.listing.scale
        return Standing(self.places, self.floor + over * self.listing.scale, bound, least >= over)

    def _over(self) -> int:
        return sum(self._excess(g) for g in range(len(self.sizes)))

    def _excess(self, g: int) -> int:
        return self.listing.excess_of(self._mask([g]), self.listing.sizes.index(self.sizes[g]))

    def _mask(self, groups: Sequence[int]) -> Words:
        wanted = set(groups)
        return self.listing.mask(i for i, g in enumerate(self.places) if g in wanted)

    def _kinds(self, groups: Sequence[int]) -> list[int]:
        return [sum(self.sizes[g] == size for g in groups) for size in self.listing.sizes]

    def refine(self, work: int) -> Standing:
        """Anneal and seat few groups anew by turns; most of the work is annealing, which is quicker.

        Few groups in all are first seated anew without any excess, which is quickly done or quickly ruled out.
        """
        if len(self.sizes) <= AT_ONCE:
            with suppress(Spent):
                self._seat_anew(list(range(len(self.sizes))), 0, Meter(work // 8, self.late))
            return self.shake(work * TRIES_FOR_A_NODE // 2)
        for _ in range(TURNS):
            self.shake(work * TRIES_FOR_A_NODE // TURNS)
            standing = self.improve(work // (2 * TURNS))
            if self._over() == 0 or self.late():
                break
        return standing

    def shake(self, tries: int) -> Standing:
        """Anneal for so many tries, in bursts from the best so far, until the bound is met."""
        rows = rarity.rows(self.ix)
        weights = [weight for weight, people in rows if people]
        shaken = annealing.Annealer(self.ix, self.listing.rows_of, weights, self.places, self.rng.randrange(2**30))
        while tries > 0 and self._over() > 0 and not self.late():
            now = measure.scaled_objective(self.ix, measure.tally(self.ix, shaken.places.tolist()))
            best, _ = shaken.shake(now, self.floor, min(BURST, tries))
            before, held = self._over(), self.places
            self.places = best
            if self._over() > before:
                self.places = held
            tries -= BURST
        return self.standing(0)

    def prove(self, work: int) -> Standing:
        """Raise the bound from below, until it meets the best or the work is spent."""
        everybody, meter = list(range(len(self.sizes))), Meter(work, self.late)
        least = 0
        try:
            while least < self._over() and not self.late():
                over = self._over()
                levels = -(-(over - least) // self.stride)
                target = min(over - self.stride, least + self.stride * (levels // MOST_LEVELS))
                found = self._seat_anew(everybody, max(target, 0), meter)
                if not found and self.refused:
                    break
                if not found:
                    least = target + self.stride
        except Spent:
            pass
        return self.standing(least)

    def improve(self, work: int) -> Standing:
        """Seat a few groups anew, over and over, until the bound is met or the work is spent."""
        meter, wide = Meter(work if len(self.sizes) > AT_ONCE else 0), list(range(len(self.sizes)))
        while meter.left > 0 and self._over() > 0 and not self.late():
            some = self._some(wide)
            now = sum(self._excess(g) for g in some)
            piece = Meter(min(ROUND_WORK, meter.left), self.late)
            before = piece.left
            try:
                # Less than now; failing that, other seats that are as good.
                if now < self.stride or not self._seat_anew(some, now - self.stride, piece):
                    self._seat_anew(some, now, piece)
            except Spent:
                piece.left = 0
            meter.left -= before - max(piece.left, 0) + 1000
        return self.standing(0)

    def _some(self, wide: list[int]) -> list[int]:
        """A few groups: one or two of those with an excess, others drawn by lot while the excess to beat is small."""
        excess = {g: self._excess(g) for g in wide}
        off = [g for g in wide if excess[g]]
        some = self.rng.sample(off, min(len(off), 2))
        others = [g for g in wide if g not in some]
        for g in self.rng.sample(others, len(others)):
            most = self.stride * MOST_STRIDES.get(len(some) + 1, 0)
            if len(some) < FEW or sum(excess[k] for k in some) + excess[g] <= most:
                some.append(g)
        return sorted(some)

    def _seat_anew(self, groups: list[int], budget: int, meter: Meter) -> bool:
        """Look for other seats for the people in these groups within the budget; take them if there are any."""
        self.refused = False
        people = self._mask(groups)
        before = {self._mask([g]).tobytes() for g in groups}

        def accept(seats: Seats) -> bool:
            if {mask.tobytes() for _, mask in seats} == before:
                return False
            homes = self._homes(groups, seats)
            self.refused = self.refused or homes is None
            if homes is None:
                return False
            for (_, mask), g in zip(seats, homes, strict=True):
                for i in self.listing.people(mask).tolist():
                    self.places[i] = g
            return True

        covers = Covers(self.listing, people, self._kinds(groups), accept, meter=meter, rng=self.rng)
        return covers.find(budget) is not None

    def _homes(self, groups: list[int], seats: Seats) -> list[int] | None:
        """A real group for each one found: of its size, and open to its people (augmenting paths)."""
        mine = [set(self.listing.people(mask).tolist()) for _, mask in seats]
        open_to = {g: set(self.open_to[g]) for g in groups}
        fits = [
            [g for g in groups if self.sizes[g] == self.listing.sizes[kind] and people <= open_to[g]]
            for (kind, _), people in zip(seats, mine, strict=True)
        ]
        owner: dict[int, int] = {}

        def place(k: int, tried: set[int]) -> bool:
            for g in fits[k]:
                if g not in tried:
                    tried.add(g)
                    if g not in owner or place(owner[g], tried):
                        owner[g] = k
                        return True
            return False

        if not all(place(k, set()) for k in range(len(seats))):
            return None
        at = {k: g for g, k in owner.items()}
        return [at[k] for k in range(len(seats))]


def _pinned(ix: Indexed) -> dict[int, list[int]]:
    pinned: dict[int, list[int]] = {}
    for i, g in enumerate(ix.pins):
        if g >= 0:
            pinned.setdefault(g, []).append(i)
    return pinned


def _apart(ix: Indexed) -> list[tuple[int, int]]:
    """Pairs who cannot share a group: kept apart, or pinned to different ones."""
    across = [(i, j) for one, other in combinations(_pinned(ix).values(), 2) for i in one for j in other]
    return [*ix.apart, *across]


def _kept_whole(ix: Indexed) -> list[Sequence[int]]:
    return [*ix.units, *_pinned(ix).values()]


def _stride(ix: Indexed, sizes: Sequence[int]) -> int:
    """D (times n^2) of two assignments with the same sizes differs by a multiple of this.

    With counts c in groups of size s, the sum of (n c - s N)^2 changes by n^2 times the change of the sum of c^2,
    which is even since the sum of c stays, less 2 n N times the change of the sum of s c, which is 0 for equal sizes.
    """
    n, found = len(ix.members), 0
    for weight, holders in rarity.rows(ix):
        part = n if len(Counter(sizes)) == 1 else gcd(n, len(holders))
        found = gcd(found, 2 * weight * n * part)
    return found
