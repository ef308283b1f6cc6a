"""Sessions as their coach, their coachees and their coordinators may see them. Fetch and access are one."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from cairn.delivery import rules
from cairn.delivery.models import Apology, AttendanceChange, Availability, CoachingSession, Poll, SessionPlace
from cairn.delivery.queries.of_session import LedSession
from cairn.delivery.queries.seats import Place, Seat, places_of, seat_of, seats_of, with_people
from cairn.delivery.terms import OF_ALL_COACHES, Mark, Mode, PlaceState, PollState, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment, GroupPlace
from cairn.programmes.terms import Kind

Part = Literal["coach", "coachee", "coordinator"]
MOST = 100
MOST_OWN = 80  # a coachee's page shows as many to come and as many past, in under 60 KB
__all__ = [
    "CoacheeSessions",
    "MarkMade",
    "Seat",
    "SeenSession",
    "coachee_sessions",
    "marks_made",
    "session_for",
    "sessions_between",
    "sessions_of_day",
    "undated_sessions",
    "upcoming_sessions",
]
DATED = (SessionState.BOOKED, SessionState.HELD)


class Own(NamedTuple):
    """What makes sessions a coachee's: an enrolment, a group in which it has had a place, sessions with a place."""

    enrolment: int
    group: int | None
    seated: Sequence[int] = ()


@dataclass(frozen=True)
class SeenSession(LedSession):
    """A session as one reader may see it. `seats` is everybody for coach and coordinator, and only the own seat for a
    coachee, so that nobody in a group learns who else is in it."""

    session: CoachingSession
    part: Part
    seats: tuple[Seat, ...] = field(default=())

    @property
    def mine(self) -> Seat | None:
        """A coachee's own seat."""
        return self.seats[0] if self.part == "coachee" and self.seats else None

    @property
    def marked(self) -> int:
        """How many have a mark."""
        return sum(1 for seat in self.seats if seat.mark)

    def opens_at(self) -> dt.datetime | None:
        """From when it can be joined and marked."""
        return rules.join_opens_at(self.session)

    def is_unmarked(self, at: dt.datetime) -> bool:
        """Whether it is over and nobody has been marked."""
        return self.session.state == SessionState.BOOKED and self.ends_at is not None and self.ends_at <= at

    def markable(self, at: dt.datetime) -> bool:
        """Whether attendance can be marked now."""
        opens_at = self.opens_at()
        return self.session.state in DATED and opens_at is not None and at >= opens_at

    def join_link(self, at: dt.datetime) -> str:
        """The link or number, for those in the session, from 15 minutes before it begins until it ends; else empty."""
        opens_at, ends_at = self.opens_at(), self.session.ends_at
        if self.part == "coordinator" or self.session.mode == Mode.IN_PERSON or self.session.state not in DATED:
            return ""
        near = opens_at is not None and ends_at is not None and opens_at <= at < ends_at
        return self.session.where if near else ""

    @property
    def place(self) -> str:
        """Where to go, for a session in person."""
        return self.session.where if self.session.mode == Mode.IN_PERSON else ""


@dataclass(frozen=True)
class MarkMade:
    """One mark in the history of a session."""

    name: str
    mark: str
    by: str
    at: dt.datetime

    @property
    def mark_label(self) -> str:
        """The mark in words."""
        return str(Mark(self.mark).label)


@dataclass(frozen=True)
class CoacheeSessions:
    """A coachee's sessions: to come (that under way included), past with the own marks, and without a date."""

    upcoming: tuple[SeenSession, ...]
    past: tuple[SeenSession, ...]
    undated: tuple[SeenSession, ...]


def session_for(reader: Person, session_id: int, at: dt.datetime) -> SeenSession:
    """One session, for its coach, a coordinator of its cohort, or somebody in it; else NotFound."""
    session = with_people(CoachingSession.objects.filter(pk=session_id)).first()
    if session is None:
        raise NotFound
    if rules.may_coach_session(reader, session, at) or _meets(reader, session, at):
        return _staff_sees([session], "coach")[0]
    if programme_rules.may_run_cohort(reader, session.cohort, at):
        return _staff_sees([session], "coordinator")[0]
    return _coachee_sees(_attended(reader, _own(reader)).filter(pk=session_id), reader)[0]


def sessions_between(reader: Person, first: dt.date, last: dt.date, at: dt.datetime) -> list[SeenSession]:
    """A coach's sessions with a date, from one day to another on the coach's own wall, meetings included."""
    begins, ends = _bounds(reader, first, last)
    found = _coached(reader, at).filter(state__in=DATED, starts_at__gte=begins, starts_at__lt=ends)
    return _staff_sees(with_people(found.order_by("starts_at", "pk"))[:MOST], "coach")


def sessions_of_day(reader: Person, day: dt.date, at: dt.datetime) -> list[SeenSession]:
    """A coach's sessions of one day on the coach's own wall, with who is in them and what they have left."""
    return sessions_between(reader, day, day, at)


def undated_sessions(reader: Person, at: dt.datetime) -> list[SeenSession]:
    """A coach's one-to-one sessions that wait for a date, by coachee."""
    return _staff_sees(with_people(_undated(_coached(reader, at)))[:MOST], "coach")


def coachee_sessions(reader: Person, at: dt.datetime) -> CoacheeSessions:
    """Everything a coachee has, in three queries: at most eighty sessions to come and eighty past.

    What they cancelled too late stays where its date is, to come or past.
    """
    attended = _attended(reader, _own(reader))
    apologies = Apology.objects.filter(session=OuterRef("pk"), enrolment=OuterRef("own_seat"))
    dated = Q(state__in=DATED) | Q(state=SessionState.CANCELLED) & Exists(apologies)
    ahead = attended.filter(Q(dated, ends_at__gt=at) | Q(state=SessionState.UNDATED))
    coming = _coachee_sees(ahead.order_by(F("starts_at").asc(nulls_last=True), "position", "pk"), reader, missing=False)
    past = attended.filter(dated, ends_at__lte=at).order_by("-starts_at", "pk")
    return CoacheeSessions(
        upcoming=tuple(each for each in coming if each.starts_at is not None),
        past=tuple(_coachee_sees(past, reader, missing=False)),
        undated=tuple(each for each in coming if each.starts_at is None),
    )


def upcoming_sessions(reader: Person, at: dt.datetime) -> list[SeenSession]:
    """A coachee's own sessions to come, that under way included, soonest first."""
    return upcoming_of(reader, _own(reader), at)


def upcoming_of(reader: Person, own: Sequence[Own], at: dt.datetime) -> list[SeenSession]:
    """As `upcoming_sessions`, where what the reader has a place in is known already. One query."""
    if not own:
        return []
    found = _attended(reader, own).filter(state__in=DATED, ends_at__gt=at)
    return _coachee_sees(found.order_by("starts_at", "pk"), reader, missing=False)


def marks_made(seen: SeenSession) -> list[MarkMade]:
    """Every mark ever made in a session, newest first. For its coach and coordinators; a coachee sees the own ones."""
    changes = AttendanceChange.objects.filter(attendance__session=seen.session).select_related(
        "by", "attendance__enrolment__person", "attendance__engagement__person"
    )
    if seen.part == "coachee":
        changes = changes.filter(attendance__enrolment=seen.mine.enrolment_id if seen.mine else None)
    made = []
    for change in changes.order_by("-at", "-pk")[:MOST]:
        owner = change.attendance.enrolment or change.attendance.engagement
        made.append(MarkMade(owner.person.name if owner else "", change.mark, change.by.name, change.at))
    return made


def _bounds(reader: Person, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    begins = dt.datetime.combine(first, dt.time(), tzinfo=reader.zone)
    return begins, dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), tzinfo=reader.zone)


def _meets(reader: Person, session: CoachingSession, at: dt.datetime) -> bool:
    """Whether it is a meeting of coaches and the reader is one of them."""
    own = programme_queries.engagements_of(reader, at).filter(cohort=session.cohort_id)
    return session.kind in OF_ALL_COACHES and own.exists()


def _coached(reader: Person, at: dt.datetime) -> QuerySet[CoachingSession]:
    """Sessions of the reader's own engagements, and meetings of the coaches of their cohorts.

    The ids are fetched first: with them the database finds the few sessions among a million by index.
    """
    own = list(programme_queries.engagements_of(reader, at).select_related(None).values_list("pk", "cohort"))
    meetings = Q(kind__in=OF_ALL_COACHES, cohort__in=[cohort for _engagement, cohort in own])
    return CoachingSession.objects.filter(Q(engagement__in=[engagement for engagement, _cohort in own]) | meetings)


def _undated(coached: QuerySet[CoachingSession]) -> QuerySet[CoachingSession]:
    waiting = coached.filter(
        state=SessionState.UNDATED, kind=Kind.ONE_TO_ONE, enrolment__state__in=programme_rules.TAKING_PART
    )
    return waiting.order_by("enrolment__person__name", "enrolment", "position")


def seated_there() -> ArraySubquery:
    """The sessions for the whole cohort in which an enrolment has a place."""
    places = SessionPlace.objects.filter(enrolment=OuterRef("pk"), state=PlaceState.SEATED)
    return ArraySubquery(places.values("session"))


def _own(reader: Person) -> list[Own]:
    """The reader's enrolments in which they take part, each with the groups they have had a place in."""
    own = Enrolment.objects.filter(person=reader, state__in=programme_rules.TAKING_PART)
    return [Own(*each) for each in own.annotate(seated=seated_there()).values_list("pk", "places__group", "seated")]


def _attended(reader: Person, own: Sequence[Own]) -> QuerySet[CoachingSession]:
    """Sessions in which the reader is as a coachee: the own ones, those of a group on days the place holds, and those
    for the whole cohort with a place. Ids are given, so that the database finds the few by index."""
    enrolments = {each.enrolment for each in own}
    groups = {each.group for each in own if each.group is not None}
    seated = {session for each in own for session in each.seated}
    place = SessionPlace.objects.filter(session=OuterRef("pk"), enrolment__in=enrolments, state=PlaceState.SEATED)
    seat = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=OuterRef("day")),
        group=OuterRef("group"),
        enrolment__in=enrolments,
        from_on__lte=OuterRef("day"),
    )
    return (
        CoachingSession.objects.filter(Q(enrolment__in=enrolments) | Q(group__in=groups) | Q(pk__in=seated))
        .annotate(
            day=TruncDate("wall_starts", tzinfo=dt.UTC),
            own_seat=Coalesce(
                "enrolment",
                Subquery(seat.values("enrolment")[:1]),
                Subquery(place.values("enrolment")[:1]),
                output_field=BigIntegerField(),
            ),
        )
        .filter(own_seat__isnull=False)
    )


def _staff_sees(sessions: Iterable[CoachingSession], part: Part) -> list[SeenSession]:
    """Sessions with everybody in them, for coaches and coordinators."""
    loaded = list(sessions)
    places = places_of(loaded)
    return [SeenSession(session, part, seats_of(session, places)) for session in loaded]


def _coachee_sees(found: QuerySet[CoachingSession], reader: Person, *, missing: bool = True) -> list[SeenSession]:
    """Sessions with the reader's own seat alone, whether and until when the coach lets them be moved, and the id of the
    poll that asks for another time.

    With `missing`, none at all is NotFound.
    """
    seen = []
    kept = Availability.objects.filter(person=OuterRef("engagement__person"))
    asked = Poll.objects.filter(session=OuterRef("pk"), state=PollState.OPEN)
    found = found.annotate(
        keeps_hours=Exists(kept.filter(is_open=True)),
        cut_off_hours=Subquery(kept.values("cut_off_hours")[:1]),
        open_poll=Subquery(asked.values("pk")[:1]),
    )
    for session in with_people(found)[:MOST_OWN]:
        own = Place(session.own_seat, reader.pk, reader.name, "", session.left)  # type: ignore[attr-defined]
        seen.append(SeenSession(session, "coachee", (seat_of(session, own),)))
    if missing and not seen:
        raise NotFound
    return seen
