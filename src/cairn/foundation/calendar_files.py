"""Calendar files (RFC 5545) and invitations (RFC 5546): what stands in them is decided elsewhere, here it is written.

A time is written as people agreed on it: on the wall of its zone, with the rules of that zone beside it (VTIMEZONE). Of
a wall time that happens twice, a file can mean the first reading only, so the second is written in UTC.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar

from cairn.foundation import clock

PRODUCER = "-//Cairn//Cairn//EN"
END = b"END:VCALENDAR\r\n"
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
AROUND = dt.timedelta(days=366)  # the rules of a zone cover a year before and after what they are written for
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Attendee:
    """Whom an invitation is for. `answers` asks their calendar program to reply."""

    address: str
    name: str = ""
    answers: bool = False


@dataclass(frozen=True)
class Organiser:
    """To whom calendar programs reply."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class CalendarEvent:
    """One event, or one of a series. Instants are aware; `zone` is the IANA name in which they were agreed.

    `uid` stays the same for good, `sequence` rises with every change. A series holds in `also_at` and `except_at` the
    naive walls of all its occurrences and of those dropped; one of them that differs is an event of the same `uid` with
    `recurrence_id`, the naive wall where the series had put it.
    """

    uid: str
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    summary: str
    description: str = ""
    url: str = ""
    location: str = ""
    status: Status = "CONFIRMED"
    also_at: tuple[dt.datetime, ...] = ()
    except_at: tuple[dt.datetime, ...] = ()
    recurrence_id: dt.datetime | None = None
    organiser: Organiser | None = None
    attendee: Attendee | None = None


def write(
    events: Sequence[CalendarEvent], *, method: Method | None = None, name: str = "", stamp: dt.datetime
) -> bytes:
    """The file: its events with the zones they use. `stamp` is the moment of writing, `name` that of a whole feed."""
    file = icalendar.Calendar()
    file.add("prodid", PRODUCER)
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    if method:
        file.add("method", method)
    if name:
        file.add("x-wr-calname", name)
        file.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
        file.add("x-published-ttl", "PT1H")
    zones = [_zone(key, first, last, clock.zones_reading()) for key, first, last in _spans(events)]
    head = file.to_ical().removesuffix(END)
    return b"".join([head, *zones, *(_component(event, stamp).to_ical() for event in events), END])


def _component(event: CalendarEvent, stamp: dt.datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", stamp)
    zone = ZoneInfo(event.zone)
    made.add("dtstart", _as_agreed(event.starts_at, event))
    made.add("dtend", _as_agreed(event.ends_at, event))
    if event.recurrence_id is not None:
        made.add("recurrence-id", _wall(event.recurrence_id, zone))
    if event.also_at:
        made.add("rdate", [_wall(wall, zone) for wall in event.also_at])
    if event.except_at:
        made.add("exdate", [_wall(wall, zone) for wall in event.except_at])
    made.add("summary", event.summary)
    for word, text in (("description", event.description), ("url", event.url), ("location", event.location)):
        if text:
            made.add(word, text)
    made.add("status", event.status)
    made.add("transp", "TRANSPARENT" if event.status == "CANCELLED" else "OPAQUE")
    _add_people(made, event)
    return made


def _add_people(made: icalendar.Event, event: CalendarEvent) -> None:
    if event.organiser is not None:
        named = {"CN": event.organiser.name} if event.organiser.name else {}
        made.add("organizer", f"mailto:{event.organiser.address}", parameters=named)
    if event.attendee is not None:
        asked = event.attendee.answers and event.status != "CANCELLED"
        words = {
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION" if asked else "ACCEPTED",
            "RSVP": "TRUE" if asked else "FALSE",
        }
        if event.attendee.name:
            words["CN"] = event.attendee.name
        made.add("attendee", f"mailto:{event.attendee.address}", parameters=words)


def _as_agreed(moment: dt.datetime, event: CalendarEvent) -> dt.datetime:
    """On the wall; in UTC where one of both ends is the second reading of a wall time that happens twice."""
    zone = ZoneInfo(event.zone)
    twice = any(each.astimezone(zone).fold for each in (event.starts_at, event.ends_at))
    return moment.astimezone(dt.UTC if twice or event.zone == "UTC" else zone)


def _wall(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return wall.replace(tzinfo=dt.UTC if zone.key == "UTC" else zone)


# ------------------------------------------------------------------ zones


def _spans(events: Iterable[CalendarEvent]) -> Iterator[tuple[str, int, int]]:
    """Every zone used, with the first and the last year that its rules have to cover."""
    years: dict[str, set[int]] = {}
    for event in events:
        walls = (*event.also_at, *event.except_at, *((event.recurrence_id,) if event.recurrence_id else ()))
        moments = {(event.starts_at - AROUND).year, (event.ends_at + AROUND).year}
        years.setdefault(event.zone, set()).update(
            moments | {(wall - AROUND).year for wall in walls} | {(wall + AROUND).year for wall in walls}
        )
    for zone, found in sorted(years.items()):
        if zone != "UTC":
            yield zone, min(found), max(found)


@functools.lru_cache(maxsize=256)
def _zone(key: str, first: int, last: int, _reading: int) -> bytes:
    """The rules of a zone from the beginning of one year to the end of another, each change by its own date.

    Remembered for one `clock.zones_reading()`, as it stands in a file.
    """
    zone = ZoneInfo(key)
    begins, ends = dt.datetime(first, 1, 1, tzinfo=dt.UTC), dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{key}"]
    for onset in (begins, *_changes(zone, begins, ends)):
        before, after = (onset - dt.timedelta(seconds=1)).astimezone(zone), onset.astimezone(zone)
        from_offset = after.utcoffset() if onset == begins else before.utcoffset()
        kind = "DAYLIGHT" if after.dst() else "STANDARD"
        lines += [
            f"BEGIN:{kind}",
            f"DTSTART:{(onset + (from_offset or dt.timedelta())).replace(tzinfo=None):%Y%m%dT%H%M%S}",
            f"TZOFFSETFROM:{_offset(from_offset)}",
            f"TZOFFSETTO:{_offset(after.utcoffset())}",
            f"TZNAME:{after.tzname()}",
            f"END:{kind}",
        ]
    return bytes(icalendar.Calendar.from_ical("\r\n".join([*lines, "END:VTIMEZONE", ""])).to_ical())


def _changes(zone: ZoneInfo, begins: dt.datetime, ends: dt.datetime) -> Iterator[dt.datetime]:
    """The instants between two others at which the clocks of a zone change, or what they are called."""
    moment, seen = begins, _look(zone, begins)
    while moment < ends:
        after = moment + DAY
        if _look(zone, after) != seen:
            low, high = moment, after
            while high - low > dt.timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if _look(zone, middle) == seen else (low, middle)
            yield high
            seen = _look(zone, after)
        moment = after


def _look(zone: ZoneInfo, moment: dt.datetime) -> tuple[dt.timedelta | None, bool]:
    local = moment.astimezone(zone)
    return local.utcoffset(), bool(local.dst())


def _offset(offset: dt.timedelta | None) -> str:
    seconds = int((offset or dt.timedelta()).total_seconds())
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    text = f"{sign}{seconds // 3600:02}{seconds % 3600 // 60:02}"
    return text + (f"{seconds % 60:02}" if seconds % 60 else "")
