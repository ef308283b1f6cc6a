"""One's walk as it stands in the database, opened once: three queries, whatever lies behind them."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation

from cairn.engines.paths.shapes import QuestionPath
from cairn.engines.paths.walking import Held, Progress, State, folded
from cairn.foundation import statements
from cairn.foundation.sealing import Box
from cairn.journey.queries.opening import identity, opened_data
from cairn.journey.terms import AnswerState
from cairn.library import queries as library
from cairn.people.models import Person

# What is bound into the seal of each text, beside the row's name.
ANSWER, VERSION, INTAKE, HOMEWORK = "answer", "answer-version", "intake", "homework"

WALK = """
SELECT w.id, w.path, w.name, w.begun_at, w.sealed_intake, w.sealed_homework, k.wrapped
FROM people_person p LEFT JOIN journey_walk w ON w.person_id = p.id LEFT JOIN journey_sealingkey k ON k.person_id = p.id
WHERE p.id = %(reader)s ORDER BY w.begun_at DESC NULLS LAST LIMIT 1
"""
ANSWERS = """
SELECT a.id, a.name, a.question, a.state, a.sealed, a.revision, a.saved_at, a.answered_at, a.look_back_on,
    a.looked_back_at, (SELECT count(*) FROM journey_answerversion v WHERE v.answer_id = a.id) AS versions
FROM journey_answer a WHERE a.walk_id = %(walk)s AND a.person_id = %(reader)s ORDER BY a.saved_at, a.id
"""
PICKS = """
SELECT p.key, coalesce(nullif(c.known_as, ''), c.name) AS coach FROM journey_pick p
JOIN people_person c ON c.id = p.coach_id
WHERE p.person_id = %(reader)s AND p.kind = 'question' AND p.closed_at IS NULL ORDER BY p.picked_at, p.id LIMIT 100
"""

Picked = tuple[tuple[str, str], ...]
"""The questions that coaches picked, oldest first, each with the coach's name."""


@dataclass(frozen=True)
class Walked:
    """A walk with its texts within reach. `answers` by question; `texts` opened; `coaches` who picked a question."""

    path: QuestionPath
    progress: Progress
    answers: Mapping[str, Any]
    texts: Mapping[str, str]
    intake: Mapping[str, Any]
    homework: Mapping[str, Any]
    coaches: Mapping[str, str]
    is_begun: bool
    box: Box | None


def the_path(key: str = library.PATH) -> QuestionPath:
    """The path in the reader's language."""
    return library.path(key, (translation.get_language() or library.LANGUAGE).partition("-")[0])


def walked(reader: Person, at: dt.datetime, picked: Picked | None = None) -> Walked:
    """The reader's own walk, or one that has not begun. Three queries, two where what was `picked` is known."""
    [row] = statements.rows(WALK, reader=reader.pk)
    answers = statements.rows(ANSWERS, walk=row.id, reader=reader.pk) if row.id else []
    if picked is None:
        picked = tuple((each.key, each.coach) for each in statements.rows(PICKS, reader=reader.pk))
    box = (
        Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(row.wrapped), person_id=reader.pk) if row.wrapped else None
    )
    texts = {each.question: opened_text(box, each) for each in answers}
    intake = opened_data(box, row.sealed_intake, INTAKE, row.name) if box else {}
    homework = opened_data(box, row.sealed_homework, HOMEWORK, row.name) if box else {}
    today = at.astimezone(reader.zone).date()
    progress = Progress(
        today=today,
        topics=frozenset(intake.get("topics", ())) | frozenset(intake.get("situations", ())),
        words=folded(intake.get("words", "")),
        held={each.question: _held(each, texts[each.question], reader) for each in answers},
        homework=frozenset(stage for stage, noted in homework.items() if noted.get("text", "").strip()),
        picks=tuple(key for key, _coach in picked),
        look_backs={each.question: each.look_back_on for each in answers if _awaits(each)},
    )
    return Walked(
        path=the_path(row.path) if row.id else the_path(),
        progress=progress,
        answers={each.question: each for each in answers},
        texts=texts,
        intake=intake,
        homework=homework,
        coaches=dict(picked),
        is_begun=row.id is not None,
        box=box,
    )


def opened_text(box: Box | None, row: Any) -> str:
    """The text of an answer as it stands; nothing once its key is gone."""
    if box is None or row.sealed is None:
        return ""
    return box.open(bytes(row.sealed), identity(ANSWER, row.name))


def fingerprint(text: str) -> str:
    """A short mark of a text, to notice that it was changed elsewhere."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _held(row: Any, text: str, reader: Person) -> Held:
    state = State(row.state)
    if state == State.DRAFT and not text.strip():
        return Held(State.OPEN)
    parked_on = row.saved_at.astimezone(reader.zone).date() if state == State.PARKED else None
    return Held(state, folded(text), parked_on)


def _awaits(row: Any) -> bool:
    return row.look_back_on is not None and row.looked_back_at is None and row.state == AnswerState.ANSWERED
