"""When a coachee can come, which times they would like, or the seat they take: nobody else is named anywhere."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import Choosing, GroupMode
from cairn.web.moments import both
from cairn.web.templatetags import _amounts
from cairn.web.times import StylesForm, TimeInWords, in_words, whole

WHEN, RANK, PICK = "when", "rank", "pick"


@dataclass(frozen=True)
class Row:
    """One time on the page. `rank` and `cannot` are as typed, where something was typed."""

    own: queries.OwnSlot
    words: TimeInWords
    rank: str
    cannot: bool
    needs: str


@door(who=rules.may_be_coached, area="coachee")
def choose_times(request: Request, enrolment_id: int) -> HttpResponse:
    """One page for all three ways, as the cohort has it; and the styles one would like."""
    at = clock.now()
    own = queries.own_choices(request.user, enrolment_id, at)
    problem = ""
    if request.method == "POST":
        try:
            said = _do(request, own, at)
        except actions.Refused as refused:
            problem = str(refused)
        else:
            if said:
                messages.success(request, said)
            return redirect("choose_times", enrolment_id)
    context = _context(request, own, at, problem)
    return render(request, "coachee/choosing.html", context, status=422 if problem else 200)


def way(cohort: Any) -> str:
    """What is asked of people: when they cannot come, which they would like, or to take a seat."""
    if cohort.group_mode != GroupMode.SELF_CHOSEN:
        return WHEN
    return PICK if cohort.choosing == Choosing.PICK else RANK


def _do(request: Request, own: queries.OwnChoices, at: dt.datetime) -> str:
    """Do what was asked, in one writing call; returns what to say."""
    doing, data = request.POST.get("do", ""), request.POST
    who: dict[str, Any] = {"enrolment": own.enrolment, "by": request.user, "at": at}
    verb, _dash, number = doing.partition("-")
    if doing == "styles":
        actions.say_styles(styles=data.getlist("styles"), **who)
        return _("Kept.")
    if doing == "when":
        actions.say_when(cannot=_cannot(own, data), **who)
        return _("Kept. You can change it until choosing closes.")
    if doing == "rank" or verb in ("up", "down"):
        ranks = _ranks(own, data)
        if verb in ("up", "down"):
            ranks = shifted(ranks, whole(number), verb)
        actions.rank_slots(ranks=ranks, cannot=_cannot(own, data), **who)
        return _("Kept. You can change it until choosing closes.")
    if doing == "leave":
        actions.leave_seat(**who)
        return _("Your seat is free again.")
    acts = {
        "seat": (actions.take_seat, _("The seat is yours. You can change your mind until choosing closes.")),
        "wait": (actions.wait_for_seat, _("You are on the waiting list. A mail tells you when you move up.")),
        "stop": (actions.stop_waiting, _("You no longer wait for this time.")),
    }
    if verb not in acts:
        raise queries.NotFound
    act, said = acts[verb]
    act(slot=queries.chosen_slot(own.enrolment, whole(number)), **who)
    return said


def shifted(ranks: dict[int, int], slot: int, verb: str) -> dict[int, int]:
    """One place up or down; what had no number comes last, and from the last place down it has none again."""
    order = sorted(ranks, key=lambda each: ranks[each])
    if slot not in order:
        order += [slot] if verb == "up" else []
    else:
        place = order.index(slot)
        order.remove(slot)
        if verb == "up" or place < len(order):
            order.insert(max(0, place - 1) if verb == "up" else place + 1, slot)
    return {each: number for number, each in enumerate(order, start=1)}


def _ranks(own: queries.OwnChoices, data: QueryDict) -> dict[int, int]:
    """Slot id → number as typed; what is no number is no wish."""
    typed = {each.slot.id: data.get(f"rank-{each.slot.id}", "").strip() for each in own.slots}
    return {slot: int(text) for slot, text in typed.items() if text.isdecimal() and 0 < len(text) < 5 and int(text)}


def _cannot(own: queries.OwnChoices, data: QueryDict) -> set[int]:
    return {each.slot.id for each in own.slots if f"cannot-{each.slot.id}" in data}


def _context(request: Request, own: queries.OwnChoices, at: dt.datetime, problem: str) -> dict[str, Any]:
    cohort = own.enrolment.cohort
    chosen = way(cohort)
    typed = request.POST if problem and chosen != PICK else None
    styles = StylesForm(
        named=cohort.coaching_styles,
        label=_("Styles of coaching"),
        initial={"styles": own.enrolment.styles},
    )
    return {
        "own": own,
        "way": chosen,
        "enrolment": own.enrolment,
        "cohort": cohort,
        "rows": [_row(each, request.user.time_zone, typed) for each in own.slots],
        "problem": problem,
        "opens": _moment(cohort.choices_open_at, request, cohort, at) if _waits(cohort, at) else "",
        "closes": _moment(cohort.choices_close_at, request, cohort, at),
        "is_over": cohort.choices_close_at is not None and cohort.choices_close_at <= at,
        "styles": styles if cohort.coaching_styles else None,
        "zone": _amounts.zone_place(cohort.time_zone),
    }


def _row(own: queries.OwnSlot, zone: str, typed: QueryDict | None) -> Row:
    number = own.slot.id
    return Row(
        own=own,
        words=in_words(own.slot, zone),
        rank=typed.get(f"rank-{number}", "") if typed is not None else str(own.rank or ""),
        cannot=f"cannot-{number}" in typed if typed is not None else not own.can_come,
        needs=needs(own.needs_other),
    )


def needs(key: str) -> str:
    """What a group needs before one more like this person."""
    words = {
        "discipline": _("needs people of other disciplines first"),
        "department": _("needs people of other departments first"),
        "institution": _("needs people of other institutions first"),
    }
    return words.get(key, "")


def _waits(cohort: Any, at: dt.datetime) -> bool:
    return cohort.choices_open_at is not None and at < cohort.choices_open_at


def _moment(when: dt.datetime | None, request: Request, cohort: Any, at: dt.datetime) -> str:
    return both(when, cohort.time_zone, request.user.time_zone, at) if when is not None else ""
