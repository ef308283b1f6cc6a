"""The pages of a walk whose every question was answered at length, with 5,000 sealed journal entries behind them."""

from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import journal
from bench.pages import cpu_ms
from cairn.journey import actions
from cairn.library import queries as library
from cairn.people.models import Person

VERSIONS = 3
SENTENCES = 15
"""So many sentences an answer has: about 1.5 KB."""


def answer_all(person: Person) -> list[str]:
    """Answer every question of the path three times over; returns the keys."""
    keys = [each.key for each in library.path().questions]
    actions.begin_walk(topics=("boss", "politics"), situations=("talents",), words="To see.", by=person, at=journal.AT)
    for key in keys:
        for number in range(VERSIONS):
            text = (
                f"Version {number}. "
                + "What I found was that my manager and I want other things from this. " * SENTENCES
            )
            actions.finish_answer(question=key, text=text, revision=number, look_back_on=None, by=person, at=journal.AT)
    return keys


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Queries, and CPU milliseconds of one request in this process: the median of fifteen."""
    person = Person.objects.create_user("walker@example.org", name="Walker", time_zone="Europe/London")
    journal.fill(person)
    keys = answer_all(person)
    later = next(each.key for each in library.path().questions if each.builds_on)
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    behind = f"{journal.ENTRIES:,} sealed entries and {len(keys)} answers behind it"
    for what, url, most in (
        (f"question page, {behind}", f"/path/{later}/", 10.0),
        ("versions of an answer", f"/path/{later}/versions/", 20.0),
        ("the whole path", "/path/", 20.0),
    ):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        yield f"{what}, queries", len(captured), 8, ""
        yield f"{what}, CPU", cpu_ms(client, url), most, "ms"
    with CaptureQueriesContext(connection) as captured:
        client.post(f"/path/{later}/save/", {"text": "Typed on.", "revision": VERSIONS})
    yield "saving while typing, queries", len(captured), 10, ""
