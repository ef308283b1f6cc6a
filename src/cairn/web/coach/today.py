"""A coach's day: what happens, who is in it, one tap per person."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions, queries
from cairn.delivery.terms import OF_ALL_COACHES, Mark
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.web.coach.shown import shown
from cairn.web.moments import both, read_on
from cairn.web.templatetags import _amounts, _marks

TO_DATE_SHOWN = 8
FIRST, LAST = dt.date(1970, 1, 1), dt.date(2200, 1, 1)


class DayForm(forms.Form):
    """A day that has been."""

    on = forms.DateField(label=gettext_lazy("Day"))


@door(who=rules.may_coach, area="coach", methods=("GET",))
def today(request: Request) -> HttpResponse:
    """The sessions of one day; today also what waits for the coach."""
    at, zone = clock.now(), request.user.time_zone
    here = at.astimezone(request.user.zone).date()
    chosen = a_day(request.GET.get("day")) or here
    found = queries.coach_day(request.user, chosen, at)
    sessions = [shown(session, zone, at) for session in found.sessions]
    context = {
        "found": found,
        "sessions": sessions,
        "late": [shown(session, zone, at) for session in found.to_write_up],
        "to_date": found.to_date[:TO_DATE_SHOWN],
        "polls": [(each, both(each.closes_at, each.zone, zone, at)) for each in found.polls],
        "meeting": shown(found.meeting, zone, at) if found.meeting else None,
        "zone": _amounts.zone_place(zone),
        "read_on": read_on(tuple(sorted({each.cohort.time_zone for each in found.engagements}))),
        "lede": lede(found, at),
        "before": chosen - dt.timedelta(days=1),
        "after": chosen + dt.timedelta(days=1),
        "today": here,
    }
    return render(request, "coach/today.html", context)


@door(who=rules.may_coach, area="coach", methods=("POST",))
def mark(request: Request, session_id: int) -> HttpResponse:
    """Save one mark, or all that were changed; with htmx the page is kept and told what is saved."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    given, problem = marks_given(request, seen), ""
    try:
        _record(seen, given, request, at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        problem = str(refused)
    if not given:
        problem = _("No mark was changed.")
    if getattr(request, "htmx", False):
        fresh = shown(queries.coach_session(request.user, session_id, at), request.user.time_zone, at)
        context = {"shown": fresh, "problem": problem, "said": said(fresh.session, given)}
        return render(request, "coach/_marked.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, _("Saved. You can still correct it."))
    return redirect(back_to(request, seen))


@door(who=rules.may_coach, area="coach", methods=("POST",))
def familiarisation(request: Request, engagement_id: int) -> HttpResponse:
    """Note the day on which a coach made themselves familiar with the programme."""
    at = clock.now()
    engagement = queries.owed_familiarisation(request.user, engagement_id, at)
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the day on which it took place."))
        return redirect("coach_today")
    try:
        actions.hold_familiarisation(engagement=engagement, on=form.cleaned_data["on"], by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted. It will be on your next invoice."))
    return redirect("coach_today")


def marks_given(request: Request, seen: queries.RolledSession) -> dict[int, str]:
    """The marks that this request changes, by whose they are. One tap for everybody leaves marks and apologies."""
    if "everyone" in request.POST:
        return {row.id: Mark.ATTENDED.value for row in seen.roll if not row.seat.likely_mark}
    marks = {}
    for row in seen.roll:
        chosen = request.POST.get(f"mark-{row.id}", "")
        if chosen in Mark.values and chosen != request.POST.get(f"was-{row.id}", ""):
            marks[row.id] = chosen
    return marks


def said(session: queries.RolledSession, given: dict[int, str]) -> str:
    """One sentence for those who hear the page: who was marked as what."""
    words = {value: word for value, _image, word in _marks.marks()}
    names = [f"{row.seat.name}: {words[given[row.id]]}" for row in session.roll if row.id in given]
    return _("Saved. %(marks)s.") % {"marks": ", ".join(names)}


def back_to(request: Request, seen: queries.RolledSession) -> str:
    """The page from which attendance was marked."""
    if request.POST.get("back") == "session" or seen.starts_at is None:
        return reverse("coach_session", args=[seen.id])
    day = seen.starts_at.astimezone(request.user.zone).date()
    return f"{reverse('coach_today')}?day={day.isoformat()}#session-{seen.id}"


def lede(found: queries.CoachDay, at: dt.datetime) -> str:
    """The day in one sentence."""
    late = len(found.to_write_up) + sum(1 for session in found.sessions if session.is_to_write_up(at))
    dates = sum(row.waiting for row in found.to_date)
    standing = [session for session in found.sessions if session.session.state != "cancelled"]
    parts = [ngettext("%(n)s session", "%(n)s sessions", len(standing)) % {"n": len(standing)}] if standing else []
    if late:
        parts.append(ngettext("%(n)s to write up", "%(n)s to write up", late) % {"n": late})
    if dates:
        parts.append(ngettext("%(n)s date to agree", "%(n)s dates to agree", dates) % {"n": dates})
    return f"{', '.join(parts)}." if parts else ""


def a_day(text: str | None) -> dt.date | None:
    """A day as it stands in an address, within the years in which calendars make sense."""
    try:
        return min(max(dt.date.fromisoformat(text or ""), FIRST), LAST)
    except ValueError:
        return None


def _record(seen: queries.RolledSession, given: dict[int, str], request: Request, at: dt.datetime) -> None:
    if not given:
        return
    writes: Any = actions.record_attendance
    if seen.session.kind in OF_ALL_COACHES:
        writes = actions.record_meeting_attendance
    writes(session=seen.session, marks=given, by=request.user, at=at)
