"""The constraints on adjustments: what each allows, what it refuses."""

from cairn.programmes.models import Adjustment
from tests.cast import AT
from tests.house.constraints_programmes import _cohort, each


def _adjustment(w, who="thandiwe", **fields):
    given = {"enrolment": w.enrolments[who], "need": "camera_off", "asked_by": w.people[who], "asked_at": AT}
    return Adjustment.objects.create(**{**given, **fields})


def _answered(w, **fields):
    return _adjustment(w, **{"state": "agreed", "answered_by": w.halina, "answered_at": AT, **fields})


TABLE = {
    "one_adjustment_per_need": (
        lambda w: each(lambda **f: _adjustment(w, **f), {"state": "withdrawn"}, {}, {"need": "written"}),
        lambda w: each(lambda **f: _answered(w, **f), {}, {"state": "waiting"}),
    ),
    "other_need_is_said": (
        lambda w: each(lambda **f: _adjustment(w, need="other", **f), {"other": "A break."}, {"other": "A chair."}),
        lambda w: _adjustment(w, need="other"),
    ),
    "smaller_group_says_how_small": (
        lambda w: _adjustment(w, need="smaller_group", most_people=2),
        lambda w: _adjustment(w, need="smaller_group", most_people=1),
    ),
    "answered_adjustment_says_when": (
        lambda w: _answered(w, state="declined"),
        lambda w: _answered(w, state="declined", answered_at=None),
    ),
    "ended_adjustment_says_when": (
        lambda w: _answered(w, state="ended", ended_at=AT),
        lambda w: _answered(w, state="ended"),
    ),
    "no_more_one_to_one_than_group": (
        lambda w: _cohort(w, one_to_one_for_group_percent=100),
        lambda w: _cohort(w, one_to_one_for_group_percent=101),
    ),
}
