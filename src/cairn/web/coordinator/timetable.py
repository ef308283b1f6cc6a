"""A cohort's timetable: what is dated and what is missing; series, looked at before they are made; single sessions."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.delivery.terms import MEETINGS, OF_ALL_COACHES, Mode, SessionState
from cairn.engines.wording import Refusal
from cairn.foundation import clock, sheets, spans
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programmes
from cairn.programmes.terms import Kind
from cairn.web import undoing
from cairn.web.coordinator import timetable_forms as forms
from cairn.web.documents import files
from cairn.web.fields import words
from cairn.web.meetings import lost_words
from cairn.web.moments import told
from cairn.web.polling import running
from cairn.web.templatetags import _amounts

REFUSALS = (programme_actions.Refused, NotEnoughMinutes, Refusal)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_timetable(request: Request, cohort_id: int) -> HttpResponse:
    """Every series of the cohort, the meetings, the one-to-one sessions in figures, and what is missing."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    timetable = queries.cohort_timetable(request.user, cohort, at, page=request.GET.get("page"))
    one_page = timetable.rows.paginator.num_pages == 1
    groups = [(group, timetable.of_group(group.id)) for group in timetable.groups]
    context = {
        "cohort": cohort,
        "timetable": timetable,
        "groups": [(group, rows) for group, rows in groups if rows or one_page],
        "unplanned": [group for group in timetable.groups if not group.planned_minutes],
        "unmarked": [row for row in timetable.sessions if row.needs_marks],
        "needs_meetings": one_page and not timetable.meetings,
        "unprepared": [coach for coach in timetable.coaches if coach.people and not coach.sessions],
        **zones_of(cohort, timetable.sessions),
    }
    return render(request, "coordinator/timetable.html", context)


def zones_of(cohort: Any, rows: Iterable[Any]) -> dict[str, str]:
    """How a page of sessions says its zones: `zones_said` in a sentence, `zone` the place where there is only one.

    `form` is how a row is written. Sessions keep the zone in which they were agreed, whatever the cohort's is now.
    """
    found = {row.zone for row in rows if row.starts_at is not None} or {cohort.time_zone}
    one = _amounts.zone_place(next(iter(found))) if len(found) == 1 else ""
    said = _("All times are %(place)s time.") % {"place": one} if one else _("The zone of each time stands beside it.")
    if found != {cohort.time_zone}:
        said += " " + _("New dates are %(place)s time.") % {"place": _amounts.zone_place(cohort.time_zone)}
    return {"zones_said": said, "zone": one, "form": "table" if one else "row"}


@door(who=rules.may_coordinate, area="coordinator")
def timetable_plan(request: Request, cohort_id: int) -> HttpResponse:
    """Plan a series: look at its dates, then make it."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    groups = queries.groups_in(request.user, cohort, at)
    today = at.astimezone(cohort.zone).date()
    whom = request.GET.get("for", "")
    initial = {"starts_on": max(today, cohort.starts_on), "weekday": 2, "whom": whom, **_chosen_time(cohort, whom)}
    form = forms.PlanForm(request.POST or None, groups=groups, initial=initial)
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "make":
                return _make_series(request, cohort, form, at)
            preview = _look(request, cohort, form, at)
        except REFUSALS as refused:
            form.refuse(refused)
    context = {"cohort": cohort, "form": form, "preview": preview, "zone": _amounts.zone_place(cohort.time_zone)}
    return render(request, "coordinator/timetable_plan.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def timetable_add(request: Request, cohort_id: int) -> HttpResponse:
    """Add one session without touching the others."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    groups = queries.groups_in(request.user, cohort, at)
    initial = {"whom": request.GET.get("for", ""), "wall_time": dt.time(10, 0)}
    form = forms.AddForm(request.POST or None, groups=groups, zone=cohort.time_zone, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_session(
                cohort=cohort,
                kind=Kind.GROUP if form.group else Kind.COACH_MEETING,
                group=form.group,
                minutes=form.cleaned_data["minutes"],
                where=form.cleaned_data["where"],
                **form.times(),
                by=request.user,
                at=at,
            )
        except REFUSALS as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Added: %(when)s.") % {"when": queries.when_words(made)})
            return redirect("cohort_timetable", cohort.pk)
    context = {"cohort": cohort, "form": form, "zone": _amounts.zone_place(cohort.time_zone)}
    return render(request, "coordinator/timetable_add.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def timetable_prepare(request: Request, cohort_id: int) -> HttpResponse:
    """Prepare every one-to-one session that is promised, and familiarisation, for coaches to date."""
    at = clock.now()
    cohort = programmes.cohort(request.user, cohort_id, at)
    one_to_ones, familiarisations = actions.prepare_sessions(cohort=cohort, by=request.user, at=at)
    if one_to_ones or familiarisations:
        figures = {"one_to_ones": one_to_ones, "familiarisations": familiarisations}
        text = _("Prepared: %(one_to_ones)d one-to-one sessions, %(familiarisations)d familiarisation sessions.")
        messages.success(request, text % figures)
    else:
        messages.info(request, _("Everything that is promised to people with a coach is prepared already."))
    return redirect("cohort_timetable", cohort.pk)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def timetable_export(request: Request, cohort_id: int) -> HttpResponse:
    """Every session of the cohort as a workbook."""
    at = clock.now()
    cohort = programmes.cohort(request.user, cohort_id, at)
    rows = [_exported(row, whom) for row, whom in queries.sessions_for_export(request.user, cohort, at)]
    table = sheets.Table(_("Timetable"), _columns(), rows, notes=[_("Times are wall times in the zone beside them.")])
    return files.workbook(sheets.write([table]), f"timetable-{cohort.pk}.xlsx")


@door(who=rules.may_coordinate, area="coordinator")
def cohort_session(request: Request, cohort_id: int, session_id: int) -> HttpResponse:
    """One session: move it, cancel it, restore it, correct its attendance and see every mark ever made."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    seen = _session_in(request, cohort, session_id, at)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    move = forms.MoveForm(request.POST if doing == "move" else None, seen=seen)
    held = forms.HeldForm(request.POST if doing == "hold" else None)
    try:
        if doing and _change(request, seen, doing, {"move": move, "hold": held}, at):
            return redirect("cohort_session", cohort.pk, session_id)
    except actions.ChangedMeanwhile as changed:
        messages.warning(request, str(changed))
        return redirect("cohort_session", cohort.pk, session_id)
    except REFUSALS as refused:
        if doing == "move":
            move.refuse(refused)
        else:
            messages.error(request, words(refused.wording) if isinstance(refused, Refusal) else str(refused))
            return redirect("cohort_session", cohort.pk, session_id)
    context = _session_context(cohort, seen, move, held, at) | running(seen.session, request.user.time_zone, at)
    return render(request, "coordinator/timetable_session.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def cohort_session_restore(request: Request, cohort_id: int, session_id: int, version: int) -> HttpResponse:
    """Undo a cancellation, or with `was` in the address a move."""
    at = clock.now()
    cohort = programmes.cohort(request.user, cohort_id, at)
    seen = _session_in(request, cohort, session_id, at)
    common: dict[str, Any] = {"session": seen.session, "expected_version": version, "by": request.user, "at": at}
    was = _asked_time(request)
    try:
        if was is None:
            restored = actions.restore_session(**common)
        else:
            held = undoing.remembered(request, session_id, version) or undoing.Held(seen.session.mode, None)
            restored = actions.date_session(wall_starts=was[0], fold=was[1], **held._asdict(), **common)
    except REFUSALS as refused:
        messages.error(request, words(refused.wording) if isinstance(refused, Refusal) else str(refused))
    else:
        undoing.forget(request)
        messages.success(request, _("Restored: %(when)s.") % {"when": queries.when_words(restored)})
    return redirect("cohort_session", cohort.pk, session_id)


def _chosen_time(cohort: Any, whom: str) -> dict[str, Any]:
    """The weekly time for which a group was formed, to begin with."""
    slot = programmes.slots_of_groups(cohort).get(int(whom)) if whom.isdecimal() and len(whom) < 18 else None
    return {"weekday": slot.weekday - 1, "wall_time": slot.starts} if slot else {}


def _own_place(cohort: Any, group: Any) -> str:
    """The link or place that a coach gave with the time for which a group was formed; used without being shown."""
    slot = programmes.slots_of_groups(cohort).get(group.pk) if group else None
    return slot.where if slot else ""


def _session_in(request: Request, cohort: Any, session_id: int, at: dt.datetime) -> queries.SeenSession:
    seen = queries.session_for(request.user, session_id, at)
    if seen.session.cohort_id != cohort.pk:
        raise queries.NotFound
    return seen


def _look(request: Request, cohort: Any, form: forms.PlanForm, at: dt.datetime) -> dict[str, Any]:
    """What would be made: dates, and what had to give way."""
    common = {"cohort": cohort, **form.rhythm(), "by": request.user, "at": at}
    plan = actions.preview_timetable(**common) if form.group else actions.preview_coach_meetings(**common)
    reasons = {moved.on: words(moved.wording) for moved in plan.moved}
    return {
        "rows": [
            {
                "position": planned.position,
                "moment": {"starts_at": planned.starts_at, "ends_at": planned.ends_at, "zone": planned.zone},
                "minutes": planned.minutes,
                "why": reasons.get(planned.on, ""),
            }
            for planned in plan.sessions
        ],
        "expected": ",".join(day.isoformat() for day in plan.days),
        "moved": len(plan.moved),
    }


def _make_series(request: Request, cohort: Any, form: forms.PlanForm, at: dt.datetime) -> HttpResponse:
    common = {
        "cohort": cohort,
        **form.rhythm(),
        "mode": form.cleaned_data["mode"],
        "where": form.cleaned_data["where"] or _own_place(cohort, form.group),
        "expected": form.seen_days(),
        "by": request.user,
        "at": at,
    }
    made = actions.plan_timetable(**common) if form.group else actions.plan_coach_meetings(**common)
    text = _("%(count)d sessions have a date. Everybody in them was told by mail.")
    messages.success(request, text % {"count": len(made)})
    return redirect("cohort_timetable", cohort.pk)


def _change(request: Request, seen: queries.SeenSession, doing: str, bound: dict[str, Any], at: dt.datetime) -> bool:
    """Do what was asked, if what was typed will do; say that it is done."""
    common = {"session": seen.session, "by": request.user, "at": at}
    if doing == "move" and (form := bound["move"]).is_valid():
        where = form.cleaned_data["where"]
        keeps = not where and seen.session.mode == form.cleaned_data["mode"]
        changed = actions.date_session(
            **common, **form.times(), where=None if keeps else where, expected_version=form.cleaned_data["version"]
        )
        undoing.remember(request, seen.session, changed)
        text = _("It is on %(when)s now.") % {"when": queries.when_words(changed)}
        text = f"{text} {told(changed.starts_at, '', at)}".strip()
        messages.success(
            request, f"{text} {lost_words(changed, at)}".strip(), extra_tags=_way_back(seen.session, changed, at)
        )
        return True
    if doing == "cancel" and (form := forms.CancelForm(request.POST)).is_valid():
        gone = actions.cancel_session(
            **common, reason_kind=form.cleaned_data["reason"], expected_version=form.cleaned_data["version"]
        )
        undo = reverse("cohort_session_restore", args=[gone.cohort_id, gone.pk, gone.version])
        messages.success(request, _cancelled(gone), extra_tags=f"undo:{undo}")
        return True
    if doing == "attendance":
        mark = actions.record_meeting_attendance if seen.session.kind in OF_ALL_COACHES else actions.record_attendance
        mark(**common, marks=forms.read_marks(request.POST, seen))
        messages.success(request, _("Attendance is saved."))
        return True
    engagement = seen.session.engagement
    if doing == "hold" and engagement is not None and (form := bound["hold"]).is_valid():
        actions.hold_familiarisation(engagement=engagement, on=form.cleaned_data["on"], by=request.user, at=at)
        messages.success(request, _("Noted. It will stand on the coach’s next invoice."))
        return True
    return False


def _cancelled(session: Any) -> str:
    if session.kind in MEETINGS:
        return _("Cancelled. Its coach time is free again; no coachee’s minutes were in it.")
    return _("Cancelled. The minutes are free again.")


def _way_back(former: Any, session: Any, at: dt.datetime) -> str:
    """What lets a message offer to move a session back to when it was, if that is still to come."""
    if former.starts_at is None or former.starts_at <= at or former.starts_at == session.starts_at:
        return ""
    address = reverse("cohort_session_restore", args=[session.cohort_id, session.pk, session.version])
    return f"undo:{address}?{urlencode({'was': former.wall_time.isoformat(), 'fold': former.fold})}"


def _asked_time(request: Request) -> tuple[dt.datetime, Any] | None:
    """The wall time to which a moved session goes back, and which of two it is, from the address."""
    try:
        wall = dt.datetime.fromisoformat(request.GET.get("was", ""))
    except ValueError:
        return None
    return (wall, 1 if request.GET.get("fold") == "1" else 0) if wall.tzinfo is None else None


def _session_context(
    cohort: Any, seen: queries.SeenSession, move: forms.MoveForm, held: forms.HeldForm, at: dt.datetime
) -> dict[str, Any]:
    session = seen.session
    is_open = session.state in (SessionState.BOOKED, SessionState.UNDATED) and session.kind != Kind.FAMILIARISATION
    return {
        "cohort": cohort,
        "seen": seen,
        "session": session,
        "state": SessionState(session.state).label,
        "mode": Mode(session.mode).label,
        "move": move if is_open else None,
        "cancel": forms.CancelForm(initial={"version": session.version}) if session.state == "booked" else None,
        "held": held if session.kind == Kind.FAMILIARISATION and session.state != SessionState.HELD else None,
        "can_restore": session.state == SessionState.CANCELLED and session.wall_starts is not None,
        "markable": seen.markable(at),
        "roll": [(f"mark-{seat.enrolment_id or seat.engagement_id}", seat) for seat in seen.seats],
        "history": queries.marks_made(seen) if session.state == SessionState.HELD else [],
        "zone": _amounts.zone_place(session.time_zone),
        "meeting_url": reverse("cohort_meeting", args=[cohort.pk, session.pk]) if session.kind in MEETINGS else "",
        "crumbs": [{"url": reverse("cohort_timetable", args=[cohort.pk]), "label": _("Timetable")}],
    }


def _columns() -> list[sheets.Column]:
    return [
        sheets.Column(_("Session"), width=30),
        sheets.Column(_("For"), width=30),
        sheets.Column(_("Coach"), width=26),
        sheets.Column(_("Begins"), "datetime"),
        sheets.Column(_("Ends"), "datetime"),
        sheets.Column(_("Time zone")),
        sheets.Column(_("Minutes"), "minutes"),
        sheets.Column(_("How"), width=14),
        sheets.Column(_("State"), width=16),
        sheets.Column(_("Came"), "int"),
        sheets.Column(_("Marked"), "int"),
    ]


def _exported(row: queries.TimetableRow, whom: str) -> list[Any]:
    zone = ZoneInfo(row.zone)
    walls = [moment.astimezone(zone) if moment else None for moment in (row.starts_at, row.ends_at)]
    naive = [wall.replace(tzinfo=None) if wall else None for wall in walls]
    labels = [str(Mode(row.mode).label), str(SessionState(row.state).label)]
    when = [*naive, spans.in_zone(row.zone, *walls), row.minutes]
    return [row.title, whom or row.coach, row.coach, *when, *labels, row.came, row.marked]
