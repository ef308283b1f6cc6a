"""Asking the API as somebody, by a token of theirs."""

import itertools
import json

from cairn.delivery.models import CoachingSession
from cairn.people.actions.tokens import PREFIX
from cairn.people.models import ApiToken
from cairn.people.queries.tokens import hash_of
from cairn.people.terms import Scope
from tests import cast

_keys = itertools.count(1)


def token(person, *scopes, at=cast.AT):
    """The secret of a token with these scopes, or with all: also of somebody who could not make it."""
    wanted = [Scope(each).value for each in scopes] or [scope.value for scope in Scope]
    secret = f"{PREFIX}{person.pk}-{'-'.join(wanted)}"
    ApiToken.objects.get_or_create(
        secret_hash=hash_of(secret),
        defaults={
            "person": person,
            "name": "A timetable",
            "hint": "test",
            "scopes": wanted,
            "made_at": cast.BEFORE,
            "expires_at": at + cast.dt.timedelta(days=365),
            "last_used_at": at,
        },
    )
    return secret


def ask(client, person, method, path, body=None, *, scopes=(), key=None, **headers):
    """One request with a token of this person's; a write gets a key of its own."""
    sent = {"Authorization": f"Bearer {token(person, *scopes)}", **headers}
    if method != "GET":
        sent["Idempotency-Key"] = key or f"key-{next(_keys)}"
    data = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=sent)


def get(client, person, path, **options):
    """What a list or a thing says."""
    return ask(client, person, "GET", path, **options)


def post(client, person, path, body, **options):
    """A write."""
    return ask(client, person, "POST", path, body, **options)


def session(world, *, starts, where="", position=1, who="thandiwe", **fields):
    """A one-to-one session that is booked."""
    enrolment = world.enrolments[who]
    wall = starts.astimezone(enrolment.cohort.zone).replace(tzinfo=cast.dt.UTC)
    return CoachingSession.objects.create(
        cohort=enrolment.cohort,
        kind="one_to_one",
        engagement=enrolment.engagement,
        enrolment=enrolment,
        position=position,
        minutes=60,
        state="booked",
        where=where,
        time_zone=enrolment.cohort.time_zone,
        wall_starts=wall,
        starts_at=starts,
        ends_at=starts + cast.dt.timedelta(minutes=60),
        **fields,
    )
