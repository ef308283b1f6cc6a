"""When somebody wishes to be reminded of their sessions, and which reminders stand."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse

from cairn.delivery.models import CoachingSession, PersonTime, ReminderChoice, SessionPlace
from cairn.delivery.models.calendars import two_days_and_two_hours
from cairn.delivery.queries import words
from cairn.delivery.queries.reminders_sql import KNOWN, SEATS
from cairn.delivery.terms import MEETINGS, PlaceState
from cairn.engines import reminding
from cairn.foundation import statements
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules

PRESETS = (10_080, 4_320, 2_880, 1_440, 480, 240, 120, 60, 30, 15)
"""Minutes before a session among which people choose: from a week to a quarter of an hour."""
MOST_CHOSEN = 5
QUIET_FROM, QUIET_UNTIL = dt.time(21), dt.time(7)
SLACK = reminding.LONGEST_QUIET + dt.timedelta(hours=2)  # how far quiet hours move a reminder at most
PREVIEWED = dt.timedelta(days=120)


@dataclass(frozen=True)
class Choice:
    """When somebody wishes to be reminded: minutes before, and quiet hours on their own wall."""

    minutes: tuple[int, ...]
    quiet_from: dt.time
    quiet_until: dt.time
    zone: str

    @property
    def quiet(self) -> reminding.Quiet:
        """The quiet hours in the person's zone."""
        return reminding.Quiet(self.quiet_from, self.quiet_until, self.zone)


@dataclass(frozen=True)
class DueReminder:
    """A reminder that stands: for whom, of which session as it begins now, and which of those chosen."""

    session_id: int
    person_id: int
    starts_at: dt.datetime
    minutes: int
    is_coach: bool
    zone: str

    @property
    def key(self) -> str:
        """The event's name: another time of the session makes another event."""
        return key_of(self.session_id, self.starts_at, self.minutes, self.person_id)


@dataclass(frozen=True)
class ComingReminder:
    """What somebody will be reminded of, and when. `when` says the session's own time."""

    at: dt.datetime
    minutes: int
    title: str
    when: str


def key_of(session_id: int, starts_at: dt.datetime, minutes: int, person_id: int) -> str:
    """One reminder's name among all mails."""
    return f"{keys_begin(session_id)}{int(starts_at.timestamp())}:{minutes}:{person_id}"


def keys_begin(session_id: int) -> str:
    """How the names of all reminders of a session begin."""
    return f"reminder:{session_id}:"


def reminder_choice(person: Person) -> Choice:
    """What somebody chose, or what holds for who chose nothing: two days and two hours before."""
    kept = ReminderChoice.objects.filter(person=person).first()
    if kept is None:
        return Choice(tuple(two_days_and_two_hours()), QUIET_FROM, QUIET_UNTIL, person.time_zone)
    return Choice(tuple(kept.minutes_before), kept.quiet_from, kept.quiet_until, person.time_zone)


def stopped_reminders(person_id: int) -> tuple[int, ...] | None:
    """None while reminders come to this person, who follows the link in a mail; else when they came before.

    The audit knows the last choice that had any; without one it is what holds for who chose nothing. Raises NotFound.
    """
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    if reminder_choice(person).minutes:
        return None
    chosen = AuditEntry.objects.filter(action="set_reminders", by_id=person_id).exclude(facts__minutes=[])
    last = chosen.order_by("-pk").values_list("facts__minutes", flat=True).first()
    return tuple(last or two_days_and_two_hours())


def next_reminders(person: Person, at: dt.datetime, *, most: int = 6) -> tuple[ComingReminder, ...]:
    """The reminders that will come to somebody next, as their sessions stand now. Three queries."""
    last = at + PREVIEWED
    planned = [
        (reminder, row)
        for row in _seats(at=at, last=last, until=last, person=person.pk, sessions=_own_sessions(person, at, last))
        for reminder in _planned(row)
        if reminder.at > at
    ]
    planned = sorted(planned, key=lambda pair: (pair[0].at, pair[1].session))[:most]
    sessions = CoachingSession.objects.select_related("group", "detail").in_bulk(
        {row.session for _reminder, row in planned}
    )
    return tuple(
        ComingReminder(
            reminder.at,
            reminder.minutes,
            words.title(sessions[row.session]),
            words.moment_words(row.starts_at, row.session_zone),
        )
        for reminder, row in planned
        if row.session in sessions
    )


def _own_sessions(person: Person, at: dt.datetime, last: dt.datetime) -> list[int]:
    """Which sessions take somebody's time, or keep a seat for them, until then: by indexes of theirs alone."""
    taken = PersonTime.objects.filter(person=person, during__overlap=(at, last)).values_list("session_id", flat=True)
    seats = SessionPlace.objects.filter(
        enrolment__person=person, state=PlaceState.SEATED, session__starts_at__gt=at, session__starts_at__lte=last
    )
    return list(taken.union(seats.values_list("session_id", flat=True)))


def due_reminders(at: dt.datetime, *, sessions: Collection[int] | None = None) -> list[DueReminder]:
    """Every reminder that stands now, sent or not: one at most for each person and session. Two queries.

    `sessions` limits it to these.
    """
    longest = dt.timedelta(minutes=max(PRESETS))
    rows = _seats(at=at, last=at + longest + SLACK, until=at + SLACK, sessions=sessions)
    planned = [(row, _planned(row)) for row in rows]
    planned = [(row, found) for row, found in planned if found and found[0].at <= at]
    known = _known_since({row.session: row.starts_at for row, _found in planned})
    due = []
    for row, found in planned:
        since = known.get(row.session)
        minutes = reminding.due(found, starts_at=row.starts_at, known_since=since, at=at)
        if minutes is not None:
            due.append(DueReminder(row.session, row.person, row.starts_at, minutes, row.is_coach, row.zone))
    return due


def _seats(
    *,
    at: dt.datetime,
    last: dt.datetime,
    until: dt.datetime,
    sessions: Collection[int] | None = None,
    person: int | None = None,
) -> list[Any]:
    return statements.rows(
        SEATS,
        at=at,
        last=last,
        until=until,
        sessions=None if sessions is None else list(sessions),
        person=person,
        at_work=[str(state) for state in programme_rules.AT_WORK],
        taking_part=[str(state) for state in programme_rules.TAKING_PART],
        usual=two_days_and_two_hours(),
    )


def _planned(row: Any) -> tuple[reminding.Reminder, ...]:
    chosen = two_days_and_two_hours() if row.minutes_before is None else row.minutes_before
    is_usual = row.quiet_from is None
    starts, ends = (QUIET_FROM, QUIET_UNTIL) if is_usual else (row.quiet_from, row.quiet_until)
    return reminding.reminders(row.starts_at, chosen, reminding.Quiet(starts, ends, row.zone))


def _known_since(starts: Mapping[int, dt.datetime]) -> dict[int, dt.datetime]:
    """Since when each session stands at the time at which it stands, as far as the audit tells."""
    entries = statements.rows(KNOWN, sessions=list(starts)) if starts else []
    found = {}
    for session, changes in groupby(entries, key=lambda entry: entry.session):
        since = _unchanged_since(changes, starts[session])
        if since is not None:
            found[session] = since
    return found


def _unchanged_since(changes: Iterable[Any], starts_at: dt.datetime) -> dt.datetime | None:
    """`changes` are what was written about one session, the newest first."""
    since = None
    for change in changes:
        if change.action.startswith("cancel") or dt.datetime.fromisoformat(change.starts_at) != starts_at:
            break
        since = change.at
    return since


def page_of(session: CoachingSession, *, is_coach: bool) -> str:
    """The path of the session's page for its coach or a coachee."""
    meets = session.kind in MEETINGS
    name = ("coach_meeting" if meets else "coach_session") if is_coach else ("meeting" if meets else "coachee_session")
    return reverse(name, args=[session.pk])


def own_time(session: CoachingSession, zone: str) -> str:
    """When a session begins on somebody's own clock; empty where the session's clock shows the same."""
    starts_at = session.starts_at
    if starts_at is None or starts_at.astimezone(session.zone).utcoffset() == _offset(starts_at, zone):
        return ""
    return words.moment_words(starts_at, zone)


def _offset(moment: dt.datetime, zone: str) -> dt.timedelta | None:
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()


def nearer_keys(due: DueReminder) -> Sequence[str]:
    """The names of this reminder and of every nearer one: whoever got one of them needs it no more."""
    nearer = [minutes for minutes in PRESETS if minutes <= due.minutes] + [due.minutes]
    return [key_of(due.session_id, due.starts_at, minutes, due.person_id) for minutes in nearer]
