"""Who may do what with a session, and who is in it."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db.models import Q, QuerySet

from cairn.delivery.models import CoachingSession, SessionPlace
from cairn.delivery.terms import PlaceState
from cairn.journey import queries as journey_queries
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment
from cairn.programmes.terms import Kind

Part = Literal["coach", "coachee"]
JOIN_MINUTES = 15  # how long before it begins a session can be joined and its attendance marked


@dataclass(frozen=True)
class Participants:
    """Who is in a session: coachees by enrolment, coaches by engagement, each with its person loaded."""

    enrolments: tuple[Enrolment, ...] = ()
    engagements: tuple[CoachEngagement, ...] = ()

    @property
    def parts(self) -> Mapping[int, Part]:
        """Person id → what they are in the session. Whoever is both counts as coach."""
        parts: dict[int, Part] = {enrolment.person_id: "coachee" for enrolment in self.enrolments}
        return parts | {engagement.person_id: "coach" for engagement in self.engagements}

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody once, coaches first."""
        everybody = [engagement.person for engagement in self.engagements]
        everybody += [enrolment.person for enrolment in self.enrolments]
        return tuple({person.pk: person for person in everybody}.values())

    def without(self, enrolments: Collection[int | None]) -> "Participants":
        """The same without these coachees (ids of enrolments)."""
        if not enrolments:
            return self
        return replace(self, enrolments=tuple(each for each in self.enrolments if each.pk not in enrolments))


def may_run_session(person: Any, session: CoachingSession, at: dt.datetime) -> bool:
    """The coach of the session, or a coordinator of its cohort."""
    return may_coach_session(person, session, at) or programme_rules.may_run_cohort(person, session.cohort, at)


def may_coach_session(person: Any, session: CoachingSession, at: dt.datetime) -> bool:
    """The coach of the session. A meeting of all coaches is nobody's own."""
    return session.engagement is not None and programme_rules.may_coach_in(person, session.engagement, at)


def may_meet(person: Any, session: CoachingSession, at: dt.datetime) -> bool:
    """Any coach at work in the cohort, and whoever runs it: those who read what coaches bring to a meeting."""
    return coaches_beside(person, session, at) or programme_rules.may_run_cohort(person, session.cohort, at)


def coaches_beside(person: Any, session: CoachingSession, at: dt.datetime) -> bool:
    """Whether somebody is at work as a coach in the session's cohort."""
    return programme_queries.engagements_of(person, at).filter(cohort=session.cohort_id).exists()


def may_take_part_on(enrolment: Enrolment, on: dt.date) -> bool:
    """Whether somebody takes part on a day: until they leave, which may be recorded beforehand."""
    return enrolment.state in programme_rules.TAKING_PART if enrolment.left_on is None else enrolment.left_on > on


def may_be_forgiven(enrolment: Enrolment, on: dt.date) -> bool:
    """Whether minutes can still come back to somebody: not after they left, when what remained was released."""
    return enrolment.state in programme_rules.TAKING_PART and may_take_part_on(enrolment, on)


def taking_part_on(on: dt.date, prefix: str = "") -> Q:
    """The same as a condition on enrolments."""
    active = Q(**{f"{prefix}left_on": None, f"{prefix}state__in": programme_rules.TAKING_PART})
    return active | Q(**{f"{prefix}left_on__gt": on})


def may_sit_beside(person: Any, at: dt.datetime) -> bool:
    """A coach somewhere, and whoever walks beside somebody by that person's consent."""
    if people_rules.may_coach(person, at):
        return True
    return people_rules.may_enter(person, at) and journey_queries.accompanied_by(person).exists()


def participants(session: CoachingSession, on: dt.date) -> Participants:
    """Who is in the session when it takes place on this day, on the wall of its own zone.

    One-to-one: the coachee. Group: places that hold on the day, of people who still take part. Coach meeting: all
    coaches of the cohort but those who cannot come. Topic session and drop-in: the coach, and whoever has a place.
    Celebration: coaches as at their meetings, and whoever has a place.
    """
    if session.kind == Kind.COACH_MEETING:
        return Participants(engagements=tuple(coaches_coming(session, on)))
    if session.kind == Kind.CELEBRATION:
        return Participants(tuple(seated_in(session, on)), tuple(coaches_coming(session, on)))
    coach = (session.engagement,) if session.engagement is not None else ()
    if session.kind in (Kind.TOPIC, Kind.DROP_IN):
        return Participants(tuple(seated_in(session, on)), coach)
    if session.kind == Kind.GROUP and session.group is not None:
        return Participants(enrolments=tuple(members_of(session.group, on)), engagements=coach)
    if session.enrolment is not None and may_take_part_on(session.enrolment, on):
        return Participants(enrolments=(session.enrolment,), engagements=coach)
    return Participants(engagements=coach)


def members_of(group: CoachingGroup, on: dt.date) -> QuerySet[Enrolment]:
    """Who has a place in the group on this day and takes part."""
    holds = Q(places__to_on=None) | Q(places__to_on__gt=on)
    return (
        Enrolment.objects.filter(holds, taking_part_on(on), places__group=group, places__from_on__lte=on)
        .select_related("person")
        .order_by("pk")
    )


def seated_in(session: CoachingSession, on: dt.date) -> QuerySet[Enrolment]:
    """Who has a place in a session for the whole cohort and takes part on this day."""
    seated = SessionPlace.objects.filter(session=session, state=PlaceState.SEATED, enrolment__isnull=False)
    return (
        Enrolment.objects.filter(taking_part_on(on), pk__in=seated.values("enrolment"))
        .select_related("person")
        .order_by("pk")
    )


def coaches_coming(session: CoachingSession, on: dt.date) -> QuerySet[CoachEngagement]:
    """The coaches of the cohort but those who cannot come: they said so, or came to the cohort too late for it."""
    away = SessionPlace.objects.filter(session=session, state=PlaceState.AWAY, engagement__isnull=False)
    return coaches_of(session.cohort_id, on).exclude(pk__in=away.values("engagement"))


def coaches_of(cohort_id: int, on: dt.date) -> QuerySet[CoachEngagement]:
    """The coaches at work in a cohort on this day."""
    at_work = Q(state__in=programme_rules.AT_WORK) | Q(state=CoachEngagement.State.ENDED, ended_on__gt=on)
    return CoachEngagement.objects.filter(at_work, cohort=cohort_id).select_related("person").order_by("pk")


def usual_minutes(cohort: Cohort, kind: str) -> int:
    """How long a session of this kind is in this cohort."""
    return {
        Kind.ONE_TO_ONE: cohort.one_to_one_session_minutes,
        Kind.COACH_MEETING: cohort.meeting_minutes,
        Kind.FAMILIARISATION: cohort.familiarisation_minutes,
    }.get(Kind(kind), cohort.group_session_minutes)


def join_opens_at(session: CoachingSession) -> dt.datetime | None:
    """From when on a session can be joined and marked."""
    return session.starts_at - dt.timedelta(minutes=JOIN_MINUTES) if session.starts_at else None
