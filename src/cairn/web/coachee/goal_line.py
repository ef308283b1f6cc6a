"""The course of the figure over all goals, as a small line; the numbers stand in a table beside it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cairn.engines.scoring import EXPECTED, Point

WIDTH, HEIGHT = 400, 150
LEFT, RIGHT, TOP, BOTTOM = 8, 392, 14, 120
LOWEST, HIGHEST = 20.0, 80.0  # three spreads to either side; what lies beyond is drawn at the edge
ENOUGH = 2


@dataclass(frozen=True)
class Line:
    """Finished values for the template: the line as points of a polyline, its end, and where 50 lies.

    The words beside 50 stand so far (`shift`) from it, on the side on which the line does not begin.
    """

    points: str
    dots: tuple[tuple[str, str], ...]
    middle: str
    shift: int
    first: dt.date
    last: dt.date


def drawn(course: Sequence[Point]) -> Line | None:
    """The line through the points of a course; None while there are fewer than two days."""
    if len(course) < ENOUGH:
        return None
    first, last = course[0].on, course[-1].on
    days = (last - first).days
    dots = tuple((_x((point.on - first).days / days), _y(point.score)) for point in course)
    shift = 14 if course[0].score >= EXPECTED else -5
    return Line(" ".join(f"{x},{y}" for x, y in dots), dots[-1:], _y(EXPECTED), shift, first, last)


def _x(share: float) -> str:
    return f"{LEFT + share * (RIGHT - LEFT):.1f}"


def _y(score: float) -> str:
    held = min(max(score, LOWEST), HIGHEST)
    return f"{BOTTOM - (held - LOWEST) / (HIGHEST - LOWEST) * (BOTTOM - TOP):.1f}"
