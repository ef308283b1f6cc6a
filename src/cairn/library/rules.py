"""Who may contribute questions, and who decides about them."""

import datetime as dt
from typing import Any

from cairn.people import rules as people_rules
from cairn.people.terms import Role


def may_offer(person: Any, organisation_id: int, at: dt.datetime) -> bool:
    """A coach of this organisation."""
    return organisation_id in people_rules.organisations_as(person, Role.COACH, at=at)


def may_review(person: Any, organisation_id: int, at: dt.datetime) -> bool:
    """A coordinator of this organisation."""
    return people_rules.may_coordinate_for(person, organisation_id, at)
