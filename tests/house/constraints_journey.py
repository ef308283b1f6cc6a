"""The constraints on sharing and on coaches beside somebody: what each allows, what it refuses."""

import datetime as dt
import uuid

from cairn.journey.models import CoachNote, Companion, Pick, Reading, Share
from tests.cast import AT
from tests.house.constraints_programmes import each

DAY = dt.timedelta(days=1)


def _share(w, **fields):
    given = {"person": w.thandiwe, "reader": w.ioana, "kind": "entry", "since": AT, "until": AT + DAY}
    return Share.objects.create(**{**given, **fields})


def _reading(w, **fields):
    given = {"person": w.thandiwe, "reader": w.ioana, "kind": "entry", "item_id": 1, "at": AT}
    return Reading.objects.create(**{**given, **fields})


def _companion(w, **fields):
    given = {
        "person": w.thandiwe,
        "coach": w.lena,
        "address": "lena@example.org",
        "secret_hash": uuid.uuid4().hex,
        "invited_at": AT,
        "expires_at": AT + DAY,
        "accepted_at": AT,
    }
    return Companion.objects.create(**{**given, **fields})


def _note(w, **fields):
    given = {"person": w.ioana, "about": w.thandiwe, "sealed": b"x", "written_at": AT, "saved_at": AT}
    return CoachNote.objects.create(**{**given, **fields})


def _pick(w, **fields):
    given = {"person": w.thandiwe, "coach": w.ioana, "kind": "exercise", "key": "wheel", "picked_at": AT}
    return Pick.objects.create(**{**given, **fields})


TABLE = {
    "one_open_share_per_item_and_reader": (
        lambda w: each(
            lambda **f: _share(w, **f), {"withdrawn_at": AT}, {}, {"item_id": 1}, {"reader": w.malik}, {"kind": "goal"}
        ),
        lambda w: each(lambda **f: _share(w, **f), {}, {}),
    ),
    "share_ends_after_it_begins": (_share, lambda w: _share(w, until=AT)),
    "share_is_with_another": (_share, lambda w: _share(w, reader=w.thandiwe)),
    "reading_is_by_another": (_reading, lambda w: _reading(w, reader=w.thandiwe)),
    "companion_accepted_by_somebody": (
        lambda w: each(lambda **f: _companion(w, **f), {}, {"accepted_at": None, "coach": None}),
        lambda w: _companion(w, coach=None),
    ),
    "companion_is_another": (_companion, lambda w: _companion(w, coach=w.thandiwe)),
    "one_open_companion_per_coach": (
        lambda w: each(lambda **f: _companion(w, **f), {"ended_at": AT}, {}, {"coach": w.malik}),
        lambda w: each(lambda **f: _companion(w, **f), {}, {}),
    ),
    "note_is_about_another": (_note, lambda w: _note(w, about=w.ioana)),
    "one_open_pick_per_item_and_coach": (
        lambda w: each(
            lambda **f: _pick(w, **f), {"closed_at": AT}, {}, {"key": "line"}, {"kind": "question"}, {"coach": w.malik}
        ),
        lambda w: each(lambda **f: _pick(w, **f), {}, {}),
    ),
    "pick_is_for_another": (_pick, lambda w: _pick(w, coach=w.thandiwe)),
}
