"""Sessions: read by cohort, time and state; dated, booked, cancelled, restored, and marked."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from cairn.api import shapes
from cairn.api.door import Asking, operation
from cairn.api.fields import DIGITS, AskedId, Day, Moment
from cairn.api.pages import Asked, Page, page
from cairn.api.problems import Problem
from cairn.api.reading import PathId
from cairn.delivery import actions, queries
from cairn.delivery.actions import at_once
from cairn.delivery.queries import self_booking, words
from cairn.delivery.terms import Mode
from cairn.foundation import clock
from cairn.people.terms import Scope
from cairn.programmes import queries as programmes

router = Router()


class Chosen(Schema):
    """Which sessions are wanted."""

    model_config = ConfigDict(populate_by_name=False)
    cohort: AskedId | None = Field(None, description="only those of this one")
    since: Moment | None = Field(None, alias="from", description="only those that begin at this moment or later")
    to: Moment | None = Field(None, description="only those that begin before this moment")
    state: shapes.StateWord | None = None


class Since(Schema):
    """From which day on times are wanted."""

    first: Day | None = Field(None, description="the first day; without it, the first week with a free time")


@router.get("/sessions", response=Page[shapes.SessionOut], **operation("sessions", Scope.SESSIONS, "Sessions"))
def sessions(request: Asking, asked: Query[Asked], chosen: Query[Chosen]) -> Any:
    """Sessions that the owner runs, coaches or has a seat in, in the order in which they were made."""
    found = queries.known_sessions(programmes.reach(request.bearer.person, clock.now()))
    narrow = {
        "cohort": chosen.cohort,
        "starts_at__gte": chosen.since,
        "starts_at__lt": chosen.to,
        "state": chosen.state,
    }
    found = found.filter(**{name: value for name, value in narrow.items() if value is not None})
    return page("sessions", found, asked, _shape)


@router.get("/sessions/{session_id}", response=shapes.SessionOut, **operation("session", Scope.SESSIONS, "One session"))
def session(request: Asking, session_id: PathId, response: HttpResponse) -> Any:
    """One session; its version is the ETag too."""
    return _answered(_session(request, session_id), response)


@router.get(
    "/sessions/{session_id}/times",
    response=shapes.TimesOut,
    **operation("session_times", Scope.SESSIONS, "When a one-to-one can be booked"),
)
def session_times(request: Asking, session_id: PathId, since: Query[Since]) -> Any:
    """As a coachee, the times that the coach offers for a one-to-one of one’s own; days are on the owner’s clock."""
    person, at = request.bearer.person, clock.now()
    found = self_booking.choice(person, session_id, since.first, at)
    places = _places(found, person, at)
    times = [
        {"starts_at": slot.starts_at, "places": places.get(slot.starts_at, ())} for slot in found.slots if slot.is_free
    ]
    return {"first": found.first, "last": found.last, "times": times, "next_free": list(found.next)}


@router.post(
    "/sessions/{session_id}/date",
    response=shapes.SessionOut,
    **operation("session_date", Scope.SESSIONS_WRITE, "Date or move a session"),
)
def session_date(request: Asking, session_id: PathId, body: shapes.DateIn, response: HttpResponse) -> Any:
    """Give a session a date, or move it, as its coach or a coordinator. Whoever is in it is told once."""
    actions.date_session(
        session=_session(request, session_id),
        wall_starts=body.wall_starts,
        fold=body.fold,
        mode=body.mode,
        where=body.where,
        expected_version=_version(request, body),
        by=request.bearer.person,
        at=clock.now(),
    )
    return _answered(_session(request, session_id), response)


@router.post(
    "/sessions/{session_id}/book",
    response=shapes.SessionOut,
    **operation("session_book", Scope.SESSIONS_WRITE, "Book a one-to-one of one’s own"),
)
def session_book(request: Asking, session_id: PathId, body: shapes.BookIn, response: HttpResponse) -> Any:
    """As a coachee, date or move a one-to-one session to a time that the coach offers."""
    at_once.book_at_once(
        session=_session(request, session_id),
        starts_at=body.starts_at,
        place_id=body.place_id,
        expected_version=_version(request, body),
        by=request.bearer.person,
        at=clock.now(),
    )
    return _answered(_session(request, session_id), response)


@router.post(
    "/sessions/{session_id}/cancel",
    response=shapes.SessionOut,
    **operation("session_cancel", Scope.SESSIONS_WRITE, "Cancel a session"),
)
def session_cancel(request: Asking, session_id: PathId, body: shapes.CancelIn, response: HttpResponse) -> Any:
    """Cancel a session that one runs, or a one-to-one of one’s own. Whoever is in it is told once.

    A one-to-one that is still owed is `undated` then; everything else, and one cancelled late, is `cancelled`.
    """
    at_once.cancel_either(
        session=_session(request, session_id),
        reason_kind=body.reason or "",
        expected_version=_version(request, body),
        by=request.bearer.person,
        at=clock.now(),
    )
    return _answered(_session(request, session_id), response)


@router.post(
    "/sessions/{session_id}/restore",
    response=shapes.SessionOut,
    **operation("session_restore", Scope.SESSIONS_WRITE, "Restore a cancelled session"),
)
def session_restore(request: Asking, session_id: PathId, body: shapes.RestoreIn, response: HttpResponse) -> Any:
    """Undo the last cancellation, if everybody is still free then."""
    actions.restore_session(
        session=_session(request, session_id),
        expected_version=_version(request, body),
        by=request.bearer.person,
        at=clock.now(),
    )
    return _answered(_session(request, session_id), response)


@router.post(
    "/sessions/{session_id}/attendance",
    response=shapes.SessionOut,
    **operation("session_attendance", Scope.ATTENDANCE_WRITE, "Mark attendance"),
)
def session_attendance(request: Asking, session_id: PathId, body: shapes.MarksIn, response: HttpResponse) -> Any:
    """Mark who came, or correct it; minutes follow. Coachees by enrolment, coaches at their meetings by engagement."""
    enrolments = {each.enrolment_id: each.mark for each in body.marks if each.enrolment_id is not None}
    engagements = {each.engagement_id: each.mark for each in body.marks if each.engagement_id is not None}
    if len(enrolments) + len(engagements) != len(body.marks) or (enrolments and engagements):
        raise Problem(422, "marks", _("Mark each person once: all by enrolment_id, or all by engagement_id."))
    record = actions.record_attendance if enrolments else actions.record_meeting_attendance
    record(
        session=_session(request, session_id),
        marks=enrolments or engagements,
        by=request.bearer.person,
        at=clock.now(),
    )
    return _answered(_session(request, session_id), response)


def _places(found: self_booking.Choice, holder: Any, at: dt.datetime) -> dict[dt.datetime, Any]:
    """Where each start can be. Days of the session’s zone reach one day further than those of the reader’s."""
    session, around = found.own.session, dt.timedelta(days=1)
    if not found.slots or session.engagement is None:
        return {}
    starts = queries.bookable(
        session=session,
        engagement=session.engagement,
        enrolment=session.enrolment,
        first=found.first - around,
        last=found.last + around,
        holder=holder,
        at=at,
    )
    return {each.starts_at: each.places for each in starts}


def _session(request: Asking, session_id: int) -> Any:
    return queries.known_session(programmes.reach(request.bearer.person, clock.now()), session_id)


def _version(request: Asking, body: shapes.Versioned) -> int:
    """The version that whoever asks has seen. Raises Problem when they do not say, or say two."""
    tag = request.headers.get("If-Match", "").strip()
    if not tag and body.expected_version is None:
        raise Problem(428, "version", _("Say which version you have seen: If-Match, or expected_version in the body."))
    if not tag:
        return body.expected_version or 0
    number = tag.removeprefix("W/").strip('"')
    if not DIGITS.fullmatch(number) or body.expected_version not in (None, int(number)):
        raise Problem(422, "version", _("If-Match is the ETag of the session, and the same as expected_version."))
    return int(number)


def _answered(session: Any, response: HttpResponse) -> dict[str, Any]:
    response["ETag"] = f'"{session.version}"'
    return _shape(session)


def _shape(session: Any) -> dict[str, Any]:
    return {
        **{name: getattr(session, name) for name in _SAME},
        "title": words.title(session),
        "place": session.where if session.mode == Mode.IN_PERSON else "",
        "wall_starts": session.wall_time.isoformat(timespec="minutes") if session.wall_time else None,
        "coach": session.engagement.person.name if session.engagement else "",
    }


_SAME = tuple(name for name in shapes.SessionOut.model_fields if name not in {"title", "place", "wall_starts", "coach"})
