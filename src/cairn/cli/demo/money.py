"""The first quarter's invoices, each at another stage of its way, and the second quarter's begun."""

import datetime as dt
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast
from cairn.cli.demo.dates import moment
from cairn.cli.demo.eastmere import Eastmere
from cairn.cli.demo.year import Event
from cairn.ledger import actions as ledger_actions
from cairn.ledger import queries as ledger_queries

SETTLED = (cast.IOANA, cast.WREN)
APPROVED = (cast.MALIK,)
QUERIED = (cast.TOMASZ,)
DRAFTS_AHEAD = cast.MALIK


def events(world: Eastmere) -> list[Event]:
    """Each coach issues the first quarter's invoice in the week after it ended; what follows differs."""
    over = ledger_queries.quarter_of_cohort(world.dates.starts_on, 1).ends_on
    issued: dict[str, Any] = {}

    def issue(coach: cast.Coach, days: int) -> Event:
        def happen(at: dt.datetime) -> None:
            issued[coach.email] = _issue(world, coach, at)

        return _noon(over, days), happen

    def check(coach: cast.Coach, days: int) -> Event:
        return _noon(over, days), lambda at: _check(world, coach, issued[coach.email], at)

    story = [issue(coach, 2 + turn) for turn, coach in enumerate(cast.COACHES)]
    story += [check(coach, 9) for coach in (*SETTLED, *APPROVED, *QUERIED)]
    story += [
        (_noon(over, 23), lambda at, coach=coach: _settle(world, issued[coach.email], at))  # type: ignore[misc]
        for coach in SETTLED
    ]
    story.append((world.dates.now - dt.timedelta(minutes=20), lambda at: _draft(world, DRAFTS_AHEAD, 2, at)))
    return story


def _noon(day: dt.date, days: int) -> dt.datetime:
    return moment(day + dt.timedelta(days=days), dt.time(12, 0))


def _draft(world: Eastmere, coach: cast.Coach, quarter: int, at: dt.datetime) -> Any:
    return ledger_actions.draft_invoice(
        engagement=world.engagements[coach.email], quarter=quarter, by=world.people[coach.email], at=at
    )


def _issue(world: Eastmere, coach: cast.Coach, at: dt.datetime) -> Any:
    draft = _draft(world, coach, 1, at)
    return ledger_actions.issue_invoice(
        invoice=draft,
        number=f"{at:%Y-%m}-{1 + len(coach.name) % 4}",
        digest=ledger_queries.digest_of(ledger_queries.lines_of(draft)),
        address_of=settings.CAIRN_PUBLIC_URL,
        by=world.people[coach.email],
        at=at,
    )


def _check(world: Eastmere, coach: cast.Coach, invoice: Any, at: dt.datetime) -> None:
    if coach in QUERIED:
        ledger_actions.query_invoice(
            invoice=invoice, text=cast.QUERY, address_of=settings.CAIRN_PUBLIC_URL, by=world.halina, at=at
        )
    else:
        ledger_actions.approve_invoice(invoice=invoice, address_of=settings.CAIRN_PUBLIC_URL, by=world.halina, at=at)


def _settle(world: Eastmere, invoice: Any, at: dt.datetime) -> None:
    ledger_actions.mark_settled(invoice=invoice, address_of=settings.CAIRN_PUBLIC_URL, by=world.halina, at=at)
