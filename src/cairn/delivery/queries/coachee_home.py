"""A coachee's own pages: what comes next, what is left, what was. Only ever the reader's own; nobody else is named
but their coach."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from cairn.delivery.models import Availability, CoachingSession
from cairn.delivery.queries import cancelled
from cairn.delivery.queries.coach_day import Account, account_of, accounts_there
from cairn.delivery.queries.polls import PollLine, asked_of_enrolment, lines_of
from cairn.delivery.queries.self_booking import Obstacle, Waiting, cut_off_hours, waiting_of, waiting_there
from cairn.delivery.queries.sessions import Own, SeenSession, coachee_sessions, seated_there, session_for, upcoming_of
from cairn.delivery.terms import FOR_THE_COHORT, Mode, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import GroupPlace, GroupSlot, MoveRequest, SlotChoice
from cairn.programmes.terms import Kind, MoveState

COMING = 5


@dataclass(frozen=True)
class OwnSession(SeenSession):
    """A session of the reader's own: until when apologies are in time, what late ones cost, when the link is shown."""

    @property
    def mark(self) -> str:
        """The own mark, or ""."""
        return self.mine.mark if self.mine else ""

    @property
    def apology(self) -> str:
        """Apologies as "in_time", "late" or ""."""
        return self.mine.apology if self.mine else ""

    @property
    def apologies_until(self) -> dt.datetime | None:
        """Until when apologies cost nothing."""
        hours = dt.timedelta(hours=self.session.cohort.apologies_hours)
        return self.starts_at - hours if self.starts_at else None

    @property
    def late_costs(self) -> int:
        """Minutes that late apologies use up."""
        uses = self.session.cohort.late_cancelled_uses_minutes and self.session.kind not in FOR_THE_COHORT
        return self.session.minutes if uses else 0

    @property
    def was_cancelled_late(self) -> bool:
        """Whether the coachee cancelled it too late; "in_time" among apologies means that the coach forgave it."""
        return self.session.state == SessionState.CANCELLED and bool(self.apology)

    def is_own(self, at: dt.datetime) -> bool:
        """Whether its coachee can still cancel it alone, and move it unless there is an `obstacle`."""
        return self.session.kind == Kind.ONE_TO_ONE and self.may_apologise(at) and not self.apology

    def obstacle(self, at: dt.datetime) -> Obstacle:
        """Why its coachee cannot give it another time alone; "" where they can. As the page of times says it."""
        coach, session = self.session.engagement, self.session
        if coach is None or coach.state not in programme_rules.AT_WORK:
            return "no_coach"
        if not session.keeps_hours:  # type: ignore[attr-defined]
            return "no_hours"
        hours = cut_off_hours(session.cohort, session.cut_off_hours)  # type: ignore[attr-defined]
        return "too_late" if self.starts_at and self.starts_at - dt.timedelta(hours=hours) <= at else ""

    def may_apologise(self, at: dt.datetime) -> bool:
        """Whether it can still be said that one cannot come, or can after all."""
        if self.session.kind in FOR_THE_COHORT:  # a place is given back instead
            return False
        return self.session.state == SessionState.BOOKED and self.starts_at is not None and at < self.starts_at

    def link(self, at: dt.datetime) -> str:
        """Link or number from 15 minutes before it begins to its end, and not after apologies; else empty."""
        return "" if self.apology else self.join_link(at)

    def opens_later(self, at: dt.datetime) -> dt.datetime | None:
        """When the link will be shown, while it is not yet; never of a session that does not take place."""
        opens_at = self.opens_at() if self.session.state != SessionState.CANCELLED else None
        waits = opens_at is not None and at < opens_at and self.session.mode != Mode.IN_PERSON and not self.apology
        return opens_at if waits and self.session.where else None


@dataclass(frozen=True)
class OwnEnrolment:
    """One enrolment of the reader's own: minutes by kind, coach, group, how many sessions have no date.

    `has_offers`: something for the whole cohort lies ahead. `move_waits`: another group was asked for;
    `move_from_on`: from when it was approved, while that day is to come.

    `waiting` are the one-to-ones without a date, for which times can be chosen where the coach offers any (`books`).

    `lost` is the session that somebody else cancelled last, while it waits for another date.

    `chooses` while it can be said which of the published times suit, until `chooses_until` in `zone`.
    """

    id: int
    cohort: str
    cohort_id: int
    programme: str
    wellbeing: str
    coach: str
    group: int | None
    group_coach: str
    one_to_one: Account | None
    group_minutes: Account | None
    undated: int
    chooses: bool
    chooses_until: dt.datetime | None
    has_chosen: bool
    zone: str
    has_styles: bool
    has_offers: bool = False
    move_waits: bool = False
    move_from_on: dt.date | None = None
    polls: tuple[PollLine, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    books: bool = False
    lost: cancelled.LostDate | None = None


@dataclass(frozen=True)
class CoacheeHome:
    """What comes next, and how things stand in each enrolment."""

    next: OwnSession | None
    coming: tuple[OwnSession, ...]
    enrolments: tuple[OwnEnrolment, ...]

    @property
    def has_offers(self) -> bool:
        """Whether there is something for everybody in one of the cohorts."""
        return any(each.has_offers for each in self.enrolments)

    @property
    def wellbeing(self) -> tuple[tuple[str, str], ...]:
        """Who helps when coaching is not enough: (programme, contacts), each programme once."""
        return tuple({each.programme: (each.programme, each.wellbeing) for each in self.enrolments}.values())


def coachee_home(reader: Person, at: dt.datetime) -> CoacheeHome:
    """The reader's own next sessions and enrolments, in two queries."""
    enrolments = _enrolments(reader, at)
    own = [Own(each.pk, group, each.seated) for each in enrolments for group in each.groups or [None]]
    coming = _own(upcoming_of(reader, own, at))
    return CoacheeHome(
        next=coming[0] if coming else None,
        coming=tuple(coming[1 : COMING + 1]),
        enrolments=tuple(_enrolment(each, reader, at) for each in enrolments),
    )


def own_sessions_of_coachee(
    reader: Person, at: dt.datetime
) -> tuple[list[OwnSession], list[OwnSession], list[OwnSession]]:
    """What is to come, soonest first; what was, newest first; what waits for a date."""
    found = coachee_sessions(reader, at)
    return _own(found.upcoming), _own(found.past), _own(found.undated)


def own_session(reader: Person, session_id: int, at: dt.datetime) -> OwnSession:
    """One session in which the reader is as a coachee, with or without a date; else NotFound."""
    seen = session_for(reader, session_id, at)
    if seen.part != "coachee":
        raise NotFound
    return _own([seen])[0]


def _own(sessions: Iterable[SeenSession]) -> list[OwnSession]:
    return [OwnSession(seen.session, seen.part, seen.seats) for seen in sessions]


def _enrolments(reader: Person, at: dt.datetime) -> list[Any]:
    """The reader's own, in which they still take part, with minutes, group and what waits for a date."""
    today = at.date()
    place = GroupPlace.objects.filter(Q(to_on=None) | Q(to_on__gt=today), enrolment=OuterRef("pk")).order_by("from_on")
    times = GroupSlot.objects.filter(cohort=OuterRef("cohort"), withdrawn_at=None)
    said = SlotChoice.objects.filter(enrolment=OuterRef("pk"), slot__withdrawn_at=None)
    undated = CoachingSession.objects.filter(
        enrolment=OuterRef("pk"), kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED
    ).order_by()
    asked = MoveRequest.objects.filter(enrolment=OuterRef("pk"))
    lies_ahead = Q(kind__in=FOR_THE_COHORT, state=SessionState.BOOKED, starts_at__gt=at)
    was_celebrated = Q(kind=Kind.CELEBRATION, starts_at__lte=at)  # what coaches wish stays to be read
    offers = CoachingSession.objects.filter(lies_ahead | was_celebrated, cohort=OuterRef("cohort"))
    approved = asked.filter(state=MoveState.APPROVED, from_on__gt=today).order_by("from_on")
    return list(
        programme_queries.enrolments_of(reader, at).annotate(
            move_waits=Exists(asked.filter(state=MoveState.WAITING)),
            move_from_on=Subquery(approved.values("from_on")[:1]),
            accounts_there=accounts_there(),
            polls=asked_of_enrolment(at),
            groups=ArraySubquery(GroupPlace.objects.filter(enrolment=OuterRef("pk")).values("group")),
            group_number=Subquery(place.values("group__number")[:1]),
            group_coach=Subquery(place.values("group__engagement__person__name")[:1]),
            has_times=Exists(times),
            seated=seated_there(),
            has_offers=Exists(offers),
            has_chosen=Exists(said),
            undated=Subquery(undated.values("enrolment").annotate(n=Count("pk")).values("n")),
            waiting=waiting_there(CoachingSession.objects.filter(enrolment=OuterRef("pk"))),
            lost=Subquery(cancelled.lost_dates(undated).values("lost")[:1]),
            books=Exists(Availability.objects.filter(person=OuterRef("engagement__person"), is_open=True)),
        )
    )


def _enrolment(each: Any, reader: Person, at: dt.datetime) -> OwnEnrolment:
    lost = cancelled.read(reader, each.lost)
    return OwnEnrolment(
        id=each.pk,
        cohort=each.cohort.name,
        cohort_id=each.cohort_id,
        programme=each.cohort.programme.name,
        wellbeing=each.cohort.programme.wellbeing_contacts,
        coach=each.engagement.person.name if each.engagement else "",
        group=each.group_number,
        group_coach=each.group_coach or "",
        one_to_one=account_of(each, Kind.ONE_TO_ONE),
        group_minutes=account_of(each, Kind.GROUP),
        undated=each.undated or 0,
        waiting=waiting_of(each.waiting),
        books=each.books,
        lost=lost if lost is not None and lost.who != "you" else None,
        has_offers=each.has_offers,
        move_waits=each.move_waits,
        move_from_on=each.move_from_on,
        chooses=each.has_times and programme_rules.may_choose(reader, each, at),
        chooses_until=each.cohort.choices_close_at,
        has_chosen=each.has_chosen,
        zone=each.cohort.time_zone,
        has_styles=bool(each.cohort.coaching_styles),
        polls=tuple(lines_of(each.polls)),
    )
