import datetime as dt
import json

import pytest
from django.db import connections

from cairn.api import sessions
from cairn.delivery.models import CoachingSession
from cairn.foundation.models import AuditEntry, MailMessage, Webhook
from cairn.people.models import ApiRequest
from tests import cast
from tests.api.asking import ask, get, post, session, token
from tests.delivery import booking_hours, making
from tests.web import running

WALL = "2027-04-12T14:00"
HOOK = {"address": "https://hooks.example.org/c", "events": ["session.booked"]}


def test_a_coach_dates_a_session_once_however_often_it_is_asked(world, client):
    made = making.undated(world)
    body = {"wall_starts": WALL, "mode": "online", "where": "https://meet.example/x", "expected_version": 1}
    first, again = (post(client, world.ioana, f"sessions/{made.pk}/date", body, key="one") for _ in range(2))
    assert (first.status_code, first.json()["starts_at"], first["ETag"]) == (200, "2027-04-12T13:00:00Z", '"2"')
    assert (again.status_code, again.content, again["ETag"]) == (200, first.content, '"2"')
    assert again["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.filter(action="date_session").count() == 1
    assert MailMessage.objects.filter(to_id=world.thandiwe.pk).count() == 1
    assert "meet.example" not in first.content.decode()


def test_a_key_is_for_one_request(world, client):
    made = making.undated(world)
    body = {"wall_starts": WALL, "mode": "online", "expected_version": 1}
    post(client, world.ioana, f"sessions/{made.pk}/date", body, key="one")
    other = post(client, world.ioana, f"sessions/{made.pk}/date", {**body, "mode": "phone"}, key="one")
    by_another = post(client, world.halina, f"sessions/{made.pk}/date", body, key="one")
    assert (other.status_code, other.json()["type"]) == (422, "/api/docs#problem-key-used")
    assert by_another.status_code == 409  # another token's own key; the version is an old one


def test_a_write_without_a_proper_key_is_refused(world, client):
    made = making.undated(world)
    for key in (" ", "x" * 101, "é"):
        assert post(client, world.ioana, f"sessions/{made.pk}/restore", {}, key=key).status_code == 400
    assert not ApiRequest.objects.exists()


def test_the_version_is_said_and_checked(world, client):
    made = making.undated(world)
    body = {"wall_starts": WALL, "mode": "online"}
    path = f"sessions/{made.pk}/date"
    assert post(client, world.ioana, path, body).status_code == 428
    assert post(client, world.ioana, path, body, **{"If-Match": "2"}).status_code == 412
    assert post(client, world.ioana, path, {**body, "expected_version": 2}).json()["version"] == 1
    assert post(client, world.ioana, path, {**body, "expected_version": 2}, **{"If-Match": '"1"'}).status_code == 422
    assert post(client, world.ioana, path, body, **{"If-Match": '"1"'}).status_code == 200


def test_who_is_too_late_is_told_the_next_free_times(world, client):
    taken = making.undated(world)
    making.date(taken, dt.datetime(2027, 4, 12, 14), by=world.ioana, at=cast.AT)
    made = making.undated(world, "part")
    body = {"wall_starts": WALL, "mode": "online", "expected_version": 1}
    refused = post(client, world.ioana, f"sessions/{made.pk}/date", body)
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert refused.json()["next_free"][0] == "2027-04-12T14:00:00Z"


def test_wall_times_are_never_guessed(world, client):
    made = making.undated(world)

    def tried(wall, **more):
        body = {"wall_starts": wall, "mode": "online", "expected_version": 1, **more}
        return post(client, world.ioana, f"sessions/{made.pk}/date", body)

    missing = tried("2027-03-28T01:30")
    assert (missing.status_code, missing.json()["later"]) == (422, "2027-03-28T02:30")
    assert tried("2028-04-12T10:00:00").status_code == 409
    assert tried("2027-04-12T10:00:30").status_code == 422
    assert tried("2027-02-30T10:00").status_code == 422
    assert tried("2027-04-12T10:00", fold=2).status_code == 422
    assert tried("2028-04-12T10:00").status_code == 409
    CoachingSession.objects.filter(pk=made.pk).update(time_zone="America/Sao_Paulo")
    assert tried("2027-03-28T01:30").status_code == 200


def test_a_coachee_changes_only_what_is_their_own(world, client):
    other = session(world, starts=cast.AT + dt.timedelta(days=9), who="part")
    own = session(world, starts=cast.AT + dt.timedelta(days=8))
    body = {"wall_starts": WALL, "mode": "online", "expected_version": 1}
    assert post(client, world.thandiwe, f"sessions/{other.pk}/date", body).status_code == 404
    assert post(client, world.thandiwe, f"sessions/{other.pk}/cancel", {"expected_version": 1}).status_code == 404
    assert post(client, world.thandiwe, f"sessions/{own.pk}/date", body).status_code == 403
    group = running.group_session(world, cast.AT + dt.timedelta(days=30))
    for who, what, more in (
        ("thandiwe", f"{group.pk}/cancel", {}),
        ("thandiwe", f"{group.pk}/book", {"starts_at": "2027-04-20T10:00:00Z"}),
        ("ioana", f"{own.pk}/book", {"starts_at": "2027-04-20T10:00:00Z"}),
    ):
        refused = post(client, world.people[who], f"sessions/{what}", {"expected_version": 1, **more})
        assert (refused.status_code, refused.json()["detail"]) == (403, "You may see this, but not change it.")
    cancelled = post(client, world.thandiwe, f"sessions/{own.pk}/cancel", {"expected_version": 1})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "undated")


def test_a_coachee_books_a_time_at_a_place_that_is_shown(world, client):
    made = making.undated(world)
    booking_hours.keep(world.ioana)
    booking_hours.place(world.ioana, "Video")
    room = booking_hours.place(world.ioana, "Room 12", "in_person", "LEAK-PLACE")
    shown = get(client, world.thandiwe, f"sessions/{made.pk}/times?first=2027-03-08")
    first = shown.json()["times"][0]
    assert first["starts_at"] == "2027-03-08T09:00:00Z" and "LEAK" not in shown.content.decode()
    assert first["places"][1] == {"id": room.pk, "name": "Room 12", "mode": "in_person"}
    body = {"starts_at": first["starts_at"], "place_id": room.pk, "expected_version": 1}
    booked = post(client, world.thandiwe, f"sessions/{made.pk}/book", body)
    assert (booked.status_code, booked.json()["mode"]) == (200, "in_person")


def test_a_session_is_cancelled_and_restored(world, client):
    made = making.undated(world)
    making.date(made, dt.datetime(2027, 4, 12, 14), by=world.ioana, at=cast.AT)
    path = f"sessions/{made.pk}"
    cancelled = post(client, world.halina, f"{path}/cancel", {"expected_version": 2, "reason": "coach"})
    restored = post(client, world.halina, f"{path}/restore", {"expected_version": 3})
    assert [each.json()["state"] for each in (cancelled, restored)] == ["undated", "booked"]
    assert restored.json()["wall_starts"] == WALL


def test_a_cancelled_session_is_said_to_be_cancelled_already(world, client):
    made = making.group_session(world, dt.datetime(2027, 4, 12, 14), at=cast.AT)
    cancelled, again = (
        post(client, world.halina, f"sessions/{made.pk}/cancel", {"expected_version": version}) for version in (1, 2)
    )
    assert (cancelled.json()["state"], cancelled.json()["wall_starts"]) == ("cancelled", WALL)
    assert (again.status_code, again.json()["detail"]) == (409, "This session is cancelled already.")


def test_attendance_is_marked_and_minutes_follow(world, client):
    made = making.undated(world)
    making.date(made, dt.datetime(2027, 3, 2, 14), by=world.ioana, at=cast.AT)
    path, own = f"sessions/{made.pk}/attendance", world.enrolments["thandiwe"].pk
    stranger = {"enrolment_id": world.enrolments["siobhan"].pk, "mark": "attended"}
    assert post(client, world.ioana, path, {"marks": [stranger]}).status_code == 409
    twice = [{"enrolment_id": own, "mark": mark} for mark in ("attended", "missed")]
    assert post(client, world.ioana, path, {"marks": twice}).status_code == 422
    assert post(client, world.thandiwe, path, {"marks": twice[:1]}).status_code == 403
    assert post(client, world.ioana, path, {"marks": twice[:1]}).json()["state"] == "held"
    [mark] = get(client, world.thandiwe, "attendance").json()["items"]
    assert (mark["session_id"], mark["mark"]) == (made.pk, "attended")
    assert making.entitlement(world, "thandiwe") == (210, 0, 60)


ODD = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff",
    b"[" * 50_000,
    b'{"expected_version": NaN}',
    b'{"expected_version": "1"}',
    b'{"expected_version": 1e400}',
    b'{"expected_version": 99999999999999999999999}',
    b'{"expected_version": true}',
    b'{"expected_version": 1, "more": 1}',
    b'{"expected_version": 1, "reason": "\\u0000"}',
    b'{"expected_version": 1, "\\ud800": 1}',
]


def test_what_cannot_be_read_is_refused(world, client):
    made = session(world, starts=cast.AT + dt.timedelta(days=8))
    sent = {"Authorization": f"Bearer {token(world.ioana)}"}
    path = f"/api/v1/sessions/{made.pk}/cancel"
    for number, raw in enumerate(ODD):
        headers = {**sent, "Idempotency-Key": f"odd-{number}"}
        answer = client.generic("POST", path, raw, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 422), raw[:60]
        assert answer["Content-Type"] == "application/problem+json"


def test_a_huge_body_and_odd_text_are_refused(world, client):
    made = making.undated(world)
    body = {"wall_starts": WALL, "mode": "online", "expected_version": 1}
    huge = post(client, world.ioana, f"sessions/{made.pk}/date", {**body, "where": "x" * 200_000})
    odd = [post(client, world.ioana, f"sessions/{made.pk}/date", {**body, "where": each}) for each in ("\0", "\ud800")]
    assert [huge.status_code, *(each.status_code for each in odd)] == [413, 422, 422]


def test_what_breaks_leaves_nothing_and_can_be_asked_again(world, client, monkeypatch):
    made = session(world, starts=cast.AT + dt.timedelta(days=8))
    client.raise_request_exception = False
    path = f"sessions/{made.pk}/cancel"
    with monkeypatch.context() as broken:
        broken.setattr(sessions, "_answered", lambda *_: 1 / 0)
        assert post(client, world.ioana, path, {"expected_version": 1}, key="k").status_code == 500
    made.refresh_from_db()
    assert made.state == "booked"
    assert post(client, world.ioana, path, {"expected_version": 1}, key="k").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_time_waits_its_turn(world, client):
    made = session(world, starts=cast.AT + dt.timedelta(days=8))
    path = f"sessions/{made.pk}/cancel"
    secret = token(world.ioana)
    owner = ApiRequest._meta.get_field("token").related_model.objects.get()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            name = f"api:{owner.pk}:same"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
            busy = post(client, world.ioana, path, {"expected_version": 1}, key="same")
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    finally:
        other.close()
    free = post(client, world.ioana, path, {"expected_version": 1}, key="same")
    assert secret and (busy.status_code, busy["Retry-After"], free.status_code) == (409, "1", 200)


def test_a_coordinator_manages_webhooks(world, client):
    body = {
        "organisation_id": world.eastmere.pk,
        "address": "https://hooks.example.org/c",
        "events": ["session.booked"],
    }
    made, again = (post(client, world.halina, "webhooks", body, key="w") for _ in range(2))
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    assert again.json() == {**made.json(), "secret": None} and again["Idempotent-Replayed"] == "true"
    assert made.json()["secret"] not in json.dumps(list(ApiRequest.objects.values_list("answer", flat=True)))
    hook = Webhook.objects.get()
    tried = post(client, world.halina, f"webhooks/{hook.pk}/try", None)
    assert (tried.status_code, tried.json()["event"]) == (202, "trial")
    [listed] = get(client, world.halina, "webhooks").json()["items"]
    assert listed["address"] == body["address"] and "secret" not in listed
    foreign = ask(client, world.gwen, "DELETE", f"webhooks/{hook.pk}")
    ended = ask(client, world.halina, "DELETE", f"webhooks/{hook.pk}")
    assert (foreign.status_code, ended.status_code) == (404, 204)
    assert post(client, world.halina, f"webhooks/{hook.pk}/try", None).status_code == 409
    [told] = get(client, world.halina, "webhook-deliveries").json()["items"]
    assert (told["state"], told["status"], told["reason"]) == ("failed", None, "ended")


def test_a_webhook_that_cannot_be_is_refused(world, client, settings):
    settings.CAIRN_FETCH_LOCAL = False
    body = {
        "organisation_id": world.eastmere.pk,
        "address": "https://hooks.example.org/c",
        "events": ["session.booked"],
    }
    odd = [
        {**body, "address": "ftp://hooks.example.org"},
        {**body, "address": "http://hooks.example.org/c"},
        {**body, "address": "https://0x7f.1/latest"},
        {**body, "address": "https://user:word@hooks.example.org"},
        {**body, "events": ["session.dreamt"]},
        {**body, "organisation_id": world.harbour.pk},
    ]
    assert [post(client, world.halina, "webhooks", each).status_code for each in odd] == [422, 422, 422, 422, 422, 404]
    port = post(client, world.halina, "webhooks", {**body, "address": "https://hooks.example.org:22/"})
    assert "names a port to which Cairn sends nothing" in port.json()["detail"]
    assert post(client, world.ioana, "webhooks", body).status_code == 404
