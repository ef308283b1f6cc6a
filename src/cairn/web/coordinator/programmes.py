"""Programmes: the list, founding and changing one, its institutions and closed days, going live."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.foundation import clock, stamps
from cairn.gate import Request, door
from cairn.people import queries as people_queries
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.coordinator.setup_forms import ClosedDaysForm, InstitutionForm, ProgrammeForm, write_days
from cairn.web.coordinator.steps import steps


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def programmes(request: Request) -> HttpResponse:
    """Every programme the reader coordinates, each with its newest cohorts."""
    at = clock.now()
    organisations = list(people_queries.organisations(request.user, at=at))
    page = Paginator(queries.programmes_with_cohorts(request.user, at), 50).get_page(request.GET.get("page"))
    for each in page:
        each.newest = [  # type: ignore[attr-defined]
            {**facts, **{name: dt.date.fromisoformat(facts[name]) for name in ("starts_on", "ends_on")}}
            for facts in each.newest  # type: ignore[attr-defined]
        ]
    context = {"page": page, "organisations": organisations, "several": len(organisations) > 1}
    return render(request, "coordinator/programmes.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def programme_new(request: Request) -> HttpResponse:
    """Found a programme."""
    at = clock.now()
    organisation = _organisation_of(request, at)
    form = ProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.found_programme(organisation=organisation, **_programme_values(form), by=request.user, at=at)
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("The programme is founded. Now its first cohort."))
            return redirect("cohort_new", made.pk)
    context = {
        "form": form,
        "organisation": organisation,
        "others": people_queries.organisations(request.user, at=at).exclude(pk=organisation.pk),
        "steps": steps("programme", organisation=organisation),
    }
    return render(request, "coordinator/programme_form.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def programme(request: Request, programme_id: int) -> HttpResponse:
    """One programme: its cohorts, its contacts, whether it is live."""
    at = clock.now()
    chosen = queries.programme(request.user, programme_id, at)
    page = Paginator(queries.cohorts_of(chosen), 100).get_page(request.GET.get("page"))
    return render(request, "coordinator/programme.html", {"programme": chosen, "page": page, "today": at.date()})


@door(who=rules.may_coordinate, area="coordinator")
def programme_edit(request: Request, programme_id: int) -> HttpResponse:
    """Change a programme."""
    at = clock.now()
    chosen = queries.programme(request.user, programme_id, at)
    standing = {name: getattr(chosen, name) for name in ProgrammeForm.names}
    form = ProgrammeForm(request.POST or None, initial={**standing, "seen": stamps.stamp(standing)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_programme(
                programme=chosen,
                values=_programme_values(form),
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=at,
            )
        except actions.ChangedMeanwhile as changed:
            form.tell_changed(str(changed), changed.names, changed.current)
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("programme", chosen.pk)
    context = {
        "form": form,
        "programme": chosen,
        "organisation": chosen.organisation,
        "steps": steps("programme", organisation=chosen.organisation, programme=chosen),
    }
    return render(request, "coordinator/programme_form.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def programme_go_live(request: Request, programme_id: int) -> HttpResponse:
    """Open a programme to people."""
    at = clock.now()
    chosen = queries.programme(request.user, programme_id, at)
    try:
        actions.go_live(programme=chosen, by=request.user, at=at)
    except actions.NoWellbeingContacts as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("%(name)s is live. People can be invited now.") % {"name": chosen.name})
    return redirect("programme", chosen.pk)


@door(who=rules.may_coordinate, area="coordinator")
def institutions(request: Request, organisation_id: int) -> HttpResponse:
    """Partner institutions and closed days of an organisation."""
    at = clock.now()
    organisation = queries.organisation_to_set_up(request.user, organisation_id, at)
    days = write_days((day.on, day.name) for day in queries.closed_days(request.user, organisation.pk, at))
    form = InstitutionForm()
    days_form = ClosedDaysForm(initial={"days": days, "seen": stamps.stamp({"days": days})})
    if request.method == "POST":
        done = False
        if request.POST.get("do") == "days":
            days_form = ClosedDaysForm(request.POST)
            done = _save_days(days_form, request, organisation, days, at)
        elif request.POST.get("do") == "add":
            form = InstitutionForm(request.POST)
            done = _add_institution(form, request, organisation, at)
        if done:
            messages.success(request, _("Saved."))
            return redirect("institutions", organisation.pk)
    context = {
        "organisation": organisation,
        "institutions": queries.institutions(request.user, organisation.pk, at),
        "form": form,
        "days_form": days_form,
        "steps": steps("organisation", organisation=organisation),
    }
    return render(request, "coordinator/institutions.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def institution(request: Request, institution_id: int) -> HttpResponse:
    """Put an institution's name right, or take it out of the list."""
    at = clock.now()
    chosen = queries.institution(request.user, institution_id, at)
    form = InstitutionForm(request.POST or None, initial={"name": chosen.name, "short_name": chosen.short_name})
    if request.method == "POST":
        done = (
            _remove(chosen, request, at) if request.POST.get("do") == "remove" else _rename(form, chosen, request, at)
        )
        if done:
            return redirect("institutions", chosen.organisation_id)
    return render(request, "coordinator/institution.html", {"institution": chosen, "form": form})


def _rename(form: InstitutionForm, chosen: Any, request: Request, at: Any) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.rename_institution(institution=chosen, **form.cleaned_data, by=request.user, at=at)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    messages.success(request, _("Saved."))
    return True


def _remove(chosen: Any, request: Request, at: Any) -> bool:
    try:
        actions.remove_institution(institution=chosen, by=request.user, at=at)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken out of the list."))
    return True


def _organisation_of(request: Request, at: Any) -> Any:
    asked = request.POST.get("o") or request.GET.get("o") or ""
    if asked.isdecimal() and len(asked) < 18:
        return queries.organisation_to_set_up(request.user, int(asked), at)
    return people_queries.organisations(request.user, at=at)[0]


def _programme_values(form: ProgrammeForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ProgrammeForm.names}


def _add_institution(form: InstitutionForm, request: Request, organisation: Any, at: Any) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.add_institution(organisation=organisation, **form.cleaned_data, by=request.user, at=at)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
    return form.is_valid()


def _save_days(form: ClosedDaysForm, request: Request, organisation: Any, standing: str, at: Any) -> bool:
    if not form.is_valid():
        return False
    if stamps.changed({"days": standing}, form.cleaned_data["seen"]):
        form.tell_changed(str(actions.ChangedMeanwhile.sentence), ("days",), {"days": standing})
        return False
    actions.set_closed_days(organisation=organisation, days=form.cleaned_data["days"], by=request.user, at=at)
    return True
