"""Reads of the journal."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from cairn.foundation import sealing
from cairn.journey.models import JournalEntry, SealingKey
from cairn.people.models import Person
from cairn.people.queries import NotFound

PAGE = 50


@dataclass(frozen=True)
class OpenedEntry:
    """An entry as its author reads it."""

    id: int
    written_at: dt.datetime
    text: str


def entries(reader: Person, *, before: int | None = None) -> list[OpenedEntry]:
    """The reader's own entries, newest first, fifty at a time; `before` is the id of the last one seen."""
    found = JournalEntry.objects.filter(person=reader).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[:PAGE])
    return [_opened(entry, key) for key in [wrapped_key(reader)] for entry in rows] if rows else []


def entry(reader: Person, entry_id: int) -> OpenedEntry:
    """One entry of the reader's own; anybody else's is not found."""
    found = JournalEntry.objects.filter(person=reader, pk=entry_id).first()
    if found is None:
        raise NotFound
    return _opened(found, wrapped_key(reader))


def wrapped_key(person: Person) -> bytes:
    """The person's sealing key, still wrapped. NotFound once it was destroyed."""
    found = SealingKey.objects.filter(person=person).values_list("wrapped", flat=True).first()
    if found is None:
        raise NotFound
    return bytes(found)


def _opened(entry: JournalEntry, wrapped: bytes) -> OpenedEntry:
    text = sealing.open_sealed(
        bytes(entry.sealed),
        master=settings.CAIRN_MASTER_KEY,
        wrapped=wrapped,
        person_id=entry.person_id,
        identity=f"journal:{entry.name}",
    )
    return OpenedEntry(entry.pk, entry.written_at, text)
