"""A cohort's timetable for those who run it: series, meetings, one-to-one sessions in figures, and what is missing."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.terms import Mark, Mode, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

MOST = 100
IN_SERIES = (Kind.GROUP, Kind.COACH_MEETING)


@dataclass(frozen=True)
class TimetableRow:
    """One session in a table. `zone` is the IANA name; `came` of `marked` attended."""

    id: int
    kind: str
    title: str
    position: int
    minutes: int
    state: str
    mode: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    zone: str
    coach: str
    group_id: int | None
    marked: int
    came: int
    is_over: bool

    @property
    def mode_label(self) -> str:
        """How people meet, in words."""
        return str(Mode(self.mode).label)

    @property
    def state_label(self) -> str:
        """Where it stands, in words."""
        return str(SessionState(self.state).label)

    @property
    def needs_marks(self) -> bool:
        """Whether it is over and nobody has been marked."""
        return self.is_over and self.state == SessionState.BOOKED


@dataclass(frozen=True)
class GroupSeries:
    """A group with its coach and how much of its promise has dates, in minutes."""

    id: int
    number: int
    coach: str
    people: int
    planned_minutes: int
    promised_minutes: int

    @property
    def missing_minutes(self) -> int:
        """What has no date yet."""
        return max(self.promised_minutes - self.planned_minutes, 0)


@dataclass(frozen=True)
class CoachShare:
    """A coach's one-to-one sessions in figures, and where familiarisation stands: a state, "missing" or ""."""

    name: str
    people: int
    undated: int
    booked: int
    held: int
    familiarisation: str
    familiarisation_id: int | None

    @property
    def sessions(self) -> int:
        """How many one-to-one sessions there are."""
        return self.undated + self.booked + self.held


@dataclass(frozen=True)
class CohortTimetable:
    """All that the page shows. `rows` is one page of group sessions and coach meetings."""

    groups: tuple[GroupSeries, ...]
    coaches: tuple[CoachShare, ...]
    rows: "Page[CoachingSession]"
    sessions: tuple[TimetableRow, ...]

    def of_group(self, group_id: int) -> tuple[TimetableRow, ...]:
        """The sessions of a group on this page."""
        return tuple(row for row in self.sessions if row.group_id == group_id)

    @property
    def meetings(self) -> tuple[TimetableRow, ...]:
        """The coach meetings on this page."""
        return tuple(row for row in self.sessions if row.kind == Kind.COACH_MEETING)


def cohort_sessions(
    reader: Person,
    cohort: Cohort,
    at: dt.datetime,
    *,
    kinds: Iterable[str] = IN_SERIES,
    group_id: int | None = None,
    page: int | str | None = 1,
) -> "Page[CoachingSession]":
    """A page of at most 100 sessions of a cohort, by group and time, cancelled ones included. For its coordinators."""
    found = _sessions(reader, cohort, at).filter(kind__in=list(kinds))
    if group_id is not None:
        found = found.filter(group=group_id)
    ordered = found.order_by(F("group__number").asc(nulls_last=True), F("starts_at").asc(nulls_last=True), "pk")
    return Paginator(ordered, MOST).get_page(page)


def cohort_timetable(
    reader: Person, cohort: Cohort, at: dt.datetime, *, group_id: int | None = None, page: int | str | None = 1
) -> CohortTimetable:
    """The timetable of a cohort in four queries, at any number of sessions."""
    rows = cohort_sessions(reader, cohort, at, group_id=group_id, page=page)
    return CohortTimetable(
        groups=tuple(_groups(cohort, at)),
        coaches=tuple(_coaches(cohort)),
        rows=rows,
        sessions=tuple(row_of(session, at) for session in rows),
    )


def groups_in(reader: Person, cohort: Cohort, at: dt.datetime) -> list[CoachingGroup]:
    """The groups of a cohort with their coaches, for those who run it."""
    if not programme_rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    return list(CoachingGroup.objects.filter(cohort=cohort).select_related("engagement__person").order_by("number"))


def sessions_for_export(reader: Person, cohort: Cohort, at: dt.datetime) -> Iterator[tuple[TimetableRow, str]]:
    """Every session of a cohort with whom it is for: a group, a coachee by name, or all coaches."""
    found = _sessions(reader, cohort, at).exclude(kind=Kind.FAMILIARISATION)
    ordered = found.order_by("kind", F("group__number").asc(nulls_last=True), "enrolment__person__name", "position")
    for session in ordered.iterator(chunk_size=1000):
        whom = session.enrolment.person.name if session.enrolment else str(session.group or "")
        yield row_of(session, at), whom


def row_of(session: CoachingSession, at: dt.datetime) -> TimetableRow:
    """A session with its annotations as a row."""
    return TimetableRow(
        id=session.pk,
        kind=session.kind,
        title=words.title(session),
        position=session.position,
        minutes=session.minutes,
        state=session.state,
        mode=session.mode,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.time_zone,
        coach=session.engagement.person.name if session.engagement else "",
        group_id=session.group_id,
        marked=getattr(session, "marked", 0),
        came=getattr(session, "came", 0),
        is_over=session.ends_at is not None and session.ends_at <= at,
    )


def _sessions(reader: Person, cohort: Cohort, at: dt.datetime) -> QuerySet[CoachingSession]:
    if not programme_rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    marks = Attendance.objects.filter(session=OuterRef("pk")).order_by().values("session")
    return (
        CoachingSession.objects.filter(cohort=cohort)
        .select_related("engagement__person", "group", "enrolment__person")
        .annotate(
            marked=_counted(marks.annotate(n=Count("pk"))),
            came=_counted(marks.filter(mark=Mark.ATTENDED).annotate(n=Count("pk"))),
        )
    )


def _groups(cohort: Cohort, at: dt.datetime) -> Iterator[GroupSeries]:
    today = at.astimezone(cohort.zone).date()
    standing = CoachingSession.objects.filter(group=OuterRef("pk")).exclude(state=SessionState.CANCELLED)
    holding = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=today),
        group=OuterRef("pk"),
        enrolment__state__in=programme_rules.TAKING_PART,
    )
    groups = CoachingGroup.objects.filter(cohort=cohort).select_related("engagement__person").order_by("number")
    groups = groups.annotate(
        planned=_counted(standing.order_by().values("group").annotate(n=Sum("minutes"))),
        people=_counted(holding.order_by().values("group").annotate(n=Count("pk"))),
    )
    for group in groups[:MOST]:
        yield GroupSeries(
            group.pk, group.number, group.engagement.person.name, group.people, group.planned, cohort.group_minutes
        )


def _coaches(cohort: Cohort) -> Iterator[CoachShare]:
    people = Enrolment.objects.filter(engagement=OuterRef("pk"), state__in=programme_rules.TAKING_PART)
    one_to_ones = Q(sessions__kind=Kind.ONE_TO_ONE)
    familiar = CoachingSession.objects.filter(engagement=OuterRef("pk"), kind=Kind.FAMILIARISATION).order_by("pk")
    engagements = (
        CoachEngagement.objects.filter(cohort=cohort, state__in=programme_rules.AT_WORK)
        .select_related("person")
        .annotate(
            people=_counted(people.order_by().values("engagement").annotate(n=Count("pk"))),
            undated=Count("sessions", filter=one_to_ones & Q(sessions__state=SessionState.UNDATED)),
            booked=Count("sessions", filter=one_to_ones & Q(sessions__state=SessionState.BOOKED)),
            held=Count("sessions", filter=one_to_ones & Q(sessions__state=SessionState.HELD)),
            familiarisation=Subquery(familiar.values("state")[:1]),
            familiarisation_id=Subquery(familiar.values("pk")[:1]),
        )
        .order_by("person__name", "pk")
    )
    for engagement in engagements[:MOST]:
        missing = "missing" if engagement.needs_familiarisation else ""
        yield CoachShare(
            name=engagement.person.name,
            people=engagement.people,
            undated=engagement.undated,
            booked=engagement.booked,
            held=engagement.held,
            familiarisation=engagement.familiarisation or missing,
            familiarisation_id=engagement.familiarisation_id,
        )


def _counted(query: Any) -> Coalesce:
    """The figure `n` of a grouped subquery, 0 where there is no row."""
    return Coalesce(Subquery(query.values("n"), output_field=IntegerField()), 0)
