"""The portrait: sections with lines in somebody's own words. Pure changes of what is kept of it.

What is kept is a mapping, {"sections": {section: [line, …]}, "left_out": [mark, …]}, and a line
{"id": …, "text": …, "mark": …, "exercise": key, "on": ISO date}; the last three only where it was taken in from an
exercise. A mark stands for what was offered, so that it is not offered again when its line is reworded or removed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cairn.engines.exercises.feeding import LINE_MOST, SECTIONS, folded

LINES_MOST = 12
"""Lines in one section: a portrait is to be taken in at a glance."""

Kept = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """A line that an exercise offers to a section; `on` is the day (ISO) on which it was finished."""

    section: str
    text: str
    exercise: str
    on: str

    @property
    def mark(self) -> str:
        """What stands for the line, whichever doing of whichever exercise says it again."""
        return hashlib.sha256(f"{self.section}\n{folded(self.text)}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Written:
    """A line as it comes from a form: the id of the line it was, "" for a new one, and its text."""

    id: str
    text: str


def section(kept: Mapping[str, Any], name: str) -> list[Kept]:
    """The lines of a section."""
    return list(kept.get("sections", {}).get(name, ()))


def open_offers(kept: Mapping[str, Any], offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Those offers that were neither taken in nor left out, none twice."""
    known = set(kept.get("left_out", ()))
    for name in SECTIONS:
        known |= {each for line in section(kept, name) for each in (line.get("mark"), _own_mark(name, line)) if each}
    found: dict[str, Offer] = {}
    for offer in offers:
        if offer.mark not in known:
            found.setdefault(offer.mark, offer)
    return tuple(found.values())


def taken_in(kept: Mapping[str, Any], offer: Offer) -> Kept:
    """With the offered line at the end of its section; unchanged when it is there already."""
    if not open_offers({**kept, "left_out": []}, [offer]):
        return dict(kept)
    line = {"id": _new_id(kept), "text": offer.text, "mark": offer.mark, "exercise": offer.exercise, "on": offer.on}
    lines = [*section(kept, offer.section), line]
    left_out = [mark for mark in kept.get("left_out", ()) if mark != offer.mark]
    return {"sections": {**kept.get("sections", {}), offer.section: lines}, "left_out": left_out}


def left_out(kept: Mapping[str, Any], mark: str) -> Kept:
    """With this offer not to be made again."""
    return {
        "sections": dict(kept.get("sections", {})),
        "left_out": [*(each for each in kept.get("left_out", ()) if each != mark), mark],
    }


def rewritten(kept: Mapping[str, Any], name: str, lines: Sequence[Written]) -> Kept:
    """With a section's lines as written, in this order. Blank lines go; so do lines that are not among them.

    What had been taken in from an exercise and goes is not offered again.
    """
    known = {line["id"]: line for line in section(kept, name)}
    found: list[Kept] = []
    for line in lines:
        text = line.text.strip()
        if text:
            was = known.get(line.id) or {"id": _new_id(kept, found)}
            found.append({**was, "text": text})
    staying = {line["id"] for line in found}
    gone = [line["mark"] for key, line in known.items() if key not in staying and line.get("mark")]
    gone += [_own_mark(name, line) for key, line in known.items() if key not in staying]
    marks = dict.fromkeys([*kept.get("left_out", ()), *gone])
    return {"sections": {**kept.get("sections", {}), name: found}, "left_out": list(marks)}


def moved(lines: Sequence[Written], line_id: str, by: int) -> list[Written]:
    """The lines with one of them moved up (−1) or down (1); unchanged at the ends."""
    found = list(lines)
    at = next((index for index, line in enumerate(found) if line.id == line_id), None)
    if at is not None and 0 <= at + by < len(found):
        found[at], found[at + by] = found[at + by], found[at]
    return found


def fingerprint(kept: Mapping[str, Any], name: str) -> str:
    """Stands for a section as it is, to tell whether it was changed elsewhere meanwhile. Holds no text."""
    plain = json.dumps(section(kept, name), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:20]


def _own_mark(name: str, line: Mapping[str, Any]) -> str:
    return Offer(name, str(line.get("text", "")), "", "").mark


def _new_id(kept: Mapping[str, Any], more: Sequence[Kept] = ()) -> str:
    used = [line for name in SECTIONS for line in section(kept, name)] + list(more)
    return str(1 + max((int(line["id"]) for line in used if str(line.get("id", "")).isdecimal()), default=0))


__all__ = [
    "LINES_MOST",
    "LINE_MOST",
    "SECTIONS",
    "Kept",
    "Offer",
    "Written",
    "fingerprint",
    "left_out",
    "moved",
    "open_offers",
    "rewritten",
    "section",
    "taken_in",
]
