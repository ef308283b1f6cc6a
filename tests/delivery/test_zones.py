"""Countries change their clocks: people keep the time on the wall, and what is in doubt is asked, never guessed."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.delivery import actions, queries
from cairn.delivery.actions.zones import Followed
from cairn.delivery.models import CoachingSession, Hold, PersonTime, Poll, PollTime
from cairn.foundation.models import MailMessage
from cairn.ledger.models import LedgerEntry
from cairn.people.models import Person
from tests.delivery.making import date, group_session, undated

HOUR = dt.timedelta(hours=1)
WALL = dt.datetime(2027, 3, 17, 14, 0)  # the third Wednesday of March
STARTS_AT = WALL.replace(tzinfo=dt.UTC)
FIVE_AHEAD = "XST-5"
SKIPPED = "XST-5XDT,M3.3.3/14,M10.5.0"  # the clocks go from 14:00 to 15:00 on that very day
TWICE = "XST-5XDT,M1.1.0,M3.3.3/15"  # and here from 15:00 back to 14:00
ADDRESS = "https://cairn.example"


@pytest.fixture
def session(world, at):
    """A one-to-one of Thandiwe's with Ioana at 14:00 in London."""
    return date(undated(world), WALL, by=world.ioana, at=at)


def follow(at):
    return actions.follow_zone_changes(address=ADDRESS, at=at)


def again(session):
    return CoachingSession.objects.get(pk=session.pk)


def spans(session):
    found = PersonTime.objects.filter(session=session).order_by("person")
    return {(each.during.lower, each.during.upper) for each in found}


def tell(at):
    """What the queue does: everybody in a session that moved is told."""
    jobs = ProcrastinateJob.objects.filter(task_name="cairn.jobs.tasks.tell_zone_change").order_by("pk")
    return sum(actions.tell_zone_change(**job.args, address=ADDRESS, at=at) for job in jobs)


def mails(word):
    return MailMessage.objects.filter(key__contains=f":{word}:").order_by("pk")


def test_as_long_as_the_clocks_are_as_they_were_nothing_happens(session, at):
    assert follow(at) == Followed()
    assert again(session).version == session.version


def test_the_wall_time_stays_and_the_instant_follows(world, session, at, change_clocks):
    booked = LedgerEntry.objects.count()
    change_clocks("Europe/London", FIVE_AHEAD)

    assert [follow(at), follow(at)] == [Followed(moved=1), Followed()]

    moved = again(session)
    assert (moved.starts_at, moved.ends_at) == (STARTS_AT - 5 * HOUR, STARTS_AT - 4 * HOUR)
    assert (moved.wall_starts, moved.version) == (session.wall_starts, session.version + 1)
    assert spans(session) == {(STARTS_AT - 5 * HOUR, STARTS_AT - 4 * HOUR)}
    assert LedgerEntry.objects.count() == booked


def test_everybody_is_told_once_with_their_own_clock(world, session, at, change_clocks):
    Person.objects.filter(pk=world.thandiwe.pk).update(time_zone="Asia/Kathmandu")
    change_clocks("Europe/London", FIVE_AHEAD)
    follow(at)

    assert [tell(at), tell(at)] == [2, 0]

    coach, coachee = mails("clocks")
    assert (coach.to_id, coachee.to_id) == (world.ioana.pk, world.thandiwe.pk)
    assert coachee.subject == (
        "One-to-one session 1 stays at its time: Wednesday 17 March 2027, 14:00 to 15:00 (London time)"
    )
    assert "on your own clock now: Wednesday 17 March 2027, 14:45 (Kathmandu time)" in coachee.body
    assert "it would have been on Wednesday 17 March 2027, 19:45 (Kathmandu time) for you" in coachee.body
    assert "own clock" not in coach.body and "overlaps" not in coach.body


def test_neighbours_move_together(world, session, at, change_clocks):
    second = date(undated(world, "part"), WALL + HOUR, by=world.ioana, at=at)
    third = date(undated(world), WALL - HOUR, by=world.ioana, at=at)
    change_clocks("Europe/London", "XST-1")

    assert follow(at) == Followed(moved=3)
    assert [spans(each) for each in (third, session, second)] == [
        {(STARTS_AT - 2 * HOUR, STARTS_AT - HOUR)},
        {(STARTS_AT - HOUR, STARTS_AT)},
        {(STARTS_AT, STARTS_AT + HOUR)},
    ]


def test_two_that_overlap_since_both_stay_and_the_coach_is_told(world, session, at, change_clocks):
    other = undated(world, "part")
    CoachingSession.objects.filter(pk=other.pk).update(time_zone="UTC")
    other = date(again(other), WALL - 4.5 * HOUR, by=world.ioana, at=at)
    change_clocks("Europe/London", FIVE_AHEAD)

    assert follow(at) == Followed(moved=1, clashing=1)
    assert follow(at) == Followed()
    tell(at)

    assert again(session).starts_at == STARTS_AT - 5 * HOUR and again(other).starts_at == STARTS_AT - 4.5 * HOUR
    of_the_coach = PersonTime.objects.get(session=session, person=world.ioana).during
    assert (of_the_coach.lower, of_the_coach.upper) == (STARTS_AT - 5 * HOUR, STARTS_AT - 4.5 * HOUR)
    told = {each.to_id: "overlaps with another session" in each.body for each in mails("clocks")}
    assert told == {world.ioana.pk: True, world.thandiwe.pk: False}
    assert len(queries.next_reminders(world.ioana, at)) == 4


@pytest.mark.parametrize(("rule", "words"), [(SKIPPED, "exists no more"), (TWICE, "happens twice now")])
def test_a_time_that_is_missing_or_doubled_stays_and_the_coach_is_asked_once(
    world,
    client,
    session,
    at,
    change_clocks,
    rule,
    words,
):
    change_clocks("Europe/London", rule)

    assert [follow(at), follow(at)] == [Followed(asked=1), Followed()]

    assert (again(session).starts_at, again(session).version) == (STARTS_AT, session.version)
    (asked,) = mails("which_time")
    assert (asked.to_id, words in asked.body) == (world.ioana.pk, True)
    client.force_login(world.ioana)
    page = client.get(reverse("coach_session", args=[session.pk])).content.decode()
    assert words in page and "Which time is meant?" in page


def test_an_instant_that_is_one_of_two_readings_stays(world, session, at, change_clocks):
    change_clocks("Europe/London", "XST0XDT,M1.1.0,M3.3.3/15")

    assert follow(at) == Followed()
    assert again(session).starts_at == STARTS_AT


def test_a_move_made_meanwhile_is_told_by_whoever_made_it(world, session, at, change_clocks):
    change_clocks("Europe/London", FIVE_AHEAD)
    follow(at)
    date(again(session), WALL + 24 * HOUR, by=world.ioana, at=at)

    assert tell(at) == 0


def test_times_held_and_times_asked_about_follow(world, session, at, change_clocks):
    group = group_session(world, WALL + 48 * HOUR, at=at)
    later = STARTS_AT + 24 * HOUR
    Hold.objects.create(
        session=session,
        coach=world.ioana,
        by=world.thandiwe,
        wall_starts=later,
        during=(later, later + HOUR),
        expires_at=at + dt.timedelta(minutes=5),
    )
    poll = Poll.objects.create(session=group, opened_by=world.ioana, opened_at=at, closes_at=at + 24 * HOUR)
    PollTime.objects.create(poll=poll, wall_starts=later, starts_at=later, ends_at=later + HOUR)
    change_clocks("Europe/London", FIVE_AHEAD)

    follow(at)

    assert Hold.objects.get().during.lower == later - 5 * HOUR
    assert [(each.starts_at, each.ends_at) for each in PollTime.objects.all()] == [(later - 5 * HOUR, later - 4 * HOUR)]


def test_reminders_follow_the_clocks(world, session, at, change_clocks):
    first = queries.next_reminders(world.thandiwe, at)[-1].at
    Person.objects.filter(pk=world.thandiwe.pk).update(time_zone="UTC")
    change_clocks("Europe/London", "XST-1")
    follow(at)

    assert queries.next_reminders(Person.objects.get(pk=world.thandiwe.pk), at)[-1].at == first - HOUR


def test_what_lies_behind_is_left_as_it_was(world, session, change_clocks):
    change_clocks("Europe/London", FIVE_AHEAD)

    assert follow(STARTS_AT) == Followed()


def test_a_zone_that_is_known_no_more_stops_nothing(world, session, at):
    CoachingSession.objects.filter(pk=session.pk).update(time_zone="Europe/Nowhere")

    assert follow(at) == Followed()
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        zoneinfo.ZoneInfo("Europe/Nowhere")


def test_sessions_without_a_date_follow_the_cohort_to_another_zone_and_others_stay(world, at):
    waiting = undated(world)
    dated = date(undated(world, "part"), dt.datetime(2027, 3, 10, 10, 0), by=world.ioana, at=at)

    change = actions.change_cohort(cohort=world.cohort, values={"time_zone": "Asia/Tbilisi"}, by=world.halina, at=at)
    booked = date(waiting, dt.datetime(2027, 3, 11, 10, 0), by=world.ioana, at=at)

    assert change.sessions_following == 1
    assert (booked.time_zone, booked.starts_at) == ("Asia/Tbilisi", dt.datetime(2027, 3, 11, 6, 0, tzinfo=dt.UTC))
    dated.refresh_from_db()
    assert (dated.time_zone, dated.starts_at.hour, dated.version) == ("Europe/London", 10, 2)


def test_whoever_still_sees_the_former_zone_dates_nothing_in_the_new_one(world, at):
    seen = undated(world)
    actions.change_cohort(cohort=world.cohort, values={"time_zone": "Asia/Tbilisi"}, by=world.halina, at=at)

    with pytest.raises(actions.ChangedMeanwhile):
        actions.date_session(
            session=seen,
            wall_starts=dt.datetime(2027, 3, 11, 10, 0),
            mode="online",
            where=None,
            expected_version=seen.version,
            by=world.ioana,
            at=at,
        )


def test_a_date_that_was_lost_before_is_told_in_the_zone_it_had(world, at, session):
    actions.cancel_session(session=session, expected_version=2, by=world.ioana, at=at)
    actions.change_cohort(cohort=world.cohort, values={"time_zone": "Asia/Tbilisi"}, by=world.halina, at=at)

    lost = queries.lost_date(world.thandiwe, again(session))
    [event] = queries.events_of(world.thandiwe, at)

    assert (again(session).time_zone, lost.zone, lost.starts_at) == ("Asia/Tbilisi", "Europe/London", STARTS_AT)
    assert (event.zone, event.starts_at, event.status) == ("Europe/London", STARTS_AT, "CANCELLED")
