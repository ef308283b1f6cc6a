"""Calendars of people's own, as their owners see them, and whether what they said still counts."""

import datetime as dt
from dataclasses import dataclass

from cairn.delivery.models import BusyCalendar
from cairn.delivery.terms import CalendarKind, CalendarProblem, CalendarState
from cairn.people.models import Person
from cairn.people.queries import NotFound

STILL = dt.timedelta(days=7)
LATE = dt.timedelta(hours=3)


@dataclass(frozen=True)
class OwnCalendar:
    """One calendar as its owner sees it. Where it lies and how to get in stay secret, from its owner too."""

    id: int
    name: str
    kind: CalendarKind
    is_waiting: bool
    """Whether it is about to be read."""
    works: bool
    problem: str
    read_at: dt.datetime | None
    tried_at: dt.datetime | None
    next_at: dt.datetime | None
    counts_until: dt.datetime | None
    """For one that does not answer: when the times that it last gave stop to count, or None when none do."""
    unread: int


@dataclass(frozen=True)
class NotRead:
    """A calendar that could not be read of late: since when, and whether its last known times still count."""

    name: str
    read_at: dt.datetime | None
    counts_until: dt.datetime | None


def secret_name(calendar_id: int) -> str:
    """Under which name the way into a calendar is kept."""
    return f"busy_calendar:{calendar_id}"


def busy_calendars(reader: Person, at: dt.datetime) -> tuple[OwnCalendar, ...]:
    """The reader's own calendars, in the order in which they were added."""
    rows = BusyCalendar.objects.filter(person=reader, removed_at=None).order_by("added_at", "pk")
    return tuple(_own(row) for row in rows)


def busy_calendar(reader: Person, calendar_id: int, at: dt.datetime) -> OwnCalendar:
    """One of the reader's own calendars. Raises NotFound."""
    row = BusyCalendar.objects.filter(person=reader, removed_at=None, pk=calendar_id).first()
    if row is None:
        raise NotFound
    return _own(row)


def calendars_not_read(reader: Person, at: dt.datetime) -> tuple[NotRead, ...]:
    """The reader's own calendars that have not been read of late, so that the times offered to others may be taken."""
    rows = BusyCalendar.objects.filter(person=reader, removed_at=None, tried_at__isnull=False).order_by("pk")
    return tuple(
        NotRead(row.name, row.read_at, _counts_until(row))
        for row in rows
        if row.failures or row.read_at is None or row.read_at < at - LATE
    )


def _own(row: BusyCalendar) -> OwnCalendar:
    failing = row.state == CalendarState.FAILING
    return OwnCalendar(
        id=row.pk,
        name=row.name,
        kind=CalendarKind(row.kind),
        is_waiting=row.state == CalendarState.NEW,
        works=row.state == CalendarState.WORKING,
        problem=str(CalendarProblem(row.problem).label) if failing and row.problem else "",
        read_at=row.read_at,
        tried_at=row.tried_at,
        next_at=row.due_at,
        counts_until=_counts_until(row),
        unread=row.unread,
    )


def _counts_until(row: BusyCalendar) -> dt.datetime | None:
    return row.read_at + STILL if row.read_at is not None and row.read_until is not None else None
