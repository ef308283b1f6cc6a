"""The matrix of the API: every address × every verb × the cast, each with a token of theirs."""

import json

from django.test import Client

from cairn.people.models import Person
from tests.api.asking import token
from tests.doors.expectations_api import API, Verb
from tests.doors.furnish import READERS
from tests.doors.statements import taken_back

NOBODY = Client(raise_request_exception=False)


def person_of(who):
    """The person behind a word of READERS in the furnished world; None for nobody."""
    key = READERS[who]
    return Person.objects.get(email__in=[f"{key}@example.org", f"leak-{key}@example.org"]) if key else None


def ask_as(person, verb, url, *, body=None, scopes=(), client=None):
    """One request whose effects are taken back. With a signed-in client and no person: by cookie alone."""
    headers = {"Idempotency-Key": "one"}
    if person is not None:
        headers["Authorization"] = f"Bearer {token(person, *scopes)}"
    data = json.dumps(body or {}).encode()
    with taken_back():
        response = (client or NOBODY).generic(verb, url, data, content_type="application/json", headers=headers)
    return response, response.content.decode("utf-8", "replace")


def expected_of(who: str, verb: Verb) -> int:
    """The status that a reader is answered with."""
    if who in verb.who:
        return verb.status
    return 403 if who in verb.sees else 404


def body_of(name: str, method: str, values):
    """What the table sends, with the ids of the furnished world."""
    body = API[name][method].body
    if name == "api_webhooks":
        return {**(body or {}), "organisation_id": values["organisation_id"]}
    if name == "api_session_attendance":
        return {"marks": [{"enrolment_id": values["enrolment_id"], "mark": "missed"}]}
    return body
