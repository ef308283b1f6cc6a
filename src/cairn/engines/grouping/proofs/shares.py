"""A sharper bound for any number of people: what all groups of one size hold together, as a small whole-number program.

The closed-form bound looks at one value at a time. Two things can put it out of reach. Groups of different sizes have
to share out values and their intersections so that both add up in each of them. And people who stay together bring
all their common values to one group. Summed over all groups of one size, any grouping gives numbers C(s, v) that
satisfy:

    the values of an attribute, with "not said", fill the seats of these groups;
    the cells of an intersection add up to each value that they are made of;
    over all sizes, everybody with a value has a place.

The least cost of such numbers is a bound, whatever the rules. The cost of C people spread over groups of size s is at
least that of the even spread, which is convex; each line through two neighbouring counts q and q + 1 is a bound below
it, and a unit of m > q + 1 people of one value who stay together adds what m lies above that line. There are only a
few dozen such numbers, so CP-SAT solves this in an instant, for ten people or a million.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cairn.engines.grouping.figures.aims import Kinds, last_price, steps_within
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.cpsat import Model, Term

EFFORT = 1.0
LINES = 2
MOST_CELLS = 3_000


@dataclass(frozen=True)
class Cell:
    """People with one value (or with "not said", which costs nothing): how many, and their units by size of unit."""

    total: int
    weight: int
    units: Counter[int]


@dataclass(frozen=True)
class Shares:
    """A bound on D (times n^2), and numbers with which it is attained as far as such a sum can tell.

    `held[size][a]` is how many of each value of attribute `a`, and who have not said, the groups of a size hold.
    """

    scaled: int
    held: dict[int, list[list[int]]]


def share_out(ix: Indexed, sizes: Sequence[int], *, seconds: float, seed: int) -> Shares:
    """The bound for groups of these sizes; 0 where there is too much of everything."""
    kinds = sorted((size, times) for size, times in Counter(sizes).items() if size)
    cells = sum(len(values) + 1 for values in ix.values) * len(kinds)
    if not kinds or cells > MOST_CELLS or not any(attribute.weight for attribute in ix.attributes):
        return Shares(0, {})
    return _Shares(ix, kinds).solved(seconds, seed)


class _Shares:
    def __init__(self, ix: Indexed, kinds: Kinds) -> None:
        self.ix, self.kinds, self.n = ix, kinds, len(ix.members)
        self.model, self.objective, self.sure = Model(), list[Term](), 0
        self.held = [self._attribute(a) for a in range(len(ix.attributes))]
        for a, attribute in enumerate(ix.attributes):
            if attribute.of:
                self._join(a)

    def solved(self, seconds: float, seed: int) -> Shares:
        """Solve, and turn the cost above the single-value bound back into D times n^2."""
        self.model.minimise(self.objective)
        answer = self.model.solve(effort=EFFORT, seconds=max(0.05, seconds), seed=seed)
        held = {}
        if answer.found:
            for k, (size, _) in enumerate(self.kinds):
                held[size] = [[answer.values[x] for x in own[k]] for own in self.held]
        return Shares(self.sure + self.n * max(0, answer.bound), held)

    def _attribute(self, a: int) -> list[list[int]]:
        """Variables C(s, v) of one attribute, the last for "not said": a list for each kind of group."""
        row, total = self.ix.table[a], self.ix.totals[a]
        known = int((row >= 0).sum())
        weight, units = self.ix.attributes[a].weight, self._units(a)
        cells = [Cell(count, weight, own) for count, own in zip(total, units, strict=True)]
        cells.append(Cell(self.n - known, 0, Counter()))
        held = [[self.model.integer(0, min(c.total, size * times)) for c in cells] for size, times in self.kinds]
        for (size, times), own in zip(self.kinds, held, strict=True):
            self.model.between([(variable, 1) for variable in own], size * times, size * times)
        for v, cell in enumerate(cells):
            self.model.between([(own[v], 1) for own in held], cell.total, cell.total)
            if cell.weight:
                self._price(cell, [own[v] for own in held])
        return held

    def _units(self, a: int) -> list[Counter[int]]:
        """For each value how many units have so many people with it."""
        row, found = self.ix.table[a].tolist(), [Counter[int]() for _ in self.ix.values[a]]
        for unit in self.ix.units:
            for code, many in Counter(row[i] for i in unit).items():
                if code >= 0 and many > 1:
                    found[code][many] += 1
        return found

    def _price(self, cell: Cell, held: Sequence[int]) -> None:
        """The cost of a value above the least it can be, in n*D, tied to how its people are spread over sizes."""
        n, price = self.n, last_price(self.n, cell.total, self.kinds, False)
        squares = sum(times * size * size for size, times in self.kinds)
        self.sure += cell.weight * cell.total**2 * squares + n * cell.weight * price * cell.total
        units = self._spread_units(cell)
        for k, (size, times) in enumerate(self.kinds):
            count = steps_within(n, cell.total, size, price - 1, False)
            least = times * self._above(cell, size, count, price)
            self.sure += n * cell.weight * least
            cost = self.model.integer(0, 2**52)
            for q in range(max(0, count - LINES), min(size, count + LINES + 1)):
                slope = n * (2 * q + 1) - 2 * size * cell.total - price
                start = times * (self._above(cell, size, q, price) - slope * q)
                terms = [(cost, 1), (held[k], -slope)]
                terms += [(units[k, m], -self._lift(q, m)) for m in cell.units if m > q + 1 and (k, m) in units]
                self.model.between(terms, start - least, 2**60)
            self.objective.append((cost, cell.weight))

    def _spread_units(self, cell: Cell) -> dict[tuple[int, int], int]:
        """How many units of m people of this value are in groups of each kind."""
        units = {
            (k, m): self.model.integer(0, count)
            for m, count in cell.units.items()
            for k, (size, _) in enumerate(self.kinds)
            if size >= m
        }
        for m, count in cell.units.items():
            self.model.between([(x, 1) for (_, many), x in units.items() if many == m], count, count)
        return units

    def _above(self, cell: Cell, size: int, count: int, price: int) -> int:
        return self.n * count * count - 2 * size * cell.total * count - price * count

    def _lift(self, q: int, m: int) -> int:
        """How far a count of m lies above the line through q and q + 1: n * (m - q) * (m - q - 1)."""
        return self.n * (m - q) * (m - q - 1)

    def _join(self, x: int) -> None:
        """Tie the cells of an intersection to the values they are made of, in groups of every kind."""
        ix, keys = self.ix, [attribute.key for attribute in self.ix.attributes]
        parts = [keys.index(key) for key in ix.attributes[x].of if key in keys]
        if len(parts) != len(ix.attributes[x].of):
            return
        for a in parts:
            row, cells = ix.table[a], ix.table[x]
            value_of = np.full(len(ix.values[x]), -1)
            value_of[cells[cells >= 0]] = row[cells >= 0]
            loose = np.bincount(row[cells < 0] + 1, minlength=len(ix.values[a]) + 1).tolist()
            for k in range(len(self.kinds)):
                silent = self._loose(loose, k, x, a)
                for v in range(len(ix.values[a])):
                    terms = [(self.held[x][k][c], 1) for c in np.flatnonzero(value_of == v).tolist()]
                    self.model.between([*terms, (silent[v], 1), (self.held[a][k][v], -1)], 0, 0)

    def _loose(self, totals: Sequence[int], k: int, x: int, a: int) -> list[int]:
        """People of each value who have no cell in the intersection, as they did not say the other part."""
        unsaid, *found = [self.model.integer(0, total) for total in totals]
        whole = (self.held[x][k][-1], -1)
        self.model.between([(unsaid, 1), *((y, 1) for y in found), whole], 0, 0)
        self.model.between([(unsaid, 1), (self.held[a][k][-1], -1)], 0, 0)
        # Whoever has no cell has not said one of its parts.
        keys = [attribute.key for attribute in self.ix.attributes]
        silent = [(self.held[keys.index(key)][k][-1], 1) for key in self.ix.attributes[x].of]
        self.model.between([*silent, whole], 0, 2**40)
        return found
