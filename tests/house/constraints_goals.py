"""The constraints on goals and what belongs to them: what each allows, what it refuses."""

from cairn.journey.models import Goal, GoalReview, Preparation
from tests.cast import AT
from tests.house.constraints_programmes import each


def _goal(w, **fields):
    return Goal.objects.create(**{"person": w.thandiwe, "sealed": b"x", "made_at": AT, **fields})


def _review(w, level):
    return GoalReview.objects.create(person=w.thandiwe, goal=_goal(w), level=level, at=AT)


def _preparation(w, who="thandiwe", session_id=1):
    return Preparation.objects.create(person=w.people[who], session_id=session_id, sealed=b"x", saved_at=AT)


TABLE = {
    "goal_weight_from_1_to_10": (
        lambda w: each(lambda **f: _goal(w, **f), {"weight": 1}, {"weight": 10}),
        lambda w: _goal(w, weight=11),
    ),
    "open_goal_is_not_closed": (
        lambda w: _goal(w, state="reached", closed_at=AT),
        lambda w: _goal(w, state="let_go"),
    ),
    "review_level_from_minus_2_to_2": (
        lambda w: each(lambda **f: _review(w, **f), {"level": -2}, {"level": 2}),
        lambda w: _review(w, 3),
    ),
    "one_preparation_per_session": (
        lambda w: each(lambda **f: _preparation(w, **f), {}, {"session_id": 2}, {"who": "part"}),
        lambda w: each(lambda **f: _preparation(w, **f), {}, {}),
    ),
}
