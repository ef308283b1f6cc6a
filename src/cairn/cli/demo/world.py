"""The demonstration's world, built in one transaction: either all of it is there or nothing."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from cairn.cli import terminal
from cairn.cli.demo import booking, cast, eastmere, harbour, journeys, meetings, money, names, requests, second, year
from cairn.cli.demo.dates import Dates
from cairn.foundation import clock, mail
from cairn.people import queries as people_queries

Echo = Callable[[str], None]
BUILDING = 6_120_488_317_205_911  # any number: the turn of whoever builds
NEWS = dt.timedelta(hours=12)  # mails younger than this are really delivered


def build_if_missing(echo: Echo) -> bool:
    """Build the world unless it is there; a line to `echo` for each part. Returns whether it had to be built.

    Its present is the real one: every date follows from now.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BUILDING])
        if _is_there():
            return False
        # What a crash of the machine could lose is built again at the next start; thousands of small queries spend
        # more time on finding the best order of their joins than on the joins.
        cursor.execute("SET LOCAL synchronous_commit = off; SET LOCAL join_collapse_limit = 1; SET LOCAL jit = off")
        now = clock.now()
        with _without_savepoints():
            build(now, echo)
        mail.settle_past(before=now - NEWS)
        return True


def build(now: dt.datetime, echo: Echo) -> None:
    """Tell the whole story up to a moment. Runs in the caller's transaction; all its mails are queued then."""
    dates = Dates(now)
    with _part("University and coaches", echo):
        world = eastmere.found(dates)
        eastmere.engage_coaches(world)
    with _part("53 people imported and joined", echo):
        eastmere.import_people(world, names.PARTICIPANTS, dates.at(-6, 0, 10))
        eastmere.join(world, names.PARTICIPANTS, -6)
    with _part("Groups formed", echo):
        eastmere.form_groups(world)
    with _part("The year planned", echo):
        eastmere.plan_year(world)
    with _part("Four months of coaching", echo):
        parts = (year, money, requests, booking, meetings)
        year.play([event for part in parts for event in part.events(world)])
    with _part("Two journeys of their own", echo):
        year.play(journeys.events(world))
    with _part("A second cohort chooses its groups", echo):
        year.play(second.events(world))
    with _part("A second organisation", echo):
        year.play(harbour.events(dates))


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """Nothing in the story is refused, so no step needs a point to return to: the first error ends all of it."""
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        del connection.features.uses_savepoints


def _is_there() -> bool:
    try:
        people_queries.person_by_address(cast.HALINA.email, clock.now())
    except people_queries.NotFound:
        return False
    return True


@contextmanager
def _part(label: str, echo: Echo) -> Iterator[None]:
    began = time.monotonic()
    yield
    echo(f"  {label:<{terminal.WIDTH - 2}}{time.monotonic() - began:5.1f} s")
