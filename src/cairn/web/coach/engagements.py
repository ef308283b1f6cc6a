"""An engagement as its coach sees it: what is offered, accepting and declining, conflicts of interest."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.coordinator.coaches import KINDS, ConflictForm, declare, withdraw
from cairn.web.coordinator.summary import sessions_in_words


@door(who=rules.may_coach, area="coach")
def coach_engagement(request: Request, engagement_id: int) -> HttpResponse:
    """Dates, minutes, rate, scope and wellbeing contacts; accept, decline, declare conflicts."""
    at = clock.now()
    engagement = queries.offered_to(request.user, engagement_id, at)
    cohort = engagement.cohort
    people = queries.names_for_conflicts(cohort) if engagement.state == "accepted" else []
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    form = ConflictForm(request.POST if doing == "conflict" else None, cohort=cohort, people=people)
    if doing and _do(doing, request, engagement, form, at):
        return redirect("coach_engagement", engagement.pk)
    minutes = delivery_queries.coach_minutes(engagement, at)
    plan = queries.plan.plan(queries.plan.values_of(cohort), queries.closed_dates(cohort))
    context = {
        "engagement": engagement,
        "cohort": cohort,
        "programme": cohort.programme,
        "minutes": [(kind.label, minutes.by_kind.get(kind, 0)) for kind in KINDS if minutes.by_kind.get(kind)],
        "total": sum(minutes.by_kind.values()),
        "rate": minutes.rate,
        "tax": _percent(minutes.rate.tax_basis_points) if minutes.rate else "",
        "plan": plan,
        "group_sessions": sessions_in_words(plan.group_sessions_each) if plan.group_sessions_each else "",
        "conflict_form": form,
        "conflicts": queries.conflicts_of(engagement),
    }
    return render(request, "coach/engagement.html", context)


def _do(doing: str, request: Request, engagement: Any, form: ConflictForm, at: dt.datetime) -> bool:
    if doing == "conflict":
        return declare(request, engagement, form, at)
    if doing.startswith("withdraw-"):
        return withdraw(request, engagement, doing.removeprefix("withdraw-"), at)
    if doing == "accept":
        return _accept(request, engagement, at)
    answers = {
        "decline": (actions.decline_engagement, _("Declined. The coordinator sees it; you can take it back.")),
        "undo": (actions.take_back_decline, _("The offer is open again.")),
    }
    if doing in answers:
        act, said = answers[doing]
        try:
            act(engagement=engagement, by=request.user, at=at)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, said)
    return True


def _accept(request: Request, engagement: Any, at: dt.datetime) -> bool:
    try:
        accepted = delivery_actions.accept_engagement(engagement=engagement, by=request.user, at=at)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return True
    messages.success(request, _("Accepted. Your work in this cohort begins on your page of today."))
    if left_out := len(accepted.left_out):
        text = ngettext(
            "A meeting of the coaches is not among your sessions yet: you are in another session then, or no minutes "
            "are commissioned for it. Write to the programme team.",
            "%(n)s meetings of the coaches are not among your sessions yet: you are in other sessions then, or no "
            "minutes are commissioned for them. Write to the programme team.",
            left_out,
        )
        messages.warning(request, text % {"n": left_out})
    return True


def _percent(basis_points: int | None) -> str:
    return "" if basis_points is None else f"{basis_points / 100:g}"
