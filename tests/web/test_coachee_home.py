import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.delivery.models import Apology
from cairn.programmes.models import Cohort, Enrolment
from tests import cast
from tests.delivery import booking_hours, making
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def say(client):
    """Send or withdraw apologies as somebody: status and text of the page that follows."""

    def post(person, session, word="apologies/"):
        client.force_login(person)
        response = client.post(f"/sessions/{session.pk}/{word}", follow=True)
        return response.status_code, response.content.decode()

    return post


def test_home_shows_what_comes_next_and_what_is_left(world, page):
    running.group_session(world, TEN)
    running.undated(world)

    text = page(world.thandiwe, "/home/")[1]

    assert "Wednesday 10 March 2027, 10:00 to 11:30" in text
    assert "London time, GMT" in text
    assert "Ioana Pop" in text
    assert "Group 1" in text
    assert "1 one-to-one session has no date yet." in text
    assert "13 h 30 min of 15 h left" in text
    assert "Wellbeing, 01632 960 000" in text
    assert 'href="/journal/"' in text


def test_nobody_else_in_the_group_is_named(world, page):
    session = running.group_session(world, TEN)

    for path in ("/home/", "/sessions/", f"/sessions/{session.pk}/"):
        text = page(world.thandiwe, path)[1]
        assert [name for name in ("Pärt", "part@", "Siobhán") if name in text] == []


def test_the_link_is_in_the_page_only_from_a_quarter_of_an_hour_before_to_the_end(world, page, now):
    session = running.group_session(world, TEN)
    seen = {}
    for minutes in (-16, -15, 0, 89, 90):
        now.at = TEN + dt.timedelta(minutes=minutes)
        shown = {running.LINK in page(world.thandiwe, path)[1] for path in ("/home/", f"/sessions/{session.pk}/")}
        seen[minutes] = shown

    assert seen == {-16: {False}, -15: {True}, 0: {True}, 89: {True}, 90: {False}}


def test_before_its_time_the_button_says_when(world, page, now):
    running.group_session(world, TEN)
    now.at = TEN - dt.timedelta(hours=20)

    text = page(world.thandiwe, "/home/")[1]

    assert "Tomorrow, 10:00 to 11:30" in text
    assert "Join, from 09:45 tomorrow, London time" in text
    assert "hx-get" not in text


def test_a_phone_number_keeps_to_the_same_hours_and_a_place_is_always_shown(world, page, now):
    running.one_to_one(world, TEN, mode="phone", where="01632 960 001")
    assert "01632 960 001" not in page(world.thandiwe, "/home/")[1]
    now.at = TEN
    assert 'href="tel:01632960001"' in page(world.thandiwe, "/home/")[1]


def test_a_place_is_shown_ahead_of_time(world, page):
    running.one_to_one(world, TEN, mode="in_person", where="Library, room 4")

    assert "Library, room 4" in page(world.thandiwe, "/home/")[1]


def test_ones_own_clock_stands_first_and_the_sessions_beside_it(world, page):
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])
    session = running.group_session(world, TEN)
    running.group_session(world, TEN + dt.timedelta(days=7))

    found = {path: page(world.thandiwe, path)[1] for path in ("/home/", "/sessions/", f"/sessions/{session.pk}/")}

    for text in found.values():
        assert "Wednesday 10 March 2027, 23:00 to 00:30 Thu 11 Mar</time> <small>Auckland time, NZDT</small>" in text
        assert '<small class="when__yours">10:00 in London</small>' in text
    assert "Wed 17 Mar, 23:00 to 00:30 Thu 18 Mar</time> <small>NZDT</small>" in found["/home/"]


@pytest.mark.parametrize(("hours_before", "day"), [(14, "Today"), (36, "Tomorrow")])
def test_today_and_tomorrow_are_the_readers_own(world, page, now, hours_before, day):
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])
    running.group_session(world, TEN)
    now.at = TEN - dt.timedelta(hours=hours_before)

    text = page(world.thandiwe, "/home/")[1]

    assert f"{day}, 23:00 to 00:30 Thu 11 Mar</time> <small>Auckland time, NZDT</small>" in text
    assert "10:00 in London" in text
    assert f"Join, from 22:45 {day.lower()}, Auckland time" in text


def test_the_limit_for_apologies_stands_on_both_clocks(world, page):
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])
    session = running.group_session(world, TEN + dt.timedelta(hours=4))

    text = page(world.thandiwe, f"/sessions/{session.pk}/")[1]

    assert (
        "Apologies before 03:00 on Wednesday 10 March 2027, Auckland time (Tue 9 Mar, 14:00 in London) cost no minutes."
        in text
    )


def test_apologies_in_time_cost_nothing_and_can_be_withdrawn(world, page, say):
    session = running.group_session(world, TEN)
    text = page(world.thandiwe, "/home/")[1]
    assert "Apologies before 10:00 on Tuesday 9 March 2027, London time cost no minutes." in text

    text = say(world.thandiwe, session)[1]

    assert "You have sent apologies, in time: they cost no minutes." in text
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 0)
    say(world.thandiwe, session, "apologies/withdraw/")
    assert making.entitlement(world, "thandiwe", "group") == (900, 90, 0)
    assert Apology.objects.count() == 0


def test_late_apologies_say_before_what_they_cost(world, page, say, now):
    session = running.group_session(world, TEN)
    now.at = TEN - dt.timedelta(hours=2)
    assert "if you send apologies now, the 90 min count as used" in page(world.thandiwe, "/home/")[1]

    text = say(world.thandiwe, session)[1]

    assert "You have sent apologies, late: the 90 min count as used." in text
    assert making.entitlement(world, "thandiwe", "group") == (900, 0, 90)


def test_where_late_apologies_are_free_the_page_says_so(world, page):
    Cohort.objects.filter(pk=world.cohort.pk).update(late_cancelled_uses_minutes=False)
    running.group_session(world, TEN)

    assert "Apologies cost no minutes in your cohort." in page(world.thandiwe, "/home/")[1]


def test_where_a_session_cannot_be_moved_here_the_pages_say_what_to_do_instead(world, page, now):
    session = making.undated(world)
    making.date(session, TEN.replace(tzinfo=None), by=world.ioana, at=now.at)
    move, cancel = (f'href="/sessions/{session.pk}/{word}/"' for word in ("book", "cancel"))
    words = (move, cancel, "If you need another time, write to your coach.", "It is too near to be moved here.")

    def said():
        texts = [page(world.thandiwe, path)[1] for path in ("/home/", f"/sessions/{session.pk}/")]
        [found] = {tuple(each in text for each in words) for text in texts}
        return found

    assert said() == (False, True, True, False)
    booking_hours.keep(world.ioana)
    now.at = TEN - dt.timedelta(hours=25)
    assert said() == (True, True, False, False)
    now.at = TEN - dt.timedelta(hours=24)
    assert said() == (False, True, True, True)


def test_once_it_has_begun_apologies_are_refused_with_a_sentence(world, page, say, now):
    session = running.group_session(world, TEN)
    now.at = TEN + dt.timedelta(minutes=1)

    assert "The session has begun." in say(world.thandiwe, session)[1]
    assert "Send apologies" not in page(world.thandiwe, "/home/")[1]
    assert Apology.objects.count() == 0


def test_after_apologies_the_link_stays_away(world, page, say, now):
    session = running.group_session(world, TEN)
    say(world.thandiwe, session)
    now.at = TEN

    assert running.LINK not in page(world.thandiwe, f"/sessions/{session.pk}/")[1]


@pytest.mark.parametrize("who", ["part", "siobhan", "tomasz", "nia", "ioana", "malik", "rosa", "halina"])
def test_nobody_else_opens_a_one_to_one_or_sends_its_apologies(world, page, say, who):
    session = running.one_to_one(world, TEN)

    assert page(world.people[who], f"/sessions/{session.pk}/")[0] == 404
    assert say(world.people[who], session)[0] == 404
    assert say(world.people[who], session, "apologies/withdraw/")[0] == 404
    assert Apology.objects.count() == 0


def test_whoever_left_finds_nothing(world, page):
    session = running.group_session(world, TEN)
    Enrolment.objects.filter(person=world.thandiwe).update(state="left", left_on=dt.date(2027, 3, 1))

    assert page(world.thandiwe, f"/sessions/{session.pk}/")[0] == 404
    assert "You are not in a cohort now" in page(world.thandiwe, "/home/")[1]


def test_several_cohorts_stand_side_by_side(world, page):
    cast.enrol(world.other_cohort, world.thandiwe, world.host)

    text = page(world.thandiwe, "/home/")[1]

    assert "Prosperous Minds, Cohort 1" in text
    assert "Prosperous Minds, Cohort 2" in text
    assert text.count("Wellbeing, 01632 960 000") == 1


def test_the_list_shows_what_was_with_the_own_attendance(world, page, now):
    session = running.group_session(world, TEN)
    for mark in ("missed", "attended"):
        marks = {world.enrolments["thandiwe"].pk: mark, world.enrolments["part"].pk: "missed"}
        actions.record_attendance(session=session, marks=marks, by=world.ioana, at=TEN)
    now.at = TEN + dt.timedelta(days=1)

    text = page(world.thandiwe, "/sessions/")[1]

    assert "you were here" in text
    assert "missed" not in text
    text = page(world.thandiwe, f"/sessions/{session.pk}/")[1]
    assert "You were here" in text
    assert text.count("Missed") == 1


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/home/", 7), ("/sessions/", 7)])
def test_pages_cost_the_same_number_of_queries(world, client, django_assert_num_queries, rows, path, queries):
    for number in range(rows):
        running.group_session(world, TEN + dt.timedelta(days=number))
        running.undated(world)
    client.force_login(world.thandiwe)

    with django_assert_num_queries(queries):
        client.get(path)


def test_a_sessions_page_costs_at_most_eight_queries(world, client, django_assert_max_num_queries):
    session = running.group_session(world, TEN)
    client.force_login(world.thandiwe)

    with django_assert_max_num_queries(8):
        client.get(f"/sessions/{session.pk}/")
