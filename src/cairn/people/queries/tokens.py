"""Tokens with which other systems act for a person: whose one is, and what it may be for."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db.models import QuerySet

from cairn.people import rules
from cairn.people.models import ApiToken, Person
from cairn.people.queries.finding import NotFound
from cairn.people.terms import Role, Scope

READS = (Scope.PEOPLE, Scope.COHORTS, Scope.SESSIONS, Scope.ATTENDANCE, Scope.MINUTES)
OF_ROLE: dict[str, frozenset[Scope]] = {
    Role.COORDINATOR: frozenset(Scope),
    Role.COACH: frozenset({*READS, Scope.SESSIONS_WRITE, Scope.ATTENDANCE_WRITE, Scope.INVOICES}),
    Role.COACHEE: frozenset({*READS, Scope.SESSIONS_WRITE}),
}


@dataclass(frozen=True)
class Bearer:
    """Who asks by a token: its owner, and what the token is for."""

    token_id: int
    person: Person
    scopes: frozenset[str]
    last_used_at: dt.datetime | None


def hash_of(secret: str) -> str:
    """What is kept of a token's secret. It is as long as a key, so one round is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def bearer(secret: str, at: dt.datetime) -> Bearer | None:
    """Whose token this is, while it has neither run out nor been revoked and its owner's account is open. One query."""
    live = ApiToken.objects.filter(revoked_at=None, expires_at__gt=at, person__is_active=True)
    found = live.select_related("person").filter(secret_hash=hash_of(secret)).first()
    return None if found is None else Bearer(found.pk, found.person, frozenset(found.scopes), found.last_used_at)


def scopes_for(reader: Person, at: dt.datetime) -> tuple[Scope, ...]:
    """The scopes that make sense for the roles somebody holds now, in the order of `Scope`."""
    held = {role for role, _organisation in rules.roles_held(reader, at)}
    sensible = frozenset[Scope]().union(*(OF_ROLE.get(role, frozenset()) for role in held))
    return tuple(scope for scope in Scope if scope in sensible)


def tokens(reader: Person) -> QuerySet[ApiToken]:
    """The reader's own tokens, revoked ones and those that ran out last."""
    return ApiToken.objects.filter(person=reader).order_by("-revoked_at", "-made_at", "-pk")


def token(reader: Person, token_id: int) -> ApiToken:
    """One of the reader's own tokens."""
    found = ApiToken.objects.filter(person=reader, pk=token_id).first()
    if found is None:
        raise NotFound
    return found
