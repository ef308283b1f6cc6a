"""Groups for 53 people in a fresh interpreter: imports, proof and all."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

COLD = """
import random
from cairn.engines import grouping as g
rng = random.Random({seed})
values = dict(discipline="abcdef", gender="xyz", ethnicity="pqrst", institution="uvw")
people = tuple(
    g.Person(id=str(i), values={{key: rng.choice(of) for key, of in values.items()}}) for i in range(53)
)
groups = tuple(g.Group(id=str(i), coach=str(i)) for i in range(5))
problem = g.Problem(people=people, groups=groups, attributes=tuple(g.Attribute(key) for key in values),
                    cap=11, minimum=4, apart=(g.Pair("1", "2"), g.Pair("3", "4")))
result = g.solve(problem, seed=1)
assert not result.violations
print(result.proof, float(result.score))
"""


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Wall seconds of five seeds, the median."""
    seconds = []
    for seed in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD.format(seed=seed)], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    yield "groups for 53 people, cold start, wall (median of 5)", statistics.median(seconds), 3.0, "s"
