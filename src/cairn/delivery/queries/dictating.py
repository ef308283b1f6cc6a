"""Whom a coach can date a one-to-one with, by name, and what it would be taken from."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.ledger.models import Entitlement
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind

MOST_NAMED = 12
LEFT = F("promised") - F("booked") - F("used") - F("released")


@dataclass(frozen=True)
class ToDictate:
    """A coachee of the reader's, the next one-to-one without a date (None: every one has a date), and minutes left."""

    enrolment: Enrolment
    session: CoachingSession | None
    left: int

    @property
    def id(self) -> int:
        """The enrolment's id."""
        return self.enrolment.pk

    @property
    def name(self) -> str:
        """The coachee's name."""
        return self.enrolment.person.name

    @property
    def zone(self) -> str:
        """IANA name of the zone in which the session's time is agreed."""
        return self.session.time_zone if self.session else self.enrolment.cohort.time_zone


def to_dictate(reader: Person, at: dt.datetime, *, named: str = "", enrolment_id: int | None = None) -> list[ToDictate]:
    """The coachees of the reader whose name has all of these words, or the one with this id; at most twelve."""
    own = programme_queries.engagements_of(reader, at).values("pk")
    found = Enrolment.objects.filter(engagement__in=own, state__in=programme_rules.TAKING_PART)
    if enrolment_id is not None:
        found = found.filter(pk=enrolment_id)
    for word in named.split():
        found = found.filter(Q(person__name__icontains=word) | Q(person__known_as__icontains=word))
    return _with_sessions(found)


def _with_sessions(found: QuerySet[Enrolment]) -> list[ToDictate]:
    waiting = CoachingSession.objects.filter(
        enrolment=OuterRef("pk"), kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED
    ).order_by("position", "pk")
    left = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=Kind.ONE_TO_ONE).values(left=LEFT)
    annotated = found.select_related("person", "cohort__programme", "engagement__person").annotate(
        next_session=Subquery(waiting.values("pk")[:1]), left=Subquery(left[:1])
    )
    rows: list[Any] = list(annotated.order_by("person__name", "pk")[:MOST_NAMED])
    sessions = CoachingSession.objects.in_bulk([row.next_session for row in rows if row.next_session])
    return [ToDictate(row, sessions.get(row.next_session), row.left or 0) for row in rows]
