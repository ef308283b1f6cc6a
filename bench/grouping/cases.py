"""What is measured, and what is wanted: the numbers to reach."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.grouping import cohorts
from cairn.engines import grouping


@dataclass(frozen=True)
class Case:
    """One row of the table. `make` gives the cohort of a size and seed; `how` is a way of `child.WAYS`.

    `share` of the cohorts must be proven (`wanted` "proven"), have gap 0 and break no rule ("gap 0"), or be done
    ("answered") in time; with 0 nothing is wanted. Each must reach `least_score`. `cohorts` is their number when it is
    not that of the seeds.
    """

    key: str
    what: str
    how: str
    sizes: tuple[int, ...]
    make: Callable[[int, int], grouping.Problem]
    most_seconds: float
    most_mb: float = float("inf")
    wanted: str = "proven"
    share: float = 1.0
    least_score: float = float("-inf")
    cohorts: int | None = None
    budget: grouping.Budget = grouping.Budget()  # noqa: RUF009  frozen


def any_size(most: int, seed: int) -> grouping.Problem:
    """A cohort of 22 to `most` people; every order of magnitude is as likely."""
    return cohorts.with_rules(int(22 * (most / 22) ** random.Random(seed).random()), seed)


FOUR_TWO = "4 attributes + 2 intersections, apart, slots, conflicts"
COLD = Case("cold", "cold start of `cairn group`, n = 55, all rules", "command", (55,), cohorts.all_rules, 2.0)
MOVE = Case("move", "one move request, n = 50,000", "move", (50_000,), cohorts.with_rules, 0.05, wanted="answered")
CASES = (
    COLD,
    Case(
        *("all-rules", "all rules, slots and coaches chosen", "solve", (22, 55, 90, 120), cohorts.all_rules, 10.0),
        budget=grouping.Budget(seconds=10.0, effort=10.0),
    ),
    Case("mix", FOUR_TWO, "warm", (500, 5_000, 50_000, 100_000), cohorts.with_rules, 1.0, wanted="gap 0"),
    Case(
        "any-size", f"{FOUR_TWO}, n from 22", "warm", (100_000,), any_size, 1.0, wanted="gap 0", share=0.99, cohorts=200
    ),
    Case("million", FOUR_TWO, "warm", (1_000_000,), cohorts.with_rules, 30.0, 1000.0, wanted="gap 0"),
    Case(
        *("together", "the same with pairs together", "warm", (500, 5_000), cohorts.with_pairs_together, 1.0),
        wanted="gap 0",
        share=0.0,
    ),
    Case(
        *("hard", "hard zone: 8 attributes + 2 intersections", "solve", (55, 110), cohorts.hard_zone, 60.0),
        share=0.8,
        least_score=99.0,
        cohorts=10,
        budget=grouping.Budget(seconds=60.0, effort=60.0),
    ),
    MOVE,
)
