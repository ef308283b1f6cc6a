"""Goal attainment scaling: how far several goals have come, each on its own scale of five levels, as one figure.

T = 50 + 10 Σwx / √((1 − ρ) Σw² + ρ (Σw)²), with levels x from −2 to +2, weights w, and ρ, the correlation that is
assumed between goals, 0.30. T. J. Kiresuk and R. E. Sherman (1968), Goal attainment scaling: a general method for
evaluating comprehensive community mental health programs. Community Mental Health Journal 4(6), 443 to 453.

50 says that the goals together are where their owner expected them, whatever their number and weights.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

CORRELATION = 0.30
EXPECTED = 50.0
SPREAD = 10.0
LEVELS = (-2, -1, 0, 1, 2)
LIGHTEST, HEAVIEST = 1, 10


class CannotScore(ValueError):
    """There is no goal to score, or a level or weight is outside its scale."""


@dataclass(frozen=True)
class Attained:
    """One goal as it stands: a level from −2 to +2 and a weight from 1 to 10."""

    level: int
    weight: int = 1

    def __post_init__(self) -> None:
        """Refuse what is outside the scales."""
        if self.level not in LEVELS:
            raise CannotScore(f"A level is from −2 to 2, not {self.level}")
        if not LIGHTEST <= self.weight <= HEAVIEST:
            raise CannotScore(f"A weight is from 1 to 10, not {self.weight}")


@dataclass(frozen=True)
class Reviewed:
    """That a goal was put at a level on a day."""

    goal: int
    on: date
    level: int
    weight: int = 1


@dataclass(frozen=True)
class Point:
    """The figure as it stood at the end of a day, and over how many goals."""

    on: date
    score: float
    goals: int


def t_score(goals: Sequence[Attained]) -> float:
    """The T-score of some goals, not rounded. Raises CannotScore when there are none."""
    if not goals:
        raise CannotScore("There is no goal to score")
    weights = sum(goal.weight for goal in goals)
    squares = sum(goal.weight**2 for goal in goals)
    reached = sum(goal.weight * goal.level for goal in goals)
    return EXPECTED + SPREAD * reached / math.sqrt((1 - CORRELATION) * squares + CORRELATION * weights**2)


def course(reviews: Sequence[Reviewed]) -> tuple[Point, ...]:
    """The T-score at the end of each day on which a goal was reviewed, oldest first.

    `reviews` stand in the order in which they were made; of each goal its latest so far counts.
    """
    latest: dict[int, Attained] = {}
    points: dict[date, Point] = {}
    for review in sorted(reviews, key=lambda each: each.on):
        latest[review.goal] = Attained(review.level, review.weight)
        points[review.on] = Point(review.on, t_score(tuple(latest.values())), len(latest))
    return tuple(points.values())
