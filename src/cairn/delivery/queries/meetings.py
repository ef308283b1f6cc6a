"""Meetings of many as those may see them who plan them, lead them, meet in them.

A coach meeting's texts are for the coaches of the cohort and those who run it. Who asked a question is shown to nobody
but themselves. Money is what stands in the ledger, at the coach's rate on the day.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cairn.delivery import rules
from cairn.delivery.models import CoachingSession, MeetingPoint, PartingWord, SessionDetail, SessionPlace
from cairn.delivery.queries import words
from cairn.delivery.queries.engaging import rate_on
from cairn.delivery.queries.of_session import LedSession
from cairn.delivery.terms import FOR_THE_COHORT, MEETINGS, PlaceState, PointKind, SessionState
from cairn.engines import invoicing
from cairn.foundation.models import AuditEntry
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort
from cairn.programmes.terms import Kind

PER_PAGE = 50
MOST_POINTS = 100
MOST_NAMES = 200
LOADED = (
    *("cohort__programme__organisation", "engagement__person", "engagement__cohort__programme", "group"),
    "detail__changed_by",
)


@dataclass(frozen=True)
class Price:
    """What a meeting costs in one currency: minor units, and minutes of coach time that are booked or delivered."""

    currency: str
    minor: int
    minutes: int


@dataclass(frozen=True)
class MeetingRow:
    """A meeting in the coordinator's list. `places` None: for everybody."""

    id: int
    kind: str
    title: str
    coach: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    zone: str
    state: str
    minutes: int
    places: int | None
    seated: int
    waiting: int
    prices: tuple[Price, ...]

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(Kind(self.kind).label)

    @property
    def state_label(self) -> str:
        """Where it stands, in words."""
        return str(SessionState(self.state).label)

    @property
    def is_for_the_cohort(self) -> bool:
        """Whether coachees take places in it."""
        return self.kind in FOR_THE_COHORT


@dataclass(frozen=True)
class Point:
    """What a coach brings to a meeting of coaches. `is_own`: the reader's."""

    id: int
    kind: str
    text: str
    by: str
    at: dt.datetime
    afterwards: bool
    is_own: bool

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(PointKind(self.kind).label)


@dataclass(frozen=True)
class Parting:
    """What a coach says to the cohort at its end."""

    by: str
    text: str
    is_own: bool = False


@dataclass(frozen=True)
class Meeting(LedSession):
    """One meeting for its coach, a coach of the cohort, or a coordinator.

    `leads`: may describe it and tick questions. `is_coach`: at work in the cohort as a coach. `previous` is the coach
    meeting before this one, with its points. `away`: the reader, as a coach, cannot come. Of a celebration `coming` and
    `standing_by` (who waits for a place) name coachees, at most `MOST_NAMES`, and `coaches_away` coaches.
    """

    session: CoachingSession
    detail: SessionDetail | None
    leads: bool
    runs: bool
    is_coach: bool
    seated: int
    waiting: int
    points: tuple[Point, ...] = ()
    previous: "Previous | None" = None
    parting: tuple[Parting, ...] = ()
    parting_count: int = 0
    away: bool = False
    coaches_away: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    standing_by: tuple[str, ...] = ()

    @property
    def names_left_out(self) -> int:
        """How many come or wait whose names are not listed."""
        listed = len(self.coming) + len(self.standing_by)
        return self.seated + self.waiting - listed if listed else 0

    @property
    def version(self) -> int:
        """What a writer has to know of; 0 when nothing is written yet."""
        return self.detail.version if self.detail else 0


@dataclass(frozen=True)
class Previous:
    """The coach meeting before: when it was, what was brought to it, what was noted."""

    session: CoachingSession
    notes: str
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        """What it was."""
        return words.title(self.session)


def cohort_meetings(
    reader: Person, cohort: Cohort, at: dt.datetime, *, page: int | str | None = 1
) -> tuple[list[MeetingRow], "Page[CoachingSession]"]:
    """The meetings of a cohort for those who run it, newest last, with what each costs. Four queries."""
    if not programme_rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    found = seated_and_waiting(CoachingSession.objects.filter(cohort=cohort, kind__in=MEETINGS)).select_related(*LOADED)
    shown = Paginator(found.order_by("starts_at", "pk"), PER_PAGE).get_page(page)
    prices = _prices(list(shown))
    return [_row(session, prices.get(session.pk, ())) for session in shown], shown


def coaches_at_work(reader: Person, cohort: Cohort, at: dt.datetime) -> list[CoachEngagement]:
    """The coaches of a cohort today, for those who run it. One query."""
    if not programme_rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    return list(rules.coaches_of(cohort.pk, at.astimezone(cohort.zone).date()).order_by("person__name", "pk"))


def expected_price(
    coaches: Iterable[CoachEngagement], kind: str, minutes: int, on: dt.date
) -> tuple[list[tuple[CoachEngagement, int, int]], tuple[Price, ...]]:
    """(coach, minutes to commission besides, minor units) of each coach, and the sums by currency. Two queries.

    For those who were given the coaches. A coach without a rate costs nothing.
    """
    engaged = list(coaches)
    accounts, rates = ledger_queries.coach_time_for(engaged), ledger_queries.rates_for(engaged)
    rows = []
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for coach in engaged:
        account = accounts.get(coach.pk, {}).get(kind)
        lacking = max(minutes - (account.left if account else 0), 0)
        rate = rate_on(rates.get(coach.pk, ()), on)
        minor = invoicing.amount(minutes, rate.minor_per_hour) if rate else 0
        rows.append((coach, lacking, minor))
        if rate:
            sums[rate.currency][0] += minor
            sums[rate.currency][1] += minutes
    return rows, tuple(Price(currency, *each) for currency, each in sorted(sums.items()))


def meeting(reader: Person, session_id: int, at: dt.datetime) -> Meeting:
    """One meeting, for those who may read what belongs to it: a coach meeting or celebration for any coach of the
    cohort, a topic session or drop-in for its coach; all of them for those who run the cohort. Else NotFound."""
    found = seated_and_waiting(CoachingSession.objects.filter(pk=session_id, kind__in=MEETINGS)).select_related(*LOADED)
    session = found.first()
    if session is None:
        raise NotFound
    runs = programme_rules.may_run_cohort(reader, session.cohort, at)
    leads = rules.may_coach_session if session.engagement is not None else rules.coaches_beside
    is_coach = leads(reader, session, at)
    if not (runs or is_coach):
        raise NotFound
    return Meeting(
        session=session,
        detail=getattr(session, "detail", None),
        leads=runs or (is_coach and session.engagement is not None),
        runs=runs,
        is_coach=is_coach,
        seated=session.seated,  # type: ignore[attr-defined]
        waiting=session.waiting,  # type: ignore[attr-defined]
        **_of_kind(reader, session, at, is_coach=is_coach, runs=runs),
    )


def _of_kind(
    reader: Person, session: CoachingSession, at: dt.datetime, *, is_coach: bool, runs: bool
) -> dict[str, Any]:
    if session.kind == Kind.COACH_MEETING:
        previous = _previous(session)
        both = [session.pk, previous.pk] if previous else [session.pk]
        points = _points(both, reader)
        before = Previous(previous, _notes(previous), points[previous.pk]) if previous else None
        return {"points": points[session.pk], "previous": before}
    if session.kind == Kind.CELEBRATION:
        away = SessionPlace.objects.filter(session=session, state=PlaceState.AWAY, engagement__isnull=False)
        absent = dict(
            away.order_by("engagement__person__name").values_list("engagement__person", "engagement__person__name")
        )
        said = parting_words(session, reader)
        shown = said if words_are_shown(session, at) else tuple(each for each in said if each.is_own)
        return {
            "parting": shown,
            "parting_count": len(said),
            "away": reader.pk in absent,
            "coaches_away": tuple(absent.values()),
            **_names(session),
        }
    return {}


def _names(session: CoachingSession) -> dict[str, tuple[str, ...]]:
    """Who comes and who waits, by name: for the coaches of a celebration and those who run it, never for coachees."""
    there = SessionPlace.objects.filter(session=session, state__in=(PlaceState.SEATED, PlaceState.WAITING))
    named = there.filter(enrolment__isnull=False).order_by("state", "enrolment__person__name", "pk")
    rows = list(named.values_list("state", "enrolment__person__name")[:MOST_NAMES])
    return {
        "coming": tuple(name for state, name in rows if state == PlaceState.SEATED),
        "standing_by": tuple(name for state, name in rows if state == PlaceState.WAITING),
    }


def dated_celebration(reader: Person, cohort: Cohort, at: dt.datetime) -> CoachingSession | None:
    """The celebration that stands in a cohort already, for those who run it. One query."""
    if not programme_rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    found = CoachingSession.objects.filter(cohort=cohort, kind=Kind.CELEBRATION, starts_at__isnull=False)
    return found.exclude(state=SessionState.CANCELLED).order_by("starts_at", "pk").first()


def places_lost(session: CoachingSession, at: dt.datetime) -> int:
    """How many lost their place when a session that the reader just moved came to another time, at this instant."""
    made = AuditEntry.objects.filter(subject_kind="meeting", subject_id=session.pk, action="lose_places", at=at)
    entry = made.order_by("-pk").first()
    return len(entry.facts["enrolments"]) if entry else 0


def words_are_shown(session: CoachingSession, at: dt.datetime) -> bool:
    """Whether parting words are for everybody in the cohort: from the day of the celebration on, on its own wall."""
    if session.kind != Kind.CELEBRATION or session.wall_starts is None or session.state == SessionState.CANCELLED:
        return False
    return at.astimezone(session.zone).date() >= session.wall_starts.date()


def parting_words(session: CoachingSession, reader: Person) -> tuple[Parting, ...]:
    """What coaches said, by name; whoever calls has made sure that it is time."""
    said = PartingWord.objects.filter(session=session).select_related("by").order_by("by__name", "pk")
    return tuple(Parting(each.by.name, each.text, each.by_id == reader.pk) for each in said[:MOST_POINTS])


def _previous(session: CoachingSession) -> CoachingSession | None:
    before = CoachingSession.objects.filter(
        cohort=session.cohort_id, kind=Kind.COACH_MEETING, starts_at__lt=session.starts_at
    )
    standing = before.exclude(state=SessionState.CANCELLED).select_related("detail", "cohort")
    return standing.order_by("-starts_at").first()


def _notes(session: CoachingSession) -> str:
    detail = getattr(session, "detail", None)
    return detail.notes if detail else ""


def _points(sessions: Sequence[int], reader: Person) -> Mapping[int, tuple[Point, ...]]:
    found: dict[int, list[Point]] = defaultdict(list)
    rows = MeetingPoint.objects.filter(session__in=sessions).select_related("by", "session")
    for row in rows.order_by("kind", "at", "pk")[: 2 * MOST_POINTS]:
        afterwards = row.session.starts_at is not None and row.at >= row.session.starts_at
        found[row.session_id].append(
            Point(row.pk, row.kind, row.text, row.by.name, row.at, afterwards, row.by_id == reader.pk)
        )
    return defaultdict(tuple, {key: tuple(points[:MOST_POINTS]) for key, points in found.items()})


def seated_and_waiting(found: QuerySet[CoachingSession]) -> QuerySet[CoachingSession]:
    """With `seated` and `waiting`: numbers, never who."""
    places = SessionPlace.objects.filter(session=OuterRef("pk"), enrolment__isnull=False).order_by().values("session")

    def number(state: str) -> Coalesce:
        of_state = places.filter(state=state).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(of_state, output_field=IntegerField()), 0)

    return found.annotate(seated=number(PlaceState.SEATED), waiting=number(PlaceState.WAITING))


def _row(session: CoachingSession, prices: tuple[Price, ...]) -> MeetingRow:
    detail = getattr(session, "detail", None)
    return MeetingRow(
        id=session.pk,
        kind=session.kind,
        title=words.title(session),
        coach=session.engagement.person.name if session.engagement else "",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.time_zone,
        state=session.state,
        minutes=session.minutes,
        places=detail.places if detail else None,
        seated=session.seated,  # type: ignore[attr-defined]
        waiting=session.waiting,  # type: ignore[attr-defined]
        prices=prices,
    )


def _prices(sessions: Sequence[CoachingSession]) -> dict[int, tuple[Price, ...]]:
    """By session: what stands booked or delivered in its coaches' time, at each one's rate on the day."""
    costs = ledger_queries.coach_cost_of_sources("session", [session.pk for session in sessions])
    sums: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for source, rows in costs.items():
        for minutes, per_hour, currency in rows:
            if minutes and per_hour is not None and currency is not None:
                sums[source][currency][0] += invoicing.amount(minutes, per_hour)
                sums[source][currency][1] += minutes
    return {
        source: tuple(Price(currency, minor, minutes) for currency, (minor, minutes) in sorted(each.items()))
        for source, each in sums.items()
    }
