import datetime as dt

import icalendar
import pytest

from cairn.delivery import actions
from cairn.foundation.models import MailMessage
from tests.delivery import making
from tests.web import running

TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def auckland(world):
    """Thandiwe and Ioana both live by another clock than the cohort."""
    for person in (world.thandiwe, world.ioana):
        person.time_zone = "Pacific/Auckland"
        person.save(update_fields=["time_zone"])


def newest(person):
    """The last mail to somebody: subject, and body in lines."""
    mail = MailMessage.objects.filter(to_id=person.pk).latest("pk")
    return mail.subject, mail.body.splitlines()


def cancel(session, by, at, **more):
    session.refresh_from_db()
    return actions.cancel_session(session=session, expected_version=session.version, by=by, at=at, **more)


def test_a_coachs_mail_says_whose_session_it_is_who_did_what_and_where_it_stands(world, at):
    session = running.one_to_one(world, TEN)
    session.refresh_from_db()
    actions.cancel_own(session=session, expected_version=session.version, by=world.thandiwe, at=at)

    subject, lines = newest(world.ioana)
    name = world.thandiwe.name
    assert "Thandiwe" not in subject
    assert lines[2] == (
        f"One-to-one session 1 with {name} does not take place on Wednesday 7 April 2027, 10:00 to 11:00 (London time)."
    )
    assert f"{name} cancelled it. Its minutes are not lost." in lines
    assert lines[-1].endswith(f"/coach/sessions/{session.pk}/")


def test_booked_and_moved_mails_lead_to_the_page_and_say_both_clocks(world, at, auckland):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 7, 10), by=world.halina, at=at)
    for person, area in ((world.thandiwe, ""), (world.ioana, "/coach")):
        _subject, lines = newest(person)
        assert "on your own clock: Wednesday 7 April 2027, 21:00 (Auckland time)" in lines
        assert "The programme team booked it." in lines
        assert lines[-1].endswith(f"{area}/sessions/{session.pk}/")

    making.date(session, dt.datetime(2027, 4, 8, 10), by=world.ioana, at=at)
    _subject, lines = newest(world.thandiwe)
    assert f"Your coach, {world.ioana.name}, changed it." in lines
    assert "on your own clock: Thursday 8 April 2027, 22:00 (Auckland time)" not in lines
    assert "on your own clock: Thursday 8 April 2027, 21:00 (Auckland time)" in lines
    assert (
        "Before, it was on Wednesday 7 April 2027, 10:00 to 11:00 (London time); on your own clock: "
        "Wednesday 7 April 2027, 21:00 (Auckland time)."
    ) in lines


def test_a_coachs_cancellation_names_the_coach_and_leads_to_another_time(world, at, auckland):
    session = running.one_to_one(world, TEN)
    cancel(session, world.ioana, at)

    _subject, lines = newest(world.thandiwe)
    assert "On your own clock, that was Wednesday 7 April 2027, 21:00 (Auckland time)." in lines
    assert f"Your coach, {world.ioana.name}, cancelled it. Its minutes are not lost." in lines
    assert lines[-1].endswith(f"/sessions/{session.pk}/book/")
    event = icalendar.Calendar.from_ical(
        MailMessage.objects.filter(to_id=world.thandiwe.pk).latest("pk").calendar
    ).walk("VEVENT")[0]
    assert str(event["url"]).endswith(f"/sessions/{session.pk}/")
    assert str(event["description"]).startswith(f"With {world.ioana.name}.\nIt was cancelled.\nIts page in Cairn: ")


def test_a_late_cancellation_speaks_to_the_coach_as_the_one_who_forgives(world, at):
    session = running.one_to_one(world, at + dt.timedelta(hours=3))
    session.refresh_from_db()
    actions.cancel_own(session=session, expected_version=session.version, by=world.thandiwe, at=at)

    told = "That was late: its minutes count as the programme agreed, unless {} it."
    assert any(told.format("you forgive") in line for line in newest(world.ioana)[1])
    assert any(told.format("your coach forgives") in line for line in newest(world.thandiwe)[1])


def test_a_groups_mail_names_no_coachee_to_anybody(world, at):
    session = running.group_session(world, TEN)
    cancel(session, world.halina, at)

    for mail in MailMessage.objects.all():
        others = {world.thandiwe, world.part} - {each for each in (world.thandiwe, world.part) if each.pk == mail.to_id}
        assert [each for each in others if each.calling_name in mail.subject + mail.body] == []


@pytest.mark.parametrize(
    ("where", "coachee", "coach"),
    [
        (
            "",
            "No number is given yet. Agree with your coach who rings whom. Its page in Cairn:",
            "No number is given yet. Agree with {name} who rings whom, or write one on the session’s page:",
        ),
        ("01632 960 001", "The number is shown in Cairn from 15 minutes before the session begins:", None),
    ],
)
def test_a_call_is_told_as_a_call(world, where, coachee, coach):
    running.one_to_one(world, TEN, mode="phone", where=where)

    assert coachee in newest(world.thandiwe)[1]
    assert (coach or coachee).format(name=world.thandiwe.name) in newest(world.ioana)[1]
    assert all("01632" not in mail.body for mail in MailMessage.objects.all())


def test_dates_of_a_series_and_of_calendars_carry_both_clocks(world, at, auckland):
    world.cohort.group_minutes = 180
    made = actions.plan_timetable(
        cohort=world.cohort,
        group=world.groups[1],
        weekday=2,
        wall_time=dt.time(16),
        mode="online",
        where="",
        starts_on=dt.date(2027, 4, 7),
        by=world.halina,
        at=at,
    )
    _subject, lines = newest(world.thandiwe)
    assert (
        "1. Wednesday 7 April 2027, 16:00 to 17:30 (London time), online; on your own clock: "
        "Thursday 8 April 2027, 03:00 (Auckland time)"
    ) in lines
    assert lines[-1].endswith("/sessions/")

    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=at)
    [ends] = MailMessage.objects.filter(to_id=world.thandiwe.pk, subject__startswith="Out of your calendar")
    assert ends.body.count("on your own clock:") == len(made)
    assert "LEAK" not in ends.calendar
    assert "URL" not in ends.calendar


def test_a_forgiven_cancellation_is_told_on_both_clocks_with_its_page(world, at, auckland):
    session = running.one_to_one(world, at + dt.timedelta(hours=3))
    session.refresh_from_db()
    actions.cancel_own(session=session, expected_version=session.version, by=world.thandiwe, at=at)
    actions.forgive_late(session=session, enrolment_id=world.enrolments["thandiwe"].pk, by=world.ioana, at=at)

    _subject, lines = newest(world.thandiwe)
    assert [line for line in lines if line.startswith("On your own clock, it was to begin on ")] != []
    assert lines[-1].endswith(f"/sessions/{session.pk}/")


def test_a_reminder_names_the_coachee_to_the_coach_alone(world, at):
    session = running.one_to_one(world, TEN, mode="phone", where="")
    running.one_to_one(world, TEN + dt.timedelta(hours=2), "part")
    actions.send_due_reminders(address="http://cairn.example", at=TEN - dt.timedelta(hours=2))

    name = world.thandiwe.name
    mails = MailMessage.objects.filter(key__startswith="reminder:", body__contains=f"/sessions/{session.pk}/")
    bodies = {mail.to_id: mail.body for mail in mails}
    assert f"this is to remind you of One-to-one session 1 with {name}:" in bodies[world.ioana.pk]
    assert f"Agree with {name} who rings whom" in bodies[world.ioana.pk]
    assert f"with {name}" not in bodies[world.thandiwe.pk]
