"""The figures of an assignment counted a second time, by formulas that the solver does not use.

D comes from counting pairs: among c people with one value there are c(c-1)/2 pairs, so c^2 = c + 2 * pairs. The bound
comes from filling places one at a time: the k-th person with a value in a group of size s adds 2k - 1 - 2sN/n to the
error, and since these prices rise within each group, the N cheapest of all give the least sum. Where nobody may be
alone of a value, some groups hold none of it and the others start at two; every number of such groups is tried. The
baseline comes from the chance that two people drawn at random share a group.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.lazily import Seats
from cairn.engines.grouping.problem.people import Column, People
from cairn.engines.grouping.problem.shapes import Attribute, Problem

Numbers = npt.NDArray[np.int64]
MOST_WAYS = 20_000


@dataclass(frozen=True, eq=False)
class Holding:
    """Everybody with one value: how many there are in each group that has any, and how many in all."""

    attribute: Attribute
    value: str
    groups: Numbers
    counts: Numbers

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def is_watched(self) -> bool:
        """Nobody should be alone of it."""
        return bool({"*", self.value} & self.attribute.not_alone)

    @property
    def alone(self) -> Numbers:
        """The groups with exactly one."""
        found: Numbers = self.groups[self.counts == 1]
        return found


@dataclass(frozen=True, eq=False)
class Recount:
    """People as columns, where each of them sits (-1: nowhere), the sizes of the groups, and who has which value."""

    people: People
    places: Numbers
    sizes: Numbers
    holdings: tuple[Holding, ...]

    @property
    def placed(self) -> int:
        return int(self.sizes.sum())

    def figures(self) -> tuple[Fraction, Fraction, Fraction]:
        """D, bound and baseline."""
        sizes, d, bound, lots = Counter(self.sizes.tolist()), Fraction(0), Fraction(0), Fraction(0)
        for held in self.holdings:
            weight = held.attribute.weight
            if weight:
                d += weight * self._error(held, sizes)
                bound += weight * least_error(sizes, held.total)
                lots += weight * drawing_lots(sizes, held.total)
        return d, bound, lots

    def bound_with_nobody_alone(self) -> Fraction | None:
        """The bound where watched values come in none or at least two, or None where trying all is too much."""
        sizes, found = Counter(self.sizes.tolist()), Fraction(0)
        for held in self.holdings:
            least = least_error(sizes, held.total)
            if held.is_watched and held.attribute.weight and held.total > 1 and max(sizes) > 1:
                without = least_without_alone(sizes, held.total)
                if without is None:
                    return None
                least = without
            found += held.attribute.weight * least
        return found

    def _error(self, held: Holding, sizes: Counter[int]) -> Fraction:
        share = Fraction(held.total, self.placed)
        alike = int((held.counts * (held.counts - 1) // 2).sum())
        crossed = int((self.sizes[held.groups] * held.counts).sum())
        squares = sum(times * size**2 for size, times in sizes.items())
        return held.total + 2 * alike - 2 * share * crossed + share**2 * squares


def recount(problem: Problem, assignment: Mapping[str, str]) -> Recount:
    """Count an assignment from the problem alone. People who opted out, or sit in no group of it, are not counted."""
    keys = [attribute.key for attribute in problem.attributes if not attribute.of]
    people = People.of(problem.people, keys)
    at = {group.id: g for g, group in enumerate(problem.groups)}
    home = seats_of(assignment)
    places = np.array([at.get(home.get(person, ""), -1) for person in people.ids], dtype=np.int64)
    places[people.opted_out] = -1
    sizes = np.bincount(places[places >= 0], minlength=len(problem.groups)).astype(np.int64)
    holdings = tuple(
        held
        for attribute in problem.counted
        if attribute.weight or attribute.not_alone
        for held in _holdings(attribute, people, places, len(problem.groups))
    )
    return Recount(people, places, sizes, holdings)


def seats_of(assignment: Mapping[str, str]) -> dict[str, str]:
    """The same as a dictionary, without asking for a million entries one by one."""
    if not isinstance(assignment, Seats):
        return dict(assignment)
    ids, places, labels, more = assignment.arrays()
    return {
        **{person: labels[at] for person, at in zip(ids, places.tolist(), strict=True) if at >= 0},
        **more,
    }


def _holdings(attribute: Attribute, people: People, places: Numbers, groups: int) -> Iterator[Holding]:
    codes, names = _values(attribute, people)
    counted = (codes >= 0) & (places >= 0)
    if not counted.any():
        return
    cells, counts = np.unique(codes[counted] * max(groups, 1) + places[counted], return_counts=True)
    values, starts = np.unique(cells // max(groups, 1), return_index=True)
    ends = [*starts[1:].tolist(), len(cells)]
    for code, start, end in zip(values.tolist(), starts.tolist(), ends, strict=True):
        yield Holding(attribute, names[code], cells[start:end] % max(groups, 1), counts[start:end].astype(np.int64))


def _values(attribute: Attribute, people: People) -> tuple[Numbers, Mapping[int, str] | Sequence[Any]]:
    """Each person's value as a number (-1: not said), and what the numbers read."""
    if not attribute.of:
        column = people.values.get(attribute.key) or Column.of(None, len(people), attribute.key)
        return column.codes.astype(np.int64), column.labels
    parts = [people.values[key] for key in attribute.of]
    rows = np.stack([part.codes for part in parts], axis=1)
    said = (rows >= 0).all(axis=1)
    codes = np.full(len(people), -1, dtype=np.int64)
    found, inverse = np.unique(rows[said], axis=0, return_inverse=True)
    codes[said] = inverse.reshape(-1)
    words = (
        " × ".join(str(part.labels[code]).replace("×", "××") for part, code in zip(parts, row, strict=True))
        for row in found.tolist()
    )
    return codes, dict(enumerate(words))


def least_error(sizes: Mapping[int, int], total: int) -> Fraction:
    """The least sum of squared errors of a value that `total` people have, in groups of `sizes` (size: how many)."""
    people = sum(size * times for size, times in sizes.items())
    if not people:
        return Fraction(0)
    fixed = sum(times * Fraction(size * total, people) ** 2 for size, times in sizes.items())
    return fixed + _cheapest(_prices(sizes, total, people, start=0), total)


def least_without_alone(sizes: Mapping[int, int], total: int) -> Fraction | None:
    """The same where no group may hold exactly one; None where there are too many ways to try."""
    people = sum(size * times for size, times in sizes.items())
    able = [(size, times) for size, times in sorted(sizes.items()) if size >= 2]
    ways = 1
    for _size, times in able:
        ways *= times + 1
    if ways > MOST_WAYS:
        return None
    fixed = sum(times * Fraction(size * total, people) ** 2 for size, times in sizes.items())
    found: list[Fraction] = []
    for used in product(*(range(times + 1) for _size, times in able)):
        open_to = {size: times for (size, _all), times in zip(able, used, strict=True) if times}
        rest = total - 2 * sum(open_to.values())
        if rest < 0 or rest > sum((size - 2) * times for size, times in open_to.items()):
            continue
        # The first two in a group cost 1 + 3 less four fair shares.
        pairs = sum(times * (4 - 4 * Fraction(size * total, people)) for size, times in open_to.items())
        found.append(fixed + pairs + _cheapest(_prices(open_to, total, people, start=2), rest))
    return min(found, default=None)


def _prices(sizes: Mapping[int, int], total: int, people: int, *, start: int) -> list[tuple[Fraction, int]]:
    """What the next person with the value adds in a group of each size, and how many such places there are."""
    return sorted(
        (2 * k - 1 - 2 * Fraction(size * total, people), times)
        for size, times in sizes.items()
        for k in range(start + 1, min(size, total) + 1)
    )


def _cheapest(prices: Sequence[tuple[Fraction, int]], wanted: int) -> Fraction:
    spent = Fraction(0)
    for price, places in prices:
        taken = min(places, wanted)
        spent, wanted = spent + taken * price, wanted - taken
        if not wanted:
            break
    return spent


def drawing_lots(sizes: Mapping[int, int], total: int) -> Fraction:
    """E[sum c^2] - sum (sN/n)^2, where E[sum c^2] = N + N(N-1) * P(two people share a group)."""
    n = sum(size * times for size, times in sizes.items())
    if n <= 1:
        return Fraction(0)
    meet = Fraction(sum(times * size * (size - 1) for size, times in sizes.items()), n * (n - 1))
    squares = sum(times * size**2 for size, times in sizes.items())
    return total + total * (total - 1) * meet - Fraction(total**2 * squares, n**2)
