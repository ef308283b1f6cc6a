import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.scoring import Attained, CannotScore, Point, Reviewed, course, t_score

GOALS = st.lists(st.builds(Attained, st.integers(-2, 2), st.integers(1, 10)), min_size=1, max_size=12)
MONDAY = dt.date(2027, 3, 1)
TUESDAY = dt.date(2027, 3, 2)


@pytest.mark.parametrize(
    ("levels", "weights", "expected"),
    [
        ((1,), (1,), 60.00),
        ((1, 1, 1), (1, 1, 1), 63.69),
        ((-1, -1, -1), (1, 1, 1), 36.31),
        ((2, 0, -1), (3, 2, 1), 61.02),
        ((0, 0, 0, 0), (1, 10, 4, 7), 50.00),
    ],
)
def test_published_formula_gives_the_known_values(levels, weights, expected):
    assert round(t_score([Attained(*pair) for pair in zip(levels, weights, strict=True)]), 2) == expected


@pytest.mark.parametrize(("level", "weight"), [(3, 1), (-3, 1), (0, 0), (0, 11), (0, -1)])
def test_what_is_outside_the_scales_is_refused(level, weight):
    with pytest.raises(CannotScore):
        Attained(level, weight)


def test_no_goal_has_no_score():
    with pytest.raises(CannotScore):
        t_score([])


@settings(max_examples=60)
@given(GOALS)
def test_turned_round_the_score_is_mirrored_at_fifty(goals):
    mirrored = [Attained(-goal.level, goal.weight) for goal in goals]
    assert t_score(goals) - 50 == pytest.approx(50 - t_score(mirrored))


@settings(max_examples=60)
@given(GOALS, st.data())
def test_a_goal_that_comes_further_raises_the_score(goals, data):
    number = data.draw(st.integers(0, len(goals) - 1))
    goal = goals[number]
    if goal.level < 2:
        further = [*goals[:number], Attained(goal.level + 1, goal.weight), *goals[number + 1 :]]
        assert t_score(further) > t_score(goals)


@settings(max_examples=60)
@given(GOALS, st.randoms(use_true_random=False))
def test_neither_order_nor_a_common_factor_of_the_weights_matters(goals, random):
    shuffled = random.sample(goals, len(goals))
    assert t_score(shuffled) == pytest.approx(t_score(goals))
    light = [Attained(goal.level, 1) for goal in goals]
    heavy = [Attained(goal.level, 7) for goal in goals]
    assert t_score(heavy) == pytest.approx(t_score(light))


def test_the_course_has_a_point_a_day_over_the_latest_level_of_each_goal():
    reviews = [
        Reviewed(1, MONDAY, -1),
        Reviewed(1, MONDAY, 0),
        Reviewed(2, TUESDAY, 1),
        Reviewed(1, TUESDAY, 1),
    ]
    both = t_score([Attained(1), Attained(1)])
    assert course(reviews) == (Point(MONDAY, 50.0, 1), Point(TUESDAY, both, 2))


def test_without_reviews_there_is_no_course():
    assert course([]) == ()
