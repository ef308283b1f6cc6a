"""Adjustments: what people need, answered by coordinators. Coaches and groups see what is arranged, on their pages."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions as delivery
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries
from cairn.programmes.terms import (
    ARRANGED_BY_DEFAULT,
    DUE_AFTER_BY_DEFAULT,
    TOLD_TO_GROUP_BY_DEFAULT,
    AdjustmentState,
    Need,
)
from cairn.web.adjusting import MOST_CHARACTERS, REFUSALS, AskForm, ask, shown
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.request_kinds import kinds

PER_PAGE = 50


class AgreeForm(forms.Form):
    """What is arranged, in the words that those who do it will read."""

    most_people = forms.IntegerField(label=gettext_lazy("People in the group at most"), min_value=2, max_value=99)
    arrangement = forms.CharField(
        label=gettext_lazy("The coach reads"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_CHARACTERS}),
        help_text=gettext_lazy("What to do, never because of what."),
        error_messages={"required": gettext_lazy("Write what is arranged, as the coach will read it.")},
    )
    group_told = forms.CharField(
        label=gettext_lazy("Everybody in the group reads"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_CHARACTERS}),
        help_text=gettext_lazy("Only if they have to know. No name stands with it, so write none."),
    )
    due_after = forms.BooleanField(
        label=gettext_lazy("Something is to be done after each session: remind the coach"), required=False
    )

    def __init__(self, adjustment: Any, *args: Any, **options: Any) -> None:
        """Words that fit the need stand there already; for something else they have to be found."""
        need = Need(adjustment.need)
        initial = {
            "most_people": adjustment.most_people,
            "arrangement": str(ARRANGED_BY_DEFAULT.get(need, "")),
            "group_told": str(TOLD_TO_GROUP_BY_DEFAULT.get(need, "")),
            "due_after": need in DUE_AFTER_BY_DEFAULT,
        }
        super().__init__(*args, **{"initial": initial, **options})
        if need != Need.SMALLER_GROUP:
            del self.fields["most_people"]


class DeclineForm(forms.Form):
    """What is possible instead."""

    instead = forms.CharField(
        label=gettext_lazy("What is possible instead"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_CHARACTERS}),
        help_text=gettext_lazy("A sentence that only the person reads."),
        error_messages={"required": gettext_lazy("Write what is possible instead.")},
    )


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def adjustments_to_answer(request: Request) -> HttpResponse:
    """What waits for an answer, over all cohorts."""
    return _list(request, queries.cohorts_with_waiting(request.user, clock.now()), None, clock.now())


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_adjustments(request: Request, cohort_id: int) -> HttpResponse:
    """What waits for an answer in one cohort."""
    cohort = queries.cohort_with_counts(request.user, cohort_id, clock.now())
    return _list(request, [cohort], cohort, clock.now(), tab="requests")


@door(who=rules.may_coordinate, area="coordinator")
def adjustment(request: Request, adjustment_id: int) -> HttpResponse:
    """One adjustment: agree, say what is possible instead, end."""
    at = clock.now()
    found = queries.adjustment(request.user, adjustment_id, at)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    if request.method == "POST" and doing not in ("agree", "decline", "end"):
        raise Http404
    agree = AgreeForm(found, request.POST if doing == "agree" else None)
    decline = DeclineForm(request.POST if doing == "decline" else None)
    if doing and _answer(request, found, doing, agree if doing == "agree" else decline, at):
        return redirect("adjustments_to_answer" if doing != "end" else "adjustment", *_args(doing, found))
    context = {
        "row": shown(found, at),
        "enrolment": found.enrolment,
        "cohort": found.enrolment.cohort,
        "agree": agree,
        "decline": decline,
        "percent": found.enrolment.cohort.one_to_one_for_group_percent,
        "waited": (found.answered_at - found.asked_at).days if found.answered_at else 0,
    }
    return render(request, "coordinator/adjustment.html", context, status=422 if doing else 200)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def adjustment_undo(request: Request, adjustment_id: int, state: str) -> HttpResponse:
    """Take the last step back; `state` is what was looked at."""
    at = clock.now()
    found = queries.adjustment(request.user, adjustment_id, at)
    if state not in (AdjustmentState.AGREED, AdjustmentState.DECLINED, AdjustmentState.ENDED):
        raise Http404
    try:
        back = delivery.undo_adjustment(
            adjustment=found, state=state, address_of=public_address(), by=request.user, at=at
        )
    except REFUSALS as refused:
        messages.warning(request, str(refused))
    else:
        said = _("Taken back. It stands again.") if state == AdjustmentState.ENDED else _("Taken back. It waits again.")
        if back.needs_group:
            said += " " + _("The former seat is gone, so they wait for a group.")
        messages.success(request, said)
    return redirect("adjustment", adjustment_id)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_person_adjustments(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """Everything of one person, and entering what they asked for in another way."""
    at = clock.now()
    enrolment = queries.enrolment_in(queries.cohort(request.user, cohort_id, at), enrolment_id, at)
    known = queries.adjustments_of(enrolment)
    form = AskForm(request.POST or None, standing=known)
    if request.method == "POST" and form.is_valid() and ask(form, enrolment, by=request.user, at=at):
        messages.success(request, _("Entered for %(name)s. It waits for an answer.") % {"name": enrolment.person.name})
        return redirect("cohort_person_adjustments", cohort_id, enrolment_id)
    rows = []
    for each in known:
        each.enrolment = enrolment
        rows.append(shown(each, at))
    context = {"cohort": enrolment.cohort, "enrolment": enrolment, "form": form, "rows": rows}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "coordinator/person_adjustments.html", context, status=status)


def _list(request: Request, cohorts: list[Any], cohort: Any, at: dt.datetime, *, tab: str = "") -> HttpResponse:
    cohort_id = cohort.pk if cohort else None
    waiting = queries.waiting_adjustments(request.user, at, cohort_id=cohort_id)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    answered = queries.answered_adjustments(request.user, at, cohort_id=cohort_id)
    context = {
        "kinds": kinds("adjustments", cohorts, cohort, tab=tab),
        "cohort": cohort,
        "tab": tab,
        "page": page,
        "rows": [shown(each, at) for each in page],
        "answered": [shown(each, at) for each in answered],
    }
    return render(request, "coordinator/adjustments.html", context)


def _answer(request: Request, found: Any, doing: str, form: Any, at: dt.datetime) -> bool:
    """Agree, decline or end; False when a form has to be shown again."""
    common = {"adjustment": found, "address_of": public_address(), "by": request.user, "at": at}
    try:
        if doing == "end":
            delivery.end_adjustment(**common)
        elif not form.is_valid():
            return False
        elif doing == "agree":
            delivery.agree_adjustment(**form.cleaned_data, **common)
        else:
            delivery.decline_adjustment(**form.cleaned_data, **common)
    except REFUSALS as refused:
        if doing == "end":
            messages.error(request, str(refused))
            return True
        field = getattr(refused, "field", "")
        form.add_error(field if field in form.fields else None, str(refused))
        return False
    state, said = {
        "agree": (AdjustmentState.AGREED, _("Agreed for %(name)s. They and their coach are told by mail.")),
        "decline": (AdjustmentState.DECLINED, _("Answered. %(name)s is told by mail.")),
        "end": (AdjustmentState.ENDED, _("Ended for %(name)s. They and their coach are told by mail.")),
    }[doing]
    undo = reverse("adjustment_undo", args=[found.pk, state.value])
    messages.success(request, said % {"name": found.enrolment.person.name}, extra_tags=f"undo:{undo}")
    return True


def _args(doing: str, found: Any) -> list[int]:
    return [found.pk] if doing == "end" else []
