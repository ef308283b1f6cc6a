"""A session as a calendar file (RFC 5545), for those in it. It names no other coachee and holds no link to join by:
it leads to the session's page, which shows the link near its time."""

import datetime as dt

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import queries
from cairn.delivery.queries import event_words
from cairn.delivery.terms import SessionState
from cairn.foundation import calendar_files, clock, here
from cairn.gate import Request, door, signed_in
from cairn.people.queries import NotFound

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
    """One event in the zone of the session, under the name it has in the feed and in invitations, so that a calendar
    that knows it already takes no second one. `sequence` follows the changes."""
    return calendar_files.write([_event(seen)], method="PUBLISH", stamp=at)


def _event(seen: queries.SeenSession) -> calendar_files.CalendarEvent:
    if seen.starts_at is None or seen.ends_at is None:
        raise NotFound
    address = here.address(reverse(PAGES[seen.part], args=[seen.id]))
    status: calendar_files.Status = "CONFIRMED"
    if seen.session.state == SessionState.CANCELLED:
        status = "CANCELLED"
    elif seen.mine is not None and seen.mine.apology:
        status = "TENTATIVE"
    planned = seen.session.planned_wall
    return calendar_files.CalendarEvent(
        uid=event_words.uid_of(seen.session),
        recurrence_id=planned.replace(tzinfo=None) if planned else None,
        sequence=seen.session.version,
        starts_at=seen.starts_at,
        ends_at=seen.ends_at,
        zone=seen.zone,
        summary=seen.title,
        description=_("Details, and how to join: %(address)s") % {"address": address},
        url=address,
        location=seen.place,
        status=status,
    )
