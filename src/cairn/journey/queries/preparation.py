"""Reads of what somebody brings to a session and takes away from it. Sealed as `preparation` (JSON: bring, take_away).

Whether a session is the reader's own is not known here: ask `delivery.queries.own_session` first.
"""

import datetime as dt
from dataclasses import dataclass

from cairn.journey.models import Preparation
from cairn.journey.queries.at_once import KEY, OPEN_GOALS, PREPARATION, STEPS_OF_SESSION, gather
from cairn.journey.queries.goals import OpenedGoal
from cairn.journey.queries.opening import box_of, opened_data
from cairn.journey.queries.steps import OpenedStep
from cairn.journey.terms import ItemKind
from cairn.people.models import Person

MOST = 50
KEPT_PAGE = 20
PAGE = " UNION ALL ".join((KEY, PREPARATION, STEPS_OF_SESSION, OPEN_GOALS))


@dataclass(frozen=True)
class OpenedPreparation:
    """What somebody brings to one session and takes away. `id` and `revision` are 0 before anything was kept."""

    id: int
    bring: str
    take_away: str
    revision: int
    saved_at: dt.datetime | None


@dataclass(frozen=True)
class PreparationPage:
    """One session's preparation; steps agreed in it or open from before with its coach; the open goals.

    `looked_at` are the goals that were reviewed in this very session last.
    """

    preparation: OpenedPreparation
    steps: tuple[OpenedStep, ...]
    goals: tuple[OpenedGoal, ...]
    looked_at: frozenset[int]


def preparation_page(reader: Person, session_id: int, coach_id: int | None = None) -> PreparationPage:
    """What belongs to one session of the reader's own. One query."""
    found = gather(PAGE, reader, session=session_id, coach=coach_id, most=MOST)
    kept = OpenedPreparation(0, "", "", 0, None)
    for box, row in found.sealed("preparation"):
        said = opened_data(box, row.sealed, ItemKind.PREPARATION, row.name)
        kept = OpenedPreparation(row.id, said.get("bring", ""), said.get("take_away", ""), row.revision, row.made_at)
    here = frozenset(row.id for row in found.of("goal") if row.of == session_id)
    return PreparationPage(kept, tuple(found.steps), tuple(found.goals), here)


def kept_preparations(reader: Person, *, page: int = 1) -> tuple[tuple[OpenedPreparation, ...], bool]:
    """Everything the reader brought to sessions and took away, newest first, twenty at a time; whether there is more.

    Also of sessions that are theirs no longer, after leaving a cohort, or that were elsewhere. Two queries.
    """
    skip = (max(page, 1) - 1) * KEPT_PAGE
    rows = list(Preparation.objects.filter(person=reader).order_by("-saved_at", "-pk")[skip : skip + KEPT_PAGE + 1])
    if not rows:
        return (), False
    box, found = box_of(reader.pk), []
    for row in rows[:KEPT_PAGE]:
        said = opened_data(box, row.sealed, ItemKind.PREPARATION, row.name)
        found.append(
            OpenedPreparation(row.pk, said.get("bring", ""), said.get("take_away", ""), row.revision, row.saved_at)
        )
    return tuple(found), len(rows) > KEPT_PAGE


def has_preparation(reader: Person, session_id: int) -> bool:
    """Whether the reader kept something about a session. One query."""
    return Preparation.objects.filter(person=reader, session_id=session_id).exists()
