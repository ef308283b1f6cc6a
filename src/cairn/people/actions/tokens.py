"""Tokens with which other systems act for a person. The secret is shown once and never kept; its hash is."""

import datetime as dt
import secrets
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cairn.foundation import audit
from cairn.people import queries
from cairn.people.models import ApiToken, Person
from cairn.people.queries.tokens import hash_of
from cairn.people.terms import Scope

PREFIX = "cairn_"  # by which scanners of published code know a secret of ours
DAYS = (7, 30, 90, 365)
MOST = 20
HINT = 4
USED_AGAIN = dt.timedelta(minutes=1)


class TokenRefused(Exception):
    """The token cannot be made; `str()` is a sentence for the person."""


@transaction.atomic
def make_token(*, name: str, scopes: Collection[str], days: int, by: Person, at: dt.datetime) -> tuple[ApiToken, str]:
    """Make a token that may do what `scopes` say, for so many days (one of `DAYS`). Returns it and its secret.

    Raises TokenRefused: without a name or a scope, with a scope that the person's roles have no use for, past twenty.
    """
    name = " ".join(name.split())[:80]
    wanted = [scope.value for scope in queries.scopes_for(by, at) if scope.value in scopes]
    if not name:
        raise TokenRefused(_("Say what the token is for, so that you know it again."))
    if not wanted or len(wanted) != len(set(scopes)):
        raise TokenRefused(_("Choose at least one thing that the token may do, out of those offered."))
    if days not in DAYS:
        raise TokenRefused(_("Choose one of the times offered."))
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    if ApiToken.objects.filter(person=by, revoked_at=None, expires_at__gt=at).count() >= MOST:
        raise TokenRefused(_("You have twenty tokens already. Revoke one that is no longer used."))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=by,
        name=name,
        secret_hash=hash_of(secret),
        hint=secret[-HINT:],
        scopes=wanted,
        made_at=at,
        expires_at=at + dt.timedelta(days=days),
    )
    _record("make_token", token, by=by, at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Person, at: dt.datetime) -> None:
    """End a token of one's own, at once and for good. Ending it twice changes nothing. Raises queries.NotFound."""
    current = queries.token(by, token.pk)
    if ApiToken.objects.filter(pk=current.pk, revoked_at=None).update(revoked_at=at):
        _record("revoke_token", current, by=by, at=at)


def note_use(*, bearer: queries.Bearer, at: dt.datetime) -> None:
    """Write down that a token was used, at most once a minute. It changes nothing but that."""
    if bearer.last_used_at is not None and bearer.last_used_at > at - USED_AGAIN:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - USED_AGAIN)
    ApiToken.objects.filter(stale, pk=bearer.token_id).update(last_used_at=at)


def _record(action: str, token: ApiToken, *, by: Person, at: dt.datetime) -> None:
    facts = {"scopes": [Scope(scope).value for scope in token.scopes], "expires_at": token.expires_at.isoformat()}
    audit.record(action=action, subject_kind="token", subject_id=token.pk, facts=facts, by=by, at=at)
