"""How rare groups without any excess are: by this is chosen whether they are to be listed one by one (`wholes`)."""

from collections.abc import Sequence
from math import exp, lgamma, log

from cairn.engines.grouping.problem.indexed import Indexed

MOST_PEOPLE = 160
MOST_EXPECTED = 200_000
FEWEST_GROUPS = 3


def worth_listing(ix: Indexed, sizes: Sequence[int]) -> bool:
    """Whether few enough groups without excess are to be expected to list them all.

    A set of s people drawn by lot has one of the two best counts of a value with the hypergeometric chance; the
    chances are multiplied as if values were independent. Only which way to take depends on it.
    """
    n, size = len(ix.members), max(sizes, default=0)
    if not n or n > MOST_PEOPLE or len(sizes) < FEWEST_GROUPS:
        return False
    expected = _log_ways(n, size)
    for _, holders in rows(ix):
        total, share = len(holders), size * len(holders) // n
        ways = [
            _log_ways(total, count) + _log_ways(n - total, size - count) - _log_ways(n, size)
            for count in {share, -(-size * total // n)}
            if count <= total and size - count <= n - total
        ]
        expected += log(sum(exp(way) for way in ways))
    return expected < log(MOST_EXPECTED)


def _log_ways(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def rows(ix: Indexed) -> list[tuple[int, list[int]]]:
    """Every value that counts: its weight and the members who have it."""
    found = []
    for attribute, codes, values in zip(ix.attributes, ix.codes, ix.values, strict=True):
        holders: list[list[int]] = [[] for _ in values]
        for i, code in enumerate(codes):
            if code >= 0:
                holders[code].append(i)
        found += [(attribute.weight, people) for people in holders if attribute.weight]
    return found
