"""The times at which a coachee may book: nothing but starts, so that nobody learns what somebody else is doing.

Two statements whatever the numbers, both bounded by dates.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from cairn.delivery.models import Availability, CoachingSession
from cairn.delivery.queries import availability_sql
from cairn.engines import availability as engine
from cairn.foundation import statements
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment

DAY = dt.timedelta(days=1)
AROUND = dt.timedelta(days=8)  # a limit per week counts the whole week, wherever in it the days asked for lie
LOOKED_AHEAD = dt.timedelta(days=42)


@dataclass(frozen=True)
class MeetingPlaceSeen:
    """A place, link or number as coachees choose it; where it is they learn from the session."""

    id: int
    name: str
    mode: str


@dataclass(frozen=True)
class Bookable:
    """A start that can be booked: the instant in UTC and the naive wall time in the session's zone.

    `fold` is always 0: a time that comes twice is not offered. No places: the session keeps its own.
    """

    starts_at: dt.datetime
    wall: dt.datetime
    fold: int
    places: tuple[MeetingPlaceSeen, ...]


@dataclass(frozen=True)
class Kept:
    """What a coach says of their time: the row, the engine's rules, the places and the exceptions around these days."""

    row: Availability
    rules: engine.Rules
    places: dict[int, MeetingPlaceSeen]
    exceptions: tuple[tuple[int, engine.Differing], ...] = ()  # by their ids


@dataclass(frozen=True)
class InTheWay:
    """What takes people's time around some days, what of that is one coachee's `own`, with the `sessions` they are in
    themselves, and the days that are closed."""

    taken: engine.Taken
    own: engine.Taken
    sessions: tuple[engine.Span, ...]
    closed: frozenset[dt.date]


def bookable(
    *,
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment | None,
    first: dt.date,
    last: dt.date,
    holder: Person | None,
    at: dt.datetime,
) -> tuple[Bookable, ...]:
    """Every start from `first` to `last` (days on the wall of the session's zone) that a coachee may book, in order.

    The session itself, its hold and holds of `holder` are not in the way. Empty where the coach keeps no hours or has
    closed them to coachees.
    """
    first, last = within(engagement, enrolment, first, last)
    if first > last:
        return ()
    kept = kept_by(engagement.person_id, first, last)
    if kept is None or not kept.row.is_open:
        return ()
    wanted = engine.Wanted(session.minutes, session.time_zone, first, last, at)
    return offered(kept, wanted, session=session, engagement=engagement, enrolment=enrolment, holder=holder, at=at)


def bookable_at(
    *,
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment | None,
    starts_at: dt.datetime,
    holder: Person | None,
    at: dt.datetime,
) -> Bookable | None:
    """This very start, if it is among those that can be booked."""
    day = starts_at.astimezone(session.zone).date()
    found = bookable(
        session=session, engagement=engagement, enrolment=enrolment, first=day, last=day, holder=holder, at=at
    )
    return next((each for each in found if each.starts_at == starts_at), None)


def next_bookable(
    *,
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment | None,
    after: dt.datetime,
    holder: Person | None,
    at: dt.datetime,
    count: int = 3,
) -> tuple[Bookable, ...]:
    """The next starts from `after` on that can be booked, within six weeks."""
    first = after.astimezone(session.zone).date()
    found = bookable(
        session=session,
        engagement=engagement,
        enrolment=enrolment,
        first=first,
        last=first + LOOKED_AHEAD,
        holder=holder,
        at=at,
    )
    return tuple(each for each in found if each.starts_at >= after)[:count]


def kept_by(coach: int, first: dt.date, last: dt.date) -> Kept | None:
    """What this coach says of their time around these days; None for somebody who keeps no hours."""
    found = statements.rows(availability_sql.RULES, coach=coach, first=first - 3 * DAY, last=last + 3 * DAY)
    if not found:
        return None
    row = statements.loaded(Availability, found[0], "a")
    places = {place: MeetingPlaceSeen(place, name, mode) for place, name, mode in found[0].places}
    rules = engine.Rules(
        zone=row.time_zone,
        hours=tuple(
            engine.Hours(weekday, _time(starts), _time(ends), place) for weekday, starts, ends, place in found[0].hours
        ),
        differing=tuple(_differing(*each[1:]) for each in found[0].differing),
        places=tuple(places),
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        notice_minutes=row.notice_hours * 60,
        horizon_days=row.horizon_days,
        most_per_day=row.most_per_day,
        most_per_week=row.most_per_week,
        step_minutes=row.step_minutes,
    )
    exceptions = tuple((each[0], said) for each, said in zip(found[0].differing, rules.differing, strict=True))
    return Kept(row, rules, places, exceptions)


def offered(
    kept: Kept,
    wanted: engine.Wanted,
    *,
    session: CoachingSession | None,
    engagement: CoachEngagement,
    enrolment: Enrolment | None,
    holder: Person | None,
    at: dt.datetime,
) -> tuple[Bookable, ...]:
    """What these rules leave of the days wanted, when all that is in the way has been read."""
    coach = engagement.person_id
    found = in_the_way(
        {coach} | ({enrolment.person_id} if enrolment is not None else set()),
        coach=coach,
        first=wanted.first,
        last=wanted.last,
        organisation_id=engagement.cohort.programme.organisation_id,
        session_id=(session.pk if session is not None else None) or 0,
        holder_id=holder.pk if holder is not None else 0,
        at=at,
    )
    return tuple(
        Bookable(each.starts_at, each.wall, 0, tuple(kept.places[place] for place in each.places if place is not None))
        for each in engine.starts(kept.rules, replace(wanted, closed=found.closed), found.taken)
    )


def in_own_way(
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment,
    *,
    first: dt.date,
    last: dt.date,
    holder: Person,
    at: dt.datetime,
) -> InTheWay:
    """The same for a coachee who dates a one-to-one: what is their own stands apart, and their hold is free."""
    return in_the_way(
        {engagement.person_id, enrolment.person_id},
        coach=engagement.person_id,
        first=first,
        last=last,
        organisation_id=engagement.cohort.programme.organisation_id,
        session_id=session.pk,
        holder_id=holder.pk,
        whose=enrolment.person_id,
        at=at,
    )


def in_the_way(
    people: Collection[int],
    *,
    coach: int | None,
    first: dt.date,
    last: dt.date,
    organisation_id: int,
    session_id: int = 0,
    holder_id: int = 0,
    whose: int = 0,
    at: dt.datetime | None,
) -> InTheWay:
    """What takes these people's time around these days, what of it is `whose` own, and the closed days.

    Without a `coach` holds on any of them are in the way; without `at` every hold counts as live.
    """
    midnight = dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC)
    found = statements.rows(
        availability_sql.TAKEN,
        people=list(people),
        coach=coach or 0,
        coaches=[coach] if coach is not None else list(people),
        begins=midnight - AROUND,
        ends=midnight + (last - first) + AROUND,
        first=first,
        last=last,
        organisation=organisation_id,
        session=session_id,
        holder=holder_id,
        at=at,
    )
    spans = [row for row in found if row.kind != "closed"]
    with_them = {row.session for row in spans if row.person == whose and row.session is not None}
    own = [row for row in spans if row.person == whose or row.session in with_them]
    return InTheWay(
        taken=_taken(spans, coach),
        own=_taken(own, coach),
        sessions=tuple((row.begins, row.ends) for row in own if row.kind == "session" and row.person == whose),
        closed=frozenset(row.begins.date() for row in found if row.kind == "closed"),
    )


def _taken(spans: Collection[Any], coach: int | None) -> engine.Taken:
    """The coach's sessions keep their buffers; whatever else takes somebody's time does not."""
    keeps = [row for row in spans if row.kind != "busy" and row.person == coach]
    return engine.Taken(
        sessions=tuple((row.begins, row.ends) for row in keeps),
        busy=tuple((row.begins, row.ends) for row in spans if row.kind == "busy" or row.person != coach),
        counted=tuple(row.begins for row in keeps if row.counts),
    )


def within(
    engagement: CoachEngagement, enrolment: Enrolment | None, first: dt.date, last: dt.date
) -> tuple[dt.date, dt.date]:
    """The days asked for that lie in the cohort, before the coachee leaves and before the coach's work ends."""
    cohort = engagement.cohort
    ends = [enrolment.left_on if enrolment is not None else None, engagement.ended_on]
    return max(first, cohort.starts_on), min(last, cohort.ends_on, *(day - DAY for day in ends if day is not None))


def _differing(first: str, last: str, starts: str | None, ends: str | None, is_open: bool) -> engine.Differing:
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return engine.Differing(*days, _time(starts) if starts else None, _time(ends) if ends else None, is_open)


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)
