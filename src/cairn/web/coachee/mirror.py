"""The mirror: one's own words, counted and quoted. It judges nothing, concludes nothing, and keeps nothing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.engines.mirror import Quote, Tension, Theme
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import queries
from cairn.journey.queries import Said
from cairn.web.coachee import places


@dataclass(frozen=True)
class Shown:
    """A quotation with where it stands."""

    text: str
    when: str
    label: str
    url: str


@dataclass(frozen=True)
class Word:
    """A word that recurs, and some of the places."""

    word: str
    places: int
    quotes: tuple[Shown, ...]


@door(who=signed_in, area="coachee", methods=("GET",))
def mirror(request: Request) -> HttpResponse:
    """What recurs in one's own words, what rose and faded, and what pulls in two directions."""
    today = timezone.localtime(clock.now()).date()
    found = queries.reflection(request.user)
    shown, said = found.mirrored, found.said
    context = {
        "is_empty": not shown,
        "sections": [
            (title, about, _words(themes, said, today))
            for title, about, themes in (
                (_("What recurs"), _("These words stand in many places."), shown.recurring),
                (_("What came lately"), _("These stand mostly in the later half of what you wrote."), shown.risen),
                (_("What has grown quiet"), _("These stand mostly in the earlier half."), shown.faded),
            )
            if themes
        ],
        "tensions": [_two(tension, said, today) for tension in shown.tensions],
    }
    return render(request, "coachee/mirror.html", context)


def _words(themes: Sequence[Theme], said: Sequence[Said], today: dt.date) -> list[Word]:
    return [Word(each.word, each.places, tuple(_shown(quote, said, today) for quote in each.quotes)) for each in themes]


def _two(tension: Tension, said: Sequence[Said], today: dt.date) -> tuple[Shown, Shown]:
    return _shown(tension.then, said, today), _shown(tension.now, said, today)


def _shown(quote: Quote, said: Sequence[Said], today: dt.date) -> Shown:
    there = said[quote.place]
    text = f"{'… ' if quote.is_cut_before else ''}{quote.text}{' …' if quote.is_cut_after else ''}"
    label = there.title or places.label(there.kind, there.key)
    return Shown(text, _when(quote.at, today), label, places.address(there.kind, there.id, there.key))


def _when(at: dt.datetime, today: dt.date) -> str:
    """The day as one would say it: today, a day of this or the last month, or a month."""
    day = timezone.localtime(at).date()
    if day == today:
        return _("today")
    if (today - day).days < 45:
        return _("on %(day)s") % {"day": date_format(day, "j F")}
    return _("in %(month)s") % {"month": date_format(day, "F" if day.year == today.year else "F Y")}
