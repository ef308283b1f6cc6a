"""Reads of steps: the next thing, with a date. Sealed as `step` (JSON: text)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from cairn.foundation.sealing import Box
from cairn.journey.models import ActionStep
from cairn.journey.queries.opening import box_of, opened_data
from cairn.people.models import Person
from cairn.people.queries import NotFound

STEP = "step"
MOST_OPEN = 100
MOST_DONE = 50


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
    rows = ActionStep.objects.filter(person=reader, done_at=None).order_by(F("due_on").asc(nulls_last=True), "pk")
    return _opened_all(reader, rows[:limit])


def done_steps(reader: Person) -> list[OpenedStep]:
    """The fifty steps that the reader did last, newest first."""
    rows = ActionStep.objects.filter(person=reader, done_at__isnull=False).order_by("-done_at", "-pk")
    return _opened_all(reader, rows[:MOST_DONE])


def all_steps(reader: Person) -> tuple[list[OpenedStep], list[OpenedStep]]:
    """Open and done as `open_steps` and `done_steps` give them, and the key fetched once. Three queries."""
    rows = ActionStep.objects.filter(person=reader).select_related("agreed_with")
    waiting = list(rows.filter(done_at=None).order_by(F("due_on").asc(nulls_last=True), "pk")[:MOST_OPEN])
    done = list(rows.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:MOST_DONE])
    box = box_of(reader.pk) if waiting or done else None
    return [opened_step(box, row) for row in waiting if box], [opened_step(box, row) for row in done if box]


def steps_of_goal(reader: Person, goal_id: int) -> list[OpenedStep]:
    """The steps of one of the reader's own goals, open ones first, by date."""
    rows = ActionStep.objects.filter(person=reader, goal=goal_id)
    return _opened_all(reader, _by_date(rows)[:MOST_OPEN])


def steps_of_session(reader: Person, session_id: int) -> list[OpenedStep]:
    """The reader's own steps that were agreed in one session."""
    rows = ActionStep.objects.filter(person=reader, session_id=session_id)
    return _opened_all(reader, _by_date(rows)[:MOST_OPEN])


def step(reader: Person, step_id: int) -> OpenedStep:
    """One of the reader's own steps; else NotFound."""
    found = _opened_all(reader, ActionStep.objects.filter(person=reader, pk=step_id))
    if not found:
        raise NotFound
    return found[0]


def opened_step(box: Box, row: Any) -> OpenedStep:
    """A step with its coach loaded, opened with its owner's key. Whoever calls has made sure that it may be read."""
    return OpenedStep(
        id=row.pk,
        text=opened_data(box, row.sealed, STEP, row.name).get("text", ""),
        due_on=row.due_on,
        goal_id=row.goal_id,
        session_id=row.session_id,
        agreed_with=row.agreed_with.name if row.agreed_with else "",
        remind=row.remind,
        made_at=row.made_at,
        done_at=row.done_at,
    )


def _by_date(rows: QuerySet[ActionStep]) -> QuerySet[ActionStep]:
    return rows.order_by(F("done_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")


def _opened_all(reader: Person, rows: QuerySet[ActionStep]) -> list[OpenedStep]:
    loaded = list(rows.select_related("agreed_with"))
    box = box_of(reader.pk) if loaded else None
    return [opened_step(box, row) for row in loaded if box]
