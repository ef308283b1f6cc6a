"""The least error of one attribute when its values share the groups' seats: a transportation problem.

The closed-form bound looks at every value by itself. With groups of different sizes this can ask of a group more (or
fewer) people than it has seats: if all values must be rounded down in the small groups, their seats do not add up. So
here the values of an attribute (and "not said", which costs nothing) are spread over the sizes together: value v
takes C(s, v) of the seats of all groups of size s, each row and column adds up, and within one size C is spread evenly.
The costs are convex, so whole numbers lose nothing (the matrix is totally unimodular), and Cox's controlled rounding
(1987) deals every such spread out to single groups: for an attribute alone the bound is attained. With equal sizes it
is the closed-form bound.

It is solved by cancelling negative cycles (Klein 1967); the potentials that prove there are none left are prices per
size and value, which tell for each group by itself what counts are without excess.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Kinds = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Spread:
    """The least sum of n*c^2 - 2sNc, and for each size (outer) and value (inner) the price up to which steps pay.

    In groups of a size that is `shut`, nobody should sit who has not said.
    """

    cost: int
    prices: list[list[int]]
    shut: list[bool]


def least(n: int, totals: Sequence[int], kinds: Kinds) -> Spread:
    """Spread people with these values, and the rest of the n who have none, over groups of these sizes."""
    return _Seats(n, totals, kinds).solved()


class _Seats:
    def __init__(self, n: int, totals: Sequence[int], kinds: Kinds) -> None:
        self.n, self.kinds = n, kinds
        self.totals = [*totals, n - sum(totals)]
        self.silent = len(totals)
        self.taken = self._first()

    def _first(self) -> list[list[int]]:
        """A spread near proportion: rounded down, what is left filled in from corner to corner."""
        taken = [[size * times * total // self.n for total in self.totals] for size, times in self.kinds]
        rows = [size * times - sum(row) for (size, times), row in zip(self.kinds, taken, strict=True)]
        columns = [total - sum(row[v] for row in taken) for v, total in enumerate(self.totals)]
        for k, row in enumerate(taken):
            for v in range(len(row)):
                more = min(rows[k], columns[v])
                row[v] += more
                rows[k] -= more
                columns[v] -= more
        return taken

    def step(self, k: int, v: int, count: int) -> int:
        """The price of one more than `count` people in groups of one size, spread evenly."""
        if v == self.silent:
            return 0
        size, times = self.kinds[k]
        return self.n * (2 * (count // times) + 1) - 2 * size * self.totals[v]

    def room(self, k: int, v: int, up: bool) -> int:
        """How many more (or fewer) can be had at the same price."""
        size, times = self.kinds[k]
        count = self.taken[k][v]
        if v == self.silent:
            return size * times - count if up else count
        if up:
            return min(times - count % times, size * times - count)
        return count if count < times else count % times or times

    def solved(self) -> Spread:
        """Cancel negative cycles until there are none."""
        while True:
            potentials = self._cancel()
            if potentials is not None:
                break
        cost = sum(self._cost(k, v) for k in range(len(self.kinds)) for v in range(self.silent))
        of_kind, of_value = potentials
        prices = [[of_value[v] - own for v in range(self.silent)] for own in of_kind]
        return Spread(cost, prices, [of_value[self.silent] < own for own in of_kind])

    def _cost(self, k: int, v: int) -> int:
        size, times = self.kinds[k]
        whole, rest = divmod(self.taken[k][v], times)
        squares = times * whole * whole + rest * (2 * whole + 1)
        return self.n * squares - 2 * size * self.totals[v] * self.taken[k][v]

    def _cancel(self) -> tuple[list[int], list[int]] | None:
        """Push along one negative cycle, or the potentials of sizes and values when there is none (Bellman-Ford)."""
        sizes, values = range(len(self.kinds)), range(len(self.totals))
        up, down = [0] * len(self.kinds), [0] * len(self.totals)
        from_value, from_size = [-1] * len(self.totals), [-1] * len(self.kinds)
        turned = -1
        for _ in range(len(up) + len(down) + 1):
            turned = -1
            for k in sizes:
                for v in values:
                    if self.room(k, v, True) > 0 and up[k] + self.step(k, v, self.taken[k][v]) < down[v]:
                        down[v], from_value[v] = up[k] + self.step(k, v, self.taken[k][v]), k
                        turned = v
                    if self.taken[k][v] > 0 and down[v] - self.step(k, v, self.taken[k][v] - 1) < up[k]:
                        up[k], from_size[k] = down[v] - self.step(k, v, self.taken[k][v] - 1), v
            if turned < 0:
                return up, down
        self._push(turned, from_value, from_size)
        return None

    def _push(self, v: int, from_value: list[int], from_size: list[int]) -> None:
        for _ in range(len(from_value)):
            v = from_size[from_value[v]]
        cycle, at = [], v
        while True:
            k = from_value[at]
            cycle.append((k, at, True))
            before = from_size[k]
            cycle.append((k, before, False))
            at = before
            if at == v:
                break
        amount = min(self.room(*edge) for edge in cycle)
        for k, w, more in cycle:
            self.taken[k][w] += amount if more else -amount
