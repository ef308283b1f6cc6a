"""A coach's invoice: drafted from what was delivered, checked, issued under the coach's own number."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.engines import invoicing
from cairn.engines.wording import Refusal
from cairn.foundation import audit, mail
from cairn.ledger import queries, rules
from cairn.ledger.models import Invoice, InvoicedEntry, InvoiceLine
from cairn.people.models import Person, RoleGrant
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes.models import CoachEngagement

LONGEST_NUMBER = 40


class CannotDraft(Exception):
    """The lines cannot be drawn, for a reason of money; the sentence says which."""


class QuarterNotBegun(Exception):
    """Nothing can be invoiced for a quarter that has not begun."""

    def __init__(self, starts_on: dt.date) -> None:
        self.starts_on = starts_on
        super().__init__(_("This quarter begins on %(day)s.") % {"day": date_format(starts_on, "j F Y")})


class QuarterNotOver(Exception):
    """An invoice is issued once, when its quarter is over."""

    def __init__(self, ends_on: dt.date) -> None:
        self.ends_on = ends_on
        super().__init__(
            _("This quarter runs until %(day)s. You can issue its invoice from that day on.")
            % {"day": date_format(ends_on, "j F Y")}
        )


class EmptyInvoice(Exception):
    """There is no line to be paid for."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing was delivered in this quarter that is not invoiced yet, so there is no invoice to issue.")
        )


class NumberTaken(Exception):
    """The coach has used this number before."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            _("You have another invoice with the number %(number)s. Choose a new one.") % {"number": number}
        )


class NoNumber(Exception):
    """An issued invoice carries a number."""

    def __init__(self) -> None:
        super().__init__(_("Give the invoice its number, at most 40 characters."))


class MovedOn(Exception):
    """Somebody was quicker: the invoice is no longer in the state in which this can be done."""

    def __init__(self, invoice: Invoice) -> None:
        self.state = invoice.state
        super().__init__(
            _("This invoice is %(state)s by now. Nothing was changed; look at it again.")
            % {"state": invoice.get_state_display()}
        )


@dataclass(frozen=True)
class Change:
    """How one line differs from what the coach checked. An amount is None where there was, or is, no line."""

    description: str
    on: dt.date
    was_minor: int | None
    is_minor: int | None


class ChangedMeanwhile(Exception):
    """Between checking and issuing, attendance or the rate changed. The draft has been brought up to date."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = tuple(changes)
        count = len(self.changes)
        template = ngettext(
            "%(count)d line has changed since you checked this invoice: %(names)s. Check it again, then issue it.",
            "%(count)d lines have changed since you checked this invoice: %(names)s. Check them again, then issue it.",
            count,
        )
        names = "; ".join(f"{date_format(change.on, 'j M')}, {change.description}" for change in self.changes[:3]) + (
            " …" if count > 3 else ""
        )
        super().__init__(template % {"count": count, "names": names})


@transaction.atomic
def draft_invoice(*, engagement: CoachEngagement, quarter: int, by: Any, at: dt.datetime) -> Invoice:
    """Draw the invoice of a quarter from the coach time used up to its end that stands on no other invoice.

    Drafting again rebuilds the lines of the draft. `by` None is the product itself.
    Raises QuarterNotBegun, CannotDraft.
    """
    engagement = _locked_engagement(engagement.pk)
    if by is not None and not rules.may_invoice(by, engagement, at):
        raise NotFound
    span = queries.quarter_of_cohort(engagement.cohort.starts_on, quarter)
    if at.astimezone(engagement.cohort.zone).date() < span.starts_on:
        raise QuarterNotBegun(span.starts_on)
    invoice, is_new = Invoice.objects.get_or_create(
        engagement=engagement,
        quarter=quarter,
        state=Invoice.State.DRAFTED,
        defaults={
            "coach_id": engagement.person_id,
            "quarter_starts_on": span.starts_on,
            "quarter_ends_on": span.ends_on,
            "currency": engagement.cohort.currency,
            "drafted_at": at,
        },
    )
    _draw(invoice, engagement, at)
    if is_new:
        _audit("draft_invoice", invoice, engagement, by=by, at=at)
    return invoice


def draft_due_invoices(*, address_of: str = "", at: dt.datetime) -> int:
    """Draft every invoice whose quarter is over, and tell its coach; for the nightly job. Returns how many.

    Each draft is a transaction of its own. One that cannot be drawn, as without a rate, is left out: it stands as due
    on the coach's list, where drafting it says why.
    """
    count = 0
    for row in queries.due_quarters(at):
        try:
            with transaction.atomic():
                invoice = draft_invoice(engagement=row.engagement, quarter=row.quarter.number, by=None, at=at)
                link = f"{address_of}/invoices/{invoice.pk}/"
                coach = row.engagement.person
                tell(
                    event="invoice_drafted", person=coach, invoice=invoice, engagement=row.engagement, link=link, at=at
                )
        except CannotDraft:
            continue
        count += 1
    return count


def issue_invoice(
    *, invoice: Invoice, number: str, digest: str, address_of: str = "", by: Person, at: dt.datetime
) -> Invoice:
    """Issue a draft under the coach's own number. `digest` is that of the lines which the coach has checked.

    `address_of` is the public address of this Cairn, for the mail to the coordinators. When the lines are others by
    now, the draft is brought up to date, that is kept, and ChangedMeanwhile is raised.
    Raises NoNumber, NumberTaken, EmptyInvoice, QuarterNotOver, MovedOn, CannotDraft.
    """
    changes = _issue(invoice.pk, number.strip(), digest, address_of, by=by, at=at)
    if changes:
        raise ChangedMeanwhile(changes)
    return Invoice.objects.get(pk=invoice.pk)


@transaction.atomic
def _issue(invoice_id: int, number: str, digest: str, address_of: str, *, by: Person, at: dt.datetime) -> list[Change]:
    """Issue, or bring up to date and tell what changed."""
    invoice, engagement = locked(invoice_id)
    if not rules.may_invoice(by, engagement, at):
        raise NotFound
    if invoice.state != Invoice.State.DRAFTED:
        raise MovedOn(invoice)
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise NoNumber
    before = queries.lines_of(invoice)
    lines = _draw(invoice, engagement, at)
    if queries.digest_of(lines) != digest:
        return _changes(before, lines) or [Change(str(_("as a whole")), invoice.quarter_ends_on, None, None)]
    if not lines:
        raise EmptyInvoice
    last_day = min(invoice.quarter_ends_on, engagement.cohort.ends_on)
    if at.astimezone(engagement.cohort.zone).date() < last_day:
        raise QuarterNotOver(last_day)
    try:
        with transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(state=Invoice.State.ISSUED, number=number, issued_at=at)
    except IntegrityError as error:
        raise NumberTaken(number) from error
    _audit("issue_invoice", invoice, engagement, by=by, at=at)
    invoice.number = number
    tell_coordinators("invoice_issued", invoice, engagement, address_of, at)
    return []


def locked(invoice_id: int) -> tuple[Invoice, CoachEngagement]:
    """An invoice and its engagement, both locked: the engagement first, as drafting does."""
    found = Invoice.objects.filter(pk=invoice_id).values_list("engagement", flat=True).first()
    if found is None:
        raise NotFound
    engagement = _locked_engagement(found)
    return Invoice.objects.select_for_update(of=("self",)).select_related("coach").get(pk=invoice_id), engagement


def tell_coordinators(
    event: str, invoice: Invoice, engagement: CoachEngagement, address_of: str, at: dt.datetime
) -> None:
    """Mail the coordinators of the organisation once about this event."""
    organisation_id = engagement.cohort.programme.organisation_id
    grants = RoleGrant.objects.filter(organisation=organisation_id, role=Role.COORDINATOR, since__lte=at)
    people = [grant.person for grant in grants.select_related("person").order_by("person") if grant.live_at(at)]
    for person in people:
        link = f"{address_of}/invoices/to-approve/{invoice.pk}/"
        tell(event=event, person=person, invoice=invoice, engagement=engagement, link=link, at=at)


def tell(
    *, event: str, person: Person, invoice: Invoice, engagement: CoachEngagement, link: str, at: dt.datetime
) -> None:
    """Mail one person about an event of an invoice: who, which, how much; no text that anybody wrote."""
    mail.post(
        key=f"{event}:{invoice.pk}:{person.pk}:{at.isoformat()}",
        to=person,
        template=f"mail/{event}.txt",
        context={
            "coach": engagement.person.name,
            "cohort": engagement.cohort.name,
            "number": invoice.number,
            "amount": invoicing.format_money(invoice.gross_minor, invoice.currency),
            "link": link,
        },
        organisation_id=engagement.cohort.programme.organisation_id,
        at=at,
    )


def _locked_engagement(engagement_id: int) -> CoachEngagement:
    return (
        CoachEngagement.objects.select_for_update(of=("self",))
        .select_related("cohort__programme__organisation", "person")
        .get(pk=engagement_id)
    )


def _draw(invoice: Invoice, engagement: CoachEngagement, at: dt.datetime) -> list[InvoiceLine]:
    """Rebuild a draft's lines, if they are no longer those of the ledger, and its totals."""
    try:
        drawn = queries.drawn(engagement, invoice.quarter_ends_on, invoice)
    except Refusal as refused:
        raise CannotDraft(_(refused.template).format(**_in_words(refused.params))) from refused
    InvoiceLine.objects.filter(invoice=invoice).delete()
    lines = InvoiceLine.objects.bulk_create(
        [_line(invoice, position, line) for position, line in enumerate(drawn.lines, start=1)]
    )
    InvoicedEntry.objects.bulk_create(
        [
            InvoicedEntry(line=line, entry_id=entry_id)
            for line, source in zip(lines, drawn.lines, strict=True)
            for entry_id in source.entry_ids
        ]
    )
    figures: dict[str, Any] = {
        "net_minor": drawn.net_minor,
        "tax_minor": drawn.tax_minor,
        "gross_minor": drawn.gross_minor,
        "currency": drawn.currency,
        "tax_basis_points": drawn.tax_basis_points,
        "drafted_at": at,
    }
    Invoice.objects.filter(pk=invoice.pk).update(**figures)
    for name, value in figures.items():
        setattr(invoice, name, value)
    return lines


def _line(invoice: Invoice, position: int, line: invoicing.Line) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=line.kind,
        source_kind=line.source_kind,
        source_id=line.source_id,
        on=line.on,
        description=line.description,
        minutes=line.minutes,
        minor_per_hour=line.minor_per_hour,
        amount_minor=line.amount_minor,
    )


def _changes(before: Iterable[InvoiceLine], after: Iterable[InvoiceLine]) -> list[Change]:
    was = {(line.source_kind, line.source_id, line.on): line for line in before}
    now = {(line.source_kind, line.source_id, line.on): line for line in after}
    changes = []
    for key in sorted(was.keys() | now.keys(), key=lambda key: (key[2], key[0], key[1])):
        old, new = was.get(key), now.get(key)
        told_old = (old.amount_minor, old.minutes, old.description) if old else None
        told_new = (new.amount_minor, new.minutes, new.description) if new else None
        if told_old != told_new:
            named = new or old
            assert named is not None
            changes.append(
                Change(
                    named.description, named.on, told_old[0] if told_old else None, told_new[0] if told_new else None
                )
            )
    return changes


def _in_words(params: Any) -> dict[str, Any]:
    """Days among a refusal's parameters, written out."""
    return {
        name: date_format(value, "j F Y") if isinstance(value, dt.date) else value for name, value in params.items()
    }


def _audit(action: str, invoice: Invoice, engagement: CoachEngagement, *, by: Any, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="invoice",
        subject_id=invoice.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts={"engagement": engagement.pk, "quarter": invoice.quarter, "gross_minor": invoice.gross_minor},
        by=by,
        at=at,
    )
