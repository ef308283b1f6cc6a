"""A coachee's own sessions, and apologies."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.delivery.terms import FOR_THE_COHORT
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.web.coachee import polls
from cairn.web.coachee.home import MARK_WORDS, mine
from cairn.web.templatetags import _amounts


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def sessions(request: Request) -> HttpResponse:
    """Everything to come and everything past, with one's own attendance."""
    at = clock.now()
    coming, past, undated = queries.own_sessions_of_coachee(request.user, at)
    context = {
        "coming": [mine(each, request.user.time_zone, at) for each in coming],
        "past": [mine(each, request.user.time_zone, at) for each in past],
        "waiting": [queries.Waiting(each.id, each.session.position, each.session.minutes) for each in undated],
        "polls": polls.in_words(queries.polls_to_answer(request.user, at), request.user.time_zone, at),
        "zone": request.user.time_zone,
    }
    return render(request, "coachee/sessions.html", context)


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def session(request: Request, session_id: int) -> HttpResponse:
    """One of the own sessions; one for the whole cohort has a page of its own."""
    at = clock.now()
    seen = queries.own_session(request.user, session_id, at)
    if seen.session.kind in FOR_THE_COHORT:
        return redirect("meeting", session_id)
    made = [(MARK_WORDS[row.mark], row) for row in (queries.marks_made(seen) if seen.starts_at else ())]
    place = _amounts.zone_place(request.user.time_zone)
    own = seen.mine.enrolment_id if seen.mine else None
    arranged, told = queries.arranged_in(seen.session, own or 0, at)
    context = {
        "arranged": arranged,
        "told": told,
        "mine": mine(seen, request.user.time_zone, at),
        "made": made,
        "poll": getattr(seen.session, "open_poll", None),
        "zone": request.user.time_zone,
        "place": place,
        "lost": queries.lost_date(request.user, seen.session),
        "declined": bool(seen.starts_at) and not seen.apology and queries.own_calendar_declined(request.user, seen),
    }
    return render(request, "coachee/session.html", context)


@door(who=rules.may_be_coached, area="coachee", methods=("POST",))
def send_apologies(request: Request, session_id: int) -> HttpResponse:
    """Say that one cannot come. Nobody is asked why."""
    at = clock.now()
    seen = queries.own_session(request.user, session_id, at)
    try:
        apology = actions.send_apologies(session=seen.session, by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    else:
        sentence = _("Apologies sent. Your coach has been told.")
        if not apology.in_time and seen.late_costs:
            sentence = _("Apologies sent, and your coach has been told. The minutes count as used.")
        messages.success(request, sentence, extra_tags=f"undo:{reverse('withdraw_apologies', args=[session_id])}")
    return redirect("coachee_session", session_id)


@door(who=rules.may_be_coached, area="coachee", methods=("POST",))
def withdraw_apologies(request: Request, session_id: int) -> HttpResponse:
    """Come after all."""
    at = clock.now()
    seen = queries.own_session(request.user, session_id, at)
    try:
        actions.withdraw_apologies(session=seen.session, by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Good. Your coach knows that you are coming."))
    return redirect("coachee_session", session_id)
