"""Dates and instants: rhythms, moves that are told, and clocks that go forward and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.cadence import (
    FORTNIGHTLY_THEN_MONTHLY,
    AmbiguousWallTime,
    MissingWallTime,
    Moved,
    NoDayForMeeting,
    NotEnoughRoom,
    Occurrence,
    Rhythm,
    Step,
    Timetable,
    UnknownZone,
    WeekdayAtWeekend,
    instant,
    meeting_dates,
    occurrences,
    split_minutes,
)

LONDON = "Europe/London"
TEN = time(10, 0)
MINUTE = timedelta(minutes=1)


def series(**changes):
    """Ten sessions from Monday 5 October 2026, fortnightly and then monthly, to the end of September 2027."""
    wanted = {
        "starts_on": date(2026, 10, 5),
        "ends_on": date(2027, 9, 30),
        "count": 10,
        "rhythm": FORTNIGHTLY_THEN_MONTHLY,
        "wall_time": TEN,
        "minutes": 90,
        "zone": LONDON,
    }
    return occurrences(**(wanted | changes))


def meetings(**changes):
    wanted = {
        "starts_on": date(2026, 9, 1),
        "ends_on": date(2027, 8, 31),
        "wall_time": time(14, 0),
        "zone": LONDON,
        "weekday": 2,
    }
    return meeting_dates(**(wanted | changes))


def days(timetable):
    return [one.on for one in timetable.dates]


# Minutes


@pytest.mark.parametrize(
    ("total", "length", "expected"),
    [(210, 60, (60, 60, 60, 30)), (900, 90, (90,) * 10), (30, 60, (30,)), (0, 60, ())],
)
def test_minutes_are_split_into_sessions(total, length, expected):
    assert split_minutes(total, length) == expected


@pytest.mark.parametrize(("total", "length"), [(-1, 60), (60, 0)])
def test_minutes_that_make_no_sense_are_not_split(total, length):
    with pytest.raises(ValueError, match="cannot be split"):
        split_minutes(total, length)


@given(st.integers(0, 5000), st.integers(1, 300))
def test_split_minutes_lose_nothing(total, length):
    parts = split_minutes(total, length)

    assert sum(parts) == total
    assert all(part == length for part in parts[:-1])
    assert all(0 < part <= length for part in parts)


# Rhythm


def test_a_rhythm_counts_the_occurrences_of_each_step_and_then_goes_on():
    assert Rhythm((Step(4, 2),), 4).gaps(7) == (0, 2, 2, 2, 4, 4, 4)
    assert Rhythm((Step(2, 1), Step(2, 2)), 4).gaps(6) == (0, 1, 2, 2, 4, 4)
    assert Rhythm((), 3).gaps(3) == (0, 3, 3)
    assert Rhythm().gaps(0) == ()


@pytest.mark.parametrize("make", [lambda: Step(0, 2), lambda: Step(2, 0), lambda: Rhythm((), 0)])
def test_a_rhythm_moves_on(make):
    with pytest.raises(ValueError, match="at least one"):
        make()


# Series


def test_a_series_is_fortnightly_at_first_and_then_monthly():
    timetable = series()

    weeks = [(on - date(2026, 10, 5)).days // 7 for on in days(timetable)]
    assert weeks == [0, 2, 4, 6, 10, 14, 18, 22, 26, 30]
    assert timetable.problems == ()


def test_wall_time_stays_when_the_clocks_change():
    first, second, *_ = series().dates

    assert first == Occurrence(
        1, date(2026, 10, 5), datetime(2026, 10, 5, 9, 0, tzinfo=UTC), datetime(2026, 10, 5, 10, 30, tzinfo=UTC)
    )
    assert second.starts_at == datetime(2026, 10, 19, 9, 0, tzinfo=UTC)
    assert series().dates[2].starts_at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def test_a_series_begins_on_the_first_such_weekday():
    assert days(series(weekday=3, count=2)) == [date(2026, 10, 8), date(2026, 10, 22)]
    assert days(series(weekday=0, count=1)) == [date(2026, 10, 5)]


def test_a_series_that_starts_at_the_weekend_begins_on_monday_without_a_report():
    assert series(starts_on=date(2026, 10, 3), count=2) == series(count=2)


def test_weekends_can_be_used():
    timetable = series(starts_on=date(2026, 10, 3), count=2, skip_weekends=False)

    assert days(timetable) == [date(2026, 10, 3), date(2026, 10, 17)]


def test_other_weekends_can_be_kept():
    friday_and_saturday = frozenset({4, 5})

    timetable = series(starts_on=date(2026, 10, 2), count=1, weekend=friday_and_saturday, zone="Asia/Riyadh")

    assert days(timetable) == [date(2026, 10, 4)]


def test_a_weekday_at_the_weekend_is_refused():
    with pytest.raises(WeekdayAtWeekend) as refusal:
        series(weekday=5)

    assert refusal.value.sentence == (
        "The weekday chosen is at the weekend, which is kept free. Choose another weekday."
    )


def test_a_closed_day_moves_one_session_and_says_so():
    timetable = series(count=3, closed=frozenset({date(2026, 10, 19)}))

    assert days(timetable) == [date(2026, 10, 5), date(2026, 10, 20), date(2026, 11, 2)]
    assert timetable.problems == (Moved(2, date(2026, 10, 19), date(2026, 10, 20), "closed"),)
    assert timetable.problems[0].sentence == (
        "Session 2 would fall on 19 October 2026, a closed day. It is on 20 October 2026 instead."
    )


def test_a_move_skips_the_weekend_to_the_next_week():
    friday_series = series(weekday=4, count=1, closed=frozenset({date(2026, 10, 9)}))

    assert days(friday_series) == [date(2026, 10, 12)]


def test_a_session_moved_far_pushes_the_next_only_as_far_as_needed():
    christmas = frozenset(date(2026, 12, 14) + timedelta(days=n) for n in range(15))

    timetable = series(starts_on=date(2026, 11, 30), count=4, rhythm=Rhythm((), 2), closed=christmas)

    assert days(timetable) == [date(2026, 11, 30), date(2026, 12, 29), date(2027, 1, 5), date(2027, 1, 12)]
    assert timetable.problems == (
        Moved(2, date(2026, 12, 14), date(2026, 12, 29), "closed"),
        Moved(3, date(2026, 12, 28), date(2027, 1, 5), "closed"),
        Moved(4, date(2027, 1, 11), date(2027, 1, 12), "too_close"),
    )


def test_what_the_coach_already_has_moves_a_session():
    clash = (datetime(2026, 10, 5, 10, 29, tzinfo=UTC), datetime(2026, 10, 5, 11, 0, tzinfo=UTC))

    timetable = series(count=1, busy=[clash])

    assert timetable.problems == (Moved(1, date(2026, 10, 5), date(2026, 10, 6), "busy"),)


def test_back_to_back_is_no_clash():
    before = (datetime(2026, 10, 5, 8, 0, tzinfo=UTC), datetime(2026, 10, 5, 9, 0, tzinfo=UTC))
    after = (datetime(2026, 10, 5, 10, 30, tzinfo=UTC), datetime(2026, 10, 5, 11, 0, tzinfo=UTC))

    assert series(count=1, busy=[before, after]).problems == ()


@pytest.mark.parametrize(
    ("on", "reason"), [(date(2027, 3, 28), "missing_time"), (date(2026, 10, 25), "ambiguous_time")]
)
def test_a_time_that_is_missing_or_doubled_moves_a_session(on, reason):
    timetable = series(starts_on=on, count=1, wall_time=time(1, 30), skip_weekends=False)

    assert timetable.problems == (Moved(1, on, on + timedelta(days=1), reason),)


def test_too_many_sessions_are_refused_with_the_number_that_fits():
    with pytest.raises(NotEnoughRoom) as refusal:
        series(ends_on=date(2026, 12, 31))

    assert refusal.value.sentence == "There is room for 5 of the 10 sessions: the last day is 31 December 2026."
    assert refusal.value.params == {"fit": 5, "wanted": 10, "ends_on": date(2026, 12, 31)}
    assert days(refusal.value.timetable) == days(series())[:5]


def test_an_end_before_the_start_has_room_for_none():
    with pytest.raises(NotEnoughRoom) as refusal:
        series(ends_on=date(2026, 10, 4))

    assert refusal.value.fit == 0


def test_a_series_of_none_is_empty():
    assert series(count=0) == Timetable()


def test_a_session_has_minutes():
    with pytest.raises(ValueError, match="positive number of minutes, not 0"):
        series(minutes=0)


@settings(max_examples=60)
@given(
    starts_on=st.dates(date(2024, 1, 1), date(2029, 1, 1)),
    closed=st.frozensets(st.integers(0, 400), max_size=60),
    busy=st.lists(st.integers(0, 400 * 24), max_size=20),
    count=st.integers(0, 12),
    weekday=st.none() | st.integers(0, 4),
)
def test_a_series_never_touches_what_it_has_to_avoid(starts_on, closed, busy, count, weekday):
    closed_days = frozenset(starts_on + timedelta(days=n) for n in closed)
    midnight = datetime.combine(starts_on, time(), UTC)
    taken = [(midnight + timedelta(hours=n), midnight + timedelta(hours=n + 3)) for n in busy]
    ends_on = starts_on + timedelta(days=400)

    try:
        found = series(
            starts_on=starts_on, ends_on=ends_on, closed=closed_days, busy=taken, count=count, weekday=weekday
        )
    except NotEnoughRoom as refusal:
        found = refusal.timetable
        assert refusal.fit < count
    else:
        assert len(found.dates) == count

    on = days(found)
    assert on == sorted(set(on))
    assert not closed_days & set(on)
    assert all(starts_on <= day <= ends_on and day.weekday() < 5 for day in on)
    assert all(end <= one.starts_at or one.ends_at <= start for one in found.dates for start, end in taken)
    moved = {problem.number for problem in found.problems}
    if weekday is not None:
        assert {one.number for one in found.dates if one.on.weekday() != weekday} <= moved


# Coach meetings


def test_coach_meetings_are_in_the_last_week_of_each_quarter():
    timetable = meetings()

    assert days(timetable) == [date(2026, 11, 25), date(2027, 2, 24), date(2027, 5, 26), date(2027, 8, 25)]
    assert timetable.dates[0].ends_at - timetable.dates[0].starts_at == timedelta(minutes=90)
    assert timetable.problems == ()


def test_a_period_a_day_too_long_has_no_extra_meeting():
    assert len(meetings(ends_on=date(2027, 9, 1)).dates) == 4


def test_half_a_quarter_left_over_has_its_own_meeting():
    assert days(meetings(ends_on=date(2027, 10, 14)))[-2:] == [date(2027, 8, 25), date(2027, 10, 13)]


def test_without_a_weekday_meetings_keep_that_of_the_start():
    assert days(meetings(weekday=None))[0] == date(2026, 11, 24)


def test_another_number_of_meetings_divides_the_period_evenly():
    assert days(meetings(meetings=3)) == [date(2026, 12, 30), date(2027, 4, 28), date(2027, 8, 25)]
    assert days(meetings(meetings=0)) == []


def test_a_meeting_moves_later_in_its_week_and_otherwise_earlier():
    last_days = frozenset(date(2027, 8, 25) + timedelta(days=n) for n in range(7))

    timetable = meetings(closed=frozenset({date(2026, 11, 25)}) | last_days)

    assert timetable.problems == (
        Moved(1, date(2026, 11, 25), date(2026, 11, 26), "closed"),
        Moved(4, date(2027, 8, 25), date(2027, 8, 24), "closed"),
    )


def test_a_quarter_with_no_free_day_is_named():
    autumn = frozenset(date(2026, 9, 1) + timedelta(days=n) for n in range(91))

    with pytest.raises(NoDayForMeeting) as refusal:
        meetings(closed=autumn)

    assert refusal.value.sentence == ("There is no free day for a meeting from 1 September 2026 to 30 November 2026.")


def test_a_period_shorter_than_a_week_has_a_meeting_too():
    assert days(meetings(starts_on=date(2026, 9, 3), ends_on=date(2026, 9, 4))) == [date(2026, 9, 4)]


def test_more_meetings_than_days_make_no_sense():
    with pytest.raises(ValueError, match="5 meetings do not go into 2 days"):
        meetings(starts_on=date(2026, 9, 3), ends_on=date(2026, 9, 4), meetings=5)


# Instants


def test_a_plain_wall_time_is_one_instant():
    assert instant(date(2026, 7, 1), TEN, LONDON) == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert instant(date(2026, 7, 1), TEN, "Asia/Kathmandu") == datetime(2026, 7, 1, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(UnknownZone) as refusal:
        instant(date(2026, 7, 1), TEN, zone)

    assert refusal.value.sentence == f"“{zone}” is not a time zone. Time zones are named like Europe/London."


def test_a_wall_time_has_no_zone():
    with pytest.raises(ValueError, match="no zone of its own"):
        instant(date(2026, 7, 1), time(10, 0, tzinfo=UTC), LONDON)


def test_a_missing_time_is_told_with_the_one_that_takes_its_place():
    with pytest.raises(MissingWallTime) as refusal:
        instant(date(2027, 3, 28), time(1, 30), LONDON)

    assert refusal.value.sentence == (
        "There is no 01:30 on 28 March 2027 in Europe/London, because the clocks skip it. "
        "The time that takes its place is 28 March 2027, 02:30. Choose that or another."
    )


def test_a_doubled_time_is_told_with_both_instants():
    with pytest.raises(AmbiguousWallTime) as refusal:
        instant(date(2026, 10, 25), time(1, 30), LONDON)

    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert refusal.value.candidates == (first, second)
    assert refusal.value.sentence == (
        "01:30 happens twice on 25 October 2026 in Europe/London, because the clocks go back. "
        "Say which is meant, the first or the second."
    )
    assert instant(date(2026, 10, 25), time(1, 30), LONDON, fold=0) == first
    assert instant(date(2026, 10, 25), time(1, 30), LONDON, fold=1) == second


def test_a_missing_midnight_is_never_guessed():
    with pytest.raises(MissingWallTime):
        instant(date(2018, 11, 4), time(0, 0), "America/Sao_Paulo", fold=1)


def test_a_day_that_a_country_skipped_has_no_times():
    with pytest.raises(MissingWallTime):
        instant(date(2011, 12, 30), time(12, 0), "Pacific/Apia")


def transitions(zone):
    """Every instant from 2024 to 2030 at which the zone's offset changes, to the minute, with both offsets."""
    info = ZoneInfo(zone)
    found = []
    at = datetime(2024, 1, 1, tzinfo=UTC)
    while at < datetime(2031, 1, 1, tzinfo=UTC):
        low, high = at, at + timedelta(days=1)
        before, after = (moment.astimezone(info).utcoffset() for moment in (low, high))
        if before != after:
            while high - low > MINUTE:
                middle = low + (high - low) // 2 // MINUTE * MINUTE
                low, high = (middle, high) if middle.astimezone(info).utcoffset() == before else (low, middle)
            found.append((high, before, after))
        at += timedelta(days=1)
    return found


EVERY_TRANSITION = [
    pytest.param(zone, *found, id=f"{zone} {found[0]:%Y-%m-%d}")
    for zone in (LONDON, "Pacific/Auckland", "America/Sao_Paulo", "Australia/Lord_Howe")
    for found in transitions(zone)
]


def test_the_zones_change_as_often_as_they_should():
    sizes = {
        zone: [abs(after - before) for _, before, after in transitions(zone)]
        for zone in (LONDON, "Pacific/Auckland", "America/Sao_Paulo", "Australia/Lord_Howe")
    }

    assert sizes == {
        LONDON: [timedelta(hours=1)] * 14,
        "Pacific/Auckland": [timedelta(hours=1)] * 14,
        "America/Sao_Paulo": [],  # no summer time since 2019
        "Australia/Lord_Howe": [timedelta(minutes=30)] * 14,
    }


@pytest.mark.parametrize(("zone", "at", "before", "after"), EVERY_TRANSITION)
def test_no_wall_time_around_a_change_of_clocks_is_guessed(zone, at, before, after):
    on_old_clock, on_new_clock = ((at + offset).replace(tzinfo=None) for offset in (before, after))
    first, last = min(on_old_clock, on_new_clock), max(on_old_clock, on_new_clock)

    def read(local, fold=None):
        return instant(local.date(), local.time(), zone, fold)

    assert read(first - MINUTE) == at - MINUTE - max(timedelta(), before - after)
    assert read(last) == at + max(timedelta(), before - after)
    for local in (first, first + (last - first) / 2, last - MINUTE):
        if after > before:
            with pytest.raises(MissingWallTime):
                read(local)
            continue
        with pytest.raises(AmbiguousWallTime) as refusal:
            read(local)
        earlier, later = refusal.value.candidates
        assert later - earlier == before - after
        assert (read(local, fold=0), read(local, fold=1)) == (earlier, later)
        assert earlier < at <= later


@settings(max_examples=150)
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([LONDON, "Pacific/Auckland", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_what_the_clock_shows_leads_back_to_the_instant(moment, zone):
    local = moment.astimezone(ZoneInfo(zone))

    assert instant(local.date(), local.time(), zone, fold=local.fold) == moment
