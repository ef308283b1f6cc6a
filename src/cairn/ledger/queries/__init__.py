"""Reads of minutes and money. Each takes its reader, or what its reader has already been let fetch."""

from cairn.ledger.queries.minutes import (
    CoachForecast,
    coach_time_for,
    entitlements_for,
    forecast,
    minutes_of,
    rates_for,
)
from cairn.people.queries import NotFound

__all__ = [
    "CoachForecast",
    "NotFound",
    "coach_time_for",
    "entitlements_for",
    "forecast",
    "minutes_of",
    "rates_for",
]
