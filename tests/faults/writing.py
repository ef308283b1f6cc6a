"""What goes on while things are killed: coaches mark attendance, correct it, draft invoices and issue them.

Every step is noted in a journal before it is taken and after it was acknowledged; what was acknowledged must never be
lost. The journal is a file of its own, written past all buffers of this process.
"""

import datetime as dt
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError

from cairn.delivery import actions as delivery
from cairn.delivery.models import CoachingSession
from cairn.ledger import actions as ledger
from cairn.ledger import queries
from cairn.ledger.models import Invoice
from cairn.programmes.models import CoachEngagement

AT = dt.datetime(2027, 3, 8, 9, tzinfo=dt.UTC)  # two quarters of the cohort are over
MARKS = ("attended", "excused", "late_cancelled", "missed")
REFUSALS = (ledger.EmptyInvoice, ledger.ChangedMeanwhile, ledger.MovedOn)
GONE = (OperationalError, InterfaceError)  # the database went away under us


@dataclass
class Journal:
    """One line for a step begun, one for a step acknowledged."""

    path: Path

    def __post_init__(self) -> None:
        self.handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, what: str, **facts: Any) -> None:
        """Write a line at once."""
        os.write(self.handle, (json.dumps({"what": what, **facts}) + "\n").encode())


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal; one cut off by a kill was never written whole and counts as not written."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def write(engagement_id: int, journal: Journal, seed: int) -> None:
    """Take steps until killed, or until the database is gone."""
    chance = random.Random(seed)
    engagement = CoachEngagement.objects.select_related("cohort__programme", "person").get(pk=engagement_id)
    sessions = list(CoachingSession.objects.filter(engagement=engagement, state__in=["booked", "held"]).order_by("pk"))
    number = 0
    while True:
        number += 1
        at = AT + dt.timedelta(seconds=seed % 10_000, milliseconds=number)
        try:
            if chance.random() < 0.7:
                _mark(chance.choice(sessions), journal, chance, by=engagement.person, at=at)
            else:
                _invoice(engagement, journal, chance, number=f"{seed}-{number}", at=at)
        except GONE:
            return
        except Exception as error:
            journal.note("bug", error=repr(error))
            return


def _mark(session: CoachingSession, journal: Journal, chance: random.Random, *, by: Any, at: dt.datetime) -> None:
    if session.enrolment_id:
        people = [session.enrolment_id]
    else:
        people = list(session.group.places.order_by("pk").values_list("enrolment", flat=True))
    chosen = chance.sample(people, chance.randint(1, len(people)))
    marks = {str(who): chance.choice(MARKS) for who in chosen}
    journal.note("begin", step="mark", session=session.pk, marks=marks)
    delivery.record_attendance(session=session, marks={int(who): mark for who, mark in marks.items()}, by=by, at=at)
    journal.note("done", step="mark", session=session.pk, marks=marks)


def _invoice(engagement: CoachEngagement, journal: Journal, chance: random.Random, *, number: str, at: Any) -> None:
    quarter = chance.choice((1, 2))
    journal.note("begin", step="draft", engagement=engagement.pk, quarter=quarter)
    drafted = ledger.draft_invoice(engagement=engagement, quarter=quarter, by=engagement.person, at=at)
    journal.note("done", step="draft", invoice=drafted.pk, engagement=engagement.pk, quarter=quarter)
    _issue(drafted, journal, number=number, by=engagement.person, at=at)


def _issue(drafted: Invoice, journal: Journal, *, number: str, by: Any, at: dt.datetime) -> None:
    lines = queries.lines_of(drafted)
    journal.note("begin", step="issue", invoice=drafted.pk, number=number)
    try:
        ledger.issue_invoice(invoice=drafted, number=number, digest=queries.digest_of(lines), by=by, at=at)
    except REFUSALS as refusal:
        journal.note("refused", step="issue", invoice=drafted.pk, why=type(refusal).__name__)
    else:
        journal.note("done", step="issue", invoice=drafted.pk, number=number)
