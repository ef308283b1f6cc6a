"""Busy spans out of calendar files: what counts, on whose wall, and what hostile files may cost."""

import datetime as dt
import time

import pytest

from cairn.foundation.free_busy import apart
from cairn.foundation.free_busy.scanning import MOST_LINES, Scanned, Unread, scan
from cairn.foundation.free_busy.spans import Question, of_texts

ASKED = Question(
    dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    dt.datetime(2027, 12, 1, tzinfo=dt.UTC),
    "Europe/Warsaw",
    frozenset({"halina@example.org"}),
    "cairn.example.org",
)


def calendar(*events: str, zones: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def busy(*events: str, zones: str = "") -> list[str]:
    found = of_texts([calendar(*events, zones=zones)], ASKED)
    assert found.unread == 0
    return written(found)


def written(found) -> list[str]:
    return [f"{start:%Y-%m-%d %H:%M}/{end:%m-%d %H:%M}" for start, end in found.spans]


def refused(text: str) -> str:
    with pytest.raises(Unread) as caught:
        of_texts([text], ASKED)
    return caught.value.key


NOON = "UID:1\nDTSTART:20261122T110000Z\nDTEND:20261122T120000Z\n"


@pytest.mark.parametrize(
    ("event", "spans"),
    [
        (NOON, ["2026-11-22 11:00/11-22 12:00"]),
        ("UID:1\nDTSTART:20261122T110000Z\nDURATION:PT45M", ["2026-11-22 11:00/11-22 11:45"]),
        ("UID:1\nDTSTART;TZID=Europe/Warsaw:20261122T110000\nDURATION:PT1H", ["2026-11-22 10:00/11-22 11:00"]),
        ("UID:1\nDTSTART;TZID=GMT Standard Time:20261122T110000\nDURATION:PT1H", ["2026-11-22 11:00/11-22 12:00"]),
        ('UID:1\nDTSTART;TZID="/cal/2/Asia/Tokyo":20261122T110000\nDURATION:PT1H', ["2026-11-22 02:00/11-22 03:00"]),
        ("UID:1\nDTSTART:20261122T110000\nDURATION:PT1H", ["2026-11-22 10:00/11-22 11:00"]),
        ("UID:1\nDTSTART;VALUE=DATE:20261122", ["2026-11-21 23:00/11-22 23:00"]),
        ("UID:1\nDTSTART;VALUE=DATE:20270327\nDTEND;VALUE=DATE:20270329", ["2027-03-26 23:00/03-28 22:00"]),
        ("UID:1\nDTSTART:20261122T110000Z", []),
        ("UID:1\nDTSTART:20251122T110000Z\nDTEND:20251122T120000Z", []),
        ("UID:1\nDTSTART:20251122T110000Z\nDTEND:20261101T120000Z", ["2026-11-01 00:00/11-01 12:00"]),
        ("UID:1\nDTSTART:20271130T230000Z\nDTEND:20271201T120000Z", ["2027-11-30 23:00/12-01 00:00"]),
        (NOON + "TRANSP:TRANSPARENT", []),
        (NOON + "STATUS:CANCELLED", []),
        (NOON + "STATUS:TENTATIVE", ["2026-11-22 11:00/11-22 12:00"]),
        (NOON + "X-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        (NOON + "ATTENDEE;PARTSTAT=DECLINED:mailto:Halina@Example.org", []),
        (NOON + "ATTENDEE;PARTSTAT=DECLINED;CN=x:\n mailto:halina@example.org", []),
        (NOON + "ATTENDEE;PARTSTAT=DECLINED:mailto:other@example.org", ["2026-11-22 11:00/11-22 12:00"]),
        (NOON + "ATTENDEE;PARTSTAT=ACCEPTED:mailto:halina@example.org", ["2026-11-22 11:00/11-22 12:00"]),
        (NOON.replace("UID:1", "UID:session-12@cairn.example.org"), []),
        (NOON.replace("UID:1", "UID:series-3@cairn.example.org"), []),
        (NOON.replace("UID:1", "UID:session-12@cairn.example.net"), ["2026-11-22 11:00/11-22 12:00"]),
        (NOON + "BEGIN:VALARM\nTRIGGER:-PT15M\nSTATUS:CANCELLED\nEND:VALARM", ["2026-11-22 11:00/11-22 12:00"]),
        (NOON + "DESCRIPTION:a\n STATUS:CANCELLED", ["2026-11-22 11:00/11-22 12:00"]),
    ],
)
def test_what_counts_and_when(event, spans) -> None:
    assert busy(event) == spans


WEEKLY = "UID:1\nDTSTART;TZID=Europe/Warsaw:20261019T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=7\n"


def test_a_series_keeps_its_wall_time_and_its_exceptions() -> None:
    moved = "UID:1\nRECURRENCE-ID;TZID=Europe/Warsaw:20261109T100000\nDTSTART;TZID=Europe/Warsaw:20261110T150000\n"
    gone = "UID:1\nRECURRENCE-ID;TZID=Europe/Warsaw:20261116T100000\nDTSTART;TZID=Europe/Warsaw:20261116T100000\n"

    found = busy(
        WEEKLY + "EXDATE;TZID=Europe/Warsaw:20261123T100000",
        moved + "DURATION:PT2H",
        gone + "DURATION:PT1H\nSTATUS:CANCELLED",
    )

    assert found == ["2026-11-02 09:00/11-02 10:00", "2026-11-10 14:00/11-10 16:00", "2026-11-30 09:00/11-30 10:00"]


def test_one_declined_occurrence_of_a_series_does_not_count() -> None:
    declined = "UID:1\nRECURRENCE-ID;TZID=Europe/Warsaw:20261109T100000\nDTSTART;TZID=Europe/Warsaw:20261109T100000\n"

    found = busy(WEEKLY, declined + "DURATION:PT1H\nATTENDEE;PARTSTAT=DECLINED:mailto:halina@example.org")

    assert [span[:10] for span in found] == ["2026-11-02", "2026-11-16", "2026-11-23", "2026-11-30"]


def test_a_daily_series_follows_the_wall_over_a_change_of_clocks() -> None:
    found = busy("UID:1\nDTSTART;TZID=Europe/Warsaw:20270327T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2")

    assert found == ["2027-03-27 07:00/03-27 08:00", "2027-03-28 06:00/03-28 07:00"]


def test_a_night_of_eight_hours_is_eight_hours_long_whatever_the_clocks_do() -> None:
    single = "UID:1\nDTSTART;TZID=Europe/Warsaw:20270327T220000\nDURATION:PT8H\n"

    assert busy(single) == busy(single + "RRULE:FREQ=DAILY;COUNT=1") == ["2027-03-27 21:00/03-28 05:00"]


def test_an_occurrence_alone_without_its_series_counts() -> None:
    alone = "UID:1\nRECURRENCE-ID:20261109T100000Z\nDTSTART:20261110T100000Z\nDTEND:20261110T110000Z"

    assert busy(alone) == ["2026-11-10 10:00/11-10 11:00"]


def test_spans_that_touch_become_one() -> None:
    later = NOON.replace("UID:1", "UID:2").replace("T12", "T13").replace("T11", "T12")

    assert busy(NOON, later) == ["2026-11-22 11:00/11-22 13:00"]


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Customized
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE
"""


def test_a_zone_of_the_files_own_is_taken_at_its_word_and_never_from_another_file() -> None:
    event = "UID:{}\nDTSTART;TZID=Customized:20261122T110000\nDURATION:PT1H"
    files = [
        calendar(event.format(1), zones=OWN_ZONE.format("+0530")),
        calendar(event.format(2), zones=OWN_ZONE.format("-0300")),
    ]

    assert written(of_texts(files, ASKED)) == ["2026-11-22 05:30/11-22 06:30", "2026-11-22 14:00/11-22 15:00"]


@pytest.mark.parametrize(
    "event",
    [
        "UID:1\nDTSTART;TZID=Nowhere/Odd:20261122T110000\nDURATION:PT1H",
        "UID:1\nDTSTART;TZID=../../etc/passwd:20261122T110000\nDURATION:PT1H",
        "UID:1\nDTSTART:20269922T110000Z\nDURATION:PT1H",
        "UID:1\nSUMMARY:no time at all",
        NOON + "RRULE:FREQ=WEEKLY;BYDAY=XX",
    ],
)
def test_an_entry_that_nobody_can_place_is_counted_and_the_rest_is_read(event) -> None:
    found = of_texts([calendar(event, NOON.replace("UID:1", "UID:2"))], ASKED)

    assert (written(found), found.unread) == (["2026-11-22 11:00/11-22 12:00"], 1)


def test_a_zone_whose_clocks_change_every_second_is_no_zone() -> None:
    wild = OWN_ZONE.format("+0100").replace("TZOFFSETTO", "RRULE:FREQ=SECONDLY\nTZOFFSETTO")
    event = "UID:1\nDTSTART;TZID=Customized:20261122T110000\nDURATION:PT1H"

    assert of_texts([calendar(event, zones=wild)], ASKED).unread == 1


def test_busy_periods_of_a_server_are_taken_as_they_are() -> None:
    text = (
        "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY:20261122T110000Z/20261122T120000Z,20261123T110000Z/PT1H\n"
        "FREEBUSY;FBTYPE=FREE:20261124T110000Z/PT1H\nFREEBUSY:nonsense,20261124T110000/PT1H,99990101T000000Z/P9999D\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    )

    found = of_texts([text], ASKED)

    assert (written(found), found.unread) == (["2026-11-22 11:00/11-22 12:00", "2026-11-23 11:00/11-23 12:00"], 3)


def test_titles_places_and_people_do_not_get_past_the_first_look() -> None:
    found = Scanned()

    scan(calendar(NOON + "SUMMARY:LEAK-title\nLOCATION:LEAK-place\nATTENDEE;CN=LEAK:mailto:leak@example.org"), found)

    assert "leak" not in repr(found).lower()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "not_calendar"),
        ("<!doctype html><p>Sign in</p>", "not_calendar"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", "not_calendar"),
        (calendar(NOON)[:-30], "cut"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR\n", "not_calendar"),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 1000, "not_calendar"),
        ("BEGIN:VCALENDAR\n" + "X-A:1\n" * (MOST_LINES + 1), "large"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nRDATE:" + "20261122T110000Z,\n " * 9000, "large"),
        (calendar(NOON + "RRULE:FREQ=SECONDLY"), "rule"),
        (calendar(NOON + "RRULE:FREQ=DAILY;INTERVAL=0"), "rule"),
        (calendar("UID:1\nDTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"), "rule"),
        (calendar(NOON + "RRULE:FREQ=HOURLY;BYMINUTE=" + ",".join(map(str, range(60)))), "rule"),
        (calendar(*[f"UID:{n}\nDTSTART:20200101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=4" for n in range(70)]), "rule"),
    ],
)
def test_what_is_no_calendar_or_far_too_much_is_refused_at_once(text, key) -> None:
    began = time.process_time()

    assert refused(text) == key
    assert time.process_time() - began < 2


def test_a_rule_that_never_comes_true_is_ended_by_the_system(monkeypatch) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 0.8)

    with pytest.raises(Unread) as caught:
        apart.read([calendar("UID:1\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")], ASKED)

    assert caught.value.key == "rule"


def test_reading_apart_finds_the_same() -> None:
    texts = [calendar(WEEKLY, NOON.replace("UID:1", "UID:2"), "UID:3\nDTSTART;TZID=No:20261122T110000")]

    assert apart.read(texts, ASKED) == of_texts(texts, ASKED)
    with pytest.raises(Unread) as caught:
        apart.read(["<html>"], ASKED)
    assert caught.value.key == "not_calendar"
