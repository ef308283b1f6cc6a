"""What becomes of an issued invoice: queried and answered, approved, settled."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.foundation import audit
from cairn.ledger import rules
from cairn.ledger.actions.invoices import MovedOn, locked, tell, tell_coordinators
from cairn.ledger.models import Invoice
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes.models import CoachEngagement

State = Invoice.State
LONGEST = 500


class NothingSaid(Exception):
    """A query and its answer have words."""

    def __init__(self) -> None:
        super().__init__(_("Write what this is about, in at most %(count)d characters.") % {"count": LONGEST})


@transaction.atomic
def query_invoice(*, invoice: Invoice, text: str, address_of: str = "", by: Person, at: dt.datetime) -> Invoice:
    """A coordinator asks the coach about an issued invoice; it waits until they answer. Raises NothingSaid, MovedOn."""
    words = _words(text)
    found, engagement = _taken(invoice, by, at, _may_check, State.ISSUED)
    _move(found, engagement, "query_invoice", {"state": State.QUERIED, "query": words, "reply": ""}, by=by, at=at)
    _tell_coach("invoice_queried", found, engagement, address_of, at)
    return found


@transaction.atomic
def answer_query(*, invoice: Invoice, text: str, address_of: str = "", by: Person, at: dt.datetime) -> Invoice:
    """The coach answers and issues the invoice again as it stands. What was wrong in it becomes a line of the next:
    the coach corrects the attendance, and the correction is a credit there. Raises NothingSaid, MovedOn."""
    words = _words(text)
    found, engagement = _taken(invoice, by, at, _may_answer, State.QUERIED)
    _move(found, engagement, "answer_query", {"state": State.ISSUED, "reply": words}, by=by, at=at)
    tell_coordinators("invoice_answered", found, engagement, address_of, at)
    return found


@transaction.atomic
def withdraw_query(*, invoice: Invoice, by: Person, at: dt.datetime) -> Invoice:
    """A coordinator takes their question back before it was answered. Raises MovedOn."""
    found, engagement = _taken(invoice, by, at, _may_check, State.QUERIED)
    _move(found, engagement, "withdraw_query", {"state": State.ISSUED, "query": ""}, by=by, at=at)
    return found


@transaction.atomic
def approve_invoice(*, invoice: Invoice, address_of: str = "", by: Person, at: dt.datetime) -> Invoice:
    """A coordinator approves an issued invoice for payment. Raises MovedOn."""
    found, engagement = _taken(invoice, by, at, _may_check, State.ISSUED)
    changes = {"state": State.APPROVED, "approved_at": at, "approved_by": by}
    _move(found, engagement, "approve_invoice", changes, by=by, at=at)
    _tell_coach("invoice_approved", found, engagement, address_of, at)
    return found


@transaction.atomic
def withdraw_approval(*, invoice: Invoice, by: Person, at: dt.datetime) -> Invoice:
    """Undo an approval, as long as the invoice is not settled. Raises MovedOn."""
    found, engagement = _taken(invoice, by, at, _may_check, State.APPROVED)
    changes = {"state": State.ISSUED, "approved_at": None, "approved_by": None}
    _move(found, engagement, "withdraw_approval", changes, by=by, at=at)
    return found


@transaction.atomic
def mark_settled(*, invoice: Invoice, address_of: str = "", by: Person, at: dt.datetime) -> Invoice:
    """Say that an approved invoice has been paid. Raises MovedOn."""
    found, engagement = _taken(invoice, by, at, _may_check, State.APPROVED)
    _move(found, engagement, "settle_invoice", {"state": State.SETTLED, "settled_at": at}, by=by, at=at)
    _tell_coach("invoice_settled", found, engagement, address_of, at)
    return found


Rule = Callable[[Any, Invoice, dt.datetime], bool]


def _may_check(person: Any, invoice: Invoice, at: dt.datetime) -> bool:
    return rules.may_check_invoice(person, invoice, at) and invoice.state != State.DRAFTED


def _may_answer(person: Any, invoice: Invoice, at: dt.datetime) -> bool:
    return rules.may_invoice(person, invoice.engagement, at)


def _taken(invoice: Invoice, by: Person, at: dt.datetime, may: Rule, state: str) -> tuple[Invoice, CoachEngagement]:
    """The invoice, locked, if this person may act on it and it stands where it must."""
    found, engagement = locked(invoice.pk)
    found.engagement = engagement
    if not may(by, found, at):
        raise NotFound
    if found.state != state:
        raise MovedOn(found)
    return found, engagement


def _move(
    invoice: Invoice, engagement: CoachEngagement, action: str, changes: dict[str, Any], *, by: Person, at: dt.datetime
) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(**changes)
    for name, value in changes.items():
        setattr(invoice, name, value)
    audit.record(
        action=action,
        subject_kind="invoice",
        subject_id=invoice.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts={"engagement": engagement.pk, "gross_minor": invoice.gross_minor},
        by=by,
        at=at,
    )


def _tell_coach(event: str, invoice: Invoice, engagement: CoachEngagement, address_of: str, at: dt.datetime) -> None:
    link = f"{address_of}/invoices/{invoice.pk}/"
    tell(event=event, person=invoice.coach, invoice=invoice, engagement=engagement, link=link, at=at)


def _words(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise NothingSaid
    return words
