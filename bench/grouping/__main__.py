"""Print the table of the grouping engine: `python -m bench.grouping [--short] [--only mix,hard] [--seeds 5]`."""

import argparse
import os
import platform
import sys

from bench.grouping import cases, table

SHORT_SECONDS = 0.3


def main() -> int:
    """The exit code is 1 when something falls short, which a short run never holds against anybody."""
    parser = argparse.ArgumentParser(prog="python -m bench.grouping", allow_abbrev=False)
    parser.add_argument("--only", help=f"some of {', '.join(case.key for case in cases.CASES)}")
    parser.add_argument("--seeds", type=int, default=5, help="cohorts at each size (5)")
    parser.add_argument("--cohorts", type=int, help="cohorts where a case has a number of its own")
    parser.add_argument("--short", action="store_true", help="tiny cohorts, one of each: does it still run?")
    asked = parser.parse_args()
    chosen = asked.only.split(",") if asked.only else [case.key for case in cases.CASES]
    if unknown := set(chosen) - {case.key for case in cases.CASES}:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("\n".join(table.HEAD), flush=True)
    faults = 0
    for case in cases.CASES:
        if case.key not in chosen:
            continue
        sizes = (min(55, *case.sizes),) if asked.short else None
        count = 1 if asked.short else asked.cohorts
        seconds = SHORT_SECONDS if asked.short else None
        for row in table.rows(case, seeds=asked.seeds, sizes=sizes, cohorts=count, seconds=seconds):
            print(row.line(), flush=True)
            faults += bool(row.faults)
    return int(faults > 0 and not asked.short)


if __name__ == "__main__":
    sys.exit(main())
