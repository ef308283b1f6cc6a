"""What coaches picked for somebody's next time."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from cairn.journey.models import Pick
from cairn.journey.terms import PickKind
from cairn.library import queries as library
from cairn.people.models import Person

MOST = 50


@dataclass(frozen=True)
class OpenPick:
    """A question or an exercise that lies ready. `title` is the library's: the question itself, or a name."""

    id: int
    kind: str
    key: str
    title: str
    coach: str
    picked_at: dt.datetime


def picks(reader: Person) -> tuple[OpenPick, ...]:
    """What coaches picked for the reader and the reader has not put away, newest first. One query."""
    return _of(Pick.objects.filter(person=reader, closed_at=None).select_related("coach"))


def picks_by(reader: Person, person_id: int) -> tuple[OpenPick, ...]:
    """What the reader picked for somebody who has not put it away. Whether it was answered is not told. One query."""
    return _of(Pick.objects.filter(coach=reader, person=person_id, closed_at=None).select_related("coach"))


def title_of(kind: str, key: str) -> str:
    """What the library calls a question or an exercise; empty when there is none of that key."""
    if kind == PickKind.QUESTION:
        question = library.path().question(key)
        return question.text if question else ""
    exercise = library.exercises().get(key) if kind == PickKind.EXERCISE else None
    return exercise.title if exercise else ""


def _of(found: QuerySet[Pick]) -> tuple[OpenPick, ...]:
    return tuple(
        OpenPick(each.pk, each.kind, each.key, title_of(each.kind, each.key), each.coach.name, each.picked_at)
        for each in found.order_by("-picked_at", "-pk")[:MOST]
    )
