"""The constraints on a walk, its answers and their versions: what each allows, what it refuses."""

from cairn.journey.models import Answer, AnswerVersion, Walk
from tests.cast import AT
from tests.house.constraints_programmes import each


def _walk(w, who="thandiwe", path="cairn"):
    return Walk.objects.create(person=w.people[who], path=path, path_version=1, begun_at=AT)


def _answers(w, *fields):
    walk = _walk(w)
    return each(lambda **f: Answer.objects.create(person=w.thandiwe, walk=walk, saved_at=AT, **f), *fields)


def _versions(w, *numbers):
    answer = _answers(w, {"question": "life"})
    return each(
        lambda **f: AnswerVersion.objects.create(person=w.thandiwe, answer=answer, sealed=b"x", written_at=AT, **f),
        *({"number": number} for number in numbers),
    )


ANSWERED = {"question": "life", "state": "answered", "sealed": b"x", "answered_at": AT}
TABLE = {
    "one_walk_per_path": (
        lambda w: each(lambda **f: _walk(w, **f), {}, {"path": "another"}, {"who": "part"}),
        lambda w: each(lambda **f: _walk(w, **f), {}, {}),
    ),
    "one_answer_per_question": (
        lambda w: _answers(w, {"question": "life"}, {"question": "values"}),
        lambda w: _answers(w, {"question": "life"}, {"question": "life"}),
    ),
    "answered_has_text_and_moment": (
        lambda w: _answers(w, ANSWERED, {"question": "values", "state": "skipped"}),
        lambda w: _answers(w, {**ANSWERED, "answered_at": None}),
    ),
    "one_version_per_number": (lambda w: _versions(w, 1, 2), lambda w: _versions(w, 1, 1)),
}
