"""The short form of the load on booking: each path once around one slot, and a few people on fewer times."""

import pytest
from django.conf import settings

from cairn.foundation import clock
from tests import cast
from tests.faults import load_scene, time_load
from tests.faults.load_asking import InProcess

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)
    monkeypatch.setattr(settings, "MIDDLEWARE", [each for each in settings.MIDDLEWARE if "whitenoise" not in each])
    return load_scene.build(cast.AT)


def test_a_slot_goes_to_one_by_whatever_path_and_everybody_is_answered(scene, figure, monkeypatch):
    monkeypatch.setattr(time_load, "PATHS", dict.fromkeys(load_scene.PATHS, 1))
    monkeypatch.setattr(time_load, "CONTENDERS", len(load_scene.PATHS))

    raced = time_load.race(scene, InProcess(), slots=1, coaches=1, at=cast.AT)
    rushed = time_load.rush(scene, InProcess(), people=3, slots=2, within=0, at=cast.AT, lanes=3)

    figure(str(raced))
    figure(str(rushed))
    assert (raced.wrong, raced.untold, raced.asking.errors) == ([], [], [])
    assert (raced.doubles, raced.rounds, sum(raced.won.values())) == (0, 1, 1)
    assert (rushed.lost, rushed.asking.errors, rushed.doubles) == ([], [], 0)
    assert (rushed.booked, rushed.full) == (2, 1)
