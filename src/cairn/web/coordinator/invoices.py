"""Invoices on the coordinator's side: checked, queried, approved, settled; and a cohort's minutes and money."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.engines import invoicing
from cairn.foundation import clock, sheets
from cairn.gate import Request, door
from cairn.ledger import actions, queries
from cairn.people import rules
from cairn.programmes import queries as programmes
from cairn.programmes.terms import Kind
from cairn.web.coordinator.addresses import public_address
from cairn.web.documents import files
from cairn.web.documents import invoice as document

STAGES = {
    "check": gettext_lazy("To check"),
    "queried": gettext_lazy("Queried"),
    "settle": gettext_lazy("To settle"),
    "settled": gettext_lazy("Settled"),
}
EMPTY = {
    "check": gettext_lazy("No invoice waits to be checked. Coaches issue theirs when a quarter is over."),
    "queried": gettext_lazy("No question waits for a coach's answer."),
    "settle": gettext_lazy("No approved invoice waits to be paid."),
    "settled": gettext_lazy("No invoice has been settled yet. Approved ones wait under “To settle”."),
}
STATES = {
    "issued": ("needs", gettext_lazy("to check")),
    "queried": ("", gettext_lazy("the coach is asked")),
    "approved": ("needs", gettext_lazy("approved, to settle")),
    "settled": ("done", gettext_lazy("settled")),
}
PER_PAGE = 50
SESSION_PAGE = "coordinator_session"
KIND_WORDS = {kind.value: kind.label for kind in Kind}


class QueryForm(forms.Form):
    """What the coordinator asks the coach."""

    text = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The coach reads it on the invoice and answers there."),
    )


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def invoices_to_approve(request: Request) -> HttpResponse:
    """Issued invoices by what they wait for."""
    at = clock.now()
    chosen = request.GET.get("stage", "check")
    stage = chosen if chosen in STAGES else "check"
    counts = queries.stages(request.user, at)
    tabs = [
        {"url": f"?stage={key}", "label": label, "count": counts[key], "current": key == stage}
        for key, label in STAGES.items()
    ]
    page = Paginator(queries.invoices_to_check(request.user, stage, at), PER_PAGE).get_page(request.GET.get("page"))
    context = {"tabs": tabs, "page": page, "stage": stage, "heading": STAGES[stage], "nothing": EMPTY[stage]}
    return render(request, "coordinator/invoices.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def coordinator_invoice(request: Request, invoice_id: int) -> HttpResponse:
    """One invoice, line by line; queried, approved or settled here."""
    at = clock.now()
    invoice = queries.checked_invoice(request.user, invoice_id, at)
    asks = request.method == "POST" and request.POST.get("do") == "query"
    form = QueryForm(request.POST if asks else None)
    if request.method == "POST" and (not asks or form.is_valid()):
        try:
            _act(request, invoice, at)
        except (actions.MovedOn, actions.NothingSaid) as refused:
            if not asks:
                messages.error(request, str(refused))
                return redirect("coordinator_invoice", invoice.pk)
            form.add_error(None, str(refused))
            invoice = queries.checked_invoice(request.user, invoice_id, at)
        else:
            return redirect("coordinator_invoice", invoice.pk)
    words = STATES[invoice.state]
    context = {
        **document.told(invoice, queries.lines_of(invoice), SESSION_PAGE),
        "form": form,
        "state": words[0],
        "words": words[1],
    }
    return render(request, "coordinator/invoice.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def withdraw_approval(request: Request, invoice_id: int) -> HttpResponse:
    """Undo an approval."""
    at = clock.now()
    invoice = queries.checked_invoice(request.user, invoice_id, at)
    try:
        actions.withdraw_approval(invoice=invoice, by=request.user, at=at)
    except actions.MovedOn as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The approval is withdrawn."))
    return redirect("coordinator_invoice", invoice.pk)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_money(request: Request, cohort_id: int) -> HttpResponse:
    """Commission against delivery and forecast, by coach; invoices by quarter."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    money = queries.cohort_money(cohort, at.astimezone(cohort.zone).date())
    coaches = Paginator(money.coaches, PER_PAGE).get_page(request.GET.get("coaches"))
    context = {
        "cohort": cohort,
        "coaches": [_coach_row(coach) for coach in coaches],
        "coaches_page": coaches,
        "total": money.total,
        "cost": written(money.forecast_minor),
        "page": Paginator([_invoice_row(each) for each in money.invoices], PER_PAGE).get_page(request.GET.get("page")),
        "invoiced": written(money.invoiced_minor()),
        "settled": written(money.invoiced_minor("settled")),
    }
    return render(request, "coordinator/invoice_money.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_money_export(request: Request, cohort_id: int) -> HttpResponse:
    """The same figures as a workbook: one sheet of minutes by coach and kind, one of invoices."""
    at = clock.now()
    cohort = programmes.cohort(request.user, cohort_id, at)
    money = queries.cohort_money(cohort, at.astimezone(cohort.zone).date())
    content = sheets.write([_minutes_table(money), _invoices_table(money)])
    return files.workbook(content, f"minutes-and-money-{cohort.pk}.xlsx")


def written(sums: dict[str, int]) -> str:
    """Sums by currency in one line; empty without any."""
    return ", ".join(invoicing.format_money(minor, currency) for currency, minor in sorted(sums.items()))


def _act(request: Request, invoice: Any, at: dt.datetime) -> None:
    common = {"invoice": invoice, "by": request.user, "at": at}
    mailed = {**common, "address_of": public_address()}
    undo = "undo:" + reverse("withdraw_approval", args=[invoice.pk])
    match request.POST.get("do"):
        case "query":
            actions.query_invoice(text=request.POST.get("text", ""), **mailed)
            messages.success(request, _("Sent to the coach."))
        case "withdraw_query":
            actions.withdraw_query(**common)
            messages.success(request, _("The question is withdrawn."))
        case "approve":
            actions.approve_invoice(**mailed)
            messages.success(request, _("Approved for payment."), extra_tags=undo)
        case "settle":
            actions.mark_settled(**mailed)
            messages.success(request, _("Settled."))


def _coach_row(coach: Any) -> dict[str, Any]:
    total = coach.total
    return {
        "name": coach.engagement.person.name,
        "state": coach.engagement.get_state_display(),
        "is_accepted": coach.engagement.state == "accepted",
        "total": total,
        "account": {
            "promised": total.commissioned,
            "used": total.delivered,
            "booked": total.booked,
            "released": total.released,
        },
        "rate": invoicing.format_money(coach.minor_per_hour, coach.currency)
        if coach.minor_per_hour is not None
        else "",
        "cost": invoicing.format_money(coach.forecast_minor, coach.currency)
        if coach.forecast_minor is not None
        else "",
    }


def _invoice_row(invoice: Any) -> dict[str, Any]:
    state, words = STATES[invoice.state]
    return {"invoice": invoice, "state": state, "words": words}


def _minutes_table(money: Any) -> sheets.Table:
    titles = [
        _("Commissioned"),
        _("Delivered"),
        _("Booked"),
        _("Still to come"),
        _("Forecast"),
        _("Released"),
        _("Left"),
    ]
    columns = [
        sheets.Column(_("Coach")),
        sheets.Column(_("Kind")),
        *(sheets.Column(title, "minutes", width=14) for title in titles),
    ]
    rows: list[Sequence[Any]] = [
        [coach.engagement.person.name, str(KIND_WORDS[kind.kind]), *_figures(kind)]
        for coach in money.coaches
        for kind in coach.kinds
    ]
    rows.append([_("All coaches"), _("all kinds"), *_figures(money.total)])
    note = _("All figures are minutes. Forecast is what was delivered, what is booked, and what is still to come.")
    return sheets.Table(_("Minutes"), columns, rows, notes=[note])


def _figures(kind: Any) -> list[int]:
    return [
        kind.commissioned,
        kind.delivered,
        kind.booked,
        kind.to_come,
        kind.forecast,
        kind.released,
        kind.left,
    ]


def _invoices_table(money: Any) -> sheets.Table:
    digits = max([invoicing.minor_digits(invoice.currency) for invoice in money.invoices], default=2)
    amounts = [sheets.Column(title, "money", decimals=digits) for title in (_("Net"), _("Tax"), _("Total"))]
    columns = [
        sheets.Column(_("Quarter"), "int"),
        sheets.Column(_("Coach")),
        sheets.Column(_("Number")),
        sheets.Column(_("State")),
        sheets.Column(_("Currency"), width=10),
        *amounts,
    ]
    rows = [
        [
            invoice.quarter,
            invoice.coach.name,
            invoice.number,
            invoice.get_state_display(),
            invoice.currency,
            *(
                document.major(each, invoice.currency)
                for each in (invoice.net_minor, invoice.tax_minor, invoice.gross_minor)
            ),
        ]
        for invoice in money.invoices
    ]
    return sheets.Table(_("Invoices"), columns, rows)
