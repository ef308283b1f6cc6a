"""The constraints on contributed questions: what each allows, what it refuses."""

from cairn.library.models import Contribution
from tests.cast import AT
from tests.house.constraints_programmes import each


def _contribution(w, **fields):
    given = {
        "organisation": w.eastmere,
        "coach": w.ioana,
        "kind": "favourite",
        "text": "What makes you laugh?",
        "offered_at": AT,
    }
    return Contribution.objects.create(**{**given, **fields})


TABLE = {
    "contribution_reviewed_by_somebody": (
        lambda w: _contribution(w, state="accepted", reviewed_by=w.halina, reviewed_at=AT),
        lambda w: _contribution(w, state="accepted", reviewed_at=AT),
    ),
    "contribution_has_a_text": (
        lambda w: _contribution(w, text="Why?"),
        lambda w: _contribution(w, text=""),
    ),
    "contribution_stands_once": (
        lambda w: each(
            lambda **f: _contribution(w, **f),
            {"state": "declined", "reviewed_by": w.halina, "reviewed_at": AT},
            {},
            {"kind": "never"},
            {"organisation": w.harbour},
        ),
        lambda w: each(lambda **f: _contribution(w, **f), {}, {"text": "what makes you LAUGH?", "coach": w.malik}),
    ),
}
