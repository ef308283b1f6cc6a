"""What of a journey from elsewhere is new to an account: looked at before anything is written."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cairn.engines import carrying
from cairn.engines.carrying import Item, Journey
from cairn.journey.queries.taking_out import taken_out
from cairn.people.models import Person

COUNTED = ("answers", "exercises", "journal", "goals", "steps", "preparations", "portrait")


@dataclass(frozen=True)
class Coming:
    """What would be written. `new` by kind as in the file; answers with the names of their walks; `there` what is here.

    `goals` maps a goal's name in the file to the name that it has, or will have, here.
    """

    new: Mapping[str, list[Item]]
    there: Mapping[str, int]
    goals: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind would come."""
        return {kind: len(self.new[kind]) for kind in COUNTED}

    @property
    def is_nothing(self) -> bool:
        """Whether everything is here already."""
        return not any(self.counts.values()) and not self.new["reviews"]


def coming(reader: Person, journey: Journey) -> Coming:
    """What of a journey is not yet the reader's. As many queries as taking everything out.

    An item is here already when its name is, or the name that it got when it was brought in before, or when something
    here says the same with the same dates.
    """
    here = taken_out(reader)
    known = {kind: _Known(kind, items) for kind, items in _flat(here).items()}
    new: dict[str, list[Item]] = {}
    there: dict[str, int] = {}
    goals: dict[uuid.UUID, uuid.UUID] = {}
    for kind, items in _flat(journey).items():
        new[kind] = []
        for item in items:
            found = known[kind].name_of(item, reader)
            if kind == "goals":
                goals[item["name"]] = found or renamed(item["name"], reader)
            if found is None:
                new[kind].append(item)
        there[kind] = len(items) - len(new[kind])
    new["walks"] = journey["walks"]
    new["rhythm"] = [] if here["rhythm"] else journey["rhythm"][:1]
    return Coming(new, there, goals)


def renamed(name: uuid.UUID, person: Person) -> uuid.UUID:
    """The name of a row that is brought in: the same each time for one person, and nobody else's."""
    return uuid.uuid5(name, f"person:{person.pk}")


class _Known:
    """What is here of one kind, to be found by name or by what it says."""

    def __init__(self, kind: str, items: list[Item]) -> None:
        self._kind = kind
        self._names = {item["name"] for item in items}
        self._prints = {carrying.fingerprint(kind, _bare(item)): item["name"] for item in items}

    def name_of(self, item: Item, person: Person) -> uuid.UUID | None:
        for name in (item["name"], renamed(item["name"], person)):
            if name in self._names:
                found: uuid.UUID = name
                return found
        return self._prints.get(carrying.fingerprint(self._kind, _bare(item)))


def _flat(journey: Mapping[str, Any]) -> dict[str, list[Item]]:
    """Every kind by itself: answers out of their walks, reviews out of their goals."""
    plain = ("exercises", "journal", "goals", "steps", "preparations", "portrait")
    found: dict[str, list[Item]] = {kind: list(journey[kind]) for kind in plain}
    found["answers"] = list(_within(journey["walks"], "answers", "path"))
    found["reviews"] = list(_within(journey["goals"], "reviews", "name", "of"))
    return found


def _within(items: list[Item], lists: str, key: str, called: str = "") -> Iterator[Item]:
    for item in items:
        for each in item[lists]:
            yield {**each, called or key: item[key]}


def _bare(item: Item) -> Item:
    """Without what names other rows, and without the lists within."""
    return {key: value for key, value in item.items() if key not in ("versions", "reviews", "of")}
