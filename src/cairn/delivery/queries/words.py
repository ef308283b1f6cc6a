"""A session in words: what it is and when, always with the zone it was agreed in."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import Mode
from cairn.foundation import spans
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class Stood:
    """When a session was to be, before a change: in words, and as an instant; None where it had no date."""

    words: str
    starts_at: dt.datetime | None


def zone_label(zone: str) -> str:
    """“Europe/London” → “London time”."""
    return spans.zone_time(zone)


def _label_at(local: dt.datetime, zone: str) -> str:
    """The same, with “BST” behind it where the hour comes twice and nothing else says which."""
    return f"{zone_label(zone)}, {spans.letters(local)}" if spans.comes_twice(local) else zone_label(zone)


def moment_words(starts_at: dt.datetime, zone: str) -> str:
    """“Wednesday 3 March 2027, 14:00 (London time)”."""
    local = starts_at.astimezone(zoneinfo.ZoneInfo(zone))
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": date_format(local.date(), "l j F Y"),
        "time": f"{local:%H:%M}",
        "zone": _label_at(local, zone),
    }


def day_words(on: dt.date) -> str:
    """“3 March 2027”."""
    return date_format(on, "j F Y")


def when_words(session: CoachingSession) -> str:
    """Day and hours on the wall of the session's zone, or that it has no date yet."""
    if session.starts_at is None or session.ends_at is None:
        return _("no date yet")
    begins, ends = session.starts_at.astimezone(session.zone), session.ends_at.astimezone(session.zone)
    zone = session.time_zone
    return _("%(day)s, %(hours)s (%(zone)s)") % {
        "day": date_format(begins.date(), "l j F Y"),
        "hours": spans.hours(begins, ends),
        "zone": zone_label(zone) if spans.crosses(begins, ends) else _label_at(begins, zone),
    }


def stood(session: CoachingSession) -> Stood:
    """When it is to be, to be kept until somebody is told that it changed."""
    return Stood(when_words(session), session.starts_at)


def title(session: CoachingSession) -> str:
    """What kind of session it is. Names nobody, so that it can stand in a mail's subject or a feed."""
    if session.kind == Kind.GROUP and session.group is not None:
        return group_title(session.group.number, session.position)
    if session.kind == Kind.TOPIC and (topic := own_title(session)):
        return _("Topic session: %(topic)s") % {"topic": topic}
    return {
        Kind.ONE_TO_ONE: _("One-to-one session %(position)s"),
        Kind.COACH_MEETING: _("Coach meeting %(position)s"),
        Kind.FAMILIARISATION: _("Familiarisation"),
        Kind.TOPIC: _("Topic session %(position)s"),
        Kind.DROP_IN: _("Drop-in %(position)s"),
        Kind.CELEBRATION: _("Celebration"),
    }[Kind(session.kind)] % {"position": session.position}


def series_title(session: CoachingSession) -> str:
    """A whole series, by one of its sessions. Names nobody."""
    if session.kind == Kind.GROUP and session.group is not None:
        return _("Group %(number)s") % {"number": session.group.number}
    return _("Coach meetings")


def own_title(session: CoachingSession) -> str:
    """What a session was called by whoever planned it; empty where that was not fetched with it, or was not said."""
    detail = session._state.fields_cache.get("detail")  # never a query of its own: titles stand in long lists
    return str(detail.title) if detail is not None else ""


def group_title(number: int, position: int) -> str:
    """“Group 3, session 2”."""
    return _("Group %(number)s, session %(position)s") % {"number": number, "position": position}


def mode_words(session: CoachingSession, *, with_place: bool) -> str:
    """How people meet. A place may stand in a mail to those who come; a link or a number never does."""
    if session.mode == Mode.IN_PERSON and session.where and with_place:
        return _("in person: %(place)s") % {"place": session.where}
    return str(Mode(session.mode).label)
