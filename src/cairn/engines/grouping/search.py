"""Swap search on counts for any number of people: deterministic, on all cores, proven only where it meets the bound.

People are dealt out in order of their values, so that neighbours, who are alike, go to different groups. Few groups
are then annealed as a whole, several times over; many are cut into blocks of groups, anew in every round, and the
blocks are walked at the same time. What a block draws depends on seed, round and number of the block alone, and no
block reads what another one changes in a way that matters: so the answer is the same on any number of threads.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping import boards, compiled, fields, goals
from cairn.engines.grouping.boards import Board
from cairn.engines.grouping.indexed import Indexed
from cairn.engines.grouping.watching import Guard

Places = npt.NDArray[np.int32]

FEW_GROUPS = 96
BLOCK = 64
SORE_IN_BLOCK = 8
CHAINS = 4
FIRST_CYCLE = 16_000
LONGEST_CYCLE = 4_000_000
STEPS = 32
HOT, COOL = 0.7, 0.2
TRIES = 64
TASK = 8


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
    start: Sequence[int] | None = None,
) -> Found:
    """The best assignment found with these group sizes (in any order), starting from `start` or a deal.

    `left` is how many more people each coach can take. `quick` runs without the compiler, to the same result.
    """
    search = _Search(ix, sizes, left, seed, guard, quick)
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
        seated = np.flatnonzero(self.ix.pin_of >= 0)
        boards.seat_all(board, self.ix.pin_of)
        order = np.lexsort([rng.permutation(n), *self.ix.table[::-1]])
        units, queue = _queue(self.ix, order, seated)
        room = np.array(self.sizes, dtype=np.int64) - np.bincount(self.ix.pin_of[seated], minlength=len(self.sizes))
        rooms = rng.permutation(np.flatnonzero(room > 0)).astype(np.int64)
        rows = (board.meta, board.cells, board.counts, board.place, board.spot, board.seat)
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
        """Round after round of blocks, until nothing is amiss or the work is spent."""
        board = self.board(0, start)
        self._price(board, soft=False)
        sore, spent, turn = np.arange(len(self.sizes)), 0, 0
        with ThreadPoolExecutor(threads()) as pool:
            while spent < evaluations and len(sore):
                blocked = self._cut(board, sore, turn)
                self._walk_all(pool, blocked, _per_block(turn))
                done = int(blocked.blocks[3::4].sum())
                spent += max(done, 1)
                self.guard.count(done)
                sore, turn = self._sore(blocked), turn + 1
                totals = goals.totals(self.ix, board.place, self.aim)
                rank = tuple(totals[k] for k in boards.ranking(self.ix))
                if self.guard.tell("search", totals[fields.MIX], totals[fields.BROKEN]) or self.perfect(rank):
                    break
        totals = goals.totals(self.ix, board.place, self.aim)
        return Found(board.place, tuple(totals[k] for k in boards.ranking(self.ix)))

    def _cut(self, board: Board, sore: npt.NDArray[np.int64], turn: int) -> Board:
        """Blocks with some sore groups and some good ones each; in the first round simply all groups."""
        rng, wide = self.rng(3, turn), len(self.sizes)
        if len(sore) * BLOCK > wide * SORE_IN_BLOCK:
            order, count = rng.permutation(wide), -(-wide // BLOCK)
        else:
            good = np.setdiff1d(np.arange(wide), sore, assume_unique=True)
            count = -(-len(sore) // SORE_IN_BLOCK)
            good = rng.choice(good, min(len(good), count * (BLOCK - SORE_IN_BLOCK)), replace=False)
            order = np.empty(len(sore) + len(good), dtype=np.int64)
            dealt = np.concatenate([self._by_pairs(board, rng.permutation(sore)), good])
            first = np.concatenate([np.arange(len(sore)) * count // len(sore), np.arange(len(good)) % count])
            order = dealt[np.argsort(first, kind="stable")]
        ends = np.linspace(0, len(order), count + 1).astype(np.int64)
        if len(sore) * BLOCK <= wide * SORE_IN_BLOCK:
            ends = np.concatenate([[0], np.cumsum(np.bincount(np.sort(first), minlength=count))])
        blocks = np.zeros((count + 1, 4), dtype=np.int64)
        blocks[:, 0] = ends
        blocks[:count, 2] = rng.integers(1, 2**32, count)
        group = board.group.reshape(-1, fields.GROUP)
        group[:, fields.G_BLOCK] = -1
        group[order, fields.G_BLOCK] = np.repeat(np.arange(count), np.diff(ends))
        board.meta[fields.UNEVEN] = 0
        return board._replace(
            order=order.astype(np.int32), sore=np.zeros(len(order), dtype=np.int32), blocks=blocks.reshape(-1)
        )

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


def _per_block(turn: int) -> int:
    return 200_000 if turn < 2 else min(400_000 << (turn // 4), 6_400_000)


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
