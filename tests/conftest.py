"""Fixtures for every test: the moment, the fixed cast."""

import gc
from collections.abc import Callable, Iterator

import pytest
from _pytest.terminal import TerminalReporter
from django.db import connection


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    """No manifest of hashed names is needed where no browser fetches them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits leaves no queued work behind: the queue's tables are not among those that Django empties."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker and marker.kwargs.get("transaction")):
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")


@pytest.fixture
def at():
    """The moment at which the tests take place."""
    from tests import cast

    return cast.AT


@pytest.fixture
def world(db):
    """The fixed cast in a cohort under way, and a second organisation that must never see it."""
    from tests import standing

    return standing.world()


# The long ones begin first, so that neither worker is left alone with one at the end.
LONG = ("test_cohort_walk", "test_budgets", "test_up", "test_demo", "browser", "test_crash", "test_every_url")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by what is known to take long; everything else stays as it was found."""
    items.sort(key=lambda item: next((rank for rank, word in enumerate(LONG) if word in item.nodeid), len(LONG)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays for the whole run: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture
def figure(record_property) -> Callable[[str], None]:
    """Print a line of figures at the end of the run, whichever worker found it."""
    return lambda line: record_property("figure", line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """The figures that tests found, in one place."""
    lines = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figure"
    ]
    if lines:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(lines))
