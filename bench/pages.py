"""Pages with a million sessions in the database, beside a bare Django page in the same process."""

import gc
import statistics
import time
from collections.abc import Iterator

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from cairn.people.models import Person
from tests.bench_world import million, year

ROUNDS = 15
BARE = """<!doctype html><title>Bare</title><p>{{ user.name }}<table>{% for person in people %}
<tr><td>{{ person.name }}</td><td>{{ person.email }}</td><td>{{ person.created_at|date:"j F Y" }}</td></tr>
{% endfor %}</table>"""


def bare(request: HttpRequest) -> HttpResponse:
    """A page with session, user and 25 rows, and nothing else."""
    people = Person.objects.order_by("name")[:25]
    return HttpResponse(engines["django"].from_string(BARE).render({"people": people, "user": request.user}))


urlpatterns = [path("bare/", bare)]


def cpu_ms(client: Client, url: str) -> float:
    """The median CPU milliseconds of one request in this process; the first two are not counted."""
    spent = []
    gc.collect()
    for round_ in range(ROUNDS + 2):
        before = time.process_time()
        response = client.get(url)
        after = time.process_time()
        assert response.status_code == 200, (url, response.status_code)
        if round_ > 1:
            spent.append((after - before) * 1000)
    return statistics.median(spent)


def figures() -> Iterator[tuple[str, float, float, str]]:
    """(what, measured, allowed, unit)."""
    world = year.build()
    sessions = million.fill(1_000_000)
    coordinator, coach = Client(), Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    coordinator.force_login(world.coordinator, backend=backend)
    coach.force_login(world.coach, backend=backend)
    with override_settings(ROOT_URLCONF=__name__):
        plain = cpu_ms(coordinator, "/bare/")
    yield f"bare page, CPU ({sessions:,} sessions in the database)", plain, float("inf"), "ms"
    for name, client, url in (
        ("cohort page", coordinator, f"/cohorts/{world.cohort.pk}/"),
        ("coach's today", coach, f"/today/?day={world.day}"),
    ):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        yield f"{name}, queries", len(captured), 8, ""
        yield f"{name}, CPU against the bare page", cpu_ms(client, url) / plain, 2.0, "x"
