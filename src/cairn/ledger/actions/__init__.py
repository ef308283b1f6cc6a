"""Writes of minutes and money: one function for each use-case, each in one transaction."""

from cairn.ledger.actions.checking import (
    NothingSaid,
    answer_query,
    approve_invoice,
    mark_settled,
    query_invoice,
    withdraw_approval,
    withdraw_query,
)
from cairn.ledger.actions.invoices import (
    CannotDraft,
    Change,
    ChangedMeanwhile,
    EmptyInvoice,
    MovedOn,
    NoNumber,
    NumberTaken,
    QuarterNotBegun,
    QuarterNotOver,
    draft_due_invoices,
    draft_invoice,
    issue_invoice,
)
from cairn.ledger.actions.minutes import (
    LessThanBooked,
    commission,
    open_entitlements,
    promise,
    release,
    release_commission,
    take_back_entitlements,
)
from cairn.ledger.actions.posting import NotEnoughMinutes, Shortage
from cairn.ledger.actions.rates import AnotherCurrency, RateAlreadyInvoiced, set_rate
from cairn.ledger.actions.settling import Standing, settle, settle_all

__all__ = [
    "AnotherCurrency",
    "CannotDraft",
    "Change",
    "ChangedMeanwhile",
    "EmptyInvoice",
    "LessThanBooked",
    "MovedOn",
    "NoNumber",
    "NotEnoughMinutes",
    "NothingSaid",
    "NumberTaken",
    "QuarterNotBegun",
    "QuarterNotOver",
    "RateAlreadyInvoiced",
    "Shortage",
    "Standing",
    "answer_query",
    "approve_invoice",
    "commission",
    "draft_due_invoices",
    "draft_invoice",
    "issue_invoice",
    "mark_settled",
    "open_entitlements",
    "promise",
    "query_invoice",
    "release",
    "release_commission",
    "set_rate",
    "settle",
    "settle_all",
    "take_back_entitlements",
    "withdraw_approval",
    "withdraw_query",
]
