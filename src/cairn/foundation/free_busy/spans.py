"""From the events of calendar files to the spans in which somebody is busy: bounded in count, and nothing but spans."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from cairn.foundation.free_busy.scanning import Event, Scanned, Unread, scan

MOST_SPANS = 100_000
MOST_STEPS = 20_000  # daily for 54 years
MOST_STEPS_IN_ALL = 300_000
MARGIN = dt.timedelta(days=2)  # wider than any zone is away from any other
DAY = dt.timedelta(days=1)
PERIODS = {"YEARLY": 366, "MONTHLY": 28, "WEEKLY": 7, "DAILY": 1, "HOURLY": 1 / 24}
REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")
DATE = re.compile(r"(?:^|[^0-9])(\d{8})(?:T\d{6}Z?)?$")
LENGTH: Any = icalendar.vDuration.from_ical
PERIOD: Any = icalendar.vPeriod.from_ical
FREE = frozenset({"FREE"})

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Question:
    """What is asked of a calendar: which time, whose wall for days and times without a zone, whose refusals count."""

    first: dt.datetime
    last: dt.datetime
    zone: str
    owners: frozenset[str] = frozenset()
    host: str = ""
    """Events that Cairn itself wrote, known by this host in their name, do not count."""


@dataclass(frozen=True)
class Found:
    """Busy spans in UTC, in order, none touching another; and how many entries could not be understood."""

    spans: tuple[Span, ...]
    unread: int = 0


def of_texts(texts: Iterable[str], question: Question) -> Found:
    """The busy spans of some calendar files. Raises Unread."""
    found = Scanned()
    for text in texts:
        scan(text, found)
    spans = [*_of_periods(found), *_of_events(found, question)]
    if len(spans) > MOST_SPANS:
        raise Unread("many")
    return Found(merged(spans, question.first, question.last), found.unread)


def merged(spans: Iterable[Span], first: dt.datetime, last: dt.datetime) -> tuple[Span, ...]:
    """Spans within a window, in order, with those that touch made one."""
    whole: list[Span] = []
    for start, end in sorted((max(start, first), min(end, last)) for start, end in spans):
        if start >= end:
            continue
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return tuple(whole)


def _of_events(found: Scanned, question: Question) -> Iterator[Span]:
    owners, count = question.owners | found.owners, 0
    groups = [events for uid, events in _by_name(found.events).items() if not _is_ours(uid, question.host)]
    if sum(_steps(event, question) for events in groups for event in events) > MOST_STEPS_IN_ALL:
        raise Unread("rule")
    for events in groups:
        repeats = any(event.has(*REPEATS) for event in events)
        if not repeats and not any(_may_count(event, question, owners) for event in events):
            continue
        try:
            spans = _expanded(events, found.zones, question, owners, repeats=repeats)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError):
            found.unread += 1
            continue
        count += len(spans)
        if count > MOST_SPANS:
            raise Unread("many")
        yield from spans


def _is_ours(uid: str, host: str) -> bool:
    return bool(host) and re.fullmatch(rf"(session|series)-\d+@{re.escape(host)}", uid, re.IGNORECASE) is not None


def _by_name(events: Iterable[Event]) -> dict[str, list[Event]]:
    named: dict[str, list[Event]] = {}
    for number, event in enumerate(events):
        named.setdefault(event.uid or f"\0{number}", []).append(event)
    return named


def _may_count(event: Event, question: Question, owners: Iterable[str]) -> bool:
    """Whether an event that does not repeat could lie in the window and count."""
    if event.value("STATUS") == "CANCELLED" or event.value("TRANSP") == "TRANSPARENT" or _declined(event, owners):
        return False
    start, end = DATE.search(event.value("DTSTART")), DATE.search(event.value("DTEND"))
    if start and start.group(1) > f"{question.last + MARGIN:%Y%m%d}":
        return False
    return not (end and end.group(1) < f"{question.first - MARGIN:%Y%m%d}")


def _declined(event: Event, owners: Iterable[str]) -> bool:
    return bool(set(event.declined_by) & set(owners))


def _steps(event: Event, question: Question) -> int:
    """How often rules are turned until the window ends, about. Raises Unread when that is beyond all measure."""
    steps = 0
    for line in event.lines:
        if not line.upper().startswith("RRULE"):
            continue
        rule = dict(part.partition("=")[::2] for part in line.rpartition(":")[2].upper().split(";"))
        interval = int(rule["INTERVAL"]) if rule.get("INTERVAL", "1").isdigit() and "INTERVAL" in rule else 1
        if not interval or rule.get("FREQ") in {"SECONDLY", "MINUTELY"}:
            raise Unread("rule")
        start = DATE.search(event.value("DTSTART"))
        days = (question.last.date() - _date(start.group(1))).days if start else 0
        within = prod(1 + rule.get(name, "").count(",") for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
        steps += int(max(days, 0) / (PERIODS.get(rule.get("FREQ", ""), 1) * interval) * within)
    if steps > MOST_STEPS:
        raise Unread("rule")
    return steps


def _date(digits: str) -> dt.date:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return dt.date.min


def _expanded(
    events: list[Event], zones: dict[str, str], question: Question, owners: Iterable[str], *, repeats: bool
) -> list[Span]:
    text = "".join(_written(event, owners) for event in events)
    if ";TZID=?" in text:
        raise ValueError("a zone that nobody knows")
    rules = "".join(rule for name, rule in zones.items() if name in text)
    calendar = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{rules}{text}END:VCALENDAR\r\n")
    if repeats:
        last = question.last + MARGIN
        occurrences = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=False).between(
            question.first - MARGIN, last
        )
    else:
        occurrences = calendar.walk("VEVENT")
    return [span for each in occurrences if (span := _span(each, ZoneInfo(question.zone))) is not None]


def _written(event: Event, owners: Iterable[str]) -> str:
    notes = ["X-CAIRN-DECLINED:1"] if _declined(event, owners) else []
    if (length := event.value("DURATION")).startswith("PT"):
        notes.append(f"X-CAIRN-LENGTH:{length}")
    return "\r\n".join(["BEGIN:VEVENT", *event.lines, *notes, "END:VEVENT", ""])


def _span(event: Any, wall: ZoneInfo) -> Span | None:
    """When one event takes somebody's time, or None when it does not."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return None
    if "X-CAIRN-DECLINED" in event or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in FREE:
        return None
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    begins = _instant(start, wall)
    if "X-CAIRN-LENGTH" in event:  # hours are exact, where the wall may have one more or less of them
        return begins, begins + LENGTH(str(event["X-CAIRN-LENGTH"]))
    if "DURATION" in event and end is None:
        end = start + event["DURATION"].dt
    if end is None:
        return (begins, _instant(start + DAY, wall)) if not isinstance(start, dt.datetime) else None
    return begins, _instant(end, wall)


def _instant(when: dt.date, wall: ZoneInfo) -> dt.datetime:
    """Days begin at midnight on the person's wall, and times without a zone are on it too."""
    if not isinstance(when, dt.datetime):
        when = dt.datetime.combine(when, dt.time())
    return (when if when.tzinfo else when.replace(tzinfo=wall)).astimezone(dt.UTC)


def _of_periods(found: Scanned) -> Iterator[Span]:
    """Spans that a calendar server worked out itself (VFREEBUSY)."""
    for line in found.periods:
        head, _, values = line.partition(":")
        if "FBTYPE=FREE" in head.upper():
            continue
        for value in values.split(","):
            try:
                start, end = PERIOD(value.strip())
                end = start + end if isinstance(end, dt.timedelta) else end
                if start.tzinfo is None or end.tzinfo is None:
                    raise ValueError("a period that is not in UTC")
                yield start.astimezone(dt.UTC), end.astimezone(dt.UTC)
            except (ValueError, TypeError, AttributeError, OverflowError):
                found.unread += 1
