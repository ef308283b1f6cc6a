import datetime as dt
import re

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from cairn.delivery import actions
from cairn.delivery.models import BusyCalendar, BusyTime, CoachingSession, Hold, SlotWatch
from tests.delivery import booking_hours, making

pytestmark = pytest.mark.django_db
TEN, ELEVEN = "2027-03-08T10:00Z", "2027-03-08T11:00Z"
AT_TEN = dt.datetime(2027, 3, 8, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def session(world):
    booking_hours.keep(world.ioana)
    return making.undated(world)


@pytest.fixture
def me(client, world, now):
    client.force_login(world.thandiwe)
    return client


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_coachee_books_in_three_actions(me, world, session):
    sessions = me.get(reverse("coachee_sessions"))
    assert reverse("book_session", args=[session.pk]) in sessions.content.decode()
    page = me.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"})
    assert page.content.decode().count(f'value="{TEN}"') == 1

    asked = me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1}, follow=True)
    booked = me.post(reverse("book_confirm", args=[session.pk]), {"starts_at": TEN, "version": 1}, follow=True)

    assert "Monday 8 March 2027, 10:00 to 11:00" in text(asked)
    assert "You can cancel without cost until 10:00 on Sunday 7 March 2027, London time" in text(asked)
    assert "Kept for you until 09:05 today, London time." in text(asked)
    assert "Booked. Your coach has been told." in text(booked)
    assert CoachingSession.objects.get(pk=session.pk).starts_at == AT_TEN


def test_what_was_booked_is_taken_back(me, session):
    me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1})
    booked = me.post(reverse("book_confirm", args=[session.pk]), {"starts_at": TEN, "version": 1}, follow=True)
    address = reverse("book_back", args=[session.pk, 2])

    assert f'action="{address}"' in booked.content.decode()
    me.post(address)
    assert CoachingSession.objects.get(pk=session.pk).state == "undated"


def test_the_address_stands_on_the_confirmation(me, world, session):
    booking_hours.place(world.ioana, "Online")
    booking_hours.place(world.ioana, "Room 2", "in_person", "Room 2, Old Building")

    asked = me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1}, follow=True)

    assert "Room 2 in person Room 2, Old Building" in text(asked)
    assert "LEAK-LINK" not in asked.content.decode()


def test_a_move_that_is_taken_back_leads_to_the_place_that_was_typed_by_hand(me, world, at, session):
    booking_hours.place(world.ioana, "Online")
    day, oak = dt.datetime(2027, 3, 9, 14), {"mode": "in_person", "where": "Under the oak"}
    actions.date_session(session=session, wall_starts=day, **oak, expected_version=1, by=world.ioana, at=at)
    me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 2})
    me.post(reverse("book_confirm", args=[session.pk]), {"starts_at": TEN, "version": 2})
    assert CoachingSession.objects.get(pk=session.pk).where == "https://meet.example/LEAK-LINK"

    me.post(reverse("book_back", args=[session.pk, 3]))

    back = CoachingSession.objects.get(pk=session.pk)
    assert (back.wall_time, back.mode, back.where) == (day, *oak.values())
    me.post(reverse("cancel_own", args=[session.pk]), {"version": 4})
    me.post(reverse("book_back", args=[session.pk, 5]))
    assert CoachingSession.objects.get(pk=session.pk).where == "Under the oak"


def test_the_loser_sees_the_next_free_times_as_buttons(me, world, at, session):
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)

    page = me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1})
    me.post(reverse("hold_time", args=[session.pk]), {"starts_at": ELEVEN, "version": 1})
    making.date(making.undated(world), dt.datetime(2027, 3, 8, 12), by=world.ioana, at=at)
    Hold.objects.all().delete()
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 8, 11), by=world.ioana, at=at)
    late = me.post(reverse("book_confirm", args=[session.pk]), {"starts_at": ELEVEN, "version": 1})

    assert "Just taken" in text(page)
    assert page.content.decode().count(f'value="{ELEVEN}"') >= 1
    assert "Just taken" in text(late)
    assert 'value="2027-03-08T13:00Z"' in late.content.decode()
    assert "Pärt" not in text(page) + text(late)


def test_who_is_refused_for_another_reason_reads_it_and_the_next_free_times(me, world, at, session):
    making.date(making.undated(world), dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)

    page = me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1})

    words = "This time cannot be booked You are in another session then. These are the next free times:"
    assert words in text(page)
    assert page.content.decode().count(f'value="{ELEVEN}"') >= 1
    assert "Just taken" not in text(page)


def test_an_old_page_confirms_nothing_that_changed_meanwhile(me, world, at, session):
    me.post(reverse("hold_time", args=[session.pk]), {"starts_at": TEN, "version": 1})
    CoachingSession.objects.filter(pk=session.pk).update(version=2)

    asked = me.post(reverse("book_confirm", args=[session.pk]), {"starts_at": TEN, "version": 1}, follow=True)

    assert asked.redirect_chain == [(reverse("book_confirm", args=[session.pk]), 302)]
    assert "This session was changed since you opened it. It has no date now." in text(asked)
    assert 'name="version" value="2"' in asked.content.decode()


def test_times_stand_on_the_readers_clock_with_the_coachs_beside_it(client, world, now):
    booking_hours.keep(world.malik)
    type(world.siobhan).objects.filter(pk=world.siobhan.pk).update(time_zone="Pacific/Auckland")
    session = making.undated(world, "siobhan")
    client.force_login(world.siobhan)

    page = text(client.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"}))

    assert "Monday 8 March 2027 Auckland time, NZDT 22:00 09:00 in London 22:30 09:30 in London" in page
    assert "Tuesday 9 March 2027 Auckland time, NZDT 00:00 Mon 8 Mar, 11:00 in London" in page


def test_cancelling_and_moving_show_the_readers_clock_first_and_the_agreed_one_beside_it(client, world, at, now):
    type(world.siobhan).objects.filter(pk=world.siobhan.pk).update(time_zone="Pacific/Auckland")
    booking_hours.keep(world.malik)
    session = making.undated(world, "siobhan")
    making.date(session, dt.datetime(2027, 3, 8, 10), by=world.malik, at=at)
    client.force_login(world.siobhan)

    page = text(client.get(reverse("cancel_own", args=[session.pk])))
    client.post(reverse("hold_time", args=[session.pk]), {"starts_at": ELEVEN, "version": 2})
    confirm = text(client.get(reverse("book_confirm", args=[session.pk])))

    assert "Monday 8 March 2027, 23:00 to 00:00 Tue 9 Mar Auckland time, NZDT 10:00 in London" in page
    assert "That holds until 23:00 on Sunday 7 March 2027, Auckland time (10:00 in London)." in page
    assert "Tuesday 9 March 2027, 00:00 to 01:00 Auckland time, NZDT Mon 8 Mar, 11:00 in London" in confirm
    assert "it stays where it is: Monday 8 March 2027, 23:00 to 00:00 Tue 9 Mar Auckland time, NZDT 10:00 in" in confirm


def test_a_taken_time_is_only_not_free_and_can_be_watched(me, world, at, session):
    making.date(making.undated(world, "part"), dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)
    page = me.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"})
    me.post(reverse("watch_time", args=[session.pk]), {"starts_at": TEN, "from": "2027-03-08"})
    watched = me.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"})
    count = SlotWatch.objects.count()
    me.post(reverse("watch_time", args=[session.pk]), {"end": TEN})

    assert "10:00 Tell me if free" in text(page)
    assert "10:00 not free, watched" in text(watched)
    assert (count, SlotWatch.objects.count()) == (1, 0)


def test_earlier_stands_only_where_earlier_days_are_offered(client, world, at, monkeypatch):
    booking_hours.keep(world.ioana)
    session = making.undated(world)
    sunday = dt.datetime(2027, 3, 7, 9, tzinfo=dt.UTC)
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: sunday)
    client.force_login(world.thandiwe)
    address = reverse("book_session", args=[session.pk])

    pages = [text(client.get(address, {"from": day} if day else {})) for day in ("", "2027-03-08", "2027-03-15")]

    assert [" Earlier" in page for page in pages] == [False, False, True]


def test_after_a_late_cancellation_that_was_forgiven_the_link_leads_to_what_replaces_it(me, world, at, session, now):
    booking_hours.Availability.objects.update(notice_hours=0)
    short = making.undated(world)
    CoachingSession.objects.filter(pk=short.pk).update(minutes=30)
    making.date(session, dt.datetime(2027, 3, 3, 15), by=world.ioana, at=at)
    actions.cancel_own(session=session, expected_version=2, by=world.thandiwe, at=at)
    actions.forgive_late(session=session, enrolment_id=session.enrolment_id, by=world.ioana, at=at)
    link = f"{reverse('book_session', args=[session.pk])}?instead=1"

    page = me.get(reverse("coachee_session", args=[session.pk]))
    led = me.get(link, follow=True)

    new = CoachingSession.objects.filter(state="undated", minutes=60, enrolment=short.enrolment).latest("position")
    assert link in page.content.decode()
    assert led.redirect_chain == [(reverse("book_session", args=[new.pk]), 302)]
    assert f"Others wait for a date as well: Session {short.position}, 30 min" in text(led)


def test_who_has_several_without_a_date_chooses_which(me, world, session):
    short = making.undated(world)
    CoachingSession.objects.filter(pk=short.pk).update(minutes=30)

    for name in ("coachee_home", "coachee_sessions"):
        page = me.get(reverse(name))
        assert "Choose a time for: Session 1, 60 min Session 2, 30 min" in text(page)
        for each in (session, short):
            assert f'href="{reverse("book_session", args=[each.pk])}"' in page.content.decode()


def test_every_one_to_one_to_come_can_be_moved_and_cancelled_from_the_list(me, world, at, session, now):
    first, near = making.undated(world), making.undated(world)
    for each, day, hour in ((near, 3, 15), (first, 8, 10), (session, 9, 10)):
        making.date(each, dt.datetime(2027, 3, day, hour), by=world.ioana, at=at)
    making.group_session(world, dt.datetime(2027, 3, 10, 10), at=at)
    pages = {name: me.get(reverse(name)).content.decode() for name in ("coachee_home", "coachee_sessions")}

    for page in pages.values():
        assert f'<a href="{reverse("book_session", args=[session.pk])}">Move<span class="unseen"> Tue 9 Mar' in page
        assert f'<a href="{reverse("cancel_own", args=[session.pk])}">Cancel<span class="unseen"> Tue 9 Mar' in page
        assert page.count('">Move<span') == 2  # too near for the third, and a group's session is the group's
    assert pages["coachee_sessions"].count('">Cancel<span') == 3


def test_too_near_to_be_moved_gives_the_coachs_address(me, world, at, session, now):
    booking_hours.Availability.objects.update(notice_hours=0)
    making.date(session, dt.datetime(2027, 3, 3, 15), by=world.ioana, at=at)

    page = me.get(reverse("book_session", args=[session.pk]))

    assert f'href="mailto:{world.ioana.email}"' in page.content.decode()


def test_a_coach_without_hours_is_written_to(me, world):
    session = making.undated(world)

    page = me.get(reverse("book_session", args=[session.pk]))

    assert "Your coach offers no times here." in text(page)


def test_cancelling_says_what_it_costs_before(me, world, at, session, now):
    booking_hours.Availability.objects.update(notice_hours=0)
    making.date(session, dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)
    in_time = text(me.get(reverse("cancel_own", args=[session.pk])))
    near = making.undated(world)
    making.date(near, dt.datetime(2027, 3, 3, 15), by=world.ioana, at=at)
    late = text(me.get(reverse("cancel_own", args=[near.pk])))
    done = text(me.post(reverse("cancel_own", args=[near.pk]), {"version": 2}, follow=True))

    assert "Nothing: the minutes come back, and the session waits for another date." in in_time
    assert "It begins in less than 24 hours, so its 60 min count as used. Your coach can forgive that." in late
    assert "You cancelled this session late: its 60 min count as used." in done


def test_a_coach_forgives_from_today_and_from_the_session(client, world, at, session, now):
    making.date(session, dt.datetime(2027, 3, 3, 15), by=world.ioana, at=at)
    actions.cancel_own(session=session, expected_version=2, by=world.thandiwe, at=at)
    client.force_login(world.ioana)
    address = reverse("forgive_late", args=[session.pk, session.enrolment_id])
    pages = [client.get(reverse("coach_today")), client.get(reverse("coach_session", args=[session.pk]))]

    done = client.post(address, {"back": "session"}, follow=True)

    assert [f'action="{address}"' in page.content.decode() for page in pages] == [True, True]
    assert "Your coachee cancelled it, at 09:00 today, London time." in text(pages[1])
    assert "Forgiven." in text(done)
    assert ("cancelled late, forgiven" in text(done), "sent apologies" in text(done)) == (True, False)
    assert f'action="{address}?undo=1&amp;back=session"' in done.content.decode()
    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)
    client.post(f"{address}?undo=1")
    assert making.entitlement(world, "thandiwe")[1:] == (0, 60)


def test_who_has_left_is_forgiven_nothing(client, world, at, session, now):
    making.date(session, dt.datetime(2027, 3, 3, 15), by=world.ioana, at=at)
    actions.cancel_own(session=session, expected_version=2, by=world.thandiwe, at=at)
    client.force_login(world.ioana)
    address = reverse("forgive_late", args=[session.pk, session.enrolment_id])
    pages = [reverse("coach_today"), reverse("coach_session", args=[session.pk])]
    before = [address in client.get(page).content.decode() for page in pages]

    actions.leave_cohort(enrolment_id=session.enrolment_id, by=world.thandiwe, at=at)

    assert (before, [address in client.get(page).content.decode() for page in pages]) == ([True] * 2, [False] * 2)


def test_a_coach_sees_that_a_coachee_moved_it_themselves(client, world, at, session, now):
    making.date(session, dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)
    client.force_login(world.ioana)
    before = text(client.get(reverse("coach_session", args=[session.pk])))
    actions.hold_time(
        session=session, starts_at=AT_TEN + dt.timedelta(hours=1), expected_version=2, by=world.thandiwe, at=at
    )
    actions.book_held(session=session, by=world.thandiwe, at=at)

    after = text(client.get(reverse("coach_session", args=[session.pk])))

    assert "Your coachee" not in before
    assert "Your coachee moved it here, at 09:00 today, London time." in after


def test_what_a_coachee_takes_back_is_told_as_taken_back(client, world, at, session, now):
    def done():
        client.force_login(world.ioana)
        return text(client.get(reverse("coach_session", args=[session.pk])))

    def change(what, **more):
        version = CoachingSession.objects.get(pk=session.pk).version
        what(session=session, expected_version=version, by=world.thandiwe, at=at, **more)

    for hours, back in ((0, "booking"), (0, ""), (1, "move")):
        change(actions.hold_time, starts_at=AT_TEN + dt.timedelta(hours=hours))
        change(actions.book_held)
        if back:
            change(actions.take_back)
            assert f"Your coachee took their {back} back, at 09:00 today, London time." in done()
        if back == "booking":
            client.force_login(world.thandiwe)
            assert "You took back the booking that was for" in text(client.get(f"/sessions/{session.pk}/"))
    change(actions.cancel_own)
    change(actions.take_back)

    assert "Your coachee took their cancellation back, at 09:00 today, London time." in done()


@pytest.mark.parametrize("value", ["", "tomorrow", "2027-03-08T10:00", "0001-01-01T00:00Z", "9999-12-31T23:59-12:00"])
def test_what_is_no_time_is_answered_with_a_sentence(me, session, value):
    for name in ("hold_time", "watch_time"):
        page = me.post(reverse(name, args=[session.pk]), {"starts_at": value, "version": 1}, follow=True)
        assert "Choose one of the times." in text(page)


def test_nobody_reaches_anothers_booking(client, world, session, now):
    client.force_login(world.part)

    for name, *more in (("book_session",), ("book_confirm",), ("cancel_own",)):
        assert client.get(reverse(name, args=[session.pk, *more])).status_code == 404


@pytest.mark.parametrize("others", [0, 3])
def test_the_page_costs_the_same_whatever_is_taken(me, world, at, session, others, django_assert_num_queries):
    for number in range(others):
        making.date(making.undated(world, "part"), dt.datetime(2027, 3, 8, 10 + number), by=world.ioana, at=at)
    me.get(reverse("book_session", args=[session.pk]))

    with django_assert_num_queries(6):
        me.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"})


def test_a_taken_time_looks_the_same_whatever_takes_it(me, world, at, session):
    """Twin worlds: another's booking, their hold and the coach's own calendar differ in nothing but what is free."""
    during = DateTimeTZRange(AT_TEN, AT_TEN + dt.timedelta(hours=1))
    calendar = BusyCalendar.objects.create(person=world.ioana, kind="ics", name="LEAK-own", added_at=at)
    others = making.undated(world, "part")

    def busy():
        BusyTime.objects.create(calendar=calendar, person=world.ioana, during=during)

    def seen(takes):
        with transaction.atomic():
            takes()
            page = me.get(reverse("book_session", args=[session.pk]), {"from": "2027-03-08"}).content.decode()
            transaction.set_rollback(True)
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)

    pages = {
        seen(takes)
        for takes in (
            busy,
            lambda: making.date(others, dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at),
            lambda: actions.hold_time(session=others, starts_at=AT_TEN, expected_version=1, by=world.part, at=at),
        )
    }

    assert len(pages) == 1
    assert pages != {seen(lambda: None)}
