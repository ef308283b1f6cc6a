"""Writes of exercises: begin, save, finish, skip, do again, take away.

That somebody began, finished, skipped or took away an exercise is recorded; that they typed is not, nor any word.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cairn.engines.exercises import reading, reconciling
from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Exercise, Values
from cairn.foundation import audit
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import ExerciseRun, Share
from cairn.journey.queries.exercises import OpenedRun, opened_run
from cairn.journey.terms import ItemKind, RunState
from cairn.library import queries as library
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "exercise_run"


class CannotFinish(Exception):
    """Something stands against finishing. Everything that was typed is kept."""

    sentence: ClassVar[str | Promise]

    def __str__(self) -> str:
        return str(self.sentence)


class NothingInIt(CannotFinish):
    """There is nothing of the person's own in it."""

    sentence = _("There is nothing in it yet. It stays open, and you can also skip it.")


class NotWithinBounds(CannotFinish):
    """Something is too long, or there are too many rows."""

    sentence = _("Kept. Something is longer than this exercise has room for; it stands beside it.")


@dataclass(frozen=True)
class SavedRun:
    """What was kept. `merged` says that another window had written meanwhile and both were brought together."""

    run: OpenedRun
    merged: bool


@transaction.atomic
def begin_run(
    *, exercise: str, like: int | None = None, language: str = library.LANGUAGE, by: Person, at: dt.datetime
) -> ExerciseRun:
    """Begin an exercise, with the rows it offers in this language.

    Or (`like`) with what stood in an earlier doing of one's own, but for its closing words. Raises NotFound for an
    exercise that does not exist and for an earlier doing that is not one's own.
    """
    definition = _definition(exercise, language)
    box = box_for(by, at)
    values = reading.opening(definition)
    if like is not None:
        earlier = ExerciseRun.objects.filter(pk=like, person=by, exercise=exercise).first()
        if earlier is None:
            raise NotFound
        kept = opened_run(box, earlier).values
        values = {key: value for key, value in kept.items() if key not in (WORDS, CONFIRMED)}
    run = ExerciseRun(
        person=by,
        exercise=exercise,
        exercise_version=definition.version,
        begun_at=at,
        saved_at=at,
        state=RunState.BEGUN,
    )
    run.sealed = sealed_data(box, values, ItemKind.RUN, run.name)
    run.save(force_insert=True)
    _audit("begin_exercise", run.pk, by, at)
    return run


@transaction.atomic
def save_run(
    *,
    run_id: int,
    values: Mapping[str, Any],
    revision: int,
    seen: Mapping[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> SavedRun:
    """Keep what was typed into a doing of one's own, finished or not. Raises NotFound.

    `revision` is the one the page was filled from and `seen` its marks (`reconciling.marks`). When something else was
    saved meanwhile, nothing of either side is lost. A skipped doing in which something changes is taken up again.
    """
    run = _locked(run_id, by)
    return _kept(run, _Sent(values, revision, seen), by, at)


def finish_run(
    *,
    run_id: int,
    values: Mapping[str, Any] | None = None,
    revision: int = 0,
    seen: Mapping[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> SavedRun:
    """Be done with a doing; with `values`, keep them first as `save_run` does. It can still be changed afterwards.

    Raises NotFound; NothingInIt and NotWithinBounds when it cannot be finished: what was typed is kept all the same.
    """
    with transaction.atomic():
        run = _locked(run_id, by)
        sent = None if values is None else _Sent(values, revision, seen)
        saved = _kept(run, sent, by, at)
        refusal = _refusal(_definition(run.exercise), saved.run.values)
        if refusal is None:
            run.state, run.finished_at = RunState.FINISHED, run.finished_at or at
            run.save(update_fields=["state", "finished_at"])
            _audit("finish_exercise", run.pk, by, at)
    if refusal is not None:
        raise refusal
    return SavedRun(replace(saved.run, state=run.state, finished_at=run.finished_at), saved.merged)


@transaction.atomic
def skip_run(
    *,
    run_id: int,
    values: Mapping[str, Any] | None = None,
    revision: int = 0,
    seen: Mapping[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> None:
    """Leave a doing. What was typed stays, and it can be taken up again at any time. Raises NotFound."""
    run = _locked(run_id, by)
    _kept(run, None if values is None else _Sent(values, revision, seen), by, at)
    run.state, run.finished_at = RunState.SKIPPED, None
    run.save(update_fields=["state", "finished_at"])
    _audit("skip_exercise", run.pk, by, at)


@transaction.atomic
def delete_run(*, run_id: int, by: Person, at: dt.datetime) -> str:
    """Take a doing of one's own away for good, and from everybody who could read it. Returns the exercise's key.

    Raises NotFound.
    """
    run = _locked(run_id, by)
    Share.objects.filter(person=by, kind=ItemKind.RUN, item_id=run_id, withdrawn_at=None).update(withdrawn_at=at)
    run.delete()
    _audit("delete_exercise", run_id, by, at)
    return run.exercise


@dataclass(frozen=True)
class _Sent:
    """What a page sent: values, the revision it was filled from, and its marks."""

    values: Mapping[str, Any]
    revision: int
    seen: Mapping[str, Any] | None


def _kept(run: ExerciseRun, sent: _Sent | None, by: Person, at: dt.datetime) -> SavedRun:
    """Write what was sent, where it differs from what is there."""
    box = box_for(by, at)
    before = opened_run(box, run)
    if sent is None:
        return SavedRun(before, merged=False)
    definition = _definition(run.exercise)
    merged = sent.revision != run.revision
    after = _together(definition, before.values, sent, merged=merged)
    if after == before.values:
        return SavedRun(before, merged)
    if run.state == RunState.SKIPPED:
        run.state = RunState.BEGUN
    run.sealed = sealed_data(box, after, ItemKind.RUN, run.name)
    run.revision += 1
    run.saved_at = at
    run.exercise_version = definition.version
    run.save(update_fields=["sealed", "revision", "saved_at", "state", "exercise_version"])
    return SavedRun(opened_run(box, run), merged)


def _together(definition: Exercise, before: Values, sent: _Sent, *, merged: bool) -> Values:
    mine = reading.read(definition, sent.values)
    if merged:
        return reconciling.reconcile(definition, before, mine, sent.seen)
    known = {WORDS, CONFIRMED, *(part.key for part in definition.parts)}
    return {**{key: value for key, value in before.items() if key not in known}, **mine}


def _refusal(definition: Exercise, values: Values) -> CannotFinish | None:
    if reading.is_blank(definition, values):
        return NothingInIt()
    return NotWithinBounds() if reading.problems(definition, values) else None


def _locked(run_id: int, by: Person) -> ExerciseRun:
    run = ExerciseRun.objects.select_for_update().filter(pk=run_id, person=by).first()
    if run is None:
        raise NotFound
    return run


def _definition(exercise: str, language: str = library.LANGUAGE) -> Exercise:
    found = library.exercises(language).get(exercise)
    if found is None:
        raise NotFound
    return found


def _audit(action: str, run_id: int, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind=SUBJECT, subject_id=run_id, by=by, at=at)
