"""Bringing writing into the journal: looked at first, then kept or not. Until then it is sealed like an entry."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.engines import diary
from cairn.engines.diary import Written
from cairn.engines.wording import Wording
from cairn.foundation import audit, writings
from cairn.foundation.writings import Writing
from cairn.journey.actions.journal import Words, new_entry
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import JournalEntry, JournalImport
from cairn.journey.queries.journal import all_entries
from cairn.journey.queries.journal_files import KEPT_FOR, PENDING, opened_import, written
from cairn.journey.queries.opening import opened_data
from cairn.people.models import Person
from cairn.people.queries import NotFound

MOST_OWN = 20_000
MOST_CHARACTERS = 25_000_000


class NothingToBringIn(Exception):
    """Nothing was chosen, or nothing in it can be read."""

    def __init__(self, problems: Sequence[tuple[str, str]] = ()) -> None:
        """`problems` are pairs of a file's name and a sentence."""
        self.problems = tuple(problems)
        super().__init__()

    def __str__(self) -> str:
        return _("There is nothing in it that could become an entry.")


@transaction.atomic
def prepare_import(
    *, files: Sequence[tuple[str, bytes]], said: Callable[[Wording], str], by: Person, at: dt.datetime
) -> None:
    """Read files (name, content) and hold what they would add, sealed, for a day. What was held before goes.

    `said` puts a sentence into the reader's language. Raises writings.Unreadable for all of it, NothingToBringIn.
    """
    JournalImport.objects.filter(person=by).delete()
    found, problems = _entries(writings.read(files), at.astimezone(by.zone), said)
    own = {(each.text, each.title, each.written_at) for each in map(written, all_entries(by))}
    fresh = [each for each in found if (each.text, each.title, each.written_at) not in own]
    if not found:
        raise NothingToBringIn(problems)
    data = {"journal": diary.to_data(fresh), "there": len(found) - len(fresh), "problems": problems}
    name = uuid.uuid4()
    sealed = sealed_data(box_for(by, at), data, PENDING, name)
    JournalImport.objects.create(person=by, name=name, sealed=sealed, made_at=at)
    audit.record(action="prepare_journal_import", subject_kind="journal", facts={"entries": len(fresh)}, by=by, at=at)


@transaction.atomic
def keep_import(*, by: Person, at: dt.datetime) -> int:
    """Put what is held into the journal; returns how many entries. Raises NotFound when nothing is held (any more)."""
    row = JournalImport.objects.select_for_update().filter(person=by, made_at__gt=at - KEPT_FOR).first()
    if row is None:
        raise NotFound
    box = box_for(by, at)
    pending = opened_import(opened_data(box, row.sealed, PENDING, row.name))
    rows = [_row(box, by, each, at) for each in pending.entries]
    JournalEntry.objects.bulk_create(rows, batch_size=500)
    row.delete()
    audit.record(action="keep_journal_import", subject_kind="journal", facts={"entries": len(rows)}, by=by, at=at)
    return len(rows)


@transaction.atomic
def discard_import(*, by: Person, at: dt.datetime) -> None:
    """Let go of what is held. Raises NotFound when nothing is."""
    deleted, _by_model = JournalImport.objects.filter(person=by).delete()
    if not deleted:
        raise NotFound
    audit.record(action="discard_journal_import", subject_kind="journal", by=by, at=at)


@transaction.atomic
def forget_old_imports(*, at: dt.datetime) -> int:
    """Every hour: what waited for a day goes; returns how many did. Who brought it is not written down."""
    deleted, _by_model = JournalImport.objects.filter(made_at__lte=at - KEPT_FOR).delete()
    return deleted


def _row(box: Any, by: Person, entry: Written, at: dt.datetime) -> JournalEntry:
    row = new_entry(box, by, Words(entry.text, entry.title, entry.tags, entry.prompt), entry.written_at)
    row.saved_at = at
    return row


def _entries(
    found: Sequence[Writing], given: dt.datetime, said: Callable[[Wording], str]
) -> tuple[list[Written], list[tuple[str, str]]]:
    """What became an entry, oldest first, and what could not, with its sentence."""
    entries: list[Written] = []
    problems: list[tuple[str, str]] = []
    for each in found:
        try:
            if each.problem is not None:
                problems.append((each.name, said(each.problem)))
            elif each.name == writings.JOURNAL:
                entries += _own_journal(each.content)
            else:
                entries.append(_one(each, given))
        except writings.Unreadable as unreadable:
            problems.append((each.name, said(unreadable.wording)))
    if sum(len(each.text) for each in entries) > MOST_CHARACTERS:
        raise writings.Unreadable("too_much")
    return sorted(entries, key=lambda entry: entry.written_at), problems


def _own_journal(content: str) -> list[Written]:
    try:
        entries = diary.from_data(json.loads(content))
    except (ValueError, RecursionError, diary.NotOurs) as error:
        raise writings.Unreadable("damaged") from error
    if len(entries) > MOST_OWN:
        raise writings.Unreadable("too_many", limit=MOST_OWN)
    return entries


def _one(found: Writing, given: dt.datetime) -> Written:
    moment = min(found.given.astimezone(given.tzinfo), given) if found.given else given
    entry = diary.from_markdown(found.name, found.content, moment)
    if not entry.text.strip() and not entry.title.strip():
        raise writings.Unreadable("empty")
    if len(entry.text) > diary.LONGEST_TEXT:
        raise writings.Unreadable("too_long", limit=f"{diary.LONGEST_TEXT:,}")
    return entry
