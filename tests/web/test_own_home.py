import datetime as dt

import pytest

from cairn.journey import actions
from cairn.library import queries as library
from cairn.people.models import RoleGrant
from tests import cast
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("sam@example.org", "Sam")


def begin(person, at):
    actions.begin_walk(topics=(), situations=(), words="", by=person, at=at)


def test_whoever_comes_alone_for_the_first_time_is_asked_what_brings_them(alone, client, page):
    text = page(alone, "/home/")[1]
    assert "What brings you here?" in text
    assert 'href="/intake/"' in text
    assert "cohort" not in text
    assert client.get("/")["Location"] == "/home/"


def test_the_places_are_home_path_exercises_journal(alone, page):
    text = page(alone, "/home/")[1]
    places = text[text.index('class="places"') : text.index("</nav>")]
    assert [place for place in ("/home/", "/path/", "/exercises/", "/journal/") if f'href="{place}"' in places] == [
        "/home/",
        "/path/",
        "/exercises/",
        "/journal/",
    ]
    assert '<span class="role">' not in text
    for path in ("/goals/", "/steps/", "/rhythm/", "/me/details/"):
        assert f'href="{path}"' in text


def test_whoever_has_another_role_only_begins_where_they_did(world, client):
    client.force_login(world.ada)
    assert client.get("/")["Location"] == "/me/"
    client.force_login(world.halina)
    assert client.get("/")["Location"] == "/programmes/"


def test_a_coach_has_a_path_of_their_own(world, page):
    assert page(world.ioana, "/home/")[0] == 200
    assert 'href="/home/"' in page(world.ioana, "/me/")[1]


def test_one_question_stands_there_with_its_reason_and_who_could_read_the_answer(world, page, at):
    begin(world.thandiwe, at)
    first = library.path().questions[0].text
    text = page(world.thandiwe, "/home/")[1]
    assert first in text
    assert "Only you" in text
    actions.share(
        kind="answer", item_id=None, reader=world.ioana, until=at + dt.timedelta(days=30), by=world.thandiwe, at=at
    )
    text = page(world.thandiwe, "/home/")[1]
    assert "You and <bdi>Ioana Pop</bdi> until 2 April 2027" in text


def test_steps_goals_picks_and_days_to_look_back_stand_there(world, page, at):
    by = world.thandiwe
    begin(by, at)
    question = library.path().questions[0].key
    actions.save_answer(question=question, text="Enough", revision=0, by=by, at=at - dt.timedelta(days=9))
    actions.finish_answer(
        question=question,
        text="Enough",
        revision=1,
        look_back_on=dt.date(2027, 3, 1),
        by=by,
        at=at - dt.timedelta(days=9),
    )
    goal = actions.set_goal(title="Coast", by=by, at=at)
    actions.review_goal(goal_id=goal.pk, level=0, by=by, at=at)
    for number in range(6):
        actions.add_step(text=f"Step {number}", due_on=dt.date(2027, 3, 4 + number), by=by, at=at)
    actions.pick(person_id=by.pk, kind="exercise", key="wheel", by=world.ioana, at=at)

    text = page(by, "/home/")[1]

    assert f'href="/path/{question}/look-back/"' in text
    assert "you asked for 1 March 2027" in text
    assert "0: what I expect" in text
    assert [f"Step {number}" in text for number in range(6)] == [True] * 5 + [False]
    assert library.exercises()["wheel"].title in text
    assert "picked by Ioana Pop" in text


def test_a_tick_on_the_first_page_leads_back_to_it(alone, client, page, at):
    step = actions.add_step(text="Call", by=alone, at=at)
    assert f'formaction="/steps/{step.pk}/done/"' in page(alone, "/home/")[1]
    assert client.post(f"/steps/{step.pk}/done/", {"back": "/home/"})["Location"] == "/home/"
    assert "Open steps" not in page(alone, "/home/")[1]


def test_whoever_left_keeps_their_own(world, page, at):
    actions.set_goal(title="Coast", by=world.thandiwe, at=at)
    world.enrolments["thandiwe"].state = "left"
    world.enrolments["thandiwe"].left_on = at.date()
    world.enrolments["thandiwe"].save(update_fields=["state", "left_on"])
    RoleGrant.objects.filter(person=world.thandiwe).update(until=at)
    text = page(world.thandiwe, "/home/")[1]
    assert "Coast" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_eight_queries_whatever_is_there(world, client, at, django_assert_num_queries, rows):
    begin(world.thandiwe, at)
    for number in range(rows):
        question = library.path().questions[number].key
        actions.save_answer(question=question, text="Enough", revision=0, by=world.thandiwe, at=at)
        actions.set_goal(title="Coast", by=world.thandiwe, at=at)
        actions.add_step(text="Call", by=world.thandiwe, at=at)
        running.group_session(world, TEN + dt.timedelta(days=number))
    client.force_login(world.thandiwe)
    with django_assert_num_queries(8):
        client.get("/home/")
