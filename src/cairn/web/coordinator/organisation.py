"""The organisation: who holds which role in it."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.library import queries as library
from cairn.people import actions, queries, rules
from cairn.people.terms import Role
from cairn.web.coordinator.addresses import public_address

APPOINTED = (Role.COORDINATOR, Role.ADVISER, Role.SPONSOR, Role.ADMINISTRATOR)


class AppointForm(forms.Form):
    """Give somebody a role. Coaches and coachees get theirs through a cohort."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[(role.value, role.label) for role in APPOINTED])


@door(who=rules.may_work_for_an_organisation, area="coordinator")
def organisation(request: Request) -> HttpResponse:
    """People by role; an administrator appoints and ends."""
    at = clock.now()
    places = list(queries.organisations(request.user, *rules.STAFF, at=at))
    asked = _number(request.GET.get("o")) or places[0].pk
    chosen = next((place for place in places if place.pk == asked), None)
    if chosen is None:
        raise queries.NotFound
    may_appoint = rules.may_administer_organisation(request.user, chosen.pk, at)
    form = AppointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.appoint(
                organisation=chosen, **form.cleaned_data, address_of=public_address(), by=request.user, at=at
            )
        except actions.NotAllowed:
            form.add_error(None, _("Only an administrator of the organisation gives roles."))
        else:
            messages.success(request, _("Invited by mail."))
            return redirect(f"{request.path}?o={chosen.pk}")
    page = Paginator(queries.role_grants(request.user, chosen.pk, at), 100).get_page(request.GET.get("page"))
    reviews = rules.may_coordinate(request.user, at)
    context = {
        "organisation": chosen,
        "places": places,
        "page": page,
        "form": form,
        "may_appoint": may_appoint,
        "reviews": reviews,
        "waiting": library.waiting_contributions(request.user, at) if reviews else 0,
    }
    return render(request, "coordinator/organisation.html", context)


@door(who=rules.may_work_for_an_organisation, area="coordinator", methods=("POST",))
def end_role(request: Request, organisation_id: int, grant_id: int) -> HttpResponse:
    """End one role from this moment."""
    at = clock.now()
    grant = queries.grant(request.user, organisation_id, grant_id, at)
    try:
        actions.dismiss(grant=grant, by=request.user, at=at)
    except (actions.NotAllowed, actions.LastAdministrator) as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("That role has ended. What was done in it stays."))
    return redirect("organisation")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None
