"""A smooth curve through points that never swings past them.

Monotone cubic interpolation: F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17 (1980), 238-246; slopes at the
points by the weighted harmonic mean of F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984), 300-304.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """Points from left to right, and the slope at each."""

    points: tuple[Point, ...]
    slopes: tuple[float, ...]

    def at(self, x: float) -> float:
        """The height at x; beyond the ends that of the end."""
        first, last = self.points[0], self.points[-1]
        if x <= first[0]:
            return first[1]
        if x >= last[0]:
            return last[1]
        index = max(i for i, point in enumerate(self.points[:-1]) if point[0] <= x)
        (x0, y0), (x1, y1) = self.points[index], self.points[index + 1]
        step = x1 - x0
        t = (x - x0) / step
        return float(
            (1 + 2 * t) * (1 - t) ** 2 * y0
            + t * (1 - t) ** 2 * step * self.slopes[index]
            + t * t * (3 - 2 * t) * y1
            + t * t * (t - 1) * step * self.slopes[index + 1]
        )

    def path(self) -> str:
        """The curve as the data of an SVG path."""
        parts = [f"M{_n(self.points[0][0])} {_n(self.points[0][1])}"]
        for index in range(len(self.points) - 1):
            (x0, y0), (x1, y1) = self.points[index], self.points[index + 1]
            third = (x1 - x0) / 3
            near, far = y0 + third * self.slopes[index], y1 - third * self.slopes[index + 1]
            ends = (x0 + third, near, x1 - third, far, x1, y1)
            parts.append("C" + " ".join(_n(end) for end in ends))
        return "".join(parts)

    def flattened(self, level: float, share: float) -> "Curve":
        """The same curve drawn in towards a level: 1 leaves it as it is, 0 makes it flat."""
        points = tuple((x, level + share * (y - level)) for x, y in self.points)
        return Curve(points, tuple(share * slope for slope in self.slopes))


def through(points: Sequence[Point]) -> Curve:
    """The curve through points whose x grow. At least one point."""
    steps = [b[0] - a[0] for a, b in itertools.pairwise(points)]
    rises = [(b[1] - a[1]) / step for a, b, step in zip(points, points[1:], steps, strict=False)]
    inner = [_slope(rises[i], rises[i + 1], steps[i], steps[i + 1]) for i in range(len(rises) - 1)]
    ends = (rises[0] / 2, rises[-1] / 2) if rises else (0.0,)
    slopes = (ends[0], *inner, ends[-1]) if rises else ends
    return Curve(tuple(points), slopes)


def _slope(before: float, after: float, step_before: float, step_after: float) -> float:
    if before * after <= 0:
        return 0.0
    first, second = 2 * step_after + step_before, step_after + 2 * step_before
    return (first + second) / (first / before + second / after)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
