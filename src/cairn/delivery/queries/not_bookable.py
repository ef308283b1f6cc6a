"""Why a coachee cannot book a start: from what they know of their coach's hours, and from what they do themselves.

What anybody else does then, or what the coach's own calendar says, is no reason that is told: it is taken, no more.
"""

import datetime as dt
from dataclasses import replace
from typing import Literal

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import availability
from cairn.engines import availability as engine
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment

Why = Literal["past", "own_session", "own_calendar", "own_near", "outside", "not_offered", "no_longer", "late", "far"]
FOR_EVER = 4000  # days


def why_not(
    *,
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment,
    starts_at: dt.datetime,
    holder: Person,
    at: dt.datetime,
) -> Why | None:
    """The reason, or None where it is only taken. A handful of queries; for starts that were refused."""
    day = starts_at.astimezone(session.zone).date()
    there = availability.in_own_way(session, engagement, enrolment, first=day, last=day, holder=holder, at=at)
    ends_at = starts_at + dt.timedelta(minutes=session.minutes)
    if _meets(there.sessions, starts_at, ends_at):
        return "own_session"
    first, last = availability.within(engagement, enrolment, day, day)
    if first > last:
        return "past" if starts_at <= at else "outside"
    kept = availability.kept_by(engagement.person_id, day, day)
    if kept is None or not kept.row.is_open:
        return "not_offered"
    wanted = engine.Wanted(session.minutes, session.time_zone, day, day, at, there.closed)
    why = _by_hours(kept.rules, wanted, starts_at)
    if why is None and not _has(kept.rules, wanted, there.own, starts_at):
        return "own_calendar" if _meets(there.own.busy, starts_at, ends_at) else "own_near"
    return why


def hours_then(
    session: CoachingSession, engagement: CoachEngagement, starts_at: dt.datetime
) -> tuple[availability.MeetingPlaceSeen, ...]:
    """The places at which the weekly hours offer this start, whatever the coach took away of them since."""
    day = starts_at.astimezone(session.zone).date()
    kept = availability.kept_by(engagement.person_id, day, day)
    if kept is None:
        return ()
    wanted = engine.Wanted(session.minutes, session.time_zone, day, day, starts_at)
    found = engine.starts(_unbound(kept.rules, with_away=False), wanted, engine.Taken())
    places = next((each.places for each in found if each.starts_at == starts_at), ())
    return tuple(kept.places[place] for place in places if place is not None)


def _by_hours(rules: engine.Rules, wanted: engine.Wanted, starts_at: dt.datetime) -> Why | None:
    """What the coach's hours, notice and horizon say of it, with nothing in the way."""
    nothing = engine.Taken()
    if starts_at <= wanted.at:
        return "past"
    if not _has(_unbound(rules), wanted, nothing, starts_at):
        was = _has(_unbound(rules, with_away=False), wanted, nothing, starts_at)
        return "no_longer" if was else "not_offered"
    if starts_at < wanted.at + dt.timedelta(minutes=rules.notice_minutes):
        return "late"
    within_horizon = replace(_unbound(rules), horizon_days=rules.horizon_days)
    return None if _has(within_horizon, wanted, nothing, starts_at) else "far"


def _unbound(rules: engine.Rules, *, with_away: bool = True) -> engine.Rules:
    """The hours alone; without what takes some of them away, where that is not wanted."""
    differing = tuple(each for each in rules.differing if with_away or each.is_open)
    kept = replace(rules, differing=differing, notice_minutes=0, horizon_days=FOR_EVER)
    return replace(kept, most_per_day=None, most_per_week=None)


def _has(rules: engine.Rules, wanted: engine.Wanted, taken: engine.Taken, starts_at: dt.datetime) -> bool:
    return any(each.starts_at == starts_at for each in engine.starts(rules, wanted, taken))


def _meets(spans: tuple[engine.Span, ...], starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
    return any(begins < ends_at and starts_at < ends for begins, ends in spans)
