"""Writes of the journal. Nothing here is logged but that it happened."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction

from cairn.foundation import audit, sealing
from cairn.journey.models import JournalEntry, SealingKey
from cairn.people.models import Person
from cairn.people.queries import NotFound


class NothingWritten(Exception):
    """There was no text to keep."""


@transaction.atomic
def write_entry(*, text: str, by: Person, at: dt.datetime) -> JournalEntry:
    """Keep a new entry of the writer's own, sealed. Raises NothingWritten for blank text."""
    if not text.strip():
        raise NothingWritten
    name = uuid.uuid4()
    entry = JournalEntry.objects.create(person=by, name=name, sealed=_seal(text, name, by, at), written_at=at)
    audit.record(action="write_entry", subject_kind="journal_entry", subject_id=entry.pk, by=by, at=at)
    return entry


@transaction.atomic
def rewrite_entry(*, entry_id: int, text: str, by: Person, at: dt.datetime) -> None:
    """Replace the text of one's own entry. Raises NotFound, NothingWritten."""
    if not text.strip():
        raise NothingWritten
    entry = JournalEntry.objects.select_for_update().filter(pk=entry_id, person=by).first()
    if entry is None:
        raise NotFound
    JournalEntry.objects.filter(pk=entry.pk).update(sealed=_seal(text, entry.name, by, at))
    audit.record(action="rewrite_entry", subject_kind="journal_entry", subject_id=entry.pk, by=by, at=at)


@transaction.atomic
def delete_entry(*, entry_id: int, by: Person, at: dt.datetime) -> None:
    """Take one's own entry away for good. Raises NotFound."""
    deleted, _ = JournalEntry.objects.filter(pk=entry_id, person=by).delete()
    if not deleted:
        raise NotFound
    audit.record(action="delete_entry", subject_kind="journal_entry", subject_id=entry_id, by=by, at=at)


def _seal(text: str, name: uuid.UUID, by: Person, at: dt.datetime) -> bytes:
    key = SealingKey.objects.filter(person=by).first()
    if key is None:
        wrapped = sealing.new_key(settings.CAIRN_MASTER_KEY, by.pk)
        key, _ = SealingKey.objects.get_or_create(person=by, defaults={"wrapped": wrapped, "made_at": at})
    return sealing.seal(
        text,
        master=settings.CAIRN_MASTER_KEY,
        wrapped=bytes(key.wrapped),
        person_id=by.pk,
        identity=f"journal:{name}",
    )
