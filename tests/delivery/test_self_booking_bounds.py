"""What a coachee cannot do to book, move or cancel more cheaply than was agreed, or a coach to forgive."""

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import Apology
from cairn.foundation.models import MailMessage
from cairn.people.actions import end_role
from cairn.people.queries import NotFound
from tests.delivery import booking_hours, making
from tests.delivery.test_self_booking import ELEVEN, HOUR, MINUTES, TEN, book, cancel, fresh, hold, take_back


@pytest.fixture
def session(world):
    """A one-to-one of Thandiwe's without a date; Ioana keeps hours."""
    booking_hours.keep(world.ioana)
    return making.undated(world)


def test_what_was_taken_back_is_not_taken_back_again(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    near = TEN - 5 * MINUTES
    cancel(session, by=world.thandiwe, at=near)
    take_back(session, by=world.thandiwe, at=near + MINUTES)

    with pytest.raises(actions.NotPossibleNow):
        take_back(session, by=world.thandiwe, at=near + 2 * MINUTES)
    cancel(session, by=world.thandiwe, at=near + 3 * MINUTES)

    assert making.entitlement(world, "thandiwe")[1:] == (0, 60)


def test_a_move_taken_back_is_not_moved_again_by_undoing(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    book(session, TEN + 168 * HOUR, by=world.thandiwe, at=TEN - 24 * HOUR - MINUTES)
    back = take_back(session, by=world.thandiwe, at=TEN - 24 * HOUR + MINUTES)

    with pytest.raises(actions.NotPossibleNow):
        take_back(session, by=world.thandiwe, at=TEN - 24 * HOUR + 2 * MINUTES)

    assert (back.starts_at, fresh(session).starts_at) == (TEN, TEN)


def test_nothing_is_taken_back_once_the_session_has_begun(world, at, session):
    booking_hours.Availability.objects.update(notice_hours=0)
    booked, cancelled = session, making.undated(world)
    book(booked, TEN, by=world.thandiwe, at=TEN - 2 * MINUTES)
    book(cancelled, ELEVEN, by=world.thandiwe, at=at)
    cancel(cancelled, by=world.thandiwe, at=ELEVEN - 2 * MINUTES)

    for which, now in ((booked, TEN), (cancelled, ELEVEN + 5 * MINUTES)):
        with pytest.raises(actions.TooLate):
            take_back(which, by=world.thandiwe, at=now)

    assert making.entitlement(world, "thandiwe")[1:] == (60, 60)


def test_a_session_that_would_cost_minutes_is_not_moved_instead(world, at, session):
    booking_hours.Availability.objects.update(cut_off_hours=0)
    book(session, TEN, by=world.thandiwe, at=at)
    now = TEN - HOUR
    costs = queries.own_booking(world.thandiwe, session.pk, now)
    with pytest.raises(actions.CutOffPassed) as refused:
        hold(session, TEN + 168 * HOUR, by=world.thandiwe, at=now)
    type(world.cohort).objects.update(late_cancelled_uses_minutes=False)
    free = queries.own_booking(world.thandiwe, session.pk, now)

    assert "less than 24 hours" in str(refused.value)
    assert [(own.cut_off_at, own.obstacle) for own in (costs, free)] == [(TEN - 24 * HOUR, "too_late"), (TEN, "")]
    assert book(session, TEN + 168 * HOUR, by=world.thandiwe, at=now).starts_at == TEN + 168 * HOUR


def test_apologies_that_came_late_are_not_moved_away(world, at, session):
    booking_hours.Availability.objects.update(cut_off_hours=0)
    book(session, TEN, by=world.thandiwe, at=at)
    actions.send_apologies(session=fresh(session), by=world.thandiwe, at=TEN - HOUR)
    type(world.cohort).objects.update(apologies_hours=0)

    own = queries.own_booking(world.thandiwe, session.pk, TEN - HOUR)
    with pytest.raises(actions.NotPossibleNow):
        hold(session, TEN + 168 * HOUR, by=world.thandiwe, at=TEN - HOUR)

    assert (own.obstacle, Apology.objects.get().in_time) == ("too_late", False)


def test_apologies_in_time_make_a_later_cancellation_free(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    actions.send_apologies(session=fresh(session), by=world.thandiwe, at=at)
    own = queries.own_booking(world.thandiwe, session.pk, TEN - HOUR)

    cancelled = cancel(session, by=world.thandiwe, at=TEN - HOUR)

    assert (own.in_time_until, cancelled.state) == (TEN, "undated")
    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)


def test_nothing_is_forgiven_to_who_has_left(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    cancel(session, by=world.thandiwe, at=TEN - HOUR)
    actions.leave_cohort(enrolment_id=session.enrolment_id, by=world.thandiwe, at=TEN - HOUR / 2)
    MailMessage.objects.all().delete()

    for change in (actions.forgive_late, actions.count_late):
        with pytest.raises(actions.NotPossibleNow, match="has left"):
            change(session=session, enrolment_id=session.enrolment_id, by=world.ioana, at=TEN + 48 * HOUR)

    assert (making.entitlement(world, "thandiwe")[1:], MailMessage.objects.count()) == ((0, 60), 0)


def test_only_what_was_forgiven_counts_again(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    actions.record_attendance(session=session, marks={session.enrolment_id: "excused"}, by=world.ioana, at=TEN + HOUR)

    with pytest.raises(actions.NotPossibleNow):
        actions.count_late(session=session, enrolment_id=session.enrolment_id, by=world.ioana, at=TEN + HOUR)

    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)


def test_whose_role_has_ended_books_no_more(world, at, session):
    end_role(person=world.thandiwe, organisation=world.eastmere, role="coachee", by=world.halina, at=at)
    me = type(world.thandiwe).objects.get(pk=world.thandiwe.pk)

    for refused in (
        lambda: hold(session, TEN, by=me, at=at + MINUTES),
        lambda: queries.own_booking(me, session.pk, at + MINUTES),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_time_is_not_held_for_ever(world, at, session):
    other = making.undated(world)
    first = hold(session, TEN, by=world.thandiwe, at=at)
    again = hold(session, TEN, by=world.thandiwe, at=at + 4 * MINUTES)
    hold(other, TEN, by=world.thandiwe, at=at + 6 * MINUTES)

    with pytest.raises(actions.NotPossibleNow):
        hold(session, TEN, by=world.thandiwe, at=at + 12 * MINUTES)

    assert again.expires_at == first.expires_at
    assert hold(session, ELEVEN, by=world.thandiwe, at=at + 12 * MINUTES).during.lower == ELEVEN
    assert hold(session, TEN, by=world.thandiwe, at=at + 66 * MINUTES).during.lower == TEN


def test_who_books_what_they_held_may_hold_it_again(world, at, session):
    for _each in range(3):
        book(session, TEN, by=world.thandiwe, at=at)
        cancel(session, by=world.thandiwe, at=at)

    assert hold(session, TEN, by=world.thandiwe, at=at).during.lower == TEN
