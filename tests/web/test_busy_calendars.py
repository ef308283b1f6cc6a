"""The pages of calendars of one's own: added, changed, read, removed and brought back, and no secret shown again."""

import datetime as dt
import html
import json

import pytest
from django.urls import reverse

from cairn.delivery import actions, queries
from cairn.delivery.models import BusyCalendar, BusyTime
from cairn.foundation import clock, secrets
from tests.speaking import speaking, whole

LIST = "/me/busy/"
GIVEN = {"name": "Work", "address": "https://calendar.example/LEAK-way", "user": "", "password": "LEAK-password"}


@pytest.fixture
def page(client, world, at, monkeypatch, settings):
    """Somebody signed in; every page that they see is looked through for what was kept secret."""
    settings.CAIRN_FETCH_LOCAL = True
    monkeypatch.setattr(clock, "now", lambda: at)
    client.force_login(world.ioana)

    def ask(url, **typed):
        response = client.post(url, typed, follow=True) if typed else client.get(url, follow=True)
        text = html.unescape(response.content.decode())
        assert "LEAK-password" not in text
        return response.status_code, " ".join(text.split())

    return ask


def test_nobody_begins_with_a_calendar(page) -> None:
    _, text = page(LIST)

    assert "None yet." in text and "refresh" not in text
    assert f'href="{LIST}"' in page("/me/")[1]


def test_a_calendar_is_added_read_and_shown_without_its_secrets(page, world, at) -> None:
    _, text = page("/me/busy/add/ics/", **GIVEN)
    assert 'http-equiv="refresh"' in text and "being read" in text and "LEAK" not in text

    with speaking(whole(body=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")) as server:
        calendar = BusyCalendar.objects.get()
        page(reverse("busy_calendar", args=[calendar.pk]), **{**GIVEN, "address": server.address, "name": "Uni"})
        actions.read_busy_calendar(calendar_id=calendar.pk, at=at)

    _, text = page(LIST)
    assert "Uni" in text and "Read at" in text and "refresh" not in text
    assert queries.calendars_not_read(world.ioana, at) == ()
    _, text = page(reverse("busy_calendar", args=[calendar.pk]))
    assert server.address not in text and "Empty: the address stays" in text


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://calendar.example:8190/x.ics", "names a port from which Cairn does not read"),
        ("http://127.0.0.1:8190/x.ics", "lies in a private network"),
        ("https://localhost/x.ics", "lies in a private network"),
        ("https://192.168.1.4/x.ics", "lies in a private network"),
        ("https://[::1]/x.ics", "lies in a private network"),
        ("foo", "This names no host in the open net."),
        ("http://calendar.example/x.ics", "must begin with https://"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_its_reason(page, settings, address, sentence) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    status, text = page("/me/busy/add/ics/", **{**GIVEN, "password": "", "address": address})

    assert (status, sentence in text, BusyCalendar.objects.count()) == (422, True, 0)


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("ics", {"address": "file:///etc/passwd"}, "must begin with https://"),
        ("ics", {"address": ""}, "This cannot stay empty."),
        ("caldav", {"user": "", "password": ""}, "This cannot stay empty."),
        ("ics", {"name": "x" * 81}, "80 characters at most"),
        ("ics", {"name": "nul\0"}, "Type it anew."),
    ],
)
def test_what_cannot_be_is_said_in_its_place_and_what_was_typed_is_kept(page, kind, change, sentence) -> None:
    status, text = page(f"/me/busy/add/{kind}/", **{**GIVEN, "user": "me", **change})

    assert (status, sentence in text, BusyCalendar.objects.count()) == (422, True, 0)
    assert 'value="Work"' in text or "name" in change
    assert page("/me/busy/add/other/")[0] == 404


def test_a_calendar_that_cannot_be_read_says_why_since_when_and_what_follows(page, world, at, settings) -> None:
    page("/me/busy/add/ics/", **{**GIVEN, "address": "https://localhost/"})
    settings.CAIRN_FETCH_LOCAL = False
    calendar = BusyCalendar.objects.get()

    actions.read_busy_calendar(calendar_id=calendar.pk, at=at)
    _, text = page(LIST)
    assert "This address lies in a private network" in text and "It has never been read" in text
    BusyCalendar.objects.update(read_at=at - dt.timedelta(days=2), read_until=at)
    assert "The times known from then count until" in page(LIST)[1]
    BusyCalendar.objects.update(read_until=None)
    assert "its times no longer count" in page(LIST)[1]
    BusyCalendar.objects.update(state="working", unread=2)
    assert "2 entries could not be placed" in page(LIST)[1]


def test_a_calendar_is_removed_and_brought_back(page, world, at) -> None:
    page("/me/busy/add/ics/", **GIVEN)
    calendar = BusyCalendar.objects.get()
    BusyTime.objects.create(calendar=calendar, person=world.ioana, during=(at, at + dt.timedelta(hours=1)))

    _, text = page(reverse("busy_calendar_remove", args=[calendar.pk]), do="x")
    assert "None yet." in text and reverse("busy_calendar_back", args=[calendar.pk]) in text
    assert BusyTime.objects.count() == 0
    _, text = page(reverse("busy_calendar_back", args=[calendar.pk]), do="x")
    assert "It is back" in text and "Work" in text
    assert json.loads(secrets.read(f"busy_calendar:{calendar.pk}"))["password"] == "LEAK-password"


def test_reading_now_is_asked_for_and_not_over_and_over(page, at) -> None:
    page("/me/busy/add/ics/", **GIVEN)
    calendar = BusyCalendar.objects.get()
    read = reverse("busy_calendar_read", args=[calendar.pk])

    BusyCalendar.objects.update(state="working", tried_at=at - dt.timedelta(minutes=5), read_at=at)
    assert "being read" in page(read, do="x")[1]
    BusyCalendar.objects.update(state="working", tried_at=at)
    assert "less than a minute ago" in page(read, do="x")[1]


def test_one_query_shows_one_calendar_or_three(page, world, at, django_assert_num_queries) -> None:
    page("/me/busy/add/ics/", **GIVEN)
    page(LIST)
    with django_assert_num_queries(4):
        page(LIST)
    for _ in range(2):
        page("/me/busy/add/ics/", **GIVEN)
    with django_assert_num_queries(4):
        page(LIST)


def test_a_coach_reads_where_times_are_offered_that_a_calendar_has_not_been_read(page, at) -> None:
    assert "could not be read" not in page("/availability/")[1]
    page("/me/busy/add/ics/", **GIVEN)

    BusyCalendar.objects.update(tried_at=at, failures=1, state="failing", problem="private")
    assert "never read yet" in page("/availability/")[1]
    BusyCalendar.objects.update(read_at=at - dt.timedelta(days=2), read_until=at)
    assert "not read since" in page("/availability/")[1]
