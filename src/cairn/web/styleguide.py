"""Every component in every state, on one page, while developing and in the demonstration.

All people and figures on it are invented.
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from cairn.gate import anyone, door
from cairn.library import queries as library
from cairn.web.pictures import picture


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=_("Name of the cohort"), help_text=_("As people will read it in their invitation."))
    email = forms.EmailField(label=_("E-mail address"))
    note = forms.CharField(
        label=_("Anything they should know"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))
    starts_at = forms.DateTimeField(label=_("First meeting"), required=False)
    people = forms.IntegerField(label=_("Most people in a group"), min_value=2, help_text=_("Eleven is a good most."))
    rate = forms.DecimalField(label=_("Rate"), decimal_places=2, required=False)
    mode = forms.ChoiceField(
        label=_("How it is delivered"),
        widget=forms.RadioSelect,
        choices=[("self", _("Self-directed")), ("coordinated", _("Coordinated")), ("cohort", _("Facilitated cohort"))],
    )
    mix = forms.MultipleChoiceField(
        label=_("Mix the groups by"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("discipline", _("Discipline")), ("institution", _("Institution")), ("stage", _("Career stage"))],
    )
    file = forms.FileField(label=_("Participants"), help_text=_("A spreadsheet: .xlsx, .ods or .csv."), required=False)
    agreed = forms.BooleanField(label=_("The wellbeing contacts were checked this year"))


ACCOUNTS: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("Thandiwe", "Immunology", {"promised": 900, "used": 630, "booked": 90, "kind": "group"}, "", ""),
    ("王秀英", "Ecology", {"promised": 900, "used": 540, "booked": 90}, "needs", _("missed two in a row")),
    ("Marisol de la Fuente", "History", {"promised": 210, "used": 90, "booked": 0, "released": 75}, "", _("new job")),
    ("محمد", "Economics", {"promised": 210, "used": 180, "booked": 60}, "wrong", _("30 minutes over")),
    ("Pärt", "Physics", {"promised": 210, "used": 210, "booked": 0}, "done", _("all delivered")),
]
MIX = [
    {"label": _("Discipline"), "cells": [(_("life"), 4), (_("physical"), 4), (_("human"), 3)]},
    {"label": _("Institution"), "cells": [("Eastmere", 6), ("Northgate", 3), ("Saltworth", 2)]},
    {"label": _("Of those who agreed: gender, ethnicity"), "protected": True, "words": _("as even as can be")},
]
SESSION = {
    "starts_at": datetime(2027, 3, 3, 14, 0, tzinfo=UTC),
    "ends_at": datetime(2027, 3, 3, 14, 45, tzinfo=UTC),
    "zone": "Europe/London",
}
WHEEL = [
    ("Being of use to somebody", 8, 9, 9),
    ("Learning", 7, 8, 8),
    ("Freedom to choose how", 6, 8, 5),
    ("The people I work with", 7, 7, 8),
    ("Variety", 4, 7, 4),
    ("光と静けさ", 2, 6, 2),
    ("الحياة خارج العمل", 5, 9, 9),
    ("Pay and security", 4, 7, 5),
]
LINE = [
    (2012, "First summer on the boat", 4, "being outdoors", ""),
    (2014, "A thesis nobody asked about", -3, "", "working alone"),
    (2017, "The evening class", 5, "their questions", "forms"),
    (2019, "Two bosses, two directions", -5, "", "being in between"),
    (2022, "A reading group of five", 3, "choosing the book", ""),
    (2025, "The third short contract", -2, "", "moving house"),
]
COLOURS = ["paper", "sheet", "sunk", "ink", "soft", "faint", "edge", "lichen", "heather", "amber", "brick", "stone-2"]


def icon_names() -> list[str]:
    """Every icon of the sprite."""
    sprite = finders.find("cairn/icons.svg")
    return re.findall(r'<symbol id="(\w+)"', Path(sprite).read_text()) if sprite else []


def sample_shell() -> dict[str, Any]:
    """A coordinator's shell."""
    places = [
        {"url": "#top", "label": _("Cohort"), "icon": "people", "current": True},
        {"url": "#tables", "label": _("Groups"), "icon": "groups", "current": False},
        {"url": "#meters", "label": _("Timetable"), "icon": "calendar", "current": False, "count": 2},
        {"url": "#forms", "label": _("Minutes and money"), "icon": "money", "current": False},
    ]
    return {
        "places": places,
        "mine": {"url": "#notices", "label": _("3 requests wait")},
        "me": {"name": "Halina", "role": _("coordinator"), "url": "#top"},
        "foot": [{"url": "#top", "label": _("Who can see what")}],
    }


def sample_plates() -> list[Any]:
    """A wheel laid over an earlier one, and a line."""
    keys = ("aspect", "now", "wished", "importance")
    wheel = {"aspects": [dict(zip(keys, row, strict=True)) for row in WHEEL]}
    earlier = {"aspects": [{"aspect": row[0], "now": max(1, row[1] - 2)} for row in WHEEL[:6]]}
    moments = [dict(zip(("year", "what", "height", "gave", "drained"), row, strict=True)) for row in LINE]
    exercises = library.exercises()
    return [
        picture(exercises["wheel"], wheel, earlier=(("18 November 2026", earlier),)),
        picture(exercises["line"], {"moments": moments}),
    ]


def samples() -> dict[str, Any]:
    """What the page shows."""
    return {
        "colours": COLOURS,
        "icons": icon_names(),
        "accounts": ACCOUNTS,
        "group_account": ACCOUNTS[0][2],
        "over_account": ACCOUNTS[3][2] | {"kind": "one_to_one"},
        "released_account": ACCOUNTS[2][2] | {"kind": "one_to_one"},
        "mix": MIX,
        "plates": sample_plates(),
        "session": SESSION,
        "undated": {"starts_at": None},
        "until": date(2027, 5, 3),
        "form": SampleForm(initial={"people": 11, "mode": "cohort", "mix": ["discipline"]}),
        "wrong": SampleForm(
            {"w-name": "Prosperous Minds", "w-email": "halina@", "w-people": "1", "w-starts_on": "2027-01-11"},
            prefix="w",
        ),
        "page": Paginator(range(310), 25).page(2),
        "tabs": [
            {"url": "#tables", "label": _("People"), "current": True, "count": 53},
            {"url": "#meters", "label": _("Groups"), "count": 5},
            {"url": "#notices", "label": _("Requests"), "count": 3, "needs": True},
            {"url": "#forms", "label": _("Minutes and money")},
        ],
        "crumbs": [
            {"url": "#top", "label": _("Programmes")},
            {"url": "#top", "label": "Prosperous Minds"},
            {"label": _("Cohort 1")},
        ],
        "steps": [
            {"label": _("Organisation"), "state": "done", "url": "#steps"},
            {"label": _("Programme"), "state": "done", "url": "#steps"},
            {"label": _("Cohort"), "state": "now"},
            {"label": _("Agreement"), "state": "next"},
            {"label": _("What it means"), "state": "next"},
        ],
    }


@door(who=anyone, methods=("GET",))
def styleguide(request: HttpRequest) -> HttpResponse:
    """The look, laid out."""
    return render(request, "styleguide.html", {"shell": sample_shell(), **samples()})
