"""One case at one size in a process of its own: prints a JSON object with what was measured.

`python -m bench.grouping.child mix 5000 1,2,3,4,5`; a last word is the seconds to spend at most on each cohort.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.grouping import cases, cohorts, files
from cairn.engines import grouping

WARM_UP = 300
REQUESTS = 25


def command(case: cases.Case, size: int, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """`cairn group` from a cold process, import included."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            words = [*files.words(case.make(size, seed), Path(folder)), "--seconds", str(case.budget.seconds)]
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-P", "-m", "cairn.cli", *words], capture_output=True, text=True, check=False
            )
            seconds = time.perf_counter() - began
            told = json.loads(done.stdout)
        if "error" in told:
            named = all(violation["people"] or violation["groups"] for violation in told["violations"])
            yield {"seconds": seconds, "infeasible": True, "proven": done.returncode == 3 and named}
            continue
        yield {
            "seconds": seconds,
            "proven": told["proof"] != "none" and not told["violations"],
            "gap": told["gap"],
            "score": told["score"],
            "peak_mb": told["peak_mb"],
        }


def solve(case: cases.Case, size: int, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Solve and check each cohort; the first one carries the compiled code's loading."""
    for seed in seeds:
        yield _solved(case.make(size, seed), case.budget, seed)


def warm(case: cases.Case, size: int, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """The same after a small cohort has loaded the compiled code."""
    grouping.solve(cohorts.with_rules(WARM_UP, 0), seed=0, budget=case.budget)
    yield from solve(case, size, seeds)


def _solved(problem: grouping.Problem, budget: grouping.Budget, seed: int) -> dict[str, Any]:
    people, began = len(problem.people), time.perf_counter()
    try:
        result = grouping.solve(problem, seed=seed, budget=budget)
    except grouping.Infeasible as refusal:
        seconds = time.perf_counter() - began
        named = all(conflict.people or conflict.groups or conflict.coaches for conflict in refusal.conflicts)
        return {"seconds": seconds, "people": people, "infeasible": True, "proven": named}
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "people": people,
        "proven": result.proof != "none" and not result.violations,
        "gap": result.gap if not result.violations else 100.0,
        "score": result.score,
        "peak_mb": _peak_mb(),
        "agrees": people > 5_000 or grouping.verify(problem, result).ok,
    }


def move(case: cases.Case, size: int, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """The best swaps of one person and their explanation, the desk being laid out; the median of many people."""
    for seed in seeds:
        problem = case.make(size, seed)
        result = grouping.solve(problem, seed=seed, budget=case.budget)
        desk = grouping.Desk(problem, result.assignment, coaches=result.coaches, slots=result.slots)
        people = [person for person in result.assignment if person.endswith(str(seed))][:REQUESTS]
        spent = []
        for person in people:
            began = time.perf_counter()
            desk.best_swaps(person)
            desk.explain(person, count=5)
            spent.append(time.perf_counter() - began)
        yield {"seconds": statistics.median(spent), "proven": True, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


WAYS = {"command": command, "solve": solve, "warm": warm, "move": move}


def main() -> None:
    """Measure and print."""
    key, size, seeds, *seconds = sys.argv[1:]
    case = next(case for case in cases.CASES if case.key == key)
    if seconds:
        short = replace(case.budget, seconds=float(seconds[0]), effort=float(seconds[0]))
        case = replace(case, budget=short)
    print(json.dumps(list(WAYS[case.how](case, int(size), [int(seed) for seed in seeds.split(",")]))))


if __name__ == "__main__":
    main()
