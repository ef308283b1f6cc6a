"""A coachee chooses a time for a one-to-one: a time, a confirmation, done. Also to move it, to cancel it, to watch."""

import datetime as dt
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.delivery.terms import Mode
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.web import undoing
from cairn.web.moments import both, clock_of, moment
from cairn.web.templatetags import _amounts

FAR = dt.timedelta(days=800)
REFUSED = (actions.Refused, NotEnoughMinutes)


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def book_session(request: Request, session_id: int) -> HttpResponse:
    """The times that are free, a week at a time, on the reader's own clock.

    `?instead` asks for those of another session that waits for a date, where this one was cancelled.
    """
    return _choose(request, session_id, clock.now())


@door(who=rules.may_be_coached, area="coachee", methods=("POST",))
def hold_time(request: Request, session_id: int) -> HttpResponse:
    """Keep the chosen time for five minutes, and ask whether it is right; or let go of what is kept."""
    at = clock.now()
    own = queries.own_booking(request.user, session_id, at)
    if "let_go" in request.POST:
        actions.let_go(session=own.session, by=request.user, at=at)
        return redirect("book_session", session_id)
    starts_at = _moment(request.POST.get("starts_at", ""), at)
    if starts_at is None:
        messages.error(request, _("Choose one of the times."))
        return redirect("book_session", session_id)
    try:
        actions.hold_time(
            session=own.session, starts_at=starts_at, expected_version=_version(request), by=request.user, at=at
        )
    except (actions.JustTaken, actions.NotBookable) as refused:
        return _choose(request, session_id, at, refused=refused)
    except REFUSED as refused:
        messages.error(request, str(refused))
        return redirect("book_session", session_id)
    return redirect("book_confirm", session_id)


@door(who=rules.may_be_coached, area="coachee")
def book_confirm(request: Request, session_id: int) -> HttpResponse:
    """The time in full, what it costs and until when it is kept; one button books it."""
    at = clock.now()
    if request.method == "POST":
        return _book(request, session_id, at)
    held = queries.held(request.user, session_id, at)
    if held is None:
        messages.error(request, _("No time is kept for you now. Choose one."))
        return redirect("book_session", session_id)
    own, zone = held.own, request.user.time_zone
    ends_at = held.starts_at + dt.timedelta(minutes=own.session.minutes)
    context = {
        "held": held,
        "own": own,
        "title": _title(own),
        "when": {"starts_at": held.starts_at, "ends_at": ends_at, "zone": zone},
        "clocks": _clocks(own, held.starts_at, zone),
        "value": _value(held.starts_at),
        "kept": held.expires_at > at,
        "seconds": max(int((held.expires_at - at).total_seconds()), 0),
        "until": moment(held.expires_at, zone, at),
        "left": _amounts.minutes(max(own.minutes_left - (0 if own.moves else own.session.minutes), 0)),
        "policy": policy(own, held.starts_at, zone, at),
        "places": [(place, Mode(place.mode).label, where) for place, where in held.places],
        "zone": zone,
    }
    return render(request, "coachee/booking/confirm.html", context)


@door(who=rules.may_be_coached, area="coachee", methods=("POST",))
def book_back(request: Request, session_id: int, version: int) -> HttpResponse:
    """Take back what one has just done: a booking, a move, a cancellation."""
    at = clock.now()
    own = queries.own_booking(request.user, session_id, at)
    try:
        held = undoing.remembered(request, session_id, version)
        actions.take_back(session=own.session, expected_version=version, held=held, by=request.user, at=at)
    except REFUSED as refused:
        messages.error(request, str(refused))
    else:
        undoing.forget(request)
        messages.success(request, _("It is as it was before, and your coach has been told."))
    return redirect("coachee_session", session_id)


@door(who=rules.may_be_coached, area="coachee")
def cancel_own(request: Request, session_id: int) -> HttpResponse:
    """What cancelling costs, and the button. Nobody is asked why."""
    at = clock.now()
    own = queries.own_booking(request.user, session_id, at)
    if request.method == "POST":
        return _cancel(request, own, at)
    starts_at = own.session.starts_at
    if not own.moves or starts_at is None or starts_at <= at:
        messages.error(request, _("This session has no date to come, so there is nothing to cancel."))
        return redirect("coachee_session", session_id)
    context = {
        "own": own,
        "title": _title(own),
        "is_late": own.in_time_until is not None and at > own.in_time_until,
        "until": both(own.in_time_until, own.zone, request.user.time_zone, at) if own.in_time_until else "",
        "costs": _amounts.minutes(own.late_costs),
        "hours": own.session.cohort.apologies_hours,
        "zone": request.user.time_zone,
    }
    return render(request, "coachee/booking/cancel.html", context)


@door(who=rules.may_be_coached, area="coachee", methods=("POST",))
def watch_time(request: Request, session_id: int) -> HttpResponse:
    """Ask to be told when a time becomes free, or to hear no more of it."""
    at = clock.now()
    own = queries.own_booking(request.user, session_id, at)
    ends = "end" in request.POST
    starts_at = _moment(request.POST.get("end" if ends else "starts_at", ""), at)
    try:
        if starts_at is None:
            messages.error(request, _("Choose one of the times."))
        elif ends:
            actions.end_watch(session=own.session, starts_at=starts_at, by=request.user, at=at)
            messages.success(request, _("You hear no more of it."))
        else:
            actions.watch_time(session=own.session, starts_at=starts_at, by=request.user, at=at)
            messages.success(request, _("A mail tells you if it becomes free."))
    except REFUSED as refused:
        messages.error(request, str(refused))
    day = request.POST.get("from", "")
    return redirect(f"{reverse('book_session', args=[session_id])}{f'?from={day}' if _a_day(day) else ''}")


def policy(own: queries.OwnBooking, starts_at: dt.datetime, zone: str, at: dt.datetime) -> str:
    """What cancelling will cost, in one sentence."""
    if not own.late_costs:
        return _("Cancelling costs no minutes in your cohort.")
    until = starts_at - dt.timedelta(hours=own.session.cohort.apologies_hours)
    minutes = _amounts.minutes(own.late_costs)
    if until <= at:
        return _("It is so near that cancelling it later uses up its %(minutes)s.") % {"minutes": minutes}
    return _("You can cancel without cost until %(moment)s; later than that, the %(minutes)s count as used.") % {
        "moment": both(until, own.zone, zone, at),
        "minutes": minutes,
    }


def _book(request: Request, session_id: int, at: dt.datetime) -> HttpResponse:
    own = queries.own_booking(request.user, session_id, at)
    place = request.POST.get("place", "")
    try:
        booked = actions.book_held(
            session=own.session,
            starts_at=_moment(request.POST.get("starts_at", ""), at),
            place_id=int(place) if place.isascii() and place.isdigit() and len(place) < 19 else None,
            expected_version=_version(request),
            by=request.user,
            at=at,
        )
    except (actions.JustTaken, actions.NotBookable) as refused:
        return _choose(request, session_id, at, refused=refused)
    except REFUSED as refused:
        messages.error(request, str(refused))
        changed = isinstance(refused, actions.ChangedMeanwhile)
        return redirect("book_confirm" if changed and _holds(request, session_id, at) else "book_session", session_id)
    undoing.remember(request, own.session, booked)
    sentence = _("Moved. Your coach has been told.") if own.moves else _("Booked. Your coach has been told.")
    _tell(request, sentence, session_id, booked.version)
    return redirect("coachee_session", session_id)


def _holds(request: Request, session_id: int, at: dt.datetime) -> bool:
    """Whether a time is still held for this session, so that it can be confirmed anew."""
    return queries.held(request.user, session_id, at) is not None


def _cancel(request: Request, own: queries.OwnBooking, at: dt.datetime) -> HttpResponse:
    try:
        cancelled = actions.cancel_own(session=own.session, expected_version=_version(request), by=request.user, at=at)
    except REFUSED as refused:
        messages.error(request, str(refused))
    else:
        sentence = _("Cancelled. Your coach has been told.")
        if cancelled.state == "cancelled" and own.late_costs:
            sentence = _("Cancelled, and your coach has been told. The minutes count as used.")
        _tell(request, sentence, own.session.pk, cancelled.version)
    return redirect("coachee_session", own.session.pk)


def _choose(
    request: Request,
    session_id: int,
    at: dt.datetime,
    *,
    refused: actions.JustTaken | actions.NotBookable | None = None,
) -> HttpResponse:
    """The page of times; `refused` says why the chosen one is not to be had."""
    zone = request.user.time_zone
    found = queries.choice(request.user, session_id, _a_day(request.GET.get("from", "")), at)
    own = found.own
    if found.instead is not None and "instead" in request.GET:
        return redirect("book_session", found.instead)
    following = refused.next_free if refused is not None else found.next
    context = {
        "own": own,
        "title": _title(own),
        "found": found,
        "days": _days(found, zone),
        "refused": _why(refused),
        "next": [_start(start, own, zone, with_day=True) for start in following],
        "watches": [_start(start, own, zone, with_day=True) for start in own.watches],
        "earlier": found.earlier,
        "later": found.last + dt.timedelta(days=1) if found.last < found.latest else None,
        "until": both(own.cut_off_at, own.zone, zone, at) if own.cut_off_at else "",
        "clock": _amounts.zone_words(at, zone),
        "coach_clock": _amounts.zone_place(own.coach_zone) if _differ(own.coach_zone, zone, at) else "",
        "policy": general_policy(own),
        "left": _amounts.minutes(own.minutes_left),
        "zone": zone,
    }
    return render(request, "coachee/booking/choose.html", context)


def _why(refused: actions.JustTaken | actions.NotBookable | None) -> tuple[str, str] | None:
    """Why a time is not to be had, as a heading and a sentence. Nobody learns who or what takes it."""
    if refused is None:
        return None
    if isinstance(refused, actions.NotBookable):
        return _("This time cannot be booked"), refused.reason
    return _("Just taken"), _("This time is no longer free.")


def general_policy(own: queries.OwnBooking) -> str:
    """The same before a time is chosen."""
    if not own.late_costs:
        return _("Cancelling costs no minutes in your cohort.")
    return _(
        "Cancelling costs nothing until %(hours)s hours before; later than that, the %(minutes)s count as used."
    ) % {
        "hours": own.session.cohort.apologies_hours,
        "minutes": _amounts.minutes(own.late_costs),
    }


def _days(found: queries.Choice, zone: str) -> list[dict[str, Any]]:
    """The starts by day on the reader's own clock."""
    here = ZoneInfo(zone)
    days = []
    for day, slots in groupby(found.slots, key=lambda slot: slot.starts_at.astimezone(here).date()):
        of_day = list(slots)
        days.append(
            {
                "day": day,
                "zone": _amounts.zone_words(of_day[0].starts_at, zone),
                "slots": [_start(slot.starts_at, found.own, zone) | {"slot": slot} for slot in of_day],
                "free": sum(slot.is_free for slot in of_day),
            }
        )
    return days


def _start(starts_at: dt.datetime, own: queries.OwnBooking, zone: str, *, with_day: bool = False) -> dict[str, Any]:
    """A start as a button: on the reader's clock, and on the coach's where that shows another time."""
    local = starts_at.astimezone(ZoneInfo(zone))
    words = f"{local:%H:%M}"
    if with_day:
        words = _("%(day)s, %(time)s %(zone)s") % {
            "day": _amounts.day(local.date(), "table"),
            "time": words,
            "zone": _amounts.abbreviation(local),
        }
    return {
        "value": _value(starts_at),
        "words": words,
        "day": local.date(),
        "theirs": clock_of(starts_at, zone, own.coach_zone),
    }


def _clocks(own: queries.OwnBooking, starts_at: dt.datetime, zone: str) -> list[str]:
    """The start on every other clock that shows another time: the coach's, and that of the programme."""
    others = [clock_of(starts_at, zone, theirs) for theirs in (own.coach_zone, own.session.time_zone)]
    return list(dict.fromkeys(each for each in others if each))


def _title(own: queries.OwnBooking) -> str:
    return _("One-to-one session %(position)s") % {"position": own.session.position}


def _differ(one: str, other: str, at: dt.datetime) -> bool:
    return at.astimezone(ZoneInfo(one)).utcoffset() != at.astimezone(ZoneInfo(other)).utcoffset()


def _tell(request: Request, sentence: str, session_id: int, version: int) -> None:
    address = reverse("book_back", args=[session_id, version])
    messages.success(request, sentence, extra_tags=f"undo:{address}")


def _value(starts_at: dt.datetime) -> str:
    return f"{starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"


def _moment(text: str, at: dt.datetime) -> dt.datetime | None:
    """An instant as it stands in a button, within the years that matter."""
    try:
        found = dt.datetime.fromisoformat(text)
        near = found.tzinfo is not None and abs(found - at) < FAR
    except (ValueError, OverflowError):
        return None
    return found.astimezone(dt.UTC) if near else None


def _a_day(text: str) -> dt.date | None:
    """A day as it stands in an address, within the years that matter."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if abs(day - clock.now().date()) < FAR else None


def _version(request: Request) -> int:
    """What the reader had seen; 0, which is nobody's, when it was not sent."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
