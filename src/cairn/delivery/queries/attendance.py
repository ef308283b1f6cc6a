"""A cohort's attendance for those who run it: everybody in figures, what is to write up, every mark for a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.paginator import Page
from django.db.models import Q

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import attendance_sql
from cairn.delivery.queries.people import Counted
from cairn.delivery.queries.timetable import row_of
from cairn.delivery.terms import Mark, SessionState
from cairn.foundation import statements
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Cohort
from cairn.programmes.terms import Kind

PER_PAGE = 25
MOST_TO_WRITE_UP = 8


@dataclass(frozen=True)
class AttendanceFilter:
    """What the reader chose to see. `group` is a number, 0 for those without one; `behind`: only who falls behind."""

    group: int | None = None
    behind: bool = False
    sort: str = "name"
    page: int = 1


class AttendanceRow(NamedTuple):
    """One person in figures: `held` sessions, of which `marked` have a mark for them; `latest` marks, oldest first."""

    id: int
    name: str
    group: int | None
    held: int
    marked: int
    attended: int
    excused: int
    late_cancelled: int
    missed: int
    latest: tuple[str, ...]
    missed_two: bool
    under_half: bool
    left_on: dt.date | None

    @property
    def percent(self) -> int | None:
        """Of the marks, how many in a hundred say attended; None without a mark."""
        return percent(self.attended, self.marked)

    @property
    def unmarked(self) -> int:
        """Held sessions at which nobody said whether they were there."""
        return self.held - self.marked

    @property
    def is_behind(self) -> bool:
        """Whether somebody who takes part misses too much."""
        return self.missed_two or self.under_half


class ToWriteUp(NamedTuple):
    """A session that is over and lacks marks. `zone` is the IANA name."""

    id: int
    title: str
    who: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    zone: str


@dataclass(frozen=True)
class CohortAttendance:
    """A page of people. The counts are of the whole cohort; `to_write_up` are the first few of `to_write_up_count`."""

    page: Page[Any]
    total: int
    behind: int
    held: int
    marked: int
    attended: int
    to_write_up_count: int
    to_write_up: tuple[ToWriteUp, ...]
    filter: AttendanceFilter = field(default_factory=AttendanceFilter)

    @property
    def percent(self) -> int | None:
        """Of all marks, how many in a hundred say attended; None without a mark."""
        return percent(self.attended, self.marked)


class MarkRow(NamedTuple):
    """One person at one session. `mark` is "" where nothing was said; `name` is a coach's at a coach meeting."""

    name: str
    kind: str
    group: int | None
    position: int
    coach: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    zone: str
    minutes: int
    state: str
    mark: str

    @property
    def kind_label(self) -> str:
        """The kind of session in words."""
        return str(Kind(self.kind).label)

    @property
    def mark_label(self) -> str:
        """The mark in words; empty without one."""
        return str(Mark(self.mark).label) if self.mark else ""


def percent(part: int, whole: int) -> int | None:
    """How many in a hundred, halves upwards; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def cohort_attendance(cohort: Cohort, chosen: AttendanceFilter, at: dt.datetime) -> CohortAttendance:
    """The attendance of a cohort that the reader was given, in two queries.

    Somebody falls behind who takes part and whose last two marks are missed, or who attended less than half of what
    was marked for them, sessions they were excused from left out. Sessions to write up are over without any mark, or
    held with somebody left out.
    """
    statement = attendance_sql.PAGES.get(chosen.sort, attendance_sql.PAGES["name"])
    wanted = {"group": chosen.group, "only_behind": chosen.behind, "page": max(chosen.page, 1), "per_page": PER_PAGE}
    found = statements.rows(statement, most=MOST_TO_WRITE_UP, **_moment(cohort, at), **wanted)
    counts = found[0]
    rows = [_row(each) for each in found if each.id is not None]
    paginator = Counted(rows, PER_PAGE, counts.shown_in_all)
    return CohortAttendance(
        page=Page(rows, min(max(chosen.page, 1), paginator.num_pages), paginator),
        total=counts.total,
        behind=counts.behind,
        held=counts.held_in_all,
        marked=counts.marked_in_all,
        attended=counts.attended_in_all,
        to_write_up_count=counts.to_write_up,
        to_write_up=tuple(_to_write_up(cohort, counts.incomplete, at)),
        filter=chosen,
    )


def attendance_for_export(cohort: Cohort, at: dt.datetime) -> Iterator[MarkRow]:
    """Every person at every session that is over, by name and time, of a cohort that the reader was given: one query.

    Coaches are in it with their marks at coach meetings.
    """
    for row in statements.rows(attendance_sql.EXPORT, **_moment(cohort, at)):
        yield MarkRow(
            name=row.name,
            kind=row.kind,
            group=row.group_number,
            position=row.position,
            coach=row.coach or "",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            zone=row.time_zone,
            minutes=row.minutes,
            state=row.state,
            mark=row.mark or "",
        )


def _moment(cohort: Cohort, at: dt.datetime) -> dict[str, Any]:
    today = at.astimezone(cohort.zone).date()
    return {
        "cohort": cohort.pk,
        "at": at,
        "today": today,
        "taking_part": [state.value for state in programme_rules.TAKING_PART],
    }


def _row(row: Any) -> AttendanceRow:
    return AttendanceRow(
        id=row.id,
        name=row.name,
        group=row.group_number,
        held=row.held,
        marked=row.marked,
        attended=row.attended,
        excused=row.excused,
        late_cancelled=row.late_cancelled,
        missed=row.missed,
        latest=tuple(reversed(row.latest)),
        missed_two=row.takes_part and row.missed_two,
        under_half=row.takes_part and row.under_half,
        left_on=None if row.takes_part else row.left_on,
    )


def _to_write_up(cohort: Cohort, incomplete: list[int], at: dt.datetime) -> Iterator[ToWriteUp]:
    """The longest overdue first. `incomplete` are ids of held sessions with somebody left out."""
    over = Q(state=SessionState.BOOKED, ends_at__lte=at) & ~Q(kind=Kind.FAMILIARISATION)
    found = (
        CoachingSession.objects.filter(over | Q(pk__in=incomplete), cohort=cohort)
        .select_related("group", "enrolment__person", "engagement__person")
        .order_by("starts_at", "pk")
    )
    for session in found[:MOST_TO_WRITE_UP]:
        row = row_of(session, at)
        who = session.enrolment.person.name if session.enrolment else row.coach
        yield ToWriteUp(row.id, row.title, who, row.starts_at, row.ends_at, row.zone)
