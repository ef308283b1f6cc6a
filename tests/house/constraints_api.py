"""The constraints on tokens, requests and webhooks: what each allows, what it refuses."""

import datetime as dt

from cairn.foundation.models import Webhook, WebhookDelivery
from cairn.people.models import ApiRequest, ApiToken
from tests.cast import AT
from tests.house.constraints_programmes import each


def _token(w, **fields):
    given = {"person": w.halina, "name": "A timetable", "secret_hash": "0" * 64, "hint": "x", "scopes": ["people:read"]}
    return ApiToken.objects.create(**{**given, "made_at": AT, "expires_at": AT + dt.timedelta(days=7), **fields})


def _requests(w, *keys):
    token = _token(w)
    return each(lambda key: ApiRequest.objects.create(token=token, key=key, fingerprint="", at=AT), *keys)


def _webhook(w, events=("session.booked",)):
    return Webhook.objects.create(
        organisation_id=w.eastmere.pk,
        address="https://example.org",
        events=list(events),
        made_by_id=w.halina.pk,
        made_at=AT,
    )


def _deliveries(w, *keys):
    hook = _webhook(w)
    return each(
        lambda key: WebhookDelivery.objects.create(webhook=hook, event="trial", key=key, payload={}, queued_at=AT),
        *keys,
    )


TABLE = {
    "token_may_do_something": (_token, lambda w: _token(w, scopes=[])),
    "token_expires_after_it_was_made": (
        lambda w: _token(w, expires_at=AT + dt.timedelta(microseconds=1)),
        lambda w: _token(w, expires_at=AT),
    ),
    "one_request_per_key": (
        lambda w: _requests(w, {"key": "one"}, {"key": "two"}),
        lambda w: _requests(w, {"key": "one"}, {"key": "one"}),
    ),
    "webhook_hears_something": (_webhook, lambda w: _webhook(w, [])),
    "one_delivery_per_event": (
        lambda w: _deliveries(w, {"key": "audit:1"}, {"key": "audit:2"}),
        lambda w: _deliveries(w, {"key": "audit:1"}, {"key": "audit:1"}),
    ),
}
