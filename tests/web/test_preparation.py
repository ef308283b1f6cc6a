import datetime as dt

import pytest

from cairn.journey import actions, queries
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def session(world):
    return running.one_to_one(world, TEN)


@pytest.fixture
def say(client, world, session):
    """Send a form of the session's page: status and text of what follows."""

    def post(who="thandiwe", **data):
        client.force_login(world.people[who])
        response = client.post(f"/sessions/{session.pk}/preparation/", data, follow=True)
        return response.status_code, response.content.decode()

    return post


def kept(world, session):
    return queries.preparation_page(world.thandiwe, session.pk).preparation


def test_before_it_begins_one_brings_and_from_then_on_one_takes_away(world, session, page, now, say):
    path = f"/sessions/{session.pk}/preparation/"
    assert "<h1>What I bring</h1>" in page(world.thandiwe, path)[1]
    say(text="The fellowship", revision="0")
    now.at = TEN
    text = page(world.thandiwe, path)[1]
    assert "<h1>What I take away</h1>" in text
    assert "The fellowship" in text
    say(text="Ask first", revision="1")
    assert (kept(world, session).bring, kept(world, session).take_away) == ("The fellowship", "Ask first")
    assert "<h1>What I bring</h1>" in page(world.thandiwe, f"{path}?part=bring")[1]


def test_goals_are_looked_at_in_the_same_form(world, session, say, at):
    goal = actions.set_goal(title="Speak up", by=world.thandiwe, at=at)
    text = say(text="", revision="0", **{f"goal_{goal.pk}": "-1"})[1]
    assert '<option value="-1" selected>' in text
    [review] = queries.reviews(world.thandiwe, goal.pk)
    assert (review.level, review.session_id) == (-1, session.pk)
    assert kept(world, session).id == 0


def test_what_was_agreed_becomes_a_step_that_both_see(world, session, say):
    say(**{"do": "step", "step-text": "Ask Pärt", "step-due_on": "2027-03-20"})
    [step] = queries.open_steps(world.thandiwe)
    assert (step.text, step.agreed_with, step.session_id) == ("Ask Pärt", "Ioana Pop", session.pk)


def test_typing_is_saved_and_two_windows_are_put_together(world, client, session):
    client.force_login(world.thandiwe)
    path = f"/sessions/{session.pk}/preparation/save/"
    first = client.post(path, {"part": "bring", "text": "One", "revision": "0"}).json()
    assert first == {"revision": "1", "saved": "Saved 09:00"}
    client.post(path, {"part": "bring", "text": "One\n\nTwo", "revision": "1"})
    late = client.post(path, {"part": "bring", "text": "One\n\nThree", "revision": "1"}).json()
    assert sorted(late["text"].split("\n\n")) == ["One", "Three", "Two"]
    assert client.post(path, {"part": "x", "text": "", "revision": "0"}).status_code == 422


def test_a_level_that_was_chosen_is_saved_with_the_text_and_only_of_ones_own_goal(world, client, session, at):
    own, other = (actions.set_goal(title="x", by=world.people[who], at=at).pk for who in ("thandiwe", "part"))
    client.force_login(world.thandiwe)
    path = f"/sessions/{session.pk}/preparation/save/"
    sent = {"part": "take_away", "text": "x", "revision": "0"}
    for level in ("1", "1", "", "9"):
        assert client.post(path, {**sent, f"goal_{own}": level, "goal_x": "1"}).status_code == 200
    assert [each.level for each in queries.reviews(world.thandiwe, own)] == [1]
    assert client.post(path, {**sent, f"goal_{other}": "1"}).status_code == 404
    assert queries.reviews(world.part, other) == []


@pytest.mark.parametrize("who", ["part", "ioana", "halina", "nia"])
def test_anothers_session_has_no_page_for_me(world, session, page, say, who):
    assert page(world.people[who], f"/sessions/{session.pk}/preparation/")[0] == 404
    assert say(who, text="x", revision="0")[0] == 404


def test_the_coach_reads_it_only_once_it_is_shared(world, session, say, page):
    say(text="LEAK-brought", revision="0")
    assert "LEAK-brought" not in page(world.ioana, f"/coach/sessions/{session.pk}/")[1]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_number_of_queries(world, client, session, at, django_assert_num_queries, rows):
    for _number in range(rows):
        actions.set_goal(title="x", by=world.thandiwe, at=at)
        actions.agree_step(person=world.thandiwe, text="x", session_id=session.pk, by=world.ioana, at=at)
    client.force_login(world.thandiwe)
    with django_assert_num_queries(8):
        client.get(f"/sessions/{session.pk}/preparation/")


def test_what_was_brought_stays_readable_when_the_session_is_no_longer_ones_own(world, client, now):
    elsewhere = {"session_id": 987_654, "revision": 0, "by": world.thandiwe, "at": now.at}
    actions.save_preparation(part="bring", text="The fellowship", **elsewhere)
    client.force_login(world.thandiwe)
    assert client.get("/sessions/987654/preparation/").headers["Location"] == "/sessions/preparations/"
    assert "The fellowship" in client.get("/sessions/preparations/").content.decode()
    assert client.post("/sessions/987654/preparation/", {"text": "x", "revision": "1"}).status_code == 404
    client.force_login(world.part)
    assert client.get("/sessions/987654/preparation/").status_code == 404
    assert "The fellowship" not in client.get("/sessions/preparations/").content.decode()
