"""The portrait: what I know about myself so far."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.engines import portrait as engine
from cairn.engines.portrait import Offer, Written
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import ItemKind
from cairn.library import queries as library
from cairn.web.shared import SECTIONS

OFFERS = 15
FIRST = "self"
_MOVES = {"up": -1, "down": 1}


@door(who=signed_in, area="coachee")
def portrait(request: Request) -> HttpResponse:
    """Read it, change one section, take in or leave out what exercises offer."""
    refusal, typed = "", None
    section = request.GET.get("section", "")
    if request.method == "POST":
        try:
            return redirect(_done(request, section))
        except actions.CannotKeepPortrait as problem:
            refusal, typed = str(problem), _lines(request) if section else None
    opened = queries.portrait(request.user)
    readers = queries.readers_of(request.user, ItemKind.PORTRAIT, (opened.id,), clock.now())[opened.id]
    context = _context(opened, section, typed)
    return render(request, "coachee/portrait.html", {**context, "readers": readers, "refusal": refusal})


def _done(request: Request, section: str) -> str:
    """Do what was asked for; the address to go to afterwards."""
    at, by = clock.now(), request.user
    if mark := request.POST.get("take", ""):
        taken = actions.take_in(mark=mark, by=by, at=at)
        messages.success(request, _("Taken in."))
        return f"{reverse('portrait')}#{taken}"
    if mark := request.POST.get("leave", ""):
        actions.leave_out(mark=mark, by=by, at=at)
        messages.success(request, _("Left out. It will not be offered again."))
        return f"{reverse('portrait')}#offers"
    lines, goes_on = _asked(request)
    actions.keep_section(section=section, lines=lines, seen=request.POST.get("seen", ""), by=by, at=at)
    return f"{reverse('portrait')}{f'?section={section}' if goes_on else ''}#{section}"


def _asked(request: Request) -> tuple[list[Written], bool]:
    """The lines as the pressed button wants them, and whether the section stays open."""
    lines = _lines(request)
    what, _colon, line_id = request.POST.get("do", "").partition(":")
    if what in _MOVES:
        return engine.moved(lines, line_id, _MOVES[what]), True
    if what == "remove":
        return [line for line in lines if line.id != line_id], True
    return lines, what == "more"


def _lines(request: Request) -> list[Written]:
    pairs = zip(request.POST.getlist("id"), request.POST.getlist("text"), strict=False)
    return [Written(line_id, " ".join(text.split())) for line_id, text in pairs]


def _context(opened: queries.OpenedPortrait, section: str, typed: list[Written] | None) -> dict[str, Any]:
    titles = {key: definition.title for key, definition in library.exercises().items()}
    sections = [_section(opened, key, titles) for key in sorted(SECTIONS, key=lambda key: key != FIRST)]
    open_section = next((each for each in sections if each["key"] == section), None)
    if open_section:
        open_section["form"] = _form(opened, section, typed)
    shown = opened.offers[:OFFERS]
    return {
        "portrait": opened,
        "sections": sections,
        "is_empty": not any(each["lines"] for each in sections),
        "offers": [_offer(each, titles) for each in shown],
        "more_offers": len(opened.offers) - len(shown),
    }


def _section(opened: queries.OpenedPortrait, key: str, titles: dict[str, str]) -> dict[str, Any]:
    lines = [{"line": line, "source": titles.get(line.exercise, "")} for line in opened.sections.get(key, ())]
    return {"key": key, "title": SECTIONS[key], "lines": lines, "form": None}


def _form(opened: queries.OpenedPortrait, section: str, typed: list[Written] | None) -> dict[str, Any]:
    kept = [Written(line.id, line.text) for line in opened.sections.get(section, ())]
    lines = kept if typed is None else [line for line in typed if line.id or line.text]
    return {
        "lines": lines,
        "seen": opened.seen.get(section, ""),
        "room": len(lines) < engine.LINES_MOST,
        "longest": engine.LINE_MOST,
        "meanwhile": [] if typed is None else [line.text for line in kept if line not in lines],
    }


def _offer(offer: Offer, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "mark": offer.mark,
        "text": offer.text,
        "section": SECTIONS[offer.section],
        "exercise": offer.exercise,
        "source": titles.get(offer.exercise, ""),
    }
