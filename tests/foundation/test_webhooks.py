import datetime as dt
import hashlib
import hmac
import json

import pytest

from cairn.delivery import actions as delivery
from cairn.foundation import audit, fetching, secrets, webhooks
from cairn.foundation.models import Webhook, WebhookDelivery
from cairn.people import actions
from tests import cast
from tests.delivery import making

LATER = cast.AT + dt.timedelta(minutes=1)


@pytest.fixture
def hook(world):
    made, _secret = actions.add_webhook(
        organisation_id=world.eastmere.pk,
        address="https://hooks.example.org/c",
        events=["session.booked", "session.cancelled"],
        by=world.halina,
        at=cast.AT,
    )
    return made


@pytest.fixture
def receiver(monkeypatch):
    """What another system would receive; it answers with the statuses given, one after the other."""
    received, statuses = [], []

    def fetch(method, address, *, headers, body, **_options):
        received.append((method, address, headers, body))
        status = statuses.pop(0) if statuses else 204
        if status is None:
            raise fetching.Unreachable("slow")
        return fetching.Answer(status, {}, b"")

    monkeypatch.setattr(fetching, "fetch", fetch)
    return received, statuses


def test_what_happens_is_told_in_ids_and_dates(world, hook):
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 12, 14), by=world.ioana, at=cast.AT)
    [told] = WebhookDelivery.objects.all()
    assert told.event == "session.booked"
    assert json.loads(webhooks.body_of(told)) == {
        "id": f"dlv_{told.pk}",
        "event": "session.booked",
        "at": "2027-03-03T09:00:00Z",
        "organisation_id": world.eastmere.pk,
        "subject": {"kind": "session", "id": session.pk},
        "version": 2,
        "wall_starts": "2027-04-12T14:00",
        "time_zone": "Europe/London",
        "starts_at": "2027-04-12T13:00:00Z",
    }


def test_only_what_a_webhook_hears_and_its_own_organisation_is_told(world, hook):
    actions.add_webhook(
        organisation_id=world.harbour.pk,
        address="https://h.example.org",
        events=["session.booked"],
        by=world.gwen,
        at=cast.AT,
    )
    session = making.undated(world)
    making.date(session, dt.datetime(2027, 4, 12, 14), by=world.ioana, at=cast.AT)
    making.date(session, dt.datetime(2027, 4, 13, 14), by=world.ioana, at=cast.AT)
    delivery.cancel_session(session=session, reason_kind="coach", expected_version=3, by=world.ioana, at=cast.AT)
    told = list(WebhookDelivery.objects.order_by("pk").values_list("webhook", "event"))
    assert told == [(hook.pk, "session.booked"), (hook.pk, "session.cancelled")]
    assert "reason" not in WebhookDelivery.objects.latest("pk").payload


def test_where_nobody_listens_it_costs_one_question(world, django_assert_num_queries):
    with django_assert_num_queries(2):
        audit.record(
            action="issue_invoice", subject_kind="invoice", subject_id=1, organisation_id=1, by=world.ioana, at=cast.AT
        )
    with django_assert_num_queries(1):
        audit.record(action="looked", subject_kind="invoice", organisation_id=1, by=world.ioana, at=cast.AT)


def test_a_delivery_is_signed_and_arrives_once(world, hook, receiver):
    received, _statuses = receiver
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    assert webhooks.deliver(delivery_id=made, at=LATER) is True
    assert webhooks.deliver(delivery_id=made, at=LATER) is False
    [(method, address, headers, body)] = received
    moment = int(LATER.timestamp())
    secret = secrets.read(f"webhook:{hook.pk}").encode()
    signed = hmac.new(secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert (method, address) == ("POST", "https://hooks.example.org/c")
    assert headers["Cairn-Signature"] == f"t={moment},v1={signed}"
    assert json.loads(body)["event"] == headers["Cairn-Event"] == "trial"


def test_what_does_not_arrive_is_tried_again_and_finally_failed(world, hook, receiver):
    received, statuses = receiver
    statuses += [500, None, 302, 404, 429, 503, 500, 500]
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    for _attempt in range(webhooks.ATTEMPTS - 1):
        with pytest.raises(webhooks.NotDelivered):
            webhooks.deliver(delivery_id=made, at=LATER)
    assert webhooks.deliver(delivery_id=made, at=LATER) is False
    told = WebhookDelivery.objects.get()
    assert (told.state, told.attempts, told.status) == ("failed", 8, 500)
    assert len({(headers["Cairn-Delivery"], body) for _method, _address, headers, body in received}) == 1


def test_why_nothing_came_back_is_kept(world, hook, receiver):
    _received, statuses = receiver
    statuses += [None, 200]
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    with pytest.raises(webhooks.NotDelivered):
        webhooks.deliver(delivery_id=made, at=LATER)
    assert WebhookDelivery.objects.get().problem == "slow"
    assert webhooks.deliver(delivery_id=made, at=LATER) is True
    assert WebhookDelivery.objects.get().problem == ""


def test_where_cairn_never_goes_it_does_not_try_again(world, hook, monkeypatch):
    def closed(*_given, **_options):
        raise fetching.Refused("private")

    monkeypatch.setattr(fetching, "fetch", closed)
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    assert webhooks.deliver(delivery_id=made, at=LATER) is False
    told = WebhookDelivery.objects.get()
    assert (told.state, told.attempts, told.status, told.problem) == ("failed", 1, None, "private")


def test_an_address_without_https_is_told_nothing_and_the_page_says_why(world, hook, receiver):
    received, _statuses = receiver
    Webhook.objects.filter(pk=hook.pk).update(address="http://hooks.example.org/c")
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    assert webhooks.deliver(delivery_id=made, at=LATER) is False
    told = WebhookDelivery.objects.get()
    assert (told.state, webhooks.PROBLEMS[told.problem], received) == ("failed", "the address is not https", [])


def test_an_ended_webhook_is_told_nothing_more(world, hook, receiver):
    received, _statuses = receiver
    made = actions.try_webhook(webhook=hook, by=world.halina, at=cast.AT)
    actions.end_webhook(webhook=hook, by=world.halina, at=cast.AT)
    assert webhooks.deliver(delivery_id=made, at=LATER) is False
    making.date(making.undated(world), dt.datetime(2027, 4, 12, 14), by=world.ioana, at=cast.AT)
    assert received == []
    assert list(WebhookDelivery.objects.values_list("state", "problem")) == [("failed", "ended")]


def test_every_pause_is_under_a_day():
    pauses = [webhooks.PAUSE_BASE**attempt for attempt in range(1, webhooks.ATTEMPTS)]
    assert pauses == sorted(pauses) and max(pauses) < 24 * 3600
