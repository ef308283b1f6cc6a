"""Reminders follow every move and stop on cancel; one event, one mail; never at night, never after the beginning."""

import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.actions import reminders
from cairn.delivery.models import Apology, CoachingSession, ReminderChoice
from cairn.foundation import mail
from cairn.foundation.models import MailMessage
from cairn.people.models import Person
from cairn.programmes.models import Enrolment
from tests.delivery.making import date, group_session, undated

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WALL = dt.datetime(2027, 3, 17, 14, 0)
STARTS_AT = WALL.replace(tzinfo=dt.UTC)
ADDRESS = "https://cairn.example"


@pytest.fixture
def session(world, at):
    """A one-to-one of Thandiwe's with Ioana, a fortnight ahead."""
    return date(undated(world), WALL, by=world.ioana, at=at)


def sent(moment):
    """Run the job; how many mails it queued."""
    return reminders.send_due_reminders(address=ADDRESS, at=moment)


def reminded():
    """Whom each reminder went to, with the minutes of its key, in the order of writing."""
    found = MailMessage.objects.filter(key__startswith="reminder:").order_by("pk")
    return [(each.address.split("@")[0], int(each.key.split(":")[3])) for each in found]


def again(session):
    return CoachingSession.objects.get(pk=session.pk)


def test_two_days_and_two_hours_before_coach_and_coachee_are_reminded_once(session):
    assert sent(STARTS_AT - 2 * DAY - HOUR) == 0
    assert [sent(STARTS_AT - 2 * DAY), sent(STARTS_AT - 2 * DAY), sent(STARTS_AT - DAY)] == [2, 0, 0]
    assert [sent(STARTS_AT - 2 * HOUR), sent(STARTS_AT - HOUR), sent(STARTS_AT), sent(STARTS_AT + HOUR)] == [2, 0, 0, 0]
    assert sorted(reminded()) == [("ioana", 120), ("ioana", 2880), ("thandiwe", 120), ("thandiwe", 2880)]


def test_a_clock_that_jumps_a_day_to_and_fro_reminds_nobody_twice(session):
    due = STARTS_AT - 2 * HOUR

    for days in (-3, -1, -2, -3, 1, 0, -1, 0, -2, 1):
        sent(due + days * DAY)

    found = reminded()
    assert len(found) == len(set(found))
    assert [minutes for who, minutes in found if who == "thandiwe"] == [2880, 120]


def test_a_worker_that_slept_over_both_sends_one(session):
    assert sent(STARTS_AT - HOUR) == 2
    assert sent(STARTS_AT - HOUR + dt.timedelta(minutes=5)) == 0
    assert sorted(reminded()) == [("ioana", 120), ("thandiwe", 120)]


def test_a_session_booked_a_moment_ago_is_not_reminded_of(world):
    date(undated(world), WALL, by=world.ioana, at=STARTS_AT - HOUR)

    assert sent(STARTS_AT - dt.timedelta(minutes=50)) == 0


def test_a_move_takes_back_what_waits_and_arms_it_again(world, session, at):
    sent(STARTS_AT - 2 * DAY)
    MailMessage.objects.filter(address=world.ioana.email).update(state="sent")

    moved = date(session, WALL + DAY, by=world.ioana, at=STARTS_AT - 2 * DAY)

    assert reminded() == [("ioana", 2880)]
    assert sent(moved.starts_at - 2 * DAY) == 2
    key = f"reminder:{session.pk}:{int(moved.starts_at.timestamp())}:2880:{world.thandiwe.pk}"
    assert MailMessage.objects.filter(key=key).exists()


def test_a_cancelled_session_is_silent(world, session):
    sent(STARTS_AT - 2 * DAY)

    actions.cancel_session(session=session, expected_version=again(session).version, by=world.ioana, at=STARTS_AT - DAY)

    assert reminded() == []
    assert sent(STARTS_AT - HOUR) == 0


def test_in_a_group_who_left_or_apologised_is_left_in_peace(world, at):
    session = group_session(world, WALL, at=at)
    Apology.objects.create(session=session, enrolment=world.enrolments["part"], in_time=True, at=at)
    assert sent(STARTS_AT - 2 * DAY) == 2
    assert {who for who, _minutes in reminded()} == {"ioana", "thandiwe"}

    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(state="left", left_on=WALL.date() - DAY)
    assert sent(STARTS_AT - 2 * HOUR) == 1
    Person.objects.filter(pk=world.ioana.pk).update(is_active=False)
    assert sent(STARTS_AT - HOUR) == 0


def test_coaches_are_reminded_of_their_meetings(world, at):
    meeting = actions.add_session(cohort=world.cohort, kind="coach_meeting", wall_starts=WALL, by=world.halina, at=at)

    assert sent(STARTS_AT - 2 * HOUR) == 2
    assert {who for who, _minutes in reminded()} == {"ioana", "malik"}
    found = MailMessage.objects.filter(key__startswith="reminder:").first()
    assert f"{ADDRESS}/coach/meetings/{meeting.pk}/" in found.body


def test_everybody_is_reminded_when_they_chose_to_be_and_never_at_night(world, session):
    ReminderChoice.objects.create(person=world.thandiwe, minutes_before=[])
    # 14:00 in London is 03:00 in Auckland: two hours before is night there, and so is everything until 07:00.
    Person.objects.filter(pk=world.ioana.pk).update(time_zone="Pacific/Auckland")
    evening = dt.datetime(2027, 3, 17, 7, 50, tzinfo=dt.UTC)  # ten to nine in Auckland

    assert sent(evening - dt.timedelta(minutes=5)) == 1  # two days before was at night too: it came in the morning
    assert sent(evening) == 1
    assert sorted(reminded()) == [("ioana", 120), ("ioana", 2880)]


def test_another_choice_brings_no_second_mail_for_what_was_said(world, session):
    sent(STARTS_AT - 2 * DAY)
    actions.set_reminders(
        minutes_before=[10080, 4320, 1440],
        quiet_from=dt.time(22),
        quiet_until=dt.time(6),
        by=world.thandiwe,
        at=STARTS_AT,
    )

    assert sent(STARTS_AT - 2 * DAY + HOUR) == 0
    assert sent(STARTS_AT - DAY) == 1


@pytest.mark.parametrize(
    ("minutes", "until", "error"),
    [
        ((15, 30, 60, 120, 240, 480), 7, actions.TooManyTimes),
        ((17,), 7, actions.TooManyTimes),
        ((15,), 20, actions.TooQuiet),
    ],
)
def test_a_choice_has_its_bounds(world, at, minutes, until, error):
    with pytest.raises(error):
        actions.set_reminders(
            minutes_before=minutes, quiet_from=dt.time(21), quiet_until=dt.time(until), by=world.thandiwe, at=at
        )


def test_the_mail_says_both_clocks_how_to_find_it_and_no_way_to_join(world, at, settings):
    Person.objects.filter(pk=world.thandiwe.pk).update(time_zone="Asia/Kathmandu")
    session = group_session(world, WALL, at=at)
    sent(STARTS_AT - 2 * DAY)

    found = MailMessage.objects.get(address=world.thandiwe.email, key__startswith="reminder:")

    assert found.subject == "Group 1, session 1: Wednesday 17 March 2027, 14:00 to 15:30 (London time)"
    assert "on your own clock: Wednesday 17 March 2027, 19:45 (Kathmandu time)\n" in found.body
    assert f"{ADDRESS}/sessions/{session.pk}/" in found.body
    assert "LEAK-LINK" not in found.body and "Pärt" not in found.body
    assert found.unsubscribe.startswith(f"{ADDRESS}/mail/stop/") and found.unsubscribe in found.body
    assert found.expires_at == STARTS_AT
    other = MailMessage.objects.get(address=world.part.email, key__startswith="reminder:")
    assert "on your own clock" not in other.body


def test_a_reminder_that_waited_until_the_session_began_is_not_sent(session, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from django.core import mail as outbox

    sent(STARTS_AT - 2 * HOUR)
    for message in MailMessage.objects.filter(key__startswith="reminder:"):
        mail.send(message_id=message.pk, at=STARTS_AT)

    assert (reminded(), getattr(outbox, "outbox", [])) == ([], [])


def test_what_comes_next_is_told_in_order(world, session, at):
    coming = queries.next_reminders(world.thandiwe, at)

    assert [(each.at, each.minutes) for each in coming] == [(STARTS_AT - 2 * DAY, 2880), (STARTS_AT - 2 * HOUR, 120)]
    assert coming[0].when == "Wednesday 17 March 2027, 14:00 (London time)"


def test_the_number_of_statements_does_not_grow_with_sessions(world, at, django_assert_num_queries):
    for days in range(1, 4):
        date(undated(world), WALL + days * DAY, by=world.ioana, at=at)
    with django_assert_num_queries(2):
        due = reminders.standing.due_reminders(STARTS_AT + DAY - HOUR)

    assert len(due) == 4
