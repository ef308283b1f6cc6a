"""Reads of how often somebody wishes to hear from Cairn."""

import datetime as dt
from dataclasses import dataclass

from cairn.journey.models import ActionStep, Rhythm
from cairn.journey.terms import Pace
from cairn.people.models import Person
from cairn.people.queries import NotFound


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


def hears_nothing(person_id: int) -> bool:
    """Whether neither nudges nor reminders come to this person, who follows the link in a mail. Raises NotFound."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    own = rhythm(person)
    if own.pace != Pace.NEVER or own.remind_steps or own.remind_look_backs:
        return False
    return not ActionStep.objects.filter(person=person, done_at=None, remind=True).exists()
