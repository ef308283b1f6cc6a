"""When a coach can be booked: the week, days that differ, places, and what coachees see of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions, queries
from cairn.delivery.terms import Mode
from cairn.engines.availability import Differing
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.account import busy_calendars
from cairn.web.coach.availability_forms import DiffersForm, HoursForm, PlaceForm, as_it_stands
from cairn.web.templatetags import _amounts

MOST_LISTED = 60


@dataclass(frozen=True)
class Difference:
    """An exception in words."""

    id: int
    days: str
    what: str
    is_open: bool


@dataclass(frozen=True)
class PlaceLine:
    """One of the coach's places."""

    id: int
    name: str
    how: str
    where: str


@door(who=rules.may_coach, area="coach")
def availability(request: Request) -> HttpResponse:
    """Set hours and rules, add and remove days that differ, and see what coachees are offered next week."""
    at = clock.now()
    own = queries.own_hours(request.user, at)
    doing = _doing(request)
    hours = HoursForm(request.POST if doing in {"save", "copy"} else None, places=own.places, initial=as_it_stands(own))
    differs = DiffersForm(request.POST if doing == "differ" else None, places=own.places)
    if doing == "copy":
        hours = HoursForm(hours.with_monday_copied(), places=own.places, initial=as_it_stands(own))
        hours.is_valid()
    elif doing and _do(request, doing, hours, differs, at):
        return redirect("availability")
    here = at.astimezone(ZoneInfo(own.zone))
    monday = here.date() + dt.timedelta(days=7 - here.weekday())
    context = {
        "own": own,
        "form": hours,
        "differs": differs,
        "differences": [_difference(*each) for each in own.exceptions[:MOST_LISTED]],
        "week": queries.offered_week(request.user, own, monday, at) if own.row is not None else None,
        "monday": monday,
        "zone": _amounts.zone_place(own.zone),
        "elsewhere": _amounts.zone_place(request.user.time_zone) if request.user.time_zone != own.zone else "",
        "copied": doing == "copy",
        "is_unsaved": doing in {"save", "copy"},
        "not_read": busy_calendars.not_read(request.user, at),
    }
    status = 422 if doing in {"save", "differ"} else 200
    return render(request, "coach/availability.html", context, status=status)


@door(who=rules.may_coach, area="coach")
def places(request: Request) -> HttpResponse:
    """Places, links and numbers: add one, change one (`?place=`), remove one."""
    at = clock.now()
    chosen = queries.own_place(request.user, _whole(request.GET["place"]), at) if request.GET.get("place") else None
    doing = _doing(request)
    standing = {"name": chosen.name, "mode": chosen.mode, "where": chosen.where} if chosen else None
    form = PlaceForm(request.POST if doing == "keep" else None, initial=standing)
    if doing and _do_place(request, doing, form, chosen.pk if chosen else None, at):
        return redirect("availability_places")
    own = queries.own_places(request.user, at)
    context = {
        "places": [PlaceLine(each.pk, each.name, str(Mode(each.mode).label), each.where) for each in own],
        "form": form,
        "chosen": chosen,
    }
    return render(request, "coach/availability_places.html", context, status=422 if doing == "keep" else 200)


def _doing(request: Request) -> str:
    """What a button, or the address of an undo, asks for."""
    if request.method != "POST":
        return ""
    return request.POST.get("do") or request.GET.get("do", "")


def _do(request: Request, doing: str, hours: HoursForm, differs: DiffersForm, at: dt.datetime) -> bool:
    """Do what was asked; False where the page has to say why not."""
    who: dict[str, Any] = {"by": request.user, "at": at}
    if doing == "save":
        return hours.is_valid() and _save(request, hours, who)
    if doing == "differ":
        return differs.is_valid() and _differ(request, differs, who)
    if doing.startswith("back-"):
        _take_back(request, _whole(doing.removeprefix("back-")), who)
    elif doing.startswith("remove-"):
        taken_back = actions.remove_exceptions(exception_ids=_ids(doing.removeprefix("remove-")), **who)
        _tell_removed(request, taken_back)
    elif doing == "again":
        try:
            actions.add_exceptions(differing=[_from_address(request)], **who)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("It is as it was before."))
    else:
        raise queries.NotFound
    return True


def _save(request: Request, form: HoursForm, who: dict[str, Any]) -> bool:
    try:
        kept = actions.save_availability(
            terms=form.terms,
            hours=form.cleaned_data["hours"],
            expected_version=form.cleaned_data["version"],
            **who,
        )
    except actions.HoursChangedMeanwhile as changed:
        form.add_error(None, _("%(what)s Save again to put these in their place.") % {"what": changed})
        form.show_version(changed.version)
        return False
    undo = f"undo:{reverse('availability')}?do=back-{kept.version}"
    messages.success(request, _("Kept. Sessions that are booked already stay."), extra_tags=undo)
    return True


def _take_back(request: Request, version: int, who: dict[str, Any]) -> None:
    try:
        actions.restore_availability(expected_version=version, **who)
    except actions.HoursChangedMeanwhile:
        messages.error(request, _("Your hours were changed again since, so this can no longer be taken back."))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is as it was before."))


def _differ(request: Request, form: DiffersForm, who: dict[str, Any]) -> bool:
    try:
        added = actions.add_exceptions(differing=form.cleaned_data["differing"], **who)
    except actions.DaysGoneBy as refused:
        form.add_error("first_on", str(refused))
    except actions.Refused as refused:
        form.add_error(None, str(refused))
    else:
        undo = f"undo:{reverse('availability')}?do=remove-{'.'.join(map(str, added))}" if added else ""
        messages.success(request, _("Kept. Sessions that are booked already stay."), extra_tags=undo)
        return True
    return False


def _tell_removed(request: Request, removed: list[Differing]) -> None:
    undo = ""
    if len(removed) == 1:
        said = removed[0]
        values = {
            "do": "again",
            "first": said.first_on.isoformat(),
            "last": said.last_on.isoformat(),
            "starts": said.starts.isoformat("minutes") if said.starts else "",
            "ends": said.ends.isoformat("minutes") if said.ends else "",
            "open": "1" if said.is_open else "",
        }
        undo = f"undo:{reverse('availability')}?{urlencode(values)}"
    messages.success(request, _("Removed. The usual hours hold again."), extra_tags=undo)


def _from_address(request: Request) -> Differing:
    """What an undo says in its address; NotFound for anything that it cannot have said."""
    said = request.GET
    try:
        first, last = dt.date.fromisoformat(said.get("first", "")), dt.date.fromisoformat(said.get("last", ""))
        times = [dt.time.fromisoformat(said[name]) if said.get(name) else None for name in ("starts", "ends")]
    except ValueError:
        raise queries.NotFound from None
    is_open = bool(said.get("open"))
    backwards = times[0] is not None and times[1] not in (None, dt.time()) and times[1] <= times[0]
    if last < first or (times[0] is None) != (times[1] is None) or backwards or (is_open and times[0] is None):
        raise queries.NotFound
    return Differing(first, last, times[0], times[1], is_open)


def _do_place(request: Request, doing: str, form: PlaceForm, place_id: int | None, at: dt.datetime) -> bool:
    who: dict[str, Any] = {"by": request.user, "at": at}
    try:
        if doing == "keep" and form.is_valid() and place_id is None:
            actions.add_place(**form.cleaned_data, **who)
            messages.success(request, _("Added. Coachees can choose it."))
        elif doing == "keep" and form.is_valid() and place_id is not None:
            actions.change_place(place_id=place_id, **form.cleaned_data, **who)
            messages.success(request, _("Kept. Sessions that are booked already keep what they say."))
        elif doing.startswith("remove-"):
            number = queries.own_place(request.user, _whole(doing.removeprefix("remove-")), at).pk
            gone = actions.remove_place(place_id=number, **who)
            again = urlencode({"do": "again", "name": gone.name, "mode": gone.mode, "where": gone.where})
            undo = f"undo:{reverse('availability_places')}?{again}"
            messages.success(request, _("Removed. Nobody can choose it any more."), extra_tags=undo)
        elif doing == "again":
            _place_again(request, who)
        else:
            return False
    except (actions.PlaceNamedTwice, actions.PlaceNameWithComma) as refused:
        form.add_error("name", str(refused))
        return False
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return True


def _place_again(request: Request, who: dict[str, Any]) -> None:
    form = PlaceForm(request.GET)
    if not form.is_valid():
        raise queries.NotFound
    actions.add_place(**form.cleaned_data, **who)
    messages.success(request, _("It is as it was before."))


def _difference(number: int, said: Differing) -> Difference:
    days = _amounts.day(said.first_on, "medium")
    if said.last_on != said.first_on:
        days = _("%(first)s to %(last)s") % {"first": days, "last": _amounts.day(said.last_on, "medium")}
    if said.starts is None or said.ends is None:
        count = (said.last_on - said.first_on).days + 1
        what = ngettext("away all day", "away all %(count)s days", count) % {"count": count}
    else:
        hours = f"{said.starts:%H:%M}-{'24:00' if said.ends == dt.time() else f'{said.ends:%H:%M}'}"
        what = (_("also open, %(hours)s") if said.is_open else _("away, %(hours)s")) % {"hours": hours}
    return Difference(number, days, what, said.is_open)


def _ids(text: str) -> list[int]:
    return [_whole(each) for each in text.split(".")[:20]]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise queries.NotFound
    return int(text)
