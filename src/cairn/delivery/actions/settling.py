"""A session's minutes follow from its state, who is in it and what is known of attendance."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from cairn.delivery.models import Apology, Attendance, CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.rules import Participants
from cairn.delivery.terms import Mark
from cairn.engines import hours
from cairn.ledger import actions as ledger_actions
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person
from cairn.programmes.models import Cohort
from cairn.programmes.terms import Kind

SOURCE = "session"


def policy_of(cohort: Cohort) -> hours.Policy:
    """What the cohort agreed about absence."""
    return hours.Policy(late_cancelled_uses=cohort.late_cancelled_uses_minutes, missed_uses=cohort.missed_uses_minutes)


def known_marks(session: CoachingSession) -> dict[int, str]:
    """Enrolment id → mark: those made, and for everybody else what their apologies mean."""
    apologies = Apology.objects.filter(session=session).values_list("enrolment_id", "in_time")
    meant = {who: str(Mark.EXCUSED if in_time else Mark.LATE_CANCELLED) for who, in_time in apologies}
    made = Attendance.objects.filter(session=session, enrolment__isnull=False).values_list("enrolment_id", "mark")
    return meant | dict(made)


def _coach_marks(session: CoachingSession) -> dict[int, str]:
    met = Attendance.objects.filter(session=session, engagement__isnull=False)
    return dict(met.values_list("engagement_id", "mark"))


def settle(session: CoachingSession, there: Participants, *, on: dt.date, by: Person | None, at: dt.datetime) -> None:
    """Bring both books to where this session stands now.

    `on` is the session's day on the wall of its own zone. Whoever stood in the books for this session and is no longer
    in it gets their minutes back. Raises ledger.actions.NotEnoughMinutes.
    """
    settle_each([(session, there, on)], by=by, at=at)


def settle_each(
    sessions: Sequence[tuple[CoachingSession, Participants, dt.date]], *, by: Person | None, at: dt.datetime
) -> None:
    """Settle several sessions at once: what one of them frees can be booked by another.

    Raises ledger.actions.NotEnoughMinutes.
    """
    standings = [
        _standing(session, there, on, known_marks(session), _coach_marks(session)) for session, there, on in sessions
    ]
    ledger_actions.settle_all(standings=standings, by=by, at=at)


def settle_new(
    sessions: Sequence[tuple[CoachingSession, Participants, dt.date]], *, by: Person | None, at: dt.datetime
) -> None:
    """Post many sessions of which no attendance is known yet, all or none. Raises ledger.actions.NotEnoughMinutes."""
    standings = [_standing(session, there, on, {}, {}) for session, there, on in sessions]
    ledger_actions.settle_all(standings=standings, by=by, at=at)


def _standing(
    session: CoachingSession,
    there: Participants,
    on: dt.date,
    marks: Mapping[int, str],
    coach_marks: Mapping[int, str],
) -> ledger_actions.Standing:
    facts = hours.SessionFacts(
        kind=session.kind,  # type: ignore[arg-type]
        minutes=session.minutes,
        state=session.state,  # type: ignore[arg-type]
        enrolments=frozenset(enrolment.pk for enrolment in there.enrolments) | marks.keys(),
        engagements=frozenset(engagement.pk for engagement in there.engagements) | coach_marks.keys(),
    )
    wanted = _movements(facts, marks, coach_marks, policy_of(session.cohort))
    kind = hours.entitlement_kind(facts.kind)
    unpaid = _unpaid(session, wanted.coach_time)
    return ledger_actions.Standing(
        source_kind=SOURCE,
        source_id=session.pk,
        on=on,
        entitlements={who: (kind, place) for who, place in wanted.entitlements.items()} if kind else {},
        coach_time={who: (session.kind, place) for who, place in wanted.coach_time.items() if who not in unpaid},
        description=words.title(session),
    )


def _unpaid(session: CoachingSession, coaches: Collection[int]) -> Collection[int]:
    """A celebration is paid to those coaches only who were commissioned for it; the others come as guests."""
    if session.kind != Kind.CELEBRATION:
        return ()
    return set(coaches) - ledger_queries.commissioned_for(coaches, Kind.CELEBRATION)


def _movements(
    facts: hours.SessionFacts, marks: Mapping[int, str], coach_marks: Mapping[int, str], policy: hours.Policy
) -> hours.Movements:
    wanted = hours.movements(facts, marks, coach_marks, policy)  # type: ignore[arg-type]
    if facts.state == "held" or facts.enrolments <= marks.keys():
        return wanted
    # Some have sent apologies and the others are still to come: the coach has not given the time yet.
    expected = hours.movements(facts, {}, coach_marks, policy)  # type: ignore[arg-type]
    return hours.Movements(entitlements=wanted.entitlements, coach_time=expected.coach_time)
