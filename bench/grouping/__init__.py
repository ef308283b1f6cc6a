"""The grouping engine on random cohorts: `make bench-grouping`, or `python -m bench.grouping --help` for parts of it.

No database and no set-up; every case runs in a process of its own, so that the memory told is its own.
"""

from collections.abc import Iterator


def figures() -> Iterator[tuple[str, float, float, str]]:
    """The two waits a person notices, for the table of all benches."""
    from bench.grouping import cases, table

    for case in (cases.COLD, cases.MOVE):
        told = table.measured(case, seeds=5)
        yield f"groups: {case.what}, wall (median of 5)", told.median_seconds, case.most_seconds, "s"
