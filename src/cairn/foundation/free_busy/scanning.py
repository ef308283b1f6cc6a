"""Reading a calendar file line by line: only what tells free from busy is kept, all else is dropped unread.

Titles, places, descriptions and people do not get further than this module: not one of their lines is put together.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

MOST_LINES = 400_000
MOST_EVENTS = 40_000
MOST_OF_A_ZONE = 1_000  # lines
LONGEST_LINE = 50_000
DEEPEST = 8
TIMES = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
EVENT = frozenset(TIMES | {"UID", "STATUS", "TRANSP", "SEQUENCE", "X-MICROSOFT-CDO-BUSYSTATUS"})
ZONE = frozenset({"TZID", "TZOFFSETFROM", "TZOFFSETTO", "DTSTART", "RRULE", "RDATE"})
KEPT = {"VEVENT": EVENT | {"ATTENDEE"}, "VTIMEZONE": ZONE, "STANDARD": ZONE, "DAYLIGHT": ZONE}
KEPT |= {"VFREEBUSY": frozenset({"FREEBUSY"}), "VCALENDAR": frozenset({"X-WR-CALNAME"})}
NAME = re.compile(r"[A-Za-z0-9-]+")
TZID = re.compile(r';TZID=("[^"]*"|[^:;"]*)', re.IGNORECASE)
ADDRESS = re.compile(r"mailto:([^\s;,\"]+)", re.IGNORECASE)


class Unread(Exception):
    """A calendar that cannot be read. `key` says why; nothing of its content is in it."""

    def __init__(self, key: str) -> None:
        """Keep the key."""
        super().__init__(key)
        self.key = key


@dataclass
class Event:
    """The lines of one event that say when it is and whether it counts."""

    lines: list[str] = field(default_factory=list)
    declined_by: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The value of the first line of this name, in capitals, or ""."""
        return next((line.rpartition(":")[2].strip().upper() for line in self.lines if _name(line) == name), "")

    def has(self, *names: str) -> bool:
        """Whether there is a line of one of these names."""
        return any(_name(line) in names for line in self.lines)

    @property
    def uid(self) -> str:
        """Its name in the calendar it came from, or ""."""
        return next((line.partition(":")[2].strip() for line in self.lines if _name(line) == "UID"), "")


@dataclass
class Scanned:
    """What one or several files held."""

    events: list[Event] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    """A zone's own rules as text, by the name that they have here."""
    periods: list[str] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    unread: int = 0


def scan(text: str, found: Scanned) -> None:
    """Add what a file says to what was found so far. Raises Unread."""
    if not text.lstrip("\ufeff \t\r\n")[:15].upper().startswith("BEGIN:VCALENDAR"):
        raise Unread("not_calendar")
    _File(found).read(text)


@lru_cache(maxsize=1000)
def known_zone(name: str) -> str | None:
    """The IANA name of a zone that a calendar program calls so, or None."""
    parts = name.strip("/").split("/")
    candidates = (name, WINDOWS_TO_OLSON.get(name, ""), "/".join(parts[-2:]), "/".join(parts[-3:]))
    return next((candidate for candidate in candidates if candidate in _zones()), None)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _name(line: str) -> str:
    found = NAME.match(line)
    return found.group().upper() if found else ""


class _File:
    """One file on its way through: which component a line stands in decides whether it is kept."""

    def __init__(self, found: Scanned) -> None:
        self.found = found
        self.stack: list[str] = []
        self.event: Event | None = None
        self.events: list[Event] = []
        self.zone: list[str] = []
        self.own_zones: dict[str, str] = {}

    def read(self, text: str) -> None:
        """Read it all. Raises Unread."""
        for line in self._lines(text):
            word = _name(line)
            if word == "BEGIN":
                self._begin(line[6:].strip().upper())
            elif word == "END":
                self._end(line[4:].strip().upper())
            else:
                self._keep(word, line)
        if self.stack:
            raise Unread("cut")
        self.found.events += [self._placed(event) for event in self.events]

    def _lines(self, text: str) -> Iterator[str]:
        """Whole lines: those that matter are put together from their folded parts, others are passed over."""
        parts: list[str] = []
        for number, raw in enumerate(_raw_lines(text)):
            if number > MOST_LINES:
                raise Unread("large")
            if raw[:1] in {" ", "\t"}:
                if parts:
                    parts.append(raw[1:])
                continue
            if parts:
                yield self._whole(parts)
            parts = [raw] if self._matters(_name(raw)) else []
        if parts:
            yield self._whole(parts)

    def _whole(self, parts: list[str]) -> str:
        if sum(map(len, parts)) > LONGEST_LINE:
            raise Unread("large")
        return "".join(parts)

    def _matters(self, word: str) -> bool:
        return word in {"BEGIN", "END"} or (bool(self.stack) and word in KEPT.get(self.stack[-1], ()))

    def _begin(self, kind: str) -> None:
        if len(self.stack) >= DEEPEST or (not self.stack and kind != "VCALENDAR"):
            raise Unread("not_calendar")
        self.stack.append(kind if self._fits(kind) else "OTHER")
        if self.stack[-1] == "VEVENT":
            self.event = Event()
        elif self.stack[-1] == "VTIMEZONE":
            self.zone = []
        elif self.stack[-1] in {"STANDARD", "DAYLIGHT"}:
            self.zone.append(f"BEGIN:{kind}")

    def _fits(self, kind: str) -> bool:
        above = self.stack[-1] if self.stack else ""
        return above == {"VCALENDAR": "", "STANDARD": "VTIMEZONE", "DAYLIGHT": "VTIMEZONE"}.get(kind, "VCALENDAR")

    def _end(self, kind: str) -> None:
        if not self.stack or self.stack[-1] not in {kind, "OTHER"}:
            raise Unread("not_calendar")
        ended = self.stack.pop()
        if ended == "VEVENT" and self.event is not None:
            self.events.append(self.event)
            if len(self.events) + len(self.found.events) > MOST_EVENTS:
                raise Unread("many")
        elif ended in {"STANDARD", "DAYLIGHT"}:
            self.zone.append(f"END:{ended}")
        elif ended == "VTIMEZONE":
            self._keep_zone()

    def _keep(self, word: str, line: str) -> None:
        here = self.stack[-1]
        if here == "VCALENDAR":
            self.found.owners |= {line.partition(":")[2].strip().lower()} if "@" in line else set()
        elif here == "VFREEBUSY":
            self.found.periods.append(line)
        elif here == "VEVENT" and self.event is not None:
            if word != "ATTENDEE":
                self.event.lines.append(line)
            elif "PARTSTAT=DECLINED" in line.upper():
                self.event.declined_by += [found.lower() for found in ADDRESS.findall(line)[-1:]]
        else:
            self.zone.append(line)

    def _keep_zone(self) -> None:
        """A zone that the zone database does not know gets a name from its rules: files use one name for several."""
        name = next((line[5:].strip() for line in self.zone if line.upper().startswith("TZID:")), "")
        odd = any("FREQ=YEARLY" not in line.upper() for line in self.zone if _name(line) == "RRULE")
        if name and known_zone(name) is None and not odd and len(self.zone) <= MOST_OF_A_ZONE:
            rules = "\r\n".join(line for line in self.zone if not line.upper().startswith("TZID:"))
            here = "own-" + hashlib.sha256(rules.encode()).hexdigest()[:24]
            self.own_zones[name] = here
            self.found.zones[here] = f"BEGIN:VTIMEZONE\r\nTZID:{here}\r\n{rules}\r\nEND:VTIMEZONE\r\n"

    def _placed(self, event: Event) -> Event:
        """The event with every zone under a name that means the same in every file, or with none that is known."""
        event.lines = [TZID.sub(self._renamed, line) if ";" in line else line for line in event.lines]
        return event

    def _renamed(self, match: re.Match[str]) -> str:
        name = match.group(1).strip('"')
        return f";TZID={known_zone(name) or self.own_zones.get(name, '?')}"


def _raw_lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end].rstrip("\r")
        start = end + 1
