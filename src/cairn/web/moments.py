"""Moments in words for the pages of coaches and coachees, and what of a session's place may be linked to."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cairn.web.templatetags import _amounts

LINKS = ("https://", "http://")
NOT_DIALLED = re.compile(r"[\s().\-/]")
DIALLED = re.compile(r"\+?\d{3,20}([,;*#]\d{1,20}#?)*")


def near_day(starts_at: dt.datetime | None, reader: str, at: dt.datetime) -> str:
    """“Today” or “Tomorrow” as whoever reads the clock of this zone says it; else empty, and the date says it."""
    if starts_at is None:
        return ""
    here = ZoneInfo(reader)
    days = (starts_at.astimezone(here).date() - at.astimezone(here).date()).days
    return {0: _("Today"), 1: _("Tomorrow")}.get(days, "")


def moment(when: dt.datetime, zone: str, at: dt.datetime) -> str:
    """“09:45 tomorrow, London time”, or with the date when it is further off, or another day where the reader is."""
    local = when.astimezone(ZoneInfo(zone))
    day = near_day(when, zone, at)
    time, place = f"{local:%H:%M}", _amounts.zone_place(zone)
    if day and day == near_day(when, timezone.get_current_timezone_name(), at):
        return _("%(time)s %(day)s, %(place)s time") % {"time": time, "day": day.lower(), "place": place}
    return _("%(time)s on %(day)s, %(place)s time") % {"time": time, "day": _amounts.day(local.date()), "place": place}


def both(when: dt.datetime, zone: str, reader: str, at: dt.datetime) -> str:
    """A moment on the reader's clock, and beside it on that of `zone` where it differs.

    “03:00 tomorrow, Auckland time (14:00 in London)”.
    """
    here, there = moment(when, reader, at), clock_of(when, reader, zone)
    return _("%(moment)s (%(elsewhere)s)") % {"moment": here, "elsewhere": there} if there else here


def told(starts_at: dt.datetime | None, sentence: str, at: dt.datetime) -> str:
    """This sentence, that people have been told; or that nobody was, because the time had gone by when it was saved."""
    return sentence if starts_at and starts_at >= at else _("Its time has gone by, so nobody was told.")


def hour(when: dt.datetime, zone: str) -> str:
    """“09:45 London time”: where the day needs no saying."""
    place = _amounts.zone_place(zone)
    return _("%(time)s %(place)s time") % {"time": f"{when.astimezone(ZoneInfo(zone)):%H:%M}", "place": place}


def clock_of(starts_at: dt.datetime, zone: str, theirs: str) -> str:
    """A start on somebody else's clock, with the day when it is another day; empty when both show the same."""
    return _amounts.elsewhere(starts_at, zone, theirs)


def read_on(zones: tuple[str, ...]) -> str:
    """On which clock a date in one line is read, said before anything is typed."""
    said = [_amounts.zone_time(zone) for zone in zones]
    if len(said) == 1:
        return _("Times are %(zone)s, unless you name another clock.") % {"zone": said[0]}
    if not said:
        return ""
    clocks = {"zones": get_text_list(said, _("or"))}
    return _("Times are on the clock of the coachee’s programme (%(zones)s), unless you name another.") % clocks


def link(where: str) -> str:
    """An address that may be linked to; anything but a web address is not."""
    return where if where.lower().startswith(LINKS) else ""


def call(number: str) -> str:
    """A number that can be dialled by a tap, or "" when it is not one."""
    dialled = NOT_DIALLED.sub("", number)
    return f"tel:{dialled}" if DIALLED.fullmatch(dialled) else ""
