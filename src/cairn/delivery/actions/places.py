"""Places in sessions for the whole cohort: taken, waited for, given back, and moved up to when one becomes free.

A session's row is locked before its places are counted, so that no more people sit than there are places. People are
locked after it, all of them at once, in the order of their ids, as every action does.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import occupancy, place_notices, problems
from cairn.delivery.models import CoachingSession, PersonTime, SessionDetail, SessionPlace
from cairn.delivery.terms import FOR_THE_COHORT, PlaceState, SessionState
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import Enrolment

LOADED = ("cohort__programme", "engagement__person", "group", "detail")


class OtherSessionThen(problems.Refused):
    """Whoever asks for a place is in another session at that time."""

    def __init__(self) -> None:
        super().__init__(_("You are in another session at that time, so no place was taken for you."))


class PlaceGone(problems.Refused):
    """A place that was given back has gone to somebody who waited."""

    def __init__(self) -> None:
        super().__init__(
            _("Your place has gone to somebody who waited for one. You can put yourself on the waiting list.")
        )


class Restored(NamedTuple):
    """How somebody's answer stands after `undo_answer`: seated, waiting, away or "". `passed_over`: they wait again,
    and meanwhile a place went to somebody who had asked later."""

    state: str
    passed_over: bool


@transaction.atomic
def take_place(*, session: CoachingSession, by: Person, at: dt.datetime) -> SessionPlace:
    """A coachee takes a place in a session for the whole cohort; when it is full, one on its waiting list.

    Nobody's place depends on who somebody is: first come, first seated. Taking it twice changes nothing. A mail says
    that a place is theirs. Raises NotFound for somebody of another cohort, TooLate, NotPossibleNow, OtherSessionThen.
    """
    current = hold_open(session, at)
    enrolment = own_enrolment(current, by, at)
    occupancy.lock([by.pk])
    found = SessionPlace.objects.filter(session=current, enrolment=enrolment).first()
    if found is not None and found.state != PlaceState.AWAY:
        return found
    if not _is_free(current, by.pk):
        raise OtherSessionThen
    state = PlaceState.SEATED if _free_places(current) else PlaceState.WAITING
    place, _made = SessionPlace.objects.update_or_create(
        session=current, enrolment=enrolment, defaults={"state": state, "since": at}
    )
    if state == PlaceState.SEATED:
        _take_time(current, by.pk)
        place_notices.tell_seated(current, enrolment.person, place, at=at)
    record("take_place", current, {"enrolment": enrolment.pk, "state": str(state)}, by=by, at=at)
    return place


@transaction.atomic
def give_place_back(*, session: CoachingSession, by: Person, at: dt.datetime) -> None:
    """A coachee does not come after all, or waits no longer; the first who waits and is free is seated and told.

    Raises NotFound, TooLate, NotPossibleNow.
    """
    current = hold_open(session, at)
    enrolment = own_enrolment(current, by, at)
    lock_waiting(current, {by.pk})
    stood = standing_of(current, enrolment)
    if not free_place(current, enrolment):
        raise problems.NotPossibleNow(_("You have no place in this session, so there is none to give back."))
    place_notices.tell_given_back(current, by, at=at)
    move_up(current, at=at)
    record("give_place_back", current, {"enrolment": enrolment.pk, **stood}, by=by, at=at)


@transaction.atomic
def undo_answer(*, session: CoachingSession, by: Person, at: dt.datetime) -> Restored:
    """Undo `give_place_back`, or that somebody cannot come: it stands again as they had asked, and when.

    Who waited stands where they stood in the list, and is seated at once if there is room. Raises NotFound, TooLate,
    NotPossibleNow, PlaceGone where the place has another owner by now, OtherSessionThen.
    """
    current = hold_open(session, at)
    enrolment = own_enrolment(current, by, at)
    lock_waiting(current, {by.pk})
    stood = _last_answer(current, enrolment)
    was, seated_behind = stood["was"], stood["behind"]
    if was == PlaceState.SEATED and not _free_places(current):
        raise PlaceGone
    SessionPlace.objects.filter(session=current, enrolment=enrolment).delete()
    if was:
        since = dt.datetime.fromisoformat(stood["since"])
        place = SessionPlace.objects.create(session=current, enrolment=enrolment, state=was, since=since)
        if was == PlaceState.SEATED:
            take_time(current, by.pk)
            place_notices.tell_seated(current, by, place, at=at)
        move_up(current, at=at)
    record("undo_answer", current, {"enrolment": enrolment.pk, "was": was}, by=by, at=at)
    now = SessionPlace.objects.filter(session=current, enrolment=enrolment).first()
    passed_over = was == PlaceState.WAITING and _seated_behind(current, stood["since"]) > seated_behind
    return Restored(now.state if now else "", passed_over)


def standing_of(session: CoachingSession, enrolment: Enrolment) -> dict[str, Any]:
    """How somebody's own answer stands, as facts for the audit from which `undo_answer` restores it."""
    place = SessionPlace.objects.filter(session=session, enrolment=enrolment).first()
    if place is None:
        return {"was": "", "since": "", "behind": 0}
    since = place.since.isoformat()
    return {"was": str(place.state), "since": since, "behind": _seated_behind(session, since)}


def _seated_behind(session: CoachingSession, since: str) -> int:
    """How many have a place who asked for it later."""
    seated = SessionPlace.objects.filter(session=session, state=PlaceState.SEATED)
    return seated.filter(since__gt=dt.datetime.fromisoformat(since)).count()


def _last_answer(session: CoachingSession, enrolment: Enrolment) -> dict[str, Any]:
    """What stood before somebody's last answer, if that can be taken back."""
    own = AuditEntry.objects.filter(subject_kind="meeting", subject_id=session.pk, facts__enrolment=enrolment.pk)
    entry = own.order_by("-pk").first()
    if entry is None or entry.action not in ("give_place_back", "say_cannot_come") or "was" not in entry.facts:
        raise problems.NotPossibleNow(_("There is nothing to take back."))
    return dict(entry.facts)


def hold_open(session: CoachingSession, at: dt.datetime) -> CoachingSession:
    """The session as it stands, locked, if places in it can be taken and given back now.

    Raises NotFound, TooLate, NotPossibleNow.
    """
    sessions = CoachingSession.objects.select_for_update(of=("self",)).select_related(*LOADED)
    current = sessions.filter(pk=session.pk, kind__in=FOR_THE_COHORT).first()
    if current is None:
        raise NotFound
    if current.state == SessionState.CANCELLED:
        raise problems.NotPossibleNow(_("This session does not take place."))
    if current.state != SessionState.BOOKED or current.starts_at is None:
        raise problems.NotPossibleNow(_("This session has been held, or has no date yet."))
    if current.starts_at <= at:
        raise BegunAlready
    return current


class BegunAlready(problems.Refused):
    """Places are taken and given back until a session begins."""

    def __init__(self) -> None:
        super().__init__(_("The session has begun, so places can no longer be changed."))


def own_enrolment(session: CoachingSession, by: Person, at: dt.datetime) -> Enrolment:
    """With what somebody takes part in the session's cohort on its day; else NotFound."""
    own = programme_queries.enrolments_of(by, at).filter(cohort=session.cohort_id)
    on = session.wall_starts.date() if session.wall_starts else at.date()
    found = next((each for each in own if rules.may_take_part_on(each, on)), None)
    if found is None:
        raise NotFound
    return found


def free_place(session: CoachingSession, enrolment: Enrolment) -> bool:
    """Take somebody's place or turn away, and give them their time back. Whether they had one."""
    deleted, _rows = SessionPlace.objects.filter(session=session, enrolment=enrolment).delete()
    PersonTime.objects.filter(session=session, person=enrolment.person_id).delete()
    return bool(deleted)


def move_up(session: CoachingSession, *, at: dt.datetime) -> int:
    """Seat whoever waits longest and is free then, for as many places as there are. Returns how many were seated.

    The session and everybody who waits are locked by the caller. Whoever is in another session then keeps waiting.
    """
    seated = _seat_next(session)
    for place in seated:
        if place.enrolment is not None:
            _take_time(session, place.enrolment.person_id)
    tell_moved_up(session, seated, at=at)
    return len(seated)


def tell_moved_up(session: CoachingSession, seated: Iterable[SessionPlace], *, at: dt.datetime) -> None:
    """Tell those who waited that they have a place; call when their time has been taken."""
    for place in seated:
        if place.enrolment is not None:
            place_notices.tell_moved_up(session, place.enrolment.person, place, at=at)


def make_room(session: CoachingSession, *, at: dt.datetime) -> list[SessionPlace]:
    """Before a session for the whole cohort takes people's time at another hour: who cannot be there then loses the
    place and is told; who waits and can be there moves up. The others need not give way to one person's calendar.

    Returns the places of those who moved up; `tell_moved_up` is the caller's, once their time is taken.
    """
    if session.kind not in FOR_THE_COHORT or session.starts_at is None or session.wall_starts is None:
        return []
    on = session.wall_starts.date()
    lock_waiting(session, rules.participants(session, on).parts)
    lost = [each for each in rules.seated_in(session, on) if not _is_free(session, each.person_id)]
    for enrolment in lost:
        free_place(session, enrolment)
        place_notices.tell_lost(session, enrolment.person, at=at)
    if lost:
        # By nobody: it follows from the move, which is recorded under whoever made it.
        record("lose_places", session, {"enrolments": [each.pk for each in lost]}, by=None, at=at)
    return _seat_next(session)


def tell_waiting(session: CoachingSession, was: str, *, at: dt.datetime) -> None:
    """The session was cancelled: whoever waits for a place in it reads that, too."""
    if session.kind in FOR_THE_COHORT:
        people = [place.enrolment.person for place in _waiting(session) if place.enrolment is not None]
        place_notices.tell_not_taking_place(session, people, was, at=at)


def held_by(enrolment: Enrolment, on: dt.date) -> Q:
    """Which sessions from a day on somebody has a place in, or waits for, as a condition on sessions."""
    theirs = SessionPlace.objects.filter(enrolment=enrolment)
    begins = dt.datetime.combine(on, dt.time(), tzinfo=dt.UTC)  # wall time is kept as if it were UTC
    return Q(pk__in=theirs.values("session"), state=SessionState.BOOKED, wall_starts__gte=begins)


def waiting_beside(enrolment: Enrolment, on: dt.date) -> set[int]:
    """The people who wait for a place in the sessions that somebody leaves: they may be seated then."""
    sessions = CoachingSession.objects.filter(held_by(enrolment, on))
    waiting = SessionPlace.objects.filter(session__in=sessions, state=PlaceState.WAITING)
    return set(waiting.values_list("enrolment__person", flat=True))


def leave_all(enrolment: Enrolment, on: dt.date, *, at: dt.datetime) -> None:
    """Somebody leaves the cohort: their places from this day on go to those who wait. All is locked by the caller."""
    for session in CoachingSession.objects.filter(held_by(enrolment, on)).select_related(*LOADED).order_by("pk"):
        free_place(session, enrolment)
        if session.starts_at is not None and session.starts_at > at:
            move_up(session, at=at)


def detail_of(session: CoachingSession) -> SessionDetail | None:
    """What the session says of itself, if anything was written."""
    return SessionDetail.objects.filter(session=session).first()


def record(action: str, session: CoachingSession, facts: dict[str, Any], *, by: Person | None, at: dt.datetime) -> None:
    """Audit what was done around a meeting: ids and numbers only.

    Not under the session itself, whose last entry tells how it can be restored.
    """
    audit.record(
        action=action,
        subject_kind="meeting",
        subject_id=session.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )


def take_time(session: CoachingSession, person_id: int) -> None:
    """Take one more person's time for the session. They are locked. Raises OtherSessionThen."""
    if not _is_free(session, person_id):
        raise OtherSessionThen
    _take_time(session, person_id)


def seated(session: CoachingSession) -> int:
    """How many places are taken."""
    return SessionPlace.objects.filter(session=session, state=PlaceState.SEATED).count()


def _free_places(session: CoachingSession) -> bool:
    """Whether one more can be seated."""
    detail = detail_of(session)
    return detail is None or detail.places is None or seated(session) < detail.places


def _seat_next(session: CoachingSession) -> list[SessionPlace]:
    """Give free places to those who wait longest and are free then; their time is not taken yet."""
    seated = []
    for place in _waiting(session):
        if not _free_places(session):
            break
        if place.enrolment is None or not _is_free(session, place.enrolment.person_id):
            continue
        SessionPlace.objects.filter(pk=place.pk).update(state=PlaceState.SEATED)
        seated.append(place)
    return seated


def _waiting(session: CoachingSession) -> list[SessionPlace]:
    found = SessionPlace.objects.filter(session=session, state=PlaceState.WAITING)
    return list(found.select_related("enrolment__person").order_by("since", "pk"))


def lock_waiting(session: CoachingSession, people: Collection[int] = ()) -> None:
    """Lock these people and everybody who waits for a place in the session, all at once."""
    waiting = SessionPlace.objects.filter(session=session, state=PlaceState.WAITING)
    occupancy.lock({*people, *waiting.values_list("enrolment__person", flat=True)})


def _is_free(session: CoachingSession, person_id: int) -> bool:
    during = (session.starts_at, session.ends_at)
    return not PersonTime.objects.filter(person=person_id, during__overlap=during).exclude(session=session).exists()


def _take_time(session: CoachingSession, person_id: int) -> None:
    during = DateTimeTZRange(session.starts_at, session.ends_at)
    try:
        with transaction.atomic():
            PersonTime.objects.update_or_create(session=session, person_id=person_id, defaults={"during": during})
    except IntegrityError as error:
        if "nobody_is_double_booked" not in str(error):
            raise
        raise OtherSessionThen from error
