"""Writes of the journal. Nothing here is logged but that it happened."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cairn.engines.reconciling import reconcile
from cairn.engines.words import fold
from cairn.foundation import audit
from cairn.foundation.sealing import Box
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import JournalEntry, Share
from cairn.journey.queries.journal import HEAD, TEXT, opened_entry
from cairn.journey.queries.opening import identity
from cairn.journey.terms import ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

LONGEST_TITLE = 200
# Savings that follow one another within this time are one sitting, and one line of the audit.
SITTING = dt.timedelta(minutes=10)


class NothingWritten(Exception):
    """There was no text to keep."""

    def __str__(self) -> str:
        return _("There is nothing to keep yet.")


@dataclass(frozen=True)
class Words:
    """What stands on a page of the journal. `prompt` is the question it began with, if any."""

    text: str
    title: str = ""
    tags: tuple[str, ...] = ()
    prompt: str = ""

    @property
    def head(self) -> dict[str, Any]:
        """What is sealed beside the text."""
        return {"title": self.title, "tags": list(self.tags), "prompt": self.prompt}


@dataclass(frozen=True)
class SavedEntry:
    """An entry as it stands after a saving. `is_merged` says that more is in it than was sent: both were kept."""

    id: int
    revision: int
    words: Words
    is_merged: bool = False


@transaction.atomic
def write_entry(
    *,
    text: str,
    title: str = "",
    tags: Sequence[str] = (),
    prompt: str = "",
    by: Person,
    at: dt.datetime,
) -> JournalEntry:
    """Keep a new entry of the writer's own, sealed. Raises NothingWritten for blank text."""
    words = Words(text, title, tuple(tags), prompt)
    _require(words)
    entry = new_entry(box_for(by, at), by, words, at)
    entry.save(force_insert=True)
    _record("write_entry", entry.pk, by, at)
    return entry


@transaction.atomic
def save_entry(
    *,
    entry_id: int | None,
    name: uuid.UUID | None = None,
    revision: int = 0,
    words: Words,
    by: Person,
    at: dt.datetime,
) -> SavedEntry:
    """Keep what stands on the page. Saving a page twice, or in two windows, never loses a paragraph.

    Without `entry_id` a new entry is made; `name` is the page's own, so that a page whose answer was lost on the way
    finds what it made. `revision` is that which the page had read: when the entry has gone on since, both texts are
    kept, joined by paragraph, both titles, and all tags. Raises NotFound, NothingWritten.
    """
    _require(words)
    box = box_for(by, at)
    name = name or uuid.uuid4()
    if entry_id is None:
        made = _made_now(new_entry(box, by, words, at, name), words)
        if made is not None:
            return made
    own = JournalEntry.objects.select_for_update().filter(person=by)
    entry = own.filter(pk=entry_id).first() if entry_id is not None else own.filter(name=name).first()
    if entry is None:
        raise NotFound
    if entry.saved_at is None or at - entry.saved_at > SITTING:
        _record("rewrite_entry", entry.pk, by, at)
    return _changed(box, entry, revision, words, at)


@transaction.atomic
def delete_entry(*, entry_id: int, by: Person, at: dt.datetime) -> None:
    """Take one's own entry away for good, and with it what was shared of it. Raises NotFound."""
    deleted, _by_model = JournalEntry.objects.filter(pk=entry_id, person=by).delete()
    if not deleted:
        raise NotFound
    Share.objects.filter(person=by, kind=ItemKind.ENTRY, item_id=entry_id, withdrawn_at=None).update(withdrawn_at=at)
    _record("delete_entry", entry_id, by, at)


def new_entry(box: Box, by: Person, words: Words, at: dt.datetime, name: uuid.UUID | None = None) -> JournalEntry:
    """A sealed entry that is not in the database yet."""
    name = name or uuid.uuid4()
    return JournalEntry(
        person=by,
        name=name,
        sealed=box.seal(words.text, identity(TEXT, name)),
        sealed_head=sealed_data(box, words.head, HEAD, name),
        written_at=at,
        saved_at=at,
    )


def _require(words: Words) -> None:
    if not words.text.strip() and not words.title.strip():
        raise NothingWritten


def _made_now(entry: JournalEntry, words: Words) -> SavedEntry | None:
    """The new entry; None when one of this name is there already."""
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        return None
    _record("write_entry", entry.pk, entry.person, entry.written_at)
    return SavedEntry(entry.pk, entry.revision, words)


def _changed(box: Box, entry: JournalEntry, revision: int, words: Words, at: dt.datetime) -> SavedEntry:
    opened = opened_entry(box, entry)
    stands = Words(opened.text, opened.title, opened.tags, opened.prompt)
    sent = replace(words, prompt=stands.prompt)
    words = sent if entry.revision == revision else joined(stands, sent)
    is_merged = (words.title, words.tags, words.text.strip()) != (sent.title, sent.tags, sent.text.strip())
    if words == stands:
        return SavedEntry(entry.pk, entry.revision, words, is_merged)
    JournalEntry.objects.filter(pk=entry.pk).update(
        sealed=box.seal(words.text, identity(TEXT, entry.name)),
        sealed_head=sealed_data(box, words.head, HEAD, entry.name),
        saved_at=at,
        revision=entry.revision + 1,
    )
    return SavedEntry(entry.pk, entry.revision + 1, words, is_merged)


def joined(stands: Words, late: Words) -> Words:
    """What stands and what came late, as one: both titles, all tags, every paragraph of both."""
    both = [stands.title, late.title] if stands.title not in late.title else [late.title]
    title, text = " / ".join(dict.fromkeys(each for each in both if each.strip())), late.text
    if len(title) > LONGEST_TITLE:
        title, text = stands.title, f"{late.title}\n\n{late.text}"
    known = {fold(tag) for tag in stands.tags}
    more = tuple(tag for tag in late.tags if fold(tag) not in known)
    return Words(reconcile(stands.text, text), title, (*stands.tags, *more), stands.prompt)


def _record(action: str, entry_id: int, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind="journal_entry", subject_id=entry_id, by=by, at=at)
