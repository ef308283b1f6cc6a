"""What a coachee may book, read from the database: hours, sessions, busy calendars, holds and closed days."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery import queries
from cairn.delivery.models import (
    Availability,
    AvailabilityException,
    BusyCalendar,
    BusyTime,
    Hold,
    MeetingPlace,
    WeeklyHours,
)
from cairn.delivery.queries import free
from cairn.programmes.models import ClosedDay, Enrolment
from tests.delivery import making

WEDNESDAY = dt.date(2027, 3, 10)
DAY = dt.timedelta(days=1)


@pytest.fixture
def hours(world):
    """Ioana can be met on Wednesdays from nine to twelve, and from two to four."""
    kept = Availability.objects.create(person=world.ioana, time_zone="Europe/London", buffer_after_minutes=0)
    for starts, ends in ((9, 12), (14, 16)):
        WeeklyHours.objects.create(availability=kept, weekday=2, starts=dt.time(starts), ends=dt.time(ends))
    return kept


def asked(world, at, session=None, **more):
    """Wednesday's starts for a session of Thandiwe."""
    asked = {
        "session": session or making.undated(world),
        "engagement": world.engagements["ioana"],
        "enrolment": world.enrolments["thandiwe"],
        "first": WEDNESDAY,
        "last": WEDNESDAY,
        "holder": None,
        "at": at,
    }
    return queries.bookable(**(asked | more))


def walls(found):
    return [f"{each.wall:%H:%M}" for each in found]


def spanning(hour, minutes=60, on=WEDNESDAY):
    begins = dt.datetime.combine(on, dt.time(hour), tzinfo=dt.UTC)
    return DateTimeTZRange(begins, begins + dt.timedelta(minutes=minutes))


def busy(person, during):
    calendar = BusyCalendar.objects.create(person=person, kind="ics", name="Mine", added_at=during.lower)
    BusyTime.objects.create(calendar=calendar, person=person, during=during)


def test_a_coachee_may_book_what_the_hours_leave(world, hours, at):
    found = asked(world, at)
    assert walls(found) == ["09:00", "09:30", "10:00", "10:30", "11:00", "14:00", "14:30", "15:00"]
    assert found[0].starts_at == dt.datetime(2027, 3, 10, 9, tzinfo=dt.UTC)
    assert {each.fold for each in found} == {0}


def test_places_are_those_of_the_hours(world, hours, at):
    room = MeetingPlace.objects.create(person=world.ioana, name="Room 12", mode="in_person", where="LEAK-PLACE")
    call = MeetingPlace.objects.create(person=world.ioana, name="Video", mode="online", position=2)
    hours.hours.filter(starts=dt.time(14)).update(place=room)

    found = asked(world, at)

    seen_room = queries.MeetingPlaceSeen(room.pk, "Room 12", "in_person")
    assert found[0].places == (seen_room, queries.MeetingPlaceSeen(call.pk, "Video", "online"))
    assert found[-1].places == (seen_room,)


def test_sessions_calendars_holds_and_closed_days_are_in_the_way(world, hours, at):
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 10, 9), by=world.ioana, at=at)
    busy(world.ioana, spanning(10, 30))
    busy(world.thandiwe, spanning(14))
    busy(world.siobhan, spanning(11))
    assert walls(asked(world, at)) == ["10:30", "11:00", "15:00"]
    ClosedDay.objects.create(organisation=world.harbour, on=WEDNESDAY)
    assert walls(asked(world, at)) == ["10:30", "11:00", "15:00"]
    ClosedDay.objects.create(organisation=world.eastmere, on=WEDNESDAY)
    assert asked(world, at) == ()


def test_a_hold_of_somebody_else_is_in_the_way_until_it_runs_out(world, hours, at):
    theirs = making.undated(world, "part")
    kept = Hold.objects.create(
        session=theirs,
        coach=world.ioana,
        by=world.part,
        wall_starts=dt.datetime(2027, 3, 10, 9, tzinfo=dt.UTC),
        during=spanning(9),
        expires_at=at + dt.timedelta(minutes=5),
    )
    assert walls(asked(world, at))[0] == "10:00"
    assert walls(asked(world, at, holder=world.part))[0] == "09:00"
    assert walls(asked(world, at, session=theirs, enrolment=world.enrolments["part"]))[0] == "09:00"
    Hold.objects.filter(pk=kept.pk).update(expires_at=at)
    assert walls(asked(world, at))[0] == "09:00"


def test_a_session_is_not_in_its_own_way(world, hours, at):
    own = making.date(making.undated(world), dt.datetime(2027, 3, 10, 9, 30), by=world.ioana, at=at)
    assert walls(asked(world, at, session=own))[:3] == ["09:00", "09:30", "10:00"]
    assert walls(asked(world, at))[0] == "10:30"


def test_limits_count_what_the_coach_gives(world, hours, at):
    Availability.objects.filter(pk=hours.pk).update(most_per_week=1)
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 12, 9), by=world.ioana, at=at)
    assert asked(world, at) == ()
    assert walls(asked(world, at, first=WEDNESDAY + 7 * DAY, last=WEDNESDAY + 7 * DAY))[0] == "09:00"


def test_nothing_is_offered_without_hours_or_outside_the_cohort_and_the_enrolment(world, hours, at):
    assert asked(world, at, engagement=world.engagements["malik"]) == ()
    assert asked(world, at, first=dt.date(2027, 9, 7), last=dt.date(2027, 9, 30)) == ()
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(left_on=WEDNESDAY)
    world.enrolments["thandiwe"].refresh_from_db()
    assert asked(world, at) == ()
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(left_on=None)
    world.enrolments["thandiwe"].refresh_from_db()
    Availability.objects.filter(pk=hours.pk).update(is_open=False)
    assert asked(world, at) == ()


def test_days_away_and_days_besides_are_read(world, hours, at):
    AvailabilityException.objects.create(availability=hours, first_on=WEDNESDAY, last_on=WEDNESDAY + 30 * DAY)
    assert asked(world, at) == ()
    AvailabilityException.objects.create(
        availability=hours,
        first_on=WEDNESDAY - DAY,
        last_on=WEDNESDAY - DAY,
        starts=dt.time(18),
        ends=dt.time(19),
        is_open=True,
    )
    assert walls(asked(world, at, first=WEDNESDAY - DAY)) == ["18:00"]


def test_one_start_can_be_checked_again(world, hours, at):
    session = making.undated(world)
    common = {
        "session": session,
        "engagement": world.engagements["ioana"],
        "enrolment": world.enrolments["thandiwe"],
        "holder": None,
        "at": at,
    }
    nine, ten_past = spanning(9).lower, spanning(9).lower + dt.timedelta(minutes=10)
    assert queries.bookable_at(**common, starts_at=nine).starts_at == nine
    assert queries.bookable_at(**common, starts_at=ten_past) is None
    following = queries.next_bookable(**common, after=spanning(15).lower)
    assert walls(following) == ["15:00", "09:00", "09:30"]
    assert following[1].wall.date() == WEDNESDAY + 7 * DAY


@pytest.mark.parametrize("weeks", [1, 12])
def test_two_statements_read_everything(world, hours, at, weeks, django_assert_num_queries):
    session = making.undated(world)
    for number in range(weeks):
        busy(world.ioana, spanning(9, on=WEDNESDAY + 7 * number * DAY))
    world.engagements["ioana"].cohort.programme.organisation_id  # noqa: B018 - the caller has it loaded
    with django_assert_num_queries(2):
        asked(world, at, session=session, last=WEDNESDAY + 7 * weeks * DAY)


def test_free_times_for_staff_keep_to_hours_busy_times_and_holds(world, hours, at):
    Availability.objects.filter(pk=hours.pk).update(notice_hours=400, most_per_day=1)
    busy(world.ioana, spanning(9))
    common = {"engagement": world.engagements["ioana"], "enrolment": None, "minutes": 60}
    assert queries.next_free(**common, after=spanning(8).lower)[0] == spanning(10).lower
    Hold.objects.create(
        session=making.undated(world, "part"),
        coach=world.ioana,
        by=world.part,
        wall_starts=dt.datetime(2027, 3, 10, 10, tzinfo=dt.UTC),
        during=spanning(10),
        expires_at=at,
    )
    assert queries.next_free(**common, after=spanning(8).lower)[0] == spanning(11).lower
    assert queries.next_free(**common, after=spanning(8).lower, at=at)[0] == spanning(10).lower
    everybody = {
        "after": spanning(8).lower,
        "minutes": 60,
        "zone": "Europe/London",
        "organisation_id": world.eastmere.pk,
        "until": WEDNESDAY,
    }
    assert free.free_starts({world.ioana.pk}, **everybody)[0] == spanning(11).lower
    assert free.free_starts({world.ioana.pk}, **everybody, at=at)[0] == spanning(10).lower
