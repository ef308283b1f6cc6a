import datetime as dt

import pytest

from cairn.journey import actions, queries
from cairn.people.queries import NotFound

FRIDAY = dt.date(2027, 3, 5)


def texts(steps):
    return [each.text for each in steps]


def test_open_steps_stand_by_date_and_those_without_one_last(world, at):
    for text, due in (("whenever", None), ("later", FRIDAY), ("soon", dt.date(2027, 3, 1))):
        actions.add_step(text=text, due_on=due, by=world.thandiwe, at=at)
    assert texts(queries.open_steps(world.thandiwe)) == ["soon", "later", "whenever"]
    assert [each.is_overdue(at.date()) for each in queries.open_steps(world.thandiwe)] == [True, False, False]


def test_a_step_is_done_and_open_again(world, at):
    step = actions.add_step(text="Call", by=world.thandiwe, at=at)
    assert actions.finish_step(step_id=step.pk, by=world.thandiwe, at=at) is True
    assert actions.finish_step(step_id=step.pk, by=world.thandiwe, at=at + dt.timedelta(days=1)) is False
    waiting, done, _goals = queries.all_steps(world.thandiwe)
    assert (waiting, texts(done), done[0].done_at) == ([], ["Call"], at)
    actions.reopen_step(step_id=step.pk, by=world.thandiwe, at=at)
    assert texts(queries.open_steps(world.thandiwe)) == ["Call"]


def test_a_step_is_said_anew_and_moved(world, at):
    goal = actions.set_goal(title="Speak", by=world.thandiwe, at=at)
    step = actions.add_step(text="Call", by=world.thandiwe, at=at)
    actions.change_step(
        step_id=step.pk, text="Write", due_on=None, goal_id=goal.pk, remind=True, by=world.thandiwe, at=at
    )
    actions.move_step(step_id=step.pk, due_on=FRIDAY, by=world.thandiwe, at=at)
    seen = queries.step(world.thandiwe, step.pk)
    assert (seen.text, seen.due_on, seen.goal_id, seen.remind) == ("Write", FRIDAY, goal.pk, True)
    assert texts(queries.steps_of_goal(world.thandiwe, goal.pk)) == ["Write"]


def test_what_a_coach_writes_down_is_the_coachees_alone(world, at):
    step = actions.agree_step(person=world.thandiwe, text="Ask Pärt", session_id=7, by=world.ioana, at=at)
    seen = queries.step(world.thandiwe, step.pk)
    assert (seen.text, seen.agreed_with, seen.session_id) == ("Ask Pärt", "Ioana Pop", 7)
    assert texts(queries.steps_of_session(world.thandiwe, 7)) == ["Ask Pärt"]
    assert queries.open_steps(world.ioana) == []
    with pytest.raises(NotFound):
        queries.step(world.ioana, step.pk)


def test_a_step_has_words(world, at):
    with pytest.raises(actions.NoWords):
        actions.add_step(text=" ", by=world.thandiwe, at=at)
    with pytest.raises(actions.NoWords):
        actions.agree_step(person=world.thandiwe, text="", by=world.ioana, at=at)


@pytest.mark.parametrize("who", ["part", "ioana", "halina"])
def test_nobody_else_touches_it(world, at, who):
    step = actions.add_step(text="Call", by=world.thandiwe, at=at)
    other = world.people[who]
    for refused in (
        lambda: actions.finish_step(step_id=step.pk, by=other, at=at),
        lambda: actions.reopen_step(step_id=step.pk, by=other, at=at),
        lambda: actions.move_step(step_id=step.pk, due_on=FRIDAY, by=other, at=at),
        lambda: actions.delete_step(step_id=step.pk, by=other, at=at),
        lambda: actions.change_step(
            step_id=step.pk, text="x", due_on=None, goal_id=None, remind=False, by=other, at=at
        ),
    ):
        with pytest.raises(NotFound):
            refused()
    assert texts(queries.open_steps(world.thandiwe)) == ["Call"]


def test_a_step_is_taken_away(world, at):
    step = actions.add_step(text="Call", by=world.thandiwe, at=at)
    actions.delete_step(step_id=step.pk, by=world.thandiwe, at=at)
    assert queries.all_steps(world.thandiwe) == ([], [], {})


@pytest.mark.parametrize("rows", [1, 3])
def test_many_steps_cost_four_queries(world, at, django_assert_num_queries, rows):
    for number in range(rows):
        actions.add_step(text="x", by=world.thandiwe, at=at)
        done = actions.add_step(text=str(number), by=world.thandiwe, at=at)
        actions.finish_step(step_id=done.pk, by=world.thandiwe, at=at)
    with django_assert_num_queries(4):
        queries.all_steps(world.thandiwe)
