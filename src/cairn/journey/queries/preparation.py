"""Reads of what somebody brings to a session and takes away from it. Sealed as `preparation` (JSON: bring, take_away).

Whether a session is the reader's own is not known here: ask `delivery.queries.own_session` first.
"""

import datetime as dt
from dataclasses import dataclass

from cairn.journey.queries.at_once import KEY, OPEN_GOALS, PREPARATION, STEPS_OF_SESSION, gather
from cairn.journey.queries.goals import OpenedGoal
from cairn.journey.queries.opening import opened_data
from cairn.journey.queries.steps import OpenedStep
from cairn.journey.terms import ItemKind
from cairn.people.models import Person

MOST = 50
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
