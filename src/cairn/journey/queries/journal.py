"""Reads of the journal.

Sealed as `journal` (the text) and `journal-head` (JSON: title, tags, and the prompt that it began with).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from cairn.foundation.sealing import Box
from cairn.journey.models import JournalEntry, Reading
from cairn.journey.queries.opening import box_of, identity, opened_data
from cairn.journey.terms import ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

PAGE = 50
TEXT, HEAD = "journal", "journal-head"
MOST_READINGS = 20
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# What was written about so long ago is shown again: from, and how much longer at most.
A_WHILE = ((30, 15), (182, 45), (365, 90))


@dataclass(frozen=True)
class OpenedEntry:
    """An entry as its author reads it. `prompt` is the question it began with, if any."""

    id: int
    written_at: dt.datetime
    text: str
    title: str = ""
    tags: tuple[str, ...] = ()
    prompt: str = ""
    revision: int = 1
    saved_at: dt.datetime | None = None

    @property
    def cursor(self) -> str:
        """Where a list goes on after this entry."""
        return f"{(self.written_at - EPOCH) // dt.timedelta(microseconds=1)}-{self.id}"


def entries(reader: Person, *, before: str = "", most: int = PAGE) -> list[OpenedEntry]:
    """The reader's own entries, newest first, fifty at a time; `before` is the cursor of the last one seen."""
    return _opened(reader, list(_rows(reader, before)[:most]))


def entry(reader: Person, entry_id: int) -> OpenedEntry:
    """One entry of the reader's own; anybody else's is not found."""
    found = JournalEntry.objects.filter(person=reader, pk=entry_id).first()
    if found is None:
        raise NotFound
    return opened_entry(box_of(reader.pk), found)


def entries_of_year(reader: Person, year: int) -> list[OpenedEntry]:
    """The reader's own entries of one year, as the zone in force counts it, oldest first."""
    found = JournalEntry.objects.filter(person=reader, written_at__year=year).order_by("written_at", "pk")
    return _opened(reader, list(found))


def years_written(reader: Person) -> list[int]:
    """The years in which the reader wrote, newest first."""
    found = JournalEntry.objects.filter(person=reader).values_list("written_at__year", flat=True)
    return sorted(set(found.order_by().distinct()), reverse=True)


def all_entries(reader: Person) -> list[OpenedEntry]:
    """Everything in the reader's own journal, oldest first. Two queries."""
    return _opened(reader, list(JournalEntry.objects.filter(person=reader).order_by("written_at", "pk")))


def front(reader: Person, at: dt.datetime, *, before: str = "") -> tuple[list[OpenedEntry], list[OpenedEntry]]:
    """The entries of the journal's front page, and what the reader wrote about a month, half a year and a year ago.

    Of what is older than each of these, the entry nearest to it, if there is one not much older. Three queries.
    """
    rows, older = list(_rows(reader, before)[:PAGE]), list(_a_while_ago(reader, at))
    opened = _opened(reader, [*rows, *older])
    return opened[: len(rows)], opened[len(rows) :]


def _a_while_ago(reader: Person, at: dt.datetime) -> QuerySet[JournalEntry]:
    own = JournalEntry.objects.filter(person=reader).order_by("-written_at", "-pk")
    windows = [
        own.filter(written_at__lte=at - dt.timedelta(days=days), written_at__gt=at - dt.timedelta(days=days + more))[:1]
        for days, more in A_WHILE
    ]
    return windows[0].union(*windows[1:], all=True)


def neighbours(reader: Person, of: OpenedEntry) -> tuple[int | None, int | None]:
    """The ids of the reader's own entries before and after one in time. One query."""
    own = JournalEntry.objects.filter(person=reader)
    before = own.filter(_is_before(of.written_at, of.id)).order_by("-written_at", "-pk")
    after = own.filter(Q(written_at__gt=of.written_at) | Q(written_at=of.written_at, pk__gt=of.id))
    pairs = before[:1].union(after.order_by("written_at", "pk")[:1], all=True).values_list("written_at", "pk")
    earlier = later = None
    for moment, pk in pairs:
        if (moment, pk) < (of.written_at, of.id):
            earlier = pk
        else:
            later = pk
    return earlier, later


def readings_of_entry(author: Person, entry_id: int) -> list[tuple[str, dt.datetime]]:
    """Who else has read an entry of one's own, and when, latest first."""
    found = Reading.objects.filter(person=author, kind=ItemKind.ENTRY, item_id=entry_id).order_by("-at")
    return list(found.values_list("reader__name", "at")[:MOST_READINGS])


def opened_entry(box: Box, row: Any) -> OpenedEntry:
    """A row (or one with the same names) in its author's words."""
    head = opened_data(box, row.sealed_head, HEAD, row.name)
    return OpenedEntry(
        row.pk,
        row.written_at,
        box.open(bytes(row.sealed), identity(TEXT, row.name)),
        title=head.get("title", ""),
        tags=tuple(head.get("tags", ())),
        prompt=head.get("prompt", ""),
        revision=row.revision,
        saved_at=row.saved_at,
    )


def _rows(reader: Person, before: str) -> QuerySet[JournalEntry]:
    found = JournalEntry.objects.filter(person=reader).order_by("-written_at", "-pk")
    cursor = _read_cursor(before)
    return found if cursor is None else found.filter(_is_before(*cursor))


def _is_before(moment: dt.datetime, pk: int) -> Q:
    return Q(written_at__lt=moment) | Q(written_at=moment, pk__lt=pk)


def _opened(reader: Person, rows: Sequence[JournalEntry]) -> list[OpenedEntry]:
    if not rows:
        return []
    box = box_of(reader.pk)
    return [opened_entry(box, row) for row in rows]


def _read_cursor(before: str) -> tuple[dt.datetime, int] | None:
    moment, dash, last = before.partition("-")
    if not (dash and moment.isdecimal() and last.isdecimal() and len(moment) < 17 and len(last) < 18):
        return None
    return EPOCH + dt.timedelta(microseconds=int(moment)), int(last)
