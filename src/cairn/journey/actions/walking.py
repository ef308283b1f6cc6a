"""Writes of one's own walk: what brought one here, answers as they are typed, and what becomes of each question.

Every write holds the walk's row first, so that two windows take turns. A text that was typed on an older revision is
put together with what was saved meanwhile; nothing typed is lost. Saving while typing leaves no trace in the audit but
that a question was begun.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.engines.paths.shapes import QuestionPath
from cairn.engines.reconciling import reconcile
from cairn.foundation import audit
from cairn.foundation.sealing import Box
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import Answer, AnswerVersion, Pick, Walk
from cairn.journey.queries.opening import identity, opened_data
from cairn.journey.queries.walked import ANSWER, HOMEWORK, INTAKE, VERSION, fingerprint, the_path
from cairn.journey.terms import AnswerState, PickKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

LONGEST = 100_000
"""So many characters a text may have."""
SUBJECT = "answer"
ASIDE = (AnswerState.PARKED, AnswerState.SKIPPED)


class CannotKeep(Exception):
    """What was asked for cannot be done; the sentence says why."""

    sentence = _("That could not be kept.")

    def __str__(self) -> str:
        return str(self.sentence)


class NoAnswerYet(CannotKeep):
    """Done without a word."""

    sentence = _("There is nothing written yet. You can park the question, or skip it, just as well.")


class TooLong(CannotKeep):
    """More than a text may have."""

    sentence = _(
        "That is more than fits into one text. Up to 100,000 characters do; the rest could go into your journal."
    )


class DayHasPassed(CannotKeep):
    """To look back is asked for on a day to come."""

    sentence = _("The day to look back has to be after today.")


@dataclass(frozen=True)
class Saved:
    """How a text stands now. `merged`: it holds something from another window that was not in what was sent."""

    revision: int
    text: str
    merged: bool


@dataclass(frozen=True)
class _Typed:
    """A text as it was sent: to which question, on which revision, by whom and when."""

    question: str
    text: str
    revision: int
    by: Person
    at: dt.datetime


# ------------------------------------------------------------------ what brought somebody here


@transaction.atomic
def begin_walk(*, topics: Iterable[str], situations: Iterable[str], words: str, by: Person, at: dt.datetime) -> None:
    """Begin one's walk with what brought one here; every part may be empty. On a walk under way it changes that.

    Raises TooLong. Topics and situations that the path does not know are left out.
    """
    walk, is_new = _walk(by, at)
    action = "begin_walk" if is_new or walk.sealed_intake is None else "change_intake"
    path = the_path(walk.path)
    data = {
        "topics": _known(path, "topic", topics),
        "situations": _known(path, "situation", situations),
        "words": _tidy(words),
    }
    walk.sealed_intake = sealed_data(box_for(by, at), data, INTAKE, walk.name)
    walk.save(update_fields=["sealed_intake"])
    audit.record(action=action, subject_kind="walk", subject_id=walk.pk, by=by, at=at)


def change_intake(*, topics: Iterable[str], situations: Iterable[str], words: str, by: Person, at: dt.datetime) -> None:
    """Say anew what brings one here. As `begin_walk`."""
    begin_walk(topics=topics, situations=situations, words=words, by=by, at=at)


def _known(path: QuestionPath, kind: str, chosen: Iterable[str]) -> list[str]:
    wanted = set(chosen)
    return [each.key for each in path.topics if each.kind == kind and each.key in wanted]


@transaction.atomic
def note_homework(*, stage: str, text: str, seen: str, by: Person, at: dt.datetime) -> None:
    """Note what was found out for a stage. `seen` is `queries.Homework.seen` of the page.

    What another window noted meanwhile is kept as well. Raises NotFound for a stage without homework, TooLong.
    """
    walk, _new = _walk(by, at)
    if not any(each.key == stage and each.homework for each in the_path(walk.path).stages):
        raise NotFound
    box = box_for(by, at)
    noted = opened_data(box, walk.sealed_homework, HOMEWORK, walk.name)
    before = str(noted.get(stage, {}).get("text", ""))
    typed = _tidy(text)
    now = typed if fingerprint(before) == seen else reconcile(before, typed)
    noted[stage] = {"text": now, "at": at.isoformat()}
    walk.sealed_homework = sealed_data(box, noted, HOMEWORK, walk.name)
    walk.save(update_fields=["sealed_homework"])
    audit.record(action="note_homework", subject_kind="walk", subject_id=walk.pk, by=by, at=at)


# ------------------------------------------------------------------ answers


@transaction.atomic
def save_answer(*, question: str, text: str, revision: int, by: Person, at: dt.datetime) -> Saved:
    """Keep what was typed so far; `revision` is the one that the writer saw last, 0 for none.

    Nothing is kept of a blank text where there was none before. An answered question stays answered; a parked or
    skipped one is begun again by other words, not by the same that only arrive late.
    Raises NotFound for a question that the path does not have, TooLong.
    """
    walk = _walk_with(question, by, at)
    before = Answer.objects.filter(walk=walk, question=question).values_list("revision", flat=True).first()
    answer, saved = _save(walk, _Typed(question, text, revision, by, at))
    if answer is not None and answer.state in ASIDE and saved.revision != before:
        _to(answer, AnswerState.ANSWERED if answer.answered_at else AnswerState.DRAFT)
    return saved


@transaction.atomic
def finish_answer(
    *, question: str, text: str, revision: int, look_back_on: dt.date | None, by: Person, at: dt.datetime
) -> Saved:
    """Be done for now: the answer becomes a version when it differs from the last. `look_back_on` None asks for none.

    Raises NotFound, TooLong, NoAnswerYet, DayHasPassed (the day is one on the person's own calendar).
    """
    walk = _walk_with(question, by, at)
    answer, saved = _finish(walk, _Typed(question, text, revision, by, at))
    if look_back_on != answer.look_back_on:
        _must_be_to_come(look_back_on, by, at)
        answer.look_back_on, answer.looked_back_at = look_back_on, None
        answer.save(update_fields=["look_back_on", "looked_back_at"])
    audit.record(action="finish_answer", subject_kind=SUBJECT, subject_id=answer.pk, by=by, at=at)
    return saved


@transaction.atomic
def answer_look_back(
    *, question: str, text: str, revision: int, look_back_on: dt.date | None, by: Person, at: dt.datetime
) -> Saved:
    """Look back on the day that has come: what is written now becomes a version, what stood before stays one.

    `look_back_on` asks for another day. Raises NotFound where there is nothing to look back on, and as finish_answer.
    """
    walk = _walk_with(question, by, at)
    if not Answer.objects.filter(walk=walk, question=question, look_back_on__isnull=False).exists():
        raise NotFound
    _must_be_to_come(look_back_on, by, at)
    answer, saved = _finish(walk, _Typed(question, text, revision, by, at))
    answer.looked_back_at = None if look_back_on else at
    answer.look_back_on = look_back_on or answer.look_back_on
    answer.save(update_fields=["looked_back_at", "look_back_on"])
    audit.record(action="answer_look_back", subject_kind=SUBJECT, subject_id=answer.pk, by=by, at=at)
    return saved


@transaction.atomic
def park_question(*, question: str, text: str, revision: int, by: Person, at: dt.datetime) -> Saved:
    """Put a question aside until later, with what is written so far. Raises NotFound, TooLong."""
    return _leave(AnswerState.PARKED, "park_question", _Typed(question, text, revision, by, at))


@transaction.atomic
def skip_question(*, question: str, text: str, revision: int, by: Person, at: dt.datetime) -> Saved:
    """Leave a question out; it does not come again by itself. What is written stays. Raises NotFound, TooLong."""
    return _leave(AnswerState.SKIPPED, "skip_question", _Typed(question, text, revision, by, at))


@transaction.atomic
def reopen(*, question: str, text: str | None = None, revision: int = 0, by: Person, at: dt.datetime) -> None:
    """Take a parked or skipped question up again, with what is written on its page, if that is known.

    Raises NotFound where there is none, TooLong; otherwise harmless.
    """
    walk = _walk_with(question, by, at)
    answer = Answer.objects.filter(walk=walk, question=question).first()
    if answer is None:
        raise NotFound
    if text is not None:
        answer = _save(walk, _Typed(question, text, revision, by, at))[0] or answer
    if answer.state in ASIDE:
        _to(answer, AnswerState.ANSWERED if answer.answered_at else AnswerState.DRAFT)
        audit.record(action="reopen_question", subject_kind=SUBJECT, subject_id=answer.pk, by=by, at=at)


# ------------------------------------------------------------------ within


def _leave(state: AnswerState, action: str, typed: _Typed) -> Saved:
    by, at = typed.by, typed.at
    walk = _walk_with(typed.question, by, at)
    answer, saved = _save(walk, typed)
    if answer is None:
        answer = Answer.objects.create(person=by, walk=walk, question=typed.question, state=state, saved_at=at)
        saved = Saved(answer.revision, "", False)
    else:
        answer.saved_at = at
        answer.save(update_fields=["saved_at"])
        _to(answer, state)
    _close_pick(typed.question, by, at)
    audit.record(action=action, subject_kind=SUBJECT, subject_id=answer.pk, by=by, at=at)
    return saved


def _finish(walk: Walk, typed: _Typed) -> tuple[Answer, Saved]:
    answer, saved = _save(walk, typed)
    if answer is None or not saved.text.strip():
        raise NoAnswerYet
    _add_version(answer, saved.text, typed.by, typed.at)
    answer.state, answer.answered_at = AnswerState.ANSWERED, typed.at
    answer.save(update_fields=["state", "answered_at"])
    _close_pick(typed.question, typed.by, typed.at)
    return answer, saved


def _add_version(answer: Answer, text: str, by: Person, at: dt.datetime) -> None:
    box = box_for(by, at)
    last = AnswerVersion.objects.filter(answer=answer).order_by("-number").first()
    if last is not None and box.open(bytes(last.sealed), identity(VERSION, last.name)) == text:
        return
    version = AnswerVersion(person=by, answer=answer, number=last.number + 1 if last else 1, written_at=at)
    version.sealed = box.seal(text, identity(VERSION, version.name))
    version.save(force_insert=True)


def _save(walk: Walk, typed: _Typed) -> tuple[Answer | None, Saved]:
    """Write the text under the walk's lock; None where there was nothing, and nothing was typed."""
    text = _tidy(typed.text)
    answer = Answer.objects.filter(walk=walk, question=typed.question).first()
    if answer is None and not text.strip():
        return None, Saved(0, "", False)
    box = box_for(typed.by, typed.at)
    if answer is None:
        return _begin(box, walk, text, typed)
    before = box.open(bytes(answer.sealed), identity(ANSWER, answer.name)) if answer.sealed is not None else ""
    now = text if typed.revision == answer.revision else reconcile(before, text)
    if len(now) > LONGEST:
        raise TooLong
    if now != before:
        answer.sealed, answer.saved_at = box.seal(now, identity(ANSWER, answer.name)), typed.at
        answer.revision += 1
        answer.save(update_fields=["sealed", "saved_at", "revision"])
    return answer, Saved(answer.revision, now, now != text)


def _begin(box: Box, walk: Walk, text: str, typed: _Typed) -> tuple[Answer, Saved]:
    answer = Answer(person=typed.by, walk=walk, question=typed.question, saved_at=typed.at)
    answer.sealed = box.seal(text, identity(ANSWER, answer.name))
    answer.save(force_insert=True)
    audit.record(action="begin_answer", subject_kind=SUBJECT, subject_id=answer.pk, by=typed.by, at=typed.at)
    return answer, Saved(answer.revision, text, False)


def _to(answer: Answer, state: AnswerState) -> None:
    answer.state = state
    answer.save(update_fields=["state"])


def _must_be_to_come(look_back_on: dt.date | None, by: Person, at: dt.datetime) -> None:
    if look_back_on is not None and look_back_on <= at.astimezone(by.zone).date():
        raise DayHasPassed


def _close_pick(question: str, by: Person, at: dt.datetime) -> None:
    """What a coach picked has been taken up, one way or another."""
    Pick.objects.filter(person=by, kind=PickKind.QUESTION, key=question, closed_at=None).update(closed_at=at)


def _walk_with(question: str, by: Person, at: dt.datetime) -> Walk:
    walk, _new = _walk(by, at)
    if the_path(walk.path).question(question) is None:
        raise NotFound
    return walk


def _walk(by: Person, at: dt.datetime) -> tuple[Walk, bool]:
    """One's walk, held until the transaction ends; begun now if there is none."""
    found = Walk.objects.select_for_update().filter(person=by).order_by("-begun_at").first()
    if found is not None:
        return found, False
    path = the_path()
    fresh: dict[str, Any] = {"path_version": path.version, "begun_at": at}
    made, is_new = Walk.objects.get_or_create(person=by, path=path.key, defaults=fresh)
    return Walk.objects.select_for_update().get(pk=made.pk), is_new


def _tidy(text: str) -> str:
    """Lines as they are kept, whatever sent them. Raises TooLong."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if len(plain) > LONGEST:
        raise TooLong
    return plain
