"""When something begins and ends, in words, on one wall: the same on every page and in every mail and file.

Where clocks change in between, both hours carry the letters of their own side: “00:30 GMT to 02:30 BST”. Without them
one hour would read as two, or as none.
"""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def hours(starts: dt.datetime, ends: dt.datetime | None) -> str:
    """“14:00 to 15:30”; the day of the end is named when it is another day. Both aware, in one and the same zone."""
    if ends is None:
        return f"{starts:%H:%M}"
    first, last = f"{starts:%H:%M}", f"{ends:%H:%M}"
    if crosses(starts, ends):
        first, last = f"{first} {letters(starts)}", f"{last} {letters(ends)}"
    if ends.date() != starts.date():
        last = f"{last} {date_format(ends.date(), 'D j M')}"
    return _("%(start)s to %(end)s") % {"start": first, "end": last}


def crosses(starts: dt.datetime, ends: dt.datetime | None) -> bool:
    """Whether clocks change between the two."""
    return ends is not None and starts.utcoffset() != ends.utcoffset()


def comes_twice(local: dt.datetime) -> bool:
    """Whether clocks show this moment's time twice that day, so that hours alone do not say which is meant."""
    return local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()


def letters(local: dt.datetime) -> str:
    """“GMT”, or the distance from UTC in whole minutes where a zone has no letters: “UTC+04:00”."""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    offset = local.utcoffset() or dt.timedelta(0)
    sign = "−" if offset < dt.timedelta(0) else "+"
    whole, rest = divmod(int(abs(offset).total_seconds()) // 60, 60)
    return f"UTC{sign}{whole:02d}:{rest:02d}"


def zone_time(zone: str) -> str:
    """A zone as people know it, by its city: “Europe/London” → “London time”."""
    return "UTC" if zone == "UTC" else _("%(place)s time") % {"place": zone.rsplit("/", 1)[-1].replace("_", " ")}


def in_zone(zone: str, starts: dt.datetime | None, ends: dt.datetime | None) -> str:
    """A zone's IANA name for a table; with “GMT to BST” behind it where clocks change in between."""
    if starts is None or ends is None or not crosses(starts, ends):
        return zone
    return f"{zone} ({_('%(start)s to %(end)s') % {'start': letters(starts), 'end': letters(ends)}})"
