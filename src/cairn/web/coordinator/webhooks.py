"""Webhooks: addresses of an organisation's other systems, what they are told, and whether it arrived."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.foundation import webhooks as telling
from cairn.gate import Request, door
from cairn.people import actions, queries, rules
from cairn.web.templatetags import _amounts

SHOWN = 50
LAST = 30


class WebhookForm(forms.Form):
    """An address, and what it wants to hear."""

    organisation_id = forms.TypedChoiceField(label=gettext_lazy("Organisation"), coerce=int)
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("It begins with https:// and can be reached from the open net."),
        widget=forms.URLInput,
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it when"),
        choices=[(name, label) for name, label in telling.EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, places: Any, **options: Any) -> None:
        """`places` are the organisations that the person coordinates; one alone is not asked about."""
        super().__init__(*args, **options)
        field = self.fields["organisation_id"]
        field.choices = [(place.pk, place.label) for place in places]  # type: ignore[attr-defined]
        if len(places) == 1:
            field.initial, field.widget = places[0].pk, forms.HiddenInput()


@door(who=rules.may_coordinate, area="coordinator")
def webhooks(request: Request) -> HttpResponse:
    """The organisation's webhooks, a new one, and what was told last; a new secret is in this one answer."""
    at = clock.now()
    places = list(queries.organisations(request.user, at=at))
    form = WebhookForm(request.POST or None, places=places)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.add_webhook(**form.cleaned_data, by=request.user, at=at)
        except actions.WebhookRefused as refused:
            form.add_error("address", str(refused))
        else:
            form = WebhookForm(places=places)
    found = queries.webhooks(request.user, at).order_by("-ended_at", "-pk")[:SHOWN]
    rows = [{"hook": each, "events": [telling.EVENTS.get(name, name) for name in each.events]} for each in found]
    told = [
        {"delivery": each, "why": telling.PROBLEMS.get(each.problem, ""), "is_ended": each.problem == "ended"}
        for each in queries.deliveries(request.user, at)[:LAST]
    ]
    context = {
        "form": form,
        "rows": rows,
        "made": made,
        "secret": secret,
        "place": _amounts.zone_place(request.user.time_zone),
        "told": told,
    }
    wrong = request.method == "POST" and not made
    return render(request, "coordinator/webhooks.html", context, status=422 if wrong else 200)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def webhook_try(request: Request, webhook_id: int) -> HttpResponse:
    """Tell an address that this is a trial."""
    at = clock.now()
    hook = queries.webhook(request.user, webhook_id, at)
    try:
        actions.try_webhook(webhook=hook, by=request.user, at=at)
    except actions.WebhookRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("A trial is on its way. Look again in a moment whether it arrived."))
    return redirect("webhooks")


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def webhook_end(request: Request, webhook_id: int) -> HttpResponse:
    """Tell an address nothing more."""
    at = clock.now()
    actions.end_webhook(webhook=queries.webhook(request.user, webhook_id, at), by=request.user, at=at)
    messages.success(request, _("Ended. Nothing more is sent there."))
    return redirect("webhooks")
