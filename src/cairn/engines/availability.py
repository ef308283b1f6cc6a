"""When somebody can be met: weekly hours on a wall, days that differ, and everything that stands in the way.

Hours are wall time in the zone of whoever keeps them, so that 09:00 to 17:00 stays 09:00 to 17:00 when clocks change: a
wall time that is skipped falls out, and one that happens twice is open both times, but no session is offered to begin
at it, neither on this wall nor on that of the session. Starts lie `step_minutes` apart, counted from the beginning of
each open span of a day; a session may run on into the next span, over midnight too. Instants are in UTC, spans run from
(inclusive) to (exclusive), weekdays count from Monday, 0, weeks begin on Mondays.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
Minutes = tuple[int, int]
Point = TypeVar("Point", datetime, int)

DAY = timedelta(days=1)
MINUTES_OF_DAY = 24 * 60
LOOK = timedelta(hours=12)  # no zone changes its clocks twice within so short a time
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Hours:
    """Open on a weekday. `ends` 00:00 is midnight at the end of the day; `place` None is any place."""

    weekday: int
    starts: time
    ends: time
    place: int | None = None


@dataclass(frozen=True)
class Differing:
    """Days that differ, both included: away (whole days without times), or open besides the weekly hours.

    Where both are said of one time, away holds.
    """

    first_on: date
    last_on: date
    starts: time | None = None
    ends: time | None = None
    is_open: bool = False


@dataclass(frozen=True)
class Rules:
    """What somebody says of their time. Without places there is one way to meet, called None.

    Between two sessions lie `buffer_after_minutes` of the first and `buffer_before_minutes` of the second. A limit of
    None is no limit; days and weeks are those of the wall.
    """

    zone: str
    hours: tuple[Hours, ...] = ()
    differing: tuple[Differing, ...] = ()
    places: tuple[int, ...] = ()
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int = 400
    most_per_day: int | None = None
    most_per_week: int | None = None
    step_minutes: int = 30


@dataclass(frozen=True)
class Taken:
    """What stands in the way: `sessions` keep the buffers, `busy` does not; `counted` are starts that limits count."""

    sessions: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    counted: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A session of so many minutes to begin on these days of the wall of its own zone, both included."""

    minutes: int
    zone: str
    first: date
    last: date
    at: datetime
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Start:
    """One start: the instant in UTC, the naive wall time in the session's zone, and the places it can be at."""

    starts_at: datetime
    wall: datetime
    places: tuple[int | None, ...] = (None,)


def starts(rules: Rules, wanted: Wanted, taken: Taken) -> tuple[Start, ...]:
    """Every start that the rules allow and nothing stands in the way of, in order.

    Raises ValueError for a length or step below one minute, and ZoneInfoNotFoundError for a zone there is not.
    """
    if wanted.minutes < 1 or rules.step_minutes < 1:
        raise ValueError("sessions and steps are at least one minute long")
    offer = _Offer(rules, wanted, taken)
    places: dict[datetime, list[int | None]] = {}
    for place in rules.places or (None,):
        for begins in offer.of_place(place):
            places.setdefault(begins, []).append(place)
    return tuple(Start(_aware(begins), offer.there.shown(begins), tuple(places[begins])) for begins in sorted(places))


def is_open(rules: Rules, begins: datetime, ends: datetime) -> bool:
    """Whether the hours kept at some place hold all of this time, whatever else the rules say.

    `begins` and `ends` are aware. Raises ZoneInfoNotFoundError for a zone there is not.
    """
    first, last = _naive(begins), _naive(ends)
    wall = Wall(rules.zone, first - DAY - DAY, last + DAY + DAY)
    days = [first.date() + number * DAY for number in range(-1, (last.date() - first.date()).days + 2)]
    return any(
        _Room(wall.instants(_on(day, span) for day in days for span in _open(rules, day, place))).holds(first, last)
        for place in rules.places or (None,)
    )


class Wall:
    """The clock of a zone between two instants. Instants and wall times are naive here; instants are in UTC."""

    def __init__(self, zone: str, first: datetime, last: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._from = [first]
        self._offsets = [self._offset(first)]
        moment = first
        while moment < last:
            after = min(moment + LOOK, last)
            if self._offset(after) != self._offsets[-1]:
                self._from.append(self._change(moment, after))
                self._offsets.append(self._offset(after))
            moment = after
        self._until = [*self._from[1:], last]

    def shown(self, instant: datetime) -> datetime:
        """What the clock shows."""
        return instant + self._offsets[max(bisect_right(self._from, instant) - 1, 0)]

    def readings(self, wall: datetime) -> list[datetime]:
        """The instants at which the clock shows this: none, one or two, the earlier first."""
        if len(self._offsets) == 1:  # as nearly always; this is asked of every start
            instant = wall - self._offsets[0]
            return [instant] if self._from[0] <= instant < self._until[0] else []
        found = zip(self._from, self._until, self._offsets, strict=True)
        return [wall - offset for begins, ends, offset in found if begins <= wall - offset < ends]

    def instants(self, spans: Iterable[Span]) -> list[Span]:
        """The instants at which the clock shows a time in one of these spans of wall time, merged and in order."""
        pieces = list(zip(self._from, self._until, self._offsets, strict=True))
        found = [
            (max(starts - offset, begins), min(ends - offset, until))
            for starts, ends in spans
            for begins, until, offset in pieces
            if starts - offset < until and begins < ends - offset
        ]
        return _merged(found)

    def _offset(self, instant: datetime) -> timedelta:
        return self._zone.fromutc(instant.replace(tzinfo=self._zone)).utcoffset() or timedelta()

    def _change(self, before: datetime, after: datetime) -> datetime:
        """When the clock changed between these two, to the second."""
        was = self._offset(before)
        while after - before > SECOND:
            middle = before + (after - before) // SECOND // 2 * SECOND
            before, after = (middle, after) if self._offset(middle) == was else (before, middle)
        return after


class _Offer:
    """The rules laid on a calendar, with everything that is in the way."""

    def __init__(self, rules: Rules, wanted: Wanted, taken: Taken) -> None:
        self._rules, self._wanted = rules, wanted
        begins = datetime.combine(wanted.first, time()) - DAY - DAY
        ends = datetime.combine(wanted.last, time()) + 3 * DAY + timedelta(minutes=wanted.minutes)
        self.here, self.there = Wall(rules.zone, begins, ends), Wall(wanted.zone, begins, ends)
        now = _naive(wanted.at)
        self._earliest = now + timedelta(minutes=rules.notice_minutes)
        self._last_day = Wall(rules.zone, now - LOOK, now + LOOK).shown(now).date() + rules.horizon_days * DAY
        self._days = [begins.date() + number * DAY for number in range((ends.date() - begins.date()).days + 1)]
        gap = timedelta(minutes=rules.buffer_before_minutes + rules.buffer_after_minutes)
        kept = [(_naive(starts) - gap, _naive(ends) + gap) for starts, ends in taken.sessions]
        self._in_the_way = _Diary([*kept, *((_naive(starts), _naive(ends)) for starts, ends in taken.busy)])
        self._limits = _Limits(rules, [_naive(each) for each in taken.counted])

    def of_place(self, place: int | None) -> Iterator[datetime]:
        """Starts at one place. Instants are naive."""
        spans = [(day, span) for day in self._days for span in _open(self._rules, day, place)]
        on_the_wall = [_on(day, span) for day, span in spans]
        open_then = _Room(self.here.instants(on_the_wall))
        length, step = timedelta(minutes=self._wanted.minutes), timedelta(minutes=self._rules.step_minutes)
        for (day, _minutes_of_day), (opens, closes) in zip(spans, on_the_wall, strict=True):
            if day > self._last_day:
                return
            wall = opens
            while wall < closes:
                readings = self.here.readings(wall)
                if len(readings) == 1 and self._will_do(readings[0], readings[0] + length, open_then):
                    yield readings[0]
                wall += step

    def _will_do(self, begins: datetime, ends: datetime, open_then: "_Room") -> bool:
        if begins < self._earliest or not open_then.holds(begins, ends) or self._in_the_way.meets(begins, ends):
            return False
        wall = self.there.shown(begins)
        day = wall.date()
        return (
            self._wanted.first <= day <= self._wanted.last
            and day not in self._wanted.closed
            and self._limits.leave_room(self.here, begins)
            and len(self.there.readings(wall)) == 1
        )


class _Diary:
    """Spans in the way; whether a time meets one of them."""

    def __init__(self, spans: Iterable[Span]) -> None:
        merged = _merged(spans)
        self._begin, self._end = [span[0] for span in merged], [span[1] for span in merged]

    def meets(self, begins: datetime, ends: datetime) -> bool:
        return bisect_right(self._end, begins) < bisect_left(self._begin, ends)


class _Room:
    """Open spans; whether a time lies within one of them."""

    def __init__(self, merged: Sequence[Span]) -> None:
        self._begin, self._end = [span[0] for span in merged], [span[1] for span in merged]

    def holds(self, begins: datetime, ends: datetime) -> bool:
        index = bisect_right(self._begin, begins) - 1
        return index >= 0 and ends <= self._end[index]


class _Limits:
    """How many sessions each day and each week has already."""

    def __init__(self, rules: Rules, counted: Sequence[datetime]) -> None:
        self._day, self._week = rules.most_per_day, rules.most_per_week
        days: list[date] = []
        if counted and not self._day == self._week is None:
            wall = Wall(rules.zone, min(counted) - LOOK, max(counted) + LOOK)
            days = [wall.shown(each).date() for each in counted]
        self._days, self._weeks = Counter(days), Counter(map(_monday, days))

    def leave_room(self, wall: Wall, begins: datetime) -> bool:
        if self._day is None and self._week is None:
            return True
        day = wall.shown(begins).date()
        return (self._day is None or self._days[day] < self._day) and (
            self._week is None or self._weeks[_monday(day)] < self._week
        )


def minutes_of(span: Hours | Differing) -> Minutes:
    """When it begins and ends in minutes from midnight; the whole day without times."""
    return _minutes(span.starts, span.ends)


def _open(rules: Rules, day: date, place: int | None) -> list[Minutes]:
    """The open spans of a day at a place, in minutes from midnight."""
    weekly = [
        _minutes(each.starts, each.ends)
        for each in rules.hours
        if each.weekday == day.weekday() and each.place in (None, place)
    ]
    today = [each for each in rules.differing if each.first_on <= day <= each.last_on]
    opened = [_minutes(each.starts, each.ends) for each in today if each.is_open]
    away = [_minutes(each.starts, each.ends) for each in today if not each.is_open]
    return _without(_merged([*weekly, *opened]), away)


def _merged(spans: Iterable[tuple[Point, Point]]) -> list[tuple[Point, Point]]:
    """The same times without overlaps, in order. Spans that touch become one; empty ones fall away."""
    merged: list[tuple[Point, Point]] = []
    for begins, ends in sorted(spans):
        if begins >= ends:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return merged


def _without(spans: Iterable[Minutes], away: Iterable[Minutes]) -> list[Minutes]:
    left = list(spans)
    for begins, ends in away:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, begins)), (max(first, ends), last))
            if part[0] < part[1]
        ]
    return left


def _minutes(starts: time | None, ends: time | None) -> Minutes:
    """From midnight; the whole day without times."""
    if starts is None or ends is None:
        return 0, MINUTES_OF_DAY
    return starts.hour * 60 + starts.minute, (ends.hour * 60 + ends.minute) or MINUTES_OF_DAY


def _on(day: date, span: Minutes) -> Span:
    midnight = datetime.combine(day, time())
    return midnight + timedelta(minutes=span[0]), midnight + timedelta(minutes=span[1])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _aware(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)
