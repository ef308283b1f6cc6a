"""The table: each case at each size, measured in a process of its own."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.grouping.cases import Case

HEAD = (
    "| what | n | cohorts | median s | most s | peak MB | proven | gap 0 | least score | wanted | reached |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|---|",
)


@dataclass(frozen=True)
class Measured:
    """What the cohorts of one case and size came to."""

    case: Case
    size: int
    runs: tuple[dict[str, Any], ...]

    @property
    def median_seconds(self) -> float:
        return statistics.median(run["seconds"] for run in self.runs)

    @property
    def most_seconds(self) -> float:
        return max(run["seconds"] for run in self.runs)

    @property
    def peak_mb(self) -> float:
        return max((run.get("peak_mb", 0.0) for run in self.runs), default=0.0)

    @property
    def least_score(self) -> float:
        return min((run["score"] for run in self.runs if "score" in run), default=float("nan"))

    def share(self, wanted: str) -> float:
        """The share of cohorts that are proven, whose gap is 0, or that are answered at all."""
        return sum(_has(run, wanted) for run in self.runs) / len(self.runs)

    @property
    def on_time(self) -> float:
        """The share of cohorts that have what is wanted within the time."""
        case = self.case
        return sum(run["seconds"] <= case.most_seconds and _has(run, case.wanted) for run in self.runs) / len(self.runs)

    @property
    def faults(self) -> list[str]:
        """What falls short, in a few words each."""
        case = self.case
        checks = (
            (all(run.get("agrees", True) for run in self.runs), "the check disagrees"),
            (self.on_time >= case.share, f"{self.on_time:.0%} {case.wanted} in time"),
            (self.peak_mb <= case.most_mb, f"{self.peak_mb:.0f} MB"),
            (not self.least_score < case.least_score, f"score {self.least_score:.2f}"),
        )
        return [words for fine, words in checks if not fine]

    def line(self) -> str:
        """One line of the table."""
        infeasible = sum("infeasible" in run for run in self.runs)
        count = f"{len(self.runs)}" + (f" ({infeasible} impossible)" if infeasible else "")
        cells = (
            *(self.case.what, f"{self.size:,}", count, f"{self.median_seconds:.3f}", f"{self.most_seconds:.3f}"),
            *(f"{self.peak_mb:.0f}", f"{self.share('proven'):.0%}", f"{self.share('gap 0'):.0%}"),
            *(f"{self.least_score:.2f}", self._wanted(), "; ".join(self.faults) or "yes"),
        )
        return f"| {' | '.join(cells)} |"

    def _wanted(self) -> str:
        case = self.case
        if not case.share:
            return "told only"
        words = [f"{case.share:.0%} {case.wanted} in {case.most_seconds:g} s"]
        if case.most_mb < float("inf"):
            words.append(f"{case.most_mb:g} MB")
        if case.least_score > float("-inf"):
            words.append(f"score {case.least_score:g}")
        return ", ".join(words)


def _has(run: dict[str, Any], wanted: str) -> bool:
    if wanted == "gap 0":
        return run.get("gap") == 0.0 or ("infeasible" in run and run["proven"])
    return wanted == "answered" or run["proven"]


def rows(
    case: Case,
    *,
    seeds: int,
    sizes: tuple[int, ...] | None = None,
    cohorts: int | None = None,
    seconds: float | None = None,
) -> Iterator[Measured]:
    """Measure a case at each of its sizes."""
    count = cohorts or case.cohorts or seeds
    for size in sizes or case.sizes:
        words = ",".join(str(seed) for seed in range(1, count + 1))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "bench.grouping.child",
                case.key,
                str(size),
                words,
                *([str(seconds)] if seconds else []),
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        yield Measured(case, size, tuple(json.loads(done.stdout)))


def measured(case: Case, *, seeds: int) -> Measured:
    """Measure a case at its first size."""
    return next(rows(case, seeds=seeds))
