"""One session of a coach: its date, how people meet, attendance with its history."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions, queries
from cairn.delivery.terms import CancelReason, Mark, Mode, SessionState
from cairn.engines import cadence
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.programmes.terms import Kind
from cairn.web import fields, undoing
from cairn.web.coach.shown import shown
from cairn.web.meetings import lost_words
from cairn.web.moments import clock_of, hour, moment, told
from cairn.web.polling import running
from cairn.web.templatetags import _amounts

OPEN = (SessionState.UNDATED, SessionState.BOOKED)


class WhenForm(forms.Form):
    """Day, time and how people meet. The time is that on the wall of the session's zone."""

    on = forms.DateField(label=gettext_lazy("Day"))
    time = forms.TimeField(label=gettext_lazy("Begins at"))
    fold = forms.TypedChoiceField(
        label=gettext_lazy("Which of the two"), widget=forms.RadioSelect, coerce=int, empty_value=None, required=False
    )
    mode = forms.ChoiceField(label=gettext_lazy("How you meet"), widget=forms.RadioSelect, choices=Mode.choices)
    where = forms.CharField(
        label=gettext_lazy("Link, place or number"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("A link or a number is shown to those in the session from 15 minutes before it begins."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A session online is joined by a web address."""
        return fields.linked_when_online(self, super().clean() or {})

    def ask_which(self, twice: cadence.AmbiguousWallTime, zone: str) -> None:
        """The clocks go back and the time happens twice: ask, and keep everything typed."""
        first, second = (_amounts.abbreviation(moment.astimezone(ZoneInfo(zone))) for moment in twice.candidates)
        self.fields["fold"].choices = [  # type: ignore[attr-defined]
            (0, _("the first, %(zone)s") % {"zone": first}),
            (1, _("the second, an hour later, %(zone)s") % {"zone": second}),
        ]

    @property
    def asks_which(self) -> bool:
        """Whether the question stands."""
        return bool(self.fields["fold"].choices)  # type: ignore[attr-defined]


class CancelForm(forms.Form):
    """Why, as far as the programme needs to know."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), required=False, choices=[("", gettext_lazy("Rather not say")), *CancelReason.choices]
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, alone: bool = False, **kwargs: Any) -> None:
        """`alone`: it is with one coachee, and the reasons say so."""
        super().__init__(*args, **kwargs)
        if alone:
            words = {CancelReason.COACH: _("I cannot come"), CancelReason.COACHEES: _("my coachee cannot come")}
            choices = self.fields["reason"].choices  # type: ignore[attr-defined]
            self.fields["reason"].choices = [(value, words.get(value, word)) for value, word in choices]  # type: ignore[attr-defined]


@door(who=rules.may_coach, area="coach")
def session(request: Request, session_id: int) -> HttpResponse:
    """Look at a session; give it a date, move it, change how people meet."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    may_change = seen.session.engagement is not None and seen.session.state in OPEN
    form = WhenForm(_with_chosen_time(request.POST), initial=_as_it_stands(seen)) if request.POST else None
    free: tuple[dt.datetime, ...] = ()
    if form is not None and may_change:
        _offer_fold(form, seen)
        outcome = _save(form, seen, request, at)
        if isinstance(outcome, HttpResponse):
            return outcome
        free = outcome
    elif seen.session.state == SessionState.UNDATED:
        free = _next_free(seen, at)
    context = {
        "shown": shown(seen, request.user.time_zone, at),
        "form": form or WhenForm(initial=_as_it_stands(seen)),
        "cancel": CancelForm(initial={"version": seen.version}, alone=seen.session.kind == Kind.ONE_TO_ONE),
        "free": [_choice(start, seen) for start in free],
        "may_change": may_change,
        "undated": seen.session.state == SessionState.UNDATED,
        "zone": _amounts.zone_place(seen.zone),
        "corrections": _corrections(seen),
        "which_time": queries.zone_question(seen.session),
        "place": _amounts.zone_place(request.user.time_zone),
        "done_by": done_by_coachee(seen, request.user.time_zone, at),
        "cannot_come": queries.cannot_come(seen),
        **running(seen.session, request.user.time_zone, at),
    }
    return render(request, "coach/session.html", context)


def done_by_coachee(seen: queries.RolledSession, zone: str, at: dt.datetime) -> str:
    """That its coachee booked, moved or cancelled it without the coach, and when; else empty."""
    done = queries.done_by_coachee(seen.session)
    if done is None:
        return ""
    words = {
        "date_session": _("Your coachee booked this time, at %(moment)s."),
        "move_session": _("Your coachee moved it here, at %(moment)s."),
        "cancel_session": _("Your coachee cancelled it, at %(moment)s."),
    }
    if done.taken_back:
        words = {
            "date_session": _("Your coachee took their cancellation back, at %(moment)s."),
            "move_session": _("Your coachee took their move back, at %(moment)s."),
            "cancel_session": _("Your coachee took their booking back, at %(moment)s."),
        }
    return words[done.action] % {"moment": moment(done.at, zone, at)}


@door(who=rules.may_coach, area="coach", methods=("POST",))
def cancel(request: Request, session_id: int) -> HttpResponse:
    """Cancel this one session; others of its series stay."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    form = CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say again that you want to cancel this session."))
        return redirect("coach_session", session_id)
    try:
        cancelled = actions.cancel_session(
            session=seen.session,
            reason_kind=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["version"],
            by=request.user,
            at=at,
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        sentence = _("Cancelled. Everybody in it has been told.")
        if seen.starts_at and seen.starts_at < at:
            sentence = _("Cancelled. Whoever had been told of it has been told of this.")
        elif seen.session.kind == Kind.ONE_TO_ONE:
            sentence = _("Cancelled. Your coachee has been told.")
        _tell(request, sentence, session_id, cancelled.version, "cancelled")
    return redirect("coach_session", session_id)


@door(who=rules.may_coach, area="coach", methods=("POST",))
def undo(request: Request, session_id: int, version: int) -> HttpResponse:
    """Take the last change back: `was` in the address is "cancelled", "undated" or the wall time it had."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    common: dict[str, Any] = {"session": seen.session, "expected_version": version, "by": request.user, "at": at}
    was = request.GET.get("was", "")
    try:
        if was == "cancelled":
            actions.restore_session(**common)
        elif was == "undated":
            actions.cancel_session(**common)
        elif (wall := _wall(was)) is not None:
            held = undoing.remembered(request, session_id, version) or undoing.Held(seen.session.mode, None)
            actions.date_session(wall_starts=wall, **held._asdict(), **common)
        else:
            messages.error(request, _("There is nothing to take back."))
            return redirect("coach_session", session_id)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    except (cadence.MissingWallTime, cadence.AmbiguousWallTime) as refused:
        messages.error(request, fields.words(refused.wording))
    else:
        undoing.forget(request)
        messages.success(request, _("It is as it was before."))
    return redirect("coach_session", session_id)


def _save(
    form: WhenForm, seen: queries.RolledSession, request: Request, at: dt.datetime
) -> HttpResponse | tuple[dt.datetime, ...]:
    """Date the session and go on, or say what stands in the way and return the next free starts."""
    if not form.is_valid():
        return ()
    was = seen.session.wall_time.isoformat() if seen.session.wall_time else "undated"
    try:
        booked = actions.date_session(
            session=seen.session,
            wall_starts=dt.datetime.combine(form.cleaned_data["on"], form.cleaned_data["time"]),
            mode=form.cleaned_data["mode"],
            where=form.cleaned_data["where"],
            expected_version=form.cleaned_data["version"],
            fold=form.cleaned_data["fold"],
            by=request.user,
            at=at,
        )
    except actions.JustTaken as taken:
        form.add_error("time", _just_taken(taken))
        return taken.next_free
    except actions.ChangedMeanwhile as changed:
        form.add_error(None, _("%(what)s Save again to put yours in its place.") % {"what": changed})
        _show_version(form, changed.session.version)
    except cadence.AmbiguousWallTime as twice:
        form.ask_which(twice, seen.zone)
        form.add_error("fold", fields.words(twice.wording))
    except cadence.MissingWallTime as missing:
        form.add_error("time", fields.words(missing.wording))
    except (actions.InThePast, actions.OutsideCohort) as refused:
        form.add_error("on", str(refused))
    except (actions.Refused, NotEnoughMinutes) as refused:
        form.add_error(None, str(refused))
    else:
        saved = told(booked.starts_at, _("Everybody in it has been told."), at)
        sentences = [_("Saved. %(told)s") % {"told": saved}, _outside_hours(booked, seen, request.user.time_zone)]
        undoing.remember(request, seen.session, booked)
        _tell(request, " ".join(filter(None, (*sentences, lost_words(booked, at)))), seen.id, booked.version, was)
        return redirect("coach_session", seen.id)
    return ()


def _outside_hours(booked: Any, seen: queries.RolledSession, zone: str) -> str:
    """That the time just given to a one-to-one lies outside the coach's own hours; empty when it does not."""
    if booked.kind != Kind.ONE_TO_ONE or booked.starts_at == seen.starts_at or not queries.is_outside_hours(booked):
        return ""
    return _("It is outside your hours: it begins at %(time)s.") % {"time": hour(booked.starts_at, zone)}


def _just_taken(taken: actions.JustTaken) -> str:
    """One sentence; the free times stand beside it as buttons."""
    who = {
        "coach": _("Just taken: you are in another session then."),
        "coachee": _("Just taken: somebody who has to be there is not free then."),
        "held": _("A coachee is choosing that time just now; it is kept for them for a few minutes."),
    }[taken.who_is_busy]
    return f"{who} {_('Choose one of the next free times, or another.')}" if taken.next_free else who


def _tell(request: Request, sentence: str, session_id: int, version: int, was: str) -> None:
    address = reverse("coach_session_undo", args=[session_id, version])
    messages.success(request, sentence, extra_tags=f"undo:{address}?{urlencode({'was': was})}")


def _offer_fold(form: WhenForm, seen: queries.RolledSession) -> None:
    """An answer to “which of the two” is only understood while the question is asked."""
    try:
        on, time = form.fields["on"].clean(form.data.get("on")), form.fields["time"].clean(form.data.get("time"))
        cadence.instant(on, time, seen.zone)
    except cadence.AmbiguousWallTime as twice:
        form.ask_which(twice, seen.zone)
    except (forms.ValidationError, cadence.MissingWallTime):
        pass


def _show_version(form: WhenForm, version: int) -> None:
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["version"] = str(version)  # type: ignore[index]


def _with_chosen_time(posted: Any) -> Any:
    """One of the free times stands in a button: it takes the place of what was typed."""
    wall = _wall(posted.get("instead", ""))
    if wall is None:
        return posted
    chosen = posted.copy()
    chosen["on"], chosen["time"], chosen["fold"] = wall.date().isoformat(), f"{wall:%H:%M}", ""
    return chosen


def _wall(text: str) -> dt.datetime | None:
    try:
        wall = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return wall if wall.tzinfo is None else None


def _as_it_stands(seen: queries.RolledSession) -> dict[str, Any]:
    wall = seen.session.wall_time
    return {
        "on": wall.date() if wall else None,
        "time": wall.time() if wall else None,
        "mode": seen.session.mode,
        "where": seen.session.where,
        "version": seen.version,
    }


def _next_free(seen: queries.RolledSession, at: dt.datetime) -> tuple[dt.datetime, ...]:
    """When coach and coachee are both free next, from tomorrow on."""
    if seen.session.engagement is None or seen.session.kind != Kind.ONE_TO_ONE:
        return ()
    return queries.next_free(
        engagement=seen.session.engagement,
        enrolment=seen.session.enrolment,
        after=at + dt.timedelta(days=1),
        minutes=seen.session.minutes,
        at=at,
    )


def _choice(start: dt.datetime, seen: queries.RolledSession) -> dict[str, str]:
    """A free start as a button: its wall time, its words, and the coachee's clock where that differs."""
    local = start.astimezone(ZoneInfo(seen.zone))
    enrolment = seen.session.enrolment
    return {
        "value": local.replace(tzinfo=None).isoformat(timespec="minutes"),
        "words": _("%(day)s, %(time)s") % {"day": date_format(local.date(), "D j F"), "time": f"{local:%H:%M}"},
        "elsewhere": clock_of(start, seen.zone, enrolment.person.time_zone) if enrolment else "",
    }


def _corrections(seen: queries.RolledSession) -> list[dict[str, Any]]:
    """Every mark of those whose mark was corrected, newest first."""
    made = sorted((each for row in seen.roll for each in row.corrections), key=lambda each: each.at, reverse=True)
    return [{"name": each.name, "word": Mark(each.mark).label, "by": each.by, "at": each.at} for each in made]
