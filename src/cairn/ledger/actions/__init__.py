"""Writes of minutes and money: one function for each use-case, each in one transaction."""

from cairn.ledger.actions.minutes import (
    LessThanBooked,
    commission,
    open_entitlements,
    promise,
    release,
    release_commission,
)
from cairn.ledger.actions.posting import NotEnoughMinutes, Shortage
from cairn.ledger.actions.rates import AnotherCurrency, RateAlreadyInvoiced, set_rate
from cairn.ledger.actions.settling import Standing, settle, settle_all

__all__ = [
    "AnotherCurrency",
    "LessThanBooked",
    "NotEnoughMinutes",
    "RateAlreadyInvoiced",
    "Shortage",
    "Standing",
    "commission",
    "open_entitlements",
    "promise",
    "release",
    "release_commission",
    "set_rate",
    "settle",
    "settle_all",
]
