"""A coach's calendar: a month as a table and as a list, and a week as a list. All kinds of session."""

import calendar as months
import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from cairn.delivery import queries
from cairn.delivery.terms import SessionState
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.coach.shown import about, elsewhere, name_of
from cairn.web.coach.today import a_day
from cairn.web.moments import read_on
from cairn.web.templatetags import _amounts

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One session in the calendar."""

    seen: queries.SeenSession
    name: str
    about: str
    elsewhere: str
    hour: str
    state: str

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.state == SessionState.CANCELLED


@dataclass(frozen=True)
class Day:
    """One day with its sessions; `outside` the month that is shown."""

    on: dt.date
    lines: tuple[Line, ...]
    is_today: bool
    outside: bool = False


@door(who=rules.may_coach, area="coach", methods=("GET",))
def calendar(request: Request) -> HttpResponse:
    """A month or a week around a day."""
    at = clock.now()
    zone, today = request.user.zone, at.astimezone(request.user.zone).date()
    day = a_day(request.GET.get("day")) or today
    is_week = request.GET.get("view") == "week"
    weeks = [_week(day)] if is_week else months.Calendar().monthdatescalendar(day.year, day.month)
    found = queries.coach_calendar(request.user, weeks[0][0], weeks[-1][-1], at)
    grid = [[_day(on, found, zone, today, None if is_week else day.month) for on in week] for week in weeks]
    every = [each for week in grid for each in week if not each.outside]
    context = {
        "grid": grid,
        "days": every if is_week else [each for each in every if each.lines],
        "is_week": is_week,
        "day": day,
        "today": today,
        "week_ends": weeks[0][-1],
        "week_begins": weeks[0][0],
        "count": sum(1 for each in every for line in each.lines if not line.cancelled),
        "zone": _amounts.zone_place(request.user.time_zone),
        "read_on": read_on(queries.zones_of_lines(request.user, at)),
        **_around(day, is_week),
    }
    return render(request, "coach/calendar.html", context)


def _around(day: dt.date, is_week: bool) -> dict[str, Any]:
    """The days that lead back and on."""
    if is_week:
        return {"before": day - WEEK, "after": day + WEEK}
    first = day.replace(day=1)
    return {
        "before": (first - dt.timedelta(days=1)).replace(day=1),
        "after": (first + dt.timedelta(days=31)).replace(day=1),
    }


def _week(day: dt.date) -> list[dt.date]:
    monday = day - dt.timedelta(days=day.weekday())
    return [monday + dt.timedelta(days=number) for number in range(7)]


def _day(on: dt.date, found: list[queries.SeenSession], zone: ZoneInfo, today: dt.date, month: int | None) -> Day:
    lines = tuple(
        _line(each, zone) for each in found if each.starts_at and each.starts_at.astimezone(zone).date() == on
    )
    return Day(on, lines, on == today, month is not None and on.month != month)


def _line(seen: queries.SeenSession, zone: ZoneInfo) -> Line:
    here = seen.starts_at.astimezone(zone) if seen.starts_at else None
    words = {SessionState.HELD: _("held"), SessionState.CANCELLED: _("cancelled")}
    state = SessionState(seen.session.state)
    told = ", ".join(filter(None, [about(seen), str(words.get(state, ""))]))
    return Line(
        seen, name_of(seen), told, elsewhere(seen, zone.key), f"{here:%H:%M}" if here else "", seen.session.state
    )
