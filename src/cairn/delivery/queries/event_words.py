"""Sessions as events of a calendar: what is said of them to one reader, and how a series hangs together.

A calendar may be shared with others, so nothing here names a coachee, but to the coach of a one-to-one who asked for
everything; and no link or number to join by ever stands in it: the event leads to the session's page.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.rules import Part
from cairn.delivery.terms import FeedDetail, Mode, SessionState
from cairn.foundation import here
from cairn.foundation.calendar_files import CalendarEvent
from cairn.programmes.terms import Kind

PAGES = {"coach": "coach_session", "coachee": "coachee_session"}
LISTS = {"coach": "coach_calendar", "coachee": "coachee_sessions"}


@dataclass(frozen=True)
class Said:
    """What an event says."""

    summary: str
    description: str = ""
    url: str = ""
    location: str = ""


Say = Callable[[CoachingSession], Said]
Count = Callable[[CoachingSession], int]


def uid_of(session: CoachingSession) -> str:
    """The name of the session's event among all calendars, for good."""
    kind, number = ("series", session.series_id) if session.series_id else ("session", session.pk)
    return f"{kind}-{number}@{here.host()}"


def summary(session: CoachingSession) -> str:
    """What it is, naming nobody: a coach meeting without its number, which another that is put before it changes."""
    return kind_words(session.kind) if session.kind == Kind.COACH_MEETING else words.title(session)


def said(session: CoachingSession, part: Part, detail: str) -> Said:
    """One session in words, as much as the reader chose to let their calendar say."""
    if detail == FeedDetail.BUSY:
        return Said(_("Busy"))
    if detail == FeedDetail.TITLE:
        return Said(kind_words(session.kind))
    title = summary(session)
    if part == "coach" and session.kind == Kind.ONE_TO_ONE and session.enrolment is not None:
        title = _("%(title)s: %(name)s") % {"title": title, "name": session.enrolment.person.name}
    url = here.address(reverse(PAGES[part], args=[session.pk]))
    lines = [_("Details, and how to join: %(address)s") % {"address": url}]
    if part == "coachee" and session.engagement is not None:
        lines.insert(0, _("With %(coach)s.") % {"coach": session.engagement.person.name})
    return Said(title, "\n".join(lines), url, _place(session))


def said_of_end(session: CoachingSession, part: Part) -> Said:
    """A session that is no longer the reader's, as its end is told. It names no coachee.

    Its page is linked to where the session itself was cancelled: whoever is no longer in it does not see that page.
    """
    text = said(session, part, FeedDetail.FULL)
    ended = session.state in (SessionState.CANCELLED, SessionState.UNDATED)
    what = _("It was cancelled.") if ended else _("It is no longer among your sessions.")
    lines = [what, _("Its page in Cairn: %(address)s") % {"address": text.url}] if ended else [what]
    if part == "coachee" and session.engagement is not None:
        lines.insert(0, _("With %(coach)s.") % {"coach": session.engagement.person.name})
    return replace(text, summary=summary(session), description="\n".join(lines), url=text.url if ended else "")


def said_of_series(session: CoachingSession, part: Part, detail: str) -> Said:
    """All of a series in words, by one of its sessions."""
    if detail != FeedDetail.FULL:
        return said(session, part, detail)
    url = here.address(reverse(LISTS[part]))
    return replace(
        said(session, part, detail),
        summary=words.series_title(session),
        description=_("All its sessions, each with a page that says how to join: %(address)s") % {"address": url},
        url=url,
    )


def kind_words(kind: str) -> str:
    """What kind of session it is, without a number or a name."""
    return {
        Kind.ONE_TO_ONE: _("One-to-one session"),
        Kind.GROUP: _("Group session"),
        Kind.COACH_MEETING: _("Coach meeting"),
        Kind.FAMILIARISATION: _("Familiarisation"),
        Kind.TOPIC: _("Topic session"),
        Kind.DROP_IN: _("Drop-in"),
        Kind.CELEBRATION: _("Celebration"),
    }[Kind(kind)]


def alone(session: CoachingSession, text: Said, sequence: int) -> CalendarEvent:
    """The event of a session that stands for itself. The session has a date."""
    if session.starts_at is None or session.ends_at is None:
        raise ValueError("a session without a date is no event")
    return CalendarEvent(
        uid=f"session-{session.pk}@{here.host()}",
        sequence=sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.time_zone,
        summary=text.summary,
        description=text.description,
        url=text.url,
        location=text.location,
    )


def single(session: CoachingSession, text: Said, sequence: int) -> CalendarEvent:
    """The event of one session, whether it stands for itself or in a series."""
    event = alone(session, text, sequence)
    planned = session.planned_wall
    return event if planned is None else replace(event, uid=uid_of(session), recurrence_id=planned.replace(tzinfo=None))


def whole(sessions: Sequence[CoachingSession], series: Said, say: Say, count: Count) -> list[CalendarEvent]:
    """A series: one event with every date as it was planned, then those that differ. All have a date.

    `count` is the SEQUENCE of a session; that of the series is the highest of them.
    """
    ordered = sorted(sessions, key=_planned)
    first = ordered[0]
    minutes = Counter(session.minutes for session in ordered).most_common(1)[0][0]
    starts, ends = _instants(first, minutes)
    master = CalendarEvent(
        uid=uid_of(first),
        sequence=max(count(session) for session in ordered),
        starts_at=starts,
        ends_at=ends,
        zone=first.time_zone,
        summary=series.summary,
        description=series.description,
        url=series.url,
        location=series.location,
        also_at=tuple(_planned(session) for session in ordered),  # the first too: ical.js leaves it out otherwise
    )
    differing = [session for session in ordered if not _is_as_planned(session, minutes, master)]
    return [master, *(single(session, say(session), count(session)) for session in differing)]


def _is_as_planned(session: CoachingSession, minutes: int, master: CalendarEvent) -> bool:
    stands = (session.starts_at, session.ends_at) == _instants(session, minutes)
    place = _place(session) if master.url else ""
    return stands and session.time_zone == master.zone and place == master.location


def _instants(session: CoachingSession, minutes: int) -> tuple[dt.datetime, dt.datetime]:
    """When a calendar program lets a planned occurrence begin and end: it counts on the wall."""
    wall, zone = _planned(session), ZoneInfo(session.time_zone)
    ends = wall + dt.timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone).astimezone(dt.UTC), ends.replace(tzinfo=zone).astimezone(dt.UTC)


def _planned(session: CoachingSession) -> dt.datetime:
    if session.planned_wall is None:
        raise ValueError("a session without a series was not planned in one")
    return session.planned_wall.replace(tzinfo=None)


def _place(session: CoachingSession) -> str:
    return session.where if session.mode == Mode.IN_PERSON else ""
