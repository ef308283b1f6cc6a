"""Searching one's own words. Asked by POST: what somebody looks for stands in no address, and so in no log."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from cairn.engines.words import Piece
from cairn.gate import Request, door, signed_in
from cairn.journey import queries
from cairn.journey.queries import Hit
from cairn.web.coachee import places

LONGEST_QUERY = 200


class SearchForm(forms.Form):
    """What is looked for, and how many matches were seen."""

    q = forms.CharField(required=False, max_length=LONGEST_QUERY)
    skip = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)


@dataclass(frozen=True)
class Match:
    """One place where it was found."""

    url: str
    label: str
    at: dt.datetime
    title: tuple[Piece, ...]
    tags: tuple[str, ...]
    pieces: tuple[Piece, ...]


@door(who=signed_in, area="coachee")
def journal_search(request: Request) -> HttpResponse:
    """Everything one wrote in which the words stand, newest first, fifty at a time."""
    form = SearchForm(request.POST)
    form.is_valid()
    asked = form.cleaned_data.get("q", "")
    found = queries.search(request.user, asked, skip=form.cleaned_data.get("skip") or 0) if asked.strip() else None
    context = {
        "asked": asked,
        "is_too_long": "q" in form.errors,
        "found": found,
        "matches": [_match(hit) for hit in found.hits] if found else [],
    }
    return render(request, "coachee/journal/search.html", context)


def _match(hit: Hit) -> Match:
    url = places.address(hit.kind, hit.id, hit.key)
    return Match(url, places.label(hit.kind, hit.key), hit.at, hit.title, hit.tags, hit.pieces)
