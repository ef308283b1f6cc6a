"""Who passes through each door. One table; everybody who is not named is refused without a hint."""

from dataclasses import dataclass, field
from typing import Any

from tests.doors.furnish import READERS

EVERYBODY = frozenset(READERS)
SIGNED_IN = EVERYBODY - {"anonymous"}
COORDINATOR = frozenset({"coordinator"})
COORDINATORS = frozenset({"coordinator", "foreign_coordinator"})
STAFF = COORDINATORS | {"administrator"}
COACH = frozenset({"coach"})
COACHES = frozenset({"coach", "manager_coach", "foreign_coach"})
COACHEE = frozenset({"coachee"})
COACHEES = frozenset({"coachee", "same_group", "other_group", "other_cohort", "foreign_coachee"})
READ = ("GET",)
WRITE = ("POST",)
BOTH = ("GET", "POST")


@dataclass(frozen=True)
class Expect:
    """Who passes, with which verbs, and what a plain GET answers."""

    who: frozenset[str]
    verbs: tuple[str, ...] = READ
    status: int | tuple[int, ...] = 200
    values: dict[str, Any] = field(default_factory=dict)
    is_page: bool = True


EXPECTED: dict[str, Expect] = {
    "home": Expect(EVERYBODY, status=(200, 302)),
    "me": Expect(SIGNED_IN),
    "my_details": Expect(SIGNED_IN, BOTH),
    "who_sees_what": Expect(EVERYBODY),
    "demo_sign_in": Expect(EVERYBODY, status=404),
    "organisation": Expect(STAFF, BOTH),
    "end_role": Expect(frozenset({"coordinator", "administrator"}), WRITE),
    "journal": Expect(SIGNED_IN, BOTH),
    "journal_entry": Expect(COACHEE, BOTH),
    "journal_delete": Expect(COACHEE, WRITE),
    "health_live": Expect(EVERYBODY, is_page=False),
    "health_ready": Expect(EVERYBODY, is_page=False),
    "metrics": Expect(EVERYBODY, is_page=False),
}
