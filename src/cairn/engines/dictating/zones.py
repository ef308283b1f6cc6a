"""Zones that a line names: "Auckland time", "3pm New York", "GMT+2". What several places share is asked about.

A zone is an IANA name, or UTC with a distance such as "UTC+05:30".
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from cairn.engines import cadence
from cairn.engines.dictating.days import MONTH, WEEKDAY
from cairn.engines.dictating.shapes import CUT, HERE, Reading

AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "Arctic"}
)
NO_PLACES = frozenset({"north", "south", "west", "center", "act", "nsw", "lhi", "knox", "easter"})
BERLIN, CHICAGO, DENVER, NEW_YORK = "Europe/Berlin", "America/Chicago", "America/Denver", "America/New_York"
ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "est": (NEW_YORK, "UTC-05:00"),
    "edt": (NEW_YORK,),
    "et": (NEW_YORK,),
    "cst": (CHICAGO, "Asia/Shanghai", "America/Havana"),
    "cdt": (CHICAGO, "America/Havana"),
    "ct": (CHICAGO,),
    "mst": (DENVER, "America/Phoenix"),
    "mdt": (DENVER,),
    "mt": (DENVER,),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "pdt": ("America/Los_Angeles",),
    "pt": ("America/Los_Angeles",),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"),
    "adt": ("America/Halifax",),
    "nst": ("America/St_Johns",),
    "hst": ("Pacific/Honolulu",),
    "brt": ("America/Sao_Paulo",),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "wet": ("Europe/Lisbon", "UTC+00:00"),
    "cet": (BERLIN, "UTC+01:00"),
    "cest": (BERLIN,),
    "eet": ("Europe/Athens", "Africa/Cairo", "UTC+02:00"),
    "eest": ("Europe/Athens",),
    "msk": ("Europe/Moscow",),
    "wat": ("Africa/Lagos",),
    "cat": ("Africa/Harare",),
    "eat": ("Africa/Nairobi",),
    "sast": ("Africa/Johannesburg",),
    "gst": ("Asia/Dubai",),
    "pkt": ("Asia/Karachi",),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "awst": ("Australia/Perth",),
    "acst": ("Australia/Adelaide", "Australia/Darwin"),
    "acdt": ("Australia/Adelaide",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney",),
    "nzst": ("Pacific/Auckland",),
    "nzdt": ("Pacific/Auckland",),
}
SAID_WITH_TIME: dict[str, tuple[str, ...]] = {
    "eastern": (NEW_YORK, "Australia/Sydney"),
    "central": (CHICAGO, "Australia/Adelaide"),
    "mountain": (DENVER, "America/Phoenix"),
    "pacific": ("America/Los_Angeles",),
    "central european": (BERLIN, "UTC+01:00"),
    "us": (NEW_YORK, CHICAGO, DENVER, "America/Los_Angeles"),
    "indian": ("Asia/Kolkata",),
    "irish": ("Europe/Dublin",),
    "uk": ("Europe/London",),
    "british": ("Europe/London",),
    "greenwich mean": ("UTC",),
}
OTHER_CITIES: dict[str, str] = {  # large ones for which no zone is named
    **dict.fromkeys(("edinburgh", "cardiff", "manchester", "birmingham"), "Europe/London"),
    **dict.fromkeys(("barcelona",), "Europe/Madrid"),
    **dict.fromkeys(("hamburg", "munich", "frankfurt", "cologne"), BERLIN),
    **dict.fromkeys(("milan",), "Europe/Rome"),
    **dict.fromkeys(("geneva",), "Europe/Zurich"),
    **dict.fromkeys(("boston", "washington", "washington dc", "philadelphia", "atlanta", "miami"), NEW_YORK),
    **dict.fromkeys(("houston", "dallas"), CHICAGO),
    **dict.fromkeys(("san francisco", "seattle", "san diego"), "America/Los_Angeles"),
    **dict.fromkeys(("montreal", "ottawa"), "America/Toronto"),
    **dict.fromkeys(("rio de janeiro",), "America/Sao_Paulo"),
    **dict.fromkeys(("mumbai", "delhi", "new delhi", "bangalore", "chennai"), "Asia/Kolkata"),
    **dict.fromkeys(("beijing", "shenzhen"), "Asia/Shanghai"),
    **dict.fromkeys(("cape town", "pretoria"), "Africa/Johannesburg"),
    **dict.fromkeys(("canberra",), "Australia/Sydney"),
    **dict.fromkeys(("wellington", "christchurch"), "Pacific/Auckland"),
}
WORDS_TOO = frozenset({"et", "ct", "mt", "pt", "cat", "eat", "wat", "ast"})  # read as zones in capitals alone
FARTHEST_HOURS = 14
HOUR = (
    r"(?:(?<![\d:.])\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?\s?m\b\.?|h\b|hrs?\b|o['’]?clock\b)?"
    r"|\b(?:noon|midday|midnight)\b)"
)
ENDS = (
    rf"(?=\s*(?:$|[,;.!?)¦\d]|\b(?:with|on|at|by|for|from|in|via|and|or|online|phone|video|zoom|teams|call|tel|"
    rf"tomorrow|today|next|this|the|{WEEKDAY}|{MONTH})\b))"
)
NO_ZONES = r"(?!(?:any|some|this|that|same|next|first|last|what|which|the|a|at|on|of)\s)"
UNKNOWN = (
    rf"({HOUR})\s+\(?((?!(?:with|on|at|by|for)\b)(?:[^\W\d_][\w'’.-]*\s+){{1,3}}?time)\b",
    rf"()\b{NO_ZONES}((?:my|your|his|her|their|our|local|(?-i:[A-Z])[\w'’.-]+(?:\s+(?-i:[A-Z])[\w'’.-]+){{0,2}})\s+time)\b",
    rf"({HOUR})\s+\(?((?-i:[A-Z]{{2,4}}T))\b",
)


@cache
def places() -> Mapping[str, str]:
    """Every place after which a zone is named, in small letters, with the IANA name of its zone."""
    found: dict[str, str] = {}
    for key in sorted(available_timezones(), key=lambda each: (each.count("/"), each)):
        area, _slash, _rest = key.partition("/")
        place = key.rsplit("/", 1)[-1].replace("_", " ").lower()
        if area in AREAS and place not in NO_PLACES:
            found.setdefault(place, key)
    return MappingProxyType(OTHER_CITIES | found)


@cache
def keys() -> Mapping[str, str]:
    """The IANA names of places, in small letters, with the names as they are."""
    return MappingProxyType({key.lower(): key for key in available_timezones() if key.partition("/")[0] in AREAS})


@cache
def _place() -> str:
    """One of the places, the longest first, so that New York is not read as York."""
    names = sorted(places(), key=len, reverse=True)
    return "(" + "|".join(re.escape(name).replace(r"\ ", r"[ _]") for name in names) + ")"


def is_zone(name: str) -> bool:
    """Whether this names a zone as `parse` takes and gives them."""
    return name == "UTC" or _distance(name) is not None or keys().get(name.lower()) == name


def zone_of(name: str) -> dt.tzinfo:
    """What the name of a zone stands for."""
    distance = _distance(name)
    return dt.timezone(distance) if distance is not None else ZoneInfo(name)


def instant(day: dt.date, wall_time: dt.time, zone: str, fold: Literal[0, 1] | None) -> dt.datetime:
    """The UTC instant of a wall time in such a zone. Raises what `cadence.instant` raises."""
    distance = _distance(zone)
    if distance is None:
        return cadence.instant(day, wall_time, zone, fold)
    return dt.datetime.combine(day, wall_time, tzinfo=dt.timezone(distance)).astimezone(dt.UTC)


def _distance(name: str) -> dt.timedelta | None:
    found = re.fullmatch(r"UTC([+-])(\d\d):(\d\d)", name)
    if found is None or int(found[2]) > FARTHEST_HOURS or int(found[3]) > 59:
        return None
    distance = dt.timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -distance if found[1] == "-" else distance


def named(reading: Reading) -> None:
    """Cut out every zone that the line names; one that cannot be told is asked about, and never left out."""
    reading.text = reading.text.replace("\N{MINUS SIGN}", "-")
    _distances(reading)
    reading.each(r"(?:\bin\s+)?\b([a-z]+(?:/[a-z_+-]+){1,2})(?:\s+time\b)?", lambda found: _key(reading, found))
    said = "|".join(sorted(SAID_WITH_TIME, key=len, reverse=True))
    reading.each(rf"\b({said})\s+(?:standard\s+|summer\s+|daylight\s+)?time\b", lambda found: _said(reading, found))
    local = r"(?:local\s+|standard\s+|summer\s+|daylight\s+)?time\b"
    reading.each(rf"(?:\b(?:in|at)\s+)?\b{_place()}\s+{local}", lambda found: _take(reading, found[1]))
    _after(reading, rf"({HOUR})\s+\(?{_place()}\b\)?{ENDS}", _take)
    _place_or_zone(reading)
    letters = "|".join(ABBREVIATIONS)
    _after(reading, rf"({HOUR})\s+\(?({letters})\b\)?(?:\s+time\b)?{ENDS}", _short)
    reading.each(rf"\b(?-i:({letters.upper()}))\b(?:\s+time\b)?", lambda found: _short(reading, found[1]))
    for pattern in UNKNOWN:
        _after(reading, pattern, _ask_which)


def _after(reading: Reading, pattern: str, take: Callable[[Reading, str], bool | None]) -> None:
    """What stands behind an hour; the hour itself stays, to be read later."""

    def cut(found: re.Match[str]) -> str:
        return found[0] if take(reading, found[2]) is False else found[1] + CUT

    reading.text = re.sub(pattern, cut, reading.text, flags=re.IGNORECASE)


def _distances(reading: Reading) -> None:
    """ "UTC", "GMT+2", "UTC-03:30"."""

    def take(found: re.Match[str]) -> None:
        sign, hours, minutes = found[1], int(found[2] or 0), int(found[3] or 0)
        if hours > FARTHEST_HOURS or minutes > 59:
            reading.ask("zone", "no_such_zone", words=found[0].strip())
        else:
            reading.zones.append(f"UTC{sign}{hours:02}:{minutes:02}" if hours or minutes else "UTC")

    reading.each(r"\b(?:UTC|GMT)(?:\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?(?![\d:]))?(?:\s+time\b)?(?![\w/])", take)


def _key(reading: Reading, found: re.Match[str]) -> bool | None:
    key = keys().get(found[1].lower())
    if key is None:
        return False
    reading.zones.append(key)
    return None


def _take(reading: Reading, place: str) -> None:
    reading.zones.append(places()[place.lower().replace("_", " ")])


def _said(reading: Reading, found: re.Match[str]) -> None:
    choices = SAID_WITH_TIME[found[1].lower()]
    if len(choices) == 1:
        reading.zones.append(choices[0])
    else:
        reading.ask("zone", "which_zone", choices, words=found[0].strip())


def _short(reading: Reading, letters: str) -> bool | None:
    if letters.lower() in WORDS_TOO and not letters.isupper():
        return False
    reading.ask("zone", "which_zone", ABBREVIATIONS[letters.lower()], words=letters)
    return None


def _place_or_zone(reading: Reading) -> None:
    """ "3pm in Auckland": the clock there, or the place where people meet. An answer decides how the line is read."""

    def take(read: Reading, words: str) -> bool | None:
        place = places()[re.sub(r"^in\s+", "", words, flags=re.IGNORECASE).lower().replace("_", " ")]
        if place == read.zone:
            return False
        if read.zone_answer not in ("", HERE):
            return None
        read.ask("zone", "zone_or_place", (place, HERE), words=words)
        return False

    _after(reading, rf"({HOUR})\s+(in\s+{_place()})\b{ENDS}", take)


def left(reading: Reading, words: str) -> None:
    """Words of which nothing was made: where they are such a place, its clock may be meant."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", words.lower()) if not unicodedata.combining(char))
    place = places().get(plain)
    if place not in (None, reading.zone):
        reading.ask("zone", "zone_or_place", (str(place), HERE), words=words)


def _ask_which(reading: Reading, words: str) -> None:
    reading.ask("zone", "no_such_zone", words=words.strip())
