import datetime as dt
import itertools

import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.engines import cadence
from cairn.foundation.models import MailMessage
from cairn.ledger.models import Entitlement
from cairn.programmes.models import ClosedDay, CoachingGroup, Cohort
from tests.cast import promise
from tests.delivery import making

TEN = dt.time(10, 0)
FIRST = dt.date(2027, 3, 10)


def plan(world, at, number=1, **changes):
    """Plan group 1 on Wednesdays at ten."""
    settings = {"weekday": 2, "wall_time": TEN, "mode": "online", "where": "https://meet.example/1", "starts_on": FIRST}
    return actions.plan_timetable(
        cohort=world.cohort, group=world.groups[number], by=world.halina, at=at, **(settings | changes)
    )


def preview(world, at, **changes):
    """Look at the same."""
    settings = {"weekday": 2, "wall_time": TEN, "starts_on": FIRST}
    return actions.preview_timetable(
        cohort=world.cohort, group=world.groups[1], by=world.halina, at=at, **(settings | changes)
    )


@pytest.fixture(autouse=True)
def long_cohort(world):
    """A cohort with room for ten sessions from March on."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2028, 3, 31))
    world.cohort.refresh_from_db()
    world.groups[1].refresh_from_db()


def test_a_series_follows_the_cadence_and_books_everybody(world, at):
    made = plan(world, at)

    gaps = [(later.wall_starts - sooner.wall_starts).days for sooner, later in itertools.pairwise(made)]
    assert gaps == [14, 14, 14, 28, 28, 28, 28, 28, 28]
    assert {session.wall_time.time() for session in made} == {TEN}
    assert {session.starts_at.hour for session in made} == {9, 10}
    assert making.entitlement(world, "thandiwe", "group") == (900, 900, 0)
    assert making.coach_time(world, "ioana", "group") == (6_000, 900, 0)


def test_one_mail_to_each_with_every_date(world, at):
    plan(world, at)
    mails = {mail.address: mail.body for mail in MailMessage.objects.all()}
    assert mails.keys() == {"ioana@example.org", "thandiwe@example.org", "part@example.org"}
    assert mails["part@example.org"].count("(London time)") == 10
    assert "meet.example" not in mails["part@example.org"]


def test_looking_first_writes_nothing_and_shows_the_same_dates(world, at):
    looked = preview(world, at)
    assert CoachingSession.objects.count() == 0

    made = plan(world, at, expected=looked.days)

    assert [session.starts_at for session in made] == [planned.starts_at for planned in looked.sessions]


def test_closed_days_and_what_people_have_already_are_avoided(world, at):
    ClosedDay.objects.create(organisation=world.eastmere, on=dt.date(2027, 3, 24), name="Founders")
    making.date(making.undated(world, "part"), dt.datetime(2027, 4, 7, 9, 30), by=world.ioana, at=at)

    looked = preview(world, at)

    assert [(moved.number, moved.reason, moved.on) for moved in looked.moved] == [
        (2, "closed", dt.date(2027, 3, 25)),
        (3, "busy", dt.date(2027, 4, 8)),
    ]


def test_a_plan_that_no_longer_holds_is_not_made(world, at):
    looked = preview(world, at)
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 24, 10, 0), by=world.ioana, at=at)

    with pytest.raises(actions.PlanChanged):
        plan(world, at, expected=looked.days)

    assert CoachingSession.objects.filter(kind="group").count() == 0


def test_minutes_that_do_not_suffice_name_the_group_and_nothing_is_made(world, at):
    promise(Entitlement.objects.get(enrolment=world.enrolments["part"], kind="group"), -90, 99)

    with pytest.raises(actions.GroupLacksMinutes) as refusal:
        plan(world, at)

    assert str(refusal.value).startswith("Group 1 was not planned")
    assert CoachingSession.objects.count() == 0
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)


def test_a_series_is_planned_once_and_completed_after_a_cancellation(world, at):
    made = plan(world, at)
    with pytest.raises(actions.AlreadyPlanned):
        plan(world, at)
    actions.cancel_session(session=made[-1], expected_version=1, by=world.halina, at=at)

    again = plan(world, at, starts_on=dt.date(2028, 1, 12))

    assert [session.wall_time.date() for session in again] == [dt.date(2028, 1, 12)]


def test_a_remainder_makes_a_last_shorter_session(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minutes=840)
    world.cohort.refresh_from_db()
    assert [planned.minutes for planned in preview(world, at).sessions] == [90] * 9 + [30]


def test_too_little_room_says_how_many_fit(world, at):
    with pytest.raises(cadence.NotEnoughRoom) as refusal:
        preview(world, at, starts_on=dt.date(2027, 12, 1))
    assert refusal.value.fit == 6


def test_coach_meetings_of_the_quarters_to_come_are_planned_at_once(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 9, 6))
    world.cohort.refresh_from_db()

    made = actions.plan_coach_meetings(
        cohort=world.cohort, wall_time=dt.time(14, 0), weekday=3, mode="online", where="", by=world.halina, at=at
    )

    assert [(session.position, session.wall_time.date()) for session in made] == [
        (1, dt.date(2027, 3, 4)),
        (2, dt.date(2027, 6, 3)),
        (3, dt.date(2027, 9, 2)),
    ]
    assert making.coach_time(world, "malik", "coach_meeting") == (360, 270, 0)
    assert making.told() == {"ioana@example.org", "malik@example.org"}
    with pytest.raises(actions.AlreadyPlanned):
        actions.plan_coach_meetings(
            cohort=world.cohort, wall_time=dt.time(14, 0), weekday=3, mode="online", where="", by=world.halina, at=at
        )


def test_coach_meetings_count_by_their_dates_in_whichever_order_they_were_made(world, at):
    def meet(month):
        on = dt.datetime(2027, month, 7, 14)
        return actions.add_session(cohort=world.cohort, kind="coach_meeting", wall_starts=on, by=world.halina, at=at)

    def numbers():
        return [CoachingSession.objects.get(pk=each.pk).position for each in (late, early)]

    late, early = meet(6), meet(4)
    assert (numbers(), early.position) == ([2, 1], 1)
    assert "Coach meeting 1" in MailMessage.objects.get(key=f"session:{early.pk}:v1:booked:{world.ioana.pk}").subject

    moved = actions.move_session(
        session=late,
        wall_starts=dt.datetime(2027, 3, 10, 14),
        mode="online",
        where=None,
        expected_version=1,
        by=world.halina,
        at=at,
    )
    assert numbers() == [1, 2]
    actions.cancel_session(session=moved, expected_version=2, by=world.halina, at=at)
    assert numbers() == [1, 1]
    actions.restore_session(session=moved, expected_version=3, by=world.halina, at=at)
    assert numbers() == [1, 2]


def test_a_quarter_keeps_its_coach_meeting_wherever_it_is_moved(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 9, 6))
    world.cohort.refresh_from_db()
    given = {"cohort": world.cohort, "wall_time": dt.time(14, 0), "weekday": 3, "by": world.halina, "at": at}
    made = actions.plan_coach_meetings(**given, mode="online", where="")
    move = {"mode": "online", "where": None, "expected_version": 1, "by": world.halina, "at": at}
    actions.move_session(session=made[1], wall_starts=dt.datetime(2027, 6, 21, 14), **move)

    with pytest.raises(actions.AlreadyPlanned):
        actions.preview_coach_meetings(**given)
    actions.cancel_session(session=made[2], expected_version=1, by=world.halina, at=at)
    assert [(each.position, each.on.month) for each in actions.preview_coach_meetings(**given).sessions] == [(3, 9)]


def test_one_to_ones_are_prepared_to_the_number_promised_and_only_once(world, at):
    made = actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    again = actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)

    own = CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"]).order_by("position")
    assert (made, again) == (12, 0)  # three people have a coach
    assert list(own.values_list("position", "minutes", "state")) == [
        (1, 60, "undated"),
        (2, 60, "undated"),
        (3, 60, "undated"),
        (4, 30, "undated"),
    ]


def test_undated_sessions_follow_their_coachee_to_a_new_coach(world, at):
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    thandiwe = world.enrolments["thandiwe"]
    type(thandiwe).objects.filter(pk=thandiwe.pk).update(engagement=world.engagements["malik"])

    actions.prepare_one_to_ones(enrolments=[thandiwe], by=world.halina, at=at)

    coaches = CoachingSession.objects.filter(enrolment=thandiwe).values_list("engagement__person__name", flat=True)
    assert set(coaches) == {"Malik Rahman"}


def test_familiarisation_is_prepared_once_for_each_coach_who_needs_it(world, at):
    assert actions.prepare_sessions(cohort=world.cohort, by=world.halina, at=at) == (12, 2)
    assert actions.prepare_sessions(cohort=world.cohort, by=world.halina, at=at) == (0, 0)


def test_only_those_who_run_it_plan(world, at):
    for stranger in (world.malik, world.thandiwe, world.otto, world.gwen):
        with pytest.raises(actions.NotAllowed):
            actions.plan_timetable(
                cohort=world.cohort,
                group=world.groups[1],
                weekday=2,
                wall_time=TEN,
                mode="online",
                where="",
                starts_on=FIRST,
                by=stranger,
                at=at,
            )
    assert CoachingGroup.objects.count() == 2
