"""Writes of what somebody brings to a session and takes away. Nothing here is logged but that it happened.

Whoever calls has made sure that the session is the person's own.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.engines.reconciling import reconcile
from cairn.foundation import audit
from cairn.foundation.sealing import Box
from cairn.journey.actions.goals import review_goal
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import GoalReview, Preparation
from cairn.journey.queries.opening import opened_data
from cairn.journey.terms import ItemKind
from cairn.people.models import Person

PARTS = ("bring", "take_away")
LONGEST = 100_000


class TooLongToKeep(Exception):
    """More than a text may have."""

    def __str__(self) -> str:
        return _("That is more than fits into one text. Up to 100,000 characters do.")


@dataclass(frozen=True)
class SavedPart:
    """How a part stands now. `merged`: it holds something from another window that was not in what was sent."""

    revision: int
    text: str
    merged: bool


@transaction.atomic
def save_preparation(*, session_id: int, part: str, text: str, revision: int, by: Person, at: dt.datetime) -> SavedPart:
    """Keep one part, "bring" or "take_away"; `revision` is the one that the writer saw last, 0 for none.

    What another window kept meanwhile is kept as well. Nothing is made of a blank text. Raises TooLongToKeep.
    """
    if part not in PARTS:
        raise ValueError(f"A preparation has the parts {PARTS}, not {part!r}")
    typed = text.replace("\r\n", "\n").strip("\n")
    if len(typed) > LONGEST:
        raise TooLongToKeep
    row = Preparation.objects.select_for_update().filter(person=by, session_id=session_id).first()
    if row is None:
        return _begun(session_id, part, typed, by, at)
    box = box_for(by, at)
    said = opened_data(box, row.sealed, ItemKind.PREPARATION, row.name)
    before = said.get(part, "")
    now = typed if revision == row.revision else reconcile(before, typed)
    if now == before:
        return SavedPart(row.revision, now, now != typed)
    said[part] = now
    Preparation.objects.filter(pk=row.pk).update(
        sealed=_sealed(box, said, row.name), revision=row.revision + 1, saved_at=at
    )
    return SavedPart(row.revision + 1, now, now != typed)


@transaction.atomic
def keep_preparation(
    *,
    session_id: int,
    part: str,
    text: str,
    revision: int,
    levels: Mapping[int, int],
    by: Person,
    at: dt.datetime,
) -> SavedPart:
    """Keep one part and, by goal, the levels that were chosen for this session.

    A level that stands already as this session's latest is not noted twice. Raises NotFound, GoalIsClosed,
    TooLongToKeep.
    """
    for goal_id, level in levels.items():
        own = GoalReview.objects.filter(person=by, goal=goal_id).order_by("-at", "-pk")
        if own.values_list("session_id", "level").first() != (session_id, level):
            review_goal(goal_id=goal_id, level=level, session_id=session_id, by=by, at=at)
    return save_preparation(session_id=session_id, part=part, text=text, revision=revision, by=by, at=at)


def _begun(session_id: int, part: str, text: str, by: Person, at: dt.datetime) -> SavedPart:
    if not text.strip():
        return SavedPart(0, text, False)
    name = uuid.uuid4()
    made, is_new = Preparation.objects.get_or_create(
        person=by,
        session_id=session_id,
        defaults={"name": name, "sealed": _sealed(box_for(by, at), {part: text}, name), "saved_at": at},
    )
    if not is_new:  # another window was first by a moment
        return save_preparation(session_id=session_id, part=part, text=text, revision=0, by=by, at=at)
    audit.record(action="prepare_session", subject_kind="preparation", subject_id=made.pk, by=by, at=at)
    return SavedPart(1, text, False)


def _sealed(box: Box, said: Mapping[str, str], name: uuid.UUID) -> bytes:
    return sealed_data(box, {part: said.get(part, "") for part in PARTS}, ItemKind.PREPARATION, name)
