"""A coach forgives a late cancellation, so that it costs its coachee nothing; and may take that back."""

import datetime as dt
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import attendance, booking, one_to_ones, problems, settling
from cairn.delivery.models import Apology, Attendance, CoachingSession
from cairn.delivery.queries import mail_words
from cairn.delivery.terms import Mark, SessionState
from cairn.foundation import mail
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind

Event = Literal["forgive_late", "count_late"]


@transaction.atomic
def forgive_late(*, session: CoachingSession, enrolment_id: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Count a late cancellation as excused: the minutes come back, another session waits, the coachee gets one mail.

    The coach is then not paid for it, as for anybody excused. For the coach of the session, and coordinators.
    Raises NotFound, NotAllowed, NotPossibleNow, ledger NotEnoughMinutes.
    """
    return _change(session, enrolment_id, "forgive_late", by=by, at=at)


@transaction.atomic
def count_late(*, session: CoachingSession, enrolment_id: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Undo `forgive_late`. Raises what that raises; NotEnoughMinutes when the minutes are booked again meanwhile."""
    return _change(session, enrolment_id, "count_late", by=by, at=at)


def write_up_late(*, at: dt.datetime) -> int:
    """Sessions that were cancelled late get their mark once their time has come. Returns how many. Twice marks once."""
    due = CoachingSession.objects.filter(
        kind=Kind.ONE_TO_ONE, state=SessionState.CANCELLED, starts_at__lte=at, apologies__isnull=False, attendance=None
    )
    return sum(_write_up(session_id, at) for session_id in list(due.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _write_up(session_id: int, at: dt.datetime) -> int:
    session = CoachingSession.objects.select_for_update().get(pk=session_id)
    if session.state != SessionState.CANCELLED or Attendance.objects.filter(session=session).exists():
        return 0
    return len(attendance.apologies_become_marks(session, set(), at=at))


def _change(
    session: CoachingSession, enrolment_id: int, event: Event, *, by: Person, at: dt.datetime
) -> CoachingSession:
    one_to_ones.lock_for(session)
    current = booking.hold(session, by=by, at=at)
    who = Enrolment.objects.select_related("person", "cohort__programme").filter(pk=enrolment_id).first()
    if who is None:
        raise NotFound
    if not rules.may_be_forgiven(who, at.astimezone(current.zone).date()):
        raise problems.NotPossibleNow(_("Your coachee has left the cohort, so what they used stays as it is."))
    if event == "count_late" and not _was_forgiven(current, who):
        raise _nothing(event)
    standing = Attendance.objects.select_for_update().filter(session=current, enrolment=who).first()
    if standing is not None:
        _mark_again(current, standing, event, by=by, at=at)
    else:
        _turn(current, who, event, at=at)
    on = booking.wall_day(current)
    settling.settle(current, rules.participants(current, on), on=on, by=by, at=at)
    if current.kind == Kind.ONE_TO_ONE:
        one_to_ones.balance([who], by=by, at=at)
    booking.record(event, current, facts={"enrolment": who.pk}, by=by, at=at)
    _tell(current, who, event, at=at)
    return current


def _mark_again(session: CoachingSession, standing: Attendance, event: Event, *, by: Person, at: dt.datetime) -> None:
    """It was written up already: the mark is corrected, and its history kept."""
    was, becomes = Mark.LATE_CANCELLED, Mark.EXCUSED
    if event == "count_late":
        was, becomes = becomes, was
    if standing.mark != was or standing.enrolment_id is None:
        raise _nothing(event)
    attendance.mark_all(
        session, {standing.enrolment_id: becomes}, {standing.enrolment_id: standing}, "enrolment_id", by=by, at=at
    )


def _turn(session: CoachingSession, who: Enrolment, event: Event, *, at: dt.datetime) -> None:
    """Late apologies, or a session cancelled late, become as if they had come in time, or the other way round."""
    apologies = Apology.objects.select_for_update().filter(session=session, enrolment=who)
    apology = apologies.filter(in_time=event == "count_late").first()
    if apology is None or session.wall_starts is None or not _was_late(session, apology):
        raise _nothing(event)
    Apology.objects.filter(pk=apology.pk).update(in_time=event == "forgive_late")


def _was_late(session: CoachingSession, apology: Apology) -> bool:
    ahead = dt.timedelta(hours=session.cohort.apologies_hours)
    return session.starts_at is not None and apology.at + ahead > session.starts_at


def _was_forgiven(session: CoachingSession, who: Enrolment) -> bool:
    """Whether somebody forgave it last; an excuse that was marked, or came in time, is none."""
    events = AuditEntry.objects.filter(subject_kind="session", subject_id=session.pk, facts__enrolment=who.pk)
    last = events.filter(action__in=("forgive_late", "count_late")).order_by("-pk").first()
    return last is not None and last.action == "forgive_late"


def _nothing(event: Event) -> problems.NotPossibleNow:
    if event == "forgive_late":
        return problems.NotPossibleNow(_("There is no late cancellation here to forgive."))
    return problems.NotPossibleNow(_("Nothing was forgiven here, so there is nothing to take back."))


def _tell(session: CoachingSession, who: Enrolment, event: Event, *, at: dt.datetime) -> None:
    """One mail to the coachee; none at all where a forgiving is taken back before its mail went out."""
    made = AuditEntry.objects.filter(subject_kind="session", subject_id=session.pk)
    number = made.filter(action="forgive_late", facts__enrolment=who.pk).count()
    forgiven = f"session:{session.pk}:forgive_late:{number}:{who.pk}:"
    if event == "count_late" and mail.withdraw(forgiven):
        return
    mail.post(
        key=forgiven if event == "forgive_late" else f"session:{session.pk}:count_late:{who.pk}:{number}",
        to=who.person,
        template=f"mail/late_{'forgiven' if event == 'forgive_late' else 'counted'}.txt",
        context={
            **mail_words.about(session, who.person, "coachee"),
            "minutes": session.minutes,
            "is_alone": session.kind == Kind.ONE_TO_ONE,
        },
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )
