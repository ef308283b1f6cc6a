"""Who may do what, as far as roles decide it. Finer questions are answered by the fetch itself."""

import datetime as dt
from typing import Any

from cairn.foundation import statements
from cairn.people.models import Person
from cairn.people.terms import Role

HELD = """
SELECT role, organisation_id FROM people_rolegrant
WHERE person_id = %(person)s AND since <= %(at)s AND (until IS NULL OR until > %(at)s)
"""
STAFF = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


def roles_held(person: Any, at: dt.datetime) -> frozenset[tuple[str, int]]:
    """(role, organisation id) pairs that hold at this moment. One query per loaded person: the answer stays on it."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return frozenset()
    held: frozenset[tuple[str, int]] | None = getattr(person, "_roles_held", None)
    if held is None:
        held = frozenset(map(tuple, statements.rows(HELD, person=person.pk, at=at)))
        person._roles_held = held
    return held


def forget_roles(person: Person) -> None:
    """Read the roles anew next time: they were changed."""
    person.__dict__.pop("_roles_held", None)


def organisations_as(person: Any, *roles: str, at: dt.datetime) -> frozenset[int]:
    """The ids of the organisations in which the person holds one of these roles."""
    return frozenset(organisation for role, organisation in roles_held(person, at) if role in roles)


def may_pass(person: Any, at: dt.datetime) -> bool:
    """Everybody, signed in or not."""
    return True


def may_enter(person: Any, at: dt.datetime) -> bool:
    """Whoever is signed in and active."""
    return bool(getattr(person, "is_authenticated", False) and person.is_active)


def may_coordinate(person: Any, at: dt.datetime) -> bool:
    """A coordinator somewhere."""
    return bool(organisations_as(person, Role.COORDINATOR, at=at))


def may_administer(person: Any, at: dt.datetime) -> bool:
    """An administrator of an organisation."""
    return bool(organisations_as(person, Role.ADMINISTRATOR, at=at))


def may_work_for_an_organisation(person: Any, at: dt.datetime) -> bool:
    """A coordinator or an administrator somewhere."""
    return bool(organisations_as(person, *STAFF, at=at))


def may_coach(person: Any, at: dt.datetime) -> bool:
    """A coach somewhere."""
    return bool(organisations_as(person, Role.COACH, at=at))


def may_be_coached(person: Any, at: dt.datetime) -> bool:
    """A coachee somewhere."""
    return bool(organisations_as(person, Role.COACHEE, at=at))


def may_coordinate_for(person: Any, organisation_id: int, at: dt.datetime) -> bool:
    """A coordinator of this organisation."""
    return organisation_id in organisations_as(person, Role.COORDINATOR, at=at)


def may_administer_organisation(person: Any, organisation_id: int, at: dt.datetime) -> bool:
    """An administrator of this organisation."""
    return organisation_id in organisations_as(person, Role.ADMINISTRATOR, at=at)
