"""What must be true is a named constraint of the database, and each is tried from both sides: allowed and refused."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from cairn.delivery.models import Attendance, AttendanceChange
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.journey.models import Reading
from cairn.ledger.models import CoachTime, Entitlement, Invoice, InvoicedEntry, InvoiceLine, LedgerEntry
from cairn.people.models import Consent
from tests.cast import AT
from tests.house import (
    constraints_adjustments,
    constraints_api,
    constraints_availability,
    constraints_booking,
    constraints_busy,
    constraints_calendars,
    constraints_choosing,
    constraints_delivery,
    constraints_exercises,
    constraints_goals,
    constraints_journal,
    constraints_journey,
    constraints_library,
    constraints_meetings,
    constraints_moves,
    constraints_people,
    constraints_polls,
    constraints_portrait,
    constraints_programmes,
    constraints_walking,
)
from tests.ledger import test_constraints as of_the_ledger

HERE = (
    constraints_adjustments.TABLE
    | constraints_api.TABLE
    | constraints_availability.TABLE
    | constraints_booking.TABLE
    | constraints_busy.TABLE
    | constraints_calendars.TABLE
    | constraints_choosing.TABLE
    | constraints_delivery.TABLE
    | constraints_goals.TABLE
    | constraints_library.TABLE
    | constraints_meetings.TABLE
    | constraints_exercises.TABLE
    | constraints_journal.TABLE
    | constraints_journey.TABLE
    | constraints_moves.TABLE
    | constraints_people.TABLE
    | constraints_polls.TABLE
    | constraints_portrait.TABLE
    | constraints_programmes.TABLE
    | constraints_walking.TABLE
)


@pytest.mark.parametrize("name", HERE)
def test_what_the_constraint_allows_is_written(world, name):
    assert HERE[name][0](world).pk


@pytest.mark.parametrize("name", HERE)
def test_what_the_constraint_refuses_is_refused_by_name(world, name):
    with pytest.raises(IntegrityError, match=rf'"{name}"'), transaction.atomic():
        HERE[name][1](world)


def test_every_named_constraint_is_tried_from_both_sides():
    named = {
        constraint.name
        for config in apps.get_app_configs()
        if config.name.startswith("cairn.")
        for model in config.get_models()
        for constraint in model._meta.constraints
    }
    assert named == HERE.keys() | of_the_ledger.TABLE.keys()


def _entry(world, **fields):
    account = CoachTime.objects.get(engagement=world.engagements["ioana"], kind="one_to_one")
    return of_the_ledger.entry(coach_time=account, **fields)


def _change(world):
    session = constraints_delivery._session(world)
    mark = Attendance.objects.create(
        session=session, enrolment=world.enrolments["part"], mark="missed", marked_by=world.ioana, marked_at=AT
    )
    return AttendanceChange.objects.create(attendance=mark, mark="missed", by=world.ioana, at=AT)


def _consent(world):
    given = {"person": world.part, "organisation": world.eastmere, "purpose": "mixing", "wording_version": "1"}
    return Consent.objects.create(given=True, at=AT, **given)


def _audited(world):
    audit.record(action="looked", subject_kind="person", by=world.halina, at=AT)
    return AuditEntry.objects.latest("pk")


def _reading(world):
    return Reading.objects.create(person=world.thandiwe, reader=world.ioana, kind="entry", item_id=1, at=AT)


def _line(world, issued=False):
    made = of_the_ledger.invoice(world)
    line = of_the_ledger.line(made)
    InvoicedEntry.objects.create(line=line, entry=_entry(world))
    if issued:
        Invoice.objects.filter(pk=made.pk).update(state="issued", number="1")
    return line


def _overdraw(world):
    account = Entitlement.objects.get(enrolment=world.enrolments["part"], kind="group")
    return of_the_ledger.entry(entitlement=account, minutes=account.left + 1)


def _same(made):
    """Write a row again as it is: even that is a change."""
    type(made).objects.filter(pk=made.pk).update(at=made.at)


TRIGGERS = {
    ("append_only", "foundation_auditentry"): (_audited, lambda w: _same(_audited(w))),
    ("append_only", "ledger_ledgerentry"): (_entry, lambda w: _entry(w) and LedgerEntry.objects.update(at=AT)),
    ("append_only", "delivery_attendancechange"): (_change, lambda w: _same(_change(w))),
    ("append_only", "people_consent"): (_consent, lambda w: _same(_consent(w))),
    ("readings_stay", "journey_reading"): (_reading, lambda w: _same(_reading(w))),
    ("follow_entry", "ledger_ledgerentry"): (_entry, _overdraw),
    ("lines_stand", "ledger_invoiceline"): (
        _line,
        lambda w: InvoiceLine.objects.filter(pk=_line(w, issued=True).pk).update(on=dt.date(2027, 1, 1)),
    ),
    ("lines_stand", "ledger_invoicedentry"): (
        _line,
        lambda w: InvoicedEntry.objects.filter(line=_line(w, issued=True))._raw_delete("default"),
    ),
}
SAYS = {
    "append_only": "is append-only",
    "readings_stay": "only an author who erases everything",
    "follow_entry": "entitlement_sums_hold",
    "lines_stand": "the lines of an issued invoice stand",
}


@pytest.mark.parametrize(("trigger", "table"), TRIGGERS)
def test_what_the_trigger_allows_is_written(world, trigger, table):
    assert TRIGGERS[trigger, table][0](world).pk


@pytest.mark.parametrize(("trigger", "table"), TRIGGERS)
def test_what_the_trigger_refuses_is_refused_in_its_words(world, trigger, table):
    with pytest.raises(IntegrityError, match=SAYS[trigger]), transaction.atomic():
        TRIGGERS[trigger, table][1](world)


def test_every_trigger_is_tried_from_both_sides(db):
    tables = [
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name.startswith("cairn.")
        for model in config.get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relname = ANY(%s)",
            [tables],
        )
        assert set(cursor.fetchall()) == TRIGGERS.keys()
