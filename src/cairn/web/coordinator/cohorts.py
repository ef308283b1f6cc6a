"""Planning a cohort and changing it: the steps of the guided set-up that come after the programme."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions as delivery
from cairn.foundation import clock, stamps
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.coordinator.setup_forms import AgreementForm, CohortForm, CohortSection, GroupsForm
from cairn.web.coordinator.steps import steps
from cairn.web.coordinator.summary import summary
from cairn.web.templatetags import _amounts

YEAR_DAYS = 364


@door(who=rules.may_coordinate, area="coordinator")
def cohort_new(request: Request, programme_id: int) -> HttpResponse:
    """Plan a cohort: dates, people, minutes. The rest has defaults and comes in the next steps."""
    at = clock.now()
    programme = queries.programme(request.user, programme_id, at)
    form = CohortForm(request.POST or None, initial=_first_values(programme, at))
    if _only_shows(request):
        return _summary_part(request, _meaning(form, {}, frozenset()))
    if request.method == "POST" and form.is_valid() and request.POST.get("go") != "show":
        try:
            made = actions.plan_cohort(programme=programme, values=form.values(), by=request.user, at=at)  # type: ignore[arg-type]
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("%(name)s is planned. Now its groups.") % {"name": made.name})
            return redirect("cohort_settings_groups", made.pk)
    context = {
        "form": form,
        "programme": programme,
        "summary": _meaning(form, {}, frozenset()),
        "steps": steps("cohort", organisation=programme.organisation, programme=programme),
    }
    return render(request, "coordinator/cohort_form.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_settings(request: Request, cohort_id: int) -> HttpResponse:
    """Change dates, people and minutes."""
    return _section(request, cohort_id, CohortForm, here="cohort", onward="cohort_settings_groups")


@door(who=rules.may_coordinate, area="coordinator")
def cohort_settings_groups(request: Request, cohort_id: int) -> HttpResponse:
    """Change the size, rhythm and mix of groups."""
    return _section(request, cohort_id, GroupsForm, here="groups", onward="cohort_settings_agreement")


@door(who=rules.may_coordinate, area="coordinator")
def cohort_settings_agreement(request: Request, cohort_id: int) -> HttpResponse:
    """Change what people agree to."""
    return _section(request, cohort_id, AgreementForm, here="agreement", onward="cohort_plan")


TEMPLATES = {
    "cohort": "coordinator/cohort_form.html",
    "groups": "coordinator/cohort_groups_form.html",
    "agreement": "coordinator/cohort_agreement_form.html",
}
BACK = {"cohort": "programme", "groups": "cohort_settings", "agreement": "cohort_settings_groups"}


def _section(request: Request, cohort_id: int, kind: type[CohortSection], *, here: str, onward: str) -> HttpResponse:
    at = clock.now()
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    closed = queries.closed_dates(cohort)
    values = queries.plan.values_of(cohort)
    form = kind(request.POST or None, initial=_initial(kind, cohort, values))
    if _only_shows(request):
        return _summary_part(request, _meaning(form, values, closed))
    going = request.POST.get("go")
    if request.method == "POST" and going != "show" and form.is_valid() and _save(form, request, cohort, at):
        if going == "back":
            return redirect(BACK[here], cohort.programme_id if here == "cohort" else cohort.pk)
        return redirect(onward, cohort.pk)
    context = {
        "form": form,
        "cohort": cohort,
        "programme": cohort.programme,
        "summary": _meaning(form, values, closed),
        "steps": steps(here, organisation=cohort.programme.organisation, programme=cohort.programme, cohort=cohort),
    }
    return render(request, TEMPLATES[here], context)


def _save(form: CohortSection, request: Request, cohort: Any, at: dt.datetime) -> bool:
    mixing = form.mixing() if isinstance(form, GroupsForm) else None
    try:
        change = delivery.change_cohort(
            cohort=cohort,
            values=form.values(),  # type: ignore[arg-type]
            mixing=mixing,
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=at,
        )
    except actions.ChangedMeanwhile as changed:
        form.tell_changed(str(changed), changed.names, changed.current)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
    else:
        say_what_it_means(request, change)
        return True
    return False


def say_what_it_means(request: Request, change: actions.CohortChange) -> None:
    """A change is never silent for people who are in the cohort already."""
    messages.success(request, _("Saved."))
    if change.people_keeping_their_minutes:
        people = change.people_keeping_their_minutes
        messages.warning(
            request,
            ngettext(
                "%(n)s person keeps the minutes they were promised. Who joins from now on gets the new ones.",
                "%(n)s people keep the minutes they were promised. Who joins from now on gets the new ones.",
                people,
            )
            % {"n": people},
        )
    if change.sessions_following:
        followed = {"n": change.sessions_following, "place": _amounts.zone_place(change.cohort.time_zone)}
        messages.warning(
            request,
            ngettext(
                "%(n)s session without a date is %(place)s time now. Those with a date stay as they were agreed.",
                "%(n)s sessions without a date are %(place)s time now. Those with a date stay as they were agreed.",
                change.sessions_following,
            )
            % followed,
        )
    if change.agreement_asked_again:
        messages.warning(request, _("The agreement changed, so everybody is asked to accept it again."))


def _initial(kind: type[CohortSection], cohort: Any, values: dict[str, Any]) -> dict[str, Any]:
    initial = kind.initial_of(values)
    mixing = kind is GroupsForm
    if mixing:
        initial |= GroupsForm.initial_of_mixing(queries.mixing_attributes(cohort))
    initial["seen"] = stamps.stamp(queries.plan.stamped(cohort, kind.names, mixing=mixing))
    if kind is AgreementForm and not cohort.agreement_text.strip():
        initial["agreement_text"] = render_to_string(
            "coordinator/agreement.txt", {"cohort": cohort, "programme": cohort.programme}
        ).strip()
    return initial


def _first_values(programme: Any, at: dt.datetime) -> dict[str, Any]:
    """Sensible beginnings: a year from a Monday a month or so ahead, in the organisation's zone and currency."""
    organisation = programme.organisation
    soon = at.astimezone(organisation.zone).date() + dt.timedelta(days=35)
    monday = soon + dt.timedelta(days=-soon.weekday() % 7)
    values = {**queries.plan.defaults(), "currency": organisation.currency, "time_zone": organisation.time_zone}
    values["starts_on"], values["ends_on"] = monday, monday + dt.timedelta(days=YEAR_DAYS)
    values["name"] = _("Cohort %(n)s") % {"n": queries.cohorts_of(programme).count() + 1}
    return CohortForm.initial_of(values)


def _only_shows(request: Request) -> bool:
    return request.method == "POST" and bool(getattr(request, "htmx", False))


def _meaning(form: CohortSection, values: dict[str, Any], closed: frozenset[dt.date]) -> Any:
    """What the figures on the page mean, typed ones before saved ones; what is wrong is left as it was."""
    entered = {**values}
    if form.is_bound:
        form.is_valid()
        entered |= form.values()
    else:
        shown = {name: form.initial[name] for name in form.names if name in form.initial}
        shown.pop("expected_rate_minor", None)
        entered |= shown
    return summary(entered, closed)


def _summary_part(request: Request, meaning: Any) -> HttpResponse:
    return render(request, "coordinator/_plan_summary.html", {"summary": meaning})
