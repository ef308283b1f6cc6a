"""The clock: the one place that reads the time. Doors read it and pass `at` down."""

import datetime as dt
import functools
import zoneinfo
from importlib import resources

from django.utils import timezone


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today(zone: dt.tzinfo) -> dt.date:
    """The date on the wall in `zone`."""
    return now().astimezone(zone).date()


def reread_zones() -> None:
    """Forget what was read of the zone database, so that a process that runs for months sees what has been changed."""
    zoneinfo.ZoneInfo.clear_cache()


@functools.cache
def zone_names() -> tuple[str, ...]:
    """The zones in which people live, by the IANA database's own list of places, without its many old names."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return tuple(sorted(row[2] for row in rows))
