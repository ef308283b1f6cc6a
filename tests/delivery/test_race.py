import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from tests.delivery import making, race


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nobody_is_booked_twice_by_any_path(world, figure):
    figures = race.run(world, slots=8)

    figure(f"booking race: {figures}")
    assert figures.unexpected == []
    assert (figures.doubles, figures.strays, figures.overheld) == (0, 0, 0)
    assert sum(figures.won.values()) - figures.won["record_attendance"] >= 8


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_changes_to_one_session_the_first_holds_and_the_others_are_told(world, at):
    session = making.undated(world)
    gate = threading.Barrier(6)

    def move(days: int) -> str:
        gate.wait()
        try:
            actions.date_session(
                session=session,
                wall_starts=dt.datetime(2027, 4, 5 + days, 10, 0),
                mode="online",
                where="",
                expected_version=1,
                by=world.ioana,
                at=at,
            )
        except actions.ChangedMeanwhile:
            return "told"
        finally:
            connections.close_all()
        return "moved"

    with ThreadPoolExecutor(max_workers=6) as pool:
        outcomes = sorted(pool.map(move, range(6)))

    assert outcomes == ["moved", *["told"] * 5]
    assert CoachingSession.objects.get(pk=session.pk).version == 2
