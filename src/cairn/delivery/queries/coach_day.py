"""A coach's day and one of their sessions, each page in a handful of queries that do not grow with its rows.

Everything that belongs to a session (marks, their history, apologies) comes with its row as JSON, and everybody the
coach works with comes once with their minutes and their seats.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from cairn.delivery.models import AttendanceChange, CoachingSession
from cairn.delivery.queries.seats import Seat, places_of, seats_of, with_people
from cairn.delivery.queries.sessions import MarkMade, SeenSession, session_for
from cairn.delivery.terms import SessionState
from cairn.ledger.models import Entitlement
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment
from cairn.programmes.terms import Kind

UNWRITTEN_DAYS = 92  # a quarter: what is still to be written up before its invoice
HALF_WRITTEN_DAYS = 14

Account = Mapping[str, Any]
SUMS = ("kind", "promised", "booked", "used", "released")


@dataclass(frozen=True)
class RollRow:
    """Somebody in a session as their coach sees them: seat, minutes of the session's kind, and earlier marks."""

    seat: Seat
    account: Account | None = None
    corrections: tuple[MarkMade, ...] = ()

    @property
    def id(self) -> int:
        """What marks are given by: the enrolment, or the engagement at a coach meeting."""
        return self.seat.enrolment_id or self.seat.engagement_id or 0

    @property
    def key(self) -> str:
        """The same as text, for the names of fields."""
        return str(self.id)


@dataclass(frozen=True)
class RolledSession(SeenSession):
    """A session with its roll: at a meeting of coaches the reader alone. `of` counts the sessions of its series."""

    roll: tuple[RollRow, ...] = field(default=())
    of: int = 0

    @property
    def is_marked(self) -> bool:
        """Whether nobody waits for a mark."""
        return all(row.seat.mark for row in self.roll)

    @property
    def version(self) -> int:
        """What a change has to know of."""
        return self.session.version

    def is_to_write_up(self, at: dt.datetime) -> bool:
        """Whether it has ended and somebody still waits for a mark."""
        ended = self.ends_at is not None and self.ends_at <= at and self.session.state != SessionState.CANCELLED
        return ended and (self.is_unmarked(at) or not self.is_marked)


@dataclass(frozen=True)
class ToDate:
    """A coachee with one-to-one sessions that have no date: how many, and the first of them."""

    enrolment_id: int
    name: str
    waiting: int
    session_id: int
    position: int
    minutes: int
    account: Account | None


@dataclass(frozen=True)
class CoachDay:
    """One day on the coach's own wall. What is not about the day itself is empty on any day but today."""

    day: dt.date
    is_today: bool
    sessions: tuple[RolledSession, ...]
    to_write_up: tuple[RolledSession, ...]
    to_date: tuple[ToDate, ...]
    meeting: RolledSession | None
    familiarise: tuple[CoachEngagement, ...]
    engagements: tuple[CoachEngagement, ...]
    next_starts_at: dt.datetime | None


def coach_day(reader: Person, day: dt.date, at: dt.datetime) -> CoachDay:
    """The sessions of a day with who is in them; today also what waits. Four queries."""
    today = at.astimezone(reader.zone).date()
    begins = dt.datetime.combine(day, dt.time(), tzinfo=reader.zone)
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=reader.zone)
    engagements = own_engagements(reader, ends, at)
    wanted = Q(starts_at__gte=begins, starts_at__lt=ends)
    if day == today:
        wanted |= _waiting(at) | Q(pk__in=[e.next_meeting for e in engagements if e.next_meeting])  # type: ignore[attr-defined]
    found = _with_history(own_sessions(engagements).filter(wanted)).order_by("starts_at", "pk")
    people = _people(engagements)
    rolled = _rolled(list(found), people, reader)
    of_day = tuple(s for s in rolled if s.starts_at is not None and begins <= s.starts_at < ends)
    later = [e.next_starts_at for e in engagements if e.next_starts_at is not None]  # type: ignore[attr-defined]
    is_today = day == today
    return CoachDay(
        day=day,
        is_today=is_today,
        sessions=of_day,
        to_write_up=tuple(s for s in rolled if is_today and s not in of_day and s.is_to_write_up(at)),
        to_date=_to_date(people) if is_today else (),
        meeting=next((s for s in rolled if s.starts_at is not None and s.starts_at >= ends), None),
        familiarise=tuple(e for e in engagements if is_today and _wants_familiarisation(e)),
        engagements=tuple(engagements),
        next_starts_at=min(later, default=None),
    )


def coach_session(reader: Person, session_id: int, at: dt.datetime) -> RolledSession:
    """One session of the reader's own as a coach, or a meeting of the coaches of their cohort; else NotFound."""
    seen = session_for(reader, session_id, at)
    if seen.part != "coach" or seen.session.kind == Kind.FAMILIARISATION:
        raise NotFound
    enrolments = [seat.enrolment_id for seat in seen.seats if seat.enrolment_id]
    sums = Entitlement.objects.filter(enrolment__in=enrolments).values("enrolment", *SUMS)
    accounts = {(row["enrolment"], row["kind"]): row for row in sums}
    changes = _changes_of(session_id) if seen.session.state == SessionState.HELD else []
    return RolledSession(seen.session, "coach", seen.seats, _roll(seen.seats, seen.session, accounts, changes, reader))


def coach_calendar(reader: Person, first: dt.date, last: dt.date, at: dt.datetime) -> list[SeenSession]:
    """Every session with a date from one day to another on the coach's own wall, also cancelled ones. Two queries.

    Nobody but a one-to-one session's coachee is named, so seats stay empty.
    """
    begins = dt.datetime.combine(first, dt.time(), tzinfo=reader.zone)
    ends = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), tzinfo=reader.zone)
    engagements = list(programme_queries.engagements_of(reader, at))
    found = own_sessions(engagements).filter(starts_at__gte=begins, starts_at__lt=ends)
    found = found.select_related("cohort", "engagement__person", "group", "enrolment__person")
    return [SeenSession(session, "coach") for session in found.order_by("starts_at", "pk")]


def owed_familiarisation(reader: Person, engagement_id: int, at: dt.datetime) -> CoachEngagement:
    """One of the reader's own accepted engagements in which familiarisation is still to be noted; else NotFound."""
    for engagement in own_engagements(reader, at, at):
        if engagement.pk == engagement_id and _wants_familiarisation(engagement):
            return engagement
    raise NotFound


def own_engagements(reader: Person, after: dt.datetime, at: dt.datetime) -> list[CoachEngagement]:
    """The reader's accepted engagements, each with `next_starts_at` after a moment, the id of the `next_meeting` of
    its coaches, and whether the coach `is_familiar` with the programme. One query."""
    booked = CoachingSession.objects.filter(starts_at__gte=after, state=SessionState.BOOKED).order_by("starts_at", "pk")
    held = CoachingSession.objects.filter(engagement=OuterRef("pk"), kind=Kind.FAMILIARISATION, state=SessionState.HELD)
    return list(
        programme_queries.engagements_of(reader, at).annotate(
            next_starts_at=Subquery(booked.filter(engagement=OuterRef("pk")).values("starts_at")[:1]),
            next_meeting=Subquery(booked.filter(cohort=OuterRef("cohort"), kind=Kind.COACH_MEETING).values("pk")[:1]),
            is_familiar=Exists(held),
        )
    )


def accounts_there() -> ArraySubquery:
    """The entitlements of an enrolment, as a list of their sums."""
    sums = {name: F(name) for name in SUMS}
    return ArraySubquery(Entitlement.objects.filter(enrolment=OuterRef("pk")).values(sums=JSONObject(**sums)))


def account_of(enrolment: Any, kind: str) -> Account | None:
    """One of the accounts that came with an enrolment."""
    return next((account for account in enrolment.accounts_there if account["kind"] == kind), None)


def own_sessions(engagements: Sequence[CoachEngagement]) -> QuerySet[CoachingSession]:
    """The sessions of these engagements, and the meetings of the coaches of their cohorts."""
    meetings = Q(kind=Kind.COACH_MEETING, cohort__in=[engagement.cohort_id for engagement in engagements])
    return CoachingSession.objects.filter(Q(engagement__in=[each.pk for each in engagements]) | meetings)


def _people(engagements: Sequence[CoachEngagement]) -> list[Any]:
    """Everybody these engagements coach, or who sat in one of their groups; minutes and undated sessions with them."""
    ids = [engagement.pk for engagement in engagements]
    undated = CoachingSession.objects.filter(
        enrolment=OuterRef("pk"), engagement__in=ids, kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED
    )
    waiting = undated.order_by("position", "pk").values(row=JSONObject(id="pk", position="position", minutes="minutes"))
    seated = Q(places__group__engagement__in=ids)
    found = Enrolment.objects.filter(Q(engagement__in=ids) | seated).distinct().select_related("person")
    return list(found.annotate(accounts_there=accounts_there(), waiting=ArraySubquery(waiting)))


def _with_history(sessions: QuerySet[CoachingSession]) -> QuerySet[CoachingSession]:
    """With everybody in them, every mark ever made, and how many sessions their series has."""
    change = JSONObject(
        enrolment="attendance__enrolment", engagement="attendance__engagement", mark="mark", by="by__name", at="at"
    )
    changes = AttendanceChange.objects.filter(attendance__session=OuterRef("pk")).order_by("at", "pk")
    return with_people(sessions).annotate(
        changes_there=ArraySubquery(changes.values(row=change)),
        one_to_ones=_series(enrolment=OuterRef("enrolment")),
        group_sessions=_series(group=OuterRef("group")),
    )


def _series(**whose: OuterRef) -> Subquery:
    """How many sessions of this series were not cancelled."""
    rows = CoachingSession.objects.filter(**whose).exclude(state=SessionState.CANCELLED).order_by()
    [name] = whose
    return Subquery(rows.values(name).annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def _waiting(at: dt.datetime) -> Q:
    """Sessions that have ended and may still have to be written up."""
    never = Q(state=SessionState.BOOKED, starts_at__gte=at - dt.timedelta(days=UNWRITTEN_DAYS))
    many = Q(state=SessionState.HELD, kind__in=(Kind.GROUP, Kind.COACH_MEETING))
    half = many & Q(starts_at__gte=at - dt.timedelta(days=HALF_WRITTEN_DAYS))
    return Q(ends_at__lte=at) & (never | half)


def _rolled(sessions: Sequence[Any], people: Sequence[Any], reader: Person) -> list[RolledSession]:
    places = places_of(sessions)
    accounts = {(each.pk, row["kind"]): row for each in people for row in each.accounts_there}
    rolled = []
    for session in sessions:
        seats = seats_of(session, places)
        changes = [(row["enrolment"] or row["engagement"], _made(row)) for row in session.changes_there]
        roll = _roll(seats, session, accounts, changes, reader)
        rolled.append(
            RolledSession(session, "coach", seats, roll, of=session.one_to_ones or session.group_sessions or 0)
        )
    return rolled


def _changes_of(session_id: int) -> list[tuple[int, MarkMade]]:
    """Every mark made in a session, oldest first, by whose it is."""
    changes = AttendanceChange.objects.filter(attendance__session=session_id).order_by("at", "pk")
    rows = changes.values_list("attendance__enrolment", "attendance__engagement", "mark", "by__name", "at")
    return [(enrolment or engagement or 0, MarkMade("", mark, by, at)) for enrolment, engagement, mark, by, at in rows]


def _made(row: dict[str, Any]) -> MarkMade:
    return MarkMade("", row["mark"], row["by"], dt.datetime.fromisoformat(row["at"]))


def _roll(
    seats: Sequence[Seat],
    session: CoachingSession,
    accounts: Mapping[tuple[int, str], Account],
    changes: Sequence[tuple[int, MarkMade]],
    reader: Person,
) -> tuple[RollRow, ...]:
    """Coachees with their minutes; at a meeting of coaches the reader's own seat."""
    rows = []
    for seat in seats:
        if seat.enrolment_id is None and seat.person_id != reader.pk:
            continue
        own = tuple(
            replace(made, name=seat.name) for who, made in changes if who == (seat.enrolment_id or seat.engagement_id)
        )
        account = accounts.get((seat.enrolment_id or 0, session.kind))
        rows.append(RollRow(seat, account, own if len(own) > 1 else ()))
    return tuple(rows)


def _to_date(people: Any) -> tuple[ToDate, ...]:
    """Whoever still takes part and waits for a date, those with most to date first."""
    waiting = [each for each in people if each.waiting and each.state in programme_rules.TAKING_PART]
    waiting.sort(key=lambda each: (-len(each.waiting), each.person.name.casefold()))
    return tuple(
        ToDate(
            each.pk,
            each.person.name,
            len(each.waiting),
            each.waiting[0]["id"],
            each.waiting[0]["position"],
            each.waiting[0]["minutes"],
            account_of(each, Kind.ONE_TO_ONE),
        )
        for each in waiting
    )


def _wants_familiarisation(engagement: Any) -> bool:
    return bool(
        engagement.needs_familiarisation and engagement.cohort.familiarisation_minutes and not engagement.is_familiar
    )
