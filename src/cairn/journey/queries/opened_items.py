"""Opening the rows of what can be shared: each kind as it is sealed, in one place."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cairn.foundation.sealing import Box
from cairn.journey.models import Goal, GoalReview
from cairn.journey.queries.goals import MOST_REVIEWS, OpenedGoal, OpenedReview, opened_goal, opened_review, with_latest
from cairn.journey.queries.journal import HEAD, TEXT
from cairn.journey.queries.opening import identity, opened_data
from cairn.journey.terms import ItemKind

# What is bound into the seal of an answer, beside the name of its row.
ANSWER = "answer"


@dataclass(frozen=True)
class OpenedItem:
    """An item as somebody else reads it. `text` for entries and answers, `data` for what is made of parts.

    `version` is that of the exercise's definition.
    """

    kind: str
    id: int
    moment: dt.datetime
    word: str
    session_id: int | None
    until: dt.datetime
    title: str = ""
    tags: tuple[str, ...] = ()
    text: str = ""
    data: Mapping[str, Any] | None = None
    version: int = 0
    goal: OpenedGoal | None = None
    reviews: tuple[OpenedReview, ...] = ()


def opened_item(row: Any, kind: str, author_id: int) -> OpenedItem:
    """A row of `sharing_sql` in its author's words. A goal and its reviews are two queries more."""
    box = Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(row.wrapped), person_id=author_id)
    known = (kind, row.id, row.moment, row.word, row.session_id, row.until)
    if kind == ItemKind.ENTRY:
        head = opened_data(box, row.head, HEAD, row.name)
        text = _text(box, row.body, TEXT, row.name)
        return OpenedItem(*known, title=head.get("title", ""), tags=tuple(head.get("tags", ())), text=text)
    if kind == ItemKind.ANSWER:
        return OpenedItem(*known, text=_text(box, row.body, ANSWER, row.name))
    if kind == ItemKind.GOAL:
        goal, reviews = _goal(box, row.id)
        return OpenedItem(*known, title=goal.title, goal=goal, reviews=reviews)
    return OpenedItem(*known, data=opened_data(box, row.body, kind, row.name), version=row.version)


def _goal(box: Box, goal_id: int) -> tuple[OpenedGoal, tuple[OpenedReview, ...]]:
    row = with_latest(Goal.objects.filter(pk=goal_id)).get()
    found = GoalReview.objects.filter(goal=goal_id).order_by("-at", "-pk")[:MOST_REVIEWS]
    return opened_goal(box, row), tuple(opened_review(box, each) for each in found)


def title_of(box: Box | None, kind: str, row: Any) -> str:
    """What its author called it."""
    if box is None:
        return ""
    if kind == ItemKind.ENTRY:
        return str(opened_data(box, row.head, HEAD, row.name).get("title", ""))
    return str(opened_data(box, row.body, kind, row.name).get("title", "")) if row.body else ""


def _text(box: Box, sealed: Any, kind: str, name: Any) -> str:
    return box.open(bytes(sealed), identity(kind, name)) if sealed is not None else ""
