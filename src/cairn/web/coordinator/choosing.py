"""Times that coaches offer and people choose among: what is said of them in counts, closing, reminding, settings."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import Choosing, GroupMode
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.choosing_forms import ChoosingForm, ReopenForm
from cairn.web.moments import both
from cairn.web.templatetags import _amounts
from cairn.web.times import in_words, times_page


@door(who=rules.may_coordinate, area="coordinator")
def group_times(request: Request, cohort_id: int) -> HttpResponse:
    """The times with counts, who has said nothing, and what can be done about it."""
    at = clock.now()
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    form = ReopenForm(request.POST if doing == "open" else None)
    if doing:
        done = _do(request, doing, queries.cohort(request.user, cohort_id, at), form, at)
        if done is not None:
            return done
    found = queries.choosing_overview(request.user, cohort_id, at, page=request.GET.get("page"))
    return render(
        request, "coordinator/group_times.html", _context(request, found, form, at), status=422 if doing else 200
    )


@door(who=rules.may_coordinate, area="coordinator")
def group_times_settings(request: Request, cohort_id: int) -> HttpResponse:
    """How groups come about, and from when until when people choose."""
    at = clock.now()
    cohort = queries.cohort(request.user, cohort_id, at)
    form = ChoosingForm(request.POST or None, cohort=cohort)
    if not form.is_bound:
        form.show_stamp(queries.choosing_terms(cohort))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_choosing(
                cohort=cohort, values=form.values(), seen=form.cleaned_data["seen"], by=request.user, at=at
            )
        except actions.ChangedMeanwhile as changed:
            form.tell_changed(str(changed), changed.names, changed.current)
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("group_times", cohort.pk)
    context = {"cohort": cohort, "form": form, "zone": _amounts.zone_place(cohort.time_zone)}
    return render(request, "coordinator/group_times_settings.html", context, status=422 if form.errors else 200)


@door(who=rules.may_coordinate, area="coordinator")
def group_times_coach(request: Request, cohort_id: int, engagement_id: int) -> HttpResponse:
    """The times of one coach, offered or withdrawn for them."""
    at = clock.now()
    times = queries.times_of(queries.cohort(request.user, cohort_id, at), engagement_id, at)
    done, context = times_page(request, times, at)
    if done:
        return redirect("group_times_coach", cohort_id, engagement_id)
    return render(request, "coordinator/group_times_coach.html", context, status=context["status"])


def _do(request: Request, doing: str, cohort: Any, form: ReopenForm, at: dt.datetime) -> HttpResponse | None:
    """Do what was asked; None when the page is to be shown again as it was sent."""
    who: dict[str, Any] = {"cohort": cohort, "by": request.user, "at": at}
    try:
        if doing == "close":
            return _closed(request, cohort.pk, actions.close_and_settle(**who))
        if doing == "settle":
            return _closed(request, cohort.pk, actions.settle_choices(**who))
        if doing == "open" and form.is_valid():
            actions.reopen_choosing(until=form.until(cohort.time_zone), **who)
            messages.success(request, _("Choosing is open."))
        elif doing == "remind":
            _tell_reminded(request, actions.remind_silent(address_of=public_address(), **who))
        else:
            return None
    except actions.Refused as refused:
        if doing == "open":
            form.add_error("until_on", str(refused))
            return None
        messages.warning(request, str(refused))
    return redirect("group_times", cohort.pk)


def _closed(request: Request, cohort_id: int, proposal: Any) -> HttpResponse:
    if proposal is None:
        messages.success(request, _("Choosing is closed. The next proposal keeps to what people said."))
        return redirect("group_times", cohort_id)
    if proposal.state == "proposed":
        messages.success(request, _("Choosing is closed, and this is what follows. Nothing holds until you adopt it."))
    return redirect("cohort_groups", cohort_id)


def _tell_reminded(request: Request, mails: int) -> None:
    if mails:
        text = ngettext("%(n)s mail is on its way.", "%(n)s mails are on their way.", mails) % {"n": mails}
        messages.success(request, text)
    else:
        messages.info(request, _("Everybody who has not answered has had a mail today already."))


def _context(request: Request, found: queries.ChoosingOverview, form: ReopenForm, at: dt.datetime) -> dict[str, Any]:
    cohort = found.cohort
    chosen = cohort.group_mode == GroupMode.SELF_CHOSEN
    offered = {who: sum(1 for each in found.slots if each.engagement_id == who) for who in found.coaches}
    closes, here = cohort.choices_close_at, request.user.time_zone
    return {
        "cohort": cohort,
        "found": found,
        "form": form,
        "page": found.unanswered,
        "rows": [in_words(each, here) for each in found.slots],
        "coaches": [(who, name, offered[who]) for who, name in found.coaches.items()],
        "ranks": chosen and cohort.choosing == Choosing.RANK,
        "picks": chosen and cohort.choosing == Choosing.PICK,
        "answered": found.asked - found.silent,
        "opens": both(cohort.choices_open_at, cohort.time_zone, here, at) if cohort.choices_open_at else "",
        "is_before": cohort.choices_open_at is not None and at < cohort.choices_open_at,
        "closes": both(closes, cohort.time_zone, here, at) if closes else "",
        "is_over": closes is not None and closes <= at,
        "zone": _amounts.zone_place(cohort.time_zone),
    }
