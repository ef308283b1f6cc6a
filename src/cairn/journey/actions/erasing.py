"""Erasing a whole journey: the key is destroyed, the rows are deleted, and a number says that it happened.

A backup that holds the texts and not the keys, as docs/how-to/keys.md asks for, stays sealed for good.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from cairn.foundation import audit, mail
from cairn.journey.actions.companions import mailed_as
from cairn.journey.models import (
    ActionStep,
    Answer,
    AnswerVersion,
    CoachNote,
    Companion,
    Erasure,
    ExerciseRun,
    Goal,
    GoalReview,
    JournalEntry,
    JournalImport,
    Pick,
    Portrait,
    Preparation,
    Reading,
    Rhythm,
    SealingKey,
    Share,
    Walk,
)
from cairn.people import actions as people_actions
from cairn.people.models import Person

# What is deleted, in this order, and how the receipt counts it.
OWN: tuple[tuple[str, type[Model]], ...] = (
    ("versions of answers", AnswerVersion),
    ("answers", Answer),
    ("walks", Walk),
    ("exercises", ExerciseRun),
    ("portraits", Portrait),
    ("journal entries", JournalEntry),
    ("journal imports", JournalImport),
    ("goal reviews", GoalReview),
    ("steps", ActionStep),
    ("goals", Goal),
    ("session preparations", Preparation),
    ("notes written as a coach", CoachNote),
    ("rhythm settings", Rhythm),
    ("grants to readers", Share),
    ("records of readings", Reading),
    ("companions and invitations", Companion),
    ("picks of coaches", Pick),
    ("keys", SealingKey),
)


@dataclass(frozen=True)
class Erased:
    """What is left of it: a number to keep. `closed` says whether the account went too."""

    receipt: uuid.UUID
    counts: dict[str, int]
    closed: bool


@transaction.atomic
def erase_everything(*, by: Person, at: dt.datetime) -> Erased:
    """Destroy one's key and every row of one's journey; close the account if no organisation's history hangs on it.

    Notes that coaches shared with the person go with it. A coach's private notes stay the coach's while the person has
    a place in an organisation, and go with the account. What the person read of others stays in their lists.
    """
    Person.objects.select_for_update().get(pk=by.pk)
    with connection.cursor() as cursor:  # until the end of the transaction its readings may go, see migration 0005
        cursor.execute("SELECT set_config('cairn.erasing', %s, true)", [str(by.pk)])
    counts: dict[str, int] = {}
    counts["notes shared by coaches"] = _gone(CoachNote.objects.filter(about=by, is_shared=True))
    asked = Companion.objects.filter(person=by).values_list("pk", flat=True)
    mail.forget_events(map(mailed_as, asked))
    for words, model in OWN:
        counts[words] = _gone(model._default_manager.filter(person=by))
    closed = _close(by, counts, at)
    counts = {words: number for words, number in counts.items() if number}
    erasure = Erasure.objects.create(erased_at=at, counts=counts)
    audit.record(action="erase_everything", subject_kind="person", subject_id=by.pk, by=by, at=at)
    return Erased(erasure.receipt, counts, closed)


def _close(by: Person, counts: dict[str, int], at: dt.datetime) -> bool:
    try:
        people_actions.close_account(by=by, at=at)
    except people_actions.StillNeeded:
        return False
    counts["private notes of coaches"] = _gone(CoachNote.objects.filter(about=by))
    walked_beside = Companion.objects.filter(coach=by)
    walked_beside.filter(ended_at=None).update(ended_at=at)
    walked_beside.update(address="")
    Share.objects.filter(reader=by, withdrawn_at=None).update(withdrawn_at=at)
    Pick.objects.filter(coach=by, closed_at=None).update(closed_at=at)
    ActionStep.objects.filter(agreed_with=by).update(agreed_with=None)
    return True


def _gone(rows: Any) -> int:
    deleted: int = rows.delete()[0]
    return deleted
