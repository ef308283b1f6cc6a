"""Swap search on counts for any number of people: deterministic, on all cores, proven only where it meets the bound.

People are dealt out in order of their values, so that neighbours, who are alike, go to different groups. Few groups
are then annealed as a whole, several times over; many are cut into blocks of groups, anew in every round, and the
blocks are walked at the same time. What a block draws depends on seed, round and number of the block alone, and no
block reads what another one changes in a way that matters: so the answer is the same on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import fields, goals
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.watching import Guard
from cairn.engines.grouping.search import boards, compiled
from cairn.engines.grouping.search.boards import Board

if TYPE_CHECKING:
    from cairn.engines.grouping.proofs.shares import Shares

Places = npt.NDArray[np.int32]

FEW_GROUPS = 32
BLOCK = 64
SORE_IN_BLOCK = 8
MOST_HELPED = 20_000
HELPED = 4
CHAINS = 4
FIRST_CYCLE = 16_000
LONGEST_CYCLE = 4_000_000
STEPS = 32
HOT, COOL = 0.5, 0.05
TRIES = 64
TASK = 8
PATIENCE = 8
CHUNK = 10_000
MOST_TO_DEAL_ANEW = 2_000


@dataclass(frozen=True)
class Found:
    """The best assignment met, and its five totals in the order in which they count."""

    places: Places
    rank: tuple[int, ...]


def run(
    ix: Indexed,
    sizes: Sequence[int],
    left: Sequence[int],
    *,
    seed: int,
    evaluations: int,
    guard: Guard,
    quick: bool = False,
    shares: Shares | None = None,
    start: Sequence[int] | None = None,
) -> Found:
    """The best assignment found with these group sizes (in any order), starting from `start` or a deal.

    `left` is how many more people each coach can take. `quick` runs without the compiler, to the same result.
    `shares` is a sharper bound, with which groups of odd sizes are composed first.
    """
    search = _Search(ix, sizes, left, seed, guard, quick)
    if shares is not None:
        search.aim = goals.Aim(max(search.aim.scaled, shares.scaled), search.aim.alone)
        if len(ix.groups) > FEW_GROUPS and start is None:
            search.compose(shares)
    if len(ix.groups) <= FEW_GROUPS:
        return search.anneal(evaluations, start)
    return search.rounds(evaluations, start)


class _Search:
    def __init__(  # noqa: PLR0917
        self, ix: Indexed, sizes: Sequence[int], left: Sequence[int], seed: int, guard: Guard, quick: bool
    ) -> None:
        self.ix, self.sizes, self.seed, self.guard, self.quick = ix, list(sizes), seed % 2**63, guard, quick
        self.kernel = compiled.interpreted() if quick else compiled.compiled()
        self.empty = boards.empty(ix, sizes, left)
        self.aim = goals.aim(ix, sizes)
        self.seated = ix.pin_of.copy()

    def compose(self, shares: Shares) -> None:
        """Fill the groups of odd sizes, whose people stay."""
        from cairn.engines.grouping.proofs import odd

        found = odd.compose(self.ix, self.sizes, shares, self.rng(4))
        kinds, values = self.empty.group[fields.G_KIND :: fields.GROUP], int(self.empty.meta[fields.VALUES])
        for g, people in found.items():
            self.seated[people] = g
            self.empty.person.reshape(-1, fields.PERSON)[people, fields.FIXED] = 1
        for kind in {int(kinds[g]) for g in found}:
            if all(g in found for g in np.flatnonzero(kinds == kind).tolist()):
                # What is still amiss in such groups cannot be helped.
                self.empty.limit.reshape(-1, values, 2)[kind] = [0, 2**31 - 1]

    def rng(self, *key: int) -> np.random.Generator:
        """Random numbers that depend on the seed and the key alone."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed, *key])))

    def board(self, key: int, start: Sequence[int] | None) -> Board:
        """A board with everybody seated, priced and told off."""
        board = boards.copied(self.empty)
        if start is None:
            self._deal(board, key)
        else:
            boards.seat_all(board, np.asarray(start, dtype=np.int32))
        totals = goals.totals(self.ix, board.place, self.aim)
        board.meta[fields.TOTALS : fields.TOTALS + 5] = totals
        board.meta[fields.BEST : fields.BEST + 5] = totals
        board.best_place[:] = board.place
        return board

    def _deal(self, board: Board, key: int) -> None:
        rng, n = self.rng(1, key), len(self.ix.members)
        seated = np.flatnonzero(self.seated >= 0)
        boards.seat_all(board, self.seated)
        order = np.lexsort([rng.permutation(n), *self.ix.table[::-1]])
        units, queue = _queue(self.ix, order, seated)
        room = np.array(self.sizes, dtype=np.int64) - np.bincount(self.seated[seated], minlength=len(self.sizes))
        rooms = rng.permutation(np.flatnonzero(room > 0)).astype(np.int64)
        rows = (board.meta, board.cells, board.counts, board.value, board.place, board.spot, board.seat)
        laws = (board.person, board.group, board.law)
        kernel = compiled.interpreted() if self.quick else self.kernel
        kernel.deal(*rows, *laws, units, queue, room, rooms, TRIES)
        boards.seat_rest(board, np.array(self.sizes, dtype=np.int64))

    # Few groups: annealing.

    def anneal(self, evaluations: int, start: Sequence[int] | None) -> Found:
        """Several chains side by side, each through longer and longer cycles of cooling."""
        chains = 1 if self.quick else CHAINS
        every = [self._chain(k, start if k == 0 else None) for k in range(chains)]
        spent, cycle, best = 0, FIRST_CYCLE, self._best(every)
        with ThreadPoolExecutor(1 if self.quick else threads()) as pool:
            while spent < evaluations and not self.perfect(best.rank):
                length = min(cycle, max(STEPS, (evaluations - spent) // chains))
                self.guard.over(None if self.quick else pool, lambda chain: self._cycle(chain, length), every)  # noqa: B023
                spent += length * chains
                cycle = min(2 * cycle, LONGEST_CYCLE)
                best = self._best(every)
                self.guard.count(length * chains)
                if self.guard.tell("search", self._excess(best.rank), best.rank[0]):
                    break
        return best

    def _chain(self, key: int, start: Sequence[int] | None) -> Board:
        board = self.board(key, start)
        board.blocks[2] = int(self.rng(2, key).integers(1, 2**32))
        self._price(board, soft=True)
        return boards.listed(board) if self.quick else board

    def _cycle(self, chain: Board, length: int) -> None:
        unit = self._unit()
        self._open(chain, 0, 1)
        for step in range(STEPS):
            heat = round(unit * HOT * (COOL / HOT) ** (step / (STEPS - 1)))
            self.kernel.walk(*chain, 0, max(1, length // STEPS), heat, True)
            if self.guard.late():
                return
        if chain.meta[fields.BEST + fields.BROKEN] > 0:
            chain.meta[fields.PRICE + fields.BROKEN] *= 2 if chain.meta[fields.PRICE + fields.BROKEN] < 2**45 else 1

    def _best(self, every: Sequence[Board]) -> Found:
        order = boards.ranking(self.ix)
        ranks = [tuple(int(chain.meta[fields.BEST + k]) for k in order) for chain in every]
        at = ranks.index(min(ranks))
        return Found(np.array(every[at].best_place, dtype=np.int32), ranks[at])

    # Many groups: rounds of blocks.

    def rounds(self, evaluations: int, start: Sequence[int] | None) -> Found:
        """Round after round of blocks until nothing is amiss; when that comes to a standstill, anew from another deal.

        A round in which nothing is amiss has met the bound, except where groups of odd sizes could not be composed.
        """
        best, spent, key = self._seen(board := self.board(0, start)), 0, 0
        with ThreadPoolExecutor(threads()) as pool:
            while spent < evaluations and not self.perfect(best.rank) and not self.guard.stopped:
                if key and len(self.ix.members) > MOST_TO_DEAL_ANEW:
                    break
                if key:
                    board = self.board(key, None)
                self._price(board, soft=False)
                found, used = self._descend(pool, board, key, evaluations - spent)
                best = min(best, found, key=lambda one: one.rank)
                spent, key = spent + max(used, 1), key + 1
        return best

    def _descend(self, pool: ThreadPoolExecutor, board: Board, key: int, evaluations: int) -> tuple[Found, int]:
        """Rounds from one deal, with what they took."""
        sore, spent, turn, waited = np.arange(len(self.sizes)), 0, 0, 0
        least = self._mix(board)
        while spent < evaluations and len(sore) and waited < PATIENCE:
            blocked = self._cut(board, sore, (key, turn))
            self._walk_all(pool, blocked, _per_block(turn))
            done = int(blocked.blocks[3::4].sum())
            self.guard.count(done)
            before, mix = len(sore), self._mix(board)
            sore, spent, turn = self._sore(blocked), spent + max(done, 1), turn + 1
            waited = 0 if mix < least or len(sore) < before else waited + 1
            least = min(mix, least)
            if self.guard.tell("search", mix, 0) or (mix == 0 and self.perfect(self._seen(board).rank)):
                break
        found = self._seen(board)
        return Found(found.places.copy(), found.rank), spent

    def _mix(self, board: Board) -> int:
        """n*D above the bound, from the board's own counts."""
        values = int(board.meta[fields.VALUES])
        counts, size = board.counts.reshape(-1, values), board.group[fields.G_SIZE :: fields.GROUP].astype(np.int64)
        squares, crossed = np.zeros(values, dtype=np.int64), np.zeros(values, dtype=np.int64)
        for first in range(0, len(counts), CHUNK):
            part = counts[first : first + CHUNK].astype(np.int64)
            squares += (part * part).sum(axis=0)
            crossed += size[first : first + CHUNK] @ part
        n, weight, share = len(board.place), board.value[::3].tolist(), board.value[1::3].tolist()
        exact = sum(
            w * n * s - 2 * t * c for w, t, s, c in zip(weight, share, squares.tolist(), crossed.tolist(), strict=True)
        )
        every = int((size * size).sum())
        fixed = sum(t * t // w for w, t in zip(weight, share, strict=True) if w) * every
        return int(exact * n + fixed - self.aim.scaled) // n

    def _seen(self, board: Board) -> Found:
        """Where the board stands; its places are not copied."""
        totals = goals.totals(self.ix, board.place, self.aim)
        return Found(board.place, tuple(totals[k] for k in boards.ranking(self.ix)))

    def _cut(self, board: Board, sore: npt.NDArray[np.int64], turn: tuple[int, int]) -> Board:
        """Blocks with some sore groups and some good ones each; in the first round simply all groups."""
        rng, wide = self.rng(3, *turn), len(self.sizes)
        if len(sore) * BLOCK > wide * SORE_IN_BLOCK:
            count = -(-wide // BLOCK)
            order, block = rng.permutation(wide), np.arange(wide) * count // wide
        else:
            order, block = self._around(board, sore, rng)
            count = int(block[-1]) + 1
        blocks = np.zeros((count + 1, 4), dtype=np.int64)
        blocks[:, 0] = np.searchsorted(block, np.arange(count + 1))
        blocks[:count, 2] = rng.integers(1, 2**32, count)
        group = board.group.reshape(-1, fields.GROUP)
        group[:, fields.G_BLOCK] = -1
        group[order, fields.G_BLOCK] = block
        board.meta[fields.UNEVEN] = 0
        return board._replace(
            order=order.astype(np.int32), sore=np.zeros(len(order), dtype=np.int32), blocks=blocks.reshape(-1)
        )

    def _around(
        self, board: Board, sore: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """A few sore groups to a block, with groups that can help them and others; groups, and the block of each."""
        count = -(-len(sore) // SORE_IN_BLOCK)
        first, block = self._by_pairs(board, rng.permutation(sore)), np.arange(len(sore)) * count // len(sore)
        good = np.ones(len(self.sizes), dtype=bool)
        good[sore] = False
        order, blocks = first.tolist(), block.tolist()
        if len(sore) <= MOST_HELPED:
            able = _Able(board)
            for g, at in zip(first.tolist(), block.tolist(), strict=True):
                helpers = able.to_help(g, good, rng)
                order += helpers
                blocks += [at] * len(helpers)
        others = rng.permutation(np.flatnonzero(good))[: max(0, count * BLOCK - len(order))]
        every = np.concatenate([np.array(order, dtype=np.int64), others])
        block = np.concatenate([np.array(blocks, dtype=np.int64), np.arange(len(others)) % count])
        sorting = np.argsort(block, kind="stable")
        return every[sorting], block[sorting]

    def _by_pairs(self, board: Board, sore: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The same groups with those next to each other between which a pair is split that should be together."""
        if not self.ix.together:
            return sore
        pairs = np.array(self.ix.together)
        a, b = board.place[pairs[:, 0]], board.place[pairs[:, 1]]
        rank = np.full(len(self.sizes), -1.0)
        rank[sore] = np.arange(len(sore))
        for g, h in zip(a[a != b].tolist(), b[a != b].tolist(), strict=True):
            rank[h] = rank[g] + 0.5
        return sore[np.argsort(rank[sore], kind="stable")]

    def _walk_all(self, pool: ThreadPoolExecutor, board: Board, evaluations: int) -> None:
        count = len(board.blocks) // 4 - 1

        def task(first: int) -> None:
            if not self.guard.late():
                self.kernel.walk_blocks(*board, first, min(first + TASK, count), evaluations, 0)

        self.guard.over(pool, task, range(0, count, TASK))

    def _sore(self, board: Board) -> npt.NDArray[np.int64]:
        """Groups with something amiss; those outside this round's blocks were good and still are."""
        found: npt.NDArray[np.int64] = np.sort(
            board.order[board.group.reshape(-1, fields.GROUP)[board.order, fields.G_SORE] >= 0]
        ).astype(np.int64)
        return found

    # Both.

    def _open(self, b: Board, first: int, last: int) -> None:
        rows = (b.meta, b.counts, b.value, b.limit, b.place, b.seat, b.person, b.group, b.law)
        self.kernel.open_blocks(*rows, b.order, b.sore, b.blocks, first, last)

    def _unit(self) -> int:
        """What a usual smallest change of n*D is: two people of an attribute of middling weight."""
        weights = [attribute.weight for attribute in self.ix.attributes if attribute.weight] or [1]
        return max(1, 2 * len(self.ix.members) * sum(weights) // len(weights))

    def _price(self, board: Board, *, soft: bool) -> None:
        """What a broken rule, somebody alone, a pair met again and a missing style cost against n*D.

        While annealing, rules are cheap enough to be broken in passing. Otherwise no gain in D can pay for one.
        """
        unit, price, order = self._unit(), fields.PRICE, boards.ranking(self.ix)
        weights = sum(attribute.weight for attribute in self.ix.attributes)
        most = 4 * len(self.ix.members) * max(1, weights) * (max(self.sizes) + 2)
        board.meta[price + fields.MIX] = 1
        mix = order.index(fields.MIX)
        for at, k in enumerate(order):
            if at < mix:
                board.meta[price + k] = 2 * unit if soft else most * (8 * len(self.ix.attributes) + 1) ** (mix - 1 - at)
            elif at > mix:
                board.meta[price + k] = max(1, len(self.ix.members) // (4 if at == mix + 1 else 8))

    def perfect(self, rank: Sequence[int]) -> bool:
        """Whether nothing could be better, as far as bounds can tell."""
        return not any(rank)

    def _excess(self, rank: Sequence[int]) -> int:
        return rank[boards.ranking(self.ix).index(fields.MIX)]


class _Able:
    """Which groups could give what another lacks, or take what it has too much of."""

    def __init__(self, board: Board) -> None:
        values = int(board.meta[fields.VALUES])
        self.counts, self.limit = board.counts.reshape(-1, values), board.limit.reshape(-1, values, 2)
        self.kind = board.group[fields.G_KIND :: fields.GROUP]
        self.known: dict[tuple[int, bool], npt.NDArray[np.int64]] = {}

    def to_help(self, g: int, good: npt.NDArray[np.bool_], rng: np.random.Generator) -> list[int]:
        """A few good groups for what is amiss in g; they are then good no more, as nobody else may have them."""
        low, high = self.limit[self.kind[g], :, 0], self.limit[self.kind[g], :, 1]
        amiss, found = np.flatnonzero((self.counts[g] < low) | (self.counts[g] > high)), list[int]()
        for v in amiss.tolist()[:HELPED]:
            groups = self._with_room(v, bool(self.counts[g, v] < low[v]))
            drawn = groups[rng.integers(0, len(groups), HELPED)].tolist() if len(groups) else []
            for h in drawn:
                if good[h]:
                    good[h] = False
                    found.append(h)
        return found

    def _with_room(self, v: int, lacking: bool) -> npt.NDArray[np.int64]:
        if (v, lacking) not in self.known:
            edge = self.limit[self.kind, v, 0 if lacking else 1]
            able = self.counts[:, v] > edge if lacking else self.counts[:, v] < edge
            self.known[v, lacking] = np.flatnonzero(able)
        return self.known[v, lacking]


def _per_block(turn: int) -> int:
    """Swaps to try in each block: blocks cut anew soon get further than long walks in the old ones."""
    return 60_000 if turn < 12 else min(60_000 << (turn - 12) // 4, 1_000_000)


def _queue(
    ix: Indexed, order: npt.NDArray[np.int64], seated: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Units of people to deal, those who stay together first; who has a seat already is left out."""
    free = np.ones(len(order), dtype=bool)
    free[seated] = False
    units = [[i for i in unit if free[i]] for unit in ix.units]
    units = sorted((unit for unit in units if unit), key=lambda unit: -len(unit))
    joined = np.array([i for unit in units for i in unit], dtype=np.int64)
    free[joined] = False
    rest = order[free[order]]
    ends = np.cumsum([0, *(len(unit) for unit in units), *np.ones(len(rest), dtype=np.int64)])
    return ends.astype(np.int64), np.concatenate([joined, rest]).astype(np.int64)


def threads() -> int:
    """How many threads to use; NUMBA_NUM_THREADS limits them as it does numba's own."""
    given = os.environ.get("NUMBA_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) else max(1, len(os.sched_getaffinity(0)))
