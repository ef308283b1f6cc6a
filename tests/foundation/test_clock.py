"""What a process knows of the zone database."""

import zoneinfo

from cairn.foundation import clock


def test_zones_are_read_anew_once_an_hour_and_no_sooner(monkeypatch):
    clock.reread_zones()
    read = zoneinfo.ZoneInfo("Pacific/Auckland")

    clock.keep_zones_fresh()
    assert zoneinfo.ZoneInfo("Pacific/Auckland") is read

    before = clock.zones_reading()
    monkeypatch.setattr(clock._Zones, "at", clock._Zones.at - clock.ZONES_KEPT_SECONDS)
    clock.keep_zones_fresh()
    assert zoneinfo.ZoneInfo("Pacific/Auckland") is not read
    assert clock.zones_reading() == before + 1
