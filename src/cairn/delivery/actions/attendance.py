"""Who came, and who said that they could not. Marks are corrected by marking again; every mark stays in the history."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, notices, one_to_ones, problems, reminders, settling
from cairn.delivery.models import Apology, Attendance, AttendanceChange, CoachingSession
from cairn.delivery.terms import FOR_THE_COHORT, OF_ALL_COACHES, Mark, SessionState
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind


@transaction.atomic
def record_attendance(
    *, session: CoachingSession, marks: Mapping[int, str], by: Person, at: dt.datetime
) -> CoachingSession:
    """Mark coachees of a session (enrolment id → `terms.Mark`); marking some now and others later is fine.

    From 15 minutes before it begins. The first mark makes the session held; apologies of people who are not marked
    become their marks then. Marking again corrects and keeps the history; marking the same twice posts nothing.
    Raises StrangerMarked, TooEarly, NotPossibleNow, ledger NotEnoughMinutes.
    """
    if session.kind == Kind.ONE_TO_ONE:
        one_to_ones.lock(_only(session), also=session.pk)
    current = booking.hold(session, by=by, at=at)
    _must_be_markable(current, at)
    on = booking.wall_day(current)
    there = rules.participants(current, on)
    standing = {row.enrolment_id: row for row in _marks(current) if row.enrolment_id}
    if not marks.keys() <= {enrolment.pk for enrolment in there.enrolments} | standing.keys():
        raise problems.StrangerMarked
    changed = mark_all(current, marks, standing, "enrolment_id", by=by, at=at)
    if changed:
        changed |= apologies_become_marks(current, standing.keys() | marks.keys(), at=at)
        _finish(current, there, changed, on=on, by=by, at=at)
    return current


@transaction.atomic
def record_meeting_attendance(
    *, session: CoachingSession, marks: Mapping[int, str], by: Person, at: dt.datetime
) -> CoachingSession:
    """Mark coaches at a meeting of all of them (engagement id → `terms.Mark`). Coaches mark themselves, coordinators
    anybody.

    Raises StrangerMarked, TooEarly, NotPossibleNow, ledger NotEnoughMinutes.
    """
    current = _held_meeting(session)
    on = booking.wall_day(current) if current.wall_starts else dt.date.min
    there = rules.participants(current, on)
    coaches = list(rules.coaches_of(current.cohort_id, on))  # also who had said no and came after all
    own = {each.pk for each in coaches if programme_rules.may_coach_in(by, each, at)}
    runs = programme_rules.may_run_cohort(by, current.cohort, at)
    if not (runs or (own and marks.keys() <= own)):
        raise problems.NotAllowed
    _must_be_markable(current, at)
    standing = {row.engagement_id: row for row in _marks(current) if row.engagement_id}
    if not marks.keys() <= {each.pk for each in coaches} | standing.keys():
        raise problems.StrangerMarked
    changed = mark_all(current, marks, standing, "engagement_id", by=by, at=at)
    if changed:
        _finish(current, there, changed, on=on, by=by, at=at)
    return current


@transaction.atomic
def send_apologies(*, session: CoachingSession, by: Person, at: dt.datetime) -> Apology:
    """A coachee says that they cannot come; nobody is asked why. The coach is told.

    In time (the cohort's `apologies_hours` before it begins) their minutes come back; later it is a late cancellation,
    and whether that uses minutes is the cohort's agreement. Saying it twice changes nothing. Raises TooLate.
    """
    current, enrolment = _own_session(session, by)
    _must_not_have_begun(current, at)
    found = Apology.objects.filter(session=current, enrolment=enrolment).first()
    if found is not None:
        return found
    ahead = dt.timedelta(hours=current.cohort.apologies_hours)
    in_time = current.starts_at is not None and at + ahead <= current.starts_at
    apology = Apology.objects.create(session=current, enrolment=enrolment, in_time=in_time, at=at)
    reminders.drop(current)
    _settle_and_tell(current, enrolment, "apologies_sent", by=by, at=at)
    return apology


@transaction.atomic
def withdraw_apologies(*, session: CoachingSession, by: Person, at: dt.datetime) -> None:
    """A coachee can come after all. Raises TooLate, NotPossibleNow, ledger NotEnoughMinutes."""
    current, enrolment = _own_session(session, by)
    _must_not_have_begun(current, at)
    deleted, _rows = Apology.objects.filter(session=current, enrolment=enrolment).delete()
    if not deleted:
        raise problems.NotPossibleNow(_("You had not sent apologies for this session."))
    _settle_and_tell(current, enrolment, "apologies_withdrawn", by=by, at=at)


def _only(session: CoachingSession) -> list[Enrolment]:
    return list(Enrolment.objects.filter(pk=session.enrolment_id or 0))


def _held_meeting(session: CoachingSession) -> CoachingSession:
    meetings = CoachingSession.objects.select_for_update(of=("self",)).select_related(*booking.LOADED)
    current = meetings.filter(pk=session.pk, kind__in=OF_ALL_COACHES).first()
    if current is None:
        raise NotFound
    return current


def _must_be_markable(session: CoachingSession, at: dt.datetime) -> None:
    if session.state not in (SessionState.BOOKED, SessionState.HELD) or session.wall_starts is None:
        raise problems.NotPossibleNow(_("This session has no date now, so there is no attendance to mark."))
    opens_at = rules.join_opens_at(session)
    if opens_at is not None and at < opens_at:
        raise problems.TooEarly(session, rules.JOIN_MINUTES)


def _marks(session: CoachingSession) -> list[Attendance]:
    return list(Attendance.objects.select_for_update().filter(session=session).order_by("pk"))


def mark_all(
    session: CoachingSession,
    marks: Mapping[int, str],
    standing: Mapping[int, Attendance],
    whose: Literal["enrolment_id", "engagement_id"],
    *,
    by: Person,
    at: dt.datetime,
) -> dict[int, str]:
    """Write marks and their history; those that stood already are passed over. Returns what changed."""
    said = {who: Mark(mark).value for who, mark in marks.items()}
    changed = {who: mark for who, mark in said.items() if who not in standing or standing[who].mark != mark}
    new = [
        Attendance(session=session, mark=mark, marked_by=by, marked_at=at, **{whose: who})
        for who, mark in changed.items()
        if who not in standing
    ]
    corrected = [standing[who] for who in changed if who in standing]
    for row in corrected:
        mark = changed[getattr(row, whose)]
        Attendance.objects.filter(pk=row.pk).update(mark=mark, marked_by=by, marked_at=at)
    AttendanceChange.objects.bulk_create(
        AttendanceChange(attendance=row, mark=changed[getattr(row, whose)], by=by, at=at)
        for row in [*Attendance.objects.bulk_create(new), *corrected]
    )
    return changed


def apologies_become_marks(session: CoachingSession, marked: set[int], *, at: dt.datetime) -> dict[int, str]:
    """What people said beforehand stands as their mark, said by themselves."""
    became: dict[int, str] = {}
    apologies = Apology.objects.filter(session=session).exclude(enrolment__in=marked)
    for apology in apologies.select_related("enrolment__person"):
        mark = Mark.EXCUSED if apology.in_time else Mark.LATE_CANCELLED
        said = {apology.enrolment_id: mark.value}
        became |= mark_all(session, said, {}, "enrolment_id", by=apology.enrolment.person, at=apology.at)
    return became


def _finish(
    session: CoachingSession,
    there: rules.Participants,
    changed: Mapping[int, str],
    *,
    on: dt.date,
    by: Person,
    at: dt.datetime,
) -> None:
    if session.state != SessionState.HELD:
        session.state = SessionState.HELD
        session.version += 1
        session.save(update_fields=["state", "version"])
    settling.settle(session, there, on=on, by=by, at=at)
    if session.kind == Kind.ONE_TO_ONE and session.enrolment is not None:
        owner = Enrolment.objects.select_related("cohort__programme").get(pk=session.enrolment.pk)
        one_to_ones.balance([owner], by=by, at=at)
    audit.record(
        action="record_attendance",
        subject_kind="session",
        subject_id=session.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts={"version": session.version, "marks": {str(who): mark for who, mark in changed.items()}},
        by=by,
        at=at,
    )


def _own_session(session: CoachingSession, by: Person) -> tuple[CoachingSession, Enrolment]:
    """The session as it stands, locked, and the enrolment with which this coachee is in it; else NotFound."""
    sessions = CoachingSession.objects.select_for_update(of=("self",)).select_related(*booking.LOADED)
    current = sessions.get(pk=session.pk)
    if current.state not in (SessionState.BOOKED, SessionState.HELD) or current.wall_starts is None:
        raise NotFound
    if current.kind in FOR_THE_COHORT:
        raise problems.NotPossibleNow(_("Give your place back instead, so that somebody who waits can have it."))
    there = rules.participants(current, booking.wall_day(current))
    mine = [each for each in there.enrolments if each.person_id == by.pk and each.state in programme_rules.TAKING_PART]
    if not mine:
        raise NotFound
    return current, mine[0]


def _must_not_have_begun(session: CoachingSession, at: dt.datetime) -> None:
    if session.state == SessionState.HELD or (session.starts_at is not None and session.starts_at <= at):
        raise problems.TooLate


def _settle_and_tell(
    session: CoachingSession, enrolment: Enrolment, event: str, *, by: Person, at: dt.datetime
) -> None:
    on = booking.wall_day(session)
    settling.settle(session, rules.participants(session, on), on=on, by=by, at=at)
    audit.record(
        action=event,
        subject_kind="session",
        subject_id=session.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts={"version": session.version, "enrolment": enrolment.pk},
        by=by,
        at=at,
    )
    times = AuditEntry.objects.filter(action=event, subject_kind="session", subject_id=session.pk).count()
    notices.tell_coach_of_apologies(session, by, event, number=times, at=at)
