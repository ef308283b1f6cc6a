"""Notes of coaches: the coach's own, and those that were shared with the person they are about."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from cairn.foundation.sealing import Box
from cairn.journey.models import CoachNote, SealingKey
from cairn.journey.queries.opening import box_of, identity
from cairn.people.models import Person
from cairn.people.queries import NotFound

NOTE = "coach-note"
NOTES_PAGE = 10
MOST = 50


@dataclass(frozen=True)
class OpenedNote:
    """A note in its coach's words. `coach` is the name of who wrote it."""

    id: int
    coach: str
    is_shared: bool
    text: str
    written_at: dt.datetime
    saved_at: dt.datetime


def notes(reader: Person, about_id: int) -> tuple[OpenedNote, ...]:
    """The reader's own notes about somebody, of both kinds, newest first; fifty at most. Two queries at most.

    Whether the reader is still beside that person is not known here: ask `delivery.queries.coach_sees` first.
    """
    found = list(CoachNote.objects.filter(person=reader, about=about_id).order_by("-written_at", "-pk")[:MOST])
    box = box_of(reader.pk) if found else None
    return tuple(_opened(each, box, reader.name) for each in found if box is not None)


def note(reader: Person, about_id: int, note_id: int) -> OpenedNote:
    """One of the reader's own notes about somebody. Raises NotFound."""
    found = CoachNote.objects.filter(pk=note_id, person=reader, about=about_id).first()
    if found is None:
        raise NotFound
    return _opened(found, box_of(reader.pk), reader.name)


def notes_shared_with(reader: Person, *, page: int = 1, most: int = NOTES_PAGE) -> tuple[OpenedNote, ...]:
    """What coaches wrote about the reader and shared with them, newest first, ten a page. Two queries at most.

    A shared note is addressed to its reader like a letter, so reading it is not written down.
    """
    found = list(
        CoachNote.objects.filter(about=reader, is_shared=True).select_related("person").order_by("-written_at", "-pk")
    )[(max(page, 1) - 1) * NOTES_PAGE :][:most]
    if not found:
        return ()
    keys = SealingKey.objects.filter(person__in={each.person_id for each in found})
    boxes = {
        person_id: Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(wrapped), person_id=person_id)
        for person_id, wrapped in keys.values_list("person_id", "wrapped")
    }
    return tuple(_opened(each, boxes[each.person_id], each.person.name) for each in found if each.person_id in boxes)


def _opened(each: CoachNote, box: Box, coach: str) -> OpenedNote:
    text = box.open(bytes(each.sealed), identity(NOTE, each.name))
    return OpenedNote(each.pk, coach, each.is_shared, text, each.written_at, each.saved_at)
