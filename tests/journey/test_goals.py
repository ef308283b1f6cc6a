import datetime as dt

import pytest
from django.db import connection

from cairn.engines.scoring import CannotScore
from cairn.foundation.models import AuditEntry
from cairn.journey import actions, queries
from cairn.journey.models import GoalReview, SealingKey
from cairn.people.queries import NotFound

WORDS = ("No talk at all", "One talk", "Two talks", "Two talks and a question", "A talk I would give again")


@pytest.fixture
def goal(world, at):
    return actions.set_goal(
        title="Speak in public", why="I hide", levels=WORDS, target_on=dt.date(2027, 6, 1), by=world.thandiwe, at=at
    )


def test_a_goal_reads_back_in_its_owners_words(world, goal):
    seen = queries.goal(world.thandiwe, goal.pk)
    assert (seen.title, seen.why, seen.levels, seen.target_on) == ("Speak in public", "I hide", WORDS, goal.target_on)
    assert seen.scale[0] == (2, WORDS[4])
    assert (seen.level, seen.state, seen.weight, seen.revision) == (None, "open", 1, 1)


def test_nothing_but_a_title_is_needed(world, at):
    goal = actions.set_goal(title=" Sleep ", by=world.thandiwe, at=at)
    assert queries.goal(world.thandiwe, goal.pk).levels == ("",) * 5
    with pytest.raises(actions.NoTitle):
        actions.set_goal(title=" ", by=world.thandiwe, at=at)


def test_the_database_holds_no_word_of_it(world, at, goal):
    actions.review_goal(goal_id=goal.pk, level=1, note="Went well", by=world.thandiwe, at=at)
    actions.add_step(text="Ask for a slot", by=world.thandiwe, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(encode(sealed, 'escape'), '') FROM (SELECT sealed FROM journey_goal UNION ALL"
            " SELECT sealed FROM journey_goalreview UNION ALL SELECT sealed FROM journey_actionstep) AS every"
        )
        stored = cursor.fetchone()[0]
    assert [word for word in ("public", "hide", "talk", "well", "slot") if word in stored] == []
    assert list(AuditEntry.objects.exclude(facts={}).filter(subject_kind__in=["goal", "action_step"])) == []


def test_a_change_from_an_old_reading_is_refused_and_changes_nothing(world, at, goal):
    new = actions.change_goal(goal_id=goal.pk, title="Speak up", revision=1, by=world.thandiwe, at=at)
    assert new == 2
    with pytest.raises(actions.ChangedMeanwhile):
        actions.change_goal(goal_id=goal.pk, title="Be silent", revision=1, by=world.thandiwe, at=at)
    assert queries.goal(world.thandiwe, goal.pk).title == "Speak up"


def test_the_latest_review_says_where_a_goal_stands(world, at, goal):
    actions.review_goal(goal_id=goal.pk, level=-1, note="Cancelled one", by=world.thandiwe, at=at)
    actions.review_goal(goal_id=goal.pk, level=1, by=world.thandiwe, at=at + dt.timedelta(days=7))
    assert queries.goal(world.thandiwe, goal.pk).level == 1
    seen = [(each.level, each.note) for each in queries.reviews(world.thandiwe, goal.pk)]
    assert seen == [(1, ""), (-1, "Cancelled one")]


def test_the_figure_is_over_the_open_goals_that_were_reviewed(world, at, goal):
    assert queries.attainment(world.thandiwe).score is None
    other = actions.set_goal(title="Sleep", by=world.thandiwe, at=at)
    actions.set_goal(title="Never reviewed", by=world.thandiwe, at=at)
    actions.weigh(goal_id=goal.pk, weight=3, by=world.thandiwe, at=at)
    actions.review_goal(goal_id=goal.pk, level=2, by=world.thandiwe, at=at)
    later = at + dt.timedelta(days=1)
    actions.review_goal(goal_id=other.pk, level=-1, by=world.thandiwe, at=later)

    found = queries.attainment(world.thandiwe)

    assert [(point.on, point.goals) for point in found.course] == [(at.date(), 1), (later.date(), 2)]
    assert (found.course[-1].score, found.goals) == (found.score, 2)
    actions.close_goal(goal_id=goal.pk, state="reached", by=world.thandiwe, at=later)
    assert round(queries.attainment(world.thandiwe).score or 0, 2) == 40.0


@pytest.mark.parametrize("level", [-3, 3])
def test_a_level_off_the_scale_is_refused(world, at, goal, level):
    with pytest.raises(CannotScore):
        actions.review_goal(goal_id=goal.pk, level=level, by=world.thandiwe, at=at)
    with pytest.raises(CannotScore):
        actions.weigh(goal_id=goal.pk, weight=11, by=world.thandiwe, at=at)


def test_a_closed_goal_is_opened_again_before_it_is_reviewed(world, at, goal):
    actions.close_goal(goal_id=goal.pk, state="let_go", by=world.thandiwe, at=at)
    assert queries.goal(world.thandiwe, goal.pk).closed_at == at
    for refused in (
        lambda: actions.review_goal(goal_id=goal.pk, level=0, by=world.thandiwe, at=at),
        lambda: actions.close_goal(goal_id=goal.pk, state="reached", by=world.thandiwe, at=at),
        lambda: actions.weigh(goal_id=goal.pk, weight=2, by=world.thandiwe, at=at),
    ):
        with pytest.raises(actions.GoalIsClosed):
            refused()
    actions.reopen_goal(goal_id=goal.pk, by=world.thandiwe, at=at)
    actions.reopen_goal(goal_id=goal.pk, by=world.thandiwe, at=at)
    assert queries.goal(world.thandiwe, goal.pk).is_open


def test_a_deleted_goal_takes_its_reviews_along_and_leaves_its_steps(world, at, goal):
    actions.review_goal(goal_id=goal.pk, level=0, by=world.thandiwe, at=at)
    step = actions.add_step(text="Ask", goal_id=goal.pk, by=world.thandiwe, at=at)
    actions.delete_goal(goal_id=goal.pk, by=world.thandiwe, at=at)
    assert (queries.goals(world.thandiwe), GoalReview.objects.count()) == ([], 0)
    assert queries.step(world.thandiwe, step.pk).goal_id is None


@pytest.mark.parametrize("who", ["part", "ioana", "halina", "otto", "nia"])
def test_nobody_else_reads_or_touches_it(world, at, goal, who):
    other = world.people[who]
    assert (queries.goals(other), queries.reviews(other, goal.pk)) == ([], [])
    for refused in (
        lambda: queries.goal(other, goal.pk),
        lambda: actions.change_goal(goal_id=goal.pk, title="x", revision=1, by=other, at=at),
        lambda: actions.review_goal(goal_id=goal.pk, level=0, by=other, at=at),
        lambda: actions.weigh(goal_id=goal.pk, weight=2, by=other, at=at),
        lambda: actions.close_goal(goal_id=goal.pk, state="reached", by=other, at=at),
        lambda: actions.reopen_goal(goal_id=goal.pk, by=other, at=at),
        lambda: actions.delete_goal(goal_id=goal.pk, by=other, at=at),
        lambda: actions.add_step(text="x", goal_id=goal.pk, by=other, at=at),
    ):
        with pytest.raises(NotFound):
            refused()


def test_without_the_key_the_words_are_gone(world, goal):
    SealingKey.objects.filter(person=world.thandiwe).delete()
    with pytest.raises(NotFound):
        queries.goal(world.thandiwe, goal.pk)


@pytest.mark.parametrize("rows", [1, 3])
def test_many_goals_cost_two_queries(world, at, django_assert_num_queries, rows):
    for _number in range(rows):
        actions.set_goal(title="x", by=world.thandiwe, at=at)
    with django_assert_num_queries(2):
        queries.goals(world.thandiwe)
