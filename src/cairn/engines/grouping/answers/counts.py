"""The counts of an assignment as arrays, and the exact change of D and of lonely people by any move or swap.

One row per value of every attribute, one column per group, and a last row of zeros for whoever's value is not said.
An entry of `off` is n * count - size * total: how far the count is from the fair share, times n. Swapping person i of
group g with person j of group h changes D by 2/n times the sum, over the attributes in which they differ, of

    w * [off(i's value, h) - off(i's value, g) + n  +  off(j's value, g) - off(j's value, h) + n],

which is a few look-ups for each j, so that all partners of one person are priced at once. Changes are whole numbers:
those of swaps in units of 2/n of D, those of moves in units of 1/n^2.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import measure
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Alone

Numbers = npt.NDArray[np.int64]

SAFE = 2**61


class Counts:
    """Who sits where (`places`, -1 for nowhere), the counts that follow, and what changes would do to them."""

    def __init__(self, ix: Indexed, places: Sequence[int] | Numbers) -> None:
        self.ix = ix
        self.places = np.array(places, dtype=np.int64)
        self.people, self.wide = len(self.places), len(ix.groups)
        self.first = np.cumsum([0, *(len(values) for values in ix.values)])
        self.blank = int(self.first[-1])
        self.row = np.full((len(ix.attributes), self.people), self.blank, dtype=np.int64)
        for a, code in enumerate(ix.table):
            self.row[a] = np.where(code >= 0, code + self.first[a], self.blank)
        weights = [attribute.weight for attribute in ix.attributes]
        self.weight = np.append(np.repeat(np.array(weights, dtype=np.int64), np.diff(self.first)), 0)
        self.shy = _shy_rows(ix)
        self.watched = [row for row, alone in zip(self.row, ix.alone, strict=True) if alone]
        self.version = 0
        self._known: dict[tuple[int, int], tuple[int, Fraction]] = {}
        self._count()

    def _count(self) -> None:
        here = np.flatnonzero(self.places >= 0)
        seats = self.places[here]
        self.size = np.bincount(seats, minlength=self.wide).astype(np.int64)
        self.count = np.zeros((self.blank + 1, self.wide), dtype=np.int64)
        for row in self.row:
            cells = row[here] * self.wide + seats
            self.count += np.bincount(cells, minlength=self.count.size).reshape(self.count.shape)
        self.count[self.blank] = 0
        self.total = self.count.sum(axis=1)
        self.n = len(here)
        self._weigh()

    def _weigh(self) -> None:
        """`pull` is the weighted `off`; plain Python numbers where 64 bits could overflow."""
        largest = int(self.size.max(initial=0)) * max(self.n, 1)
        most = largest * (int(self.total.max(initial=0)) + self.n + 1) * (int(self.weight.sum()) + 1) * 4
        self.kind: type = np.int64 if most < SAFE else object
        off = self.n * self.count.astype(self.kind) - np.multiply.outer(self.total, self.size.astype(self.kind))
        self.off = off
        self.pull = off * self.weight[:, None].astype(self.kind)
        roughly = float(np.abs(off).max(initial=0)) * float(np.abs(self.pull).max(initial=0)) * off.size
        kind = self.kind if roughly < SAFE else object
        self.scaled = int((self.pull.astype(kind) * off.astype(kind)).sum())

    def swap_changes(self, i: int, partners: Numbers) -> Numbers:
        """Change of D, in units of 2/n, when seated person `i` trades places with each of `partners`."""
        g, homes = int(self.places[i]), self.places[partners]
        change: Numbers = np.zeros(len(partners), dtype=self.kind)
        for row in self.row:
            mine, theirs = int(row[i]), row[partners]
            step = self.pull[theirs, g] - self.pull[theirs, homes] + self.n * self.weight[theirs]
            if mine != self.blank:
                step = step + (self.pull[mine] - self.pull[mine, g] + self.n * int(self.weight[mine]))[homes]
            change += np.where(theirs == mine, 0, step)
        return change

    def swap_alone(self, i: int, partners: Numbers) -> Numbers:
        """Change of the number of lonely people (see `alone`) by the same swaps."""
        change = np.zeros(len(partners), dtype=np.int64)
        g, homes = int(self.places[i]), self.places[partners]
        for row in self.watched:
            mine, theirs = int(row[i]), row[partners]
            step = self._leave(theirs, homes) + self._join(theirs, np.full(len(partners), g))
            if self.shy[mine]:
                rows = np.full(len(partners), mine)
                step += self._leave(rows, np.full(len(partners), g)) + self._join(rows, homes)
            change += np.where(theirs == mine, 0, step)
        return change

    def _leave(self, rows: Numbers, groups: Numbers) -> Numbers:
        """One with this value fewer: two become one lonely, one becomes none."""
        have = self.count[rows, groups]
        return np.where(self.shy[rows], (have == 2).astype(np.int64) - (have == 1), 0)

    def _join(self, rows: Numbers, groups: Numbers) -> Numbers:
        """One with this value more: none becomes one lonely, one becomes two."""
        have = self.count[rows, groups]
        return np.where(self.shy[rows], (have == 0).astype(np.int64) - (have == 1), 0)

    def move_changes(self, i: int) -> Numbers:
        """Change of D, in units of 1/n^2, when seated person `i` moves alone to each group; 0 for the present one."""
        g, n, total = int(self.places[i]), self.n, self.total.astype(self.kind)
        weight: Numbers = self.weight.astype(self.kind)
        gone = self.off[:, g] + total
        change = (weight * total * total).sum() - 2 * (total @ self.pull)
        change = change + (weight * (gone * gone - self.off[:, g] * self.off[:, g])).sum()
        for row in self.row:
            v = int(row[i])
            if v != self.blank:
                change = change + int(weight[v]) * (2 * n * (self.off[v] - int(total[v]) - int(gone[v])) + 2 * n * n)
        change[g] = 0
        return np.asarray(change)

    def move_alone(self, i: int) -> Numbers:
        """Change of the number of lonely people by the same moves."""
        g, everywhere = int(self.places[i]), np.arange(self.wide)
        change = np.zeros(self.wide, dtype=np.int64)
        for row in self.watched:
            rows = np.full(self.wide, row[i])
            change += self._join(rows, everywhere) + self._leave(rows, np.full(self.wide, g))
        change[g] = 0
        return change

    def takeover_changes(self, *, heed_alone: bool) -> tuple[Numbers, Numbers]:
        """Row i, column j: change of D (in units of 1/n) and of lonely people in j's group when i takes j's place.

        Only groups that lose one and gain one add up like this. The whole table is people times people.
        """
        everybody, homes = np.arange(self.people), self.places
        change: Numbers = np.zeros((self.people, self.people), dtype=self.kind)
        alone: Numbers = np.zeros((self.people, self.people), dtype=np.int64)
        for row in self.row:
            weight = self.n * self.weight[row]
            join = 2 * self.pull[row][:, homes] + weight[:, None]
            leave = weight - 2 * self.pull[row[everybody], homes]
            differ = row[:, None] != row[None, :]
            change += np.where(differ, join + leave[None, :], 0)
            if heed_alone:
                newly = self._join(np.repeat(row, self.people), np.tile(homes, self.people))
                alone += np.where(differ, newly.reshape(alone.shape) + self._leave(row, homes)[None, :], 0)
        return change, alone

    def alone(self) -> int:
        """How many people are the only one of a `not_alone` value in their group, counted once per value."""
        return int((self.count[self.shy] == 1).sum())

    def who_is_alone(self) -> tuple[Alone, ...]:
        """The same as a list, in order of attribute, value and group."""
        ix = self.ix
        names = [(one.key, value) for one, values in zip(ix.attributes, ix.values, strict=True) for value in values]
        cells = np.argwhere((self.count == 1) & self.shy[:, None]).tolist()
        found = (Alone(names[v][0], names[v][1], ix.groups[g].id) for v, g in cells)
        return tuple(sorted(found, key=_alone_order))

    def put(self, i: int, g: int) -> None:
        """Seat person `i` in group `g` (-1 for nowhere) and keep everything right."""
        old = int(self.places[i])
        if old == g:
            return
        self.places[i] = g
        self.version += 1
        self._known.clear()
        touched = [h for h in (old, g) if h >= 0]
        before = self._columns(touched)
        for h, one in ((old, -1), (g, 1)):
            if h >= 0:
                self.size[h] += one
                for v in self.row[:, i]:
                    self.count[v, h] += one
        self.count[self.blank] = 0
        if len(touched) < 2:
            self.total, self.n = self.count.sum(axis=1), int(self.size.sum())
            self._weigh()
            return
        for h in touched:
            self.off[:, h] = self.n * self.count[:, h] - self.total * self.size[h]
            self.pull[:, h] = self.weight * self.off[:, h]
        self.scaled += self._columns(touched) - before

    def _columns(self, groups: Sequence[int]) -> int:
        return sum(int((self.pull[:, g].astype(object) * self.off[:, g].astype(object)).sum()) for g in groups)

    def limits(self, shrinks: int = -1, grows: int = -1) -> tuple[int, Fraction]:
        """Closed-form bound times n^2, and baseline, when the group `shrinks` has one fewer and `grows` one more."""
        key = (-1, -1) if shrinks == grows else (int(self.size[shrinks]), int(self.size[grows]))
        if key not in self._known:
            sizes = Counter(self.size.tolist())
            if shrinks != grows:
                sizes.subtract(key)
                sizes.update((key[0] - 1, key[1] + 1))
            self._known[key] = limits_of(self.n, self.total[:-1], self.weight[:-1], sizes)
        return self._known[key]

    def score(self, scaled: int, limits: tuple[int, Fraction]) -> float:
        """The balance score of a scaled D under these limits."""
        square = max(self.n, 1) ** 2
        return measure.score_of(Fraction(scaled, square), Fraction(limits[0], square), limits[1])


def limits_of(n: int, totals: Numbers, weights: Numbers, sizes: Counter[int]) -> tuple[int, Fraction]:
    """Closed-form bound times n^2, and baseline, for so many groups of each size: sizes are few, groups may be many."""
    if n == 0:
        return 0, Fraction(0)
    bound, spread = 0, 0
    kinds = [(size, times) for size, times in sizes.items() if times]
    for (total, weight), alike in Counter(zip(totals.tolist(), weights.tolist(), strict=True)).items():
        bound += weight * alike * _value_bound(n, total, kinds)
        spread += weight * alike * total * (n - total)
    if n == 1:
        return bound, Fraction(0)
    lots = sum(times * size * (n - size) for size, times in kinds)
    return bound, Fraction(spread * lots, n * n * (n - 1))


def _value_bound(n: int, total: int, kinds: list[tuple[int, int]]) -> int:
    """Shares rounded down, the largest remainders rounded up, as in `measure.scaled_value_bound`."""
    rests = sorted(((size * total % n, times) for size, times in kinds), reverse=True)
    raised, bound = total - sum(times * (size * total // n) for size, times in kinds), 0
    for rest, times in rests:
        up = min(raised, times)
        raised -= up
        bound += up * (n - rest) ** 2 + (times - up) * rest**2
    return bound


def _shy_rows(ix: Indexed) -> npt.NDArray[np.bool_]:
    """Which values should not be alone in a group."""
    wanted = [v in ix.alone[a] for a, values in enumerate(ix.values) for v in range(len(values))]
    return np.array([*wanted, False], dtype=np.bool_)


def _alone_order(item: Alone) -> tuple[str, str, str]:
    return item.attribute, item.value, item.group
