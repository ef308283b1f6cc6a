"""When a coach can be met: hours on a wall, what stands in the way, and every change of the clocks there is."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.availability import Differing, Hours, Rules, Taken, Wall, Wanted, is_open, starts

LONDON, AUCKLAND, SAO_PAULO = "Europe/London", "Pacific/Auckland", "America/Sao_Paulo"
MONDAY = date(2027, 3, 8)
AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MORNING = Hours(0, time(9), time(12))


def found(*hours, first=MONDAY, last=None, at=AT, minutes=60, zone=LONDON, taken=None, closed=(), **rules):
    """Starts of sessions of an hour on 8 March 2027 of a coach in London, as wall times of the session's zone."""
    rules = Rules(**({"zone": LONDON, "hours": hours} | rules))
    wanted = Wanted(minutes, zone, first, last or first, at, frozenset(closed))
    return starts(rules, wanted, taken or Taken())


def walls(*hours, **more):
    return [f"{each.wall:%H:%M}" for each in found(*hours, **more)]


def utc(hour, minute=0, on=MONDAY):
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)


def test_starts_lie_a_step_apart_from_the_beginning_of_each_span():
    assert walls(MORNING) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert walls(Hours(0, time(9, 10), time(11)), step_minutes=20) == ["09:10", "09:30", "09:50"]
    assert walls(MORNING, Hours(0, time(13, 15), time(14, 30))) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00"),
        "13:15",
    ]
    assert walls(Hours(1, time(9), time(12))) == []


def test_hours_may_end_at_midnight_and_go_on_the_next_day():
    late, early = Hours(0, time(22), time(0)), Hours(1, time(0), time(1))
    assert walls(late) == ["22:00", "22:30", "23:00"]
    assert walls(late, early) == ["22:00", "22:30", "23:00", "23:30"]
    assert walls(late, early, first=MONDAY + DAY) == ["00:00"]


def test_a_session_lies_at_places_where_all_of_it_fits():
    rules = {"places": (1, 2)}
    hours = (Hours(0, time(9), time(10, 30), 1), Hours(0, time(10), time(12), 2), Hours(0, time(11, 30), time(12, 30)))

    offered = found(*hours, **rules)

    assert [(f"{each.wall:%H:%M}", each.places) for each in offered] == [
        ("09:00", (1,)),
        ("09:30", (1,)),
        ("10:00", (2,)),
        ("10:30", (2,)),
        ("11:00", (2,)),
        ("11:30", (1, 2)),
    ]


def test_days_that_differ_open_and_close():
    away = Differing(MONDAY, MONDAY + DAY)
    lunch = Differing(MONDAY, MONDAY, time(10), time(10, 30))
    evening = Differing(MONDAY, MONDAY, time(18), time(19), is_open=True)
    assert walls(MORNING, differing=(away,)) == []
    assert walls(MORNING, differing=(lunch, evening)) == ["09:00", "10:30", "11:00", "18:00"]
    assert walls(MORNING, differing=(away, evening)) == []


def test_a_time_is_open_where_all_of_it_lies_in_the_hours_of_one_place():
    late, early = Hours(0, time(22), time(0)), Hours(1, time(0), time(1))
    here, there = Hours(0, time(9), time(10), 1), Hours(0, time(10), time(12), 2)
    auckland = Rules(AUCKLAND, (MORNING,), notice_minutes=600, most_per_day=0)

    assert is_open(Rules(LONDON, (MORNING,)), utc(9), utc(12))
    assert not is_open(Rules(LONDON, (MORNING,)), utc(8, 59), utc(10))
    assert not is_open(Rules(LONDON, (MORNING,)), utc(11, 30), utc(12, 1))
    assert is_open(Rules(LONDON, (late, early)), utc(23, 30), utc(0, 30, on=MONDAY + DAY))
    assert not is_open(Rules(LONDON, (here, there), places=(1, 2)), utc(9, 30), utc(10, 30))
    assert is_open(auckland, utc(20, on=MONDAY - DAY), utc(21, on=MONDAY - DAY))
    assert not is_open(auckland, utc(9), utc(10))


def test_between_two_sessions_lies_what_follows_one_and_what_precedes_the_other():
    other = Taken(sessions=((utc(10, 30), utc(11)),))
    day = Hours(0, time(8), time(13))
    kept = {"buffer_before_minutes": 10, "buffer_after_minutes": 20, "step_minutes": 15}
    assert walls(day, taken=other, **kept) == ["08:00", "08:15", "08:30", "08:45", "09:00", "11:30", "11:45", "12:00"]
    elsewhere = Taken(busy=((utc(10, 30), utc(11)),))
    assert walls(day, taken=elsewhere, **kept) == [
        *("08:00", "08:15", "08:30", "08:45", "09:00", "09:15", "09:30"),
        *("11:00", "11:15", "11:30", "11:45", "12:00"),
    ]


def test_notice_and_horizon_bound_what_is_offered():
    assert walls(MORNING, at=utc(9, 45, on=MONDAY - DAY), notice_minutes=1440) == ["10:00", "10:30", "11:00"]
    assert walls(MORNING, horizon_days=7) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert walls(MORNING, horizon_days=6) == []


def test_the_horizon_counts_days_of_the_coachs_wall():
    night = datetime(2027, 3, 1, 11, 30, tzinfo=UTC)  # 2 March, 00:30, in Auckland
    hours = Hours(1, time(9), time(10))
    auckland = {"zone": AUCKLAND, "hours": (hours,), "horizon_days": 7}
    wanted = Wanted(60, AUCKLAND, date(2027, 3, 9), date(2027, 3, 9), night)
    assert len(starts(Rules(**auckland), wanted, Taken())) == 1
    assert starts(Rules(**auckland | {"horizon_days": 6}), wanted, Taken()) == ()


def test_limits_count_days_and_weeks_of_the_wall():
    day = Taken(counted=(utc(14), utc(15)))
    assert walls(MORNING, taken=day, most_per_day=2) == []
    assert len(walls(MORNING, taken=day, most_per_day=3)) == 5
    sunday, last_sunday = utc(10, on=date(2027, 3, 14)), utc(10, on=date(2027, 3, 7))
    assert walls(MORNING, taken=Taken(counted=(sunday,)), most_per_week=1) == []
    assert len(walls(MORNING, taken=Taken(counted=(last_sunday,)), most_per_week=1)) == 5
    # Sunday 13:00 in London is Monday in Auckland, where the coach is.
    wanted = Wanted(60, AUCKLAND, MONDAY, MONDAY, AT)
    rules = Rules(AUCKLAND, (MORNING,), most_per_week=1)
    assert starts(rules, wanted, Taken(counted=(utc(13, on=date(2027, 3, 7)),))) == ()


def test_closed_days_are_those_of_the_sessions_wall():
    assert walls(MORNING, closed=[MONDAY]) == []
    tuesday = MONDAY + DAY
    late = Hours(0, time(20), time(22))  # Tuesday morning in Auckland
    assert walls(late, first=tuesday, zone=AUCKLAND) == ["09:00", "09:30", "10:00"]
    assert walls(late, first=tuesday, zone=AUCKLAND, closed=[tuesday]) == []
    assert len(walls(late, first=tuesday, zone=AUCKLAND, closed=[MONDAY])) == 3


def test_hours_stay_on_the_wall_when_the_clocks_change():
    summer = date(2027, 3, 29)  # the Monday after the clocks went forward
    before, after = found(MORNING)[0], found(MORNING, first=summer)[0]
    assert (before.starts_at, after.starts_at) == (utc(9), utc(8, on=summer))
    assert before.wall.time() == after.wall.time() == time(9)


def test_times_that_are_skipped_fall_out_and_those_that_come_twice_are_left_out():
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    night = Hours(6, time(0), time(4))
    assert walls(night, first=spring) == ["00:00", "00:30", "02:00", "02:30", "03:00"]
    assert [each.starts_at for each in found(night, first=spring)][1:3] == [
        utc(0, 30, on=spring),
        utc(1, on=spring),
    ]
    october = {"at": utc(9, on=date(2027, 10, 1))}
    assert walls(night, first=autumn, **october) == ["00:00", "00:30", "02:00", "02:30", "03:00"]
    # Nor are times that come twice on the wall of the session, though they come once on the coach's.
    sao_paulo = {"zone": SAO_PAULO, "hours": (Hours(5, time(20), time(0)), Hours(6, time(0), time(4)))}
    wanted = Wanted(60, LONDON, autumn, autumn, utc(9, on=date(2027, 10, 1)))
    offered = [f"{each.wall:%H:%M}" for each in starts(Rules(**sao_paulo), wanted, Taken())]
    assert offered == [
        "00:00",
        "00:30",
        "02:00",
        "02:30",
        "03:00",
        "03:30",
        "04:00",
        "04:30",
        "05:00",
        "05:30",
        "06:00",
    ]


def test_a_session_without_length_is_an_error():
    with pytest.raises(ValueError, match="at least one minute"):
        found(MORNING, minutes=0)


# Against an oracle that knows nothing but minutes

ZONES = (LONDON, AUCKLAND, SAO_PAULO, "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns")
EDGES = (date(2027, 3, 28), date(2027, 10, 31), date(2027, 4, 4), date(2027, 9, 26), date(2027, 2, 7), date(2027, 6, 9))


def oracle(rules, wanted, taken):
    """The same, by asking of every minute whether it is open and of every start whether each of its minutes will do."""
    here, there = ZoneInfo(rules.zone), ZoneInfo(wanted.zone)
    gap = (rules.buffer_before_minutes + rules.buffer_after_minutes) * MINUTE
    in_the_way = [*taken.busy, *((begins - gap, ends + gap) for begins, ends in taken.sessions)]
    last_day = wanted.at.astimezone(here).date() + rules.horizon_days * DAY
    days = [each.astimezone(here).date() for each in taken.counted]

    def within(minute, span):
        return span.starts <= minute and (minute < span.ends or span.ends == time())

    @cache
    def is_open(wall, place):
        minute, day = wall.time().replace(tzinfo=None), wall.date()
        today = [each for each in rules.differing if each.first_on <= day <= each.last_on]
        inside = [each.starts is None or within(minute, each) for each in today]
        if any(fits and not each.is_open for each, fits in zip(today, inside, strict=True)):
            return False
        return any(fits and each.is_open for each, fits in zip(today, inside, strict=True)) or any(
            each.weekday == day.weekday() and each.place in (None, place) and within(minute, each)
            for each in rules.hours
        )

    def on_the_grid(wall, place):
        begins = wall
        while begins.time() != time() and is_open(begins - MINUTE, place):
            begins -= MINUTE
        return (wall - begins) // MINUTE % rules.step_minutes == 0

    def happens_once(instant, zone):
        wall = instant.astimezone(zone).replace(tzinfo=None)
        return wall.replace(tzinfo=zone, fold=0).utcoffset() == wall.replace(tzinfo=zone, fold=1).utcoffset()

    def will_do(instant, place):
        wall, day = instant.astimezone(here).replace(tzinfo=None), instant.astimezone(here).date()
        ends = instant + wanted.minutes * MINUTE
        return (
            is_open(wall, place)
            and instant >= wanted.at + rules.notice_minutes * MINUTE
            and day <= last_day
            and instant.astimezone(there).date() not in wanted.closed
            and not any(begins < ends and instant < until for begins, until in in_the_way)
            and (rules.most_per_day is None or days.count(day) < rules.most_per_day)
            and (
                rules.most_per_week is None
                or sum(1 for each in days if each.isocalendar()[:2] == day.isocalendar()[:2]) < rules.most_per_week
            )
            and on_the_grid(wall, place)
            and happens_once(instant, here)
            and happens_once(instant, there)
            and all(
                is_open((instant + minute * MINUTE).astimezone(here).replace(tzinfo=None), place)
                for minute in range(wanted.minutes)
            )
        )

    instant = datetime.combine(wanted.first, time(), tzinfo=UTC) - 15 * HOUR
    until = datetime.combine(wanted.last, time(), tzinfo=UTC) + 39 * HOUR
    right = []
    while instant < until:
        if wanted.first <= instant.astimezone(there).date() <= wanted.last:
            places = tuple(place for place in rules.places or (None,) if will_do(instant, place))
            if places:
                right.append((instant, places))
        instant += 5 * MINUTE
    return right


clock_times = st.integers(0, 287).map(lambda five: time(five // 12, five % 12 * 5))
spans_of_day = st.tuples(clock_times, clock_times).filter(lambda span: span[0] < span[1] or span[1] == time())


@st.composite
def cases(draw):
    edge = draw(st.sampled_from(EDGES))
    near = st.integers(-2, 2).map(lambda days: edge + days * DAY)
    places = draw(st.sampled_from([(), (1,), (1, 2)]))
    hours = [
        Hours((edge + offset * DAY).weekday(), *span, draw(st.sampled_from([None, *places])))
        for offset in (-1, 0, 1)
        for span in draw(st.lists(spans_of_day, max_size=2))
    ]
    differing = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(near)
        span = draw(st.one_of(st.just((None, None)), spans_of_day))
        differing.append(
            Differing(first, first + draw(st.integers(0, 1)) * DAY, *span, span[0] is not None and draw(st.booleans()))
        )
    fives = st.integers(-500, 500).map(lambda five: datetime.combine(edge, time(12), tzinfo=UTC) + five * 5 * MINUTE)
    spans = st.lists(
        st.tuples(fives, st.integers(1, 30)).map(lambda span: (span[0], span[0] + span[1] * 5 * MINUTE)), max_size=3
    )
    rules = Rules(
        zone=draw(st.sampled_from(ZONES)),
        hours=tuple(hours),
        differing=tuple(differing),
        places=places,
        buffer_before_minutes=draw(st.sampled_from([0, 10])),
        buffer_after_minutes=draw(st.sampled_from([0, 15])),
        notice_minutes=draw(st.sampled_from([0, 60, 1440])),
        horizon_days=draw(st.integers(1, 5)),
        most_per_day=draw(st.sampled_from([None, 1, 2])),
        most_per_week=draw(st.sampled_from([None, 1, 3])),
        step_minutes=draw(st.sampled_from([5, 30, 45])),
    )
    wanted = Wanted(
        draw(st.sampled_from([5, 45, 150])),
        draw(st.sampled_from(ZONES)),
        edge,
        edge,
        draw(fives) - 2 * DAY,
        frozenset(draw(st.lists(near, max_size=1))),
    )
    return rules, wanted, Taken(tuple(draw(spans)), tuple(draw(spans)), tuple(draw(st.lists(fives, max_size=3))))


@given(cases())
@settings(max_examples=25, deadline=None)
def test_what_is_offered_is_what_counting_minutes_finds(case):
    offered = starts(*case)
    assert [(each.starts_at, each.places) for each in offered] == oracle(*case)
    assert all(each.wall == each.starts_at.astimezone(ZoneInfo(case[1].zone)).replace(tzinfo=None) for each in offered)


def changes_of(name):
    """Every change of a zone's clocks from 2024 to 2030, with the offsets before and after it, found week by week."""
    zone, found = ZoneInfo(name), []

    def offset(instant):
        return instant.astimezone(zone).utcoffset()

    weeks = [datetime(2024, 1, 1, tzinfo=UTC) + 7 * number * DAY for number in range(366)]
    for week, next_week in pairwise(weeks):
        before, after, was = week, next_week, offset(week)
        if was == offset(next_week):
            continue
        while after - before > MINUTE:
            middle = before + (after - before) // MINUTE // 2 * MINUTE
            before, after = (middle, after) if offset(middle) == was else (before, middle)
        found.append((after, was, offset(after)))
    return tuple(found)


def once(day, wall_minutes, zone):
    """The instants of these times of a day that its clock shows once."""
    for minute in wall_minutes:
        wall = datetime.combine(day, time()) + minute * MINUTE
        readings = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        if len(readings) == 1 and readings.pop().astimezone(zone).replace(tzinfo=None) == wall:
            yield wall.replace(tzinfo=zone).astimezone(UTC)


def test_every_change_of_every_clock_until_2030_is_met():
    """On the day of each change a day open all round offers the times its clock shows once, and no others."""
    behaviours = {changes_of(name): name for name in sorted(zoneinfo.available_timezones())}
    all_week = tuple(Hours(weekday, time(), time()) for weekday in range(7))
    tried = 0
    for changes, name in behaviours.items():
        rules, zone = Rules(name, all_week, horizon_days=5), ZoneInfo(name)
        for change, _was, _becomes in changes:
            day = change.astimezone(zone).date()
            offered = starts(rules, Wanted(60, name, day, day, change - 3 * DAY), Taken())
            assert [each.starts_at for each in offered] == list(once(day, range(0, 1440, 30), zone)), (name, change)
            tried += 1
    assert tried > 100


def test_a_clock_shows_and_reads_what_the_zone_says():
    wall = Wall(LONDON, datetime(2027, 1, 1), datetime(2028, 1, 1))
    forward, back = datetime(2027, 3, 28, 1), datetime(2027, 10, 31, 1)
    assert [wall.shown(forward - MINUTE), wall.shown(forward)] == [forward - MINUTE, forward + HOUR]
    assert wall.readings(forward + 30 * MINUTE) == []
    assert wall.readings(back + 30 * MINUTE) == [back - 30 * MINUTE, back + 30 * MINUTE]
    assert wall.instants([(forward, forward + HOUR)]) == []
    assert wall.instants([(back, back + HOUR)]) == [(back - HOUR, back + HOUR)]
