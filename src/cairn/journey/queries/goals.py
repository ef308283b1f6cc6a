"""Reads of goals: what for, in the person's own words, and how far each has come.

Sealed as `goal` (JSON: title, why, levels) and `review` (the note as plain text).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from cairn.engines import scoring
from cairn.foundation.sealing import Box
from cairn.journey.models import Goal, GoalReview
from cairn.journey.queries.opening import box_of, identity, opened_data
from cairn.journey.queries.steps import OpenedStep, opened_step, steps_by_date
from cairn.journey.terms import GoalState, ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

REVIEW = "review"
MOST_GOALS = 80
MOST_REVIEWS = 30
MOST_COURSE = 500
NO_LEVELS = ("",) * len(scoring.LEVELS)


@dataclass(frozen=True)
class OpenedGoal:
    """A goal as its owner reads it. `levels` are their words from −2 to +2; `level` is the latest review's, if any."""

    id: int
    title: str
    why: str
    levels: tuple[str, ...]
    target_on: dt.date | None
    weight: int
    state: str
    revision: int
    made_at: dt.datetime
    closed_at: dt.datetime | None
    level: int | None
    reviewed_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still pursued."""
        return self.state == GoalState.OPEN

    @property
    def scale(self) -> tuple[tuple[int, str], ...]:
        """The five levels with the owner's words, highest first."""
        return tuple(reversed(tuple(zip(scoring.LEVELS, self.levels, strict=True))))


@dataclass(frozen=True)
class OpenedReview:
    """One review of a goal."""

    id: int
    at: dt.datetime
    level: int
    note: str
    session_id: int | None


@dataclass(frozen=True)
class Attainment:
    """The open goals that have been reviewed, as one figure, and its course by day. No score without a review."""

    score: float | None
    goals: int
    course: tuple[scoring.Point, ...]


def goals(reader: Person) -> list[OpenedGoal]:
    """The reader's own goals, open ones first, the newest of each on top. Two queries, one without goals."""
    rows = list(with_latest(Goal.objects.filter(person=reader)).order_by("-made_at", "-pk")[:MOST_GOALS])
    box = box_of(reader.pk) if rows else None
    opened = [opened_goal(box, row) for row in rows if box]
    return sorted(opened, key=lambda each: not each.is_open)


def goal(reader: Person, goal_id: int) -> OpenedGoal:
    """One of the reader's own goals; else NotFound."""
    row = with_latest(Goal.objects.filter(person=reader, pk=goal_id)).first()
    if row is None:
        raise NotFound
    return opened_goal(box_of(reader.pk), row)


def reviews(reader: Person, goal_id: int) -> list[OpenedReview]:
    """The latest thirty reviews of one of the reader's own goals, newest first."""
    rows = list(GoalReview.objects.filter(person=reader, goal=goal_id).order_by("-at", "-pk")[:MOST_REVIEWS])
    box = box_of(reader.pk) if rows else None
    return [opened_review(box, row) for row in rows if box]


def whole_goal(reader: Person, goal_id: int) -> tuple[OpenedGoal, list[OpenedReview], list[OpenedStep]]:
    """One of the reader's own goals with its latest reviews and its steps, in four queries; else NotFound."""
    row = with_latest(Goal.objects.filter(person=reader, pk=goal_id)).first()
    if row is None:
        raise NotFound
    box = box_of(reader.pk)
    made = GoalReview.objects.filter(person=reader, goal=goal_id).order_by("-at", "-pk")[:MOST_REVIEWS]
    steps = steps_by_date(reader, goal=goal_id)
    return (
        opened_goal(box, row),
        [opened_review(box, each) for each in made],
        [opened_step(box, each) for each in steps],
    )


def attainment(reader: Person) -> Attainment:
    """How far the reader's open goals have come together, over the latest five hundred reviews. One query."""
    rows = (
        GoalReview.objects.filter(person=reader, goal__state=GoalState.OPEN)
        .order_by("-at", "-pk")
        .values_list("goal", "at", "level", "goal__weight")[:MOST_COURSE]
    )
    course = scoring.course(
        [scoring.Reviewed(goal, at.astimezone(reader.zone).date(), level, weight) for goal, at, level, weight in rows][
            ::-1
        ]
    )
    last = course[-1] if course else None
    return Attainment(last.score if last else None, last.goals if last else 0, course)


def with_latest(found: QuerySet[Goal]) -> QuerySet[Goal]:
    """Goals with the level and moment of their latest review."""
    latest = GoalReview.objects.filter(goal=OuterRef("pk")).order_by("-at", "-pk")
    return found.annotate(
        latest_level=Subquery(latest.values("level")[:1]), latest_at=Subquery(latest.values("at")[:1])
    )


def opened_goal(box: Box, row: Any) -> OpenedGoal:
    """A goal from `with_latest`, opened with its owner's key. Whoever calls has made sure that it may be read."""
    return opened_goal_data(
        box,
        row,
        level=row.latest_level,
        reviewed_at=row.latest_at,
        weight=row.weight,
        target_on=row.target_on,
        state=row.state,
        closed_at=row.closed_at,
    )


def opened_goal_data(
    box: Box,
    row: Any,
    *,
    level: int | None,
    reviewed_at: dt.datetime | None,
    weight: int,
    target_on: dt.date | None,
    state: str = GoalState.OPEN,
    closed_at: dt.datetime | None = None,
) -> OpenedGoal:
    """A goal from anything with id, name, sealed, revision and made_at, opened with its owner's key."""
    said = opened_data(box, row.sealed, ItemKind.GOAL, row.name)
    return OpenedGoal(
        id=row.id,
        title=said.get("title", ""),
        why=said.get("why", ""),
        levels=tuple(said.get("levels") or NO_LEVELS),
        target_on=target_on,
        weight=weight,
        state=state,
        revision=row.revision,
        made_at=row.made_at,
        closed_at=closed_at,
        level=level,
        reviewed_at=reviewed_at,
    )


def opened_review(box: Box, row: GoalReview) -> OpenedReview:
    """A review, opened with its owner's key. Whoever calls has made sure that it may be read."""
    note = box.open(bytes(row.sealed), identity(REVIEW, row.name)) if row.sealed is not None else ""
    return OpenedReview(row.pk, row.at, row.level, note, row.session_id)
