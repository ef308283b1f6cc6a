"""Busy times from people's own calendars: over real sockets, from a file and from a real CalDAV server."""

import datetime as dt
import io
import json
import logging
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.db import connection

from cairn.delivery import actions, queries
from cairn.delivery.actions import busy_reading
from cairn.delivery.models import BusyCalendar, BusyTime
from cairn.delivery.terms import CalendarState
from cairn.foundation import secrets
from cairn.foundation.free_busy import apart, dav, spans
from cairn.foundation.models import AuditEntry, MailMessage, Secret
from cairn.jobs import tasks
from cairn.people import actions as people_actions
from cairn.people.queries import NotFound
from tests.delivery import booking_hours, making
from tests.foundation.test_free_busy import calendar
from tests.speaking import speaking, whole

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def this_machine(settings) -> None:
    settings.CAIRN_FETCH_LOCAL = True


@pytest.fixture
def read_here(monkeypatch) -> None:
    """Files are read in this process, where a new one for each would take its time."""

    def read(texts, question, *, multistatus=False):
        return spans.of_texts([t for x in texts for t in dav.calendars_in(x)] if multistatus else texts, question)

    monkeypatch.setattr(apart, "read", read)


def event(start: dt.datetime, *, uid: str = "1", hours: int = 1, more: str = "") -> str:
    times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT{hours}H\n"
    return f"UID:{uid}\n{times}SUMMARY:LEAK-title\nLOCATION:LEAK-place\n{more}"


def add(world, at, address: str, **more) -> BusyCalendar:
    return actions.add_busy_calendar(
        **{"kind": "ics", "name": "Work", "address": address, "by": world.ioana, "at": at, **more}
    )


def busy_of(person) -> list[tuple[dt.datetime, dt.datetime]]:
    rows = BusyTime.objects.filter(person=person).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def sentence(world, at) -> str:
    (own,) = queries.busy_calendars(world.ioana, at)
    return own.problem


@pytest.mark.usefixtures("read_here")
def test_a_calendar_at_an_address_is_read_and_read_again_only_when_it_changed(world, at) -> None:
    noon = at + DAY
    body = calendar(event(noon), event(noon, uid="session-9@127.0.0.1"), event(noon + DAY, uid="2")).encode()

    def reply(caller, request) -> None:
        fresh = b'if-none-match: "7"' in request
        caller.sendall(whole("304 Not Modified", ETag='"7"') if fresh else whole(body=body, ETag='"7"'))

    with speaking(reply) as server:
        made = add(world, at, server.address)
        assert queries.busy_calendars(world.ioana, at)[0].is_waiting
        actions.read_busy_calendar(calendar_id=made.pk, at=at)
        expected = [(noon, noon + HOUR), (noon + DAY, noon + DAY + HOUR)]
        assert busy_of(world.ioana) == expected
        actions.read_busy_calendar(calendar_id=made.pk, at=at + HOUR)
        assert busy_of(world.ioana) == expected
        actions.read_busy_calendar(calendar_id=made.pk, at=at + 11 * DAY)
        assert busy_of(world.ioana) == []
        type(world.ioana).objects.filter(pk=world.ioana.pk).update(time_zone="Asia/Tokyo")
        actions.read_busy_calendar(calendar_id=made.pk, at=at + 11 * DAY)

    assert [b"if-none-match" in each for each in server.heard] == [False, True, False, False]
    assert [(each.works, each.read_at) for each in queries.busy_calendars(world.ioana, at)] == [(True, at + 11 * DAY)]


def test_nothing_but_spans_is_kept_or_logged(world, at, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    body = calendar(event(at + DAY, more="DESCRIPTION:LEAK\nATTENDEE;CN=LEAK:mailto:leak@example.org")).encode()

    with speaking(whole(body=body)) as server:
        made = add(world, at, server.address + "secret-LEAK.ics", user="LEAK-user", password="LEAK-password")
        actions.read_busy_calendar(calendar_id=made.pk, at=at)
    with speaking(whole(body=b"LEAK, no calendar")) as server:
        actions.change_busy_calendar(calendar_id=made.pk, name="Work", address=server.address, by=world.ioana, at=at)
        actions.read_busy_calendar(calendar_id=made.pk, at=at)

    assert BusyTime.objects.count() == 1
    assert "leak" not in caplog.text.lower()
    rows = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row_to_json(x)::text FROM "{table}" x')
            rows.writelines(f"{row[0]}\n" for row in cursor.fetchall())
    assert "leak" not in rows.getvalue().lower()


WARSAW = "UID:{}\nDTSTART;TZID=Europe/Warsaw:{}\nDURATION:PT1H\nDTSTAMP:20260101T000000Z\nSUMMARY:LEAK\n"


def stored(*events: str) -> str:
    return calendar(*events).replace("VERSION:2.0", "VERSION:2.0\r\nPRODID:-//test//EN")


def test_an_account_on_a_real_caldav_server_is_read(world, radicale, at) -> None:
    year = at.year
    work, home = radicale.collection("work"), radicale.collection("home")
    series = WARSAW.format("s", f"{year}0105T100000") + "RRULE:FREQ=WEEKLY;BYDAY=MO"
    first = next(at + n * DAY for n in range(1, 9) if (at + n * DAY).weekday() == 0)
    moved = (
        f"UID:s\nRECURRENCE-ID;TZID=Europe/Warsaw:{first:%Y%m%d}T100000\nDTSTAMP:20260101T000000Z\n"
        f"DTSTART;TZID=Europe/Warsaw:{first:%Y%m%d}T150000\nDURATION:PT2H\nSUMMARY:LEAK\n"
    )
    radicale.put(work, stored(series, moved), "series")
    radicale.put(home, stored(f"UID:d\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:{first + DAY:%Y%m%d}\n"), "day")
    radicale.put(home, stored(WARSAW.format("t", f"{first + 2 * DAY:%Y%m%d}T100000") + "TRANSP:TRANSPARENT"), "free")

    made = add(world, at, radicale.address, kind="caldav", user=radicale.user, password=radicale.password)
    actions.read_busy_calendar(calendar_id=made.pk, at=at)

    assert sentence(world, at) == ""
    found = [(s, e) for s, e in busy_of(world.ioana) if first.date() <= s.date() < (first + 8 * DAY).date()]
    warsaw, own = ZoneInfo("Europe/Warsaw"), ZoneInfo(world.ioana.time_zone)
    wall = [(s.astimezone(warsaw).strftime("%a %H:%M"), e - s) for s, e in found if e - s < DAY]
    assert wall == [("Mon 15:00", 2 * HOUR), ("Mon 10:00", HOUR)]
    (day,) = [(s.astimezone(own), e - s) for s, e in busy_of(world.ioana) if e - s >= 23 * HOUR]
    assert (day[0].date(), day[0].hour) == ((first + DAY).date(), 0)

    radicale.delete(f"{work}series.ics")
    actions.read_busy_calendar(calendar_id=made.pk, at=at + HOUR)
    assert len(busy_of(world.ioana)) == 1
    alone = add(world, at, work, kind="caldav", user=radicale.user, password=radicale.password)
    actions.read_busy_calendar(calendar_id=alone.pk, at=at)
    assert [each.works for each in queries.busy_calendars(world.ioana, at)] == [True, True]
    assert BusyTime.objects.filter(calendar=alone).count() == 0


@pytest.mark.usefixtures("read_here")
def test_what_a_caldav_server_says_no_to_is_told_apart(world, radicale, at) -> None:
    radicale.collection("work")
    wrong = add(world, at, radicale.address, kind="caldav", user=radicale.user, password="wrong")

    actions.read_busy_calendar(calendar_id=wrong.pk, at=at)

    assert "app password" in sentence(world, at)
    actions.remove_busy_calendar(calendar_id=wrong.pk, by=world.ioana, at=at)
    with speaking(whole(body=b"<html>hello</html>")) as server:
        page = add(world, at, server.address, kind="caldav", user="u", password="p")
        actions.read_busy_calendar(calendar_id=page.pk, at=at)
        assert "no CalDAV" in sentence(world, at)


@pytest.mark.usefixtures("read_here")
def test_a_calendar_that_stops_answering_is_said_and_its_times_lapse(world, at) -> None:
    body = calendar(*[event(at + n * DAY, uid=str(n)) for n in (1, 20)]).encode()
    with speaking(whole(body=body)) as server:
        made = add(world, at, server.address)
        actions.read_busy_calendar(calendar_id=made.pk, at=at)
    assert queries.calendars_not_read(world.ioana, at) == ()

    pauses = []
    for n in range(1, 5):
        when = at + n * HOUR
        actions.read_busy_calendar(calendar_id=made.pk, at=when)
        pauses.append(BusyCalendar.objects.get().due_at - when)
        assert MailMessage.objects.filter(to_id=world.ioana.pk).count() == (n >= 3)

    assert pauses == [30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
    assert sentence(world, at) == "The host does not answer."
    (told,) = queries.calendars_not_read(world.ioana, at + 5 * HOUR)
    assert (told.name, told.read_at, told.counts_until) == ("Work", at, at + 7 * DAY)
    assert actions.let_lapse(at=at + 7 * DAY - MINUTE) == 0
    assert len(busy_of(world.ioana)) == 2
    assert actions.let_lapse(at=at + 7 * DAY) == 1
    assert busy_of(world.ioana) == []
    assert queries.calendars_not_read(world.ioana, at + 8 * DAY)[0].counts_until is None

    with speaking(whole(body=body)) as server:
        actions.change_busy_calendar(calendar_id=made.pk, name="Work", address=server.address, by=world.ioana, at=at)
        actions.read_busy_calendar(calendar_id=made.pk, at=at + 8 * DAY)
    texts = list(MailMessage.objects.filter(to_id=world.ioana.pk).order_by("pk").values_list("subject", "body"))
    assert [subject for subject, _ in texts] == ["A calendar of yours does not answer", "Your calendar answers again"]
    assert all("/me/busy/" in body and "Work" not in body for _, body in texts)
    assert len(busy_of(world.ioana)) == 1


@pytest.mark.usefixtures("read_here")
def test_a_wrong_password_is_not_tried_over_and_over(world, at) -> None:
    with speaking(whole("401 Unauthorized")) as server:
        made = add(world, at, server.address, user="u", password="p")
        for n in range(3):
            actions.read_busy_calendar(calendar_id=made.pk, at=at + n * HOUR)

    assert BusyCalendar.objects.get().due_at == at + 14 * HOUR


@pytest.mark.usefixtures("read_here")
def test_entries_that_nobody_can_place_are_counted(world, at) -> None:
    odd = "UID:9\nDTSTART;TZID=Nowhere:20990101T000000\nDURATION:PT1H"
    with speaking(whole(body=calendar(event(at + DAY), odd.replace("2099", str(at.year + 1))).encode())) as server:
        actions.read_busy_calendar(calendar_id=add(world, at, server.address).pk, at=at)

    (own,) = queries.busy_calendars(world.ioana, at)
    assert (own.works, own.unread, len(busy_of(world.ioana))) == (True, 1, 1)


def test_what_the_owner_changed_meanwhile_wins(world, at, monkeypatch) -> None:
    made = add(world, at, "https://example.net/")
    new = {"calendar_id": made.pk, "name": "W", "address": "https://example.org/", "by": world.ioana, "at": at}

    def ask(*_, **__):
        actions.change_busy_calendar(**new)
        return busy_reading.Reading(spans.Found(((at, at + HOUR),)), "")

    monkeypatch.setattr(busy_reading, "read_address", ask)
    actions.read_busy_calendar(calendar_id=made.pk, at=at)

    assert busy_of(world.ioana) == []
    assert BusyCalendar.objects.get().state == CalendarState.NEW


def test_what_nobody_foresaw_is_said_too(world, at, monkeypatch) -> None:
    made = add(world, at, "https://example.net/")
    monkeypatch.setattr(busy_reading, "read_address", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        tasks.read_busy_calendar(calendar_id=made.pk)

    assert "nobody foresaw" in sentence(world, at)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("webcal://Example.org/a.ics?key=1", ("https://Example.org/a.ics?key=1", "", "")),
        ("example.org/a.ics", ("https://example.org/a.ics", "", "")),
        ("https://me:p%40ss@example.org/a", ("https://example.org/a", "me", "p@ss")),
    ],
)
def test_addresses_are_taken_as_people_copy_them(world, at, settings, typed, kept) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    made = add(world, at, typed)

    assert tuple(json.loads(secrets.read(f"busy_calendar:{made.pk}")).values()) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("file:///etc/passwd", "must begin with https"),
        ("https://example.org:22/", "names a port from which"),
        ("https://", "must begin with https"),
        ("http://example.org/a.ics", "must begin with https"),
        ("http://me:pw@example.org/", "no password in clear"),
    ],
)
def test_addresses_that_lead_nowhere_are_refused_at_once(world, at, settings, typed, words) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    with pytest.raises(actions.AddressRefused, match=words):
        add(world, at, typed)
    assert Secret.objects.count() == 0


def test_a_new_address_never_inherits_the_password(world, at) -> None:
    made = add(world, at, "https://example.org/a", user="me", password="pw")

    def kept() -> list[str]:
        return list(json.loads(secrets.read(f"busy_calendar:{made.pk}")).values())

    change = {"calendar_id": made.pk, "name": "New", "by": world.ioana, "at": at}
    actions.change_busy_calendar(**change)
    assert kept() == ["https://example.org/a", "me", "pw"]
    actions.change_busy_calendar(**change, password="other")
    assert kept() == ["https://example.org/a", "me", "other"]
    actions.change_busy_calendar(**change, address="https://example.net/")
    assert kept() == ["https://example.net/", "", ""]


def test_nobody_reaches_a_calendar_of_somebody_else(world, at) -> None:
    made = add(world, at, "https://example.org/a")
    other = {"calendar_id": made.pk, "by": world.halina, "at": at}

    for act in (actions.remove_busy_calendar, actions.ask_busy_calendar, actions.bring_back_busy_calendar):
        with pytest.raises(NotFound):
            act(**other)
    with pytest.raises(NotFound):
        actions.change_busy_calendar(name="x", **other)
    with pytest.raises(NotFound):
        queries.busy_calendar(world.halina, made.pk, at)
    assert queries.busy_calendars(world.halina, at) == ()


def test_a_removed_calendar_stops_to_count_at_once_and_may_come_back_for_a_while(world, at) -> None:
    made = add(world, at, "https://example.org/a")
    BusyTime.objects.create(calendar=made, person=world.ioana, during=(at, at + HOUR))
    BusyCalendar.objects.update(read_at=at, read_until=at + 400 * DAY)

    actions.remove_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at)
    assert (busy_of(world.ioana), queries.busy_calendars(world.ioana, at)) == ([], ())
    actions.tidy_busy_calendars(at=at + 14 * MINUTE)
    actions.bring_back_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at + 14 * MINUTE)
    (own,) = queries.busy_calendars(world.ioana, at)
    assert (own.is_waiting, own.read_at, own.counts_until) == (True, None, None)

    actions.remove_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at)
    actions.tidy_busy_calendars(at=at + 15 * MINUTE)
    with pytest.raises(NotFound):
        actions.bring_back_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at + 15 * MINUTE)
    assert (BusyCalendar.objects.count(), Secret.objects.count()) == (0, 0)


def test_a_closed_account_leaves_no_calendar_no_times_and_no_secret(world, at) -> None:
    made = add(world, at, "https://example.org/a")
    secrets.keep("busy_calendar:999999", "{}")
    secrets.keep("webhook:1", "x")
    BusyTime.objects.create(calendar=made, person=world.ioana, during=(at, at + HOUR))

    type(world.ioana).objects.filter(pk=world.ioana.pk).update(is_active=False)
    actions.tidy_busy_calendars(at=at)

    assert (BusyCalendar.objects.count(), BusyTime.objects.count()) == (0, 0)
    assert list(Secret.objects.values_list("name", flat=True)) == ["webhook:1"]


def test_erasing_everything_takes_ones_calendars_along_when_the_account_closes(world, at) -> None:
    alone = people_actions.sign_up(email="alone@example.org", at=at)
    for person in (alone, world.ioana):
        add(world, at, "https://example.org/a", by=person)

    assert actions.erase_everything(by=alone, at=at).closed
    assert not actions.erase_everything(by=world.ioana, at=at).closed

    assert [each.person_id for each in BusyCalendar.objects.all()] == [world.ioana.pk]
    assert Secret.objects.count() == 1


@pytest.mark.usefixtures("read_here")
def test_what_is_busy_is_not_offered_and_a_booked_session_does_not_stand_in_its_own_way(world, at, settings) -> None:
    booking_hours.keep(world.ioana)
    session = making.undated(world)
    ten = dt.datetime(2027, 3, 8, 10, tzinfo=dt.UTC)
    host = "cairn.example.org"
    settings.CAIRN_PUBLIC_URL = f"https://{host}"
    own = event(ten, uid=f"session-{session.pk}@{host}")
    elsewhere = event(ten + 2 * HOUR, uid="2")

    with speaking(whole(body=calendar(own, elsewhere).encode())) as server:
        actions.read_busy_calendar(calendar_id=add(world, at, server.address).pk, at=at)

    asked = {"session": session, "engagement": world.engagements["ioana"], "holder": world.thandiwe, "at": at}
    asked |= {"enrolment": world.enrolments["thandiwe"], "first": ten.date(), "last": ten.date()}
    offered = {each.starts_at for each in queries.bookable(**asked)}
    assert (ten in offered, ten + 2 * HOUR in offered) == (True, False)


def test_due_calendars_are_put_on_the_queue_once(world, at) -> None:
    first, second = add(world, at, "https://example.org/a"), add(world, at, "https://example.org/b")

    assert actions.read_due_calendars(at=at + 9 * MINUTE) == 0
    assert actions.read_due_calendars(at=at + 10 * MINUTE, most=1) == 1
    assert actions.read_due_calendars(at=at + 10 * MINUTE) == 1
    assert actions.read_due_calendars(at=at + 10 * MINUTE) == 0
    actions.remove_busy_calendar(calendar_id=first.pk, by=world.ioana, at=at)
    assert actions.read_due_calendars(at=at + HOUR) == 1
    assert second.pk


def test_reading_now_takes_a_breath(world, at) -> None:
    made = add(world, at, "https://example.org/a")
    BusyCalendar.objects.update(tried_at=at)

    with pytest.raises(actions.ReadJustNow):
        actions.ask_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at + 59 * MINUTE / 60)
    actions.ask_busy_calendar(calendar_id=made.pk, by=world.ioana, at=at + MINUTE)


def test_nobody_has_calendars_without_end(world, at) -> None:
    for n in range(10):
        add(world, at, f"https://example.org/{n}")

    with pytest.raises(actions.TooManyCalendars):
        add(world, at, "https://example.org/more")
    assert AuditEntry.objects.filter(action="add_busy_calendar").count() == 10
    assert outbox.outbox == []


def test_nobody_has_one_calendar_twice(world, at):
    first = add(world, at, "https://calendar.example/work.ics")
    other = add(world, at, "https://calendar.example/home.ics")

    for way in ("webcal://calendar.example/work.ics", "https://calendar.example/work.ics#today"):
        with pytest.raises(actions.AddressRefused, match="You have this calendar already"):
            add(world, at, way)
    with pytest.raises(actions.AddressRefused):
        actions.change_busy_calendar(
            calendar_id=other.pk, name="Home", address="https://calendar.example/work.ics", by=world.ioana, at=at
        )
    actions.change_busy_calendar(
        calendar_id=first.pk, name="Job", address="https://calendar.example/work.ics", by=world.ioana, at=at
    )
    assert queries.busy_calendars(world.ioana, at)[0].name == "Job"
