"""What a process knows of the zone database."""

import zoneinfo

from cairn.foundation import clock


def test_zones_are_read_anew_once_an_hour_and_no_sooner(monkeypatch):
    clock.reread_zones()
    read = zoneinfo.ZoneInfo("Pacific/Auckland")

    clock.keep_zones_fresh()
    assert zoneinfo.ZoneInfo("Pacific/Auckland") is read

    monkeypatch.setattr(clock, "_zones_read", clock._zones_read - clock.ZONES_KEPT_SECONDS)
    clock.keep_zones_fresh()
    assert zoneinfo.ZoneInfo("Pacific/Auckland") is not read
