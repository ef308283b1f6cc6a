"""Invoices, as their coach and the coordinators see them, and what the next one would say."""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from cairn.engines import invoicing
from cairn.ledger import rules
from cairn.ledger.models import Invoice, InvoiceLine, LedgerEntry, Rate
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes.models import CoachEngagement
from cairn.programmes.terms import Kind

WITH_EVERYTHING = ("engagement__cohort__programme__organisation", "coach", "approved_by")
STAGES = {
    "check": (Invoice.State.ISSUED,),
    "queried": (Invoice.State.QUERIED,),
    "settle": (Invoice.State.APPROVED,),
    "settled": (Invoice.State.SETTLED,),
}
DRAFTED = Invoice.State.DRAFTED


@dataclass(frozen=True)
class Drawn:
    """Lines as they would be drawn from the ledger now, and what they come to."""

    lines: tuple[invoicing.Line, ...]
    net_minor: int
    tax_minor: int
    currency: str
    tax_basis_points: int | None

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def digest(self) -> str:
        return digest_of(self.lines)


def digest_of(lines: Iterable[invoicing.Line | InvoiceLine]) -> str:
    """A fingerprint of what somebody checked: equal exactly when every line says the same."""
    told = [
        [
            line.source_kind,
            line.source_id,
            line.on.isoformat(),
            line.description,
            line.minutes,
            line.minor_per_hour,
            line.amount_minor,
        ]
        for line in lines
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def quarter_of_cohort(starts_on: dt.date, number: int) -> invoicing.Quarter:
    """The quarter with this number, from 1; not cut at the cohort's end, so that late sessions are found in one."""
    return invoicing.quarter_of(
        invoicing.months_later(starts_on, invoicing.MONTHS_PER_QUARTER * (number - 1)), starts_on
    )


def drawn(engagement: CoachEngagement, ends_on: dt.date, invoice: Invoice | None) -> Drawn:
    """What an invoice for everything up to `ends_on` says that no other invoice says. Two queries.

    Raises the refusals of `invoicing.lines`, such as NoRate.
    """
    rates = [
        invoicing.RatePeriod(rate.from_on, rate.minor_per_hour, rate.currency, rate.tax_basis_points)
        for rate in Rate.objects.filter(engagement=engagement)
    ]
    free = Q(invoiced=None) if invoice is None else Q(invoiced=None) | Q(invoiced__line__invoice=invoice)
    entries = (
        LedgerEntry.objects.filter(
            free, coach_time__engagement=engagement, movement=LedgerEntry.Movement.USE, on__lte=ends_on
        )
        .select_related("coach_time")
        .order_by("pk")
    )
    lines = invoicing.lines([_used(entry) for entry in entries], rates)
    taxed: dict[int | None, list[invoicing.Line]] = defaultdict(list)
    for line in lines:
        taxed[line.tax_basis_points].append(line)
    currency = invoicing.totals(lines, None).currency or (rates[-1].currency if rates else engagement.cohort.currency)
    return Drawn(
        lines=lines,
        net_minor=sum(line.amount_minor for line in lines),
        tax_minor=sum(invoicing.totals(group, rate).tax_minor for rate, group in taxed.items()),
        currency=currency,
        tax_basis_points=next(iter(taxed)) if len(taxed) == 1 else None,
    )


def own_invoice(reader: Person, invoice_id: int, at: dt.datetime) -> Invoice:
    """One of the coach's own invoices."""
    return _found(_own(reader, at).filter(pk=invoice_id))


def checked_invoice(reader: Person, invoice_id: int, at: dt.datetime) -> Invoice:
    """An issued invoice of an organisation that the reader coordinates. Drafts are the coach's own."""
    return _found(_checked(reader, at).filter(pk=invoice_id))


def readable_invoice(reader: Person, invoice_id: int, at: dt.datetime) -> Invoice:
    """An invoice that is the reader's own, or issued to an organisation that the reader coordinates."""
    return _found(Invoice.objects.filter(pk=invoice_id).filter(_is_own(reader, at) | _is_checked(reader, at)))


def lines_of(invoice: Invoice) -> Sequence[InvoiceLine]:
    """The lines of an invoice that was fetched for its reader, in order."""
    return list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))


def is_outdated(invoice: Invoice, lines: Sequence[InvoiceLine]) -> bool:
    """Whether a draft no longer says what the ledger says."""
    if invoice.state != DRAFTED:
        return False
    return drawn(invoice.engagement, invoice.quarter_ends_on, invoice).digest != digest_of(lines)


def invoices_to_check(reader: Person, stage: str, at: dt.datetime) -> QuerySet[Invoice]:
    """Issued invoices at one stage (`check`, `queried`, `settle`, `settled`) of the organisations coordinated."""
    newest_first = stage == "settled"
    order = ("-settled_at", "pk") if newest_first else ("issued_at", "pk")
    return _checked(reader, at).filter(state__in=STAGES[stage]).order_by(*order)


def stages(reader: Person, at: dt.datetime) -> dict[str, int]:
    """How many invoices stand at each stage. One query."""
    counted = dict(_checked(reader, at).order_by().values_list("state").annotate(count=Count("pk")))
    return {stage: sum(counted.get(state, 0) for state in states) for stage, states in STAGES.items()}


@dataclass(frozen=True)
class QuarterRow:
    """One quarter of one engagement on the coach's list. `standing`: running, due, nothing, or the invoice's state."""

    engagement: CoachEngagement
    quarter: invoicing.Quarter
    invoice: Invoice | None
    uninvoiced_minutes: int
    standing: str


def quarters_of(reader: Person, at: dt.datetime) -> list[QuarterRow]:
    """The coach's quarters so far, newest first, over all their engagements. Three queries."""
    rows = _quarters(list(_own_engagements(reader, at)), at)
    return sorted(rows, key=lambda row: (row.quarter.starts_on, row.quarter.number, row.engagement.pk), reverse=True)


def due_quarters(at: dt.datetime) -> list[QuarterRow]:
    """The quarters of all coaches that are over, hold time not invoiced, and have no draft. For the nightly job."""
    waiting = LedgerEntry.objects.filter(
        coach_time__isnull=False, movement=LedgerEntry.Movement.USE, invoiced=None
    ).values("coach_time__engagement")
    engagements = CoachEngagement.objects.filter(pk__in=waiting, state__in=rules.INVOICES)
    found = _quarters(list(engagements.select_related("cohort__programme__organisation", "person").order_by("pk")), at)
    return [row for row in found if row.standing == "due"]


def _quarters(engagements: list[CoachEngagement], at: dt.datetime) -> list[QuarterRow]:
    invoices: dict[int, list[Invoice]] = defaultdict(list)
    for invoice in Invoice.objects.filter(engagement__in=engagements).order_by("quarter", "pk"):
        invoices[invoice.engagement_id].append(invoice)
    uninvoiced: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for engagement_id, on, minutes in (
        LedgerEntry.objects.filter(
            coach_time__engagement__in=engagements, movement=LedgerEntry.Movement.USE, invoiced=None
        )
        .values_list("coach_time__engagement", "on")
        .annotate(net=Sum("minutes"))
        .exclude(net=0)
    ):
        uninvoiced[engagement_id][on] = minutes
    return [
        row
        for engagement in engagements
        for row in _rows(engagement, invoices[engagement.pk], uninvoiced[engagement.pk], at)
    ]


def _rows(
    engagement: CoachEngagement, invoices: list[Invoice], uninvoiced: dict[dt.date, int], at: dt.datetime
) -> list[QuarterRow]:
    """The quarters of one engagement until today. A late correction stands in the first quarter not yet issued."""
    cohort = engagement.cohort
    today = at.astimezone(cohort.zone).date()
    issued = {invoice.quarter for invoice in invoices if invoice.state != DRAFTED}
    waiting: dict[int, int] = defaultdict(int)
    for on, minutes in uninvoiced.items():
        number = _number(on, cohort.starts_on)
        while number in issued:
            number += 1
        waiting[number] += minutes
    waiting = defaultdict(int, {number: minutes for number, minutes in waiting.items() if minutes})
    so_far = _number(min(today, cohort.ends_on), cohort.starts_on)
    rows = []
    for number in range(1, max([so_far, *waiting, *(invoice.quarter for invoice in invoices)]) + 1):
        quarter = quarter_of_cohort(cohort.starts_on, number)
        own = [invoice for invoice in invoices if invoice.quarter == number]
        for invoice in own:
            minutes = waiting[number] if invoice.state == DRAFTED else 0
            rows.append(QuarterRow(engagement, quarter, invoice, minutes, invoice.state))
        if not own:
            over = today >= min(quarter.ends_on, cohort.ends_on)
            standing = "running" if not over else "due" if waiting[number] else "nothing"
            rows.append(QuarterRow(engagement, quarter, None, waiting[number], standing))
    return rows


def _number(on: dt.date, starts_on: dt.date) -> int:
    """The number of the quarter; what was before the start, such as familiarisation, belongs to the first."""
    return invoicing.quarter_of(max(on, starts_on), starts_on).number


def _used(entry: LedgerEntry) -> invoicing.UsedEntry:
    kind = entry.coach_time.kind if entry.coach_time else ""
    return invoicing.UsedEntry(
        id=entry.pk,
        source_kind=entry.source_kind,
        source_id=entry.source_id,
        kind=kind,
        on=entry.on,
        minutes=entry.minutes,
        description=entry.description or str(Kind(kind).label).capitalize(),
    )


def own_engagement(reader: Person, engagement_id: int, at: dt.datetime) -> CoachEngagement:
    """One of the coach's engagements for which they may still write invoices."""
    found = _own_engagements(reader, at).filter(pk=engagement_id).first()
    if found is None:
        raise NotFound
    return found


def _own_engagements(reader: Person, at: dt.datetime) -> QuerySet[CoachEngagement]:
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    return (
        CoachEngagement.objects.filter(
            person=reader, state__in=rules.INVOICES, cohort__programme__organisation__in=organisations
        )
        .select_related("cohort__programme__organisation", "person")
        .order_by("pk")
    )


def _is_own(reader: Person, at: dt.datetime) -> Q:
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    return Q(
        coach=reader,
        engagement__state__in=rules.INVOICES,
        engagement__cohort__programme__organisation__in=organisations,
    )


def _is_checked(reader: Person, at: dt.datetime) -> Q:
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return Q(engagement__cohort__programme__organisation__in=organisations) & ~Q(state=DRAFTED)


def _own(reader: Person, at: dt.datetime) -> QuerySet[Invoice]:
    return Invoice.objects.filter(_is_own(reader, at))


def _checked(reader: Person, at: dt.datetime) -> QuerySet[Invoice]:
    return Invoice.objects.filter(_is_checked(reader, at)).select_related(*WITH_EVERYTHING)


def _found(query: QuerySet[Invoice]) -> Invoice:
    invoice = query.select_related(*WITH_EVERYTHING).first()
    if invoice is None:
        raise NotFound
    return invoice
