import pytest

from cairn.journey import actions, queries
from cairn.journey.models import GoalReview, Preparation

SESSION = 7


def keep(world, at, text, revision=0, part="bring"):
    return actions.save_preparation(
        session_id=SESSION, part=part, text=text, revision=revision, by=world.thandiwe, at=at
    )


def kept(world):
    return queries.preparation_page(world.thandiwe, SESSION).preparation


def test_what_is_brought_and_taken_away_reads_back(world, at):
    first = keep(world, at, "The fellowship")
    second = keep(world, at, "Ask first", first.revision, "take_away")
    assert (first.revision, second.revision) == (1, 2)
    assert (kept(world).bring, kept(world).take_away, kept(world).revision) == ("The fellowship", "Ask first", 2)


def test_nothing_is_made_of_a_blank_text(world, at):
    assert keep(world, at, " \n").revision == 0
    assert (Preparation.objects.count(), kept(world).id) == (0, 0)


def test_two_windows_lose_nothing(world, at):
    first = keep(world, at, "One thing")
    keep(world, at, "One thing\n\nAnd a second", first.revision)
    late = keep(world, at, "One thing\n\nAnd a third", first.revision)
    assert late.merged
    assert [word in kept(world).bring for word in ("One thing", "a second", "a third")] == [True, True, True]


def test_too_much_is_refused(world, at):
    with pytest.raises(actions.TooLongToKeep):
        keep(world, at, "x" * 100_001)


def test_a_level_is_noted_once_for_a_session(world, at):
    goal = actions.set_goal(title="Speak", by=world.thandiwe, at=at)
    for _time in range(2):
        actions.keep_preparation(
            session_id=SESSION,
            part="take_away",
            text="x",
            revision=0,
            levels={goal.pk: 1},
            by=world.thandiwe,
            at=at,
        )
    assert list(GoalReview.objects.values_list("level", "session_id")) == [(1, SESSION)]
    found = queries.preparation_page(world.thandiwe, SESSION)
    assert ([each.level for each in found.goals], found.looked_at) == ([1], frozenset({goal.pk}))


def test_agreed_steps_of_the_session_and_open_ones_of_its_coach_stand_there(world, at):
    here = actions.agree_step(person=world.thandiwe, text="here", session_id=SESSION, by=world.ioana, at=at)
    actions.finish_step(step_id=here.pk, by=world.thandiwe, at=at)
    actions.agree_step(person=world.thandiwe, text="before", session_id=6, by=world.ioana, at=at)
    actions.agree_step(person=world.thandiwe, text="another coach", session_id=5, by=world.malik, at=at)
    actions.add_step(text="own", by=world.thandiwe, at=at)
    found = queries.preparation_page(world.thandiwe, SESSION, world.ioana.pk)
    assert [(each.text, each.agreed_with) for each in found.steps] == [
        ("before", "Ioana Pop"),
        ("here", "Ioana Pop"),
    ]


def test_each_has_a_preparation_of_their_own(world, at):
    keep(world, at, "Mine")
    assert queries.preparation_page(world.part, SESSION).preparation.bring == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_one_query(world, at, django_assert_num_queries, rows):
    keep(world, at, "x")
    for _number in range(rows):
        actions.set_goal(title="x", by=world.thandiwe, at=at)
        actions.agree_step(person=world.thandiwe, text="x", session_id=SESSION, by=world.ioana, at=at)
    with django_assert_num_queries(1):
        queries.preparation_page(world.thandiwe, SESSION, world.ioana.pk)
