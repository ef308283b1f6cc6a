"""Reminders come so long before, never at night, and once."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cairn.engines.reminding import EARLY, LONGEST_QUIET, SPARE, Quiet, Reminder, due, moment, reminders

NIGHT = Quiet(time(21), time(7), "Europe/London")
NONE = Quiet(time(0), time(0), "Europe/London")
ZONES = ("Europe/London", "Pacific/Auckland", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "minutes", "expected"),
    [
        (utc(2027, 3, 3, 14), 120, utc(2027, 3, 3, 12)),
        (utc(2027, 3, 3, 14), 2880, utc(2027, 3, 1, 14)),
        (utc(2027, 3, 3, 7, 30), 120, utc(2027, 3, 3, 7)),  # half an hour is left
        (utc(2027, 3, 3, 7, 29), 120, utc(2027, 3, 2, 20, 50)),
        (utc(2027, 3, 3, 23), 60, utc(2027, 3, 3, 20, 50)),
        (utc(2027, 3, 3, 5), 2880, utc(2027, 3, 1, 7)),
        (utc(2027, 7, 3, 6, 30), 120, utc(2027, 7, 3, 6)),  # summer time
        (utc(2027, 3, 3, 21), 0, utc(2027, 3, 3, 20, 50)),
    ],
)
def test_a_reminder_keeps_out_of_the_night(starts_at, minutes, expected):
    assert moment(starts_at, minutes, NIGHT) == expected


def test_without_quiet_hours_it_comes_when_it_is_due():
    assert moment(utc(2027, 3, 3, 3), 60, NONE) == utc(2027, 3, 3, 2)


@settings(max_examples=50)
@given(
    starts_at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda each: each.replace(tzinfo=UTC)),
    minutes=st.integers(0, 10_080),
    begins=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    length=st.integers(0, int(LONGEST_QUIET.total_seconds() // 60)),
    zone=st.sampled_from(ZONES),
)
@example(utc(2027, 3, 28, 6), 240, time(22), 630, "Europe/London")
@example(utc(2027, 10, 31, 9), 500, time(1, 30), 300, "Europe/London")
@example(utc(2027, 3, 28, 9), 500, time(1, 30), 300, "Europe/London")
def test_no_reminder_comes_in_quiet_hours_or_after_the_beginning(starts_at, minutes, begins, length, zone):
    ends = (datetime.combine(starts_at.date(), begins) + timedelta(minutes=length)).time()
    quiet = Quiet(begins, ends, zone)

    at = moment(starts_at, minutes, quiet)

    wall = at.astimezone(ZoneInfo(zone)).time()
    inside = begins <= wall < ends if begins < ends else wall >= begins or wall < ends
    assert begins == ends or not inside
    raw = starts_at - timedelta(minutes=minutes)
    assert at <= starts_at
    assert at == raw or at <= starts_at - SPARE or at < raw
    assert abs(at - raw) <= LONGEST_QUIET + EARLY + timedelta(hours=2)


@settings(max_examples=50)
@given(
    minutes=st.lists(st.integers(0, 10_080), max_size=5),
    hours=st.lists(st.integers(-200, 5), min_size=1, max_size=60),
    known=st.none() | st.integers(-200, 0),
    zone=st.sampled_from(ZONES),
)
def test_each_reminder_stands_once_whatever_the_clock_does(minutes, hours, known, zone):
    """Sent is what was not sent before. A clock that jumps to and fro, and a worker that sleeps, send none twice."""
    starts_at, quiet = utc(2027, 3, 28, 9), Quiet(time(21), time(7), zone)
    planned = reminders(starts_at, minutes, quiet)
    known_since = None if known is None else starts_at + timedelta(hours=known)
    sent = []

    for hour in hours:
        at = starts_at + timedelta(hours=hour)
        found = due(planned, starts_at=starts_at, known_since=known_since, at=at)
        if found is not None and found not in sent:
            sent.append(found)
            assert at < starts_at
            assert known_since is None or {each.minutes: each.at for each in planned}[found] > known_since

    assert len(sent) <= len(planned)
    if hours == sorted(hours):
        assert sent == sorted(sent, reverse=True)


def test_of_two_overdue_reminders_the_nearer_one_is_sent():
    starts_at = utc(2027, 3, 3, 14)
    planned = reminders(starts_at, (2880, 120), NIGHT)

    assert planned == (Reminder(2880, utc(2027, 3, 1, 14)), Reminder(120, utc(2027, 3, 3, 12)))
    told = {
        at: due(planned, starts_at=starts_at, known_since=None, at=at)
        for at in (starts_at - timedelta(hours=h) for h in (49, 48, 3, 2, 1, 0))
    }
    assert list(told.values()) == [None, 2880, 2880, 120, 120, None]


def test_two_that_meet_at_the_end_of_the_night_are_one():
    assert reminders(utc(2027, 3, 3, 9), (240, 180, 240), NIGHT) == (Reminder(180, utc(2027, 3, 3, 7)),)


def test_whoever_agreed_a_moment_ago_is_not_reminded_of_it():
    starts_at = utc(2027, 3, 3, 14)
    planned = reminders(starts_at, (2880, 120), NIGHT)

    assert due(planned, starts_at=starts_at, known_since=utc(2027, 3, 2, 10), at=utc(2027, 3, 2, 11)) is None
    assert due(planned, starts_at=starts_at, known_since=utc(2027, 3, 2, 10), at=utc(2027, 3, 3, 12)) == 120


def test_no_quiet_hours_longer_than_they_may_be():
    assert (NIGHT.length, NONE.length) == (timedelta(hours=10), timedelta(0))
