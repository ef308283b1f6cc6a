"""Who may do what with minutes and money."""

import datetime as dt
from typing import Any

from cairn.ledger.models import Invoice
from cairn.people import rules as people_rules
from cairn.people.terms import Role
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort

INVOICES = frozenset({CoachEngagement.State.ACCEPTED, CoachEngagement.State.ENDED})


def may_promise(person: Any, cohort: Cohort, at: dt.datetime) -> bool:
    """Whoever runs the cohort promises, releases and commissions minutes in it. None is the product itself."""
    return person is None or programme_rules.may_run_cohort(person, cohort, at)


def may_invoice(person: Any, engagement: CoachEngagement, at: dt.datetime) -> bool:
    """The coach of this engagement, while their role holds; also after the engagement ended, for what they gave."""
    return (
        engagement.person_id == person.pk
        and engagement.state in INVOICES
        and engagement.cohort.programme.organisation_id in people_rules.organisations_as(person, Role.COACH, at=at)
    )


def may_check_invoice(person: Any, invoice: Invoice, at: dt.datetime) -> bool:
    """A coordinator of the organisation for which the coach works."""
    return programme_rules.may_run_cohort(person, invoice.engagement.cohort, at)
