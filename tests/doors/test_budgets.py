"""What a page may cost: the same few queries however many rows lie behind it, and a page that a slow line can carry."""

import os

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cairn.foundation import clock
from tests import cast
from tests.api.asking import token
from tests.doors import crowd, crowded_journey, furnish
from tests.doors.expectations import EXPECTED
from tests.doors.expectations_api import LISTS
from tests.doors.test_every_url import address, every_url, signed_in

QUERIES = 8
BYTES = 60_000
SIZES = (10, 1_000, 100_000 if os.environ.get("CAIRN_LONG") else 10_000)
# Files and answers for systems are no pages; their cost is their content.
PAGES = sorted(
    name
    for name, expected in EXPECTED.items()
    if expected.status == 200 and "GET" in expected.verbs and expected.is_page
)
BY_TOKEN = [(name, who) for name in LISTS for who in ("coordinator", "coach", "coachee")]


def _cost_by_token(world, name, who):
    """What a list of the API costs: queries and bytes."""
    headers = {"Authorization": f"Bearer {token(furnish.reader(world, who))}"}
    with CaptureQueriesContext(connection) as captured:
        response = Client().get(address(name, (), {}), headers=headers)
    assert response.status_code == 200
    return len(captured), len(response.content)


@pytest.mark.slow
def test_pages_cost_the_same_at_every_size(db, figure, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)
    world, values = furnish.furnish()
    clients = signed_in(world)
    costs: dict[str, list[tuple[int, int]]] = {name: [] for name in PAGES}
    gathered = 0
    for size in SIZES:
        crowd.gather(world, gathered + 1, size)
        crowded_journey.gather(world, gathered + 1, size)
        gathered = size
        for name in PAGES:
            expected = EXPECTED[name]
            who = next(word for word in furnish.READERS if word in expected.who and word != "anonymous")
            client = clients[who]
            url = address(name, every_url()[name], {**values, **expected.values})
            if size == SIZES[0]:  # what a process learns once, such as its content types, is no cost of a page
                client.get(url)
            with CaptureQueriesContext(connection) as captured:
                response = client.get(url)
            assert response.status_code == 200, name
            costs[name].append((len(captured), len(response.content)))
        for name, who in BY_TOKEN:
            costs.setdefault(f"{name} as {who}", []).append(_cost_by_token(world, name, who))
    figure(f"pages at {SIZES} rows: (queries, bytes)")
    for name, found in costs.items():
        figure(f"  {name:28} {found}")
    uneven = {name: found for name, found in costs.items() if len({queries for queries, _bytes in found}) > 1}
    dear = {name: found for name, found in costs.items() if max(queries for queries, _bytes in found) > QUERIES}
    heavy = {name: found for name, found in costs.items() if max(size for _queries, size in found) > BYTES}
    assert (uneven, dear, heavy) == ({}, {}, {})
