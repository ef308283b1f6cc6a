"""A date in one line, as it stands in an e-mail: read, shown with what was assumed, booked after a yes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.delivery.terms import Mode
from cairn.engines import cadence, dictating
from cairn.engines.wording import Refusal
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.web import fields
from cairn.web.coach.today import FIRST, LAST
from cairn.web.moments import clock_of, link, read_on, told
from cairn.web.polling import Moment, which_of_two
from cairn.web.templatetags import _amounts

KEPT = "line"
ABOUTS: tuple[dictating.About, ...] = ("day", "time", "fold", "zone", "minutes", "mode")
SAID = ("line", "who", "whom", "instead", *(f"answer-{about}" for about in ABOUTS))  # what a form says of a line
MOST_MINUTES = 480


@dataclass(frozen=True)
class Asked:
    """A question to the coach with its possible answers as radio buttons, or as a list of people; none: the line has
    to say it.
    """

    name: str
    sentence: str
    choices: tuple[tuple[str, str], ...]
    is_list: bool = False


@dataclass
class Look:
    """A line as it was understood: for whom, when, how long, how; what was assumed, left out and is still asked."""

    line: str
    answers: dict[str, str]
    read: dictating.Dictated | None = None
    whom: queries.ToDictate | None = None
    asked: tuple[Asked, ...] = ()
    assumed: tuple[str, ...] = ()
    problem: str = ""
    free: tuple[dt.datetime, ...] = ()
    zones: tuple[str, ...] = ()
    is_chosen: bool = False

    @property
    def zone(self) -> str:
        """On which clock the line is read; empty while that depends on who is meant."""
        return self.whom.zone if self.whom else self.zones[0] if len(self.zones) == 1 else ""

    @property
    def minutes(self) -> int:
        """The length that was said, or else the one that is planned."""
        planned = self.whom.session.minutes if self.whom and self.whom.session else 0
        return (self.read.minutes if self.read else None) or planned

    @property
    def mode(self) -> str:
        """How people meet: as was said, or else as planned."""
        planned = self.whom.session.mode if self.whom and self.whom.session else Mode.ONLINE.value
        return (self.read.mode if self.read else None) or planned

    @property
    def may_answer(self) -> bool:
        """Whether a question can be answered on the page; otherwise the line has to be written anew."""
        return any(ask.choices for ask in self.asked)

    @property
    def may_book(self) -> bool:
        """Whether nothing stands in the way but a yes."""
        known = self.whom is not None and self.whom.session is not None and self.read is not None
        return known and not self.asked and not self.problem


@door(who=rules.may_coach, area="coach")
def coach_line(request: Request) -> HttpResponse:
    """Nothing is written before the coach has seen what was understood, and said yes.

    What was sent is kept on the server, so that the page has an address to come back to, which holds no name.
    """
    at = clock.now()
    if request.method == "POST" and request.POST.get("do") != "book":
        request.session[KEPT] = {
            name: request.POST[name][: dictating.LONGEST_LINE] for name in SAID if name in request.POST
        }
        return redirect("coach_line")
    posted: Mapping[str, Any] = request.POST if request.method == "POST" else request.session.get(KEPT, {})
    look = understand(request, posted, at)
    if posted.get("do") == "book" and look.may_book:
        booked = _book(request, look, posted.get("version", ""), at)
        if booked is not None:
            return booked
    context = {
        "look": look,
        "shown": _shown(look, at) if look.read and look.whom and look.whom.session else None,
        "free": [_free(start, look) for start in look.free],
        "loose": _loose(look) if look.read and not look.whom else None,
        "who": look.whom.id if look.whom and not (look.read and look.read.person) else posted.get("who", ""),
        "read_on": read_on((look.whom.zone,) if look.whom else look.zones),
        "place": _amounts.zone_place(look.zone or request.user.time_zone),
        "booked": posted.get("booked"),
    }
    return render(request, "coach/line.html", context, status=422 if look.problem else 200)


@door(who=rules.may_coach, area="coach", methods=("POST",))
def coach_line_undo(request: Request, session_id: int, version: int) -> HttpResponse:
    """Take it back: the session has no date again and its planned length."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    try:
        actions.undate_one_to_one(session=seen.session, expected_version=version, by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is as it was before."))
    return redirect("coach_session", session_id)


def understand(request: Request, posted: Mapping[str, Any], at: dt.datetime) -> Look:
    """Read the line, find whom it is about, and read it again on the wall of their session."""
    line = "".join(each for each in str(posted.get("line", "")) if each.isprintable() or each.isspace())
    zones = queries.zones_of_lines(request.user, at)
    look = Look(" ".join(line.split())[: dictating.LONGEST_LINE], _answers(posted), zones=zones)
    if not look.line:
        return look
    given = _given(look.answers)
    look.read = _read(look, look.zone or request.user.time_zone, given, at)
    asked = _whom(look, request, posted, at)
    if look.whom is not None:
        look.read = _read(look, look.whom.zone, given, at)
    look.asked = (*asked, *(_asked(each, look) for each in look.read.asks if look.zone))
    look.assumed = tuple(fields.words(each) for each in look.read.assumed)
    look.problem = _problem(look) or _clash(look, request, at)
    return look


def _read(look: Look, zone: str, given: Mapping[dictating.About, Any], at: dt.datetime) -> dictating.Dictated:
    """“Tomorrow” in a line that names another zone is tomorrow there."""

    def on_the_day_in(clock_zone: str) -> dictating.Dictated:
        today = at.astimezone(dictating.zone_of(clock_zone)).date()
        return dictating.parse(look.line, today=today, zone=zone, answers=given)

    read = on_the_day_in(zone)
    return read if read.said_zone == zone else on_the_day_in(read.said_zone)


def _answers(posted: Mapping[str, Any]) -> dict[str, str]:
    """What was answered so far, as it was sent; a free time that was chosen is day and time at once."""
    answers = {about: str(posted.get(f"answer-{about}", ""))[:40] for about in ABOUTS}
    instead = str(posted.get("instead", ""))
    if "T" in instead:
        answers["day"], _sep, answers["time"] = instead.partition("T")
        answers["fold"], answers["zone"] = "", dictating.HERE
    return {about: value for about, value in answers.items() if value}


def _given(answers: Mapping[str, str]) -> dict[dictating.About, Any]:
    """The same as values; what is none is left out, and asked again."""
    given: dict[dictating.About, Any] = {}
    for about in ABOUTS:
        value = _value(about, answers.get(about, ""))
        if value is not None:
            given[about] = value
    return given


def _value(about: dictating.About, text: str) -> Any:
    if about == "mode":
        return text if text in Mode.values else None
    if about == "zone":
        return text if text == dictating.HERE or dictating.is_zone(text) else None
    if about in ("fold", "minutes"):
        number = int(text) if text.isdecimal() and len(text) < 4 else None
        limits = (0, 1) if about == "fold" else (1, MOST_MINUTES)
        return number if number is not None and limits[0] <= number <= limits[1] else None
    try:
        if about == "day":
            day = dt.date.fromisoformat(text)
            return day if FIRST <= day <= LAST else None
        return dt.time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _whom(look: Look, request: Request, posted: Mapping[str, Any], at: dt.datetime) -> tuple[Asked, ...]:
    """The coachee that is meant. Several of that name are asked about; without one, a list has every coachee."""
    name = look.read.person if look.read else ""
    chosen, number = _number(posted.get("whom")), _number(posted.get("who"))
    if chosen is not None and (found := queries.to_dictate(request.user, at, enrolment_id=chosen)):
        look.whom, look.is_chosen = found[0], True
        return ()
    if not name and number is None:
        return (_list(_("With whom?"), request, at),)
    found = queries.to_dictate(request.user, at, named=name, enrolment_id=number)
    if not found and name and number is not None:  # the line was written anew, for somebody else
        found = queries.to_dictate(request.user, at, named=name)
    if len(found) == 1:
        look.whom = found[0]
        return ()
    if not found:
        unknown = _("None of your coachees is called “%(name)s”. With whom?") % {"name": name}
        return (_list(unknown if name else _("With whom?"), request, at),)
    choices = tuple((str(each.id), f"{each.name}, {each.enrolment.cohort.name}") for each in found)
    return (Asked("who", _("Several of your coachees are called “%(name)s”. Who is meant?") % {"name": name}, choices),)


def _number(text: Any) -> int | None:
    """An enrolment's id as it was sent."""
    return int(text) if text and str(text).isdecimal() and len(str(text)) < 18 else None


def _list(sentence: str, request: Request, at: dt.datetime) -> Asked:
    """Every coachee with a one-to-one to date; the cohort is named where there are several."""
    rows = queries.to_choose_from(request.user, at)
    several = len({cohort for _number, _name, cohort in rows}) > 1
    choices = tuple((str(number), f"{name}, {cohort}" if several else name) for number, name, cohort in rows)
    return Asked(
        "whom", sentence if rows else _("Every one-to-one of your coachees has a date."), choices, is_list=True
    )


def _asked(ask: dictating.Ask, look: Look) -> Asked:
    zone = look.zone or "UTC"
    choices = tuple((_sent(each), _said(ask.about, each, zone)) for each in ask.choices)
    if ask.about == "fold" and look.read and look.read.said:
        there = look.read.said_zone
        try:
            cadence.instant(look.read.said.date(), look.read.said.time(), there)
        except cadence.AmbiguousWallTime as twice:
            choices = tuple((str(value), words) for value, words in which_of_two(twice, there))
    return Asked(f"answer-{ask.about}", fields.words(ask.wording), choices)


def _sent(choice: dictating.Choice) -> str:
    return choice.isoformat() if isinstance(choice, dt.date | dt.time) else str(choice)


def _said(about: dictating.About, choice: dictating.Choice, zone: str) -> str:
    if about == "zone":
        name = zone if choice == dictating.HERE else str(choice)
        place = _amounts.zone_place(name)
        return place if name.startswith("UTC") else _("%(place)s time") % {"place": place}
    if isinstance(choice, dt.time):
        return f"{choice:%H:%M}"
    if isinstance(choice, dt.date):
        return _amounts.day(choice)
    if about == "minutes":
        return _amounts.minutes(choice)
    return str(Mode(str(choice)).label) if about == "mode" else str(choice)


def _problem(look: Look) -> str:
    """What stands in the way although the line is clear."""
    if look.whom is None:
        return ""
    if look.whom.session is None:
        return _("Every one-to-one session of %(name)s has a date already.") % {"name": look.whom.name}
    cohort = look.whom.enrolment.cohort
    if look.read and look.read.day and not cohort.starts_on <= look.read.day <= cohort.ends_on:
        return str(actions.OutsideCohort(cohort.starts_on, cohort.ends_on))
    if look.minutes > look.whom.left:
        left = {"minutes": _amounts.minutes(look.minutes), "left": _amounts.minutes(look.whom.left) or "0 min"}
        return _("This takes %(minutes)s, and %(left)s are left.") % left
    where = look.read.where if look.read else ""
    if look.mode == Mode.ONLINE and where and not link(where):
        return _("“%(where)s” is not a link. Write the whole link, or say how you meet.") % {"where": where}
    return ""


def _clash(look: Look, request: Request, at: dt.datetime) -> str:
    """That somebody is taken then, before it is booked; the free times stand beside it."""
    starts_at = _starts_at(look)
    if look.whom is None or starts_at is None:
        return ""
    who, look.free = queries.in_the_way(look.whom, starts_at, look.minutes, request.user, at)
    return _taken(who, look) if who else ""


def _taken(who: str, look: Look) -> str:
    """In words for the coach, who is the one that reads it."""
    name = look.whom.name if look.whom else ""
    return {
        "coach": _("You are in another session then."),
        "coachee": _("%(name)s is in another session then.") % {"name": name},
        "held": _("A coachee is choosing that time just now; it is kept for them for a few minutes."),
    }[who]


def _starts_at(look: Look) -> dt.datetime | None:
    """The instant that was understood, or None while it cannot be told."""
    if look.read is None or look.whom is None or look.read.day is None or look.read.time is None:
        return None
    try:
        return cadence.instant(look.read.day, look.read.time, look.whom.zone, look.read.fold)
    except Refusal:
        return None


def _loose(look: Look) -> dict[str, Any]:
    """What was understood while it is not known with whom."""
    assert look.read is not None
    time = f"{look.read.time:%H:%M}" if look.read.time else ""
    return {
        "when": ", ".join(filter(None, (_amounts.day(look.read.day), time))),
        "zone": _amounts.zone_time(look.zone) if look.zone else _("on the clock of their programme"),
        "mode": Mode(look.read.mode).label if look.read.mode else "",
    }


def _shown(look: Look, at: dt.datetime) -> dict[str, Any]:
    """Day and time in both zones, length, how, for whom, and what is left afterwards."""
    assert look.read is not None and look.whom is not None and look.whom.session is not None
    starts_at = _starts_at(look)
    ends_at = starts_at + dt.timedelta(minutes=look.minutes) if starts_at else None
    return {
        "when": Moment(starts_at, ends_at, look.whom.zone) if starts_at else None,
        "elsewhere": clock_of(starts_at, look.whom.zone, look.whom.enrolment.person.time_zone) if starts_at else "",
        "is_past": starts_at is not None and starts_at < at,
        "planned": look.whom.session.minutes,
        "mode": Mode(look.mode).label,
        "left": look.whom.left,
        "after": look.whom.left - look.minutes,
        "version": look.whom.session.version,
    }


def _book(request: Request, look: Look, version: str, at: dt.datetime) -> HttpResponse | None:
    """Book what was shown, or put what stands in the way on the page."""
    session = look.whom.session if look.whom else None
    if session is None or look.read is None or look.read.wall_starts is None:
        return None
    keeps_place = not look.read.where and look.mode == session.mode
    try:
        booked = actions.date_one_to_one(
            session=session,
            minutes=look.minutes,
            wall_starts=look.read.wall_starts,
            mode=look.mode,
            where=None if keeps_place else look.read.where,
            fold=look.read.fold,
            expected_version=int(version) if version.isdecimal() and len(version) < 9 else 0,
            by=request.user,
            at=at,
        )
    except actions.JustTaken as taken:
        look.problem, look.free = _taken(taken.who_is_busy, look), taken.next_free
    except (actions.Refused, NotEnoughMinutes) as refused:
        look.problem = str(refused)
    except cadence.AmbiguousWallTime as twice:
        look.asked = (Asked("answer-fold", fields.words(twice.wording), ()),)
    except Refusal as refused:
        look.problem = fields.words(refused.wording)
    else:
        undo = reverse("coach_line_undo", args=[booked.pk, booked.version])
        sentence = _("Booked. %(told)s") % {"told": told(booked.starts_at, _("Your coachee has been told."), at)}
        request.session[KEPT] = {"booked": booked.pk}
        messages.success(request, sentence, extra_tags=f"undo:{undo}")
        return redirect("coach_session", booked.pk)
    return None


def _free(start: dt.datetime, look: Look) -> dict[str, str]:
    local = start.astimezone(ZoneInfo(look.zone or "UTC"))
    return {
        "value": local.replace(tzinfo=None).isoformat(timespec="minutes"),
        "words": _("%(day)s, %(time)s") % {"day": date_format(local.date(), "D j F"), "time": f"{local:%H:%M}"},
    }
