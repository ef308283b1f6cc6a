"""Who walks beside whom, without any organisation."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from cairn.journey.models import Companion
from cairn.people.models import Person
from cairn.people.queries import NotFound

INVITATION_DAYS = 14
MOST = 100
WAITING, BESIDE, LAPSED = "waiting", "beside", "lapsed"


@dataclass(frozen=True)
class OwnCompanion:
    """A coach whom the reader asked. `name` is empty until they accepted; `state` is waiting, beside or lapsed."""

    id: int
    address: str
    coach_id: int | None
    name: str
    state: str
    invited_at: dt.datetime
    expires_at: dt.datetime
    accepted_at: dt.datetime | None


@dataclass(frozen=True)
class WalksBeside:
    """Somebody beside whom the reader walks as their companion."""

    id: int
    person_id: int
    name: str
    since: dt.datetime


@dataclass(frozen=True)
class Asked:
    """An open invitation as whoever holds its secret reads it."""

    person_id: int
    name: str
    address: str
    expires_at: dt.datetime


def companions(reader: Person, at: dt.datetime) -> tuple[OwnCompanion, ...]:
    """The coaches whom the reader asked: those beside them first, then who has not answered. One query."""
    found = Companion.objects.filter(person=reader, ended_at=None).select_related("coach")
    rows = [
        OwnCompanion(
            id=each.pk,
            address=each.address,
            coach_id=each.coach_id,
            name=each.coach.name if each.coach else "",
            state=BESIDE if each.accepted_at else WAITING if each.expires_at > at else LAPSED,
            invited_at=each.invited_at,
            expires_at=each.expires_at,
            accepted_at=each.accepted_at,
        )
        for each in found.order_by("-invited_at", "-pk")[:MOST]
    ]
    return tuple(sorted(rows, key=lambda row: (BESIDE, WAITING, LAPSED).index(row.state)))


def beside(reader: Person) -> tuple[WalksBeside, ...]:
    """The people beside whom the reader walks as their companion, by name. One query."""
    rows = Companion.objects.filter(coach=reader, ended_at=None).order_by("person__name", "pk")
    named = rows.values_list("pk", "person_id", "person__name", "accepted_at")[:MOST]
    return tuple(WalksBeside(pk, person, name, since) for pk, person, name, since in named if since is not None)


def companion_asked(secret: str, at: dt.datetime) -> Asked:
    """The open invitation that a secret belongs to; the secret itself is the reader's right. Raises NotFound."""
    found = (
        Companion.objects.select_related("person")
        .filter(secret_hash=hashed(secret), accepted_at=None, ended_at=None, expires_at__gt=at)
        .first()
    )
    if found is None or not found.person.is_active:
        raise NotFound
    return Asked(found.person_id, found.person.name, found.person.email, found.expires_at)


def hashed(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
