"""When people are free: nothing but starts, so that nobody learns what somebody else is doing."""

import contextlib
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from cairn.delivery.models import PersonTime
from cairn.delivery.queries import availability
from cairn.engines import availability as engine
from cairn.engines import cadence
from cairn.programmes.models import ClosedDay, CoachEngagement, Enrolment

DAY_BEGINS, DAY_ENDS = dt.time(9, 0), dt.time(18, 0)
STEP = dt.timedelta(minutes=30)
HORIZON = dt.timedelta(days=21)
Span = tuple[dt.datetime, dt.datetime]


def busy(people: Collection[int], starts_at: dt.datetime, ends_at: dt.datetime) -> list[Span]:
    """The spans (UTC) within these bounds in which at least one of these people is in a session."""
    taken = PersonTime.objects.filter(person__in=people, during__overlap=(starts_at, ends_at))
    return sorted({(during.lower, during.upper) for during in taken.values_list("during", flat=True)})


def closed_days(organisation_id: int) -> frozenset[dt.date]:
    """The days on which an organisation is closed."""
    return frozenset(ClosedDay.objects.filter(organisation=organisation_id).values_list("on", flat=True))


def free_starts(
    people: Collection[int],
    *,
    after: dt.datetime,
    minutes: int,
    zone: str,
    organisation_id: int,
    until: dt.date,
    count: int = 3,
    coach: int | None = None,
    at: dt.datetime | None = None,
) -> tuple[dt.datetime, ...]:
    """The next starts (UTC) at which all these people are free, by day and on working days of the organisation.

    Looks three weeks ahead, and not past `until`, which is a day on the wall of `zone`. Keeps clear of sessions, busy
    times of people's own calendars and times held on the `coach`, and keeps to the coach's hours where they keep any.
    Without `at` every hold counts as live.
    """
    first = after.astimezone(zoneinfo.ZoneInfo(zone)).date()
    last = min(until, first + HORIZON - dt.timedelta(days=1))
    if first > last:
        return ()
    kept = availability.kept_by(coach, first, last) if coach is not None else None
    there = availability.in_the_way(people, coach=coach, first=first, last=last, organisation_id=organisation_id, at=at)
    if kept is not None and kept.rules.hours:
        found = _within_hours(kept.rules, engine.Wanted(minutes, zone, first, last, after, there.closed), there.taken)
    else:
        spans = [*there.taken.sessions, *there.taken.busy]
        found = _by_day(engine.Wanted(minutes, zone, first, last, after, there.closed), spans)
    return tuple(itertools.islice((start for start in found if start > after), count))


def next_free(
    *,
    engagement: CoachEngagement,
    enrolment: Enrolment | None,
    after: dt.datetime,
    minutes: int,
    count: int = 3,
    at: dt.datetime | None = None,
) -> tuple[dt.datetime, ...]:
    """The next starts (UTC) at which a coach, and a coachee of theirs, are both free within the cohort's dates."""
    people = {engagement.person_id} | ({enrolment.person_id} if enrolment is not None else set())
    cohort = engagement.cohort
    return free_starts(
        people,
        after=after,
        minutes=minutes,
        zone=cohort.time_zone,
        organisation_id=cohort.programme.organisation_id,
        until=cohort.ends_on,
        count=count,
        coach=engagement.person_id,
        at=at,
    )


def _within_hours(rules: engine.Rules, wanted: engine.Wanted, taken: engine.Taken) -> Iterator[dt.datetime]:
    """Starts in a coach's hours with their buffers; notice, horizon and limits bind coachees only."""
    unbound = replace(rules, notice_minutes=0, horizon_days=2 * HORIZON.days, most_per_day=None, most_per_week=None)
    return (each.starts_at for each in engine.starts(unbound, wanted, taken))


def _by_day(wanted: engine.Wanted, taken: Sequence[Span]) -> Iterator[dt.datetime]:
    """Starts between nine and six that meet nothing."""
    for starts_at in _starts(wanted.at, wanted.minutes, wanted.zone, wanted.closed, wanted.last):
        ends_at = starts_at + dt.timedelta(minutes=wanted.minutes)
        if not any(begin < ends_at and starts_at < end for begin, end in taken):
            yield starts_at


def _starts(
    after: dt.datetime, minutes: int, zone: str, closed: Collection[dt.date], until: dt.date
) -> Iterator[dt.datetime]:
    first = after.astimezone(zoneinfo.ZoneInfo(zone)).date()
    for day in (first + dt.timedelta(days=days) for days in range(HORIZON.days)):
        if day > until:
            return
        if day.weekday() in cadence.SATURDAY_AND_SUNDAY or day in closed:
            continue
        yield from (start for start in _starts_of_day(day, minutes, zone) if start > after)


def _starts_of_day(day: dt.date, minutes: int, zone: str) -> Iterable[dt.datetime]:
    wall = dt.datetime.combine(day, DAY_BEGINS)
    last = dt.datetime.combine(day, DAY_ENDS) - dt.timedelta(minutes=minutes)
    while wall <= last:
        with contextlib.suppress(cadence.MissingWallTime, cadence.AmbiguousWallTime):
            yield cadence.instant(day, wall.time(), zone)
        wall += STEP
