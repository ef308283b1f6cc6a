"""The constraints on what meetings hold: what each allows, what it refuses."""

from typing import Any

from cairn.delivery.models import MeetingPoint, PartingWord, SessionDetail, SessionPlace, SessionQuestion
from tests.cast import AT
from tests.house.constraints_delivery import _session
from tests.house.constraints_programmes import each


def _detail(w, **fields: Any):
    return SessionDetail.objects.create(session=_session(w), **fields)


def _place(w, **fields: Any):
    given: dict[str, Any] = {"session": _session(w), "enrolment": w.enrolments["part"], "state": "seated", "since": AT}
    return SessionPlace.objects.create(**{**given, **fields})


def _away(w, **fields: Any):
    return _place(w, **{"enrolment": None, "engagement": w.engagements["ioana"], "state": "away", **fields})


def _question(w, **fields: Any):
    given = {"session": _session(w), "person": w.part, "text": "How?", "stage": "before", "at": AT}
    return SessionQuestion.objects.create(**{**given, **fields})


def _point(w, **fields: Any):
    given = {"session": _session(w), "by": w.ioana, "kind": "challenge", "text": "Time is short.", "at": AT}
    return MeetingPoint.objects.create(**{**given, **fields})


def _word(w, **fields: Any):
    given = {"session": _session(w), "by": w.ioana, "text": "Go well.", "at": AT}
    return PartingWord.objects.create(**{**given, **fields})


def _twice(w, make, *changes: dict[str, Any]):
    session = _session(w)
    return each(lambda **f: make(w, session=session, **f), *changes)


TABLE = {
    "session_has_places_for_some": (lambda w: _detail(w, places=1), lambda w: _detail(w, places=0)),
    "one_place_per_session": (
        lambda w: _twice(w, _place, {}, {"enrolment": w.enrolments["thandiwe"]}),
        lambda w: _twice(w, _place, {}, {"state": "waiting"}),
    ),
    "one_answer_per_coach": (
        lambda w: _twice(w, _away, {}, {"engagement": w.engagements["malik"]}),
        lambda w: _twice(w, _away, {}, {}),
    ),
    "place_is_a_coachees_or_a_coach_is_away": (_away, lambda w: _away(w, state="seated")),
    "session_question_says_something": (_question, lambda w: _question(w, text="")),
    "meeting_point_says_something": (_point, lambda w: _point(w, text="")),
    "one_parting_word_per_coach": (
        lambda w: _twice(w, _word, {}, {"by": w.malik}),
        lambda w: _twice(w, _word, {}, {}),
    ),
    "parting_word_says_something": (_word, lambda w: _word(w, text="")),
}
