"""Who may do what by a token. One table; a reader who is not named is answered as if there were nothing."""

from dataclasses import dataclass, field
from typing import Any

from tests.doors.furnish import READERS

SIGNED_IN = frozenset(READERS) - {"anonymous"}
COORDINATOR = frozenset({"coordinator"})
COORDINATORS = frozenset({"coordinator", "foreign_coordinator"})
COACH = frozenset({"coach"})
COACHEE = frozenset({"coachee"})


@dataclass(frozen=True)
class Verb:
    """Who may, what they send, and what they are answered. `sees` know of the thing, but may not do this to it: 403.

    `told` are canaries that whoever may is told by doing it, such as where a session is that they have just booked.
    """

    who: frozenset[str]
    scope: str
    status: int = 200
    body: dict[str, Any] | None = None
    sees: frozenset[str] = field(default=frozenset())
    told: frozenset[str] = field(default=frozenset())


def _list(scope: str) -> dict[str, Verb]:
    return {"GET": Verb(SIGNED_IN, scope)}


def _write(who: frozenset[str], body: dict[str, Any], status: int = 200, sees: frozenset[str] = frozenset()) -> Any:
    return {"POST": Verb(who, "sessions:write", status, {"expected_version": 1, **body}, sees)}


_DATE = {"wall_starts": "2027-04-20T10:00", "mode": "online"}
_HOOK = {"address": "https://hooks.example.org/", "events": ["invoice.issued"]}
API: dict[str, dict[str, Verb]] = {
    "api_people": _list("people:read"),
    "api_programmes": _list("cohorts:read"),
    "api_cohorts": _list("cohorts:read"),
    "api_groups": _list("cohorts:read"),
    "api_enrolments": _list("people:read"),
    "api_engagements": _list("cohorts:read"),
    "api_attendance": _list("attendance:read"),
    "api_entitlements": _list("minutes:read"),
    "api_coach_time": _list("minutes:read"),
    "api_invoices": _list("invoices:read"),
    "api_invoice": {"GET": Verb(COORDINATOR | COACH, "invoices:read")},
    "api_sessions": _list("sessions:read"),
    "api_session": {"GET": Verb(COORDINATOR | COACH | COACHEE, "sessions:read")},
    "api_session_times": {"GET": Verb(COACHEE, "sessions:read")},
    "api_session_date": _write(COORDINATOR | COACH, _DATE, sees=COACHEE),
    "api_session_book": {
        "POST": Verb(
            COACHEE,
            "sessions:write",
            body={"expected_version": 1, "starts_at": "2027-04-20T10:00:00Z"},
            sees=COORDINATOR | COACH,
            told=frozenset({"LEAK-office"}),
        )
    },
    "api_session_cancel": _write(COORDINATOR | COACH | COACHEE, {}),
    "api_session_restore": _write(COORDINATOR | COACH, {}, status=409, sees=COACHEE),  # it is not cancelled
    "api_session_attendance": {
        "POST": Verb(
            COORDINATOR | COACH,
            "attendance:write",
            409,  # too early
            {"marks": [{"enrolment_id": 1, "mark": "missed"}]},
            COACHEE,
        )
    },
    "api_webhooks": {
        "GET": Verb(SIGNED_IN, "webhooks:write"),
        "POST": Verb(COORDINATOR, "webhooks:write", 201, _HOOK),
    },
    "api_webhook": {"DELETE": Verb(COORDINATOR, "webhooks:write", 204)},
    "api_webhook_try": {"POST": Verb(COORDINATOR, "webhooks:write", 202)},
    "api_webhook_deliveries": _list("webhooks:write"),
}
LISTS = [name for name, verbs in API.items() if "GET" in verbs and verbs["GET"].who == SIGNED_IN]
