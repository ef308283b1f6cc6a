"""A session as a calendar file (RFC 5545), for those in it. It names no other coachee and holds no link to join by:
it leads to the session's page, which shows the link near its time."""

import datetime as dt
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import queries
from cairn.delivery.terms import SessionState
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.people.queries import NotFound

AROUND = dt.timedelta(days=366)
PAGES = {"coach": "coach_session", "coachee": "coachee_session"}


@door(who=signed_in, methods=("GET",))
def session_ics(request: Request, session_id: int) -> HttpResponse:
    """The file of one session with a date, for its coach and for a coachee in it."""
    at = clock.now()
    seen = queries.session_for(request.user, session_id, at)
    if seen.part not in PAGES or seen.starts_at is None or seen.ends_at is None:
        raise NotFound
    response = HttpResponse(calendar_file(seen, at), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="session-{seen.id}.ics"'
    return response


def calendar_file(seen: queries.SeenSession, at: dt.datetime) -> bytes:
    """One event in the zone of the session. `uid` stays the same for good, `sequence` follows the changes."""
    file = icalendar.Calendar()
    file.add("prodid", "-//Cairn//cairn//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", "PUBLISH")
    file.add_component(_event(seen, at))
    if seen.zone != "UTC" and seen.starts_at is not None:
        on = seen.starts_at.date()
        file.add_missing_timezones(first_date=on - AROUND, last_date=on + AROUND)
    return bytes(file.to_ical())


def _event(seen: queries.SeenSession, at: dt.datetime) -> icalendar.Event:
    address = settings.CAIRN_PUBLIC_URL + reverse(PAGES[seen.part], args=[seen.id])
    state = "CANCELLED" if seen.session.state == SessionState.CANCELLED else "CONFIRMED"
    if seen.mine is not None and seen.mine.apology:
        state = "TENTATIVE"
    event = icalendar.Event()
    event.add("uid", f"session-{seen.id}@{urlsplit(settings.CAIRN_PUBLIC_URL).hostname}")
    event.add("sequence", seen.session.version)
    event.add("dtstamp", at)
    event.add("dtstart", seen.starts_at.astimezone(seen.session.zone) if seen.starts_at else at)
    event.add("dtend", seen.ends_at.astimezone(seen.session.zone) if seen.ends_at else at)
    event.add("summary", seen.title)
    event.add("description", _("Details, and how to join: %(address)s") % {"address": address})
    event.add("url", address)
    event.add("status", state)
    if seen.place:
        event.add("location", seen.place)
    return event
