"""What somebody said and chose around sessions, as a file to read and one for machines."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery.terms import CalendarKind, FeedDetail, PointKind, PollWord
from cairn.web.templatetags import _amounts

NAME, JSON_NAME = "around-sessions.md", "around-sessions.json"
Around = Mapping[str, Sequence[Mapping[str, Any]]]


def files(around: Around) -> Iterator[tuple[str, str]]:
    """Both of them, where there is anything. Moments stand in the zone of their session, which is named."""
    if any(around.values()):
        yield NAME, _prose(around)
        yield JSON_NAME, json.dumps(around, ensure_ascii=False, indent=1) + "\n"


def _prose(around: Around) -> str:
    parts = (
        (_("Questions you asked for topic sessions"), [_text(each) for each in around["questions"]]),
        (_("What you brought to coach meetings"), [_text(each, _point(each)) for each in around["points"]]),
        (_("Your parting words"), [_text(each) for each in around["parting_words"]]),
        (_("When you could have come"), [_answer(each) for each in around["poll_answers"]]),
        (_("When you want to be reminded"), [_reminder(each) for each in around["reminders"]]),
        (_("Your own calendars that Cairn reads"), [_calendar(each) for each in around["calendars_read"]]),
        (
            _("What your own calendar is told"),
            [str(FeedDetail(each["detail"]).label) for each in around["calendars_fed"]],
        ),
    )
    told = [f"## {title}\n\n" + "\n".join(f"- {row}" for row in rows) for title, rows in parts if rows]
    return "\n\n".join([f"# {_('Around your sessions')}", *told]) + "\n"


def _text(each: Mapping[str, Any], what: str = "") -> str:
    session = each["session"]
    head = f"{session['cohort']}, {session['title']}, {_day(each['at'], session['zone'])}"
    lines = each["text"].strip().replace("\n", "\n  ")
    return f"{head}{f' ({what})' if what else ''}: {lines}"


def _point(each: Mapping[str, Any]) -> str:
    return str(PointKind(each["kind"]).label)


def _answer(each: Mapping[str, Any]) -> str:
    session = each["session"]
    time = dt.datetime.fromisoformat(each["time"]).astimezone(ZoneInfo(session["zone"]))
    when = f"{date_format(time.date(), 'j F Y')}, {time:%H:%M} ({_amounts.zone_words(time, session['zone'])})"
    return f"{session['cohort']}, {session['title']}, {when}: {PollWord(each['word']).label}"


def _reminder(each: Mapping[str, Any]) -> str:
    before = ", ".join(_amounts.minutes(minutes) for minutes in each["minutes_before"]) or _("never")
    quiet = _("quiet from %(start)s to %(end)s, %(zone)s time") % {
        "start": each["quiet_from"],
        "end": each["quiet_until"],
        "zone": _amounts.zone_place(each["zone"]),
    }
    return f"{before}; {quiet}"


def _calendar(each: Mapping[str, Any]) -> str:
    where = each.get("address") or each.get("server") or ""
    return ", ".join(filter(None, (each["name"], str(CalendarKind(each["kind"]).label), where, each.get("user"))))


def _fed(each: Mapping[str, Any]) -> str:
    return str(FeedDetail(each["detail"]).label)


def _day(at: str, zone: str) -> str:
    return str(date_format(dt.datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).date(), "j F Y"))
