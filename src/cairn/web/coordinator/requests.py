"""What waits for a coordinator: changes of job to decide about, and what could not be delivered."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions as delivery
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import Kind, Stays
from cairn.web.coordinator.request_kinds import kinds
from cairn.web.positions import NewPositionForm, say

PER_PAGE = 50
FAILED_SHOWN = 25
REFUSED_ADDRESS = ("SMTPRecipientsRefused",)
WORDS_OF_JOBS = {
    "cairn.jobs.tasks.apply_import": gettext_lazy("Enrolling people from a file"),
    "cairn.jobs.tasks.propose_groups": gettext_lazy("Proposing groups"),
}


class DecisionForm(forms.Form):
    """What follows from a new job."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What follows"),
        widget=forms.RadioSelect,
        choices=[
            (Stays.OWN_TIME.value, gettext_lazy("Stays on in own time")),
            (Stays.LEAVES.value, gettext_lazy("Leaves the cohort")),
            (delivery.NOT_THE_CASE, gettext_lazy("Nothing: this is not the case")),
        ],
        error_messages={"required": gettext_lazy("Choose what follows.")},
    )
    on = forms.DateField(label=gettext_lazy("From this day on"))
    buy_out_ends_on = forms.DateField(
        label=gettext_lazy("Buy-out ends on"), required=False, help_text=gettext_lazy("If it differs from that day.")
    )

    @property
    def stamp(self) -> str:
        """What was chosen, so that what is recorded is what was looked at."""
        chosen = self.cleaned_data
        days = (chosen["on"], chosen["buy_out_ends_on"] or chosen["on"])
        return "|".join([chosen["outcome"], *(day.isoformat() for day in days)])


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def requests(request: Request) -> HttpResponse:
    """Everything that waits, over all cohorts or in one."""
    at = clock.now()
    cohorts = queries.cohorts_with_waiting(request.user, at)
    chosen = next((each for each in cohorts if str(each.pk) == request.GET.get("cohort", "")), None)
    return _list(request, cohorts, chosen, at)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_requests(request: Request, cohort_id: int) -> HttpResponse:
    """What waits in one cohort."""
    cohort = queries.cohort_with_counts(request.user, cohort_id, clock.now())
    return _list(request, [cohort], cohort, clock.now(), tab="requests")


@door(who=rules.may_coordinate, area="coordinator")
def position(request: Request, position_id: int) -> HttpResponse:
    """One change of job: see what each decision would do, then record it."""
    at = clock.now()
    found = queries.position(request.user, position_id, at)
    wish = found.wish if found.wish != Stays.UNKNOWN else ""
    form = DecisionForm(request.POST or None, initial={"outcome": wish, "on": found.starts_on})
    effects = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "record" and request.POST.get("looked") == form.stamp:
            answer = _record(request, found, form, at)
            if answer is not None:
                return answer
        elif request.POST.get("do") == "record":
            form.add_error(None, _("This is not what you looked at. See below what it would do, then record it."))
        effects = _effects(found, form, at)
    elif request.method == "GET" and wish and found.state == "waiting":
        effects = _effects(found, _filled(wish, found.starts_on), at)
    return _page(request, found, form, effects)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def position_undo(request: Request, position_id: int) -> HttpResponse:
    """Take a decision back."""
    at = clock.now()
    found = queries.position(request.user, position_id, at)
    try:
        undone = delivery.undo_new_position(position=found, by=request.user, at=at)
    except delivery.Refused as refused:
        messages.warning(request, str(refused))
    else:
        text = _("Taken back; it waits to be decided again.")
        if undone.restored:
            text += " " + _("One-to-one dates that stand again: %(count)s.") % {"count": undone.restored}
        if undone.to_date_anew:
            text += " " + _("To be dated anew: %(count)s.") % {"count": undone.to_date_anew}
        messages.success(request, text)
    return redirect("request", position_id)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_new_position(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """A coordinator says it for somebody, and goes on to decide."""
    at = clock.now()
    enrolment = queries.enrolment_in(queries.cohort(request.user, cohort_id, at), enrolment_id, at)
    waiting = queries.waiting_position_of(enrolment)
    if waiting is not None:
        return redirect("request", waiting.pk)
    form = NewPositionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = say(form, enrolment, by=request.user, at=at)
        if said is not None:
            return redirect("request", said.pk)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "coordinator/new_position.html", {"enrolment": enrolment, "form": form}, status=status)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def retry_mail(request: Request, mail_id: int) -> HttpResponse:
    """Try to send a mail again."""
    return _retry(request, actions.retry_mail, {"mail_id": mail_id})


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def retry_job(request: Request, job_id: int) -> HttpResponse:
    """Let a failed job run again."""
    return _retry(request, actions.retry_job, {"job_id": job_id})


def _list(request: Request, cohorts: list[Any], chosen: Any, at: dt.datetime, *, tab: str = "") -> HttpResponse:
    cohort_id = chosen.pk if chosen else None
    waiting = queries.waiting_positions(request.user, at, cohort_id=cohort_id)
    counted = chosen.positions_waiting if chosen else sum(each.positions_waiting for each in cohorts)
    page = Counted(waiting, PER_PAGE, counted).get_page(request.GET.get("page"))
    failed = [] if tab else queries.undelivered(request.user, at, [each.pk for each in cohorts])
    context = {
        "cohorts": [each for each in cohorts if each.waiting_count or each == chosen],
        "cohort": chosen,
        "tab": tab,
        "kinds": kinds("positions", cohorts, chosen, tab=tab),
        "page": page,
        "decided": queries.decided_positions(request.user, at, cohort_id=cohort_id),
        "failed": [(each, _what(each), _why(each)) for each in failed[:FAILED_SHOWN]],
        "more_failed": max(len(failed) - FAILED_SHOWN, 0),
    }
    return render(request, "coordinator/requests.html", context)


class Counted(Paginator):  # type: ignore[type-arg]
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: Any, per_page: int, rows_in_all: int) -> None:
        super().__init__(rows, per_page)
        self._rows_in_all = rows_in_all

    @property
    def count(self) -> int:
        """As counted with everything else."""
        return self._rows_in_all


def _what(failed: queries.Undelivered) -> str:
    return failed.what if failed.kind == "mail" else str(WORDS_OF_JOBS.get(failed.what, _("Work in the background")))


def _why(failed: queries.Undelivered) -> str:
    if failed.problem in REFUSED_ADDRESS:
        return _("the address was refused")
    return _("the mail server did not take it") if failed.kind == "mail" else _("it failed every time it was tried")


def _filled(wish: str, on: dt.date) -> DecisionForm:
    form = DecisionForm({"outcome": wish, "on": on.isoformat()})
    form.is_valid()
    return form


def _effects(found: Any, form: DecisionForm, at: dt.datetime) -> dict[str, Any]:
    """What recording this would do, in words, with the stamp of it."""
    chosen = form.cleaned_data
    outcome, on, ends = chosen["outcome"], chosen["on"], chosen["buy_out_ends_on"] or chosen["on"]
    effects = delivery_queries.effects(found, outcome, on, ends, at)
    return {
        "it": effects,
        "cancelled": delivery_queries.session_words(effects.cancelled),
        "left_out": delivery_queries.session_words(effects.left_out),
        "released": [(str(Kind(kind).label), minutes) for kind, minutes in effects.released.items()],
        "told": [person.name for person in effects.told],
        "stamp": form.stamp,
    }


def _record(request: Request, found: Any, form: DecisionForm, at: dt.datetime) -> HttpResponse | None:
    try:
        made = delivery.record_new_position(position=found, **form.cleaned_data, by=request.user, at=at)
    except delivery.DecidedMeanwhile as decided:
        messages.warning(request, str(decided))
        return redirect("request", found.pk)
    except delivery.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return None
    text = _("Recorded for %(name)s: %(outcome)s.") % {
        "name": found.enrolment.person.name,
        "outcome": delivery.outcome_words(made),
    }
    messages.success(request, text, extra_tags=f"undo:{reverse('request_undo', args=[found.pk])}")
    return redirect("requests")


def _page(request: Request, found: Any, form: DecisionForm, effects: dict[str, Any] | None) -> HttpResponse:
    context = {
        "position": found,
        "enrolment": found.enrolment,
        "cohort": found.enrolment.cohort,
        "form": form,
        "effects": effects,
        "decided": delivery.outcome_words(found) if found.state != "waiting" else "",
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "coordinator/request.html", context, status=status)


def _retry(request: Request, action: Any, what: dict[str, int]) -> HttpResponse:
    try:
        action(**what, by=request.user, at=clock.now())
    except actions.TriedAlready as already:
        messages.warning(request, str(already))
    else:
        messages.success(request, _("It is being tried again. If it fails once more, it comes back here."))
    return redirect("requests")
