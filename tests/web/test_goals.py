import datetime as dt

import pytest

from cairn.journey import actions, queries
from tests import cast

pytestmark = pytest.mark.usefixtures("now")
LEVELS = {f"level_{number}": f"words {number}" for number in range(5)}


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("sam@example.org", "Sam")


@pytest.fixture
def say(client):
    """Send a form as somebody; the text of the page that follows."""

    def post(person, path, **data):
        client.force_login(person)
        response = client.post(path, data, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    return post


def test_somebody_alone_sets_a_goal_with_a_title_and_nothing_else(alone, page, say):
    assert "Set this goal" in page(alone, "/goals/")[1]
    text = say(alone, "/goals/", title="Work from the coast")
    assert "Work from the coast" in text
    [goal] = queries.goals(alone)
    assert page(alone, f"/goals/{goal.id}/")[0] == 200
    assert "A few words that name it are enough." in say(alone, "/goals/", title="")


def test_a_goal_is_reviewed_on_its_own_scale(alone, say, at):
    goal = actions.set_goal(title="Coast", levels=[f"words {n}" for n in range(5)], by=alone, at=at)
    text = say(alone, f"/goals/{goal.pk}/", do="review", level="1", note="Nearly")
    assert "+1: words 3" in text
    assert "Nearly" in text


def test_the_figure_is_explained_and_its_course_stands_in_a_table(alone, page, at):
    goal = actions.set_goal(title="Coast", by=alone, at=at - dt.timedelta(days=60))
    for days, level in ((30, -1), (1, 1)):
        actions.review_goal(goal_id=goal.pk, level=level, by=alone, at=at - dt.timedelta(days=days))
    text = page(alone, "/goals/")[1]
    assert "50 means: where you yourself expected to be." in text
    assert "<polyline" in text
    assert [figure in text for figure in (">40.0<", ">60.0<")] == [True, True]


def test_words_from_an_old_window_are_kept_in_the_form_and_replace_nothing(alone, say, at):
    goal = actions.set_goal(title="Coast", by=alone, at=at)
    actions.change_goal(goal_id=goal.pk, title="Hills", revision=1, by=alone, at=at)
    text = say(alone, f"/goals/{goal.pk}/", do="change", title="Islands", revision="1", **LEVELS)
    assert "changed in another window" in text
    assert "Islands" in text
    assert queries.goal(alone, goal.pk).title == "Hills"
    say(alone, f"/goals/{goal.pk}/", do="change", title="Islands", revision="2", **LEVELS)
    assert queries.goal(alone, goal.pk).levels == tuple(LEVELS.values())


def test_closing_can_be_undone(alone, say, at):
    goal = actions.set_goal(title="Coast", by=alone, at=at)
    text = say(alone, f"/goals/{goal.pk}/", do="let_go")
    assert f"/goals/{goal.pk}/open/" in text
    say(alone, f"/goals/{goal.pk}/open/")
    assert queries.goal(alone, goal.pk).is_open


def test_a_step_is_added_ticked_from_where_it_stands_and_opened_again(alone, say, page, at):
    goal = actions.set_goal(title="Coast", by=alone, at=at)
    say(alone, f"/goals/{goal.pk}/", do="step", **{"step-text": "Look at trains", "step-due_on": "2027-03-01"})
    [step] = queries.open_steps(alone)
    assert "was for 1 March 2027" in page(alone, "/steps/")[1]
    text = say(alone, f"/steps/{step.id}/done/", back=f"/goals/{goal.pk}/")
    assert f'action="/steps/{step.id}/open/?back=%2Fgoals%2F{goal.pk}%2F"' in text
    assert queries.open_steps(alone) == []
    say(alone, f"/steps/{step.id}/open/?back=/goals/{goal.pk}/")
    assert [each.id for each in queries.open_steps(alone)] == [step.id]


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_a_tick_leads_nowhere_else(alone, client, at, there):
    step = actions.add_step(text="x", by=alone, at=at)
    client.force_login(alone)
    assert client.post(f"/steps/{step.pk}/done/", {"back": there})["Location"] == "/steps/"


def test_a_step_is_changed_and_taken_away(alone, say, at):
    goal = actions.set_goal(title="Coast", by=alone, at=at)
    step = actions.add_step(text="x", by=alone, at=at)
    say(alone, f"/steps/{step.pk}/", text="y", due_on="2027-03-09", goal=str(goal.pk), remind="on")
    seen = queries.step(alone, step.pk)
    assert (seen.text, seen.due_on, seen.goal_id, seen.remind) == ("y", dt.date(2027, 3, 9), goal.pk, True)
    say(alone, f"/steps/{step.pk}/", do="delete")
    assert queries.open_steps(alone) == []


def test_what_was_agreed_with_a_coach_says_who_else_sees_it(world, page, at):
    step = actions.agree_step(person=world.thandiwe, text="Ask", by=world.ioana, at=at)
    assert "You and <bdi>Ioana Pop</bdi>" in page(world.thandiwe, f"/steps/{step.pk}/")[1]
    assert "seen by both of you" in page(world.thandiwe, "/steps/")[1]


def test_anothers_goals_and_steps_are_not_found(world, page, at):
    goal = actions.set_goal(title="Coast", by=world.thandiwe, at=at)
    step = actions.add_step(text="x", by=world.thandiwe, at=at)
    for path in (f"/goals/{goal.pk}/", f"/steps/{step.pk}/"):
        assert [page(person, path)[0] for person in (world.thandiwe, world.part, world.ioana)] == [200, 404, 404]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("path", "queries_made"), [("/goals/", 7), ("/goals/{}/", 8), ("/steps/", 7)])
def test_pages_cost_the_same_number_of_queries(world, client, at, django_assert_num_queries, rows, path, queries_made):
    for _number in range(rows):
        goal = actions.set_goal(title="Coast", by=world.thandiwe, at=at)
        actions.review_goal(goal_id=goal.pk, level=1, note="x", by=world.thandiwe, at=at)
        actions.add_step(text="x", goal_id=goal.pk, by=world.thandiwe, at=at)
    client.force_login(world.thandiwe)
    with django_assert_num_queries(queries_made):
        client.get(path.format(goal.pk))


def test_even_very_many_steps_make_a_page_that_a_slow_line_can_carry(alone, page, at):
    for number in range(82):
        actions.add_step(text=f"{number:03}" * 100, by=alone, at=at)
    for _number in range(21):
        done = actions.add_step(text="x" * 300, by=alone, at=at)
        actions.finish_step(step_id=done.pk, by=alone, at=at)
    text = page(alone, "/steps/")[1]
    assert "There are more." in text
    assert "081081" not in text
    assert len(text.encode()) < 60_000


def test_a_new_goal_is_not_called_private_where_all_goals_are_shared(world, say, at):
    assert "Set. Only you can read it." in say(world.thandiwe, "/goals/", title="Coast")
    actions.share(
        kind="goal",
        item_id=None,
        reader=world.ioana,
        until=at + dt.timedelta(days=30),
        by=world.thandiwe,
        at=at,
    )
    text = say(world.thandiwe, "/goals/", title="Hills")
    assert ("Set." in text, "Only you can read it" in text) == (True, False)
