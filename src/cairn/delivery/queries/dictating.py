"""Whom a coach can date a one-to-one with, by name, and what it would be taken from."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat

from cairn.delivery.models import CoachingSession, Hold, PersonTime
from cairn.delivery.queries import free
from cairn.delivery.terms import SessionState
from cairn.ledger.models import Entitlement
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind

MOST_NAMED, MOST_TO_CHOOSE_FROM = 12, 300
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
    """The coachees of the reader whose name has all of these words, or the one with this id; at most twelve.

    Where the words are whole names of some, only those are meant: Emeka, not Chukwuemeka.
    """
    own = programme_queries.engagements_of(reader, at).values("pk")
    found = Enrolment.objects.filter(engagement__in=own, state__in=programme_rules.TAKING_PART)
    if enrolment_id is not None:
        found = found.filter(pk=enrolment_id)
    found = found.annotate(names=Concat(Value(" "), "person__name", Value(" "), "person__known_as", Value(" ")))
    whole = Q()
    for word in named.split():
        found = found.filter(names__icontains=word)
        whole &= Q(names__icontains=f" {word} ")
    is_whole = Case(When(whole, then=True), default=False, output_field=BooleanField()) if whole else Value(True)
    return _with_sessions(found.annotate(is_whole=is_whole))


def to_choose_from(reader: Person, at: dt.datetime) -> list[tuple[int, str, str]]:
    """The reader's coachees who have a one-to-one without a date: enrolment's id, name, cohort's name. One query."""
    own = programme_queries.engagements_of(reader, at).values("pk")
    found = Enrolment.objects.filter(engagement__in=own, state__in=programme_rules.TAKING_PART)
    found = found.filter(Exists(_waiting())).order_by("person__name", "pk")
    return list(found.values_list("pk", "person__name", "cohort__name")[:MOST_TO_CHOOSE_FROM])


def zones_of_lines(reader: Person, at: dt.datetime) -> tuple[str, ...]:
    """On which clocks the reader's lines are read: the zones of their cohorts."""
    own = programme_queries.engagements_of(reader, at)
    zones = own.filter(cohort__ends_on__gte=at.date()).order_by().values_list("cohort__time_zone", flat=True)
    return tuple(sorted(set(zones)))


def in_the_way(
    found: ToDictate, starts_at: dt.datetime, minutes: int, reader: Person, at: dt.datetime
) -> tuple[Literal["", "coach", "coachee", "held"], tuple[dt.datetime, ...]]:
    """Who is taken at a time for the session, as booking it would find, and the next free starts (UTC); "" for nobody.

    "held": another coachee is choosing that time just now.
    """
    session, coach = found.session, found.enrolment.engagement
    if session is None or coach is None:
        return "", ()
    people = {coach.person_id, found.enrolment.person_id}
    span = (starts_at, starts_at + dt.timedelta(minutes=minutes))
    other = PersonTime.objects.filter(person__in=people, during__overlap=span).exclude(session=session)
    busy = set(other.values_list("person", flat=True))
    held = Hold.objects.filter(coach__in=people, during__overlap=span, expires_at__gt=at)
    if busy:
        who: Literal["", "coach", "coachee", "held"] = "coach" if coach.person_id in busy else "coachee"
    elif held.exclude(session=session).exclude(by=reader).exists():
        who = "held"
    else:
        return "", ()
    cohort = found.enrolment.cohort
    starts = free.free_starts(
        people,
        after=starts_at,
        minutes=minutes,
        zone=session.time_zone,
        organisation_id=cohort.programme.organisation_id,
        until=cohort.ends_on,
        coach=coach.person_id,
        at=at,
    )
    return who, starts if starts_at > at else ()


def _waiting() -> QuerySet[CoachingSession]:
    """An enrolment's one-to-ones without a date, in order."""
    waiting = CoachingSession.objects.filter(enrolment=OuterRef("pk"), kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED)
    return waiting.order_by("position", "pk")


def _with_sessions(found: QuerySet[Any]) -> list[ToDictate]:
    left = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=Kind.ONE_TO_ONE).values(left=LEFT)
    annotated = found.select_related("person", "cohort__programme", "engagement__person").annotate(
        next_session=Subquery(_waiting().values("pk")[:1]), left=Subquery(left[:1])
    )
    several: list[Any] = list(annotated.order_by("-is_whole", "person__name", "pk")[:MOST_NAMED])
    rows = [row for row in several if row.is_whole] or several
    sessions = CoachingSession.objects.in_bulk([row.next_session for row in rows if row.next_session])
    return [ToDictate(row, sessions.get(row.next_session), row.left or 0) for row in rows]
