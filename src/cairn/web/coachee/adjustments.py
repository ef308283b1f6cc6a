"""What somebody needs so that coaching works for them: asking, reading the answer, withdrawing, ending."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.delivery import actions as delivery
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.adjusting import REFUSALS, AskForm, ask, shown
from cairn.web.coordinator.addresses import public_address


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def own_adjustments(request: Request) -> HttpResponse:
    """On to the cohort that somebody is in now; without one, home says so."""
    newest = queries.enrolments_of(request.user, clock.now()).first()
    return redirect("adjustments", newest.pk) if newest else redirect("coachee_home")


@door(who=rules.may_be_coached, area="coachee")
def adjustments(request: Request, enrolment_id: int) -> HttpResponse:
    """Who reads what, everything that was asked with its answer, and the way to ask."""
    at = clock.now()
    enrolment = queries.enrolment_of(request.user, enrolment_id, at)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    if doing and doing != "ask":
        _do(request, enrolment, doing, at)
        return redirect("adjustments", enrolment_id)
    known = queries.adjustments_of(enrolment)
    form = AskForm(request.POST if doing else None, standing=known)
    if doing and form.is_valid() and ask(form, enrolment, by=request.user, at=at):
        messages.success(request, _("Asked. A coordinator answers, and a mail tells you when."))
        return redirect("adjustments", enrolment_id)
    context = {
        "enrolment": enrolment,
        "form": form,
        "rows": [shown(_of(each, enrolment), at) for each in known],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "coachee/adjustments.html", context, status=status)


def _do(request: Request, enrolment: Any, doing: str, at: dt.datetime) -> None:
    """Withdraw what waits, or end what was agreed."""
    verb, _dash, number = doing.partition("-")
    if verb not in ("withdraw", "end") or not number.isdecimal() or len(number) > 18:
        raise Http404
    adjustment = queries.adjustment_of(enrolment, int(number))
    try:
        if verb == "withdraw":
            actions.withdraw_adjustment(adjustment=adjustment, by=request.user, at=at)
        else:
            delivery.end_adjustment(adjustment=adjustment, address_of=public_address(), by=request.user, at=at)
    except REFUSALS as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Withdrawn.") if verb == "withdraw" else _("Ended."))


def _of(adjustment: Any, enrolment: Any) -> Any:
    adjustment.enrolment = enrolment
    return adjustment
