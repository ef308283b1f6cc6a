import datetime as dt
import re

import pytest

from cairn.delivery import actions
from cairn.delivery.models import CalendarFeed
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)


def made(client, person, detail="busy"):
    client.force_login(person)
    text = client.post("/me/calendar/", {"do": "make", "detail": detail}).content.decode()
    client.logout()
    return re.search(r'value="http://[^/]+(/calendar/feed/[^"]+\.ics)"', text).group(1)


def test_the_address_is_shown_once_and_is_read_without_signing_in(world, client):
    running.one_to_one(world, TEN)
    address = made(client, world.thandiwe)

    response = client.get(address)

    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert response["Cache-Control"].startswith("private")
    assert "SUMMARY:Busy" in response.content.decode()
    client.force_login(world.thandiwe)
    assert address not in client.get("/me/calendar/").content.decode()


def test_what_has_not_changed_is_not_sent_again(world, client, now):
    session = running.one_to_one(world, TEN)
    address = made(client, world.thandiwe)
    mark = client.get(address)["ETag"]
    now.at += dt.timedelta(hours=5)

    assert client.get(address, headers={"If-None-Match": mark}).status_code == 304
    actions.cancel_session(session=session, expected_version=session.version, by=world.ioana, at=now.at)
    assert client.get(address, headers={"If-None-Match": mark}).status_code == 200


def test_it_is_noted_when_a_calendar_asked_once_an_hour(world, client, now):
    address = made(client, world.thandiwe)
    client.get(address)
    first = CalendarFeed.objects.get().last_read_at
    now.at += dt.timedelta(minutes=59)
    client.get(address)
    again = CalendarFeed.objects.get().last_read_at
    now.at += dt.timedelta(minutes=1)
    client.get(address)

    assert (first, again) == (running.AT, running.AT)
    assert CalendarFeed.objects.get().last_read_at == running.AT + dt.timedelta(hours=1)


def test_a_revoked_or_invented_address_is_not_found(world, client):
    address = made(client, world.thandiwe)
    client.force_login(world.thandiwe)
    client.post("/me/calendar/", {"do": "revoke"})

    assert client.get(address).status_code == 404
    assert client.get("/calendar/feed/not-a-secret.ics").status_code == 404


def test_the_level_changes_while_the_address_stays(world, client):
    running.one_to_one(world, TEN)
    address = made(client, world.thandiwe)
    client.force_login(world.thandiwe)
    client.post("/me/calendar/", {"do": "change", "detail": "title"})

    assert "SUMMARY:One-to-one session\r\n" in client.get(address).content.decode()
    assert client.post("/me/calendar/", {"do": "change", "detail": "all"}).status_code == 200
