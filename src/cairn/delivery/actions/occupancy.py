"""Nobody is in two sessions at once. Every path that gives a session a time takes people's time here.

Two nets: the rows of all people concerned are locked in the order of their ids, so that two bookings for one person
wait for each other and never in a circle; behind that stands the exclusion constraint `nobody_is_double_booked`.
The lock is FOR NO KEY UPDATE: bookings shut each other out, while rows that merely refer to a person can be written.

A time that a coachee holds while they confirm is taken as well, for everybody but them. Holds that have run out are
deleted here, under the lock. Where time becomes free, those who watch for it are told by a job.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from cairn.delivery.actions import problems, reminders
from cairn.delivery.models import CoachingSession, Hold, PersonTime, SlotWatch
from cairn.delivery.queries import free
from cairn.delivery.rules import Part
from cairn.foundation import queue
from cairn.people.models import Person

LONGEST = dt.timedelta(days=1)  # no session is longer, so no watched time that began earlier is still in question


def lock(people: Collection[int]) -> None:
    """Wait until no other booking of these people is under way. Ends with the transaction."""
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    list(locked.values_list("pk", flat=True))


def take(
    *,
    session: CoachingSession,
    people: Mapping[int, Part],
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    at: dt.datetime,
    by: Person | None = None,
) -> None:
    """Take these people's time (person id → part) for the session, in place of any it had taken before.

    What was held for the session, or by `by`, is let go. Call inside a transaction. Raises JustTaken when one of them
    is in another session then, or somebody else holds the time.
    """
    lock(people)
    _refuse_clash(session, people, starts_at, ends_at)
    _refuse_held([(session, starts_at, ends_at)], people, at=at, by=by)
    former = list(PersonTime.objects.filter(session=session).values_list("person", "during"))
    _write([session], [_row(session, person_id, starts_at, ends_at) for person_id in sorted(people)])
    SlotWatch.objects.filter(session=session).delete()
    wake_watchers(former)


def take_all(
    sessions: Sequence[tuple[CoachingSession, Mapping[int, Part]]], *, at: dt.datetime, by: Person | None = None
) -> None:
    """The same for many sessions at once, each at its own time."""
    people = {person: part for _session, there in sessions for person, part in there.items()}
    lock(people)
    rows, times = [], []
    for session, there in sessions:
        starts_at, ends_at = session.starts_at, session.ends_at
        if starts_at is None or ends_at is None:
            raise ValueError("a session without a date takes nobody's time")
        _refuse_clash(session, there, starts_at, ends_at)
        times.append((session, starts_at, ends_at))
        rows += [_row(session, person_id, starts_at, ends_at) for person_id in sorted(there)]
    if times:
        _refuse_held(times, people, at=at, by=by)
    _write([session for session, _people in sessions], rows)


def leave(session: CoachingSession, staying: Collection[int]) -> None:
    """Whoever is no longer in the session is free again."""
    _free(PersonTime.objects.filter(session=session).exclude(person__in=staying))
    reminders.drop(session)


def give_back(session: CoachingSession) -> None:
    """Nobody is taken by this session any more."""
    _free(PersonTime.objects.filter(session=session))
    reminders.drop(session)


def drop_run_out(people: Collection[int], at: dt.datetime) -> None:
    """Delete the holds on these people that have run out. Call under their lock."""
    Hold.objects.filter(coach__in=people, expires_at__lte=at).delete()


def let_go(holds: QuerySet[Hold]) -> None:
    """Delete these holds; whoever watches for their times is told."""
    gone = list(holds.values_list("coach", "during"))
    holds.delete()
    wake_watchers(gone)


def wake_watchers(freed: Iterable[tuple[int, DateTimeTZRange]]) -> None:
    """Let a job tell those who watch a time in one of these spans of a coach, when there is anybody."""
    concerned = Q(pk__in=[])
    for person, during in freed:
        concerned |= Q(
            session__engagement__person=person, starts_at__lt=during.upper, starts_at__gt=during.lower - LONGEST
        )
    if SlotWatch.objects.filter(concerned, told_at=None).exists():
        queue.defer("cairn.jobs.tasks.tell_watchers_now", lock="tell_watchers")


def _free(rows: QuerySet[PersonTime]) -> None:
    freed = list(rows.values_list("person", "during"))
    rows.delete()
    wake_watchers(freed)


def _row(session: CoachingSession, person_id: int, starts_at: dt.datetime, ends_at: dt.datetime) -> PersonTime:
    return PersonTime(person_id=person_id, session=session, during=DateTimeTZRange(starts_at, ends_at))


def _refuse_clash(
    session: CoachingSession, people: Mapping[int, Part], starts_at: dt.datetime, ends_at: dt.datetime
) -> None:
    other = PersonTime.objects.filter(person__in=people, during__overlap=(starts_at, ends_at)).exclude(session=session)
    busy = set(other.values_list("person_id", flat=True))
    if busy:
        raise _just_taken(session, people, _who(people, busy), starts_at)


def _refuse_held(
    times: Sequence[tuple[CoachingSession, dt.datetime, dt.datetime]],
    people: Mapping[int, Part],
    *,
    at: dt.datetime,
    by: Person | None,
) -> None:
    """Let the sessions' own holds go, and those of `by`; refuse where somebody else's hold is in the way."""
    drop_run_out(people, at)
    sessions = [session.pk for session, _starts_at, _ends_at in times]
    in_the_way = Q(pk__in=[])
    for _session, starts_at, ends_at in times:
        in_the_way |= Q(during__overlap=(starts_at, ends_at))
    own = Q(session__in=sessions) | Q(by=by.pk if by is not None else 0)
    held = list(Hold.objects.filter(in_the_way & ~own, coach__in=people).values_list("during", flat=True))
    for session, starts_at, ends_at in times:
        if any(during.lower < ends_at and starts_at < during.upper for during in held):
            raise _just_taken(session, people, "held", starts_at)
    Hold.objects.filter(Q(session__in=sessions) | in_the_way & own, coach__in=people).delete()


def _who(people: Mapping[int, Part], busy: Collection[int]) -> Part:
    return "coach" if "coach" in {people[person] for person in busy} else "coachee"


def _write(sessions: Sequence[CoachingSession], rows: Sequence[PersonTime]) -> None:
    try:
        with transaction.atomic():
            PersonTime.objects.filter(session__in=sessions).delete()
            PersonTime.objects.bulk_create(rows)
        reminders.drop(*sessions)
    except IntegrityError as error:
        if "nobody_is_double_booked" not in str(error):
            raise
        # Only somebody who went round the lock gets here: a second series of the same people in one call, or raw SQL.
        first = min(sessions, key=lambda session: session.starts_at or dt.datetime.max.replace(tzinfo=dt.UTC))
        parts: dict[int, Part] = {row.person_id: "coachee" for row in rows}
        raise _just_taken(first, parts, "coachee", rows[0].during.lower) from error


def _just_taken(
    session: CoachingSession, people: Mapping[int, Part], who: problems.Busy, starts_at: dt.datetime
) -> problems.JustTaken:
    cohort = session.cohort
    coaches = [person for person, part in people.items() if part == "coach"]
    free_then = free.free_starts(
        people,
        after=starts_at,
        minutes=session.minutes,
        zone=session.time_zone,
        organisation_id=cohort.programme.organisation_id,
        until=cohort.ends_on,
        coach=coaches[0] if len(coaches) == 1 else None,
    )
    return problems.JustTaken(who, free_then, session.time_zone, starts_at)
