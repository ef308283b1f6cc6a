"""The constraints on requests to change group: what each allows, what it refuses."""

import datetime as dt

from cairn.programmes.models import MoveRequest
from tests.cast import AT
from tests.house.constraints_programmes import each


def _move(w, who="thandiwe", **fields):
    given = {"enrolment": w.enrolments[who], "asked_by": w.people[who], "asked_at": AT}
    return MoveRequest.objects.create(**{**given, **fields})


def _answered(w, **fields):
    given = {"state": "approved", "answered_by": w.halina, "answered_at": AT, "from_on": dt.date(2027, 3, 11)}
    return _move(w, **{**given, **fields})


TABLE = {
    "one_waiting_move_request": (
        lambda w: each(lambda **f: _move(w, **f), {"state": "withdrawn"}, {}, {"who": "part"}),
        lambda w: each(lambda **f: _move(w, **f), {}, {}),
    ),
    "answered_move_request_says_when": (
        lambda w: _answered(w, state="declined"),
        lambda w: _answered(w, state="declined", answered_at=None),
    ),
    "move_to_a_group_names_it": (
        lambda w: _move(w, wish="this_group", to_group=w.groups[2]),
        lambda w: _move(w, wish="coach", to_group=w.groups[2]),
    ),
    "approved_move_says_from_when": (_answered, lambda w: _answered(w, from_on=None)),
}
