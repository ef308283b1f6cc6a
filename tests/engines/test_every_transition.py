"""Wall time to instant and back over every change of the clocks from 2024 to 2030, in every zone there is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from cairn.engines.cadence import AmbiguousWallTime, MissingWallTime, instant, readings

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
STEP = timedelta(days=5)  # no zone has changed its clocks to and fro within less
SECOND = timedelta(seconds=1)


def offset(moment, zone):
    return moment.astimezone(zone).utcoffset()


def transitions(zone):
    """Each instant at which the distance from UTC changes, found by halving."""
    moment, before = FIRST, offset(FIRST, zone)
    while moment < LAST:
        after = offset(moment + STEP, zone)
        if after != before:
            low, high = moment, moment + STEP
            while high - low > SECOND:
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle, zone) == before else (low, middle)
            yield high.replace(microsecond=0)
        moment, before = moment + STEP, after


def distinct_zones():
    """Every zone by name with its changes; of those that are the same throughout these years only one."""
    alike = {}
    for name in sorted(available_timezones() - {"localtime", "posixrules", "Factory"}):
        zone = ZoneInfo(name)
        changes = tuple(transitions(zone))
        alike.setdefault((offset(FIRST, zone), *((each, offset(each, zone)) for each in changes)), (name, changes))
    return sorted(alike.values())


def test_every_time_around_every_transition_goes_to_its_instant_and_back(record_property):
    checked = changes = 0
    for name, its_changes in distinct_zones():
        zone = ZoneInfo(name)
        for change in its_changes:
            changes += 1
            shift = offset(change, zone) - offset(change - SECOND, zone)
            for minutes in range(-240, 241, 15):
                checked += 1
                wall = (change + timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None, fold=0)
                found = readings(wall, name)
                assert change + timedelta(minutes=minutes) in found
                assert all(each.astimezone(zone).replace(tzinfo=None, fold=0) == wall for each in found)
                assert [instant(wall.date(), wall.time(), name, fold) for fold in (0, 1)] == [found[0], found[-1]]
            middle = change.astimezone(zone).replace(tzinfo=None, fold=0) - shift / 2  # of what is skipped or repeated
            is_forward = shift > timedelta(0)
            assert len(readings(middle, name)) == (0 if is_forward else 2)
            _refuses(MissingWallTime if is_forward else AmbiguousWallTime, middle, name)
    record_property("figure", f"time: {checked:,} wall times around {changes} changes of clocks 2024-2030, all exact")
    assert changes > 300


def _refuses(kind, wall, name):
    try:
        instant(wall.date(), wall.time(), name)
    except kind:
        return
    raise AssertionError(f"{wall} in {name} was guessed")
