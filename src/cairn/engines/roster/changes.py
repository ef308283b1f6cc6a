"""What an import would do to the people who are there already."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from cairn.engines.roster.people import RosterPerson
from cairn.engines.roster.values import address_key, clean_text, name_key

COMPARED = (
    "name",
    "known_as",
    "title",
    "department",
    "discipline",
    "institution",
    "line_manager",
    "line_manager_email",
    "starts_on",
    "contract_ends_on",
)
Value = str | date | None


@dataclass(frozen=True)
class ExistingPerson:
    """Somebody who is in the cohort already; `key` is whatever the caller knows them by."""

    key: int | str
    email: str
    name: str
    known_as: str = ""
    title: str = ""
    department: str = ""
    discipline: str = ""
    institution: str = ""
    line_manager: str = ""
    line_manager_email: str = ""
    starts_on: date | None = None
    contract_ends_on: date | None = None


@dataclass(frozen=True)
class Change:
    """One field of one person: what is kept now, and what the file says in row `row_number`."""

    key: int | str
    row_number: int
    field: str
    old: Value
    new: Value


@dataclass(frozen=True)
class Alike:
    """A person to be created who has the name of somebody who is there under another address."""

    row_number: int
    key: int | str


@dataclass(frozen=True)
class Changes:
    """`same` and `untouched` hold keys; the untouched are not in the file, and no import deletes anybody."""

    create: tuple[RosterPerson, ...]
    change: tuple[Change, ...]
    same: tuple[int | str, ...]
    untouched: tuple[int | str, ...]
    alike: tuple[Alike, ...]


def compare(
    people: Sequence[RosterPerson], existing: Sequence[ExistingPerson], *, compared: Collection[str] = COMPARED
) -> Changes:
    """People are matched by address. An empty cell says nothing and so changes nothing.

    `compared` names the fields that the caller keeps; a field it does not keep would seem changed by every import.
    """
    by_address: dict[str, ExistingPerson] = {}
    for there in existing:
        by_address.setdefault(address_key(there.email), there)
    create: list[RosterPerson] = []
    changes: list[Change] = []
    same: list[int | str] = []
    met: set[int | str] = set()
    for person in people:
        known = by_address.get(address_key(person.email))
        if known is None:
            create.append(person)
            continue
        met.add(known.key)
        found = _changes(person, known, compared)
        changes.extend(found)
        if not found:
            same.append(known.key)
    untouched = tuple(person.key for person in existing if person.key not in met)
    return Changes(tuple(create), tuple(changes), tuple(same), untouched, _alike(create, existing, met))


def _changes(person: RosterPerson, known: ExistingPerson, compared: Collection[str]) -> list[Change]:
    found = []
    for field in COMPARED:
        new, old = getattr(person, field), getattr(known, field)
        if new and field in compared and new != old and new != (clean_text(old) if isinstance(old, str) else old):
            found.append(Change(known.key, person.row_number, field, old, new))
    return found


def _alike(
    create: Sequence[RosterPerson], existing: Sequence[ExistingPerson], met: set[int | str]
) -> tuple[Alike, ...]:
    names: dict[str, int | str] = {}
    for known in existing:
        if known.key not in met:
            names.setdefault(name_key(known.name), known.key)
    found = ((person.row_number, names.get(name_key(person.name))) for person in create)
    return tuple(Alike(row, key) for row, key in found if key is not None)
