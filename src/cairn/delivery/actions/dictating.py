"""A one-to-one that was agreed in writing: dated as it was agreed, also when that is longer or shorter than planned."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cairn.delivery.actions import booking, one_to_ones, problems
from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes.terms import Kind

DATED = "date_one_to_one"


@transaction.atomic
def date_one_to_one(
    *,
    session: CoachingSession,
    minutes: int,
    wall_starts: dt.datetime,
    mode: str,
    where: str | None,
    expected_version: int,
    fold: booking.Fold = None,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Date an undated one-to-one with a length of its own, in whole minutes.

    The promise stays: what is left afterwards is split into sessions anew. Raises what `date_session` raises, also
    ledger NotEnoughMinutes where less is left than this takes.
    """
    one_to_ones.lock_for(session)
    current = booking.hold(session, by=by, at=at, expected_version=expected_version)
    if current.kind != Kind.ONE_TO_ONE or current.state != SessionState.UNDATED:
        raise problems.NotPossibleNow(_("Only a one-to-one session without a date can be dated like this."))
    was = current.minutes
    if minutes < 1:
        raise problems.NotPossibleNow(_("A session takes at least a minute."))
    CoachingSession.objects.filter(pk=current.pk).update(minutes=minutes)
    made = booking.date_session(
        session=current,
        wall_starts=wall_starts,
        mode=mode,
        where=where,
        expected_version=expected_version,
        fold=fold,
        by=by,
        at=at,
    )
    booking.record(DATED, made, facts={"minutes": minutes, "minutes_were": was}, by=by, at=at)
    if minutes != was and made.enrolment is not None:
        one_to_ones.balance([made.enrolment], by=by, at=at)
    return made


@transaction.atomic
def undate_one_to_one(*, session: CoachingSession, expected_version: int, by: Person, at: dt.datetime) -> None:
    """Take `date_one_to_one` back: without a date again, as long as it was planned, the rest split as before.

    Whoever was told of the date is told that it is off. Raises what `cancel_session` raises.
    """
    one_to_ones.lock_for(session)
    current = booking.hold(session, by=by, at=at, expected_version=expected_version)
    made = (
        AuditEntry.objects.filter(subject_kind="session", subject_id=current.pk, action=DATED).order_by("-pk").first()
    )
    if made is None or made.facts.get("version") != current.version or current.enrolment is None:
        raise problems.NotPossibleNow(_("There is nothing to take back."))
    booking.cancel_session(session=current, expected_version=expected_version, by=by, at=at)
    was = made.facts["minutes_were"]
    if was != current.minutes:
        CoachingSession.objects.filter(pk=current.pk).update(minutes=was)
        _drop_odd_ones(current)
        one_to_ones.balance([current.enrolment], by=by, at=at)


def _drop_odd_ones(session: CoachingSession) -> None:
    """Undated sessions of an unusual length go; the balance makes those anew that the promise wants."""
    waiting = CoachingSession.objects.filter(
        enrolment=session.enrolment_id, kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED
    )
    odd = waiting.exclude(pk=session.pk).exclude(minutes=session.cohort.one_to_one_session_minutes)
    odd.update(state=SessionState.CANCELLED, version=F("version") + 1)
