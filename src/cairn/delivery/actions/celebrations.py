"""A cohort's celebration: who comes, and what coaches wish the people of the cohort."""

import datetime as dt

from django.db import transaction

from cairn.delivery import rules
from cairn.delivery.actions import booking, meetings, occupancy, place_notices, places, problems, settling
from cairn.delivery.models import CoachingSession, PartingWord, PersonTime, SessionPlace
from cairn.delivery.terms import PlaceState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement
from cairn.programmes.terms import Kind


@transaction.atomic
def say_cannot_come(*, session: CoachingSession, by: Person, at: dt.datetime) -> None:
    """A coachee cannot come to the celebration; nobody is asked why. A place they had goes to who waits.

    Saying it twice changes nothing. Raises NotFound, BegunAlready, NotPossibleNow.
    """
    current = _celebration(session, at)
    enrolment = places.own_enrolment(current, by, at)
    places.lock_waiting(current, {by.pk})
    if SessionPlace.objects.filter(session=current, enrolment=enrolment, state=PlaceState.AWAY).exists():
        return
    stood = places.standing_of(current, enrolment)
    if places.free_place(current, enrolment):
        place_notices.tell_given_back(current, by, at=at)
    SessionPlace.objects.create(session=current, enrolment=enrolment, state=PlaceState.AWAY, since=at)
    places.move_up(current, at=at)
    places.record("say_cannot_come", current, {"enrolment": enrolment.pk, **stood}, by=by, at=at)


@transaction.atomic
def answer_as_coach(*, session: CoachingSession, comes: bool, by: Person, at: dt.datetime) -> None:
    """A coach of the cohort says whether they come to the celebration; they are expected until they say no.

    Raises NotFound, BegunAlready, NotPossibleNow, OtherSessionThen, ledger NotEnoughMinutes.
    """
    current = _celebration(session, at)
    engagement = _own_engagement(current, by)
    occupancy.lock([by.pk])
    away = SessionPlace.objects.filter(session=current, engagement=engagement)
    if comes:
        places.take_time(current, by.pk)
        away.delete()
    elif not away.exists():
        SessionPlace.objects.create(session=current, engagement=engagement, state=PlaceState.AWAY, since=at)
        PersonTime.objects.filter(session=current, person=by).delete()
        place_notices.tell_given_back(current, by, at=at)
    on = booking.wall_day(current)
    settling.settle(current, rules.participants(current, on), on=on, by=by, at=at)
    places.record("answer_as_coach", current, {"engagement": engagement.pk, "comes": comes}, by=by, at=at)


@transaction.atomic
def leave_parting_word(*, session: CoachingSession, text: str, by: Person, at: dt.datetime) -> PartingWord | None:
    """A coach of the cohort leaves a few words to it, or changes them; without text they are taken away.

    Shown with the coach's name to everybody in the cohort from the day of the celebration on. Raises NotFound.
    """
    current = meetings.hold_meeting(session, by, at)
    if current.kind != Kind.CELEBRATION:
        raise NotFound
    _own_engagement(current, by)
    words = text.strip()
    if not words:
        PartingWord.objects.filter(session=current, by=by).delete()
        left = None
    else:
        left, _made = PartingWord.objects.update_or_create(session=current, by=by, defaults={"text": words, "at": at})
    places.record("leave_parting_word", current, {"left": bool(words)}, by=by, at=at)
    return left


@transaction.atomic
def ask_parting_words(*, session: CoachingSession, by: Person, at: dt.datetime) -> int:
    """Ask every coach of the cohort who has left no parting words for some, by mail, each once. Returns how many."""
    current = meetings.hold_meeting(session, by, at)
    if current.kind != Kind.CELEBRATION or current.wall_starts is None:
        raise NotFound
    if not programme_rules.may_run_cohort(by, current.cohort, at):
        raise problems.NotAllowed
    said = PartingWord.objects.filter(session=current).values("by")
    coaches = rules.coaches_of(current.cohort_id, booking.wall_day(current)).exclude(person__in=said)
    asked = place_notices.ask_for_parting_words(current, [coach.person for coach in coaches], at=at)
    places.record("ask_parting_words", current, {"asked": asked}, by=by, at=at)
    return asked


def _celebration(session: CoachingSession, at: dt.datetime) -> CoachingSession:
    current = places.hold_open(session, at)
    if current.kind != Kind.CELEBRATION:
        raise NotFound
    return current


def _own_engagement(session: CoachingSession, by: Person) -> CoachEngagement:
    on = booking.wall_day(session)
    found = rules.coaches_of(session.cohort_id, on).filter(person=by).first()
    if found is None:
        raise NotFound
    return found
