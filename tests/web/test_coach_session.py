import datetime as dt
import re

import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.programmes.models import Cohort
from tests.delivery import booking_hours
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)
TYPED = {"on": "2027-03-10", "time": "10:00", "mode": "online", "where": running.LINK, "version": "1"}


@pytest.fixture
def send(client):
    """Send a form as somebody, and follow to where it leads."""

    def post(person, path, data=None):
        client.force_login(person)
        response = client.post(path, data or {}, follow=True)
        return response.status_code, response.content.decode()

    return post


def at(session):
    return f"/coach/sessions/{session.pk}/"


def stands(session):
    found = CoachingSession.objects.get(pk=session.pk)
    return found.state, found.wall_time


def test_an_undated_session_is_given_a_date_and_the_zone_is_printed(world, page, send):
    session = running.undated(world)
    text = page(world.ioana, at(session))[1]
    assert "London time" in text
    assert "No date yet" in text

    text = send(world.ioana, at(session), TYPED)[1]

    assert stands(session) == ("booked", dt.datetime(2027, 3, 10, 10, 0))
    assert "Wednesday 10 March 2027, 10:00 to 11:00" in text
    assert f'action="/coach/sessions/{session.pk}/undo/2/?was=undated"' in text


@pytest.mark.parametrize(
    ("time", "words"), [("10:00", ""), ("03:00", " It is outside your hours: it begins at 16:00 Auckland time.")]
)
def test_a_coach_may_date_outside_their_hours_and_is_told(world, send, time, words):
    booking_hours.keep(world.ioana)
    world.ioana.time_zone = "Pacific/Auckland"
    world.ioana.save(update_fields=["time_zone"])
    session = running.undated(world)

    text = send(world.ioana, at(session), TYPED | {"time": time})[1]

    assert f"Saved. Everybody in it has been told.{words}<" in text.replace("\n", "").replace(" <", "<")


def test_free_times_are_offered_as_buttons_with_the_coachees_clock_beside(world, page, send):
    world.thandiwe.time_zone = "Asia/Tbilisi"
    world.thandiwe.save(update_fields=["time_zone"])
    session = running.undated(world)

    text = page(world.ioana, at(session))[1]
    first = re.search(r'name="instead" value="([^"]+)"', text)[1]
    assert first == "2027-03-04T09:30"
    assert "13:30 in Tbilisi" in text

    send(world.ioana, at(session), TYPED | {"instead": first, "on": ""})

    assert stands(session) == ("booked", dt.datetime(2027, 3, 4, 9, 30))
    assert "For your coachee it begins at 13:30 in Tbilisi." in page(world.ioana, at(session))[1]


def test_a_time_that_was_just_taken_says_so_and_offers_others(world, send):
    running.one_to_one(world, TEN, "part")
    session = running.undated(world)

    text = send(world.ioana, at(session), TYPED)[1]

    assert "Just taken: you are in another session then." in text
    assert re.findall(r'name="instead" value="([^"]+)"', text) == [
        "2027-03-10T11:00",
        "2027-03-10T11:30",
        "2027-03-10T12:00",
    ]
    assert f'value="{running.LINK}"' in text
    assert stands(session) == ("undated", None)


def test_a_time_that_the_clocks_skip_is_asked_about_in_place(world, send):
    session = running.undated(world)

    text = send(world.ioana, at(session), TYPED | {"on": "2027-03-28", "time": "01:30"})[1]

    assert "There is no 01:30 on 28 March 2027" in text
    assert 'value="01:30"' in text
    assert stands(session) == ("undated", None)


def test_a_time_that_happens_twice_is_asked_about_in_place(world, send):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 12, 1))
    session, twice = running.undated(world), TYPED | {"on": "2027-10-31", "time": "01:30"}

    text = send(world.ioana, at(session), twice)[1]

    assert "01:30 happens twice on 31 October 2027" in text
    assert "the first, BST" in text
    assert "the second, an hour later, GMT" in text
    send(world.ioana, at(session), twice | {"fold": "1"})
    assert CoachingSession.objects.get(pk=session.pk).starts_at == dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"on": ""}, "This field is required."),
        ({"time": "late"}, "Enter a valid time."),
        ({"on": "2029-03-02"}, "The cohort runs from"),
        ({"where": "my usual room"}, "Write the link as it stands in the invitation"),
    ],
)
def test_what_was_typed_is_kept_beside_a_sentence(world, send, changed, sentence):
    session = running.undated(world)

    text = send(world.ioana, at(session), TYPED | changed)[1]

    assert sentence in text
    assert f'value="{changed.get("where", running.LINK)}"' in text
    assert stands(session) == ("undated", None)


def test_a_session_is_moved_and_moved_back(world, send):
    session = running.one_to_one(world, TEN)
    elsewhere = {"mode": "in_person", "where": "Under the oak"}
    moved = TYPED | elsewhere | {"on": "2027-03-11", "version": str(session.version)}

    text = send(world.ioana, at(session), moved)[1]

    assert stands(session) == ("booked", dt.datetime(2027, 3, 11, 10, 0))
    undo = re.search(r'action="(/coach/sessions/\d+/undo/\d+/\?was=[^"]+)"', text)[1]
    send(world.ioana, undo.replace("&amp;", "&"))
    assert stands(session) == ("booked", dt.datetime(2027, 3, 10, 10, 0))
    back = CoachingSession.objects.get(pk=session.pk)
    assert (back.mode, back.where) == (session.mode, session.where) != tuple(elsewhere.values())


def test_one_group_session_is_cancelled_and_restored_without_touching_the_others(world, send, page):
    session = running.group_session(world, TEN)
    other = running.group_session(world, TEN + dt.timedelta(days=7))

    text = send(world.ioana, f"{at(session)}cancel/", {"version": session.version, "reason": "coach"})[1]

    assert stands(session)[0] == "cancelled"
    assert stands(other)[0] == "booked"
    assert "Let it take place after all" in text
    send(world.ioana, f"{at(session)}undo/{session.version + 1}/?was=cancelled")
    assert stands(session)[0] == "booked"


def test_a_cancelled_one_to_one_waits_for_another_date(world, send):
    session = running.one_to_one(world, TEN)

    send(world.ioana, f"{at(session)}cancel/", {"version": session.version})

    assert stands(session) == ("undated", None)


def test_who_saves_over_somebody_elses_change_is_told_what_changed(world, send):
    session = running.one_to_one(world, TEN)
    actions.date_session(
        session=session,
        wall_starts=dt.datetime(2027, 3, 12, 9, 0),
        mode="online",
        where=None,
        expected_version=session.version,
        by=world.halina,
        at=running.AT,
    )

    text = send(world.ioana, at(session), TYPED | {"on": "2027-03-11", "version": str(session.version)})[1]

    assert "This session was changed since you opened it. It is now on Friday 12 March 2027, 09:00" in text
    assert 'value="2027-03-11"' in text
    assert f'name="version" value="{session.version + 1}"' in text
    assert stands(session)[1] == dt.datetime(2027, 3, 12, 9, 0)


def test_a_stale_undo_changes_nothing(world, send):
    session = running.one_to_one(world, TEN)

    text = send(world.ioana, f"{at(session)}undo/{session.version + 5}/?was=undated")[1]

    assert "This session was changed since you opened it." in text
    assert stands(session)[0] == "booked"


@pytest.mark.parametrize("path", ["", "cancel/", "undo/1/", "attendance/"])
@pytest.mark.parametrize("who", ["malik", "rosa", "lena", "thandiwe", "halina"])
def test_nobody_else_changes_a_session(world, client, path, who):
    session = running.one_to_one(world, TEN)
    client.force_login(world.people[who])

    assert client.post(f"{at(session)}{path}", TYPED).status_code == 404
    assert stands(session)[0] == "booked"


def test_somebody_who_left_is_not_in_the_roll_of_a_later_session(world, page):
    session = running.group_session(world, TEN)
    world.enrolments["part"].state, world.enrolments["part"].left_on = "left", dt.date(2027, 3, 5)
    world.enrolments["part"].save(update_fields=["state", "left_on"])

    text = page(world.ioana, at(session))[1]

    assert "Thandiwe Ndlovu" in text
    assert "Pärt" not in text


@pytest.mark.parametrize("kind", ["undated", "booked", "held"])
def test_the_page_costs_at_most_eight_queries(world, client, now, django_assert_max_num_queries, kind):
    session = running.undated(world) if kind == "undated" else running.one_to_one(world, TEN)
    if kind == "held":
        marks = {world.enrolments["thandiwe"].pk: "attended"}
        actions.record_attendance(session=session, marks=marks, by=world.ioana, at=TEN)
    client.force_login(world.ioana)

    with django_assert_max_num_queries(8):
        assert client.get(at(session)).status_code == 200
