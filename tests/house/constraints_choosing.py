"""The constraints on published times and choices: what each allows, what it refuses."""

import datetime as dt

from cairn.programmes.models import GroupSlot, SlotChoice
from tests.cast import AT
from tests.house.constraints_programmes import _cohort, each

FOUR = dt.time(16, 0)


def _slot(w, who="ioana", **fields):
    given = {"cohort": w.cohort, "engagement": w.engagements[who], "weekday": 2, "starts": FOUR, "published_at": AT}
    return GroupSlot.objects.create(**{**given, **fields})


def _choice(w, slot=None, who="part", **fields):
    return SlotChoice.objects.create(slot=slot or _slot(w), enrolment=w.enrolments[who], said_at=AT, **fields)


def _two(w, *fields):
    """One person about two times."""
    slots = (_slot(w), _slot(w, weekday=3))
    return [_choice(w, slot, **given) for slot, given in zip(slots, fields, strict=True)][-1]


def _about_one(w, *people):
    """People about one time."""
    slot = _slot(w)
    return [_choice(w, slot, who) for who in people][-1]


TABLE = {
    "choices_close_after_they_open": (
        lambda w: _cohort(w, choices_open_at=AT, choices_close_at=AT + dt.timedelta(seconds=1)),
        lambda w: _cohort(w, choices_open_at=AT, choices_close_at=AT),
    ),
    "held_back_seats_leave_some": (
        lambda w: _cohort(w, group_cap=7, seats_held_back=6),
        lambda w: _cohort(w, group_cap=7, seats_held_back=7),
    ),
    "one_slot_per_coach_and_time": (
        lambda w: each(lambda **f: _slot(w, **f), {"withdrawn_at": AT}, {}, {"who": "malik"}),
        lambda w: each(lambda **f: _slot(w, **f), {}, {}),
    ),
    "slot_is_on_a_weekday": (lambda w: _slot(w, weekday=7), lambda w: _slot(w, weekday=8)),
    "one_choice_per_slot": (
        lambda w: _about_one(w, "part", "thandiwe"),
        lambda w: _about_one(w, "part", "part"),
    ),
    "one_slot_per_rank": (lambda w: _two(w, {"rank": 1}, {"rank": 2}), lambda w: _two(w, {"rank": 1}, {"rank": 1})),
    "one_chosen_seat": (
        lambda w: _two(w, {"state": "seated"}, {"state": "waiting"}),
        lambda w: _two(w, {"state": "seated"}, {"state": "seated"}),
    ),
    "who_cannot_come_has_no_wish": (
        lambda w: _choice(w, can_come=False),
        lambda w: _choice(w, can_come=False, rank=1),
    ),
}
