"""Reads of the portrait: what somebody knows about themselves so far, and what their exercises offer to it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from cairn.engines import portrait as engine
from cairn.engines.exercises import feeding
from cairn.engines.exercises.shapes import Exercise
from cairn.engines.portrait import Offer
from cairn.foundation.sealing import Box
from cairn.journey.models import ExerciseRun, Portrait
from cairn.journey.queries.exercises import OpenedRun, opened_run
from cairn.journey.queries.opening import box_of, opened_data
from cairn.journey.terms import ItemKind, RunState
from cairn.library import queries as library
from cairn.people.models import Person


@dataclass(frozen=True)
class PortraitLine:
    """A line in the person's words; `exercise` and `on` say where it was taken in from, if from anywhere."""

    id: str
    text: str
    exercise: str = ""
    on: dt.date | None = None


@dataclass(frozen=True)
class OpenedPortrait:
    """A portrait as its owner reads it. `id` is 0 and `saved_at` None before the first line.

    `seen` holds a mark of each section as it is, to be given back when it is kept again.
    """

    id: int
    sections: Mapping[str, tuple[PortraitLine, ...]]
    seen: Mapping[str, str]
    offers: tuple[Offer, ...]
    saved_at: dt.datetime | None


def portrait(reader: Person) -> OpenedPortrait:
    """The reader's own portrait, empty before the first line, and what is open to be taken in. Three queries."""
    row = Portrait.objects.filter(person=reader).first()
    runs = _finished(reader)
    box = box_of(reader.pk) if row or runs else None
    kept = kept_data(box, row)
    offers = offered(box, runs) if box else ()
    return OpenedPortrait(
        id=row.pk if row else 0,
        sections={name: tuple(_line(each) for each in engine.section(kept, name)) for name in engine.SECTIONS},
        seen={name: engine.fingerprint(kept, name) for name in engine.SECTIONS},
        offers=engine.open_offers(kept, offers),
        saved_at=row.saved_at if row else None,
    )


def kept_data(box: Box | None, row: Portrait | None) -> engine.Kept:
    """What is kept of a portrait, as `engines.portrait` describes it."""
    return opened_data(box, row.sealed, ItemKind.PORTRAIT, row.name) if box and row else {}


def own_offers(reader: Person, box: Box) -> tuple[Offer, ...]:
    """What the newest finished doing of each of the reader's exercises offers. One query."""
    return offered(box, _finished(reader))


def offered(box: Box, rows: list[ExerciseRun]) -> tuple[Offer, ...]:
    """What these doings offer, in the order of the library."""
    runs = {row.exercise: opened_run(box, row) for row in rows}
    return tuple(
        offer for key, definition in library.exercises().items() if key in runs for offer in _of(definition, runs[key])
    )


def _of(definition: Exercise, run: OpenedRun) -> list[Offer]:
    day = run.finished_at or run.saved_at
    said = feeding.lines(definition, run.values)
    return [Offer(section, text, run.exercise, day.date().isoformat()) for section, text in said]


def _finished(reader: Person) -> list[ExerciseRun]:
    found = ExerciseRun.objects.filter(person=reader, state=RunState.FINISHED)
    return list(found.order_by("exercise", "-finished_at", "-pk").distinct("exercise"))


def _line(kept: Mapping[str, str]) -> PortraitLine:
    return PortraitLine(
        str(kept.get("id", "")), str(kept.get("text", "")), str(kept.get("exercise", "")), _day(kept.get("on"))
    )


def _day(text: str | None) -> dt.date | None:
    """The day; None for what was brought in from elsewhere and is none."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None
