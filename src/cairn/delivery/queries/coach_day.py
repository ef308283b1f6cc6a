"""A coach's day and one of their sessions, each page in a handful of plain queries that do not grow with its rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cairn.delivery.models import AttendanceChange, CoachingSession, SessionDetail
from cairn.delivery.queries import coach_day_sql
from cairn.delivery.queries.arranged import Arranged
from cairn.delivery.queries.polls import PollLine, lines_of
from cairn.delivery.queries.seats import Seat, places_of, seats_of
from cairn.delivery.queries.sessions import MarkMade, SeenSession, session_for
from cairn.delivery.terms import OF_ALL_COACHES, SessionState
from cairn.engines import cadence
from cairn.foundation import statements
from cairn.ledger.models import Entitlement
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment
from cairn.programmes.terms import Kind

UNWRITTEN_DAYS = 92  # a quarter: what is still to be written up before its invoice
HALF_WRITTEN_DAYS = 14

Account = Mapping[str, Any]
SUMS = ("kind", "promised", "booked", "used", "released")


@dataclass(frozen=True)
class RollRow:
    """Somebody in a session as their coach sees them: seat, minutes of the session's kind, earlier marks, and what is
    arranged for them."""

    seat: Seat
    account: Account | None = None
    corrections: tuple[MarkMade, ...] = ()
    arranged: tuple[Arranged, ...] = ()

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
    """A session with its roll: at a meeting of coaches the reader alone."""

    roll: tuple[RollRow, ...] = field(default=())

    @property
    def of(self) -> int:
        """How many sessions of its kind the promise makes; 0 where none is promised."""
        cohort = self.session.cohort
        promised, length = {
            Kind.ONE_TO_ONE: (cohort.one_to_one_minutes, cohort.one_to_one_session_minutes),
            Kind.GROUP: (cohort.group_minutes, cohort.group_session_minutes),
        }.get(Kind(self.session.kind), (0, 1))
        return len(cadence.split_minutes(promised, length))

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
    polls: tuple[PollLine, ...] = ()


def coach_day(reader: Person, day: dt.date, at: dt.datetime) -> CoachDay:
    """The sessions of a day with who is in them; today also what waits. Five plain queries for any number of rows."""
    begins = dt.datetime.combine(day, dt.time(), tzinfo=reader.zone)
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=reader.zone)
    is_today = day == at.astimezone(reader.zone).date()
    engagements = _engagements(reader, ends, at)
    found = _loaded(engagements, begins, ends, at, is_today)
    shown = [each for each in found if each.starts_at is not None]
    undated = [each for each in found if each.state == SessionState.UNDATED]
    rolled = _rolled(shown, undated, reader)
    of_day = tuple(each for each in rolled if begins <= _start(each) < ends)
    familiar = {each.engagement_id for each in found if each.kind == Kind.FAMILIARISATION}
    return CoachDay(
        day=day,
        is_today=is_today,
        sessions=of_day,
        to_write_up=tuple(each for each in rolled if _start(each) < begins and each.is_to_write_up(at)),
        to_date=_to_date(undated),
        meeting=next((each for each in rolled if _start(each) >= ends), None),
        familiarise=tuple(each for each in engagements if is_today and _wants_familiarisation(each, familiar)),
        engagements=tuple(engagements),
        next_starts_at=min((each.next_starts_at for each in engagements if each.next_starts_at), default=None),
        polls=tuple(line for each in engagements for line in lines_of(each.polls)) if is_today else (),
    )


def coach_session(reader: Person, session_id: int, at: dt.datetime) -> RolledSession:
    """One session of the reader's own as a coach, or a meeting of the coaches of their cohort; else NotFound."""
    seen = session_for(reader, session_id, at)
    if seen.part != "coach" or seen.session.kind == Kind.FAMILIARISATION:
        raise NotFound
    accounts = _accounts({seat.enrolment_id for seat in seen.seats if seat.enrolment_id})
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
    found = found.select_related("cohort", "engagement__person", "group", "enrolment__person", "detail")
    return [SeenSession(session, "coach") for session in found.order_by("starts_at", "pk")]


def owed_familiarisation(reader: Person, engagement_id: int, at: dt.datetime) -> CoachEngagement:
    """One of the reader's own accepted engagements in which familiarisation is still to be noted; else NotFound."""
    engagement = programme_queries.engagement_of(reader, engagement_id, at)
    held = CoachingSession.objects.filter(engagement=engagement, kind=Kind.FAMILIARISATION, state=SessionState.HELD)
    if not _wants_familiarisation(engagement, set(held.values_list("engagement", flat=True))):
        raise NotFound
    return engagement


def accounts_there() -> ArraySubquery:
    """The entitlements of an enrolment, as a list of their sums."""
    sums = {name: F(name) for name in SUMS}
    return ArraySubquery(Entitlement.objects.filter(enrolment=OuterRef("pk")).values(sums=JSONObject(**sums)))


def account_of(enrolment: Any, kind: str) -> Account | None:
    """One of the accounts that came with an enrolment."""
    return next((account for account in enrolment.accounts_there if account["kind"] == kind), None)


def own_sessions(engagements: Sequence[CoachEngagement]) -> QuerySet[CoachingSession]:
    """The sessions of these engagements, and the meetings of the coaches of their cohorts."""
    meetings = Q(kind__in=OF_ALL_COACHES, cohort__in=[engagement.cohort_id for engagement in engagements])
    return CoachingSession.objects.filter(Q(engagement__in=[each.pk for each in engagements]) | meetings)


def _engagements(reader: Person, after: dt.datetime, at: dt.datetime) -> list[Any]:
    """The reader's accepted engagements, each with the start of the next session after a moment."""
    found = statements.rows(
        coach_day_sql.ENGAGEMENTS,
        reader=reader.pk,
        after=after,
        at=at,
        at_work=[state.value for state in programme_rules.AT_WORK],
        organisations=list(people_rules.organisations_as(reader, Role.COACH, at=at)),
    )
    engagements: list[Any] = []
    for row in found:
        engagement: Any = statements.loaded(CoachEngagement, row, "e")
        engagement.cohort, engagement.person = statements.loaded(Cohort, row, "c"), reader
        engagement.next_starts_at, engagement.polls = row.next_starts_at, row.polls
        engagements.append(engagement)
    return engagements


def _loaded(
    engagements: Sequence[CoachEngagement], begins: dt.datetime, ends: dt.datetime, at: dt.datetime, is_today: bool
) -> list[Any]:
    """Sessions with group, coachee and apologies; their cohorts and coaches are known already."""
    own = {each.pk: each for each in engagements}
    cohorts = {each.cohort_id: each.cohort for each in engagements}
    found = statements.rows(
        coach_day_sql.SESSIONS,
        engagements=list(own),
        cohorts=list(cohorts),
        begins=begins,
        ends=ends,
        at=at,
        is_today=is_today,
        unwritten_since=at - dt.timedelta(days=UNWRITTEN_DAYS),
        half_written_since=at - dt.timedelta(days=HALF_WRITTEN_DAYS),
    )
    coaches = [_as_coach(each) for each in engagements]
    return [_session(row, own, cohorts, coaches) for row in found]


def _session(row: Any, own: Mapping[int, Any], cohorts: Mapping[int, Cohort], coaches: list[Any]) -> Any:
    session: Any = statements.loaded(CoachingSession, row, "s")
    session.engagement, session.cohort = own.get(row.s_engagement_id), cohorts[row.s_cohort_id]
    session.group = statements.loaded(CoachingGroup, row, "g") if row.g_id else None
    if row.title:
        session.detail = SessionDetail(session_id=session.pk, title=row.title)
    session.enrolment = statements.loaded(Enrolment, row, "n") if row.n_id else None
    if row.n_id:
        session.enrolment.person = statements.loaded(Person, row, "p")
    meets = [each for each in coaches if each["cohort"] == row.s_cohort_id]
    session.coaches_there = meets if session.engagement is None else []
    session.apologies_there, session.away_there, session.left = row.apologies, row.away, None
    return session


def _as_coach(engagement: CoachEngagement) -> dict[str, Any]:
    person = engagement.person
    return {
        "engagement": engagement.pk,
        "cohort": engagement.cohort_id,
        "person": person.pk,
        "name": person.name,
        "state": engagement.state,
        "ended_on": None,
    }


def _rolled(sessions: Sequence[Any], undated: Sequence[Any], reader: Person) -> list[RolledSession]:
    """Who is in each of these sessions, with marks and minutes. `undated` sessions only get their minutes."""
    changes = _changes(sessions)
    for session in sessions:
        session.marks_there = list({row["enrolment"] or row["engagement"]: row for row in changes[session.pk]}.values())
    places = places_of(sessions)
    seats = {session.pk: seats_of(session, places) for session in sessions}
    people = {seat.enrolment_id for each in seats.values() for seat in each if seat.enrolment_id}
    accounts = _accounts(people | {session.enrolment_id for session in undated})
    for session in undated:
        session.account = accounts.get((session.enrolment_id, Kind.ONE_TO_ONE))
    return [
        RolledSession(
            session,
            "coach",
            seats[session.pk],
            _roll(
                seats[session.pk],
                session,
                accounts,
                [(row["enrolment"] or row["engagement"], _made(row)) for row in changes[session.pk]],
                reader,
            ),
        )
        for session in sessions
    ]


def _changes(sessions: Sequence[Any]) -> dict[int, list[dict[str, Any]]]:
    """Every mark made in these sessions, oldest first."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in statements.rows(coach_day_sql.CHANGES, sessions=[session.pk for session in sessions]):
        found[row.session].append({**row._asdict(), "marked_at": row.moment.isoformat()})
    return found


def _accounts(enrolments: Collection[int]) -> dict[tuple[int, str], Account]:
    taking_part = [state.value for state in programme_rules.TAKING_PART]
    found = statements.rows(coach_day_sql.ACCOUNTS, enrolments=list(enrolments), taking_part=taking_part)
    return {(row.enrolment, row.kind): row._asdict() for row in found}


def _changes_of(session_id: int) -> list[tuple[int, MarkMade]]:
    """Every mark made in a session, oldest first, by whose it is."""
    changes = AttendanceChange.objects.filter(attendance__session=session_id).order_by("at", "pk")
    rows = changes.values_list("attendance__enrolment", "attendance__engagement", "mark", "by__name", "at")
    return [(enrolment or engagement or 0, MarkMade("", mark, by, at)) for enrolment, engagement, mark, by, at in rows]


def _made(row: dict[str, Any]) -> MarkMade:
    return MarkMade("", row["mark"], row["by"], row["moment"])


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
        rows.append(RollRow(seat, account, own if len(own) > 1 else (), _arranged(seat, accounts)))
    return tuple(rows)


def _arranged(seat: Seat, accounts: Mapping[tuple[int, str], Account]) -> tuple[Arranged, ...]:
    """What is arranged for somebody; it came with each of their accounts."""
    own = (accounts.get((seat.enrolment_id or 0, kind)) for kind in (Kind.ONE_TO_ONE, Kind.GROUP))
    return tuple(Arranged(*each) for each in next((account["arranged"] for account in own if account), ()))


def _to_date(undated: Sequence[Any]) -> tuple[ToDate, ...]:
    """Whoever still takes part and waits for a date, those with most to date first."""
    waiting: dict[int, list[Any]] = defaultdict(list)
    for session in undated:
        if session.enrolment.state in programme_rules.TAKING_PART:
            waiting[session.enrolment_id].append(session)
    rows = [
        ToDate(key, own[0].enrolment.person.name, len(own), own[0].pk, own[0].position, own[0].minutes, own[0].account)
        for key, own in waiting.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.waiting, row.name.casefold())))


def _start(session: SeenSession) -> dt.datetime:
    return session.starts_at or dt.datetime.max.replace(tzinfo=dt.UTC)


def _wants_familiarisation(engagement: CoachEngagement, familiar: Collection[int | None]) -> bool:
    minutes = engagement.cohort.familiarisation_minutes
    return bool(engagement.needs_familiarisation and minutes and engagement.pk not in familiar)
