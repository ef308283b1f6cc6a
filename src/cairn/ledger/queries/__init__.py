"""Reads of minutes and money. Each takes its reader, or what its reader has already been let fetch."""

from cairn.ledger.queries.invoices import (
    Drawn,
    QuarterRow,
    checked_invoice,
    digest_of,
    drawn,
    due_quarters,
    invoices_to_check,
    is_outdated,
    lines_of,
    own_engagement,
    own_invoice,
    quarter_of_cohort,
    quarters_of,
    readable_invoice,
    stages,
)
from cairn.ledger.queries.known import known_coach_time, known_entitlements, known_invoices
from cairn.ledger.queries.minutes import (
    CoachForecast,
    coach_time_for,
    commissioned_for,
    entitlements_for,
    forecast,
    minutes_of,
    rates_for,
)
from cairn.ledger.queries.money import CoachMoney, CohortMoney, cohort_money
from cairn.people.queries import NotFound

__all__ = [
    "CoachForecast",
    "CoachMoney",
    "CohortMoney",
    "Drawn",
    "NotFound",
    "QuarterRow",
    "checked_invoice",
    "coach_time_for",
    "cohort_money",
    "commissioned_for",
    "digest_of",
    "drawn",
    "due_quarters",
    "entitlements_for",
    "forecast",
    "invoices_to_check",
    "is_outdated",
    "known_coach_time",
    "known_entitlements",
    "known_invoices",
    "lines_of",
    "minutes_of",
    "own_engagement",
    "own_invoice",
    "quarter_of_cohort",
    "quarters_of",
    "rates_for",
    "readable_invoice",
    "stages",
]
