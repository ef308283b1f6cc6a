import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.engines import cadence
from cairn.foundation.models import MailMessage
from cairn.ledger.actions import NotEnoughMinutes
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.programmes.models import Cohort, Enrolment
from tests.delivery import making

WEDNESDAY_TEN = dt.datetime(2027, 3, 10, 10, 0)


def test_a_dated_session_takes_people_minutes_and_notice(world, at):
    session = making.undated(world)

    booked = making.date(session, WEDNESDAY_TEN, by=world.ioana, at=at)

    assert (booked.state, booked.version) == ("booked", 2)
    assert booked.starts_at == dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)
    assert booked.ends_at == dt.datetime(2027, 3, 10, 11, 0, tzinfo=dt.UTC)
    assert making.taken(booked) == {world.ioana.pk, world.thandiwe.pk}
    assert making.entitlement(world, "thandiwe") == (210, 60, 0)
    assert making.coach_time(world, "ioana") == (12_000, 60, 0)
    assert making.told() == {"thandiwe@example.org"}


def test_a_moved_session_keeps_its_minutes_and_frees_the_former_time(world, at):
    booked = making.date(making.undated(world), WEDNESDAY_TEN, by=world.ioana, at=at)

    moved = making.date(booked, WEDNESDAY_TEN + dt.timedelta(days=1), by=world.halina, at=at)
    again = making.date(making.undated(world), WEDNESDAY_TEN, by=world.ioana, at=at)

    assert moved.version == 3
    assert again.state == "booked"
    assert making.entitlement(world, "thandiwe") == (210, 120, 0)
    assert PersonTime.objects.filter(session=moved).count() == 2


def test_a_mail_names_wall_time_and_zone_and_no_link(world, at):
    session = making.undated(world)
    actions.date_session(
        session=session,
        wall_starts=WEDNESDAY_TEN,
        mode="online",
        where="https://meet.example/secret",
        expected_version=1,
        by=world.halina,
        at=at,
    )
    bodies = {mail.address: mail.subject + mail.body for mail in MailMessage.objects.all()}

    assert bodies.keys() == {"ioana@example.org", "thandiwe@example.org"}
    for body in bodies.values():
        assert "Wednesday 10 March 2027, 10:00 to 11:00 (London time)" in body
        assert "secret" not in body


def test_a_cancelled_one_to_one_waits_for_a_date_again(world, at):
    booked = making.date(making.undated(world), WEDNESDAY_TEN, by=world.ioana, at=at)

    cancelled = actions.cancel_session(session=booked, reason_kind="coach", expected_version=2, by=world.ioana, at=at)

    assert (cancelled.state, cancelled.starts_at, cancelled.version) == ("undated", None, 3)
    assert making.taken(booked) == set()
    assert making.entitlement(world, "thandiwe") == (210, 0, 0)
    assert making.coach_time(world, "ioana") == (12_000, 0, 0)


def test_a_cancelled_group_session_is_cancelled_and_can_be_restored(world, at):
    session = making.group_session(world, WEDNESDAY_TEN, at=at)
    assert making.entitlement(world, "part", "group") == (900, 90, 0)

    actions.cancel_session(session=session, expected_version=1, by=world.halina, at=at)
    assert making.entitlement(world, "part", "group") == (900, 0, 0)
    restored = actions.restore_session(session=session, expected_version=2, by=world.halina, at=at)

    assert (restored.state, restored.version) == ("booked", 3)
    assert restored.wall_time == WEDNESDAY_TEN
    assert making.entitlement(world, "part", "group") == (900, 90, 0)
    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk, world.part.pk}


def test_a_cancelled_one_to_one_is_restored_to_its_former_time(world, at):
    booked = making.date(making.undated(world), WEDNESDAY_TEN, by=world.ioana, at=at)
    actions.cancel_session(session=booked, expected_version=2, by=world.ioana, at=at)

    restored = actions.restore_session(session=booked, expected_version=3, by=world.ioana, at=at)

    assert restored.wall_time == WEDNESDAY_TEN
    with pytest.raises(actions.NotPossibleNow):
        actions.restore_session(session=booked, expected_version=4, by=world.ioana, at=at)


def test_a_slot_that_was_taken_meanwhile_is_not_restored(world, at):
    booked = making.date(making.undated(world), WEDNESDAY_TEN, by=world.ioana, at=at)
    actions.cancel_session(session=booked, expected_version=2, by=world.ioana, at=at)
    making.date(making.undated(world, "part"), WEDNESDAY_TEN, by=world.ioana, at=at)

    with pytest.raises(actions.JustTaken) as refusal:
        actions.restore_session(session=booked, expected_version=3, by=world.ioana, at=at)

    assert refusal.value.who_is_busy == "coach"


def test_a_clash_says_when_everybody_is_free_and_nothing_about_the_other_session(world, at):
    making.date(making.undated(world, "part"), WEDNESDAY_TEN, by=world.ioana, at=at)

    with pytest.raises(actions.JustTaken) as refusal:
        making.date(making.undated(world), WEDNESDAY_TEN + dt.timedelta(minutes=30), by=world.ioana, at=at)

    assert refusal.value.next_free == (
        dt.datetime(2027, 3, 10, 11, 0, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 10, 11, 30, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 10, 12, 0, tzinfo=dt.UTC),
    )
    assert str(refusal.value) == (
        "The coach is no longer free on Wednesday 10 March 2027, 10:30 (London time). The next free times are: "
        "Wednesday 10 March 2027, 11:00 (London time); Wednesday 10 March 2027, 11:30 (London time); "
        "Wednesday 10 March 2027, 12:00 (London time)."
    )


def test_a_coachee_cannot_be_in_two_sessions_of_two_coaches(world, at):
    making.group_session(world, WEDNESDAY_TEN, at=at)
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(engagement=world.engagements["malik"])
    world.enrolments["thandiwe"].refresh_from_db()

    with pytest.raises(actions.JustTaken) as refusal:
        making.date(making.undated(world), WEDNESDAY_TEN, by=world.malik, at=at)

    assert refusal.value.who_is_busy == "coachee"


def test_sessions_may_follow_one_another_without_a_gap(world, at):
    making.date(making.undated(world, "part"), WEDNESDAY_TEN, by=world.ioana, at=at)

    after = making.date(making.undated(world), WEDNESDAY_TEN + dt.timedelta(hours=1), by=world.ioana, at=at)

    assert after.state == "booked"


def test_the_later_of_two_is_told_how_it_stands_now(world, at):
    session = making.undated(world)
    making.date(session, WEDNESDAY_TEN, by=world.ioana, at=at)

    with pytest.raises(actions.ChangedMeanwhile) as refusal:
        actions.date_session(
            session=session,
            wall_starts=WEDNESDAY_TEN + dt.timedelta(days=1),
            mode="online",
            where="",
            expected_version=1,
            by=world.halina,
            at=at,
        )

    assert refusal.value.session.version == 2
    assert str(refusal.value) == (
        "This session was changed since you opened it. It is now on Wednesday 10 March 2027, 10:00 to 11:00 "
        "(London time), online."
    )


@pytest.mark.parametrize(
    ("wall_starts", "refusal"),
    [
        (dt.datetime(2026, 9, 6, 10, 0), actions.OutsideCohort),
        (dt.datetime(2027, 9, 7, 10, 0), actions.OutsideCohort),
    ],
)
def test_times_outside_the_cohort_are_refused(world, at, wall_starts, refusal):
    with pytest.raises(refusal):
        making.date(making.undated(world), wall_starts, by=world.ioana, at=at)
    assert CoachingSession.objects.get().state == "undated"


def test_a_one_to_one_is_written_down_after_it_was_held_and_nobody_is_mailed(world, at):
    session = making.date(making.undated(world), dt.datetime(2027, 3, 2, 10, 0), by=world.ioana, at=at)
    assert (session.state, session.starts_at) == ("booked", dt.datetime(2027, 3, 2, 10, 0, tzinfo=dt.UTC))
    assert MailMessage.objects.count() == 0


def test_a_group_session_lies_ahead(world, at):
    with pytest.raises(actions.InThePast):
        actions.add_session(
            cohort=world.cohort,
            kind="group",
            group=world.groups[1],
            wall_starts=dt.datetime(2027, 3, 2, 10, 0),
            mode="online",
            where="",
            by=world.halina,
            at=at,
        )


@pytest.mark.parametrize(
    ("zone", "missing", "twice", "first"),
    [
        # clocks go forward and back in London, Auckland (southern) and Lord Howe (half an hour)
        ("Europe/London", (2027, 3, 28, 1, 30), (2027, 10, 31, 1, 30), (2027, 10, 31, 0, 30)),
        ("Pacific/Auckland", (2027, 9, 26, 2, 30), (2027, 4, 4, 2, 30), (2027, 4, 3, 13, 30)),
        ("Australia/Lord_Howe", (2027, 10, 3, 2, 15), (2027, 4, 4, 1, 45), (2027, 4, 3, 14, 45)),
    ],
)
def test_skipped_and_repeated_wall_times_are_never_guessed(world, at, zone, missing, twice, first):
    Cohort.objects.filter(pk=world.cohort.pk).update(time_zone=zone, ends_on=dt.date(2027, 12, 1))
    world.cohort.refresh_from_db()
    session = making.undated(world)

    with pytest.raises(cadence.MissingWallTime):
        making.date(session, dt.datetime(*missing), by=world.ioana, at=at)
    with pytest.raises(cadence.AmbiguousWallTime) as choice:
        making.date(session, dt.datetime(*twice), by=world.ioana, at=at)
    booked = making.date(session, dt.datetime(*twice), fold=0, by=world.ioana, at=at)

    assert choice.value.candidates[0] == booked.starts_at == dt.datetime(*first, tzinfo=dt.UTC)
    assert (booked.wall_time, booked.time_zone) == (dt.datetime(*twice), zone)


def test_the_second_of_two_readings_is_restored_as_the_second(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 12, 1))
    world.cohort.refresh_from_db()
    twice = dt.datetime(2027, 10, 31, 1, 30)
    booked = making.date(making.undated(world), twice, fold=1, by=world.ioana, at=at)
    actions.cancel_session(session=booked, expected_version=2, by=world.ioana, at=at)

    restored = actions.restore_session(session=booked, expected_version=3, by=world.ioana, at=at)

    assert restored.starts_at == dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)


def test_only_the_coach_and_coordinators_move_a_session(world, at):
    session = making.undated(world)
    for stranger in (world.malik, world.rosa, world.thandiwe, world.otto, world.gwen, world.lena):
        with pytest.raises(actions.NotAllowed):
            making.date(session, WEDNESDAY_TEN, by=stranger, at=at)


def test_a_coach_whose_role_has_ended_moves_nothing(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(engagement=world.engagements["rosa"])
    world.enrolments["thandiwe"].refresh_from_db()
    with pytest.raises(actions.NotAllowed):
        making.date(making.undated(world), WEDNESDAY_TEN, by=world.rosa, at=at)


def test_minutes_that_do_not_suffice_leave_everything_as_it_was(world, at):
    sessions = [making.undated(world) for _each in range(4)]
    for day, session in enumerate(sessions[:3]):
        making.date(session, WEDNESDAY_TEN + dt.timedelta(days=day), by=world.ioana, at=at)

    with pytest.raises(NotEnoughMinutes):
        making.date(sessions[3], WEDNESDAY_TEN + dt.timedelta(days=5), by=world.ioana, at=at)

    assert making.taken(sessions[3]) == set()
    assert making.entitlement(world, "thandiwe") == (210, 180, 0)


def test_somebody_who_left_is_in_no_session_and_gets_no_mail(world, at):
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(state="left", left_on=dt.date(2027, 3, 1))

    session = making.group_session(world, WEDNESDAY_TEN, at=at)

    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk}
    assert making.told() == {"ioana@example.org", "thandiwe@example.org"}


def test_a_session_added_across_cohorts_is_refused(world, at):
    with pytest.raises(actions.NotAllowed):
        actions.add_session(
            cohort=world.cohort,
            kind="one_to_one",
            enrolment=world.enrolments["nia"],
            wall_starts=WEDNESDAY_TEN,
            by=world.halina,
            at=at,
        )


def test_a_coach_meeting_is_with_every_coach_at_work(world, at):
    meeting = actions.add_session(
        cohort=world.cohort, kind="coach_meeting", wall_starts=WEDNESDAY_TEN, by=world.halina, at=at
    )

    assert making.taken(meeting) == {world.ioana.pk, world.malik.pk}
    assert making.told() == {"ioana@example.org", "malik@example.org"}
    assert making.coach_time(world, "malik", "coach_meeting") == (360, 90, 0)


def test_familiarisation_is_paid_once(world, at):
    engagement = world.engagements["malik"]

    session = actions.hold_familiarisation(engagement=engagement, on=dt.date(2026, 9, 10), by=world.malik, at=at)

    assert (session.state, session.wall_time) == ("held", dt.datetime(2026, 9, 10))
    assert making.coach_time(world, "malik", "familiarisation") == (240, 0, 240)
    assert LedgerEntry.objects.get(source_kind="session").on == dt.date(2026, 9, 10)
    with pytest.raises(actions.NotPossibleNow):
        actions.hold_familiarisation(engagement=engagement, on=dt.date(2026, 9, 11), by=world.halina, at=at)


def test_sessions_follow_those_who_are_in_them(world, at):
    session = making.group_session(world, WEDNESDAY_TEN, at=at)
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(state="left", left_on=dt.date(2027, 3, 1))

    aligned = actions.realign(sessions=[session], by=world.halina, at=at)

    assert aligned == 1
    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk}
    assert Entitlement.objects.get(enrolment=world.enrolments["part"], kind="group").booked == 0
    assert CoachTime.objects.get(engagement=world.engagements["ioana"], kind="group").booked == 90
