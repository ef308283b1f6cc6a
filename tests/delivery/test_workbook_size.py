"""A cohort-year in one workbook: 53 people, every session dated, a year of attendance."""

import datetime as dt
import time

import pytest

from cairn.delivery import queries
from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries import workbook_rows
from cairn.foundation import sheets
from cairn.programmes.models import CoachingGroup, GroupPlace
from tests import cast

PEOPLE, GROUP_SESSIONS, ONE_TO_ONES = 53, 10, 4
SECONDS = 2


@pytest.fixture
def year(world, at):
    """One coach with 53 people in five groups: 50 group sessions and 212 one-to-ones."""
    engagement, cohort = world.engagements["ioana"], world.cohort
    groups = [CoachingGroup.objects.create(cohort=cohort, number=n, engagement=engagement) for n in range(11, 16)]
    people = [
        cast.enrol(cohort, cast.person(f"p{n}@example.org", f"Person {n}"), world.host, engagement=engagement)
        for n in range(PEOPLE - 2)
    ]
    places = [
        GroupPlace(group=groups[n % 5], enrolment=each, from_on=cohort.starts_on) for n, each in enumerate(people)
    ]
    GroupPlace.objects.bulk_create(places)

    def session(number: int, **whose: object) -> CoachingSession:
        starts = dt.datetime(2026, 9, 8, 9, tzinfo=dt.UTC) + dt.timedelta(hours=number)
        return CoachingSession(
            cohort=cohort,
            engagement=engagement,
            position=number % 10 + 1,
            minutes=60,
            state="booked",
            time_zone="Europe/London",
            wall_starts=starts,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=1),
            **whose,
        )

    own = [*people, world.enrolments["thandiwe"], world.enrolments["part"]]
    made = [session(n, kind="group", group=group) for group in groups for n in range(GROUP_SESSIONS)]
    made += [session(n, kind="one_to_one", enrolment=each) for each in own for n in range(ONE_TO_ONES)]
    made = CoachingSession.objects.bulk_create(made)
    Attendance.objects.bulk_create(
        Attendance(session=each, enrolment=each.enrolment, mark="attended", marked_by=world.ioana, marked_at=at)
        for each in made
        if each.enrolment
    )
    return world


@pytest.mark.slow
def test_a_cohort_year_is_written_and_read_within_two_seconds(year, at, django_assert_num_queries, figure):
    with django_assert_num_queries(5):
        began = time.perf_counter()
        data = queries.coach_workbook(year.engagements["ioana"], at)
        written = time.perf_counter() - began
    began = time.perf_counter()
    found = workbook_rows.read(sheets.read(data, "mine.xlsx"))
    read = time.perf_counter() - began
    figure(
        f"workbook of a cohort-year: {found.rows} rows, {len(data)} bytes, written {written:.2f} s, read {read:.2f} s"
    )
    assert (found.sessions, found.marks, found.refused) == ([], [], [])
    assert found.rows == PEOPLE + 50 + 4 * PEOPLE + 4 * PEOPLE + (PEOPLE - 2) * GROUP_SESSIONS
    assert written <= SECONDS
