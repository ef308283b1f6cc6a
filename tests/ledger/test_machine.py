"""Minutes and money under any sequence of actions: Hypothesis plays coordinator and coaches on a real database.

A small model in plain Python says after each step what every account must hold. The suite runs a short form;
CAIRN_LONG=1 runs a long one. Both print their figures.
"""

import datetime as dt
import os
import time
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from django.db.models import Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from cairn.engines.hours import Position
from cairn.ledger import actions, queries
from cairn.ledger.models import CoachTime, Entitlement, Invoice, InvoicedEntry, InvoiceLine, LedgerEntry

LONG = bool(os.environ.get("CAIRN_LONG"))
EXAMPLES, STEPS = (150, 50) if LONG else (12, 30)
PER_HOUR = 6_001  # so that sums have to be rounded
NOW = dt.datetime(2027, 6, 7, 9, tzinfo=dt.UTC)  # three quarters are over
DAYS = [dt.date(2026, 10, 5), dt.date(2026, 11, 20), dt.date(2027, 1, 11), dt.date(2027, 4, 1)]
COACHEES, COACHES = ["thandiwe", "part", "siobhan"], ["ioana", "malik"]
KINDS = ["one_to_one", "group"]
PLACES = ["nothing", "booked", "used"]

numbers = st.integers(1, 6)
lengths = st.sampled_from([25, 60, 90, 200])
kinds = st.sampled_from(KINDS)
people = st.sampled_from(COACHEES)
coaches = st.sampled_from(COACHES)
quarters = st.integers(1, 3)


def position(place, minutes):
    return Position(**{place: minutes}) if place != "nothing" else Position()


def by_hand(minutes):
    """What so many minutes cost, rounded half away from zero."""
    return int((Decimal(minutes) * PER_HOUR / 60).quantize(Decimal(1), ROUND_HALF_UP))


def machine(world, figures):
    class Ledger(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()
            figures["examples"] += 1
            self.promised = defaultdict(dict)  # account → source → minutes
            self.released = defaultdict(dict)
            self.places = {}  # session number → account → Position
            self.documents = {}  # issued invoice id → (lines, gross)
            self.number = 0
            for account in [*Entitlement.objects.all(), *CoachTime.objects.all()]:
                self.promised[self.name_of(account)]["plan"] = account.promised

        def teardown(self):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

        @staticmethod
        def name_of(account):
            if isinstance(account, CoachTime):
                return "coach", account.engagement_id, account.kind
            return "coachee", account.enrolment_id, account.kind

        def sums(self, account):
            stands = [places.get(account, Position()) for places in self.places.values()]
            booked, used = sum(each.booked for each in stands), sum(each.used for each in stands)
            return sum(self.promised[account].values()), booked, used, sum(self.released[account].values())

        def fits(self):
            return all(
                promised >= booked + used + released
                for promised, booked, used, released in map(self.sums, list(self.promised))
            )

        def attempt(self, name, act, change):
            """Do it in the product and in the model; both agree whether it can be done."""
            kept = (
                {account: dict(each) for account, each in self.promised.items()},
                {account: dict(each) for account, each in self.released.items()},
                {number: dict(each) for number, each in self.places.items()},
            )
            change()
            figures["steps"] += 1
            figures[name] += 1
            try:
                with transaction.atomic():
                    act()
            except (actions.NotEnoughMinutes, actions.LessThanBooked):
                figures["refused"] += 1
                assert not self.fits(), f"{name} was refused though it fits"
                self.promised, self.released = (defaultdict(dict, each) for each in kept[:2])
                self.places = kept[2]
            else:
                assert self.fits(), f"{name} was accepted though it does not fit"

        def standing(self, number, kind, who, coach, place, minutes, day):
            where = position(place, minutes)
            self_places = {("coachee", world.enrolments[name].pk, kind): where for name in who}
            self_places["coach", world.engagements[coach].pk, kind] = where
            return self_places, actions.Standing(
                "session",
                number,
                day,
                {world.enrolments[name].pk: (kind, where) for name in who},
                {world.engagements[coach].pk: (kind, where)},
                f"Session {number}",
            )

        @rule(
            number=numbers,
            kind=kinds,
            who=st.sets(people, min_size=1),
            coach=coaches,
            place=st.sampled_from(PLACES),
            minutes=lengths,
            day=st.sampled_from(DAYS),
        )
        def settle(self, number, kind, who, coach, place, minutes, day):
            who = who if kind == "group" else {min(who)}
            places, standing = self.standing(number, kind, who, coach, place, minutes, day)
            self.attempt(
                f"settle {place}",
                lambda: actions.settle_all(standings=[standing], by=world.ioana, at=NOW),
                lambda: self.places.update({number: places}),
            )

        @rule(coach=coaches, place=st.sampled_from(PLACES), minutes=lengths, count=st.integers(2, 6))
        def settle_series(self, coach, place, minutes, count):
            drawn = {
                number: self.standing(number, "group", COACHEES, coach, place, minutes, DAYS[number % len(DAYS)])
                for number in range(1, count + 1)
            }
            self.attempt(
                "settle series",
                lambda: actions.settle_all(standings=[each[1] for each in drawn.values()], by=world.ioana, at=NOW),
                lambda: self.places.update({number: each[0] for number, each in drawn.items()}),
            )

        @rule(name=people, kind=kinds, minutes=st.sampled_from([0, 60, 300]), source=st.integers(1, 2))
        def promise(self, name, kind, minutes, source):
            account = ("coachee", world.enrolments[name].pk, kind)
            self.attempt(
                "promise",
                lambda: actions.promise(
                    enrolment=world.enrolments[name],
                    kind=kind,
                    minutes=minutes,
                    source_kind="extra",
                    source_id=source,
                    on=DAYS[0],
                    by=world.halina,
                    at=NOW,
                ),
                lambda: self.promised[account].update({source: minutes}),
            )

        @rule(name=people, kind=kinds, minutes=st.sampled_from([None, 0, 45, 120]), source=st.integers(1, 2))
        def release(self, name, kind, minutes, source):
            account = ("coachee", world.enrolments[name].pk, kind)
            promised, booked, used, released = self.sums(account)
            left, own = promised - booked - used - released, self.released[account].get(source, 0)
            self.attempt(
                "release",
                lambda: actions.release(
                    enrolment=world.enrolments[name],
                    kind=kind,
                    minutes=minutes,
                    source_kind="new_position",
                    source_id=source,
                    on=DAYS[0],
                    by=world.halina,
                    at=NOW,
                ),
                lambda: self.released[account].update({source: own + left if minutes is None else minutes}),
            )

        @rule(coach=coaches, kind=kinds, minutes=st.sampled_from([100, 600, 12_000]))
        def commission(self, coach, kind, minutes):
            account = ("coach", world.engagements[coach].pk, kind)
            self.attempt(
                "commission",
                lambda: actions.commission(
                    engagement=world.engagements[coach], minutes={kind: minutes}, by=world.halina, at=NOW
                ),
                lambda: self.promised.update({account: {"plan": minutes}}),
            )

        @rule(coach=coaches, quarter=quarters)
        def draft(self, coach, quarter):
            invoice = actions.draft_invoice(
                engagement=world.engagements[coach], quarter=quarter, by=world.people[coach], at=NOW
            )
            figures["steps"] += 1
            figures["draft"] += 1
            free = LedgerEntry.objects.filter(
                Q(invoiced=None) | Q(invoiced__line__invoice=invoice),
                coach_time__engagement=world.engagements[coach],
                movement="use",
                on__lte=invoice.quarter_ends_on,
            )
            wanted = {
                number: minutes
                for number, minutes in free.values_list("source_id").annotate(net=Sum("minutes"))
                if minutes
            }
            assert {line.source_id: line.minutes for line in queries.lines_of(invoice)} == wanted

        @rule(coach=coaches, checked=st.sampled_from([True, True, False]), quarter=quarters)
        def issue(self, coach, checked, quarter):
            invoice = Invoice.objects.filter(coach=world.people[coach], state="drafted").order_by("quarter").first()
            if invoice is None:
                self.draft(coach, quarter)
                invoice = Invoice.objects.get(coach=world.people[coach], state="drafted")
            figures["steps"] += 1
            self.number += 1
            digest = queries.digest_of(queries.lines_of(invoice)) if checked else "not looked at"
            try:
                actions.issue_invoice(
                    invoice=invoice, number=str(self.number), digest=digest, by=world.people[coach], at=NOW
                )
            except (actions.ChangedMeanwhile, actions.EmptyInvoice) as refused:
                figures[f"issue: {type(refused).__name__}"] += 1
            else:
                assert checked
                figures["issue"] += 1
                self.documents[invoice.pk] = self.document(invoice.pk)

        @rule(coach=coaches)
        def approve_and_settle(self, coach):
            invoice = Invoice.objects.filter(coach=world.people[coach], state="issued").first()
            if invoice is not None:
                figures["steps"] += 1
                figures["approve and settle"] += 1
                actions.approve_invoice(invoice=invoice, by=world.halina, at=NOW)
                actions.mark_settled(invoice=invoice, by=world.halina, at=NOW)

        def document(self, invoice_id):
            lines = InvoiceLine.objects.filter(invoice=invoice_id).order_by("position")
            gross = Invoice.objects.values_list("gross_minor", flat=True).get(pk=invoice_id)
            return list(lines.values_list("source_id", "on", "minutes", "amount_minor")), gross

        @invariant()
        def every_account_adds_up(self):
            entries = defaultdict(Counter)
            for entitlement, coach_time, movement, minutes in LedgerEntry.objects.values_list(
                "entitlement", "coach_time", "movement"
            ).annotate(net=Sum("minutes")):
                entries[entitlement, coach_time][movement] = minutes
            accounts = [
                (each, (each.pk, None))
                for each in Entitlement.objects.filter(enrolment__in=[world.enrolments[name] for name in COACHEES])
            ] + [
                (each, (None, each.pk))
                for each in CoachTime.objects.filter(engagement__in=[world.engagements[name] for name in COACHES])
            ]
            for account, key in accounts:
                stands = (account.promised, account.booked, account.used, account.released)
                assert stands == self.sums(self.name_of(account))
                assert stands == tuple(entries[key][each] for each in ("promise", "book", "use", "release"))
                assert account.used + account.booked + account.released + account.left == account.promised
                assert account.left >= 0
                figures["account checks"] += 1

        @invariant()
        def every_used_entry_is_on_one_line_at_most(self):
            on_lines = InvoicedEntry.objects.values_list("entry", flat=True)
            assert len(on_lines) == len(set(on_lines))
            summed = dict(InvoicedEntry.objects.values_list("line").annotate(net=Sum("entry__minutes")))
            lines = {line.pk: line for line in InvoiceLine.objects.all()}
            assert summed == {pk: line.minutes for pk, line in lines.items()}
            assert all(line.amount_minor == by_hand(line.minutes) for line in lines.values())
            totals = defaultdict(int)
            for line in lines.values():
                totals[line.invoice_id] += by_hand(line.minutes)
            assert {invoice.pk: invoice.gross_minor for invoice in Invoice.objects.all()} == {
                invoice.pk: totals[invoice.pk] for invoice in Invoice.objects.all()
            }
            figures["line checks"] += len(lines)

        @invariant()
        def what_was_issued_stands(self):
            for invoice_id, document in self.documents.items():
                assert self.document(invoice_id) == document

        @invariant()
        def what_was_delivered_is_invoiced_or_waits(self):
            for coach in COACHES:
                engagement = world.engagements[coach]
                used = CoachTime.objects.filter(engagement=engagement).aggregate(net=Sum("used"))["net"]
                invoiced = InvoiceLine.objects.filter(invoice__engagement=engagement).aggregate(net=Sum("minutes"))
                waits = LedgerEntry.objects.filter(
                    coach_time__engagement=engagement, movement="use", invoiced=None
                ).aggregate(net=Sum("minutes"))
                assert used == (invoiced["net"] or 0) + (waits["net"] or 0)

    return Ledger


@pytest.mark.slow
def test_minutes_and_money_add_up_under_any_sequence_of_actions(world, figure):
    for coach in COACHES:
        engagement = world.engagements[coach]
        actions.set_rate(
            engagement=engagement,
            minor_per_hour=PER_HOUR,
            currency="GBP",
            tax_basis_points=None,
            from_on=world.cohort.starts_on,
            by=world.halina,
            at=NOW,
        )
    figures, started = Counter(), time.monotonic()
    run_state_machine_as_test(
        machine(world, figures),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = ", ".join(f"{name} {count}" for name, count in sorted(figures.items()))
    figure(f"ledger machine, {time.monotonic() - started:.1f} s: {told}")
    assert figures["steps"] > EXAMPLES
