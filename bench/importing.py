"""A file of 10,000 participants, from its upload to the preview of what would be created."""

import datetime as dt
import statistics
import time
from collections.abc import Iterator

from cairn.programmes import actions, queries
from tests import cast, files

ROWS = 10_000
ROUNDS = 3


def people(seed: int) -> list[tuple[object, ...]]:
    """A header and so many people with everything that a file may say about them."""
    rows: list[tuple[object, ...]] = [files.HEADER]
    rows += [
        (
            f"Dr Amara Ọlá {number}",
            f"person-{seed}-{number}@example.org",
            ("Eastmere University", "Northgate University")[number % 2],
            "Biology",
            "Ecology",
            "Ioana Pop",
            dt.date(2027, 9, 30),
            "",
        )
        for number in range(ROWS)
    ]
    return rows


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Wall seconds of the upload and the plan behind its preview, the median of three files of each kind."""
    world = cast.build()
    for kind, write in (("xlsx", files.xlsx), ("csv", files.csv)):
        data = [write(people(seed)) for seed in range(ROUNDS)]
        spent = [_seconds(world, each, f"people.{kind}") for each in data]
        yield f"import preview of 10,000 rows, .{kind}, wall", statistics.median(spent), 5.0, "s"


def _seconds(world: cast.World, data: bytes, name: str) -> float:
    began = time.perf_counter()
    made = actions.upload_participants(cohort=world.cohort, data=data, filename=name, by=world.halina, at=cast.AT)
    kept = queries.participant_import(world.halina, world.cohort.pk, made.pk, cast.AT)
    plan = queries.import_plan(kept)
    spent = time.perf_counter() - began
    assert len(plan.create) == ROWS, len(plan.create)
    return spent
