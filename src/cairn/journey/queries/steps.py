"""Reads of steps: the next thing, with a date. Sealed as `step` (JSON: text)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from cairn.foundation.sealing import Box
from cairn.journey.models import ActionStep, Goal
from cairn.journey.queries.opening import box_of, opened_data
from cairn.journey.terms import GoalState, ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

STEP = "step"
MOST_OPEN, MOST_DONE = 80, 20  # a page of under 60 KB


@dataclass(frozen=True)
class OpenedStep:
    """A step as its owner reads it. `agreed_with` is the coach's name when it was agreed in a session, else empty."""

    id: int
    text: str
    due_on: dt.date | None
    goal_id: int | None
    session_id: int | None
    agreed_with: str
    remind: bool
    made_at: dt.datetime
    done_at: dt.datetime | None

    def is_overdue(self, today: dt.date) -> bool:
        """Whether its day has passed and it is open."""
        return self.done_at is None and self.due_on is not None and self.due_on < today


def open_steps(reader: Person, *, limit: int = MOST_OPEN) -> list[OpenedStep]:
    """The reader's own open steps, soonest date first, those without a date last. Two queries."""
    rows = ActionStep.objects.filter(person=reader, done_at=None).select_related("agreed_with")
    return _opened_all(reader, rows.order_by(F("due_on").asc(nulls_last=True), "pk")[:limit])


def all_steps(reader: Person) -> tuple[list[OpenedStep], list[OpenedStep], dict[int, str]]:
    """The open steps as `open_steps` gives them, one more where there are more; the twenty steps that the reader did
    last, newest first; and the titles of the open goals by id. Four queries."""
    rows = ActionStep.objects.filter(person=reader).select_related("agreed_with")
    waiting = list(rows.filter(done_at=None).order_by(F("due_on").asc(nulls_last=True), "pk")[: MOST_OPEN + 1])
    done = list(rows.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:MOST_DONE])
    goals = _open_goals(reader)
    box = box_of(reader.pk) if waiting or done or goals else None
    if box is None:
        return [], [], {}
    return [opened_step(box, row) for row in waiting], [opened_step(box, row) for row in done], _titles(box, goals)


def step_and_goals(reader: Person, step_id: int) -> tuple[OpenedStep, dict[int, str]]:
    """One of the reader's own steps, and the titles of their open goals by id; else NotFound. Three queries."""
    row = ActionStep.objects.filter(person=reader, pk=step_id).select_related("agreed_with").first()
    if row is None:
        raise NotFound
    box = box_of(reader.pk)
    return opened_step(box, row), _titles(box, _open_goals(reader))


def steps_of_goal(reader: Person, goal_id: int) -> list[OpenedStep]:
    """The steps of one of the reader's own goals, open ones first, by date."""
    return _opened_all(reader, steps_by_date(reader, goal=goal_id))


def steps_of_session(reader: Person, session_id: int) -> list[OpenedStep]:
    """The reader's own steps that were agreed in one session."""
    return _opened_all(reader, steps_by_date(reader, session_id=session_id))


def step(reader: Person, step_id: int) -> OpenedStep:
    """One of the reader's own steps; else NotFound."""
    rows = ActionStep.objects.filter(person=reader, pk=step_id).select_related("agreed_with")
    found = _opened_all(reader, rows)
    if not found:
        raise NotFound
    return found[0]


def opened_step(box: Box, row: Any) -> OpenedStep:
    """A step with its coach loaded, opened with its owner's key. Whoever calls has made sure that it may be read."""
    return opened_step_data(
        box,
        row,
        agreed_with=row.agreed_with.name if row.agreed_with else "",
        session_id=row.session_id,
        goal_id=row.goal_id,
        remind=row.remind,
        done_at=row.done_at,
    )


def opened_step_data(
    box: Box,
    row: Any,
    *,
    agreed_with: str,
    session_id: int | None,
    goal_id: int | None,
    remind: bool,
    done_at: dt.datetime | None,
) -> OpenedStep:
    """A step from anything with id, name, sealed, due_on and made_at, opened with its owner's key."""
    return OpenedStep(
        id=row.id,
        text=opened_data(box, row.sealed, STEP, row.name).get("text", ""),
        due_on=row.due_on,
        goal_id=goal_id,
        session_id=session_id,
        agreed_with=agreed_with,
        remind=remind,
        made_at=row.made_at,
        done_at=done_at,
    )


def steps_by_date(reader: Person, **of: int) -> QuerySet[ActionStep]:
    """The rows of a goal's or session's steps with their coach, open ones first, by date."""
    rows = ActionStep.objects.filter(person=reader, **of).select_related("agreed_with")
    return rows.order_by(F("done_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")[:MOST_OPEN]


def _opened_all(reader: Person, rows: QuerySet[ActionStep]) -> list[OpenedStep]:
    loaded = list(rows)
    box = box_of(reader.pk) if loaded else None
    return [opened_step(box, row) for row in loaded if box]


def _open_goals(reader: Person) -> list[Goal]:
    return list(Goal.objects.filter(person=reader, state=GoalState.OPEN).order_by("made_at", "pk")[:MOST_OPEN])


def _titles(box: Box, goals: list[Goal]) -> dict[int, str]:
    return {row.pk: opened_data(box, row.sealed, ItemKind.GOAL, row.name).get("title", "") for row in goals}
