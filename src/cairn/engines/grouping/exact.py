"""The problem as a model for CP-SAT: feasibility, evenest sizes, meeting the bound, and the least D with its proof."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from cairn.engines.grouping import measure
from cairn.engines.grouping.cpsat import Answer, Model, Term
from cairn.engines.grouping.indexed import Indexed


@dataclass(frozen=True)
class Placed:
    """A solution in positions: everybody's group, and a coach for each person who opted out."""

    places: tuple[int, ...]
    opt_out_coach: tuple[int, ...]


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
            terms = [(x, times * problem.minutes_per_person) for g in own for x, times in self._size_terms(g)]
            terms += [(x, problem.minutes_per_opt_out) for (_, d), x in self.sees.items() if d == c]
            left = minutes - len(own) * problem.minutes_per_group
            most = sum(weight for _, weight in terms)
            if terms and left < most:
                model.between(terms, -1 if left < 0 else 0, left)
            elif left < 0:
                model.between([], 1, 1)

    def count(self, a: int, v: int, g: int) -> tuple[int, int]:
        """A variable for how many in group g have value v, and the most it can be."""
        tally = Counter(self.block_of[i] for i, code in enumerate(self.ix.codes[a]) if code == v)
        terms = [(self.seat[b, g], times) for b, times in tally.items() if (b, g) in self.seat]
        most = min(sum(times for _, times in terms), self.ix.caps[g])
        counted = self.model.integer(0, most)
        self.model.between([*terms, (counted, -1)], 0, 0)
        return counted, most

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
        return Placed(tuple(places), tuple(coaches))

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
    costs = []
    for g in range(len(ix.groups)):
        most = ix.caps[g] ** 2
        cost = exact.model.integer(0, most)
        for size in range(ix.caps[g]):
            # The chord of the square between size and size + 1: cost >= size^2 + (2 size + 1)(s - size).
            slope = 2 * size + 1
            terms = [(cost, 1), *((x, -slope * times) for x, times in exact._size_terms(g))]
            exact.model.between(terms, size * size - slope * size, most)
        costs.append((cost, 1))
    exact.model.minimise(costs)
    answer = exact.model.solve(effort=effort, seconds=seconds, seed=seed)
    return answer, exact.read(answer) if answer.found else None


class Mix(Exact):
    """The model with the cost of every cell, for groups of known sizes."""

    def __init__(self, ix: Indexed, sizes: Sequence[int], *, rounded_only: bool) -> None:
        """With `rounded_only` every count is its fair share rounded down or up and every value meets its bound."""
        super().__init__(ix, sizes)
        self.n = len(ix.members)
        totals = [[codes.count(v) for v in range(len(ix.values[a]))] for a, codes in enumerate(ix.codes)]
        self.unit = gcd(self.n, *(size * total for size in set(sizes) for row in totals for total in row))
        self.cells: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.objective: list[Term] = []
        for a, attribute in enumerate(ix.attributes):
            for v, total in enumerate(totals[a]):
                bound = measure.scaled_value_bound(self.n, total, sizes) // self.unit**2
                costs = [self._cell(a, v, g, total, rounded_only) for g in range(len(ix.groups))]
                self.model.between(((cost, 1) for cost in costs), bound, bound if rounded_only else 2**40)
                self.objective += [(cost, attribute.weight) for cost in costs]

    def _cost(self, count: int, size: int, total: int) -> int:
        return ((self.n * count - size * total) // self.unit) ** 2

    def _cell(self, a: int, v: int, g: int, total: int, rounded_only: bool) -> int:
        counted, most = self.count(a, v, g)
        own = [(size, literal) for (h, size), literal in self.is_size.items() if h == g]
        top = max(max(self._cost(0, size, total), self._cost(most, size, total)) for size, _ in own)
        cost = self.model.integer(0, max(top, self.n**2 // self.unit**2))
        self.cells[a, v, g] = counted, cost
        for size, literal in own:
            when = [literal] if len(own) > 1 else []
            low, high = size * total // self.n, -(-size * total // self.n)
            if rounded_only:
                self.model.between([(counted, 1)], low, high, when)
            starts = range(low, max(low + 1, high)) if rounded_only else range(max(most, 1))
            for k in starts:
                here = self._cost(k, size, total)
                slope = self._cost(k + 1, size, total) - here
                # The chord between k and k + 1 is at or below the convex cost at every whole number.
                self.model.between([(cost, 1), (counted, -slope)], here - slope * k, 2**40, when)
        return cost

    def hint_all(self, places: Sequence[int], opt_out_coach: Sequence[int]) -> None:
        """Start from this assignment, with every count and cost named: a partial hint may be ignored."""
        self.hint(places, opt_out_coach)
        counted = measure.tally(self.ix, places)
        for (a, v, g), (count, cost) in self.cells.items():
            have = counted.counts[a][v][g]
            self.model.hint(count, have)
            self.model.hint(cost, self._cost(have, counted.sizes[g], counted.totals[a][v]))

    def minimise(self, at_most: int) -> None:
        """Ask for the least D, given that scaled D `at_most` is known to be possible."""
        self.model.minimise(self.objective)
        if self.objective:
            self.model.between(self.objective, 0, at_most // self.unit**2)
