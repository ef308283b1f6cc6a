"""A coachee dates a one-to-one of their own: holds a time while they confirm, books it, moves it, cancels it.

Only times that are offered can be held (`queries.bookable`): the coach's hours bind coachees, and nobody else. A hold
is a promise: while it lives it is booked, whatever the coach has taken away since; what ran out is asked for anew.
"""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, holding, notices, occupancy, one_to_ones, own_freeing, problems, settling
from cairn.delivery.actions.refusing import Lost, refusal
from cairn.delivery.models import Apology, Availability, CoachingSession, Hold, MeetingPlace
from cairn.delivery.queries import self_booking as reads
from cairn.delivery.queries import words
from cairn.delivery.queries.availability import Bookable, MeetingPlaceSeen, bookable_at
from cairn.delivery.queries.not_bookable import hours_then
from cairn.delivery.terms import SessionState
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment
from cairn.programmes.terms import Kind

HELD_FOR = dt.timedelta(minutes=5)
TAKEN_BACK_WITHIN = dt.timedelta(minutes=15)


def hold_time(
    *,
    session: CoachingSession,
    starts_at: dt.datetime,
    place_id: int | None = None,
    expected_version: int,
    by: Person,
    at: dt.datetime,
) -> Hold:
    """Keep a time for five minutes while its coachee confirms; whatever else they held is let go.

    `place_id` None is the first place the coach offers then. A session with a date keeps it until the new one is
    confirmed. Pressing it again meanwhile makes it no longer, and a time that was held twice within the hour is not
    held again. Raises NotFound, ChangedMeanwhile, NotPossibleNow, CutOffPassed, and JustTaken or NotBookable with the
    next bookable times.
    """
    try:
        return _hold(session, starts_at, place_id, expected_version, by=by, at=at)
    except Lost as lost:
        raise refusal(lost, by=by, at=at) from lost


@transaction.atomic
def _hold(
    session: CoachingSession,
    starts_at: dt.datetime,
    place_id: int | None,
    expected_version: int,
    *,
    by: Person,
    at: dt.datetime,
) -> Hold:
    current, engagement, enrolment = own(session, by=by, at=at, expected_version=expected_version)
    _must_be_movable(current, engagement, at)
    occupancy.lock([engagement.person_id, enrolment.person_id])
    occupancy.drop_run_out([engagement.person_id], at)
    start = _offered(current, engagement, enrolment, starts_at, by=by, at=at)
    place = _place(start.places, place_id)
    standing = Hold.objects.filter(session=current, by=by, expires_at__gt=at).select_related("place").first()
    if standing is not None and standing.during.lower == starts_at and standing.place == place:
        return standing
    holding.must_not_go_on(engagement, starts_at, by=by, at=at)
    occupancy.let_go(Hold.objects.filter(by=by) | Hold.objects.filter(session=current))
    local = starts_at.astimezone(current.zone)
    hold = Hold(
        session=current,
        coach_id=engagement.person_id,
        by=by,
        wall_starts=local.replace(tzinfo=dt.UTC, fold=0),
        fold=local.fold,
        during=DateTimeTZRange(starts_at, starts_at + dt.timedelta(minutes=current.minutes)),
        place=place,
        expires_at=at + HELD_FOR,
    )
    try:
        with transaction.atomic():
            hold.save(force_insert=True)
    except IntegrityError as error:
        if "no_time_is_held_twice" not in str(error):
            raise
        raise Lost(current, engagement, enrolment, starts_at, clashed=True) from error
    holding.record(engagement, hold, by=by, at=at)
    return hold


def book_held(
    *,
    session: CoachingSession,
    starts_at: dt.datetime | None = None,
    place_id: int | None = None,
    expected_version: int | None = None,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Book what is held, or move there. `starts_at` is the time that was held, for a hold that is gone meanwhile;
    `expected_version` is how the session stood when that was confirmed, where somebody saw it.

    A hold that ran out is booked all the same while its time is offered still. `place_id` is another place than that
    chosen first. The coach gets one mail. Raises NotFound, ChangedMeanwhile, NothingHeld, NotPossibleNow, CutOffPassed,
    JustTaken or NotBookable with the next bookable times, ledger NotEnoughMinutes.
    """
    try:
        return _book_held(session, starts_at, place_id, expected_version, by=by, at=at)
    except Lost as lost:
        raise refusal(lost, by=by, at=at) from lost


@transaction.atomic
def _book_held(
    session: CoachingSession,
    starts_at: dt.datetime | None,
    place_id: int | None,
    expected_version: int | None,
    *,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    current, engagement, enrolment = own(session, by=by, at=at, expected_version=expected_version)
    occupancy.lock([engagement.person_id, enrolment.person_id])
    hold = Hold.objects.select_related("place").filter(session=current, by=by).first()
    if hold is not None and starts_at is not None and hold.during.lower != starts_at:
        hold = None  # an older page: what it asks for is not what is held now
    starts_at = hold.during.lower if hold is not None else starts_at
    if starts_at is None:
        raise problems.NothingHeld
    _must_be_movable(current, engagement, at)
    place = hold.place if hold is not None else None
    if hold is None or hold.expires_at <= at:
        start = _offered(current, engagement, enrolment, starts_at, by=by, at=at, was_held=True)
        place = _place(start.places, place_id) if place_id is not None or hold is None else place
    elif place_id not in (None, hold.place_id):
        place = _place(hours_then(current, engagement, starts_at), place_id)
    return _book(current, engagement, enrolment, starts_at, place, by=by, at=at)


@transaction.atomic
def let_go(*, session: CoachingSession, by: Person, at: dt.datetime) -> None:
    """Stop holding a time. Letting go twice changes nothing."""
    own(session, by=by, at=at)
    occupancy.let_go(Hold.objects.filter(session=session, by=by))


@transaction.atomic
def cancel_own(*, session: CoachingSession, expected_version: int, by: Person, at: dt.datetime) -> CoachingSession:
    """A coachee cancels a one-to-one of their own; the coach is free then, and gets one mail. Nobody is asked why.

    In time (the cohort's `apologies_hours` before it begins, or when apologies came in time) the session waits for
    another date and its minutes come back. Later it is a late cancellation: the session stays cancelled and draws what
    the cohort agreed, until the coach forgives it. Raises NotFound, ChangedMeanwhile, NotPossibleNow, TooLate.
    """
    current, _coach, enrolment = own(session, by=by, at=at, expected_version=expected_version, balances=True)
    if current.state == SessionState.CANCELLED:
        raise problems.NotPossibleNow(_("This session is cancelled already."))
    if current.state != SessionState.BOOKED or current.starts_at is None:
        raise problems.NotPossibleNow(_("This session has no date, so there is nothing to cancel."))
    if current.starts_at <= at:
        raise problems.TooLate
    was, on, facts = words.stood(current), booking.wall_day(current), booking.times(current)
    stood = current.starts_at, current.ends_at
    there = rules.participants(current, on)
    said = Apology.objects.filter(session=current, enrolment=enrolment).values_list("in_time", flat=True).first()
    is_late = at + dt.timedelta(hours=current.cohort.apologies_hours) > current.starts_at if said is None else not said
    Apology.objects.filter(session=current).delete()
    occupancy.let_go(Hold.objects.filter(session=current))
    if is_late:
        Apology.objects.create(session=current, enrolment=enrolment, in_time=False, at=at)
        current.state = SessionState.CANCELLED
    else:
        booking.take_date_away(current)
    booking.write(current)
    occupancy.give_back(current)
    own_freeing.end_watches(stood, by=by, at=at)
    settling.settle(current, there, on=on, by=by, at=at)
    if is_late:
        one_to_ones.balance([enrolment], by=by, at=at)
    booking.record("cancel_session", current, facts=facts | {"late": is_late}, by=by, at=at)
    notices.tell(current, there, "cancelled", was=was, by=by, at=at)
    return current


def take_back(
    *,
    session: CoachingSession,
    expected_version: int,
    held: tuple[str, str | None] | None = None,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Undo one's own last change of the session, within a quarter of an hour: a booking, a move, a cancellation.

    What it takes is free of cost, however near the session is, until it begins; what was taken back itself stays as it
    is. `held` is how it was to be held before (mode; link, place or number), where the door still knows that. The coach
    gets one mail. Raises NotFound, ChangedMeanwhile, NotPossibleNow, TooLate, JustTaken, NotBookable, ledger
    NotEnoughMinutes.
    """
    try:
        return _take_back(session, expected_version, held, by=by, at=at)
    except Lost as lost:
        raise refusal(lost, by=by, at=at) from lost


@transaction.atomic
def _take_back(
    session: CoachingSession,
    expected_version: int,
    held: tuple[str, str | None] | None,
    *,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    current, engagement, enrolment = own(session, by=by, at=at, expected_version=expected_version, balances=True)
    entry = AuditEntry.objects.filter(subject_kind="session", subject_id=current.pk).order_by("-pk").first()
    if entry is None or not _may_be_taken_back(entry, current, by=by, at=at):
        raise problems.NotPossibleNow(_("This can no longer be taken back."))
    if current.starts_at is not None and current.starts_at <= at:
        raise problems.TooLate
    facts = entry.facts
    if entry.action == "cancel_session":
        Apology.objects.filter(session=current).delete()
        former = {"wall_starts": facts["wall_starts"], "starts_at": facts["starts_at"]}
    else:
        former = facts.get("former", {})
    _put_back(current, engagement, facts.get("before", {}), held)
    if not former:
        return _undate(current, by=by, at=at)
    starts_at = dt.datetime.fromisoformat(former["starts_at"])
    if starts_at <= at:
        raise problems.TooLate
    return _book(current, engagement, enrolment, starts_at, None, by=by, at=at, takes_back=True)


def _may_be_taken_back(entry: AuditEntry, session: CoachingSession, *, by: Person, at: dt.datetime) -> bool:
    """The session's last change, if it was this coachee's own, of late, and not a taking back itself.

    Otherwise somebody who cancelled late could restore the session, and undo that in turn, at no cost.
    """
    facts = entry.facts
    is_own = entry.by_id == by.pk and entry.action in reads.OWN_ACTIONS and facts.get("version") == session.version
    may_be = "wall_starts" in facts and "taken_back" not in facts
    return is_own and may_be and entry.at >= at - TAKEN_BACK_WITHIN


def own(
    session: CoachingSession,
    *,
    by: Person,
    at: dt.datetime,
    expected_version: int | None = None,
    balances: bool = False,
) -> tuple[CoachingSession, CoachEngagement, Enrolment]:
    """A one-to-one of this coachee's, locked, with the coach and the enrolment; the people are locked as well when the
    change `balances` what waits without a date.

    Raises NotFound, ChangedMeanwhile, NotPossibleNow.
    """
    found = CoachingSession.objects.select_related(*booking.LOADED)
    mine = found.filter(pk=session.pk, kind=Kind.ONE_TO_ONE, enrolment__person=by, engagement__isnull=False)
    if balances and mine.exists():
        one_to_ones.lock_for(session)
    current = mine.select_for_update(of=("self",)).first()
    if current is None:
        raise NotFound
    engagement, enrolment = current.engagement, current.enrolment
    if engagement is None or enrolment is None or not programme_rules.may_take_part(by, enrolment, at):
        raise NotFound
    if expected_version is not None and current.version != expected_version:
        raise problems.ChangedMeanwhile(current)
    booking.must_be_open(current)
    if not programme_rules.may_coach_in(engagement.person, engagement, at):
        raise problems.NotPossibleNow(_("This coach is no longer at work here. The programme team finds another."))
    return current, engagement, enrolment


def _must_be_movable(session: CoachingSession, engagement: CoachEngagement, at: dt.datetime) -> None:
    """Without a date, or far enough ahead of the one it has: where late cancellation costs minutes, no later than
    cancelling is free, so that nobody moves what they would pay for.
    """
    if session.state == SessionState.UNDATED:
        return
    if session.state != SessionState.BOOKED or session.starts_at is None:
        raise problems.NotPossibleNow(_("This session was cancelled, so it cannot be given another time."))
    kept = Availability.objects.filter(person=engagement.person_id).values_list("cut_off_hours", flat=True).first()
    hours = reads.cut_off_hours(session.cohort, kept)
    if session.starts_at - dt.timedelta(hours=hours) <= at:
        raise problems.CutOffPassed(hours)
    if Apology.objects.filter(session=session, in_time=False).exists():
        raise problems.NotPossibleNow(_("You said too late that you cannot come, so it can no longer be moved here."))


def _offered(
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment,
    starts_at: dt.datetime,
    *,
    by: Person,
    at: dt.datetime,
    was_held: bool = False,
) -> Bookable:
    start = bookable_at(
        session=session, engagement=engagement, enrolment=enrolment, starts_at=starts_at, holder=by, at=at
    )
    if start is None:
        raise Lost(session, engagement, enrolment, starts_at, was_held=was_held)
    return start


def _place(places: tuple[MeetingPlaceSeen, ...], place_id: int | None) -> MeetingPlace | None:
    """The place that was chosen, or the first there is; None where the coach names no places."""
    ids = [place.id for place in places]
    if place_id is not None and place_id not in ids:
        raise problems.NotPossibleNow(_("Your coach does not meet people there at that time. Choose another place."))
    return MeetingPlace.objects.filter(pk=place_id or (ids[0] if ids else 0)).first()


def _book(
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment,
    starts_at: dt.datetime,
    place: MeetingPlace | None,
    *,
    by: Person,
    at: dt.datetime,
    takes_back: bool = False,
) -> CoachingSession:
    """Give the session this time and place. `takes_back`: as it was before; another may wait in its stead meanwhile."""
    was, is_new, stood = (
        words.stood(session),
        session.state != SessionState.BOOKED,
        (session.starts_at, session.ends_at),
    )
    facts: dict[str, Any] = {"before": _place_now(session, engagement)}
    if not is_new:
        facts["former"] = booking.times(session)
    if starts_at <= at:
        raise Lost(session, engagement, enrolment, starts_at)
    local = starts_at.astimezone(session.zone)
    booking.set_time(session, local.replace(tzinfo=None, fold=0), 1 if local.fold else 0, at=at)
    if place is not None:
        session.mode, session.where = place.mode, place.where
    Apology.objects.filter(session=session).delete()
    try:
        there = booking.book(session, by=by, at=at)
    except problems.JustTaken as taken:
        raise Lost(session, engagement, enrolment, starts_at, clashed=True) from taken
    own_freeing.end_watches(stood, by=by, at=at)
    if takes_back:
        one_to_ones.balance([enrolment], by=by, at=at)
        facts["taken_back"] = True
    action = "date_session" if is_new else "move_session"
    booking.record(action, session, facts=booking.times(session) | facts, by=by, at=at)
    notices.tell(session, there, "booked" if is_new else "moved", was=was, by=by, at=at)
    return session


def _undate(session: CoachingSession, *, by: Person, at: dt.datetime) -> CoachingSession:
    was, on, facts = words.stood(session), booking.wall_day(session), booking.times(session)
    there, stood = rules.participants(session, on), (session.starts_at, session.ends_at)
    booking.take_date_away(session)
    booking.write(session)
    occupancy.give_back(session)
    own_freeing.end_watches(stood, by=by, at=at)
    settling.settle(session, there, on=on, by=by, at=at)
    booking.record("cancel_session", session, facts=facts | {"late": False, "taken_back": True}, by=by, at=at)
    notices.tell(session, there, "cancelled", was=was, by=by, at=at)
    return session


def _place_now(session: CoachingSession, engagement: CoachEngagement) -> dict[str, Any]:
    """How it was to be held, so that a booking or a move can be taken back: the mode, whether it said no more, and the
    id of the place where the coach still has it. A link or a number itself is no fact for audit.
    """
    places = MeetingPlace.objects.filter(person=engagement.person_id, mode=session.mode, where=session.where)
    found = places.values_list("pk", flat=True).first()
    return {"mode": session.mode, "bare": not session.where} | ({"place": found} if found else {})


def _put_back(
    session: CoachingSession,
    engagement: CoachEngagement,
    before: dict[str, Any],
    held: tuple[str, str | None] | None,
) -> None:
    """Let it be held as it was to be before."""
    places = MeetingPlace.objects.filter(pk=before.get("place") or 0, person=engagement.person_id)
    place = None if before.get("bare") else places.first()
    if place is not None:
        session.mode, session.where = place.mode, place.where
    elif held is not None and held[0] == before.get("mode"):
        session.mode, session.where = held[0], held[1] or ""
    elif "mode" in before and (before["bare"] or before["mode"] != session.mode):
        session.mode, session.where = before["mode"], ""
