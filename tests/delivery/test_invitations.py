import datetime as dt

import icalendar
import pytest

from cairn.delivery import actions
from cairn.delivery.actions import grouping, invitations, notices
from cairn.delivery.models import CoachingSession, PersonTime, ReplyMailbox
from cairn.foundation.models import MailMessage
from cairn.programmes.models import GroupPlace
from tests.delivery import making
from tests.web import running

TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)


def told(person):
    """What a person's calendar was told, in order: method, UID without its host, SEQUENCE, and days by event."""
    found = []
    for mail in MailMessage.objects.filter(to_id=person.pk).exclude(calendar="").order_by("pk"):
        file = icalendar.Calendar.from_ical(mail.calendar)
        events = file.walk("VEVENT")
        assert {str(event["attendee"]) for event in events} == {f"mailto:{person.email}"}
        days = [event["dtstart"].dt.strftime("%d %b %H:%M") for event in events]
        found.append((str(file["method"]), str(events[0]["uid"]).partition("@")[0], events[0]["sequence"], days))
    return found


def events(person):
    """The events of the newest message for a person's calendar."""
    newest = MailMessage.objects.filter(to_id=person.pk).exclude(calendar="").latest("pk")
    return icalendar.Calendar.from_ical(newest.calendar).walk("VEVENT")


def series(world, at, *, hour=16):
    """Group 1 meets four times, on Wednesdays every other week from 7 April on."""
    world.cohort.group_minutes = 360
    return actions.plan_timetable(
        cohort=world.cohort,
        group=world.groups[1],
        weekday=2,
        wall_time=dt.time(hour),
        mode="online",
        where="https://meet.example/LEAK-LINK",
        starts_on=dt.date(2027, 4, 7),
        by=world.halina,
        at=at,
    )


def test_booking_moving_and_cancelling_are_one_event_with_rising_numbers(world, at):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 7, 10), by=world.ioana, at=at)
    making.date(session, dt.datetime(2027, 4, 8, 11), by=world.ioana, at=at)
    session.refresh_from_db()
    actions.cancel_session(session=session, expected_version=session.version, by=world.ioana, at=at)

    name = f"session-{session.pk}"
    assert told(world.thandiwe) == [
        ("REQUEST", name, 2, ["07 Apr 10:00"]),
        ("REQUEST", name, 3, ["08 Apr 11:00"]),
        ("CANCEL", name, 4, ["08 Apr 11:00"]),
    ]
    assert [str(event["status"]) for event in events(world.thandiwe)] == ["CANCELLED"]


def test_an_invitation_is_for_one_reader_and_names_nobody_else(world, at):
    running.group_session(world, TEN)

    for person in (world.thandiwe, world.part, world.ioana):
        [mail] = MailMessage.objects.filter(to_id=person.pk)
        others = {"Thandiwe", "Pärt", "thandiwe@", "part@", running.LINK} - {person.name.split()[0]}
        text = mail.calendar.replace("\r\n ", "").replace(f"mailto:{person.email}", "").replace(person.name, "")
        assert [word for word in others if word in text] == []
        assert "BEGIN:VTIMEZONE" in text


def test_who_makes_the_change_is_told_only_where_their_calendar_knows_another_time(world, at):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 7, 10), by=world.ioana, at=at)
    assert told(world.ioana) == []
    making.date(session, dt.datetime(2027, 4, 8, 11), by=world.halina, at=at)
    making.date(session, dt.datetime(2027, 4, 9, 12), by=world.ioana, at=at)

    assert [days for _method, _uid, _sequence, days in told(world.ioana)] == [["08 Apr 11:00"], ["09 Apr 12:00"]]


def test_a_series_is_one_event_of_which_one_moves_and_one_falls_out_alone(world, at):
    made = series(world, at)
    making.date(made[1], dt.datetime(2027, 4, 22, 9), by=world.ioana, at=at)
    made[2].refresh_from_db()
    actions.cancel_session(session=made[2], expected_version=made[2].version, by=world.ioana, at=at)

    first, moved, gone = told(world.thandiwe)
    name = f"series-{made[0].series_id}"
    assert first == ("REQUEST", name, 1, ["07 Apr 16:00"])
    assert moved == ("REQUEST", name, 2, ["22 Apr 09:00"])
    assert gone == ("CANCEL", name, 3, [made[2].wall_starts.strftime("%d %b %H:%M")])
    [event] = events(world.thandiwe)
    assert event["recurrence-id"].dt.replace(tzinfo=None) == made[2].planned_wall.replace(tzinfo=None)
    master = MailMessage.objects.filter(to_id=world.thandiwe.pk).earliest("pk").calendar.replace("\r\n ", "")
    assert master.count("20270421T160000") == 1


def test_who_joins_later_is_invited_to_their_own_occurrences_alone(world, at):
    made = series(world, at)
    late = world.enrolments["xiuying"]
    day = made[2].wall_starts.date()
    GroupPlace.objects.create(group=world.groups[1], enrolment=late, from_on=day)
    actions.realign(sessions=made, by=world.halina, at=at)
    grouping.tell_calendar(late, entered=[each.pk for each in made], at=at)

    [(method, _uid, _sequence, [first])] = told(world.xiuying)
    assert (method, first) == ("REQUEST", made[2].wall_starts.strftime("%d %b %H:%M"))
    assert PersonTime.objects.filter(person=world.xiuying).count() == len(made) - 2


def test_leaving_takes_every_date_to_come_out_of_the_calendar(world, at):
    made = series(world, at)
    session = running.one_to_one(world, TEN)
    before = len(told(world.thandiwe))
    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=at)

    ended = told(world.thandiwe)[before:]
    assert {(method, uid) for method, uid, _sequence, _days in ended} == {
        ("CANCEL", f"series-{made[0].series_id}"),
        ("CANCEL", f"session-{session.pk}"),
    }
    assert sum(len(days) for _method, _uid, _sequence, days in ended) == len(made) + 1
    assert told(world.part) == told(world.part)[:1]
    assert told(world.ioana)[-1][:2] == ("CANCEL", f"session-{session.pk}")


def test_a_restored_session_stands_again_with_a_higher_number(world, at):
    session = running.group_session(world, TEN)
    gone = actions.cancel_session(session=session, expected_version=session.version, by=world.halina, at=at)
    actions.restore_session(session=gone, expected_version=gone.version, by=world.halina, at=at)

    assert [each[0] for each in told(world.thandiwe)] == ["REQUEST", "CANCEL", "REQUEST"]
    assert [each[2] for each in told(world.thandiwe)] == [1, 2, 3]


def test_replies_are_asked_for_only_where_the_organisation_gives_a_mailbox(world, at):
    running.one_to_one(world, TEN)
    [event] = events(world.thandiwe)
    assert (str(event["organizer"]), event["attendee"].params["RSVP"]) == ("mailto:cairn@127.0.0.1", "FALSE")

    ReplyMailbox.objects.create(organisation=world.eastmere, address="replies@eastmere.example", host="imap.example")
    running.one_to_one(world, TEN + dt.timedelta(days=1))
    [event] = events(world.thandiwe)
    assert str(event["organizer"]).startswith("mailto:replies+s")
    assert event["attendee"].params["RSVP"] == "TRUE"


def organisers(person):
    """By event: METHOD, the address the newest messages come from, and whether they ask for an answer."""
    found = []
    for mail in MailMessage.objects.filter(to_id=person.pk).exclude(calendar="").order_by("pk"):
        file = icalendar.Calendar.from_ical(mail.calendar)
        for event in file.walk("VEVENT")[:1]:
            address = str(event["organizer"]).removeprefix("mailto:").partition("+")[0]
            found.append((str(file["method"]), address, event["attendee"].params["RSVP"]))
    return found


def test_an_event_keeps_the_organiser_it_was_first_sent_with(world, at):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 7, 10), by=world.ioana, at=at)
    box = {"organisation": world.eastmere, "address": "replies@eastmere.example", "host": "imap.example"}
    ReplyMailbox.objects.create(**box)
    making.date(session, dt.datetime(2027, 4, 8, 11), by=world.ioana, at=at)
    session.refresh_from_db()
    actions.cancel_session(session=session, expected_version=session.version, by=world.ioana, at=at)

    sender = "cairn@127.0.0.1"
    assert organisers(world.thandiwe) == [(method, sender, "FALSE") for method in ("REQUEST", "REQUEST", "CANCEL")]


def test_a_series_keeps_its_organiser_when_the_mailbox_is_taken_away(world, at):
    box = {"organisation": world.eastmere, "address": "replies@eastmere.example", "host": "imap.example"}
    ReplyMailbox.objects.create(**box)
    made = series(world, at)
    ReplyMailbox.objects.all().delete()
    making.date(made[1], dt.datetime(2027, 4, 22, 9), by=world.ioana, at=at)

    assert organisers(world.thandiwe) == [("REQUEST", "replies", "TRUE"), ("REQUEST", "replies", "FALSE")]
    [address] = {str(event["organizer"]) for event in events(world.thandiwe)}
    assert address in MailMessage.objects.filter(to_id=world.thandiwe.pk).earliest("pk").calendar.replace("\r\n ", "")


def test_a_place_taken_and_given_back_is_told_to_one_calendar(world, at):
    session = running.group_session(world, TEN)
    PersonTime.objects.create(session=session, person=world.xiuying, during=(session.starts_at, session.ends_at))
    notices.tell_one(session, world.xiuying, "booked", at=at)
    PersonTime.objects.filter(person=world.xiuying).delete()
    notices.tell_one(session, world.xiuying, "cancelled", at=at)

    assert [each[0] for each in told(world.xiuying)] == ["REQUEST", "CANCEL"]


@pytest.mark.parametrize("people", [1, 4])
def test_a_series_is_told_with_as_many_questions_however_many_are_in_it(
    world, at, people, django_assert_max_num_queries
):
    made = series(world, at)
    everybody = [world.people[who] for who in ("thandiwe", "part", "ioana", "malik")][:people]
    with django_assert_max_num_queries(8):
        invitations.invite(CoachingSession.objects.filter(series=made[0].series_id), everybody, at=at)


def test_a_one_to_one_written_down_afterwards_leaves_the_calendar_that_expects_it_later(world, at):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 7, 10), by=world.ioana, at=at)
    making.date(session, dt.datetime(2027, 3, 2, 10), by=world.ioana, at=at)

    assert [each[0] for each in told(world.thandiwe)] == ["REQUEST", "CANCEL"]
    assert MailMessage.objects.filter(to_id=world.thandiwe.pk, key__startswith="session:").count() == 1


def test_meetings_leave_the_calendar_of_a_coach_whose_engagement_ends(world, at):
    session = running.meeting(world, TEN)
    GroupPlace.objects.filter(group=world.groups[2]).delete()
    world.groups[2].delete()
    type(world.enrolments["siobhan"]).objects.filter(pk=world.enrolments["siobhan"].pk).update(engagement=None)
    actions.end_engagement(engagement=world.engagements["malik"], by=world.halina, at=at)

    assert [each[:2] for each in told(world.malik)] == [
        ("REQUEST", f"session-{session.pk}"),
        ("CANCEL", f"session-{session.pk}"),
    ]
    assert making.taken(session) == {world.ioana.pk}
    assert told(world.ioana) == told(world.ioana)[:1]


def test_who_gains_a_place_by_a_move_gets_one_mail_with_the_new_time(world, at):
    wall = dt.datetime(2027, 4, 7, 14)
    session = actions.add_meeting(
        cohort=world.cohort,
        kind="topic",
        engagement=world.engagements["ioana"],
        wall_starts=wall,
        title="Time",
        places_for=1,
        commissions=True,
        by=world.halina,
        at=at,
    )
    making.group_session(world, wall + dt.timedelta(days=1), at=at, number=2)
    for each in (world.siobhan, world.thandiwe):
        actions.take_place(session=session, by=each, at=at)
    MailMessage.objects.filter(to_id=world.thandiwe.pk).delete()

    making.date(session, wall + dt.timedelta(days=1), by=world.halina, at=at)

    [mail] = MailMessage.objects.filter(to_id=world.thandiwe.pk)
    assert mail.subject.startswith("A place has become free for you: Topic session: Time")
    assert told(world.thandiwe) == [("REQUEST", f"session-{session.pk}", 2, ["08 Apr 14:00"])]
