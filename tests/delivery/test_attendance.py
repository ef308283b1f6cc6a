import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from cairn.delivery import actions
from cairn.delivery.models import Apology, Attendance, AttendanceChange, CoachingSession
from cairn.foundation.models import MailMessage
from cairn.ledger.models import LedgerEntry
from cairn.people.queries import NotFound
from cairn.programmes.models import Cohort
from tests.delivery import making

TEN = dt.datetime(2027, 3, 10, 10, 0)
THEN = TEN.replace(tzinfo=dt.UTC)


@pytest.fixture
def session(world, at):
    """A session of group 1, with Thandiwe and Pärt in it."""
    return making.group_session(world, TEN, at=at)


def mark(session, world, *, by, at=THEN, **marks):
    """Record marks by name."""
    return actions.record_attendance(
        session=session, marks={world.enrolments[who].pk: value for who, value in marks.items()}, by=by, at=at
    )


def test_marks_move_booked_minutes_to_used_for_each_and_once_for_the_coach(world, session):
    held = mark(session, world, by=world.ioana, thandiwe="attended", part="excused")

    assert held.state == "held"
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 90)
    assert making.entitlement(world, "part", "group") == (900, 0, 0)
    assert making.coach_time(world, "ioana", "group") == (6_000, 0, 90)


def test_marking_one_by_one_is_fine_and_the_same_mark_twice_posts_nothing(world, session):
    mark(session, world, by=world.ioana, thandiwe="attended")
    assert making.entitlement(world, "part", "group") == (900, 90, 0)
    entries = LedgerEntry.objects.count()

    mark(session, world, by=world.ioana, thandiwe="attended")

    assert LedgerEntry.objects.count() == entries
    assert AttendanceChange.objects.count() == 1


def test_a_correction_keeps_its_history_and_moves_minutes_back(world, session):
    mark(session, world, by=world.ioana, thandiwe="missed")
    mark(session, world, by=world.halina, at=THEN + dt.timedelta(days=3), thandiwe="excused")

    changes = AttendanceChange.objects.order_by("pk").values_list("mark", "by__name")
    assert list(changes) == [("missed", "Ioana Pop"), ("excused", "Halina Nowak")]
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AttendanceChange.objects.all().delete()


def test_the_cohort_decides_whether_a_missed_session_uses_minutes(world, session):
    Cohort.objects.filter(pk=world.cohort.pk).update(missed_uses_minutes=False)
    mark(session, world, by=world.ioana, thandiwe="missed", part="attended")
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)


def test_attendance_waits_until_a_quarter_of_an_hour_before(world, session):
    with pytest.raises(actions.TooEarly):
        mark(session, world, by=world.ioana, at=THEN - dt.timedelta(minutes=16), thandiwe="attended")
    early = mark(session, world, by=world.ioana, at=THEN - dt.timedelta(minutes=15), thandiwe="attended")
    assert early.state == "held"


def test_a_coachee_of_another_session_is_refused_and_nothing_is_marked(world, session):
    with pytest.raises(actions.StrangerMarked):
        mark(session, world, by=world.ioana, thandiwe="attended", siobhan="attended")
    assert Attendance.objects.count() == 0


def test_only_the_coach_and_coordinators_mark(world, session):
    for stranger in (world.malik, world.thandiwe, world.otto, world.gwen):
        with pytest.raises(actions.NotAllowed):
            mark(session, world, by=stranger, thandiwe="attended")


def test_a_held_session_is_neither_moved_nor_cancelled(world, session):
    held = mark(session, world, by=world.ioana, thandiwe="attended")
    with pytest.raises(actions.AlreadyHeld):
        making.date(held, TEN + dt.timedelta(days=7), by=world.ioana, at=THEN)
    with pytest.raises(actions.AlreadyHeld):
        actions.cancel_session(session=held, expected_version=held.version, by=world.ioana, at=THEN)


def test_an_excused_one_to_one_leaves_another_to_date(world, at):
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    first = CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"]).order_by("position").first()
    booked = making.date(first, TEN, by=world.ioana, at=at)

    mark(booked, world, by=world.ioana, thandiwe="excused")
    waiting = CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"], state="undated")
    assert sum(waiting.values_list("minutes", flat=True)) == 210

    mark(booked, world, by=world.ioana, thandiwe="attended")
    assert sum(waiting.values_list("minutes", flat=True)) == 150
    assert making.entitlement(world, "thandiwe") == (210, 0, 60)


def test_coaches_are_paid_for_meetings_they_attend_and_mark_themselves(world, at):
    meeting = actions.add_session(cohort=world.cohort, kind="coach_meeting", wall_starts=TEN, by=world.halina, at=at)
    ioana, malik = world.engagements["ioana"].pk, world.engagements["malik"].pk

    actions.record_meeting_attendance(session=meeting, marks={ioana: "attended"}, by=world.ioana, at=THEN)
    with pytest.raises(actions.NotAllowed):
        actions.record_meeting_attendance(session=meeting, marks={malik: "attended"}, by=world.ioana, at=THEN)
    actions.record_meeting_attendance(session=meeting, marks={malik: "missed"}, by=world.halina, at=THEN)

    assert making.coach_time(world, "ioana", "coach_meeting") == (360, 0, 90)
    assert making.coach_time(world, "malik", "coach_meeting") == (360, 0, 0)


def test_apologies_in_time_return_the_minutes_and_the_coach_is_told_without_a_reason(world, session, at):
    MailMessage.objects.all().delete()
    apology = actions.send_apologies(session=session, by=world.thandiwe, at=at)

    assert apology.in_time is True
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)
    assert making.entitlement(world, "part", "group") == (900, 90, 0)
    assert making.coach_time(world, "ioana", "group") == (6_000, 90, 0)
    assert making.told() == {"ioana@example.org"}


def test_apologies_said_twice_are_one(world, session, at):
    MailMessage.objects.all().delete()
    for _each in range(2):
        actions.send_apologies(session=session, by=world.thandiwe, at=at)
    assert (Apology.objects.count(), MailMessage.objects.count()) == (1, 1)


def test_late_apologies_are_a_late_cancellation_that_uses_minutes_as_agreed(world, session):
    late = THEN - dt.timedelta(hours=23)
    assert actions.send_apologies(session=session, by=world.thandiwe, at=late).in_time is False
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 90)


def test_late_apologies_cost_nothing_where_the_cohort_agreed_so(world, session):
    Cohort.objects.filter(pk=world.cohort.pk).update(late_cancelled_uses_minutes=False)
    actions.send_apologies(session=session, by=world.thandiwe, at=THEN - dt.timedelta(hours=1))
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)


def test_apologies_become_marks_when_the_session_is_marked(world, session, at):
    actions.send_apologies(session=session, by=world.thandiwe, at=at)

    mark(session, world, by=world.ioana, part="attended")

    assert dict(Attendance.objects.values_list("enrolment__person__name", "mark")) == {
        "Pärt Tamm": "attended",
        "Thandiwe Ndlovu": "excused",
    }


def test_whoever_comes_after_all_is_marked_as_there(world, session, at):
    actions.send_apologies(session=session, by=world.thandiwe, at=at)
    mark(session, world, by=world.ioana, thandiwe="attended", part="attended")
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 90)


def test_apologies_can_be_withdrawn_until_the_session_begins(world, session, at):
    actions.send_apologies(session=session, by=world.thandiwe, at=at)
    actions.withdraw_apologies(session=session, by=world.thandiwe, at=at)
    assert making.entitlement(world, "thandiwe", "group") == (900, 90, 0)

    actions.send_apologies(session=session, by=world.thandiwe, at=at)
    with pytest.raises(actions.TooLate):
        actions.withdraw_apologies(session=session, by=world.thandiwe, at=THEN)
    with pytest.raises(actions.TooLate):
        actions.send_apologies(session=session, by=world.part, at=THEN)


def test_nobody_apologises_for_a_session_they_are_not_in(world, session, at):
    for stranger in (world.siobhan, world.ioana, world.nia):
        with pytest.raises(NotFound):
            actions.send_apologies(session=session, by=stranger, at=at)


def test_apologies_fall_away_when_the_session_moves(world, session, at):
    actions.send_apologies(session=session, by=world.thandiwe, at=at)

    making.date(session, TEN + dt.timedelta(days=1), by=world.ioana, at=at)

    assert Apology.objects.count() == 0
    assert making.entitlement(world, "thandiwe", "group") == (900, 90, 0)
