"""Drawing: engine to template."""

import dataclasses
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.engines.exercises.shapes import Exercise, Values
from cairn.engines.pictures import line, network, overlap, week, wheel
from cairn.web.pictures import reading, saying
from cairn.web.pictures.reading import Earlier, Rows
from cairn.web.pictures.tables import table_context

Drawn = dict[str, Any]


def picture(
    exercise: Exercise,
    values: Values,
    *,
    earlier: Earlier = (),
    standalone: bool = False,
    blank: bool = False,
    tabled: bool = True,
) -> SafeString:
    """The plate of an exercise as a figure with its table; "" without a picture or with nothing filled in.

    `earlier` are pairs of (its date in words, its values), newest first; wheels are laid over one another.
    `standalone` gives a file of its own instead: one SVG with its own colours. `blank` draws an empty wheel, for a
    page on which it is about to be filled. Without `tabled` the page itself shows the table, or the fields.
    """
    found = reading.rows_of(exercise, values)
    if found is None or not (reading.is_filled(exercise, found) or (blank and found.rows)):
        return SafeString("")
    drawn = _DRAWN[exercise.picture](exercise, found, earlier)
    frame = {
        "title": exercise.title,
        "desc": saying.described(exercise, found),
        "kind": exercise.picture,
        "part": found.part.key,
        "naming": found.naming,
        "name": _name(exercise, values),
    }
    plate = f"pictures/{exercise.picture}.svg"
    if standalone:
        return SafeString(render_to_string(plate, {**frame, **drawn["wide"], "standalone": True}))
    narrow = drawn.get("narrow")
    context = {
        **frame,
        **drawn,
        "wide": SafeString(render_to_string(plate, {**frame, **drawn["wide"], "form": "wide"})),
        "narrow": SafeString(render_to_string(plate, {**frame, **narrow, "form": "narrow"})) if narrow else "",
        "table": table_context(exercise, found, earlier) if tabled else None,
        "earlier": [label for label, _values in earlier[: wheel.MOST_EARLIER]] if exercise.picture == "wheel" else [],
    }
    return SafeString(render_to_string("pictures/figure.html", context))


def _wheel(exercise: Exercise, found: Rows, earlier: Earlier) -> Drawn:
    known = [rows for _label, values in earlier if (rows := reading.rows_of(exercise, values))]
    aspects = reading.aspects(found, known[: wheel.MOST_EARLIER])
    return {
        "wide": _numbers(wheel.wide(aspects)) | {"note": saying.note_pattern()},
        "narrow": _numbers(wheel.narrow(aspects)),
        "listed": [(aspect.name, aspect.note) for aspect in aspects],
    }


def _line(_exercise: Exercise, found: Rows, _earlier: Earlier) -> Drawn:
    places = reading.places(found)
    wide, narrow = line.wide(places), line.narrow(places)
    ordered = [places[marker.source] for marker in wide.markers]
    return {
        "wide": _numbers(dataclasses.replace(wide, curve=None)),
        "narrow": _numbers(dataclasses.replace(narrow, curve=None)),
        "listed": [(place.what, "" if place.year is None else str(place.year)) for place in ordered],
        "without_words": len(wide.labels) < len(wide.markers),
    }


def _network(_exercise: Exercise, found: Rows, _earlier: Earlier) -> Drawn:
    contacts = reading.contacts(found)
    return {
        "wide": _numbers(network.wide(contacts)) | {"me": _("me")},
        "narrow": _numbers(network.narrow(contacts)) | {"me": _("me")},
        "listed": [(contact.who, _("next") if contact.next else "") for contact in contacts],
    }


def _overlap(_exercise: Exercise, found: Rows, _earlier: Earlier) -> Drawn:
    words = reading.options(found, "lies")
    titles = tuple(words.get(heap, "") for heap in reading.HEAPS)
    things = reading.heaps(found)
    return {
        "wide": _numbers(overlap.wide((titles[0], titles[1], titles[2]), things)),
        "groups": [(title, [(thing, "") for thing in heap]) for title, heap in zip(titles, things, strict=True)],
    }


def _week(_exercise: Exercise, found: Rows, _earlier: Earlier) -> Drawn:
    days, times = (list(reading.options(found, key).values()) for key in ("day", "time"))
    blocks = reading.blocks(found)
    return {
        "wide": _numbers(week.wide(days, times, blocks)),
        "groups": [
            (day, [(b.what, ", ".join(w for w in (times[b.time], b.note) if w)) for b in blocks if b.day == number])
            for number, day in enumerate(days)
        ],
    }


_DRAWN: dict[str, Callable[[Exercise, Rows, Earlier], Drawn]] = {
    "wheel": _wheel,
    "line": _line,
    "network": _network,
    "overlap": _overlap,
    "week": _week,
}


def _numbers(drawn: Any) -> Drawn:
    """A finished plate for a template: names and values, lengths to a tenth."""
    found: Drawn = _rounded(dataclasses.asdict(drawn))
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_rounded(each) for each in value]
    return value


def _name(exercise: Exercise, values: Values) -> str:
    """A name for the ids of this picture on its page."""
    return f"{exercise.key}-{zlib.crc32(repr(values).encode('utf-8', 'replace')):08x}"
