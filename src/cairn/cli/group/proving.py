"""The certificate of one run: the workbook, and the lines on its sheet that says what was asked."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from cairn.cli.group.asking import Asked
from cairn.cli.group.wording import named
from cairn.engines import grouping
from cairn.foundation import certificates


def workbook(asked: argparse.Namespace, task: Asked, result: grouping.Result) -> bytes:
    """The .xlsx file. Raises `certificates.TooLarge`."""
    return certificates.certificate(result, asked=list(_lines(asked, task, result)))


def _lines(asked: argparse.Namespace, task: Asked, result: grouping.Result) -> Iterator[tuple[str, str]]:
    problem = task.problem
    yield "People", f"{len(task.ids):,} in {task.table.name}, {len(result.assignment):,} of them in groups"
    yield "Groups", f"{len(problem.groups):,}"
    if problem.cap is not None:
        yield "Most people in a group", str(problem.cap)
    if problem.minimum is not None:
        yield "Fewest people in a group", str(problem.minimum)
    yield "Mixed by", named(f"{a.key}:{a.weight}" for a in problem.attributes if a.weight)
    if any(attribute.not_alone for attribute in problem.attributes):
        yield "Nobody alone", named(f"{a.key}={v}" for a in problem.attributes for v in sorted(a.not_alone))
    for label, pairs in (("apart", problem.apart), ("together", problem.together), ("who have met", problem.met)):
        if pairs:
            yield f"Pairs {label}", f"{len(pairs):,}"
    for label, column in (
        ("Pinned by", asked.pin),
        ("Slots by", asked.slots),
        ("One to one by", asked.one_to_one),
        ("Coaches blocked by", asked.blocked),
        ("Alike in", asked.alike),
        ("Wishes in", asked.wishes),
    ):
        if column:
            yield label, column
    yield "Seed", str(asked.seed)
    yield "Rules broken", f"{len(result.violations):,}"
