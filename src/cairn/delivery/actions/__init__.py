"""Writes about sessions, and use-cases that reach down into several rooms: one function each, one transaction each."""

from cairn.delivery.actions.engaging import SessionsHangOnIt, ask_again, change_commission, end_engagement, engage_coach

__all__ = [
    "SessionsHangOnIt",
    "ask_again",
    "change_commission",
    "end_engagement",
    "engage_coach",
]
