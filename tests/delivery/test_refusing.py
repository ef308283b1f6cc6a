"""What a coachee reads about a time they cannot have, and what a hold promises."""

import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.delivery.models import AvailabilityException, BusyCalendar, BusyTime, Hold
from tests.delivery import booking_hours, making
from tests.delivery.test_self_booking import ELEVEN, HOUR, MINUTES, TEN, book, cancel, fresh, hold


@pytest.fixture
def session(world):
    """A one-to-one of Thandiwe's without a date; Ioana keeps hours."""
    booking_hours.keep(world.ioana)
    return making.undated(world)


def away(world, at):
    day = TEN.date()
    kept = booking_hours.Availability.objects.get(person=world.ioana)
    AvailabilityException.objects.create(availability=kept, first_on=day, last_on=day)


def refused(session, starts_at, *, by, at):
    with pytest.raises(actions.NotBookable) as refusal:
        hold(session, starts_at, by=by, at=at)
    return refusal.value


def test_a_start_that_was_never_offered_is_refused_with_its_reason_and_the_next_free_times(world, at, session):
    me = world.thandiwe
    found = {
        starts_at: refused(session, starts_at, by=me, at=at)
        for starts_at in (TEN - 7 * HOUR, TEN + 7 * MINUTES, at - HOUR, at + 2 * HOUR, TEN + 70 * 24 * HOUR)
    }

    assert [each.why for each in found.values()] == ["not_offered", "not_offered", "past", "late", "far"]
    assert [len(each.next_free) for each in found.values()] == [3] * 5
    assert found[at + 2 * HOUR].reason == "It is too late to book this time: your coach wants to know 24 hours before."


def test_who_is_in_another_session_then_reads_that_and_not_that_somebody_was_quicker(world, at, session):
    book(making.undated(world), TEN, by=world.thandiwe, at=at)
    calendar = BusyCalendar.objects.create(person=world.thandiwe, kind="ics", name="mine", added_at=at)
    BusyTime.objects.create(calendar=calendar, person=world.thandiwe, during=(ELEVEN, ELEVEN + HOUR))

    in_session = refused(session, TEN + 30 * MINUTES, by=world.thandiwe, at=at)
    busy = refused(session, ELEVEN + 30 * MINUTES, by=world.thandiwe, at=at)

    assert (in_session.why, in_session.next_free[0]) == ("own_session", ELEVEN + HOUR)
    assert busy.why == "own_calendar"


def test_a_limit_that_ones_own_session_fills_is_not_somebody_elses(world, at, session):
    booking_hours.Availability.objects.update(most_per_day=1)
    book(making.undated(world), TEN, by=world.thandiwe, at=at)

    assert refused(session, ELEVEN + HOUR, by=world.thandiwe, at=at).why == "own_near"


def test_what_the_coach_does_or_another_coachee_is_one_sentence(world, at, session):
    other = making.undated(world, "part")
    calendar = BusyCalendar.objects.create(person=world.ioana, kind="ics", name="theirs", added_at=at)
    BusyTime.objects.create(calendar=calendar, person=world.ioana, during=(ELEVEN + HOUR, ELEVEN + 2 * HOUR))
    book(other, TEN, by=world.part, at=at)

    for starts_at in (TEN, ELEVEN + HOUR):
        with pytest.raises(actions.JustTaken):
            hold(session, starts_at, by=world.thandiwe, at=at)


@pytest.mark.parametrize("chooses_another_place", [False, True])
def test_a_hold_stands_when_the_coach_is_away_meanwhile(world, at, session, chooses_another_place):
    booking_hours.place(world.ioana, "Online")
    room = booking_hours.place(world.ioana, "Room 2", "in_person", "Room 2, Old Building")
    held = hold(session, TEN, by=world.thandiwe, at=at)
    away(world, at)

    booked = actions.book_held(
        session=session,
        starts_at=TEN,
        place_id=room.pk if chooses_another_place else held.place_id,
        expected_version=1,
        by=world.thandiwe,
        at=at + MINUTES,
    )

    assert (booked.starts_at, booked.mode) == (TEN, "in_person" if chooses_another_place else "online")


def test_a_hold_that_ran_out_is_refused_when_the_coach_is_away_meanwhile(world, at, session):
    hold(session, TEN, by=world.thandiwe, at=at)
    away(world, at)

    with pytest.raises(actions.NotBookable) as refusal:
        actions.book_held(session=session, starts_at=TEN, by=world.thandiwe, at=at + 6 * MINUTES)

    assert refusal.value.reason == "Your coach no longer offers this time."
    assert refusal.value.next_free[0] == TEN + 23 * HOUR


def test_a_live_hold_is_not_booked_over_a_session_of_ones_own(world, at, session):
    hold(session, TEN, by=world.thandiwe, at=at)
    group = world.groups[1]
    other_coach = world.engagements["malik"]
    type(group).objects.filter(pk=group.pk).update(engagement=other_coach)
    group.refresh_from_db()
    making.group_session(world, dt.datetime(2027, 3, 8, 10), at=at)

    with pytest.raises(actions.NotBookable) as refusal:
        actions.book_held(session=session, starts_at=TEN, by=world.thandiwe, at=at + MINUTES)

    assert refusal.value.why == "own_session"


def test_what_was_cancelled_in_another_window_is_not_booked_by_an_old_page(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    hold(session, ELEVEN, by=world.thandiwe, at=at)
    seen = fresh(session).version
    cancel(session, by=world.thandiwe, at=at)

    with pytest.raises(actions.ChangedMeanwhile) as refusal:
        actions.book_held(session=session, starts_at=ELEVEN, expected_version=seen, by=world.thandiwe, at=at)

    assert "It has no date now." in str(refusal.value)
    assert (fresh(session).state, Hold.objects.count()) == ("undated", 0)
