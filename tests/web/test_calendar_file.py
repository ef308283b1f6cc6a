import datetime as dt

import icalendar
import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession, Series
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)


def opened(client, person, session):
    client.force_login(person)
    response = client.get(f"/sessions/{session.pk}/calendar.ics")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return response.content.decode(), icalendar.Calendar.from_ical(response.content)


def test_the_file_holds_wall_time_in_the_sessions_zone(world, client):
    session = running.group_session(world, TEN)

    text, file = opened(client, world.thandiwe, session)

    [event] = file.walk("VEVENT")
    assert [zone["TZID"] for zone in file.walk("VTIMEZONE")] == ["Europe/London"]
    assert "DTSTART;TZID=Europe/London:20270407T100000" in text
    assert event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(minutes=90)
    assert str(event["summary"]) == "Group 1, session 1"
    assert str(event["uid"]) == f"session-{session.pk}@127.0.0.1"
    assert str(event["url"]) == f"http://127.0.0.1:8000/sessions/{session.pk}/"


def test_a_session_of_a_series_goes_by_the_name_its_invitations_have(world, client):
    session = running.group_session(world, TEN)
    CoachingSession.objects.filter(pk=session.pk).update(
        series=Series.objects.create(cohort=session.cohort, made_at=running.AT), planned_wall=session.wall_starts
    )
    session.refresh_from_db()

    [event] = opened(client, world.thandiwe, session)[1].walk("VEVENT")

    assert str(event["uid"]) == f"series-{session.series_id}@127.0.0.1"
    assert event.decoded("recurrence-id").replace(tzinfo=None) == dt.datetime(2027, 4, 7, 10)


def test_it_names_nobody_and_holds_no_link_to_join_by(world, client, now):
    session = running.one_to_one(world, TEN)
    now.at = TEN

    for person in (world.ioana, world.thandiwe):
        text = opened(client, person, session)[0].replace("\r\n ", "")
        assert running.LINK not in text
        assert [name for name in ("Thandiwe", "Ioana", "Pärt", "@example.org") if name in text] == []


def test_a_moved_session_keeps_its_identity_and_counts_on(world, client):
    session = running.one_to_one(world, TEN)
    before = opened(client, world.thandiwe, session)[1].walk("VEVENT")[0]
    actions.date_session(
        session=session,
        wall_starts=dt.datetime(2027, 4, 8, 11, 0),
        mode="in_person",
        where="Library, room 4",
        expected_version=session.version,
        by=world.ioana,
        at=running.AT,
    )

    after = opened(client, world.thandiwe, session)[1].walk("VEVENT")[0]

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert str(after["location"]) == "Library, room 4"


@pytest.mark.parametrize("who", ["part", "siobhan", "malik", "rosa", "nia", "halina"])
def test_nobody_outside_the_session_gets_the_file(world, page, who):
    session = running.one_to_one(world, TEN)

    assert page(world.people[who], f"/sessions/{session.pk}/calendar.ics")[0] == 404


def test_a_session_without_a_date_has_no_file(world, page):
    session = running.undated(world)

    assert page(world.thandiwe, f"/sessions/{session.pk}/calendar.ics")[0] == 404
