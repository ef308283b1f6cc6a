"""Two people, or one person twice, at the same moment: real connections, real locks."""

import datetime as dt
import threading

import pytest
from django.db import connection

from cairn.engines.hours import Position
from cairn.ledger import actions
from cairn.ledger.models import CoachTime, Entitlement, Invoice, InvoicedEntry, LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)
ON = dt.date(2026, 10, 5)
Q1_OVER = dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC)


def together(*acts):
    """Do all of these at once, each on a connection of its own. Returns what was raised, None where nothing was."""
    start, raised = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            start.wait(10)
            act()
        except Exception as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def settling(world, source_id, place, *, who=("thandiwe",), coach="ioana", kind="one_to_one"):
    entitlements = {world.enrolments[name].pk: (kind, place) for name in who}
    coach_time = {world.engagements[coach].pk: (kind, place)}
    return lambda: actions.settle(
        source_kind="session",
        source_id=source_id,
        on=ON,
        entitlements=entitlements,
        coach_time=coach_time,
        by=world.ioana,
        at=Q1_OVER,
    )


def test_settling_the_same_source_at_once_posts_once(world):
    for source_id in range(1, 4):
        act = settling(world, source_id, Position(used=60))
        assert together(act, act) == [None, None]
    posted = LedgerEntry.objects.filter(source_kind="session")
    assert (posted.count(), Entitlement.objects.get(pk=posted.first().entitlement_id).used) == (6, 180)


def test_a_source_moved_to_two_coaches_at_once_ends_with_one(world):
    for source_id in range(1, 9):
        raised = together(
            settling(world, source_id, Position(booked=30), who=(), coach="ioana"),
            settling(world, source_id, Position(booked=30), who=(), coach="malik"),
        )
        assert raised == [None, None]
    booked = CoachTime.objects.filter(kind="one_to_one").values_list("booked", flat=True)
    assert sum(booked) == 8 * 30


def test_the_last_minutes_go_to_one_of_two(world):
    raised = together(
        settling(world, 1, Position(booked=210)),
        settling(world, 2, Position(booked=210), coach="malik"),
    )
    assert sorted(type(error).__name__ for error in raised) == ["NoneType", "NotEnoughMinutes"]
    assert Entitlement.objects.get(enrolment=world.enrolments["thandiwe"], kind="one_to_one").left == 0


def test_sessions_with_the_same_people_never_block_each_other_for_good(world):
    people = ("thandiwe", "part", "siobhan", "xiuying")
    acts = [
        settling(
            world,
            number,
            Position(booked=30),
            who=people if number % 2 else people[::-1],
            coach="ioana" if number % 2 else "malik",
            kind="group",
        )
        for number in range(8)
    ]
    assert together(*acts) == [None] * 8
    assert Entitlement.objects.get(enrolment=world.enrolments["part"], kind="group").booked == 240


def test_drafting_at_once_makes_one_draft_with_each_entry_once(world):
    settling(world, 1, Position(used=60))()

    def draft():
        return actions.draft_invoice(engagement=world.engagements["ioana"], quarter=1, by=None, at=Q1_OVER)

    assert together(draft, draft, draft) == [None, None, None]
    assert (Invoice.objects.get().gross_minor, InvoicedEntry.objects.count()) == (6000, 1)
