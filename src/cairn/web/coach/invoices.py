"""A coach's invoices: by quarter, line by line against attendance, issued under the coach's own number."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.ledger import actions, queries
from cairn.people import rules
from cairn.web.coordinator.addresses import public_address
from cairn.web.documents import files
from cairn.web.documents import invoice as document

SESSION_PAGE = "coach_session"
STANDING = {
    "running": ("", gettext_lazy("still running")),
    "due": ("needs", gettext_lazy("to be drafted")),
    "nothing": ("", gettext_lazy("nothing delivered")),
    "drafted": ("needs", gettext_lazy("drafted, not issued")),
    "issued": ("", gettext_lazy("issued, being checked")),
    "queried": ("needs", gettext_lazy("a question for you")),
    "approved": ("done", gettext_lazy("approved")),
    "settled": ("done", gettext_lazy("settled")),
}
REFUSALS = (
    actions.CannotDraft,
    actions.ChangedMeanwhile,
    actions.EmptyInvoice,
    actions.MovedOn,
    actions.NoNumber,
    actions.NothingSaid,
    actions.NumberTaken,
    actions.QuarterNotOver,
)


class IssueForm(forms.Form):
    """The coach's own invoice number."""

    number = forms.CharField(
        label=gettext_lazy("Your invoice number"),
        max_length=40,
        help_text=gettext_lazy("From your own series. It cannot be changed afterwards."),
    )


class AnswerForm(forms.Form):
    """What the coach answers to a question."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The invoice stays as it is. A correction of attendance becomes a credit on the next."),
    )


@door(who=rules.may_coach, area="coach", methods=("GET",))
def coach_invoices(request: Request) -> HttpResponse:
    """All quarters so far, newest first."""
    at = clock.now()
    rows = queries.quarters_of(request.user, at)
    shown = [{"row": row, "state": STANDING[row.standing][0], "words": STANDING[row.standing][1]} for row in rows]
    return render(request, "coach/invoices.html", {"rows": shown[:100]})


@door(who=rules.may_coach, area="coach", methods=("POST",))
def draft_invoice(request: Request, engagement_id: int, quarter: int) -> HttpResponse:
    """Draft a quarter's invoice, or bring the draft up to date."""
    at = clock.now()
    engagement = queries.own_engagement(request.user, engagement_id, at)
    if not 1 <= quarter <= 400:
        raise queries.NotFound
    try:
        invoice = actions.draft_invoice(engagement=engagement, quarter=quarter, by=request.user, at=at)
    except (actions.QuarterNotBegun, actions.CannotDraft) as refused:
        messages.error(request, str(refused))
        return redirect("coach_invoices")
    return redirect("coach_invoice", invoice.pk)


@door(who=rules.may_coach, area="coach")
def coach_invoice(request: Request, invoice_id: int) -> HttpResponse:
    """One invoice; a draft is issued here, a question answered."""
    at = clock.now()
    invoice = queries.own_invoice(request.user, invoice_id, at)
    form = _form(request, invoice.state)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _act(request, invoice, form.cleaned_data, at)
        except REFUSALS as refused:
            form.add_error("number" if isinstance(refused, actions.NumberTaken) else None, str(refused))
            invoice = queries.own_invoice(request.user, invoice_id, at)
        else:
            messages.success(request, _("Sent to the coordinator."))
            return redirect("coach_invoice", invoice.pk)
    lines = queries.lines_of(invoice)
    words = STANDING[invoice.state]
    context = {
        **document.told(invoice, lines, SESSION_PAGE),
        "form": form,
        "digest": queries.digest_of(lines),
        "outdated": queries.is_outdated(invoice, lines),
        "state": words[0],
        "words": words[1],
    }
    return render(request, "coach/invoice.html", context)


@door(who=signed_in, methods=("GET",))
def invoice_pdf(request: Request, invoice_id: int) -> HttpResponse:
    """The invoice as a tagged PDF, for its coach and, once issued, for the coordinators."""
    at = clock.now()
    invoice = queries.readable_invoice(request.user, invoice_id, at)
    content = document.as_pdf(invoice, queries.lines_of(invoice), at=at)
    return files.pdf(content, document.filename(invoice, "pdf"))


@door(who=signed_in, methods=("GET",))
def invoice_xlsx(request: Request, invoice_id: int) -> HttpResponse:
    """The invoice as a workbook, for the same readers."""
    invoice = queries.readable_invoice(request.user, invoice_id, clock.now())
    content = document.as_workbook(invoice, queries.lines_of(invoice))
    return files.workbook(content, document.filename(invoice, "xlsx"))


def _form(request: Request, state: str) -> forms.Form | None:
    forms_by_state: dict[str, type[forms.Form]] = {"drafted": IssueForm, "queried": AnswerForm}
    form = forms_by_state.get(state)
    return form(request.POST if request.method == "POST" else None) if form else None


def _act(request: Request, invoice: Any, typed: dict[str, Any], at: Any) -> None:
    common = {"invoice": invoice, "address_of": public_address(), "by": request.user, "at": at}
    if "number" in typed:
        actions.issue_invoice(number=typed["number"], digest=request.POST.get("digest", ""), **common)
    else:
        actions.answer_query(text=typed["text"], **common)
