"""Calendars of one's own from which Cairn reads when one is busy: added, looked at, changed, removed."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cairn.delivery import actions, queries
from cairn.delivery.terms import CalendarKind
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.web import moments
from cairn.web.plain_words import plainly

LOOKS_AGAIN = dt.timedelta(minutes=2)
REFUSED = (actions.AddressRefused, actions.TooManyCalendars)


class WayForm(forms.Form):
    """What a calendar is called, where it is, and how to get in. Nothing that was typed is ever filled in again."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("For yourself, such as Work. Nobody else reads it."),
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    user = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=gettext_lazy("App password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, kind: CalendarKind, is_new: bool, **options: Any) -> None:
        """CalDAV asks for user and password; a change leaves empty what is to stay."""
        super().__init__(*args, **options)
        plainly(self)
        self.is_caldav = kind == CalendarKind.CALDAV
        self.fields["address"].required = is_new
        self.fields["user"].required = self.fields["password"].required = is_new and self.is_caldav
        if not is_new:
            self.fields["address"].help_text = _(
                "Empty: the address stays. It is not shown, because it can be as good as a password."
            )
            self.fields["password"].help_text = _("Empty: it stays, unless you type another address.")


@door(who=signed_in, methods=("GET",))
@never_cache
def busy_calendars(request: Request) -> HttpResponse:
    """One's calendars and how they stand."""
    at, zone = clock.now(), request.user.time_zone
    found = queries.busy_calendars(request.user, at)
    context = {
        "calendars": [_shown(each, zone, at) for each in found],
        "looks_again": any(_is_new(each, at) for each in found),
        "most": actions.MOST_CALENDARS,
    }
    return render(request, "account/busy_calendars.html", context)


@door(who=signed_in)
@never_cache
def busy_calendar_add(request: Request, kind: str) -> HttpResponse:
    """Add a calendar; it is read at once, and the list shows how that went."""
    if kind not in CalendarKind.values:
        raise Http404
    form = WayForm(request.POST or None, kind=CalendarKind(kind), is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_busy_calendar(kind=kind, **form.cleaned_data, by=request.user, at=clock.now())
            return redirect("busy_calendars")
        except REFUSED as refused:
            _refuse(form, refused)
    return _way(request, form, {"kind": kind})


@door(who=signed_in)
@never_cache
def busy_calendar(request: Request, calendar_id: int) -> HttpResponse:
    """Call it otherwise, or change the way into it."""
    at = clock.now()
    found = queries.busy_calendar(request.user, calendar_id, at)
    form = WayForm(request.POST or None, kind=found.kind, is_new=False, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_busy_calendar(calendar_id=calendar_id, **form.cleaned_data, by=request.user, at=at)
            messages.success(request, _("Kept."))
            return redirect("busy_calendars")
        except REFUSED as refused:
            _refuse(form, refused)
    return _way(request, form, {"kind": found.kind.value, "calendar": found})


@door(who=signed_in, methods=("POST",))
def busy_calendar_read(request: Request, calendar_id: int) -> HttpResponse:
    """Read it now."""
    try:
        actions.ask_busy_calendar(calendar_id=calendar_id, by=request.user, at=clock.now())
    except actions.ReadJustNow as early:
        messages.warning(request, str(early))
    return redirect("busy_calendars")


@door(who=signed_in, methods=("POST",))
def busy_calendar_remove(request: Request, calendar_id: int) -> HttpResponse:
    """Remove it; for a quarter of an hour that can be taken back."""
    actions.remove_busy_calendar(calendar_id=calendar_id, by=request.user, at=clock.now())
    messages.success(
        request,
        _("Removed. Its times no longer count, and its address and password are destroyed in a quarter of an hour."),
        extra_tags=f"undo:{reverse('busy_calendar_back', args=[calendar_id])}",
    )
    return redirect("busy_calendars")


@door(who=signed_in, methods=("POST",))
def busy_calendar_back(request: Request, calendar_id: int) -> HttpResponse:
    """Take the removal back."""
    actions.bring_back_busy_calendar(calendar_id=calendar_id, by=request.user, at=clock.now())
    messages.success(request, _("It is back, and is read anew."))
    return redirect("busy_calendars")


def not_read(person: Any, at: dt.datetime) -> list[dict[str, str]]:
    """A person's calendars that could not be read of late, in words, for the page where times are offered to others."""

    def words(when: dt.datetime | None) -> str:
        return moments.moment(when, person.time_zone, at) if when is not None else ""

    found = queries.calendars_not_read(person, at)
    return [{"name": each.name, "read": words(each.read_at), "until": words(each.counts_until)} for each in found]


def _refuse(form: WayForm, refused: Exception) -> None:
    form.add_error("address" if isinstance(refused, actions.AddressRefused) else None, str(refused))


def _way(request: Request, form: WayForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "account/busy_calendar.html", {"form": form, **context}, status=status)


def _is_new(each: queries.OwnCalendar, at: dt.datetime) -> bool:
    return each.is_waiting and each.next_at is not None and at < each.next_at - actions.LOST_AFTER + LOOKS_AGAIN


def _shown(each: queries.OwnCalendar, zone: str, at: dt.datetime) -> dict[str, Any]:
    """A calendar with its moments in words, on its owner's wall."""

    def words(when: dt.datetime | None) -> str:
        return moments.moment(when, zone, at) if when is not None else ""

    return {
        "calendar": each,
        "kind": each.kind.label,
        "read": words(each.read_at),
        "tried": words(each.tried_at),
        "next": words(each.next_at),
        "until": words(each.counts_until),
    }
