"""Reads of how often somebody wishes to hear from Cairn."""

import datetime as dt
from dataclasses import dataclass

from cairn.journey.models import Rhythm
from cairn.journey.terms import Pace
from cairn.people.models import Person


@dataclass(frozen=True)
class OwnRhythm:
    """What the reader chose; nothing at all until they do."""

    pace: str = Pace.NEVER
    next_nudge_on: dt.date | None = None
    remind_steps: bool = False
    remind_look_backs: bool = False


def rhythm(reader: Person) -> OwnRhythm:
    """The reader's own choice. One query."""
    found = Rhythm.objects.filter(person=reader).first()
    if found is None:
        return OwnRhythm()
    return OwnRhythm(found.pace, found.next_nudge_on, found.remind_steps, found.remind_look_backs)
