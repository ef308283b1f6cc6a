"""What must be true of minutes and money is held by the database: each named constraint, allowed and refused."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from cairn.ledger.models import CoachTime, Entitlement, Invoice, InvoicedEntry, InvoiceLine, LedgerEntry, Rate

DAY = dt.date(2026, 10, 5)
AT = dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC)


def one_to_one(world):
    return Entitlement.objects.get(enrolment=world.enrolments["thandiwe"], kind="one_to_one")


def coach_time(world):
    return CoachTime.objects.get(engagement=world.engagements["ioana"], kind="one_to_one")


def entry(**fields):
    given = {"movement": "use", "minutes": 60, "on": DAY, "source_kind": "session", "source_id": 1, "revision": 1}
    return LedgerEntry.objects.create(**{**given, "at": AT, **fields})


def invoice(world, **fields):
    given = {
        "engagement": world.engagements["ioana"],
        "coach": world.ioana,
        "quarter": 1,
        "quarter_starts_on": dt.date(2026, 9, 7),
        "quarter_ends_on": dt.date(2026, 12, 6),
        "currency": "GBP",
        "drafted_at": AT,
    }
    return Invoice.objects.create(**{**given, **fields})


def line(of, **fields):
    given = {"position": 1, "kind": "one_to_one", "source_kind": "session", "source_id": 1, "on": DAY, "minutes": 60}
    return InvoiceLine.objects.create(invoice=of, **{**given, "minor_per_hour": 6000, "amount_minor": 6000, **fields})


def twice(make, first, second):
    make(**first)
    return make(**second)


TABLE = {
    "one_entitlement_per_kind": (
        lambda w: Entitlement.objects.create(enrolment=_new_enrolment(w), kind="group"),
        lambda w: Entitlement.objects.create(enrolment=w.enrolments["thandiwe"], kind="group"),
    ),
    "entitlement_kinds": (
        lambda w: Entitlement.objects.create(enrolment=_new_enrolment(w), kind="one_to_one"),
        lambda w: Entitlement.objects.create(enrolment=_new_enrolment(w), kind="topic"),
    ),
    "entitlement_sums_hold": (
        lambda w: entry(entitlement=one_to_one(w), minutes=210),
        lambda w: entry(entitlement=one_to_one(w), minutes=211),
    ),
    "coach_time_sums_hold": (
        lambda w: entry(coach_time=coach_time(w), minutes=12_000),
        lambda w: entry(coach_time=coach_time(w), minutes=-1),
    ),
    "one_coach_time_per_kind": (
        lambda w: CoachTime.objects.create(engagement=w.engagements["ioana"], kind="topic"),
        lambda w: CoachTime.objects.create(engagement=w.engagements["ioana"], kind="group"),
    ),
    "entry_is_in_one_book": (
        lambda w: entry(entitlement=one_to_one(w)),
        lambda w: entry(entitlement=one_to_one(w), coach_time=coach_time(w)),
    ),
    "entry_moves_something": (
        lambda w: entry(entitlement=one_to_one(w), minutes=1),
        lambda w: entry(entitlement=one_to_one(w), minutes=0),
    ),
    "entitlement_entry_once": (
        lambda w: twice(entry, {"entitlement": one_to_one(w)}, {"entitlement": one_to_one(w), "revision": 2}),
        lambda w: twice(entry, {"entitlement": one_to_one(w)}, {"entitlement": one_to_one(w)}),
    ),
    "coach_time_entry_once": (
        lambda w: twice(entry, {"coach_time": coach_time(w)}, {"coach_time": coach_time(w), "source_id": 2}),
        lambda w: twice(entry, {"coach_time": coach_time(w)}, {"coach_time": coach_time(w)}),
    ),
    "one_rate_per_day": (
        lambda w: _rate(w, dt.date(2027, 1, 1)),
        lambda w: _rate(w, w.cohort.starts_on),
    ),
    "one_draft_per_quarter": (
        lambda w: twice(lambda **f: invoice(w, **f), {}, {"quarter": 2}),
        lambda w: twice(lambda **f: invoice(w, **f), {}, {}),
    ),
    "one_invoice_per_coach_and_number": (
        lambda w: twice(lambda **f: invoice(w, state="issued", **f), {"number": "1"}, {"number": "2"}),
        lambda w: twice(lambda **f: invoice(w, state="issued", **f), {"number": "1"}, {"number": "1"}),
    ),
    "issued_invoice_has_a_number": (
        lambda w: invoice(w, state="issued", number="1"),
        lambda w: invoice(w, state="issued"),
    ),
    "queried_invoice_says_what": (
        lambda w: invoice(w, state="queried", number="1", query="Why?"),
        lambda w: invoice(w, state="queried", number="1"),
    ),
    "invoice_adds_up": (
        lambda w: invoice(w, net_minor=100, tax_minor=20, gross_minor=120),
        lambda w: invoice(w, net_minor=100, tax_minor=20, gross_minor=121),
    ),
    "one_line_per_position": (
        lambda w: twice(line, {"of": (i := invoice(w))}, {"of": i, "position": 2, "source_id": 2}),
        lambda w: twice(line, {"of": (i := invoice(w))}, {"of": i, "source_id": 2}),
    ),
    "one_line_per_source_here": (
        lambda w: twice(line, {"of": (i := invoice(w))}, {"of": i, "position": 2, "on": dt.date(2026, 10, 6)}),
        lambda w: twice(line, {"of": (i := invoice(w))}, {"of": i, "position": 2}),
    ),
}


def _new_enrolment(world):
    from cairn.programmes.models import Enrolment

    return Enrolment.objects.create(
        cohort=world.cohort, person=world.people["ada"], institution=world.host, enrolled_at=AT
    )


def _rate(world, from_on):
    return Rate.objects.create(engagement=world.engagements["ioana"], from_on=from_on, minor_per_hour=1, currency="GBP")


@pytest.mark.parametrize("name", TABLE)
def test_what_the_constraint_allows_is_written(world, name):
    assert TABLE[name][0](world).pk


@pytest.mark.parametrize("name", TABLE)
def test_what_the_constraint_refuses_is_refused_by_name(world, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        TABLE[name][1](world)


def test_every_named_constraint_of_the_ledger_is_tried_from_both_sides():
    named = {
        constraint.name
        for model in apps.get_app_config("ledger").get_models()
        for constraint in model._meta.constraints
    }
    assert named == set(TABLE)


def test_entries_are_neither_changed_nor_deleted(world):
    made = entry(entitlement=one_to_one(world))
    for change in (lambda q: q.update(minutes=1), lambda q: q._raw_delete("default")):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change(LedgerEntry.objects.filter(pk=made.pk))


def test_an_entry_stands_on_one_line_ever(world):
    made = entry(coach_time=coach_time(world))
    first, second = invoice(world), invoice(world, quarter=2)
    InvoicedEntry.objects.create(line=line(first), entry=made)
    with pytest.raises(IntegrityError, match="entry_id"), transaction.atomic():
        InvoicedEntry.objects.create(line=line(second), entry=made)


def test_the_lines_of_an_issued_invoice_stand(world):
    made = invoice(world)
    own = line(made)
    InvoicedEntry.objects.create(line=own, entry=entry(coach_time=coach_time(world)))
    Invoice.objects.filter(pk=made.pk).update(state="issued", number="1")
    for change in (
        lambda: InvoiceLine.objects.filter(pk=own.pk).update(minutes=1),
        lambda: InvoicedEntry.objects.filter(line=own)._raw_delete("default"),
        lambda: line(made, position=2, source_id=2),
    ):
        with pytest.raises(IntegrityError, match="lines of an issued invoice stand"), transaction.atomic():
            change()
