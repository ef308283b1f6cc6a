"""A coach's notes about somebody, sealed with the coach's own key: for the coach alone, or shared with that person.

Whether the coach is beside the person is not known in this room; the use-cases of `delivery.actions` ask first.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.journey.actions.keeping import box_for
from cairn.journey.models import CoachNote
from cairn.journey.queries.notes import NOTE
from cairn.journey.queries.opening import identity
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "coach_note"


class EmptyNote(Exception):
    """There was no text to keep."""

    sentence = _("There is nothing to keep yet.")

    def __str__(self) -> str:
        return str(self.sentence)


@transaction.atomic
def write_note(*, about_id: int, text: str, is_shared: bool, by: Person, at: dt.datetime) -> int:
    """Keep a note about somebody. Returns its id. Raises EmptyNote."""
    kept, name = _text(text), uuid.uuid4()
    sealed = box_for(by, at).seal(kept, identity(NOTE, name))
    note = CoachNote.objects.create(
        person=by, about_id=about_id, name=name, is_shared=is_shared, sealed=sealed, written_at=at, saved_at=at
    )
    _record("write_note", note.pk, about_id, is_shared, by=by, at=at)
    return note.pk


@transaction.atomic
def rewrite_note(*, note_id: int, about_id: int, text: str, is_shared: bool, by: Person, at: dt.datetime) -> None:
    """Replace the text of one's own note, and who reads it. Raises EmptyNote, NotFound."""
    kept = _text(text)
    note = CoachNote.objects.select_for_update().filter(pk=note_id, person=by, about=about_id).first()
    if note is None:
        raise NotFound
    note.sealed = box_for(by, at).seal(kept, identity(NOTE, note.name))
    note.is_shared, note.saved_at = is_shared, at
    note.save(update_fields=["sealed", "is_shared", "saved_at"])
    _record("rewrite_note", note_id, about_id, is_shared, by=by, at=at)


@transaction.atomic
def delete_note(*, note_id: int, about_id: int, by: Person, at: dt.datetime) -> None:
    """Take one's own note away for good. Raises NotFound."""
    deleted, _of = CoachNote.objects.filter(pk=note_id, person=by, about=about_id).delete()
    if not deleted:
        raise NotFound
    audit.record(action="delete_note", subject_kind=SUBJECT, subject_id=note_id, by=by, at=at)


def _text(text: str) -> str:
    if not text.strip():
        raise EmptyNote
    return text


def _record(action: str, note_id: int, about_id: int, is_shared: bool, *, by: Person, at: dt.datetime) -> None:
    facts = {"about": about_id, "is_shared": is_shared}
    audit.record(action=action, subject_kind=SUBJECT, subject_id=note_id, facts=facts, by=by, at=at)
