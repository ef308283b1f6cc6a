"""One-to-one sessions wait undated, as many as the promise still holds, for coach and coachee to date them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cairn.delivery.actions import occupancy, problems
from cairn.delivery.models import Apology, CoachingSession, Hold, SlotWatch
from cairn.delivery.terms import SessionState
from cairn.engines import cadence
from cairn.foundation import audit
from cairn.ledger.models import Entitlement
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment
from cairn.programmes.terms import Kind

OPEN = (SessionState.UNDATED, SessionState.BOOKED)


@transaction.atomic
def prepare_one_to_ones(
    *, cohort: Cohort | None = None, enrolments: Iterable[Enrolment] | None = None, by: Person, at: dt.datetime
) -> int:
    """Let every coachee with a coach have as many undated one-to-one sessions as their promise still holds.

    Doing it again changes nothing. Sessions follow their coachee to a new coach. Returns how many sessions were made.
    """
    chosen = Enrolment.objects.filter(engagement__isnull=False).select_related("cohort__programme", "engagement")
    if enrolments is None:
        chosen = chosen.filter(cohort=cohort, state__in=programme_rules.TAKING_PART)
    else:
        chosen = chosen.filter(pk__in=[enrolment.pk for enrolment in enrolments])
    concerned = list(chosen.order_by("pk"))
    for run in {enrolment.cohort_id: enrolment.cohort for enrolment in concerned}.values():
        if not programme_rules.may_run_cohort(by, run, at):
            raise problems.NotAllowed
    return balance(concerned, by=by, at=at)


@transaction.atomic
def prepare_familiarisation(*, cohort: Cohort, by: Person, at: dt.datetime) -> int:
    """Let each coach at work who needs familiarisation have one such session, undated. Returns how many were made."""
    if not programme_rules.may_run_cohort(by, cohort, at):
        raise problems.NotAllowed
    existing = CoachingSession.objects.filter(engagement=OuterRef("pk"), kind=Kind.FAMILIARISATION)
    wanting = CoachEngagement.objects.filter(
        ~Exists(existing), cohort=cohort, state__in=programme_rules.AT_WORK, needs_familiarisation=True
    ).order_by("pk")
    occupancy.lock(list(wanting.values_list("person_id", flat=True)))
    made = [
        CoachingSession(
            cohort=cohort,
            kind=Kind.FAMILIARISATION,
            engagement=engagement,
            position=1,
            minutes=cohort.familiarisation_minutes,
            time_zone=cohort.time_zone,
        )
        for engagement in wanting.all()
        if cohort.familiarisation_minutes
    ]
    CoachingSession.objects.bulk_create(made)
    _record("prepare_familiarisation", cohort, len(made), by=by, at=at)
    return len(made)


def prepare_sessions(*, cohort: Cohort, by: Person, at: dt.datetime) -> tuple[int, int]:
    """Both at once: one-to-one sessions and familiarisation, undated. Returns how many of each were made."""
    with transaction.atomic():
        one_to_ones = prepare_one_to_ones(cohort=cohort, by=by, at=at)
        return one_to_ones, prepare_familiarisation(cohort=cohort, by=by, at=at)


def balance(enrolments: Sequence[Enrolment], *, by: Person | None, at: dt.datetime) -> int:
    """Make the undated sessions of these people add up to the minutes they have left. Call inside a transaction.

    Adds what is missing and cancels what is too much; somebody who left, or has no coach, keeps none.
    Returns how many sessions were added.
    """
    lock(enrolments)
    accounts = Entitlement.objects.filter(enrolment__in=enrolments, kind=Kind.ONE_TO_ONE)
    left = {account.enrolment_id: account.left for account in accounts}
    sessions = _sessions(enrolments)
    made: list[CoachingSession] = []
    gone: list[int] = []
    for enrolment in enrolments:
        own = sessions[enrolment.pk]
        waiting = [session for session in own if session.state == SessionState.UNDATED]
        promised = _still_to_date(enrolment, left.get(enrolment.pk, 0), own)
        while waiting and sum(session.minutes for session in waiting) > promised:
            gone.append(waiting.pop().pk)
        missing = promised - sum(session.minutes for session in waiting)
        made += _new(enrolment, missing, own)
    CoachingSession.objects.filter(pk__in=gone).update(state=SessionState.CANCELLED, version=F("version") + 1)
    CoachingSession.objects.bulk_create(made)
    _follow_coaches(enrolments)
    if made or gone:
        for cohort in {enrolment.cohort_id: enrolment.cohort for enrolment in enrolments}.values():
            added = sum(1 for session in made if session.cohort_id == cohort.pk)
            _record("prepare_one_to_ones", cohort, added, by=by, at=at)
    return len(made)


def lock(enrolments: Sequence[Enrolment], *, also: int | None = None, people: Iterable[int] = ()) -> None:
    """Lock the undated sessions of these people (and the session with the id `also`), then them and `people`.

    Sessions before people before accounts: every action keeps to this order, so that none waits in a circle.
    """
    waiting = Q(enrolment__in=enrolments, kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED) | Q(pk=also or 0)
    list(CoachingSession.objects.select_for_update().filter(waiting).order_by("pk").values_list("pk", flat=True))
    occupancy.lock({*people, *(enrolment.person_id for enrolment in enrolments)})


def lock_for(session: CoachingSession) -> None:
    """The same for one one-to-one session, with its coach; nothing for a session of another kind."""
    found = CoachingSession.objects.select_related("enrolment", "engagement").get(pk=session.pk)
    if found.enrolment is not None and found.engagement is not None:
        lock([found.enrolment], also=found.pk, people=[found.engagement.person_id])


def _sessions(enrolments: Sequence[Enrolment]) -> dict[int, list[CoachingSession]]:
    """Every one-to-one session of these people in order; `apologised` when a date stands that uses no minutes."""
    meant = Apology.objects.filter(session=OuterRef("pk"))
    free = Q(in_time=True) | Q(session__cohort__late_cancelled_uses_minutes=False)
    found: dict[int, list[CoachingSession]] = defaultdict(list)
    rows = CoachingSession.objects.filter(enrolment__in=enrolments, kind=Kind.ONE_TO_ONE)
    for session in rows.annotate(apologised=Exists(meant.filter(free))).order_by("position", "pk"):
        found[session.enrolment_id or 0].append(session)
    return found


def _still_to_date(enrolment: Enrolment, left: int, own: Sequence[CoachingSession]) -> int:
    """Minutes for which undated sessions should wait. A date with apologies may yet be moved, so it keeps its own."""
    if enrolment.engagement_id is None or enrolment.state not in programme_rules.TAKING_PART:
        return 0
    kept = sum(s.minutes for s in own if s.state == SessionState.BOOKED and getattr(s, "apologised", False))
    return max(left - kept, 0)


def _new(enrolment: Enrolment, minutes: int, own: Sequence[CoachingSession]) -> list[CoachingSession]:
    cohort = enrolment.cohort
    last = max((session.position for session in own), default=0)
    return [
        CoachingSession(
            cohort=cohort,
            kind=Kind.ONE_TO_ONE,
            engagement_id=enrolment.engagement_id,
            enrolment=enrolment,
            position=position,
            minutes=length,
            time_zone=cohort.time_zone,
        )
        for position, length in enumerate(
            cadence.split_minutes(max(minutes, 0), cohort.one_to_one_session_minutes), start=last + 1
        )
    ]


def _follow_coaches(enrolments: Sequence[Enrolment]) -> None:
    """Sessions go to the coach their coachee has now; times of the former one are neither held nor watched."""
    coach = Enrolment.objects.filter(pk=OuterRef("enrolment"), engagement__isnull=False).values("engagement")
    waiting = CoachingSession.objects.filter(enrolment__in=enrolments, state=SessionState.UNDATED)
    moving = waiting.exclude(engagement=F("enrolment__engagement"))
    of_the_former = list(moving.values_list("pk", flat=True))
    Hold.objects.filter(session__in=of_the_former).delete()
    SlotWatch.objects.filter(session__in=of_the_former).delete()
    moving.update(engagement=Coalesce(Subquery(coach), F("engagement")), version=F("version") + 1)


def _record(action: str, cohort: Cohort, made: int, *, by: Person | None, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="cohort",
        subject_id=cohort.pk,
        organisation_id=cohort.programme.organisation_id,
        facts={"made": made},
        by=by,
        at=at,
    )
