"""The address at which somebody's own calendar reads their sessions: made, changed, revoked, and read."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions, queries
from cairn.delivery.terms import FeedDetail
from cairn.foundation import clock, here
from cairn.gate import Request, anyone, door, signed_in
from cairn.people import rules
from cairn.people.queries import NotFound
from cairn.web.templatetags import _amounts


class FeedForm(forms.Form):
    """How much the calendar says."""

    detail = forms.ChoiceField(
        label=gettext_lazy("What stands in it"), choices=FeedDetail.choices, widget=forms.RadioSelect
    )


@door(who=signed_in)
def calendar_feed_settings(request: Request) -> HttpResponse:
    """Make an address for one's own calendar, let it say more or less, make it anew, close it."""
    at, feed = clock.now(), queries.feed_of(request.user)
    form = FeedForm(request.POST or None, initial={"detail": feed.detail if feed else FeedDetail.BUSY})
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            return _revoked(request, at)
        if form.is_valid() and request.POST.get("do") == "make":
            secret = actions.make_feed(detail=form.cleaned_data["detail"], by=request.user, at=at)
            address, feed = here.address(reverse("calendar_feed", args=[secret])), queries.feed_of(request.user)
        elif form.is_valid() and feed is not None:
            actions.change_feed_detail(detail=form.cleaned_data["detail"], by=request.user, at=at)
            messages.success(request, _("Kept. Calendars show it when they next ask."))
            return redirect("calendar_feed_settings")
    context = {
        "feed": feed,
        "form": form,
        "address": address,
        "webcal": address.partition(":")[2],
        "examples": _examples(request.user, at),
        "zone": request.user.time_zone,
        "place": _amounts.zone_place(request.user.time_zone),
    }
    return render(request, "account/calendar_feed.html", context)


@door(who=anyone, methods=("GET",))
def calendar_feed(request: Request, secret: str) -> HttpResponse:
    """The file that a calendar program reads. Who knows the address may read it; nobody signs in."""
    at = clock.now()
    found = queries.feed_file(secret, at)
    actions.note_feed_read(feed_id=found.feed_id, last_read_at=found.last_read_at, at=at)
    mark = f'"{found.mark}"'
    asked = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    response = (
        HttpResponseNotModified()
        if mark in asked
        else HttpResponse(found.content, content_type="text/calendar; charset=utf-8")
    )
    response["ETag"] = f"W/{mark}"
    if not request.user.is_authenticated:  # a calendar program: it keeps the file, and asks whether it still holds
        response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = 'inline; filename="cairn.ics"'
    return response


def _revoked(request: Request, at: dt.datetime) -> HttpResponse:
    try:
        actions.revoke_feed(by=request.user, at=at)
    except NotFound:
        messages.info(request, _("There was no address any more."))
    else:
        messages.success(request, _("Closed. Calendars that read it find nothing from now on."))
    return redirect("calendar_feed_settings")


def _examples(person: Any, at: dt.datetime) -> list[tuple[str, str, str]]:
    """What one session would look like: by choice, for whom it is."""
    coaches = rules.may_coach(person, at)
    full = _("One-to-one session 2: Sam Example") if coaches else _("One-to-one session 2")
    return [
        (str(FeedDetail.BUSY.label), _("Busy"), _("Nothing else, so that it can be shared with colleagues.")),
        (str(FeedDetail.TITLE.label), _("One-to-one session"), _("The kind alone: no number, no name, no place.")),
        (
            str(FeedDetail.FULL.label),
            full,
            _(
                "With a link to its page in Cairn, from a group’s series to your list of sessions, and for sessions in "
                "person the place. Never the way to join."
            ),
        ),
    ]
