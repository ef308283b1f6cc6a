"""The problem as a model for CP-SAT: feasibility, evenest sizes, meeting the bound, and the least D with its proof."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd

from cairn.engines.grouping.figures import aims, measure
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.choices import Choices
from cairn.engines.grouping.proofs.cpsat import Answer, Model, Term


@dataclass(frozen=True)
class Placed:
    """A solution in positions: everybody's group, a coach for each person who opted out, and what was chosen.

    `slots` and `coaches` hold the group's time and coach (a position) for the groups that had a choice.
    """

    places: tuple[int, ...]
    opt_out_coach: tuple[int, ...]
    slots: dict[int, str] = field(default_factory=dict)
    coaches: dict[int, int] = field(default_factory=dict)


class Exact:
    """One model: variables for blocks in groups, group sizes, counts, and coaches of people who opted out."""

    def __init__(self, ix: Indexed, sizes: Sequence[int] | None) -> None:
        """With `sizes`, groups have these sizes in whatever order; without, sizes are free within cap and minimum."""
        self.ix, self.model = ix, Model()
        wide = range(len(ix.groups))
        self.seat = {
            (b, g): self.model.boolean()
            for b, block in enumerate(ix.blocks)
            for g in wide
            if ix.block_may_join(block, g)
        }
        self.block_of = {i: b for b, block in enumerate(ix.blocks) for i in block}
        self.is_size: dict[tuple[int, int], int] = {}
        for b in range(len(ix.blocks)):
            self.model.exactly_one([self.seat[b, g] for g in wide if (b, g) in self.seat])
        self._pairs_apart()
        if sizes is None:
            for g in wide:
                self.model.between(self._size_terms(g), ix.minimums[g], ix.caps[g])
        else:
            self._sizes(sizes)
        self.choices = Choices(ix, self.model)
        for (b, g), seat in self.seat.items():
            self.choices.join(ix.blocks[b], g, seat)
        self._coaches()

    def _size_terms(self, g: int) -> list[Term]:
        return [(seat, len(self.ix.blocks[b])) for (b, h), seat in self.seat.items() if h == g]

    def _pairs_apart(self) -> None:
        for i, j in self.ix.apart:
            a, b = self.block_of[i], self.block_of[j]
            for g in range(len(self.ix.groups)):
                if (a, g) in self.seat and (b, g) in self.seat:
                    self.model.at_most_one([self.seat[a, g], self.seat[b, g]])

    def _sizes(self, sizes: Sequence[int]) -> None:
        wanted, ix = Counter(sizes), self.ix
        for g in range(len(ix.groups)):
            for size in sorted(wanted):
                if ix.minimums[g] <= size <= ix.caps[g]:
                    self.is_size[g, size] = self.model.boolean()
            own = [(size, literal) for (h, size), literal in self.is_size.items() if h == g]
            self.model.exactly_one([literal for _, literal in own])
            self.model.between([*self._size_terms(g), *((literal, -size) for size, literal in own)], 0, 0)
        for size, times in wanted.items():
            self.model.between(((x, 1) for (_, s), x in self.is_size.items() if s == size), times, times)

    def _coaches(self) -> None:
        ix, model, problem = self.ix, self.model, self.ix.problem
        self.sees = {
            (o, c): model.boolean()
            for o, person in enumerate(ix.opt_outs)
            for c, coach in enumerate(ix.coaches)
            if coach not in person.blocked_coaches
        }
        for o in range(len(ix.opt_outs)):
            model.exactly_one([x for (p, _), x in self.sees.items() if p == o])
        for c, minutes in enumerate(ix.minutes):
            if minutes is None:
                continue
            own = [g for g, coach in enumerate(ix.coach_of) if coach == c]
            terms = [
                term for g in range(len(ix.groups)) for term in self.choices.load(g, c, self._size_terms(g), ix.caps[g])
            ]
            terms += [(x, problem.minutes_per_opt_out) for (_, d), x in self.sees.items() if d == c]
            left = minutes - len(own) * problem.minutes_per_group
            if terms:
                model.between(terms, min(0, left), left)
            elif left < 0:
                model.between([], 1, 1)

    def count(self, a: int, v: int, g: int) -> int:
        """A variable for how many in group g have value v."""
        tally = Counter(self.block_of[i] for i, code in enumerate(self.ix.codes[a]) if code == v)
        terms = [(self.seat[b, g], times) for b, times in tally.items() if (b, g) in self.seat]
        counted = self.model.integer(0, min(sum(times for _, times in terms), self.ix.caps[g]))
        self.model.between([*terms, (counted, -1)], 0, 0)
        return counted

    def read(self, answer: Answer) -> Placed:
        """Positions from a solution."""
        places = [-1] * len(self.ix.members)
        for (b, g), seat in self.seat.items():
            if answer.values[seat]:
                for i in self.ix.blocks[b]:
                    places[i] = g
        coaches = [-1] * len(self.ix.opt_outs)
        for (o, c), x in self.sees.items():
            if answer.values[x]:
                coaches[o] = c
        return Placed(tuple(places), tuple(coaches), *self.choices.read(answer.values))

    def hint(self, places: Sequence[int], opt_out_coach: Sequence[int]) -> None:
        """Start from this assignment."""
        sizes = Counter(places)
        for (b, g), seat in self.seat.items():
            self.model.hint(seat, int(places[self.ix.blocks[b][0]] == g))
        for (g, size), literal in self.is_size.items():
            self.model.hint(literal, int(sizes[g] == size))
        for (o, c), x in self.sees.items():
            self.model.hint(x, int(opt_out_coach[o] == c))


def evenest(ix: Indexed, *, effort: float, seconds: float, seed: int) -> tuple[Answer, Placed | None]:
    """An assignment that holds every hard rule with the least sum of squared group sizes."""
    exact = Exact(ix, None)
    exact.model.minimise((cost, 1) for cost in squared_sizes(exact))
    answer = exact.model.solve(effort=effort, seconds=seconds, seed=seed)
    return answer, exact.read(answer) if answer.found else None


def squared_sizes(exact: Exact) -> list[int]:
    """A variable for each group that is at least the square of its size, and exactly that where it is minimised."""
    costs = []
    for g, cap in enumerate(exact.ix.caps):
        most = cap**2
        cost = exact.model.integer(0, most)
        for size in range(cap):
            # The chord of the square between size and size + 1: cost >= size^2 + (2 size + 1)(s - size).
            slope = 2 * size + 1
            terms = [(cost, 1), *((x, -slope * times) for x, times in exact._size_terms(g))]
            exact.model.between(terms, size * size - slope * size, most)
        costs.append(cost)
    return costs


class Mix(Exact):
    """The model with the cost of every cell, for groups of known sizes, looking only at D up to a known value."""

    def __init__(self, ix: Indexed, sizes: Sequence[int], at_most: int | None, *, nobody_alone: bool = False) -> None:
        """`at_most` is the largest scaled D of interest: the bound itself, or that of an assignment in hand.

        What `at_most` leaves over the bound is all the slack any one value has; it limits each count to a few
        numbers and each value's error to a few sums, which is what makes proofs quick. With None D is not looked at.
        `nobody_alone` says that no group holds one person alone of a watched value who need not be; this raises the
        bound of these values (see `aims`), so that less slack is left.
        """
        super().__init__(ix, sizes)
        self.n, self.sizes = len(ix.members), tuple(sorted(sizes))
        totals = ix.totals
        self.unit = gcd(self.n, *(size * total for size in set(sizes) for row in totals for total in row))
        self.cells: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.counters: dict[tuple[int, int, int], int] = {}
        self.errors: dict[tuple[int, int], int] = {}
        self.objective: list[Term] = []
        if at_most is None:
            return
        self.shy = aims.shy(ix, max(sizes, default=0)) if nobody_alone else [[False] * len(row) for row in totals]
        self.least = [
            [self._least(total, shy) for total, shy in zip(row, flags, strict=True)]
            for row, flags in zip(totals, self.shy, strict=True)
        ]
        bound = sum(attribute.weight * sum(row) for attribute, row in zip(ix.attributes, self.least, strict=True))
        slack = at_most - bound
        for a, attribute in enumerate(ix.attributes):
            for v, total in enumerate(totals[a]) if attribute.weight else ():
                error = self._value(a, v, total, (self.least[a][v] + slack // attribute.weight) // self.unit**2)
                self.objective.append((error, attribute.weight))
        if self.objective:
            self.model.between(self.objective, -(-bound // self.unit**2), at_most // self.unit**2)

    def _least(self, total: int, shy: bool) -> int:
        kinds = tuple(Counter(self.sizes).items())
        return aims.value_bound(self.n, total, kinds) if shy else measure.scaled_value_bound(self.n, total, self.sizes)

    def counted(self, a: int, v: int, g: int) -> int:
        """The variable for how many in group g have value v, made if need be."""
        if (a, v, g) in self.cells:
            return self.cells[a, v, g][0]
        if (a, v, g) not in self.counters:
            self.counters[a, v, g] = self.count(a, v, g)
        return self.counters[a, v, g]

    def _cost(self, count: int, size: int, total: int) -> int:
        return ((self.n * count - size * total) // self.unit) ** 2

    def _value(self, a: int, v: int, total: int, most: int) -> int:
        """A variable for one value's squared error over all groups, at most so large, tied to its counts."""
        fits = {size: self._range(size, total, most, shy=self.shy[a][v]) for size in set(self.sizes)}
        error = self.errors[a, v] = self.model.among(self._sums(total, fits, most) or [most + 1])
        costs = [self._cell(a, v, g, total, fits) for g in range(len(self.ix.groups))]
        self.model.between([(error, -1), *((cost, 1) for cost in costs)], 0, 0)
        return error

    def _range(self, size: int, total: int, most: int, *, shy: bool) -> list[int]:
        """Counts in a group of this size which, with all other groups as good as can be, stay within `most`."""
        others = list(self.sizes)
        others.remove(size)
        start = sum(self._cost(0, other, total) for other in others)
        prices = sorted(
            self._cost(k + 1, other, total) - self._cost(k, other, total) for other in others for k in range(other)
        )
        fits = []
        for count in range(max(0, total - len(prices)), min(size, total) + 1):
            rest = start + sum(prices[: total - count])
            if self._cost(count, size, total) + rest <= most and not (shy and count == 1):
                fits.append(count)
        return fits

    def _sums(self, total: int, fits: dict[int, list[int]], most: int) -> list[int]:
        """Every error the value can have within `most`: counts so far against sums so far, group by group."""
        reached: dict[int, set[int]] = {0: {0}}
        for size in self.sizes:
            ahead: dict[int, set[int]] = {}
            for have, sums in reached.items():
                for count in fits[size]:
                    cost = self._cost(count, size, total)
                    if have + count <= total:
                        ahead.setdefault(have + count, set()).update(s + cost for s in sums if s + cost <= most)
            reached = ahead
        return sorted(reached.get(total, ()))

    def _cell(self, a: int, v: int, g: int, total: int, fits: dict[int, list[int]]) -> int:
        counted = self.count(a, v, g)
        own = [(size, literal) for (h, size), literal in self.is_size.items() if h == g]
        top = max((self._cost(count, size, total) for size, _ in own for count in fits[size]), default=0)
        cost = self.model.integer(0, top)
        self.cells[a, v, g] = counted, cost
        for size, literal in own:
            when = [literal] if len(own) > 1 else []
            counts = fits[size]
            self.model.within([(counted, 1)], counts, when)
            for k, ahead in pairwise([*counts, *counts[-1:]][: max(2, len(counts))]):
                here, step = self._cost(k, size, total), max(ahead - k, 1)
                rise = self._cost(k + step, size, total) - here
                # The chord between neighbours is at or below the convex cost at every count that fits, and is the
                # cost itself when there are no others.
                exact = len(counts) <= 2
                low = here * step - rise * k
                self.model.between([(cost, step), (counted, -rise)], low, low if exact else 2**40, when)
        return cost

    def hint_all(self, places: Sequence[int], opt_out_coach: Sequence[int]) -> None:
        """Start from this assignment, with every count and cost named: a partial hint may be ignored."""
        self.hint(places, opt_out_coach)
        counted = measure.tally(self.ix, places)
        for (a, v, g), (count, cost) in self.cells.items():
            have = counted.counts[a][v][g]
            self.model.hint(count, have)
            self.model.hint(cost, self._cost(have, counted.sizes[g], counted.totals[a][v]))
        for (a, v, g), count in self.counters.items():
            self.model.hint(count, counted.counts[a][v][g])
        for (a, v), error in self.errors.items():
            self.model.hint(error, sum(measure.scaled_cells(counted, a, v)) // self.unit**2)

    def minimise(self) -> None:
        """Ask for the least D."""
        self.model.minimise(self.objective)
