"""The pages on which a group finds another time: for the coach, for a coordinator, for each member."""

import datetime as dt
import re

import pytest

from cairn.delivery.models import CoachingSession, Poll
from cairn.people.models import Person
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

STANDS = dt.datetime(2027, 3, 25, 14, 0)
ASK = {"do": "ask", "closes_on": "2027-03-08", "closes_time": "12:00", "version": "1"}
TYPED = {"on_1": "2027-03-24", "time_1": "10:00", "on_2": "2027-03-29", "time_2": "09:00"}


@pytest.fixture
def session(world):
    Person.objects.filter(pk=world.part.pk).update(time_zone="Pacific/Auckland")
    world.part.refresh_from_db()
    return running.group_session(world, STANDS)


@pytest.fixture
def send(client):
    """Send a form as somebody, and follow to where it leads."""

    def post(person, path, data):
        client.force_login(person)
        response = client.post(path, data, follow=True)
        return response.content.decode()

    return post


def test_suggested_and_typed_times_are_put_to_the_group(
    world, session, page, send, client, django_assert_max_num_queries
):
    path = f"/coach/sessions/{session.pk}/poll/"
    assert path in page(world.ioana, f"/coach/sessions/{session.pk}/")[1]
    client.force_login(world.ioana)
    with django_assert_max_num_queries(8):
        text = client.get(path).content.decode()
    offered = re.findall(r'name="suggested" value="([^"]+)"', text)
    assert len(offered) == 8
    assert {each[:7] for each in offered} == {"2027-03"}
    assert re.search(r'name="closes_time" value="(18|12):00', text)

    text = send(world.ioana, path, ASK | TYPED | {"suggested": offered[-1]})

    assert "Asked. Everybody in the group has been sent a mail." in text
    assert "0 of 2" in text
    assert Poll.objects.get().times.count() == 3
    assert path in page(world.ioana, "/today/")[1]


def test_a_time_that_happens_twice_or_never_is_asked_about_and_nothing_is_lost(world, session, send):
    world.cohort.ends_on = dt.date(2027, 12, 1)
    world.cohort.save(update_fields=["ends_on"])
    path, twice = f"/coach/sessions/{session.pk}/poll/", {"on_2": "2027-10-31", "time_2": "01:30"}

    text = send(world.ioana, path, ASK | TYPED | twice)
    assert "01:30 happens twice on 31 October 2027" in text
    assert "the second, an hour later, GMT" in text
    assert 'value="10:00"' in text
    assert "There is no 01:30 on 28 March 2027" in send(
        world.ioana, path, ASK | TYPED | {"on_2": "2027-03-28", "time_2": "01:30"}
    )
    assert not Poll.objects.exists()

    send(world.ioana, path, ASK | TYPED | twice | {"fold_2": "1"})

    found = Poll.objects.get().times.latest("starts_at")
    assert (found.fold, found.starts_at) == (1, dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC))


def test_a_member_answers_on_their_own_clock_and_sees_nobody_else(world, session, page, send):
    send(world.ioana, f"/coach/sessions/{session.pk}/poll/", ASK | TYPED)
    poll = Poll.objects.get()
    first, second = poll.times.order_by("starts_at")
    path = f"/polls/{poll.pk}/"
    for elsewhere in ("/home/", "/sessions/"):
        assert path in page(world.part, elsewhere)[1]

    text = page(world.part, path)[1]
    assert "Wednesday 24 March 2027, 23:00 to Thu 25 Mar" not in text
    assert "Monday 29 March 2027, 21:00 to 22:30 (Auckland time" in text
    assert "For the group: Mon 29 Mar, 09:00 to 10:30, London time, BST." in text
    text = send(world.part, path, {f"time-{first.pk}": "no", f"time-{second.pk}": "maybe"})

    assert "Kept. You can change it until the poll closes." in text
    assert "Thandiwe" not in text
    other = page(world.thandiwe, path)[1]
    assert "Tamm" not in other
    assert not re.search(r'name="time-\d+"[^>]*checked', other)
    staff = page(world.ioana, f"/coach/sessions/{session.pk}/poll/")[1]
    assert "1 of 2" in staff
    assert "Pärt Tamm" in staff
    staff = page(world.ioana, f"/coach/sessions/{session.pk}/")[1]
    assert "1 person has answered." in staff
    assert "Ask the group for another time" not in staff


def test_each_time_is_counted_and_only_the_coach_reads_names(world, session, page, send):
    path = f"/coach/sessions/{session.pk}/poll/"
    send(world.ioana, path, ASK | TYPED)
    poll = Poll.objects.get()
    first, second = poll.times.order_by("starts_at")
    send(world.part, f"/polls/{poll.pk}/", {f"time-{first.pk}": "no", f"time-{second.pk}": "maybe"})

    coach = page(world.ioana, path)[1]
    team = page(world.halina, f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/poll/")[1]

    for text in (coach, team):
        lists = re.findall(r'<ul role="list" class="tally">.*?</ul>', text, re.S)
        assert [re.findall(r"<strong>(\d)</strong> ([\w ]+)", each) for each in lists] == [
            [("0", "can come"), ("1", "could if need be"), ("0", "cannot come"), ("1", "has not answered")],
            [("0", "can come"), ("0", "could if need be"), ("1", "cannot come"), ("1", "has not answered")],
        ]
        assert text.count("suits most") == 1
    assert [name for name in ("Tamm", "Ndlovu") if name in coach] == ["Tamm", "Ndlovu"]
    assert [name for name in ("Tamm", "Ndlovu") if name in team] == []


def test_a_coordinator_chooses_and_the_session_moves(world, session, page, send):
    path = f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/poll/"
    assert path in page(world.halina, f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/")[1]
    send(world.halina, path, ASK | TYPED)
    second = Poll.objects.get().times.latest("starts_at")

    asked = send(world.halina, path, {"do": f"choose-{second.pk}"})
    assert "0 of 2 have said when they can come." in asked
    assert "Move the session to Monday 29 March 2027, 09:00 (London time) all the same?" in asked
    assert CoachingSession.objects.get(pk=session.pk).wall_time == STANDS

    text = send(world.halina, path, {"do": f"sure-{second.pk}"})

    assert "Moved to Monday 29 March 2027, 09:00 to 10:30 (London time)." in text
    assert CoachingSession.objects.get(pk=session.pk).wall_time == dt.datetime(2027, 3, 29, 9, 0)
    assert "Your coach has chosen." in page(world.part, f"/polls/{second.poll_id}/")[1]
    undo = re.search(rf'action="({re.escape(path)}\?undo=\d+)"', text)
    assert undo is not None

    text = send(world.halina, undo[1], {})

    assert "It is as it was before." in text
    assert "See the answers and choose" in text
    assert "Ask the group for another time" not in text
    assert "When could you come?" in page(world.part, f"/sessions/{session.pk}/")[1]
    assert CoachingSession.objects.get(pk=session.pk).wall_time == STANDS
    assert "There is nothing to take back." in send(world.halina, path + "?undo=x", {})
    assert "changed since you opened it" in send(world.halina, undo[1], {})


def test_whoever_asks_from_elsewhere_reads_their_own_clock_beside_the_groups(world, session, page, send):
    Person.objects.filter(pk=world.halina.pk).update(time_zone="Pacific/Auckland")
    world.halina.refresh_from_db()
    path = f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/poll/"

    suggested = page(world.halina, path)[1]
    asked = send(world.halina, path, ASK | TYPED)

    assert len(re.findall(r" \(London time\), your [^<]* in Auckland", suggested)) == 8
    assert "People answer until 01:00 on Tuesday 9 March 2027, Auckland time (Mon 8 Mar, 12:00 in London)." in asked
    assert "your 21:00 in Auckland" in asked


def test_what_stands_in_the_way_is_said_and_the_poll_stays(world, session, send):
    path = f"/coach/sessions/{session.pk}/poll/"
    send(world.ioana, path, ASK | TYPED)
    first = Poll.objects.get().times.earliest("starts_at")
    running.one_to_one(world, dt.datetime(2027, 3, 24, 10, 0), "part")

    assert "The next free times are" in send(world.ioana, path, {"do": f"sure-{first.pk}"})
    for nonsense in ("choose-x", "choose-999999999999999999999", "choose-0", "dance"):
        assert "Choose one of the times" in send(world.ioana, path, {"do": nonsense})
    text = send(world.ioana, path, {"do": "withdraw"})
    assert "Withdrawn." in text
    assert Poll.objects.get().state == "withdrawn"
    undo = f"{path}?undo=withdrawn-{first.poll_id}"
    assert f'action="{undo}"' in text
    assert "The poll is open again, with every answer." in send(world.ioana, undo, {})
    assert Poll.objects.get().state == "open"
    assert "nothing to take back" in send(world.ioana, f"{path}?undo=opened-{first.poll_id + 1}", {})
    assert "Taken back." in send(world.ioana, f"{path}?undo=opened-{first.poll_id}", {})


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_strange_years_are_answered(world, session, send, year):
    strange = {"on_1": f"{year}-12-31", "time_1": "23:59", "suggested": f"{year}-01-01T00:00"}
    path = f"/coach/sessions/{session.pk}/poll/"

    for more in ({}, {"closes_on": f"{year}-01-01"}, {"on_1": ""}):
        assert "Ask everybody" in send(world.ioana, path, ASK | TYPED | strange | more)
    assert not Poll.objects.exists()
