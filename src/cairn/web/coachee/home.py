"""A coachee's home: what comes next, what is left, and the one quiet thing of their own."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import queries
from cairn.delivery.terms import Mode, SessionState
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import queries as journey
from cairn.journey.terms import PickKind
from cairn.people import rules
from cairn.programmes.terms import Kind
from cairn.web import addresses
from cairn.web.coachee import polls
from cairn.web.coachee.goals import level_in_words
from cairn.web.coachee.stepping import shown
from cairn.web.moments import both, call, clock_of, link, moment, near_day
from cairn.web.templatetags import _amounts

SOON = dt.timedelta(hours=6)
NOON, EVENING = 12, 18
NO_MOVE = {
    "": "",
    "too_late": gettext_lazy("It is too near to be moved here. If you need another time, write to your coach."),
    "no_hours": gettext_lazy("If you need another time, write to your coach."),
    "no_coach": gettext_lazy("It cannot be moved here: this coach is no longer at work, and the team finds another."),
    "cancelled": "",
}
MARK_WORDS = {
    "attended": gettext_lazy("you were here"),
    "excused": gettext_lazy("excused"),
    "late_cancelled": gettext_lazy("cancelled late"),
    "missed": gettext_lazy("missed"),
}


@dataclass(frozen=True)
class Mine:
    """One session as its coachee's pages show it; day, date, hours and clock are the reader's.

    `no_move` says what to do where an own session cannot be moved here, and is "" where it can. `beside` is the start
    on the session's own clock where that differs. `opens_in` is in seconds, 0 when not soon.
    """

    session: queries.OwnSession
    day: str
    date: dt.date | None
    hours: str
    clock: str
    beside: str
    what: str
    join: str
    number: str
    call: str
    opens: str
    opens_in: int
    calls: bool
    may_apologise: bool
    is_own: bool
    no_move: str
    apologies: str
    late: str
    state: str


def mine(session: queries.OwnSession, zone: str, at: dt.datetime) -> Mine:
    """Put a session into words for the moment at which it is looked at; `zone` is the reader's."""
    local = session.starts_at.astimezone(ZoneInfo(zone)) if session.starts_at else None
    near, opens_at = session.link(at), session.opens_later(at)
    is_phone = session.session.mode == Mode.PHONE
    return Mine(
        session=session,
        day=near_day(session.starts_at, zone, at),
        date=local.date() if local else None,
        hours=_amounts.span(local, session.ends_at.astimezone(local.tzinfo)) if local and session.ends_at else "",
        clock=_amounts.zone_words(local, zone, session.ends_at) if local else "",
        beside=clock_of(local, zone, session.zone) if local else "",
        what=what(session),
        join="" if is_phone else link(near),
        number=near if is_phone or not link(near) else "",
        call=call(near) if is_phone else "",
        opens=moment(opens_at, zone, at) if opens_at else "",
        opens_in=int((opens_at - at).total_seconds()) + 1 if opens_at and opens_at - at < SOON else 0,
        calls=is_phone,
        may_apologise=session.may_apologise(at),
        is_own=session.is_own(at),
        no_move=str(NO_MOVE[session.obstacle(at)]) if session.is_own(at) else "",
        apologies=apologies_cost(session, zone, at),
        late=late(session),
        state=state(session, at),
    )


@door(who=signed_in, area="coachee", methods=("GET",))
def home(request: Request) -> HttpResponse:
    """What comes next, one question, what is open; for everybody, with a programme or without."""
    at = clock.now()
    person = request.user
    found, own = queries.coachee_home(person, at), journey.own_home(person, at)
    local = at.astimezone(person.zone)
    context = {
        "found": found,
        "next": mine(found.next, person.time_zone, at) if found.next else None,
        "coming": [mine(each, person.time_zone, at) for each in found.coming],
        "choosing": choosing(found, person.time_zone, at),
        "polls": polls.in_words([line for each in found.enrolments for line in each.polls], person.time_zone, at),
        "several": len(found.enrolments) > 1,
        "has_left": not found.enrolments and rules.may_be_coached(person, at),
        "own": own,
        "question": own.path.next,
        "picks": picks_beside(own),
        "stages": [stone(each) for each in own.path.stages],
        "steps": [shown(each, local.date()) for each in own.steps],
        "goals": [(each, level_in_words(each)) for each in own.goals],
        "greeting": greeting(person.calling_name, local),
        "today": local.date(),
        "zone": person.time_zone,
        "place": _amounts.zone_place(person.time_zone),
    }
    return render(request, "coachee/home.html", context)


def choosing(found: queries.CoacheeHome, zone: str, at: dt.datetime) -> list[tuple[queries.OwnEnrolment, str]]:
    """The enrolments that choose among times for their group, each with until when on the reader's clock."""
    return [
        (each, both(each.chooses_until, each.zone, zone, at) if each.chooses_until else "")
        for each in found.enrolments
        if each.chooses
    ]


def picks_beside(own: journey.OwnHome) -> list[journey.OpenPick]:
    """What coaches picked, except for the question that stands above it already."""
    asked = own.path.next.key if own.path.is_begun and own.path.next else ""
    return [each for each in own.picks if (each.kind, each.key) != (PickKind.QUESTION, asked)]


def stone(stage: journey.MapStage) -> dict[str, Any]:
    """A stage as the cairn shows it, leading to its place on the map."""
    return {
        "number": stage.number,
        "title": stage.title,
        "state": stage.state,
        "url": f"{addresses.to('path_map')}#stage-{stage.key}",
    }


def greeting(name: str, local: dt.datetime) -> str:
    """By the hour on the reader's own clock."""
    if local.hour < NOON:
        return _("Good morning, %(name)s") % {"name": name}
    if local.hour < EVENING:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def what(session: queries.OwnSession) -> str:
    """Kind, length and how people meet; names nobody."""
    kind = session.session.kind
    first = session.title if kind != Kind.ONE_TO_ONE else str(Kind(kind).label).capitalize()
    return _("%(what)s, %(minutes)s, %(how)s") % {
        "what": first,
        "minutes": _amounts.minutes(session.session.minutes),
        "how": Mode(session.session.mode).label,
    }


def state(session: queries.OwnSession, at: dt.datetime) -> str:
    """What is known of the own attendance, in a few words."""
    if session.mark:
        return str(MARK_WORDS[session.mark])
    if session.was_cancelled_late:
        return _("cancelled late") if session.apology == "late" else _("cancelled late, forgiven")
    if session.session.state == SessionState.CANCELLED:
        return _("cancelled")
    if session.apology:
        return _("apologies sent") if session.apology == "in_time" else _("apologies sent late")
    if session.ends_at is not None and session.ends_at <= at:
        return _("not written up yet")
    return ""


def late(session: queries.OwnSession) -> str:
    """What late apologies have cost."""
    if session.was_cancelled_late:
        return cancelled_late(session)
    if not session.late_costs:
        return _("You have sent apologies. They cost no minutes.")
    minutes = _amounts.minutes(session.late_costs)
    return _("You have sent apologies, late: the %(minutes)s count as used.") % {"minutes": minutes}


def cancelled_late(session: queries.OwnSession) -> str:
    """What cancelling late has cost."""
    if session.apology == "in_time" or not session.late_costs:
        return _("You cancelled this session. It cost no minutes.")
    return _("You cancelled this session late: its %(minutes)s count as used.") % {
        "minutes": _amounts.minutes(session.late_costs)
    }


def apologies_cost(session: queries.OwnSession, zone: str, at: dt.datetime) -> str:
    """What apologies cost, before they are sent; `zone` is the reader's."""
    until, starts_at = session.apologies_until, session.starts_at
    if until is None or starts_at is None:
        return ""
    minutes = _amounts.minutes(session.late_costs)
    if not session.late_costs:
        return _("Apologies cost no minutes in your cohort.")
    if at <= until:
        return _("Apologies before %(moment)s cost no minutes. Later than that, the %(minutes)s count as used.") % {
            "moment": both(until, session.zone, zone, at),
            "minutes": minutes,
        }
    return _("It is too late to cancel without cost: if you send apologies now, the %(minutes)s count as used.") % {
        "minutes": minutes
    }
