"""Everything that stands in a person's own calendar: their sessions as coachee and as coach, from 60 days back to a
year and a half ahead, and for a month those that were cancelled."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.db.models import Exists, OuterRef, Q

from cairn.delivery.models import Apology, CoachingSession, SessionPlace
from cairn.delivery.queries import event_words
from cairn.delivery.rules import Part
from cairn.delivery.terms import OF_ALL_COACHES, FeedDetail, PlaceState, SessionState
from cairn.foundation.calendar_files import CalendarEvent
from cairn.foundation.models import AuditEntry
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.terms import Role
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import GroupPlace

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=548)
CANCELLED_FOR = dt.timedelta(days=30)
MOST = 2000
DATED = (SessionState.BOOKED, SessionState.HELD)


@dataclass(frozen=True)
class _Own:
    """What makes a session somebody's: engagements and their cohorts, enrolments, and seats in groups by day."""

    engagements: frozenset[int]
    cohorts: frozenset[int]
    enrolments: frozenset[int]
    seats: Mapping[int, Sequence[tuple[dt.date, dt.date | None]]]

    def sessions(self) -> Q:
        """Sessions that may be theirs; `part_in` decides those of a group by their day."""
        as_coach = Q(engagement__in=self.engagements) | Q(kind__in=OF_ALL_COACHES, cohort__in=self.cohorts)
        has_place = Q(places__enrolment__in=self.enrolments, places__state=PlaceState.SEATED)
        return as_coach | Q(enrolment__in=self.enrolments) | Q(group__in=self.seats) | has_place

    def part_in(self, session: CoachingSession, on: dt.date) -> Part | None:
        """What they are in a session on this day, if they are in it."""
        meets = session.kind in OF_ALL_COACHES and session.cohort_id in self.cohorts
        if session.engagement_id in self.engagements or meets:
            return "coach"
        if session.group_id is None:
            return "coachee"
        held = self.seats.get(session.group_id, ())
        return "coachee" if any(first <= on and (last is None or on < last) for first, last in held) else None


@dataclass(frozen=True)
class _Stood:
    """When and in which zone a session stood that was cancelled, and the version that the cancelling made of it."""

    wall: dt.datetime
    zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    version: int


def events_of(person: Person, at: dt.datetime, detail: str = FeedDetail.FULL) -> list[CalendarEvent]:
    """A person's sessions as events, as much said of each as `detail` allows. Seven queries at most.

    Only what the person may still see: after leaving, or when a role has ended, nothing of it is there.
    """
    own = _own(person, at)
    found = _sessions(own, at)
    cancelled = _cancelled(found, at)
    dated: dict[Part, list[CoachingSession]] = defaultdict(list)
    events: list[CalendarEvent] = []
    for session in found:
        if session.pk in cancelled:
            stood = cancelled[session.pk]
            session.wall_starts, session.starts_at, session.ends_at = stood.wall, stood.starts_at, stood.ends_at
            session.time_zone = stood.zone
        if session.wall_starts is None or session.starts_at is None:
            continue
        part = own.part_in(session, session.wall_starts.date())
        if part == "coach" and session.pk in cancelled and cancelled[session.pk].version != session.version:
            continue  # it has another coach since: when it stood with the former one is not theirs
        if part is None or not at - BACK <= session.starts_at <= at + AHEAD:
            continue
        if session.pk in cancelled:
            gone = event_words.single(session, event_words.said(session, part, detail), session.version)
            events.append(replace(gone, status="CANCELLED"))
        else:
            dated[part].append(session)
    for part, sessions in dated.items():
        events += _standing(sessions, part, detail)
    return sorted(events, key=lambda each: (each.uid, each.recurrence_id or dt.datetime.min, each.starts_at))  # noqa: DTZ901


def _own(person: Person, at: dt.datetime) -> _Own:
    engaged = list(programme_queries.engagements_of(person, at).select_related(None).values_list("pk", "cohort"))
    here = people_rules.organisations_as(person, Role.COACHEE, at=at)
    enrolled = programme_queries.enrolments_of(person, at).filter(cohort__programme__organisation__in=here)
    enrolments = frozenset(enrolled.select_related(None).values_list("pk", flat=True))
    seats: dict[int, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
    for group, first, last in GroupPlace.objects.filter(enrolment__in=enrolments).values_list(
        "group", "from_on", "to_on"
    ):
        seats[group].append((first, last))
    return _Own(
        frozenset(engagement for engagement, _cohort in engaged),
        frozenset(cohort for _engagement, cohort in engaged),
        enrolments,
        seats,
    )


def _sessions(own: _Own, at: dt.datetime) -> list[CoachingSession]:
    sent = Apology.objects.filter(session=OuterRef("pk"), enrolment__in=own.enrolments)
    near = Q(state__in=DATED, starts_at__gte=at - BACK, starts_at__lte=at + AHEAD)
    gone = Q(state__in=(SessionState.CANCELLED, SessionState.UNDATED), version__gt=1)
    own_ids = CoachingSession.objects.filter(own.sessions()).values("pk")
    away = SessionPlace.objects.filter(session=OuterRef("pk"), engagement__in=own.engagements, state=PlaceState.AWAY)
    found = (
        CoachingSession.objects.filter(~Exists(away), near | gone, pk__in=own_ids)
        .annotate(apologised=Exists(sent))
        .select_related("cohort__programme", "engagement__person", "group", "enrolment__person", "detail")
    )
    return list(found.order_by("starts_at", "pk")[:MOST])


def _cancelled(sessions: Iterable[CoachingSession], at: dt.datetime) -> dict[int, _Stood]:
    """When sessions without a date now stood until they were cancelled not long ago, by id."""
    without = {each.pk: each for each in sessions if each.state in (SessionState.CANCELLED, SessionState.UNDATED)}
    entries = AuditEntry.objects.filter(
        subject_kind="session", subject_id__in=list(without), at__gte=at - CANCELLED_FOR, facts__has_key="starts_at"
    ).filter(action__startswith="cancel")
    stood: dict[int, _Stood] = {}
    for pk, facts in entries.order_by("pk").values_list("subject_id", "facts"):
        if pk is None:
            continue
        wall, starts_at = (dt.datetime.fromisoformat(facts[name]) for name in ("wall_starts", "starts_at"))
        ends_at = starts_at + dt.timedelta(minutes=without[pk].minutes)
        zone = facts.get("time_zone") or without[pk].time_zone
        stood[pk] = _Stood(wall.replace(tzinfo=dt.UTC), zone, starts_at, ends_at, facts.get("version", 0))
    return stood


def _standing(sessions: Sequence[CoachingSession], part: Part, detail: str) -> list[CalendarEvent]:
    """Sessions with a date: each series as one event with what differs in it, all others alone."""
    say = partial(event_words.said, part=part, detail=detail)
    in_series: dict[int, list[CoachingSession]] = defaultdict(list)
    events = []
    for session in sessions:
        if session.series_id is None:
            events.append(_told(session, event_words.alone(session, say(session), session.version)))
        else:
            in_series[session.series_id].append(session)
    for own in in_series.values():
        events += _series(own, part, detail, say)
    return events


def _series(
    own: Sequence[CoachingSession],
    part: Part,
    detail: str,
    say: Callable[[CoachingSession], event_words.Said],
) -> list[CalendarEvent]:
    """Whoever cannot come to one of them sees that one apart."""
    series = event_words.said_of_series(own[0], part, detail)
    events = event_words.whole(own, series, say, lambda session: session.version)
    there = {event.recurrence_id for event in events}
    by_wall = {each.planned_wall.replace(tzinfo=None): each for each in own if each.planned_wall is not None}
    for wall, session in by_wall.items():
        if wall not in there and session.apologised:  # type: ignore[attr-defined]
            events.append(event_words.single(session, say(session), session.version))
    return [event if event.recurrence_id is None else _told(by_wall[event.recurrence_id], event) for event in events]


def _told(session: CoachingSession, event: CalendarEvent) -> CalendarEvent:
    """The event, doubtful where the person has sent apologies."""
    return replace(event, status="TENTATIVE") if session.apologised else event  # type: ignore[attr-defined]
