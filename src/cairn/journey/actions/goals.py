"""Writes of goals. Nothing here is logged but that it happened."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.engines import scoring
from cairn.foundation import audit
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import ActionStep, Goal, GoalReview
from cairn.journey.queries.goals import NO_LEVELS, REVIEW
from cairn.journey.queries.opening import identity
from cairn.journey.terms import GoalState, ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "goal"


class NoTitle(Exception):
    """A goal without a title."""

    def __str__(self) -> str:
        return _("A goal needs a few words that name it. Everything else can stay open.")


class ChangedMeanwhile(Exception):
    """It was changed elsewhere since it was read, in another window perhaps."""

    def __str__(self) -> str:
        return _("This was changed in another window meanwhile. What you wrote here is still in the form.")


class GoalIsClosed(Exception):
    """A closed goal is neither reviewed nor weighed."""

    def __str__(self) -> str:
        return _("This goal is closed. Open it again first.")


@transaction.atomic
def set_goal(
    *,
    title: str,
    why: str = "",
    levels: Sequence[str] = NO_LEVELS,
    target_on: dt.date | None = None,
    by: Person,
    at: dt.datetime,
) -> Goal:
    """Set a goal of one's own. `levels` are the words for −2 to +2. Raises NoTitle."""
    name = uuid.uuid4()
    sealed = sealed_data(box_for(by, at), _said(title, why, levels), ItemKind.GOAL, name)
    goal = Goal.objects.create(person=by, name=name, sealed=sealed, target_on=target_on, made_at=at)
    _record("set_goal", goal.pk, by, at)
    return goal


@transaction.atomic
def change_goal(
    *,
    goal_id: int,
    title: str,
    why: str = "",
    levels: Sequence[str] = NO_LEVELS,
    target_on: dt.date | None = None,
    revision: int,
    by: Person,
    at: dt.datetime,
) -> int:
    """Say a goal anew; returns the new revision. Raises NotFound, NoTitle, and ChangedMeanwhile for an old revision."""
    goal = _locked(goal_id, by)
    if goal.revision != revision:
        raise ChangedMeanwhile
    sealed = sealed_data(box_for(by, at), _said(title, why, levels), ItemKind.GOAL, goal.name)
    Goal.objects.filter(pk=goal.pk).update(sealed=sealed, target_on=target_on, revision=revision + 1)
    _record("change_goal", goal.pk, by, at)
    return revision + 1


@transaction.atomic
def weigh(*, goal_id: int, weight: int, by: Person, at: dt.datetime) -> None:
    """Say how much a goal weighs beside the others, from 1 to 10. Raises NotFound, GoalIsClosed."""
    goal = _open(goal_id, by)
    scoring.Attained(0, weight)
    Goal.objects.filter(pk=goal.pk).update(weight=weight)
    _record("weigh_goal", goal.pk, by, at)


@transaction.atomic
def review_goal(
    *, goal_id: int, level: int, note: str = "", session_id: int | None = None, by: Person, at: dt.datetime
) -> GoalReview:
    """Say how far a goal has come, from −2 to +2; a review is never changed, only followed by another.

    Whoever passes a `session_id` has made sure that the session is the person's own. Raises NotFound, GoalIsClosed.
    """
    goal = _open(goal_id, by)
    scoring.Attained(level)
    name = uuid.uuid4()
    words = note.strip()
    sealed = box_for(by, at).seal(words, identity(REVIEW, name)) if words else None
    review = GoalReview.objects.create(
        person=by, name=name, goal=goal, level=level, sealed=sealed, session_id=session_id, at=at
    )
    _record("review_goal", goal.pk, by, at)
    return review


@transaction.atomic
def close_goal(*, goal_id: int, state: str, by: Person, at: dt.datetime) -> None:
    """Close a goal as reached or let go. Raises NotFound, GoalIsClosed."""
    goal = _open(goal_id, by)
    closed = {GoalState.REACHED, GoalState.LET_GO}
    if state not in closed:
        raise ValueError(f"A goal is closed as one of {sorted(closed)}, not {state!r}")
    Goal.objects.filter(pk=goal.pk).update(state=state, closed_at=at)
    _record("close_goal", goal.pk, by, at)


@transaction.atomic
def reopen_goal(*, goal_id: int, by: Person, at: dt.datetime) -> None:
    """Take a goal up again; one that is open stays as it is. Raises NotFound."""
    goal = _locked(goal_id, by)
    if goal.state != GoalState.OPEN:
        Goal.objects.filter(pk=goal.pk).update(state=GoalState.OPEN, closed_at=None)
        _record("reopen_goal", goal.pk, by, at)


@transaction.atomic
def delete_goal(*, goal_id: int, by: Person, at: dt.datetime) -> None:
    """Take a goal and its reviews away for good; its steps stay, on their own. Raises NotFound."""
    goal = _locked(goal_id, by)
    ActionStep.objects.filter(goal=goal).update(goal=None)
    goal.delete()
    _record("delete_goal", goal_id, by, at)


def own_goal(goal_id: int | None, by: Person) -> Goal | None:
    """The goal that something is to belong to: one's own, or none. Raises NotFound for anybody else's."""
    return None if goal_id is None else _locked(goal_id, by)


def _said(title: str, why: str, levels: Sequence[str]) -> dict[str, Any]:
    if not title.strip():
        raise NoTitle
    if len(levels) != len(scoring.LEVELS):
        raise ValueError("A goal has five levels")
    return {"title": title.strip(), "why": why.strip(), "levels": [level.strip() for level in levels]}


def _locked(goal_id: int, by: Person) -> Goal:
    goal = Goal.objects.select_for_update().filter(pk=goal_id, person=by).first()
    if goal is None:
        raise NotFound
    return goal


def _open(goal_id: int, by: Person) -> Goal:
    goal = _locked(goal_id, by)
    if goal.state != GoalState.OPEN:
        raise GoalIsClosed
    return goal


def _record(action: str, goal_id: int, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind=SUBJECT, subject_id=goal_id, by=by, at=at)
