"""The clock: the one place that reads the time. Doors read it and pass `at` down."""

import datetime as dt
import difflib
import functools
import time
import zoneinfo
from importlib import resources

from django.utils import timezone

ZONES_KEPT_SECONDS = 3600.0


class _Zones:
    """When this process last began to read the zone database anew, and how often it has."""

    at = time.monotonic()
    times = 0


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today(zone: dt.tzinfo) -> dt.date:
    """The date on the wall in `zone`."""
    return now().astimezone(zone).date()


def reread_zones() -> None:
    """Forget what was read of the zone database, so that a process that runs for months sees what has been changed."""
    _Zones.at, _Zones.times = time.monotonic(), _Zones.times + 1
    zoneinfo.ZoneInfo.clear_cache()


def keep_zones_fresh() -> None:
    """The same once an hour, whoever calls and however often: for processes that answer requests. No query, no file."""
    if time.monotonic() - _Zones.at >= ZONES_KEPT_SECONDS:
        reread_zones()


def zones_reading() -> int:
    """Which reading of the zone database this is: part of the key for whatever is remembered of a zone's rules."""
    return _Zones.times


@functools.cache
def zone_names() -> tuple[str, ...]:
    """The zones in which people live, by the IANA database's own list of places, without its many old names."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return tuple(sorted(row[2] for row in rows))


def zone_named(typed: str) -> str:
    """The zone of a place by its name, or by its town alone where that is one place: “europe/london”, “Sao Paulo”.

    Empty for anything else: a fixed distance from UTC, such as EST, knows no summer time and is no place.
    """
    wanted = typed.strip().replace(" ", "_").casefold()
    whole = [name for name in zone_names() if name.casefold() == wanted]
    town = [name for name in zone_names() if name.rsplit("/", 1)[-1].casefold() == wanted]
    return whole[0] if whole else town[0] if len(town) == 1 else ""


def zone_like(typed: str) -> str:
    """The zone whose name looks most like this, if any does."""
    names = {name.casefold(): name for name in zone_names()}
    towns = {name.rsplit("/", 1)[-1].casefold(): name for name in zone_names()}
    wanted = typed.strip().replace(" ", "_").casefold()
    for known in (names, towns):
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.75)
        if near:
            return known[near[0]]
    return ""
