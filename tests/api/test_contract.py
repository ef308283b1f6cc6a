"""The API keeps its description, whatever is sent: no status 500, nothing undescribed, nothing wrong that passes.

Requests are made up from the description itself: for ids of things that are there, and for whatever else a number can
be; as described, and not as described. `make fuzz-api` does the same for minutes.
"""

import copy
import itertools
import os
import time

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cairn.api import limits, schema
from cairn.config.wsgi import application
from tests import cast
from tests.api.asking import session, token

SECONDS = float(os.environ.get("CAIRN_LONG", "0"))  # for each of three people
FEW = 2
# Free, taken, twice on the clocks, on no clock, gone by, after the cohort, on no calendar.
WALLS = ["2027-04-12T14:00", "2027-03-06T09:00", "2027-10-31T01:30", "2027-03-28T01:30", "2027-03-01T09:00"]
WALLS += ["2028-01-03T09:00", "2027-02-30T09:00"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = {GenerationMode.POSITIVE: CHECKS, GenerationMode.NEGATIVE: [*CHECKS, negative_data_rejection]}
_keys = itertools.count(1)


def _with_ids(described, ids):
    """The description for a world: what is asked for are ids of things that are there, and versions near the first."""
    found = copy.deepcopy(described)
    for operation in (each for methods in found["paths"].values() for each in methods.values()):
        for parameter in operation["parameters"]:
            if parameter["name"] in ids:
                parameter["schema"] = {"type": "integer", "enum": ids[parameter["name"]]}
    for name, shape in found["components"]["schemas"].items():
        if name.endswith("In"):
            known = {member: {"type": "integer", "enum": ids[member]} for member in shape["properties"].keys() & ids}
            shape["properties"] |= known
    for operation in (each["post"] for each in found["paths"].values() if "post" in each):
        operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "If-Match"]
    found["components"]["schemas"]["DateIn"]["properties"]["wall_starts"] = {"type": "string", "enum": WALLS}
    return found


def _operations(described):
    loaded = schemathesis.openapi.from_dict(described)
    loaded.app = application
    return [each.ok() for each in loaded.get_all_operations()]


def _fuzz(operation, mode, examples, headers, seen):
    """Ask one operation so often, each time in the same world. A refusal of the checks is an exception."""

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=SECONDS == 0,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate] if SECONDS == 0 else [Phase.generate, Phase.shrink],
    )
    def once(case):
        with transaction.atomic():
            case.headers = {**(case.headers or {}), **headers}
            if mode == GenerationMode.POSITIVE and operation.method != "get":
                case.headers["Idempotency-Key"] = f"fuzz-{next(_keys)}"
            response = case.call()
            seen[response.status_code] = seen.get(response.status_code, 0) + 1
            case.validate_response(response, checks=MODES[mode])
            transaction.set_rollback(True)

    try:
        once()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE  # there is no wrong way to ask


@pytest.fixture
def one_connection():
    """Requests share the connection of the test, as they do with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def things(world):
    """Ids of things that are there."""
    made = [session(world, starts=cast.AT + cast.dt.timedelta(days=each), position=each) for each in (3, 9)]
    held = session(world, starts=cast.AT - cast.dt.timedelta(days=3), position=20)
    enrolments = [world.enrolments[who].pk for who in ("thandiwe", "siobhan")]
    sessions = [each.pk for each in (*made, held)]
    return {
        "session_id": sessions,
        "session": sessions,
        "cohort": [world.cohort.pk],
        "programme": [world.programme.pk],
        "enrolment": enrolments,
        "enrolment_id": enrolments,
        "engagement": [world.engagements["ioana"].pk],
        "engagement_id": [world.engagements["ioana"].pk],
        "organisation_id": [world.eastmere.pk, world.harbour.pk],
        "expected_version": [1, 2],
    }


@pytest.mark.parametrize("who", ["halina"] if SECONDS == 0 else ["halina", "ioana", "thandiwe"])
def test_the_api_keeps_its_description(world, things, one_connection, figure, monkeypatch, who):
    monkeypatch.setattr(limits, "PER_MINUTE", 10**9)
    headers = {"Authorization": f"Bearer {token(world.people[who])}"}
    described = schema.description()
    plain, there = _operations(described), _operations(_with_ids(described, things))
    began, seen, rounds = time.monotonic(), {}, 0
    while rounds == 0 or time.monotonic() - began < SECONDS:
        rounds += 1
        examples = FEW if SECONDS == 0 else 25
        for as_is, with_ids in zip(plain, there, strict=True):
            _fuzz(with_ids, GenerationMode.POSITIVE, examples, headers, seen)
            _fuzz(as_is, GenerationMode.NEGATIVE, examples, headers, seen)
            if SECONDS:
                _fuzz(as_is, GenerationMode.POSITIVE, examples, headers, seen)
    figure(f"API asked {sum(seen.values())} times as {who}, at random: answered {dict(sorted(seen.items()))}")
    assert max(seen) < 500
