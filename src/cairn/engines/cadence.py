"""When sessions take place: rhythms, dates that keep clear of closed days, and wall time made into instants.

People agree on a wall time in a zone. Such a time can be missing (clocks go forward) or happen twice (clocks go back);
neither is ever guessed here. Zones are IANA keys such as Europe/London. Weekdays are numbered from Monday, 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from cairn.engines.invoicing import Quarter, quarters
from cairn.engines.wording import Refusal, Wording, gettext_noop

DAYS_PER_WEEK = 7
SATURDAY_AND_SUNDAY = frozenset({5, 6})
SHORTEST_QUARTER_DAYS = 28  # what is left over at the end of a period and shorter than this belongs to the one before

Busy = tuple[datetime, datetime]
Reason = Literal["closed", "weekend", "busy", "missing_time", "ambiguous_time", "too_close"]

MOVED: dict[Reason, str] = {
    "closed": gettext_noop("Session {number} would fall on {wanted}, a closed day. It is on {on} instead."),
    "weekend": gettext_noop("Session {number} would fall on {wanted}, at the weekend. It is on {on} instead."),
    "busy": gettext_noop("Session {number} would clash with something else on {wanted}. It is on {on} instead."),
    "missing_time": gettext_noop(
        "Session {number} would be on {wanted}, when the clocks skip its time. It is on {on} instead."
    ),
    "ambiguous_time": gettext_noop(
        "Session {number} would be on {wanted}, when its time happens twice. It is on {on} instead."
    ),
    "too_close": gettext_noop(
        "Session {number} would be on {wanted}, too soon after the one before it. It is on {on} instead."
    ),
}


class UnknownZone(Refusal):
    key = "cadence.unknown_zone"
    template = gettext_noop("“{zone}” is not a time zone. Time zones are named like Europe/London.")


class MissingWallTime(Refusal):
    """`params["later"]` is the local time that clocks show when this time would have come."""

    key = "cadence.missing_wall_time"
    template = gettext_noop(
        "There is no {wall_time} on {day} in {zone}, because the clocks skip it. "
        "The time that takes its place is {later}. Choose that or another."
    )


class AmbiguousWallTime(Refusal):
    """`candidates` are both instants in UTC, the earlier first: what `fold` 0 and 1 choose."""

    key = "cadence.ambiguous_wall_time"
    template = gettext_noop(
        "{wall_time} happens twice on {day} in {zone}, because the clocks go back. "
        "Say which is meant, the first or the second."
    )

    def __init__(self, *, candidates: tuple[datetime, datetime], **params: object) -> None:
        self.candidates = candidates
        super().__init__(**params)


class WeekdayAtWeekend(Refusal):
    key = "cadence.weekday_at_weekend"
    template = gettext_noop("The weekday chosen is at the weekend, which is kept free. Choose another weekday.")


class NoDayForMeeting(Refusal):
    key = "cadence.no_day_for_meeting"
    template = gettext_noop("There is no free day for a meeting from {starts_on} to {ends_on}.")


@dataclass(frozen=True)
class Step:
    """So many occurrences in a row that are so many weeks apart."""

    count: int
    weeks: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.weeks < 1:
            raise ValueError("a step has at least one occurrence, and at least one week between two")


@dataclass(frozen=True)
class Rhythm:
    """Steps one after the other, then the rest `then_weeks` apart. A month is four weeks, so that weekdays stay.

    `Rhythm((Step(4, 2),), 4)`: occurrences 1 to 4 are two weeks apart, the fifth comes four weeks after the fourth.
    """

    steps: tuple[Step, ...] = ()
    then_weeks: int = 4

    def __post_init__(self) -> None:
        if self.then_weeks < 1:
            raise ValueError("there is at least one week between two occurrences")

    def gaps(self, count: int) -> tuple[int, ...]:
        """Weeks before each of so many occurrences; 0 before the first."""
        weeks = chain.from_iterable([step.weeks] * step.count for step in self.steps)
        spaced = [next(weeks, self.then_weeks) for _ in range(count)]
        return (0, *spaced[1:]) if spaced else ()


FORTNIGHTLY_THEN_MONTHLY = Rhythm((Step(4, 2),), 4)


@dataclass(frozen=True)
class Occurrence:
    """The number counts from 1; `on` is the day in the zone of the wall time; the instants are in UTC."""

    number: int
    on: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Moved:
    """An occurrence that could not take place on the day the rhythm gave it, and why."""

    number: int
    wanted: date
    on: date
    reason: Reason

    @property
    def wording(self) -> Wording:
        params = {"number": self.number, "wanted": self.wanted, "on": self.on}
        return Wording(f"cadence.moved.{self.reason}", MOVED[self.reason], params)

    @property
    def sentence(self) -> str:
        return self.wording.sentence


@dataclass(frozen=True)
class Timetable:
    """Dates in order, and a report of each that was moved."""

    dates: tuple[Occurrence, ...] = ()
    problems: tuple[Moved, ...] = ()


class NotEnoughRoom(Refusal):
    """`timetable` holds the occurrences that do fit; `params` has how many were wanted and how many fit."""

    key = "cadence.not_enough_room"
    template = gettext_noop("There is room for {fit} of the {wanted} sessions: the last day is {ends_on}.")

    def __init__(self, *, timetable: Timetable, wanted: int, ends_on: date) -> None:
        self.timetable = timetable
        self.fit = len(timetable.dates)
        super().__init__(fit=self.fit, wanted=wanted, ends_on=ends_on)


def split_minutes(total: int, length: int) -> tuple[int, ...]:
    """Minutes of each session of a total given in sessions of one length; a remainder makes a last, shorter one."""
    if total < 0 or length < 1:
        raise ValueError(f"{total} minutes cannot be split into sessions of {length}")
    whole, rest = divmod(total, length)
    return (length,) * whole + ((rest,) if rest else ())


def instant(day: date, wall_time: time, zone: str, fold: Literal[0, 1] | None = None) -> datetime:
    """The UTC instant of a wall time on a day in a zone. `fold` 0 or 1 takes the first or second of two readings.

    Raises MissingWallTime, AmbiguousWallTime (only without `fold`), UnknownZone.
    """
    if wall_time.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    local = datetime.combine(day, wall_time.replace(fold=0))
    readings = _readings(local, _zone(zone))
    if not readings:
        later = local.replace(tzinfo=_zone(zone)).astimezone(UTC).astimezone(_zone(zone)).replace(tzinfo=None)
        raise MissingWallTime(day=day, wall_time=wall_time, zone=zone, later=later)
    if len(readings) == 1:
        return readings[0]
    if fold is None:
        raise AmbiguousWallTime(candidates=(readings[0], readings[1]), day=day, wall_time=wall_time, zone=zone)
    return readings[fold]


def readings(wall: datetime, zone: str) -> tuple[datetime, ...]:
    """The UTC instants at which clocks in a zone show this naive time, earlier first: none, one or two.

    Raises UnknownZone.
    """
    return tuple(_readings(wall.replace(fold=0), _zone(zone)))


def occurrences(
    *,
    starts_on: date,
    ends_on: date,
    count: int,
    rhythm: Rhythm,
    wall_time: time,
    minutes: int,
    zone: str,
    weekday: int | None = None,
    closed: frozenset[date] = frozenset(),
    busy: Sequence[Busy] = (),
    skip_weekends: bool = True,
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY,
) -> Timetable:
    """Dates of a series: so many occurrences in a rhythm, all at one wall time, none after `ends_on`.

    The rhythm counts from the first `weekday` on or after `starts_on` (without `weekday`: from the first day that is
    not at the weekend). A day that will not do gives way to the nearest later one that will, and the move is reported;
    the others keep their days, unless that would leave less than half the usual spacing. `busy` are UTC instants from
    (inclusive) and to (exclusive), of everybody who has to be there.

    Raises NotEnoughRoom, which says how many fit; WeekdayAtWeekend; UnknownZone.
    """
    kept_free = weekend if skip_weekends else frozenset[int]()
    diary = _Diary(wall_time, minutes, zone, closed, tuple(busy), kept_free)
    wanted = _first_day(starts_on, weekday, kept_free)
    dates: list[Occurrence] = []
    problems: list[Moved] = []
    for number, weeks in enumerate(rhythm.gaps(count), start=1):
        wanted += timedelta(weeks=weeks)
        earliest = dates[-1].on + timedelta(days=_half(weeks)) if dates else wanted
        on = next((day for day in _days(max(wanted, earliest), ends_on) if diary.obstacle(day) is None), None)
        if on is None:
            raise NotEnoughRoom(timetable=Timetable(tuple(dates), tuple(problems)), wanted=count, ends_on=ends_on)
        dates.append(diary.occurrence(number, on))
        if on != wanted:
            problems.append(Moved(number, wanted, on, diary.obstacle(wanted) or "too_close"))
    return Timetable(tuple(dates), tuple(problems))


def meeting_dates(
    *,
    starts_on: date,
    ends_on: date,
    wall_time: time,
    zone: str,
    minutes: int = 90,
    meetings: int | None = None,
    weekday: int | None = None,
    closed: frozenset[date] = frozenset(),
    busy: Sequence[Busy] = (),
    skip_weekends: bool = True,
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY,
) -> Timetable:
    """Coach meetings for the whole period at once: one per quarter, in its last week.

    With a number of `meetings` other than the number of quarters, the period is divided evenly into as many parts.
    The day is `weekday` (without it, the weekday of `starts_on`) in the last week of each part. Where that will not
    do, it is the nearest later day within the part, else the nearest earlier one, and the move is reported.

    Raises NoDayForMeeting when a whole part is closed or busy; WeekdayAtWeekend; UnknownZone; DayBeforeStart.
    """
    kept_free = weekend if skip_weekends else frozenset[int]()
    diary = _Diary(wall_time, minutes, zone, closed, tuple(busy), kept_free)
    preferred = _first_day(starts_on, weekday, kept_free).weekday()
    dates: list[Occurrence] = []
    problems: list[Moved] = []
    for number, part in enumerate(_parts(starts_on, ends_on, meetings), start=1):
        wanted = _last_weekday(part, preferred)
        candidates = chain(_days(wanted, part.ends_on), _days_back(wanted - timedelta(days=1), part.starts_on))
        on = next((day for day in candidates if diary.obstacle(day) is None), None)
        if on is None:
            raise NoDayForMeeting(starts_on=part.starts_on, ends_on=part.ends_on)
        dates.append(diary.occurrence(number, on))
        if on != wanted:
            problems.append(Moved(number, wanted, on, diary.obstacle(wanted) or "too_close"))
    return Timetable(tuple(dates), tuple(problems))


def part_of(day: date, *, starts_on: date, ends_on: date) -> int | None:
    """In which of the parts that `meeting_dates` gives a meeting each a day lies; None outside the period."""
    parts = _parts(starts_on, ends_on, None)
    return next((part.number for part in parts if part.starts_on <= day <= part.ends_on), None)


@dataclass(frozen=True)
class _Diary:
    """What makes a day unfit for a session at this time of day."""

    wall_time: time
    minutes: int
    zone: str
    closed: frozenset[date]
    busy: tuple[Busy, ...]
    weekend: frozenset[int]

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError(f"a session has a positive number of minutes, not {self.minutes}")
        _zone(self.zone)

    def obstacle(self, day: date) -> Reason | None:
        if day in self.closed:
            return "closed"
        if day.weekday() in self.weekend:
            return "weekend"
        try:
            starts_at = instant(day, self.wall_time, self.zone)
        except MissingWallTime:
            return "missing_time"
        except AmbiguousWallTime:
            return "ambiguous_time"
        ends_at = starts_at + timedelta(minutes=self.minutes)
        return "busy" if any(start < ends_at and starts_at < end for start, end in self.busy) else None

    def occurrence(self, number: int, day: date) -> Occurrence:
        starts_at = instant(day, self.wall_time, self.zone)
        return Occurrence(number, day, starts_at, starts_at + timedelta(minutes=self.minutes))


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError) as error:  # not found; not a key at all; the name of a folder of zones
        raise UnknownZone(zone=key) from error


def _readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Instants at which clocks in the zone show this local time, earlier first: none, one or two."""
    found: list[datetime] = []
    for fold in (0, 1):
        candidate = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        shown = candidate.astimezone(zone).replace(tzinfo=None, fold=0)
        if shown == local and candidate not in found:
            found.append(candidate)
    return found


def _first_day(starts_on: date, weekday: int | None, kept_free: frozenset[int]) -> date:
    if weekday is not None and weekday in kept_free:
        raise WeekdayAtWeekend
    week = (starts_on + timedelta(days=days) for days in range(DAYS_PER_WEEK))
    if weekday is not None:
        return next(day for day in week if day.weekday() == weekday)
    return next(day for day in week if day.weekday() not in kept_free)


def _half(weeks: int) -> int:
    """Half of so many weeks in whole days, rounded up."""
    return (weeks * DAYS_PER_WEEK + 1) // 2


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=days) for days in range((last - first).days + 1))


def _days_back(last: date, first: date) -> Iterable[date]:
    return (last - timedelta(days=days) for days in range((last - first).days + 1))


def _last_weekday(part: Quarter, weekday: int) -> date:
    """That weekday in the part's last week; its last day when the part is too short to have one."""
    back = (part.ends_on.weekday() - weekday) % DAYS_PER_WEEK
    day = part.ends_on - timedelta(days=back)
    return day if day >= part.starts_on else part.ends_on


def _parts(starts_on: date, ends_on: date, meetings: int | None) -> Sequence[Quarter]:
    natural = _whole_quarters(starts_on, ends_on)
    if meetings is None or meetings == len(natural):
        return natural
    days = (ends_on - starts_on).days + 1
    if not 0 <= meetings <= days:
        raise ValueError(f"{meetings} meetings do not go into {days} days")
    bounds = [starts_on + timedelta(days=days * index // meetings) for index in range(meetings)]
    ends = [bound - timedelta(days=1) for bound in bounds[1:]] + [ends_on]
    return [Quarter(index, *bound) for index, bound in enumerate(zip(bounds, ends, strict=False), start=1)]


def _whole_quarters(starts_on: date, ends_on: date) -> Sequence[Quarter]:
    """Quarters, where a few days left over at the end belong to the last whole one."""
    found = quarters(starts_on, ends_on)
    last = found[-1]
    if len(found) > 1 and (last.ends_on - last.starts_on).days + 1 < SHORTEST_QUARTER_DAYS:
        return (*found[:-2], Quarter(found[-2].number, found[-2].starts_on, last.ends_on))
    return found
