"""What it means when people change group and coach, before a coordinator approves it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cairn.delivery.models import Attendance, CoachingSession, PersonTime
from cairn.delivery.queries import words
from cairn.delivery.queries.grouping import Lack, lacking
from cairn.delivery.terms import SessionState
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Cohort, Enrolment, GroupPlace, MoveRequest
from cairn.programmes.queries import moving as asking
from cairn.programmes.queries.grouping import places_on
from cairn.programmes.queries.move_ways import Change
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class Effect:
    """What changes for one person: one-to-one dates that end, group sessions ahead in the new group, and clashes."""

    change: Change
    undated: tuple[str, ...]
    joins: int
    clashes: tuple[str, ...]


@dataclass(frozen=True)
class MoveEffects:
    """What approving a way does. `told` are names; `lacks` is what coaches would need beyond what they are given."""

    people: tuple[Effect, ...]
    told: tuple[str, ...]
    lacks: tuple[Lack, ...]


def move_to_answer(reader: Person, request_id: int, at: dt.datetime) -> MoveRequest:
    """One request in a cohort that the reader coordinates, with everything from which ways are found. One query.

    Adds `next_on`, the day of the next session of the group in which the person sits.
    """
    seats = GroupPlace.objects.filter(
        places_on(at.date()), enrolment=OuterRef(OuterRef("enrolment")), from_on__lte=at.date()
    )
    coming = CoachingSession.objects.filter(
        group__in=seats.values("group"), state=SessionState.BOOKED, ends_at__gt=at
    ).order_by("starts_at")
    found = asking.moves(reader, at).annotate(next_on=Subquery(coming.values("wall_starts__date")[:1]))
    return asking.found_move(found, request_id)


def first_day_of_move(request: MoveRequest, at: dt.datetime) -> dt.date:
    """From when a request of `move_to_answer` is best met: after the group's next session, or tomorrow."""
    cohort = request.enrolment.cohort
    tomorrow = at.astimezone(cohort.zone).date() + dt.timedelta(days=1)
    after = max(request.next_on + dt.timedelta(days=1), tomorrow) if request.next_on else tomorrow  # type: ignore[attr-defined]
    return after if after <= cohort.ends_on else tomorrow


def move_effects(request: MoveRequest, changes: Sequence[Change], on: dt.date, at: dt.datetime) -> MoveEffects:
    """What these changes would do from a day on, for a request that the reader was given."""
    cohort = request.enrolment.cohort
    who = {each.enrolment_id: each for each in changes}
    dated = list(with_former_coach(changes, on, at))
    joining = list(_sessions_of_groups({each.to_group_id for each in changes if each.to_group_id}, on, at))
    freed: dict[int, int] = {}
    for session in dated:
        freed[session.enrolment_id or 0] = freed.get(session.enrolment_id or 0, 0) + session.minutes
    clashes = _clashes(who, joining, dated, on)
    names = {name for each in changes for name in (each.name, each.from_coach, each.to_coach) if name}
    return MoveEffects(
        people=tuple(
            Effect(
                change=each,
                undated=tuple(
                    f"{words.title(session)}, {words.when_words(session)}"
                    for session in dated
                    if session.enrolment_id == each.enrolment_id
                ),
                joins=sum(1 for session in joining if session.group_id == each.to_group_id),
                clashes=tuple(clashes.get(each.enrolment_id, ())),
            )
            for each in changes
        ),
        told=tuple(sorted(names)),
        lacks=tuple(lacking_more(cohort, changes, on, freed=freed)),
    )


def with_former_coach(changes: Sequence[Change], on: dt.date, at: dt.datetime) -> QuerySet[CoachingSession]:
    """One-to-one dates from a day on of those whose coach changes, to come, with nobody marked."""
    moving = [each.enrolment_id for each in changes if each.to_engagement_id != each.from_engagement_id]
    marked = Attendance.objects.filter(enrolment__in=moving).values("session")
    found = CoachingSession.objects.filter(
        enrolment__in=moving,
        kind=Kind.ONE_TO_ONE,
        state=SessionState.BOOKED,
        starts_at__gt=at,
        wall_starts__gte=_begins(on),
    )
    return (
        found.exclude(pk__in=marked)
        .select_related("cohort__programme", "engagement__person", "enrolment__person", "group")
        .order_by("starts_at", "pk")
    )


def lacking_more(
    cohort: Cohort, changes: Sequence[Change], on: dt.date, *, freed: Mapping[int, int] | None = None
) -> list[Lack]:
    """What these changes make commissions lack beyond what they lack already."""
    now = as_they_are(cohort, on)
    then = now | {each.enrolment_id: (each.to_engagement_id, each.to_number) for each in changes}
    receiving = {each.to_engagement_id for each in changes}
    return beyond(
        [each for each in lacking(cohort, then, freed=freed) if each.engagement_id in receiving], lacking(cohort, now)
    )


def as_they_are(cohort: Cohort, on: dt.date) -> dict[int, tuple[int, int | None]]:
    """Enrolment id → (engagement id, group number on a day) of those who take part and have a coach."""
    people = Enrolment.objects.filter(cohort=cohort, state__in=programme_rules.TAKING_PART, engagement__isnull=False)
    places = GroupPlace.objects.filter(places_on(on), group__cohort=cohort, from_on__lte=on)
    seats = dict(places.values_list("enrolment_id", "group__number"))
    return {who: (held, seats.get(who)) for who, held in people.values_list("pk", "engagement_id")}


def beyond(then: Sequence[Lack], before: Sequence[Lack]) -> list[Lack]:
    """What is lacking now that was not before."""
    was = {(each.engagement_id, each.kind): each.minutes for each in before}
    more = [(each, each.minutes - was.get((each.engagement_id, each.kind), 0)) for each in then]
    return [
        Lack(each.engagement_id, each.coach, each.kind, minutes, each.commissioned)
        for each, minutes in more
        if minutes > 0
    ]


def _sessions_of_groups(groups: Collection[int], on: dt.date, at: dt.datetime) -> QuerySet[CoachingSession]:
    found = CoachingSession.objects.filter(
        group__in=groups, state=SessionState.BOOKED, starts_at__gt=at, wall_starts__gte=_begins(on)
    )
    return found.select_related("group", "cohort").order_by("starts_at", "pk")


def _clashes(
    who: Mapping[int, Change], joining: Sequence[CoachingSession], dated: Sequence[CoachingSession], on: dt.date
) -> dict[int, list[str]]:
    """Group sessions that somebody would join and cannot come to, because they are in another session then."""
    people = dict(Enrolment.objects.filter(pk__in=who).values_list("pk", "person_id"))
    given_back = Q(session__in=[each.pk for each in dated]) | Q(
        session__group__isnull=False, session__cohort__in={each.cohort_id for each in joining}
    )
    taken = PersonTime.objects.filter(person__in=people.values(), during__endswith__gt=_begins(on)).exclude(given_back)
    busy = [(person, during.lower, during.upper) for person, during in taken.values_list("person_id", "during")]
    found: dict[int, list[str]] = {}
    for session in joining:
        for enrolment, change in who.items():
            if session.group_id != change.to_group_id or session.starts_at is None or session.ends_at is None:
                continue
            if any(p == people[enrolment] and a < session.ends_at and session.starts_at < b for p, a, b in busy):
                found.setdefault(enrolment, []).append(f"{words.title(session)}, {words.when_words(session)}")
    return found


def _begins(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(), tzinfo=dt.UTC)
