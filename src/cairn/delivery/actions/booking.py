"""One session: given a date, moved, cancelled, restored, added. Each change takes people's time, minutes and notice."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import (
    invitations,
    notices,
    numbering,
    occupancy,
    one_to_ones,
    places,
    poll_ends,
    problems,
    settling,
)
from cairn.delivery.models import Apology, Attendance, CoachingSession, SessionDetail
from cairn.delivery.queries import mail_words, words
from cairn.delivery.terms import OF_ALL_COACHES, CancelReason, Mode, SessionState
from cairn.engines import cadence
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment
from cairn.programmes.terms import Kind

Fold = Literal[0, 1] | None
LOADED = (
    *("cohort__programme", "engagement__person", "engagement__cohort__programme", "group", "enrolment__person"),
    "detail",
)


@transaction.atomic
def date_session(
    *,
    session: CoachingSession,
    wall_starts: dt.datetime,
    mode: str,
    where: str | None,
    expected_version: int,
    fold: Fold = None,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Give a session a date, or move it. `wall_starts` is naive: the time on the wall of the session's own zone.

    `where` None keeps the link, place or number as it is. Apologies for the former date fall away. Everybody in it but
    `by` gets one mail, unless the time has gone by: a one-to-one may be written down after it was held. Raises
    ChangedMeanwhile, AlreadyHeld, InThePast, OutsideCohort, NobodyThere, JustTaken, ledger NotEnoughMinutes, and the
    cadence engine's MissingWallTime and AmbiguousWallTime (`fold` 0 or 1 chooses).
    """
    current = hold(session, by=by, at=at, expected_version=expected_version)
    must_be_open(current)
    if current.state == SessionState.CANCELLED:
        raise problems.NotPossibleNow(_("This session was cancelled. Restore it first, then give it another date."))
    was = words.stood(current)
    event: mail_words.Event = "booked" if current.state == SessionState.UNDATED else "moved"
    former = current.starts_at
    if current.wall_time != wall_starts or fold is not None:
        set_time(current, wall_starts, fold, at=at)
    current.mode, current.where = Mode(mode).value, current.where if where is None else where.strip()
    if current.starts_at != former:
        Apology.objects.filter(session=current).delete()
        poll_ends.end(current, at=at)
    there = book(current, by=by, at=at)
    record(f"{'date' if event == 'booked' else 'move'}_session", current, by=by, at=at)
    if current.starts_at and current.starts_at >= at:
        notices.tell(current, there, event, was=was, by=by, at=at)
    else:  # written down afterwards: nobody is mailed, but a calendar that expects it later is told
        notices.take_out_of_calendars(current, there, at=at)
    return current


move_session = date_session


@transaction.atomic
def cancel_session(
    *, session: CoachingSession, reason_kind: str = "", expected_version: int, by: Person, at: dt.datetime
) -> CoachingSession:
    """Cancel a booked session; minutes go back. A one-to-one session becomes undated, so that the promise stays.

    Everybody in it but `by` gets one mail, unless it had begun and nobody was told of it: it was written down then, and
    is taken back. `reason_kind` is a `terms.CancelReason` or empty. Raises ChangedMeanwhile, AlreadyHeld,
    NotPossibleNow.
    """
    current = hold(session, by=by, at=at, expected_version=expected_version)
    must_be_open(current)
    if current.state == SessionState.CANCELLED:
        raise problems.NotPossibleNow(_("This session is cancelled already."))
    if current.state != SessionState.BOOKED:
        raise problems.NotPossibleNow(_("This session has no date, so there is nothing to cancel."))
    was, on = words.stood(current), wall_day(current)
    facts = times(current) | ({"reason": CancelReason(reason_kind).value} if reason_kind else {})
    there = rules.participants(current, on)
    occupancy.lock(there.parts)
    Apology.objects.filter(session=current).delete()
    poll_ends.end(current, at=at)
    if current.kind == Kind.ONE_TO_ONE:
        take_date_away(current)
    else:
        current.state = SessionState.CANCELLED
    write(current)
    numbering.by_date(current)
    occupancy.give_back(current)
    settling.settle(current, there, on=on, by=by, at=at)
    record("cancel_session", current, facts=facts, by=by, at=at)
    if (was.starts_at and was.starts_at >= at) or invitations.holders(current, there.people):
        notices.tell(current, there, "cancelled", was=was, by=by, at=at)  # who never heard of it need not hear its end
    places.tell_waiting(current, was.words, at=at)
    return current


@transaction.atomic
def restore_session(*, session: CoachingSession, expected_version: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Undo a cancellation: the session stands where it stood, if everybody is still free then.

    Raises ChangedMeanwhile, NotPossibleNow, InThePast, JustTaken, ledger NotEnoughMinutes.
    """
    one_to_ones.lock_for(session)
    current = hold(session, by=by, at=at, expected_version=expected_version)
    was = _cancelled_time(current)
    if current.state not in (SessionState.CANCELLED, SessionState.UNDATED) or was is None:
        raise problems.NotPossibleNow(_("This session is not a cancelled one, so there is nothing to restore."))
    if Attendance.objects.filter(session=current).exists():
        raise problems.NotPossibleNow(_("Its time has passed, and it was written up as cancelled late."))
    wall_starts, fold = was
    set_time(current, wall_starts, fold, at=at)
    Apology.objects.filter(session=current).delete()
    was_late = current.kind == Kind.ONE_TO_ONE and current.state == SessionState.CANCELLED
    there = book(current, by=by, at=at)
    if was_late:  # another may have come to wait in its stead
        one_to_ones.balance(there.enrolments, by=by, at=at)
    record("restore_session", current, by=by, at=at)
    notices.tell(current, there, "booked", by=by, at=at)
    return current


@transaction.atomic
def add_session(
    *,
    cohort: Cohort,
    kind: str,
    group: CoachingGroup | None = None,
    enrolment: Enrolment | None = None,
    engagement: CoachEngagement | None = None,
    minutes: int | None = None,
    wall_starts: dt.datetime | None = None,
    mode: str = Mode.ONLINE,
    where: str = "",
    fold: Fold = None,
    detail: dict[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Add one session: for a group, a coachee (one_to_one), all coaches (coach_meeting, celebration), or by a coach for
    the whole cohort (topic, drop_in).

    Without `wall_starts` it waits for a date. `minutes` is by default the cohort's usual length. The coach is the
    group's or the coachee's own. `detail` are fields of its `SessionDetail`. Raises what `date_session` raises, and
    NoCoachYet.
    """
    numbering.line_up(cohort.pk, kind)
    coach = (group and group.engagement) or (enrolment and enrolment.engagement) or engagement
    if kind in OF_ALL_COACHES:
        coach = None
    elif coach is None:
        raise problems.NoCoachYet
    made = CoachingSession(
        cohort=cohort,
        kind=kind,
        engagement=coach,
        group=group,
        enrolment=enrolment,
        position=next_position(cohort, kind, group=group, enrolment=enrolment),
        minutes=minutes or rules.usual_minutes(cohort, kind),
        mode=mode,
        where=where.strip(),
        time_zone=cohort.time_zone,
    )
    if not rules.may_run_session(by, made, at) or _foreign(made):
        raise problems.NotAllowed
    made.save(force_insert=True)
    if detail is not None:
        made.detail = SessionDetail.objects.create(session=made, changed_by=by, changed_at=at, **detail)
    if wall_starts is not None:
        set_time(made, wall_starts, fold, at=at)
        there = book(made, by=by, at=at, raises_version=False)
        notices.tell(made, there, "booked", by=by, at=at)
    record("add_session", made, by=by, at=at)
    return made


@transaction.atomic
def hold_familiarisation(*, engagement: CoachEngagement, on: dt.date, by: Person, at: dt.datetime) -> CoachingSession:
    """Say on which day a coach has made themselves familiar with the programme. Paid once.

    Raises NotPossibleNow when it was held before or the day is to come, ledger NotEnoughMinutes.
    """
    engagement = CoachEngagement.objects.select_related("cohort__programme", "person").get(pk=engagement.pk)
    cohort = engagement.cohort
    occupancy.lock([engagement.person_id])
    found = CoachingSession.objects.filter(engagement=engagement, kind=Kind.FAMILIARISATION)
    session = found.exclude(state=SessionState.CANCELLED).select_for_update().first()
    if session is None:
        session = CoachingSession(
            cohort=cohort,
            kind=Kind.FAMILIARISATION,
            engagement=engagement,
            position=1,
            minutes=max(cohort.familiarisation_minutes, 1),
            time_zone=cohort.time_zone,
        )
    session.cohort, session.engagement = cohort, engagement
    if not rules.may_run_session(by, session, at):
        raise problems.NotAllowed
    if session.state == SessionState.HELD:
        raise problems.NotPossibleNow(_("Familiarisation was held before. It is paid once."))
    if on > at.astimezone(session.zone).date():
        raise problems.NotPossibleNow(_("Familiarisation can be noted once it has taken place."))
    session.state = SessionState.HELD
    session.wall_starts = dt.datetime.combine(on, dt.time(), tzinfo=dt.UTC)
    if session.pk:
        write(session)
    else:
        session.save(force_insert=True)
    settling.settle(session, rules.Participants(engagements=(engagement,)), on=on, by=by, at=at)
    record("hold_familiarisation", session, by=by, at=at)
    return session


@transaction.atomic
def realign(*, sessions: Iterable[CoachingSession], by: Person | None, at: dt.datetime) -> int:
    """Bring booked sessions to who is in them now: people's time and minutes, after a move, a leaver or a new coach.

    Sessions that have begun stay as they are. Returns how many were brought in line. Mails are the caller's.
    Raises JustTaken, ledger NotEnoughMinutes.
    """
    ids = sorted(session.pk for session in sessions)
    locked = CoachingSession.objects.select_for_update(of=("self",)).select_related(*LOADED)
    upcoming = list(locked.filter(pk__in=ids, state=SessionState.BOOKED, starts_at__gt=at).order_by("pk"))
    seats = [(session, rules.participants(session, wall_day(session))) for session in upcoming]
    occupancy.lock({person for _session, there in seats for person in there.parts})
    # Whoever moves from one session to another at the same hour leaves the one before they are in the other.
    for session, there in seats:
        gone = Apology.objects.filter(session=session)
        gone.exclude(enrolment__in=[enrolment.pk for enrolment in there.enrolments]).delete()
        occupancy.leave(session, there.parts)
    for session, there in seats:
        starts_at, ends_at = _span(session)
        occupancy.take(session=session, people=there.parts, starts_at=starts_at, ends_at=ends_at, at=at, by=by)
        record("realign_session", session, by=by, at=at)
    settling.settle_each([(session, there, wall_day(session)) for session, there in seats], by=by, at=at)
    return len(seats)


def hold(
    session: CoachingSession, *, by: Person, at: dt.datetime, expected_version: int | None = None
) -> CoachingSession:
    """The session as it stands, locked until the transaction ends, if this person may run it.

    Raises NotAllowed, ChangedMeanwhile.
    """
    numbering.line_up(session.cohort_id, session.kind)
    current = CoachingSession.objects.select_for_update(of=("self",)).select_related(*LOADED).get(pk=session.pk)
    if not rules.may_run_session(by, current, at):
        raise problems.NotAllowed
    if expected_version is not None and current.version != expected_version:
        raise problems.ChangedMeanwhile(current)
    return current


def must_be_open(session: CoachingSession) -> None:
    """A session that was held stays as it was."""
    if session.state == SessionState.HELD:
        raise problems.AlreadyHeld
    if session.kind == Kind.FAMILIARISATION:
        raise problems.NotPossibleNow(
            _("Familiarisation has no time of its own. Note the day once it has taken place.")
        )


def set_time(session: CoachingSession, wall_starts: dt.datetime, fold: Fold, *, at: dt.datetime) -> None:
    """Put wall time and instants on the session (not written yet). Only a one-to-one may lie before `at`.

    Raises InThePast, OutsideCohort, and the cadence engine's MissingWallTime and AmbiguousWallTime.
    """
    wall = wall_starts.replace(tzinfo=None, second=0, microsecond=0, fold=0)
    cohort = session.cohort
    if not cohort.starts_on <= wall.date() <= cohort.ends_on:
        raise problems.OutsideCohort(cohort.starts_on, cohort.ends_on)
    starts_at = cadence.instant(wall.date(), wall.time(), session.time_zone, fold)
    # One-to-ones are often agreed by e-mail, held, and written down afterwards; what others plan by lies ahead.
    if starts_at < at and session.kind != Kind.ONE_TO_ONE:
        raise problems.InThePast(starts_at, session.time_zone)
    session.wall_starts, session.fold = wall.replace(tzinfo=dt.UTC), fold or 0
    session.starts_at, session.ends_at = starts_at, starts_at + dt.timedelta(minutes=session.minutes)


def book(session: CoachingSession, *, by: Person, at: dt.datetime, raises_version: bool = True) -> rules.Participants:
    """Write a session that has been given a time as booked: people's time first, then its minutes.

    Returns who is still to be told: whoever has moved up to a place by this has been told of the place and its time.
    """
    on = wall_day(session)
    moved_up = places.make_room(session, at=at)
    there = rules.participants(session, on)
    if not there.engagements or (session.enrolment_id and not there.enrolments):
        raise problems.NobodyThere
    starts_at, ends_at = _span(session)
    occupancy.take(session=session, people=there.parts, starts_at=starts_at, ends_at=ends_at, at=at, by=by)
    session.state = SessionState.BOOKED
    write(session, raises_version=raises_version)
    numbering.by_date(session)
    settling.settle(session, there, on=on, by=by, at=at)
    places.tell_moved_up(session, moved_up, at=at)
    return there.without({place.enrolment_id for place in moved_up})


def take_date_away(session: CoachingSession) -> None:
    """The session waits for another date (not written yet)."""
    session.state = SessionState.UNDATED
    session.wall_starts = session.starts_at = session.ends_at = None


def wall_day(session: CoachingSession) -> dt.date:
    """The session's day on the wall of its own zone."""
    if session.wall_starts is None:
        raise ValueError("a session without a date has no day")
    return session.wall_starts.date()


def times(session: CoachingSession) -> dict[str, Any]:
    """When the session stands, as audit keeps it; empty without a date."""
    if session.wall_starts is None or session.starts_at is None:
        return {}
    wall = session.wall_starts.replace(tzinfo=None)
    return {
        "wall_starts": wall.isoformat(),
        "time_zone": session.time_zone,
        "starts_at": session.starts_at.isoformat(),
    }


def write(session: CoachingSession, *, raises_version: bool = True) -> None:
    """Write what changes in a session's life; the row is locked or new."""
    session.version += 1 if raises_version else 0
    fields = ["state", "mode", "where", "wall_starts", "fold", "starts_at", "ends_at", "version"]
    session.save(update_fields=fields)


def record(
    action: str, session: CoachingSession, *, facts: dict[str, Any] | None = None, by: Person | None, at: dt.datetime
) -> None:
    """Audit a change of the session; `facts` are by default when it stands now."""
    audit.record(
        action=action,
        subject_kind="session",
        subject_id=session.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts={"version": session.version, **(facts if facts is not None else times(session))},
        by=by,
        at=at,
    )


def next_position(
    cohort: Cohort,
    kind: str,
    *,
    group: CoachingGroup | None,
    enrolment: Enrolment | None,
) -> int:
    """One more than the last of its series: of the group, of the coachee, or of its kind in the cohort."""
    series = CoachingSession.objects.filter(cohort=cohort, kind=kind, group=group, enrolment=enrolment)
    return int(series.aggregate(last=Max("position"))["last"] or 0) + 1


def _foreign(session: CoachingSession) -> bool:
    """Whether group, coachee or coach belong to another cohort, or a conflict of interest stands between them."""
    parts = (session.group, session.enrolment, session.engagement)
    if any(part is not None and part.cohort_id != session.cohort_id for part in parts):
        return True
    if session.enrolment is None or session.engagement is None:
        return False
    return not programme_rules.may_coach_person(session.engagement, session.enrolment)


def _span(session: CoachingSession) -> tuple[dt.datetime, dt.datetime]:
    if session.starts_at is None or session.ends_at is None:
        raise ValueError("a session without a date takes nobody's time")
    return session.starts_at, session.ends_at


def _cancelled_time(session: CoachingSession) -> tuple[dt.datetime, Fold] | None:
    """When the session stood before its last change cancelled it; the audit of that change knows."""
    made = AuditEntry.objects.filter(subject_kind="session", subject_id=session.pk, action="cancel_session")
    entry = made.order_by("-pk").first()
    if entry is None or entry.facts.get("version") != session.version:
        return None
    wall = dt.datetime.fromisoformat(entry.facts["wall_starts"])
    starts_at = dt.datetime.fromisoformat(entry.facts["starts_at"])
    try:
        cadence.instant(wall.date(), wall.time(), session.time_zone)
    except cadence.AmbiguousWallTime as twice:
        return wall, 0 if starts_at == twice.candidates[0] else 1
    return wall, None
