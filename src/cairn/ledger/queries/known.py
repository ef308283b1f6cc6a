"""Minutes and invoices that a reader may know of, as rows by id, for other systems that ask in the reader's name."""

import datetime as dt

from django.db.models import Q, QuerySet

from cairn.ledger.models import CoachTime, Entitlement, Invoice
from cairn.ledger.queries.invoices import _is_checked, _is_own
from cairn.people.models import Person
from cairn.programmes.queries import Reach, known_enrolments


def known_entitlements(within: Reach) -> QuerySet[Entitlement]:
    """The minutes promised to every enrolment that the reader may know of."""
    return Entitlement.objects.filter(enrolment__in=known_enrolments(within)).order_by("pk")


def known_coach_time(within: Reach) -> QuerySet[CoachTime]:
    """Coach time in cohorts that are run, and the reader's own as a coach."""
    return CoachTime.objects.filter(
        Q(engagement__cohort__in=within.run_cohorts) | Q(engagement__in=within.engagements)
    ).order_by("pk")


def known_invoices(reader: Person, at: dt.datetime) -> QuerySet[Invoice]:
    """The coach's own invoices, and those issued to organisations that the reader coordinates."""
    return Invoice.objects.filter(_is_own(reader, at) | _is_checked(reader, at)).order_by("pk")
