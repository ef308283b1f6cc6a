"""What a coach has before them beside somebody's shared items: steps agreed with them, own notes, what they picked.

And who walks beside whom by consent alone, with no organisation: companions.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from cairn.foundation import statements
from cairn.foundation.sealing import Box
from cairn.journey.models import Companion
from cairn.journey.queries.notes import NOTE, NOTES_PAGE, OpenedNote
from cairn.journey.queries.opening import identity, opened_data
from cairn.journey.queries.picks import OpenPick, title_of
from cairn.journey.queries.steps import STEP
from cairn.people.models import Person

MOST = 50

# Three lists of different things in one statement, each with the key that opens it.
STEPS = """
(SELECT 'step' AS what, i.id, i.name, i.sealed, k.wrapped, i.made_at AS moment, i.made_at AS saved_at,
    i.due_on, i.done_at, '' AS kind, '' AS key, false AS is_shared
  FROM journey_actionstep i JOIN journey_sealingkey k ON k.person_id = i.person_id
  WHERE i.person_id = %(author)s AND i.agreed_with_id = %(reader)s
  ORDER BY i.done_at DESC NULLS FIRST, i.due_on NULLS LAST, i.id LIMIT %(most)s)
"""
NOTES_AND_PICKS = """
UNION ALL
(SELECT 'note', i.id, i.name, i.sealed, k.wrapped, i.written_at, i.saved_at, NULL, NULL, '', '', i.is_shared
  FROM journey_coachnote i JOIN journey_sealingkey k ON k.person_id = i.person_id
  WHERE i.person_id = %(reader)s AND i.about_id = %(author)s
  ORDER BY i.written_at DESC, i.id DESC OFFSET %(skip)s LIMIT %(notes)s)
UNION ALL
(SELECT 'pick', i.id, NULL, NULL, NULL, i.picked_at, i.picked_at, NULL, NULL, i.kind, i.key, false
  FROM journey_pick i
  WHERE i.person_id = %(author)s AND i.coach_id = %(reader)s AND i.closed_at IS NULL
  ORDER BY i.picked_at DESC, i.id DESC LIMIT %(most)s)
"""
TABLE = STEPS + NOTES_AND_PICKS


@dataclass(frozen=True)
class AgreedStep:
    """A step that was agreed with the reader in a session; both know it, so seeing it is no reading."""

    id: int
    text: str
    due_on: dt.date | None
    done_at: dt.datetime | None
    made_at: dt.datetime


@dataclass(frozen=True)
class Table:
    """What lies before a coach beside the shared items: fifty steps and picks at most, and a page of ten notes."""

    steps: tuple[AgreedStep, ...]
    notes: tuple[OpenedNote, ...]
    picks: tuple[OpenPick, ...]
    has_more_notes: bool = False


def coach_table(reader: Person, author_id: int, *, page: int = 1) -> Table:
    """Steps agreed with the reader, the reader's notes about the author, and open picks. One query.

    Whether the reader is still beside the author is not known here: ask `delivery.queries.coach_sees` first.
    """
    skip = (max(page, 1) - 1) * NOTES_PAGE
    rows = statements.rows(TABLE, author=author_id, reader=reader.pk, most=MOST, skip=skip, notes=NOTES_PAGE + 1)
    boxes: dict[int, Box] = {}
    steps = [_step(_box(boxes, row, author_id), row) for row in rows if row.what == "step"]
    notes = [_note(_box(boxes, row, reader.pk), row, reader.name) for row in rows if row.what == "note"]
    picks = [
        OpenPick(row.id, row.kind, row.key, title_of(row.kind, row.key), reader.name, row.moment)
        for row in rows
        if row.what == "pick"
    ]
    return Table(tuple(steps), tuple(notes[:NOTES_PAGE]), tuple(picks), len(notes) > NOTES_PAGE)


def steps_agreed_with(author: Person, reader_id: int) -> tuple[AgreedStep, ...]:
    """One's own steps that were agreed with a coach, as that coach has them. One query."""
    rows = statements.rows(STEPS, author=author.pk, reader=reader_id, most=MOST)
    boxes: dict[int, Box] = {}
    return tuple(_step(_box(boxes, row, author.pk), row) for row in rows)


def companions_of(person: Person) -> QuerySet[Companion]:
    """Who walks beside a person by their consent, each with the coach loaded."""
    return _live().filter(person=person).select_related("coach").order_by("coach__name", "pk")


def accompanied_by(reader: Person) -> QuerySet[Companion]:
    """Beside whom the reader walks by consent, each with the person loaded, by name."""
    return _live().filter(coach=reader).select_related("person").order_by("person__name", "pk")


def companion_pairs(people: tuple[int, ...]) -> frozenset[tuple[int, int]]:
    """(person, companion) of these people; of everybody when none is named."""
    live = _live().filter(person__in=people) if people else _live()
    return frozenset(live.values_list("person_id", "coach_id"))


def _live() -> QuerySet[Companion]:
    return Companion.objects.filter(
        accepted_at__isnull=False, ended_at=None, person__is_active=True, coach__is_active=True
    )


def _box(boxes: dict[int, Box], row: Any, owner_id: int) -> Box:
    if owner_id not in boxes:
        boxes[owner_id] = Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(row.wrapped), person_id=owner_id)
    return boxes[owner_id]


def _step(box: Box, row: Any) -> AgreedStep:
    text = opened_data(box, row.sealed, STEP, row.name).get("text", "")
    return AgreedStep(row.id, text, row.due_on, row.done_at, row.moment)


def _note(box: Box, row: Any, coach: str) -> OpenedNote:
    text = box.open(bytes(row.sealed), identity(NOTE, row.name))
    return OpenedNote(row.id, coach, row.is_shared, text, row.moment, row.saved_at)
