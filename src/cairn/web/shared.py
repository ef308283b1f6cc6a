"""Shared items as pages show them, the same to the author and to whoever reads: lines of a list, and a whole item."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Exercise
from cairn.journey import queries
from cairn.journey.terms import ItemKind, PickKind
from cairn.library import queries as library
from cairn.web import pictures
from cairn.web.coachee import exercise_shown

KINDS = {
    ItemKind.ENTRY: (gettext_lazy("Journal entry"), gettext_lazy("All journal entries")),
    ItemKind.ANSWER: (gettext_lazy("Answer"), gettext_lazy("All answers on the path")),
    ItemKind.RUN: (gettext_lazy("Exercise"), gettext_lazy("All finished exercises")),
    ItemKind.PORTRAIT: (gettext_lazy("Portrait"), gettext_lazy("The portrait")),
    ItemKind.GOAL: (gettext_lazy("Goal"), gettext_lazy("All goals")),
    ItemKind.PREPARATION: (gettext_lazy("Session preparation"), gettext_lazy("All session preparations")),
}
SECTIONS = {
    "energisers": gettext_lazy("What gives me energy"),
    "drains": gettext_lazy("What drains me"),
    "keeps": gettext_lazy("What I keep"),
    "changes": gettext_lazy("What I change"),
    "values": gettext_lazy("Values"),
    "strengths": gettext_lazy("Strengths"),
    "skills": gettext_lazy("Skills"),
    "place": gettext_lazy("The place"),
    "self": gettext_lazy("In 140 characters"),
}


@dataclass(frozen=True)
class Line:
    """One line of a list. `title` is the library's, or (to the author only) the author's own."""

    kind: str
    title: str
    moment: dt.datetime | None
    until: dt.datetime
    url: str = ""


@dataclass(frozen=True)
class Said:
    """One section of a portrait, or one side of a preparation."""

    label: str
    text: str


def lines(items: Iterable[queries.SharedItem], url: Callable[[str, int], str]) -> list[Line]:
    """A list as its reader sees it: kind, the library's title, the day. No word that the author wrote."""
    return [
        Line(kind_of(each.kind), library_title(each.kind, each.word), each.moment, each.until, url(each.kind, each.id))
        for each in items
    ]


def kind_of(kind: str) -> str:
    """What a kind is called, one of it."""
    return str(KINDS[ItemKind(kind)][0])


def whole_kind(kind: str) -> str:
    """What a kind is called, all of it."""
    return str(KINDS[ItemKind(kind)][1])


def library_title(kind: str, word: str) -> str:
    """What the library calls the question or the exercise of an item; empty for other kinds."""
    of_pick = {ItemKind.ANSWER.value: PickKind.QUESTION, ItemKind.RUN.value: PickKind.EXERCISE}.get(kind)
    return queries.pick_title(of_pick, word) if of_pick else ""


def whole(item: queries.OpenedItem) -> dict[str, Any]:
    """The context of `components/shared_item.html`."""
    context: dict[str, Any] = {"item": item, "kind": kind_of(item.kind), "title": _title(item)}
    if item.kind == ItemKind.RUN:
        context |= _exercise(library.exercises().get(item.word), dict(item.data or {}))
    elif item.kind == ItemKind.PORTRAIT:
        context["said"] = _sections(item.data or {})
    elif item.kind == ItemKind.PREPARATION:
        context["said"] = _preparation(item.data or {})
    return context


def _title(item: queries.OpenedItem) -> str:
    return item.title or library_title(item.kind, item.word)


def _exercise(exercise: Exercise | None, values: dict[str, Any]) -> dict[str, Any]:
    """Picture and parts as the author's own page shows them. Without its definition, whatever texts there are."""
    if exercise is None:
        return {"said": [Said("", each) for each in values.values() if isinstance(each, str) and each]}
    closing = values.get(WORDS)
    return {
        "picture": pictures.picture(exercise, values),
        "parts": exercise_shown.shown(exercise, values),
        "confirmed": values.get(CONFIRMED, False),
        "said": [Said(_("In my own words"), str(closing))] if closing else [],
    }


def _preparation(data: Mapping[str, Any]) -> list[Said]:
    said = ((_("What I bring"), data.get("bring", "")), (_("What I take away"), data.get("take_away", "")))
    return [Said(label, text) for label, text in said if text]


def _sections(data: Mapping[str, Any]) -> list[Said]:
    sections = data.get("sections", data)
    found = []
    for key, label in SECTIONS.items():
        held = sections.get(key) or ()
        words = [held] if isinstance(held, str) else [_words_of(each) for each in held]
        if any(words):
            found.append(Said(str(label), "\n".join(each for each in words if each)))
    return found


def _words_of(line: Any) -> str:
    """A line of the portrait: plain, or with what is known of where it comes from."""
    return str(line.get("text", "")) if isinstance(line, Mapping) else str(line)
