"""Writes of steps. Nothing here is logged but that it happened."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.foundation import audit
from cairn.journey.actions.goals import own_goal
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import ActionStep
from cairn.journey.queries.steps import STEP
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "action_step"


class NoWords(Exception):
    """A step without words."""

    def __str__(self) -> str:
        return _("Say in a few words what the step is. A date can come later.")


@transaction.atomic
def add_step(
    *,
    text: str,
    due_on: dt.date | None = None,
    goal_id: int | None = None,
    session_id: int | None = None,
    agreed_with: Person | None = None,
    remind: bool = False,
    by: Person,
    at: dt.datetime,
) -> ActionStep:
    """Add a step of one's own, agreed with a coach in a session perhaps.

    Whoever passes a `session_id` has made sure that the session is the person's own. Raises NotFound, NoWords.
    """
    goal = own_goal(goal_id, by)
    fields = {"goal": goal, "session_id": session_id, "agreed_with": agreed_with, "remind": remind}
    step = _made(by, text, at, due_on=due_on, **fields)
    _record("add_step", step.pk, by, at)
    return step


@transaction.atomic
def agree_step(
    *,
    person: Person,
    text: str,
    due_on: dt.date | None = None,
    session_id: int | None = None,
    by: Person,
    at: dt.datetime,
) -> ActionStep:
    """Write down, as the coach `by`, a step that was agreed with `person`; sealed with the person's key, and theirs.

    Whoever calls has made sure that `by` coaches this person, and that the session is theirs. Raises NoWords.
    """
    step = _made(person, text, at, due_on=due_on, session_id=session_id, agreed_with=by)
    _record("agree_step", step.pk, by, at)
    return step


@transaction.atomic
def change_step(
    *,
    step_id: int,
    text: str,
    due_on: dt.date | None,
    goal_id: int | None,
    remind: bool,
    by: Person,
    at: dt.datetime,
) -> None:
    """Say one's own step anew. Raises NotFound, NoWords."""
    step = _locked(step_id, by)
    goal = own_goal(goal_id, by)
    sealed = _sealed(by, text, step.name, at)
    reminded_at = step.reminded_at if due_on == step.due_on else None
    ActionStep.objects.filter(pk=step.pk).update(
        sealed=sealed, due_on=due_on, goal=goal, remind=remind, reminded_at=reminded_at
    )
    _record("change_step", step.pk, by, at)


@transaction.atomic
def move_step(*, step_id: int, due_on: dt.date | None, by: Person, at: dt.datetime) -> None:
    """Give one's own step another date, or none. Raises NotFound."""
    step = _locked(step_id, by)
    ActionStep.objects.filter(pk=step.pk).update(due_on=due_on, reminded_at=None)
    _record("move_step", step.pk, by, at)


@transaction.atomic
def finish_step(*, step_id: int, by: Person, at: dt.datetime) -> bool:
    """Tick one's own step as done. False when it was already. Raises NotFound."""
    step = _locked(step_id, by)
    if step.done_at is not None:
        return False
    ActionStep.objects.filter(pk=step.pk).update(done_at=at)
    _record("finish_step", step.pk, by, at)
    return True


@transaction.atomic
def reopen_step(*, step_id: int, by: Person, at: dt.datetime) -> None:
    """Take the tick away again; an open step stays as it is. Raises NotFound."""
    step = _locked(step_id, by)
    if step.done_at is not None:
        ActionStep.objects.filter(pk=step.pk).update(done_at=None)
        _record("reopen_step", step.pk, by, at)


@transaction.atomic
def delete_step(*, step_id: int, by: Person, at: dt.datetime) -> None:
    """Take one's own step away for good. Raises NotFound."""
    _locked(step_id, by).delete()
    _record("delete_step", step_id, by, at)


def _made(person: Person, text: str, at: dt.datetime, **fields: object) -> ActionStep:
    name = uuid.uuid4()
    return ActionStep.objects.create(
        person=person, name=name, sealed=_sealed(person, text, name, at), made_at=at, **fields
    )


def _sealed(person: Person, text: str, name: uuid.UUID, at: dt.datetime) -> bytes:
    if not text.strip():
        raise NoWords
    return sealed_data(box_for(person, at), {"text": text.strip()}, STEP, name)


def _locked(step_id: int, by: Person) -> ActionStep:
    step = ActionStep.objects.select_for_update().filter(pk=step_id, person=by).first()
    if step is None:
        raise NotFound
    return step


def _record(action: str, step_id: int, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind=SUBJECT, subject_id=step_id, by=by, at=at)
