"""The checks that follow a crash see what they are there to see: each planted fault is named."""

import random

import pytest
from django.db import connection

from cairn.delivery import actions as delivery
from cairn.delivery.models import CoachingSession
from cairn.ledger import actions as ledger
from cairn.ledger import queries
from cairn.programmes.models import CoachEngagement
from tests.faults import books, scene, writing

FAULTS = {
    "a sum that no entry explains": (
        "UPDATE ledger_coachtime SET used = used + 1, promised = promised + 1 WHERE used > 0",
        "used",
    ),
    "an entry that is gone": (
        "DELETE FROM ledger_ledgerentry WHERE id = (SELECT max(id) FROM ledger_ledgerentry WHERE movement = 'use'"
        " AND entitlement_id IS NOT NULL)",
        "entries say",
    ),
    "a mark without its minutes": (
        "UPDATE delivery_attendance SET mark = CASE mark WHEN 'excused' THEN 'attended' ELSE 'excused' END",
        "its marks say",
    ),
    "an invoice that does not add up": (
        "UPDATE ledger_invoice SET net_minor = net_minor + 1, gross_minor = gross_minor + 1",
        "its lines say",
    ),
    "a line that is not its entries": ("UPDATE ledger_invoiceline SET minutes = minutes + 1", "its entries say"),
    "a mail without a job": ("DELETE FROM procrastinate_jobs", "waiting, 0 jobs"),
    "a job without a mail": ("DELETE FROM foundation_mailmessage", "not there, 1 jobs"),
    "an issue that nobody was told of": (
        "DELETE FROM foundation_auditentry WHERE action = 'issue_invoice'",
        "not one each",
    ),
}


@pytest.fixture
def written(db):
    """Two sessions marked, one invoice issued."""
    engagement = CoachEngagement.objects.select_related("person", "cohort").get(pk=scene.build(2)[0])
    chance, coach = random.Random(3), engagement.person
    for session in CoachingSession.objects.filter(engagement=engagement, group__isnull=False):
        people = session.group.places.values_list("enrolment", flat=True)
        marks = {who: chance.choice(["attended", "missed"]) for who in people}
        delivery.record_attendance(session=session, marks=marks, by=coach, at=writing.AT)
    draft = ledger.draft_invoice(engagement=engagement, quarter=1, by=coach, at=writing.AT)
    digest = queries.digest_of(queries.lines_of(draft))
    ledger.issue_invoice(invoice=draft, number="1", digest=digest, by=coach, at=writing.AT)


def test_what_the_product_wrote_is_whole(written):
    assert books.problems() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen(written, fault):
    statement, named = FAULTS[fault]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ledger_ledgerentry", "ledger_invoiceline", "foundation_auditentry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)

    assert any(named in problem for problem in books.problems())
