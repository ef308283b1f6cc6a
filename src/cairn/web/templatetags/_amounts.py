"""Amounts and moments in words: minutes, hours, money, dates, and date-times that never come without their zone."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.foundation import spans
from cairn.web.templatetags._marks import get, on_the_wall

TWO_HOURS = 120


def minutes(value: Any) -> str:
    """Whole minutes as people say them: 90 → "90 min", 120 → "2 h", 210 → "3 h 30 min". Empty for None."""
    if value is None or value == "":
        return ""
    amount = int(value)
    sign, amount = ("−", -amount) if amount < 0 else ("", amount)
    if amount < TWO_HOURS:
        return sign + _("%(min)s min") % {"min": amount}
    whole, rest = divmod(amount, 60)
    if not rest:
        return sign + _("%(h)s h") % {"h": number_format(whole)}
    return sign + _("%(h)s h %(min)s min") % {"h": number_format(whole), "min": rest}


def hours(value: Any) -> str:
    """Minutes as decimal hours, to the hundredth where it is needed: 18630 → "310.5 h". Empty for None."""
    if value is None or value == "":
        return ""
    amount = (Decimal(int(value)) / 60).quantize(Decimal("0.01")).normalize()
    return _("%(h)s h") % {"h": number_format(format(amount, "f")).replace("-", "−")}


def money(minor: Any, currency: str) -> str:
    """An amount in minor units, written for its currency (ISO 4217). Empty for None."""
    if minor is None or minor == "":
        return ""
    from cairn.engines import invoicing

    return invoicing.format_money(int(minor), currency)


def day(value: Any, form: str = "long") -> str:
    """A date; empty for None. A moment from the database is told by the day on the reader's own wall.

    "long" Wednesday 3 March 2027, "medium" 3 March 2027, "short" 3 Mar 2027, "table" Wed 3 Mar.
    """
    forms = {"long": "l j F Y", "medium": "j F Y", "short": "j M Y", "table": "D j M"}
    return date_format(on_the_wall(value), forms[form]) if value else ""


def zone_place(zone: str) -> str:
    """The city of a zone as people know it: "Europe/London" → "London"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def zone_words(moment: datetime, zone: str, until: datetime | None = None) -> str:
    """The zone's place and what its clocks show at that moment: "London time, GMT" or "Tbilisi time, UTC+04:00".

    Without the letters where clocks change before `until`: the hours carry them then (`span`).
    """
    local, place = moment.astimezone(ZoneInfo(zone)), zone_time(zone)
    if zone == "UTC" or spans.crosses(local, until and until.astimezone(local.tzinfo)):
        return place
    return _("%(place)s, %(abbreviation)s") % {"place": place, "abbreviation": abbreviation(local)}


def zone_time(zone: str) -> str:
    """A zone without what its clocks show at some moment, for what stands all year: "London time"."""
    return spans.zone_time(zone)


def abbreviation(local: datetime) -> str:
    """Letters where the zone has some, otherwise the distance from UTC in whole minutes."""
    return spans.letters(local)


def clock(moment: datetime) -> str:
    """Hours and minutes on a 24-hour clock."""
    return moment.strftime("%H:%M")


def span(starts: datetime, ends: datetime | None) -> str:
    """The hours of a session in one zone, with what clocks show at each end where they change in between."""
    return spans.hours(starts, ends)


def when(session: Any, viewer_zone: str = "", form: str = "large", *, own_first: bool = False) -> SafeString:
    """A session's date and time with the zone it was agreed in, and the reader's own beside it where that differs.

    `session` has `starts_at` and `ends_at` (aware; both may be None: "no date yet") and `zone` (IANA name).
    `form`: "large" to plan by, "line" in running text, "table" short in a row, "row" the same with the zone's place,
    for rows whose zones differ. "time" where a day of the reader's
    stands above: their hours come first, and the session's own beside them. So they do with `own_first`, in every form:
    on the pages of coachees, who plan by their own clock.
    """
    starts: datetime | None = get(session, "starts_at")
    if starts is None:
        return format_html('<span class="faint">{}</span>', _("no date yet"))
    agreed = get(session, "zone") or "UTC"
    is_own = bool(viewer_zone) and (own_first or form == "time")
    zone = viewer_zone if is_own else agreed
    ends: datetime | None = get(session, "ends_at")
    local = starts.astimezone(ZoneInfo(zone))
    until = ends.astimezone(ZoneInfo(zone)) if ends else None
    theirs = elsewhere(starts, zone, agreed) if is_own else yours(starts, local, viewer_zone)
    words = span(local, until)
    if form != "time":
        words = f"{day(local.date(), 'table' if form in ('table', 'row') else 'long')}, {words}"
    is_short = form in ("table", "time") and not spans.crosses(local, until)
    label = abbreviation(local) if is_short else zone_words(local, zone, until)
    stamp = format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), words)
    mine = format_html(' <small class="when__yours">{}</small>', theirs) if theirs else ""
    if form == "large":
        return format_html('<p class="when">{} <small>{}</small>{}</p>', stamp, label, mine)
    return format_html('<span class="moment">{} <small>{}</small>{}</span>', stamp, label, mine)


def elsewhere(starts: datetime, zone: str, theirs: str) -> str:
    """A start on another clock than that of `zone`: “16:45 in Tbilisi”; with the day when it is another day.

    Empty when both clocks show the same.
    """
    here, there = starts.astimezone(ZoneInfo(zone)), starts.astimezone(ZoneInfo(theirs))
    if here.utcoffset() == there.utcoffset():
        return ""
    hour = clock(there) if here.date() == there.date() else f"{day(there.date(), 'table')}, {clock(there)}"
    return _("%(time)s in %(place)s") % {"time": hour, "place": zone_place(theirs)}


def yours(starts: datetime, local: datetime, viewer_zone: str) -> str:
    """The start on the reader's clock, when that shows another time; with the day when it is another day."""
    if not viewer_zone:
        return ""
    here = starts.astimezone(ZoneInfo(viewer_zone))
    if here.utcoffset() == local.utcoffset():
        return ""
    hour = clock(here) if here.date() == local.date() else f"{day(here.date(), 'table')}, {clock(here)}"
    return _("your %(time)s in %(place)s") % {"time": hour, "place": zone_place(viewer_zone)}
