"""Nobody is in two sessions at once. Every path that gives a session a time takes people's time here.

Two nets: the rows of all people concerned are locked in the order of their ids, so that two bookings for one person
wait for each other and never in a circle; behind that stands the exclusion constraint `nobody_is_double_booked`.
The lock is FOR NO KEY UPDATE: bookings shut each other out, while rows that merely refer to a person can be written.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery.actions import problems
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.delivery.queries import free
from cairn.delivery.rules import Part
from cairn.people.models import Person


def lock(people: Collection[int]) -> None:
    """Wait until no other booking of these people is under way. Ends with the transaction."""
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    list(locked.values_list("pk", flat=True))


def take(*, session: CoachingSession, people: Mapping[int, Part], starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """Take these people's time (person id → part) for the session, in place of any it had taken before.

    Call inside a transaction. Raises JustTaken when one of them is in another session then.
    """
    lock(people)
    _refuse_clash(session, people, starts_at, ends_at)
    _write([session], [_row(session, person_id, starts_at, ends_at) for person_id in sorted(people)])


def take_all(sessions: Sequence[tuple[CoachingSession, Mapping[int, Part]]]) -> None:
    """The same for many sessions at once, each at its own time."""
    lock({person for _session, people in sessions for person in people})
    rows = []
    for session, people in sessions:
        starts_at, ends_at = session.starts_at, session.ends_at
        if starts_at is None or ends_at is None:
            raise ValueError("a session without a date takes nobody's time")
        _refuse_clash(session, people, starts_at, ends_at)
        rows += [_row(session, person_id, starts_at, ends_at) for person_id in sorted(people)]
    _write([session for session, _people in sessions], rows)


def leave(session: CoachingSession, staying: Collection[int]) -> None:
    """Whoever is no longer in the session is free again."""
    PersonTime.objects.filter(session=session).exclude(person__in=staying).delete()


def give_back(session: CoachingSession) -> None:
    """Nobody is taken by this session any more."""
    PersonTime.objects.filter(session=session).delete()


def _row(session: CoachingSession, person_id: int, starts_at: dt.datetime, ends_at: dt.datetime) -> PersonTime:
    return PersonTime(person_id=person_id, session=session, during=DateTimeTZRange(starts_at, ends_at))


def _refuse_clash(
    session: CoachingSession, people: Mapping[int, Part], starts_at: dt.datetime, ends_at: dt.datetime
) -> None:
    other = PersonTime.objects.filter(person__in=people, during__overlap=(starts_at, ends_at)).exclude(session=session)
    busy = set(other.values_list("person_id", flat=True))
    if busy:
        raise _just_taken(session, people, _who(people, busy), starts_at)


def _who(people: Mapping[int, Part], busy: Collection[int]) -> Part:
    return "coach" if "coach" in {people[person] for person in busy} else "coachee"


def _write(sessions: Sequence[CoachingSession], rows: Sequence[PersonTime]) -> None:
    try:
        with transaction.atomic():
            PersonTime.objects.filter(session__in=sessions).delete()
            PersonTime.objects.bulk_create(rows)
    except IntegrityError as error:
        if "nobody_is_double_booked" not in str(error):
            raise
        # Only somebody who went round the lock gets here: a second series of the same people in one call, or raw SQL.
        first = min(sessions, key=lambda session: session.starts_at or dt.datetime.max.replace(tzinfo=dt.UTC))
        parts: dict[int, Part] = {row.person_id: "coachee" for row in rows}
        raise _just_taken(first, parts, "coachee", rows[0].during.lower) from error


def _just_taken(
    session: CoachingSession, people: Mapping[int, Part], who: Part, starts_at: dt.datetime
) -> problems.JustTaken:
    cohort = session.cohort
    free_then = free.free_starts(
        people,
        after=starts_at,
        minutes=session.minutes,
        zone=session.time_zone,
        organisation_id=cohort.programme.organisation_id,
        until=cohort.ends_on,
    )
    return problems.JustTaken(who, free_then, session.time_zone, starts_at)
