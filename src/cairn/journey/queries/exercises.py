"""Reads of exercises as somebody did them. Everything here is the reader's own."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, Subquery, When

from cairn.engines.exercises.shapes import Values
from cairn.foundation.sealing import Box
from cairn.journey.models import ExerciseRun
from cairn.journey.queries.opening import box_of, opened_data
from cairn.journey.terms import ItemKind, RunState
from cairn.people.models import Person
from cairn.people.queries import NotFound

MOST_RUNS = 50


@dataclass(frozen=True)
class OpenedRun:
    """One doing as its owner reads it. `values` are by part, as `engines.exercises.shapes` describes them."""

    id: int
    exercise: str
    exercise_version: int
    state: str
    begun_at: dt.datetime
    finished_at: dt.datetime | None
    values: Values
    revision: int
    saved_at: dt.datetime


@dataclass(frozen=True)
class Done:
    """Where somebody is with one exercise: how often it was finished, and the doing that is open, if one is."""

    finished: int
    last_finished_at: dt.datetime | None
    open_id: int | None
    skipped: bool


def run(reader: Person, run_id: int) -> OpenedRun:
    """One doing of the reader's own; anybody else's is not found. Two queries."""
    found = ExerciseRun.objects.filter(person=reader, pk=run_id).first()
    if found is None:
        raise NotFound
    return opened_run(box_of(reader.pk), found)


def runs(reader: Person, exercise: str) -> list[OpenedRun]:
    """The reader's doings of one exercise, newest first, at most fifty. Two queries."""
    found = list(ExerciseRun.objects.filter(person=reader, exercise=exercise).order_by("-begun_at", "-pk")[:MOST_RUNS])
    return _opened(reader, found)


def run_among_earlier(reader: Person, run_id: int) -> tuple[OpenedRun, tuple[OpenedRun, ...]]:
    """One doing of the reader's own, and the finished ones of the same exercise that were begun before it.

    Newest first, at most fifty. Two queries. Raises NotFound.
    """
    this = ExerciseRun.objects.filter(person=reader, pk=run_id)
    before = Q(
        state=RunState.FINISHED,
        exercise__in=Subquery(this.values("exercise")),
        begun_at__lte=Subquery(this.values("begun_at")),
    )
    this_first = Case(When(pk=run_id, then=0), default=1)
    found = ExerciseRun.objects.filter(before | Q(pk=run_id), person=reader)
    rows = list(found.order_by(this_first, "-begun_at", "-pk")[: MOST_RUNS + 1])
    if not rows:
        raise NotFound
    opened = _opened(reader, rows)
    return opened[0], tuple(opened[1:])


def finished_runs(reader: Person) -> dict[str, OpenedRun]:
    """The newest finished doing of each exercise, by the exercise's key. Two queries."""
    found = (
        ExerciseRun.objects.filter(person=reader, state=RunState.FINISHED)
        .order_by("exercise", "-finished_at", "-pk")
        .distinct("exercise")
    )
    return {each.exercise: each for each in _opened(reader, list(found))}


def done_exercises(reader: Person) -> Mapping[str, Done]:
    """Where the reader is with each exercise that was ever begun, by key; nothing is opened. One query."""
    found = ExerciseRun.objects.filter(person=reader).order_by("begun_at", "pk")
    by_key: dict[str, list[Any]] = {}
    for row in found.values_list("exercise", "pk", "state", "finished_at"):
        by_key.setdefault(row[0], []).append(row[1:])
    return {key: _done(rows) for key, rows in by_key.items()}


def opened_run(box: Box, row: ExerciseRun) -> OpenedRun:
    """A row in its owner's words."""
    values = opened_data(box, row.sealed, ItemKind.RUN, row.name)
    return OpenedRun(
        row.pk,
        row.exercise,
        row.exercise_version,
        row.state,
        row.begun_at,
        row.finished_at,
        values,
        row.revision,
        row.saved_at,
    )


def _opened(reader: Person, rows: list[ExerciseRun]) -> list[OpenedRun]:
    if not rows:
        return []
    box = box_of(reader.pk)
    return [opened_run(box, row) for row in rows]


def _done(rows: list[tuple[int, str, dt.datetime | None]]) -> Done:
    finished = [at for _pk, state, at in rows if state == RunState.FINISHED and at is not None]
    still_open = [pk for pk, state, _at in rows if state == RunState.BEGUN]
    return Done(
        finished=len(finished),
        last_finished_at=max(finished, default=None),
        open_id=still_open[-1] if still_open else None,
        skipped=rows[-1][1] == RunState.SKIPPED,
    )
