"""Swap search on counts: fast, deterministic, without proof unless it meets the bound.

Each step looks at every swap of two people at once (as an n by n table) and at every move that only exchanges the
sizes of two groups, and takes the best one that is not forbidden by short memory (tabu). Broken rules cost a penalty
which rises while rules stay broken and falls while they hold. The change of D by a swap is computed from the counts
of the two groups alone, so nothing is recomputed from scratch.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping import holds, measure
from cairn.engines.grouping.indexed import Indexed

Table = npt.NDArray[np.int64]

TENURE = 7
STALL = 120
ROWS_AT_ONCE = 256
FORBIDDEN = np.int64(2**61)


@dataclass(frozen=True)
class Found:
    """The best assignment met: how many rules it breaks, and D times n^2."""

    places: tuple[int, ...]
    broken: int
    scaled: int

    @property
    def rank(self) -> tuple[int, int]:
        return self.broken, self.scaled


def even_sizes(ix: Indexed) -> list[int] | None:
    """Group sizes as even as cap, minimum, pins and coach minutes allow; None when filling up gets stuck."""
    sizes = [max(ix.minimums[g], sum(pin == g for pin in ix.pins)) for g in range(len(ix.groups))]
    for _ in range(len(ix.members) - sum(sizes)):
        spare = holds.spare_minutes(ix, sizes)
        room = [g for g, size in enumerate(sizes) if size < ix.caps[g] and _affords(ix, spare[ix.coach_of[g]])]
        if not room:
            return None
        pick = min(room, key=lambda g: (sizes[g], -_wealth(spare[ix.coach_of[g]]), g))
        sizes[pick] += 1
    return sizes if sum(sizes) == len(ix.members) else None


def _affords(ix: Indexed, left: int | None) -> bool:
    return left is None or left >= ix.problem.minutes_per_person


def _wealth(left: int | None) -> int:
    return 2**60 if left is None else left


def deal(ix: Indexed, sizes: Sequence[int], rng: random.Random) -> list[int]:
    """A first assignment: pins, then blocks, then single people, each where the counts want them most."""
    n, places = len(ix.members), [-1] * len(ix.members)
    counts = [[[0] * len(ix.groups) for _ in values] for values in ix.values]
    totals = [[codes.count(v) for v in range(len(ix.values[a]))] for a, codes in enumerate(ix.codes)]
    room = list(sizes)
    foes: dict[int, list[int]] = {}
    for i, j in ix.apart:
        foes.setdefault(i, []).append(j)
        foes.setdefault(j, []).append(i)

    def put(i: int, g: int) -> None:
        places[i] = g
        room[g] -= 1
        for a, codes in enumerate(ix.codes):
            if codes[i] >= 0:
                counts[a][codes[i]][g] += 1

    def price(i: int, g: int) -> tuple[int, int]:
        broken = (not ix.may_join(i, g)) + sum(places[j] == g for j in foes.get(i, ()))
        change = sum(
            ix.attributes[a].weight * (2 * (n * counts[a][codes[i]][g] - sizes[g] * totals[a][codes[i]]) + n)
            for a, codes in enumerate(ix.codes)
            if codes[i] >= 0
        )
        return broken, change

    for i, pin in enumerate(ix.pins):
        if pin >= 0:
            put(i, pin)
    blocks = [tuple(i for i in block if places[i] < 0) for block in ix.blocks]
    blocks = [block for block in blocks if block]
    rng.shuffle(blocks)
    for block in sorted(blocks, key=lambda block: (-len(block), -sum(len(foes.get(i, ())) for i in block))):
        whole = [g for g in range(len(ix.groups)) if room[g] >= len(block)]
        if whole:
            g = min(whole, key=lambda g: (*map(sum, zip(*(price(i, g) for i in block), strict=True)), g))
            for i in block:
                put(i, g)
        else:
            for i in block:
                put(i, min((g for g in range(len(ix.groups)) if room[g] > 0), key=lambda g: (*price(i, g), g)))
    return places


class Searcher:
    """State of one search: who sits where, and how far each count is from its share (times n)."""

    def __init__(self, ix: Indexed, seed: int) -> None:
        self.ix, self.n, self.wide = ix, len(ix.members), len(ix.groups)
        self.rng = random.Random(f"{seed}")  # noqa: S311  repeatable on purpose; no secret depends on it
        self.codes = [np.array(codes, dtype=np.int64) for codes in ix.codes]
        self.known = [(codes >= 0).astype(np.int64) for codes in self.codes]
        self.differ = [(codes[:, None] != codes[None, :]).astype(np.int64) for codes in self.codes]
        self.pairs = np.zeros((self.n, self.n), dtype=np.int64)
        for i, j in ix.apart:
            self.pairs[i, j] = self.pairs[j, i] = 1
        for i, j in ix.together:
            self.pairs[i, j] = self.pairs[j, i] = self.pairs[i, j] - 1
        self.barred = np.array(
            [[not ix.may_join(i, g) for g in range(self.wide)] for i in range(self.n)], dtype=np.int64
        )
        self.free = np.array([pin < 0 for pin in ix.pins], dtype=bool)
        weights = sum(attribute.weight for attribute in ix.attributes)
        self.least_penalty = self.n * self.n * max(1, weights) // 4 + 1

    def start(self, places: Sequence[int]) -> None:
        """Begin from these places."""
        self.places = np.array(places, dtype=np.int64)
        counted = measure.tally(self.ix, places)
        self.sizes = np.array(counted.sizes, dtype=np.int64)
        # An attribute that nobody has a value for keeps one empty row, so that code -1 always points somewhere.
        self.totals = [np.array(totals or [0], dtype=np.int64) for totals in counted.totals]
        self.counts = [np.array(rows or [[0] * self.wide], dtype=np.int64) for rows in counted.counts]
        seat = np.zeros((self.n, self.wide), dtype=np.int64)
        seat[np.arange(self.n), self.places] = 1
        self.near = self.pairs @ seat + self.barred
        self.scaled = measure.scaled_objective(self.ix, counted)
        self.broken = self._count_broken()
        spare = holds.spare_minutes(self.ix, counted.sizes)
        for c in holds.match_opt_outs(self.ix, spare):
            left = spare[c]
            if c >= 0 and left is not None:
                spare[c] = left - self.ix.problem.minutes_per_opt_out
        self.spare = spare
        self.memory = np.zeros((self.n, self.wide), dtype=np.int64)

    def _count_broken(self) -> int:
        """Barred places, apart pairs joined and together pairs split."""
        same = self.places[:, None] == self.places[None, :]
        pairs = int((self.pairs * same).sum()) // 2 + len(self.ix.together)
        return pairs + int(self.barred[np.arange(self.n), self.places].sum())

    def found(self) -> Found:
        """Where the search stands."""
        return Found(tuple(int(g) for g in self.places), self.broken, self.scaled)

    def _off(self, a: int) -> Table:
        """n * count - size * total for each value (rows) and group (columns)."""
        return self.n * self.counts[a] - self.totals[a][:, None] * self.sizes[None, :]

    def _swap_changes(self, rows: Table) -> tuple[Table, Table]:
        """Change of scaled D and of broken rules for swapping each person in `rows` with each other person."""
        z, zr, n = self.places, self.places[rows], self.n
        change = np.zeros((len(rows), n), dtype=np.int64)
        for a, attribute in enumerate(self.ix.attributes):
            off = self._off(a)[self.codes[a]] * self.known[a][:, None]
            home = off[np.arange(n), z]
            here = off[:, zr].T - home[None, :] + n * self.known[a][None, :]
            there = off[rows][:, z] - home[rows][:, None] + n * self.known[a][rows][:, None]
            change += (2 * n * attribute.weight) * (self.differ[a][rows] * (here + there))
        home = self.near[np.arange(n), z]
        broken = self.near[rows][:, z] - home[rows][:, None] + self.near[:, zr].T - home[None, :]
        broken -= 2 * self.pairs[rows]
        useless = (zr[:, None] == z[None, :]) | ~self.free[rows][:, None] | ~self.free[None, :]
        change[useless] = FORBIDDEN
        return change, broken

    def _best_swap(self, step: int, penalty: int, record: tuple[int, int]) -> tuple[int, int, int, int, int] | None:
        """The best swap as (cost, i, j, change, broken)."""
        rows = np.arange(self.n)
        if self.n > ROWS_AT_ONCE:
            rows = np.array(sorted(self.rng.sample(range(self.n), ROWS_AT_ONCE)))
        change, broken = self._swap_changes(rows)
        cost = np.where(change < FORBIDDEN, change + penalty * broken, FORBIDDEN)
        zr = self.places[rows]
        held = (self.memory[rows][:, self.places] > step) | (step < self.memory[:, zr].T)
        record_met = (self.broken + broken < record[0]) | (
            (self.broken + broken == record[0]) & (self.scaled + change < record[1])
        )
        cost = np.where(held & ~record_met, FORBIDDEN, cost)
        at = int(cost.argmin())
        r, j = divmod(at, self.n)
        if cost[r, j] >= FORBIDDEN:
            return None
        return int(cost[r, j]), int(rows[r]), j, int(change[r, j]), int(broken[r, j])

    def _best_shift(self, step: int, penalty: int) -> tuple[int, int, int, int, int] | None:
        """The best move of one person from a group to one that is smaller by one: the sizes only trade places."""
        best: tuple[int, int, int, int, int] | None = None
        for g in range(self.wide):
            for h in range(self.wide):
                if not self._may_trade_sizes(g, h):
                    continue
                people = np.flatnonzero((self.places == g) & self.free & (self.memory[:, h] <= step))
                if not len(people):
                    continue
                change = self._shift_changes(people, g, h)
                broken = self.near[people, h] - self.near[people, g]
                at = int((change + penalty * broken).argmin())
                cost = int(change[at] + penalty * broken[at])
                if best is None or cost < best[0]:
                    best = cost, int(people[at]), h, int(change[at]), int(broken[at])
        return best

    def _may_trade_sizes(self, g: int, h: int) -> bool:
        if self.sizes[g] != self.sizes[h] + 1:
            return False
        if self.sizes[h] + 1 > self.ix.caps[h] or self.sizes[g] - 1 < self.ix.minimums[g]:
            return False
        mine, theirs = self.ix.coach_of[g], self.ix.coach_of[h]
        left = self.spare[theirs]
        return mine == theirs or left is None or left >= self.ix.problem.minutes_per_person

    def _shift_changes(self, people: Table, g: int, h: int) -> Table:
        n = self.n
        change = np.zeros(len(people), dtype=np.int64)
        for a, attribute in enumerate(self.ix.attributes):
            off, totals = self._off(a), self.totals[a]
            off_g, off_h = off[:, g] + totals, off[:, h] - totals
            base = int((off_g**2 + off_h**2 - off[:, g] ** 2 - off[:, h] ** 2).sum())
            moved = (2 * (off_h - off_g) * n + 2 * n * n)[self.codes[a][people]] * self.known[a][people]
            change += attribute.weight * (base + moved)
        return change

    def move(self, i: int, g: int) -> None:
        """Put person i into group g and keep the counts right."""
        old = int(self.places[i])
        self.places[i] = g
        for a, codes in enumerate(self.codes):
            if codes[i] >= 0:
                self.counts[a][codes[i], old] -= 1
                self.counts[a][codes[i], g] += 1
        self.sizes[old] -= 1
        self.sizes[g] += 1
        self.near[:, old] -= self.pairs[i]
        self.near[:, g] += self.pairs[i]
        for coach, minutes in ((self.ix.coach_of[old], 1), (self.ix.coach_of[g], -1)):
            left = self.spare[coach]
            if left is not None:
                self.spare[coach] = left + minutes * self.ix.problem.minutes_per_person

    def climb(self, steps: int, goal: int) -> tuple[Found, int]:
        """Search from here until the goal, a stall or the end of the steps. Returns the best and the steps used."""
        best, penalty, since, bad_spell = self.found(), 4 * self.least_penalty, 0, 0
        for step in range(1, steps + 1):
            if best.rank <= (0, goal) or since > STALL:
                return best, step
            swap, shift = self._best_swap(step, penalty, best.rank), self._best_shift(step, penalty)
            if swap is None and shift is None:
                return best, step
            hold = step + TENURE + self.rng.randrange(TENURE)
            if shift is not None and (swap is None or shift[0] < swap[0]):
                _, i, h, change, broken = shift
                self.memory[i, self.places[i]] = hold
                self.move(i, h)
            elif swap is not None:
                _, i, j, change, broken = swap
                g, h = int(self.places[i]), int(self.places[j])
                self.memory[i, g] = self.memory[j, h] = hold
                self.move(i, h)
                self.move(j, g)
            self.scaled += change
            self.broken += broken
            bad_spell = min(bad_spell, 0) - 1 if self.broken == 0 else max(bad_spell, 0) + 1
            if abs(bad_spell) % 10 == 0:
                penalty = max(self.least_penalty, penalty * 2 if bad_spell > 0 else penalty // 2)
                penalty = min(penalty, 1024 * self.least_penalty)
            since += 1
            if self.found_rank() < best.rank:
                best, since = self.found(), 0
        return best, steps

    def found_rank(self) -> tuple[int, int]:
        """How the present place compares, without copying it."""
        return self.broken, self.scaled


def run(
    ix: Indexed,
    sizes: Sequence[int],
    *,
    seed: int,
    steps: int,
    start: Sequence[int] | None = None,
) -> Found:
    """The best assignment found with these group sizes (in any order), starting from `start` or a deal."""
    searcher = Searcher(ix, seed)
    totals = [[codes.count(v) for v in range(len(ix.values[a]))] for a, codes in enumerate(ix.codes)]
    goal = measure.scaled_bound(ix, totals, sizes)
    searcher.start(start if start is not None else deal(ix, sizes, searcher.rng))
    best, used = searcher.climb(steps, goal)
    while used < steps and best.rank > (0, goal):
        searcher.start(deal(ix, sizes, searcher.rng))
        found, more = searcher.climb(steps - used, goal)
        used += max(more, 1)
        best = min(best, found, key=lambda item: item.rank)
    return best
