"""A coach's workbook of a cohort-year: written, and read back when it comes in edited."""

import datetime as dt
import io
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl

from cairn.delivery import actions, queries
from tests.bench_world import year

ROUNDS = 5


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Wall seconds, the median of five."""
    at = dt.datetime.now(tz=dt.UTC)
    world = year.build(at)
    books = [queries.coach_workbook(engagement, at) for engagement in world.engagements]
    own, data = world.engagements[0], books[0]
    rows = sum(sheet.max_row - 1 for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets[:3])
    written = _median(lambda: queries.coach_workbook(own, at))
    yield f"workbook of a coach's cohort-year, {rows} rows, wall", written, 2.0, "s"
    everybody = _median(lambda: [queries.coach_workbook(each, at) for each in world.engagements])
    yield f"the workbooks of all {len(books)} coaches of the year, wall", everybody, 2.0, "s"
    yield "one of them read back and compared, wall", _median(lambda: _upload(own, data, at)), 2.0, "s"


def _upload(engagement: Any, data: bytes, at: dt.datetime) -> None:
    upload = actions.upload_workbook(
        engagement=engagement, data=data, filename="mine.xlsx", by=engagement.person, at=at
    )
    assert upload.rows["refused"] == []


def _median(act: Callable[[], object]) -> float:
    spent = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)
