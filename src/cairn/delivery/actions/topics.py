"""Topic sessions and drop-ins: questions that people bring, and that the session took place."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, places, problems, settling
from cairn.delivery.actions.taken_away import TakenAway
from cairn.delivery.models import CoachingSession, SessionPlace, SessionQuestion
from cairn.delivery.terms import PlaceState, QuestionStage, SessionState
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes.terms import Kind

MOST_QUESTIONS = 20  # of one person for one session


@transaction.atomic
def ask_question(*, session: CoachingSession, text: str, by: Person, at: dt.datetime) -> SessionQuestion:
    """A coachee of the cohort asks something for a topic session, before it or while it goes on.

    Nobody but they themselves see who asked. Raises NotFound, NotPossibleNow.
    """
    current = _open_for_questions(session, by, at)
    if not text.strip():
        raise problems.NotAllowed
    if SessionQuestion.objects.filter(session=current, person=by).count() >= MOST_QUESTIONS:
        raise problems.NotPossibleNow(_("You have asked many questions already. Change or delete one of them instead."))
    begun = current.starts_at is not None and at >= current.starts_at
    stage = QuestionStage.DURING if begun else QuestionStage.BEFORE
    question = SessionQuestion.objects.create(session=current, person=by, text=text.strip(), stage=stage, at=at)
    # By nobody: whoever can read the audit learns that a question was asked, and not whose it is.
    places.record("ask_question", current, {}, by=None, at=at)
    return question


@transaction.atomic
def change_question(*, question_id: int, text: str, by: Person, at: dt.datetime) -> str:
    """Word one's own question anew, until it was taken up. Returns its words as they stood.

    Raises NotFound, NotPossibleNow.
    """
    question = _own_question(question_id, by)
    if question.taken_up_at is not None:
        raise problems.NotPossibleNow(_("This question has been taken up, so its words stay. Ask another one."))
    if not text.strip():
        raise problems.NotAllowed
    before, question.text = question.text, text.strip()
    question.save(update_fields=["text"])
    return before


@transaction.atomic
def delete_question(*, question_id: int, by: Person, at: dt.datetime) -> TakenAway:
    """Take one's own question away. Returns all that `put_question_back` needs. Raises NotFound."""
    question = _own_question(question_id, by)
    taken_up = question.taken_up_at.isoformat() if question.taken_up_at else ""
    gone = TakenAway(question.pk, question.session_id, question.stage, question.text, question.at.isoformat(), taken_up)
    question.delete()
    return gone


@transaction.atomic
def put_question_back(*, gone: TakenAway, by: Person, at: dt.datetime) -> SessionQuestion:
    """Undo `delete_question`: the same words in the same place of the order. Raises NotFound, NotPossibleNow."""
    sessions = CoachingSession.objects.select_for_update(of=("self",)).select_related(*places.LOADED)
    current = sessions.filter(pk=gone.session_id).first()
    if current is None:
        raise NotFound
    places.own_enrolment(current, by, at)
    if SessionQuestion.objects.filter(pk=gone.id).exists():
        raise problems.NotPossibleNow(_("It stands there already."))
    return SessionQuestion.objects.create(
        pk=gone.id,
        session=current,
        person=by,
        text=gone.text,
        stage=gone.kind,
        at=dt.datetime.fromisoformat(gone.at),
        taken_up_at=dt.datetime.fromisoformat(gone.taken_up_at) if gone.taken_up_at else None,
    )


@transaction.atomic
def take_up_question(*, question_id: int, is_taken_up: bool, by: Person, at: dt.datetime) -> SessionQuestion:
    """The coach of the session ticks a question as taken up, or takes the tick away. Raises NotFound."""
    loaded = SessionQuestion.objects.select_for_update(of=("self",)).select_related(
        "session__cohort__programme", "session__engagement__cohort__programme"
    )
    question = loaded.filter(pk=question_id).first()
    if question is None or not rules.may_run_session(by, question.session, at):
        raise NotFound
    if (question.taken_up_at is not None) != is_taken_up:
        question.taken_up_at = at if is_taken_up else None
        question.save(update_fields=["taken_up_at"])
    return question


@transaction.atomic
def note_held(*, session: CoachingSession, by: Person, at: dt.datetime) -> CoachingSession:
    """Say that a drop-in, or a topic session without places taken, took place: its coach is paid, once.

    Where somebody had a place, attendance is marked instead. Raises TooEarly, NotPossibleNow.
    """
    current = booking.hold(session, by=by, at=at)
    if current.kind not in (Kind.TOPIC, Kind.DROP_IN):
        raise NotFound
    if current.state != SessionState.BOOKED or current.starts_at is None:
        raise problems.NotPossibleNow(_("This session has been noted already, or does not take place."))
    if at < current.starts_at:
        raise problems.TooEarly(current, 0)
    if SessionPlace.objects.filter(session=current, state=PlaceState.SEATED).exists():
        raise problems.NotPossibleNow(_("People had a place in it. Mark their attendance, and it is noted with that."))
    on = booking.wall_day(current)
    CoachingSession.objects.filter(pk=current.pk).update(state=SessionState.HELD, version=current.version + 1)
    current.state, current.version = SessionState.HELD, current.version + 1
    settling.settle(current, rules.participants(current, on), on=on, by=by, at=at)
    places.record("note_held", current, {"version": current.version}, by=by, at=at)
    return current


@transaction.atomic
def take_back_held(*, session: CoachingSession, expected_version: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Undo `note_held`: it is to be noted again, and its coach's minutes are booked as before.

    Raises NotAllowed, ChangedMeanwhile, NotPossibleNow, ledger NotEnoughMinutes.
    """
    current = booking.hold(session, by=by, at=at, expected_version=expected_version)
    noted = AuditEntry.objects.filter(subject_kind="meeting", subject_id=current.pk, action="note_held")
    if current.state != SessionState.HELD or not noted.filter(facts__version=current.version).exists():
        raise problems.NotPossibleNow(_("There is nothing to take back."))
    on = booking.wall_day(current)
    CoachingSession.objects.filter(pk=current.pk).update(state=SessionState.BOOKED, version=current.version + 1)
    current.state, current.version = SessionState.BOOKED, current.version + 1
    settling.settle(current, rules.participants(current, on), on=on, by=by, at=at)
    places.record("take_back_held", current, {"version": current.version}, by=by, at=at)
    return current


def forget_questions(person: Person) -> int:
    """Somebody erases everything of theirs: their questions go, words and author. Returns how many."""
    deleted: int = SessionQuestion.objects.filter(person=person).delete()[0]
    return deleted


def _open_for_questions(session: CoachingSession, by: Person, at: dt.datetime) -> CoachingSession:
    current = CoachingSession.objects.select_related(*places.LOADED).filter(pk=session.pk, kind=Kind.TOPIC).first()
    if current is None:
        raise NotFound
    places.own_enrolment(current, by, at)
    standing = current.state in (SessionState.BOOKED, SessionState.HELD)
    if not standing or current.ends_at is None or at >= current.ends_at:
        raise problems.NotPossibleNow(_("Questions are collected until the session ends."))
    return current


def _own_question(question_id: int, by: Person) -> SessionQuestion:
    found = SessionQuestion.objects.select_for_update().filter(pk=question_id, person=by).first()
    if found is None:
        raise NotFound
    return found
