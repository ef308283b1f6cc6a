"""Webhooks: an organisation's other systems are told what happened, in ids and dates, and ask for the rest by the API.

What is told is written in the transaction that did it, and sent by the queue after that committed. Each delivery is
signed, and tried again with growing pauses for about a day: 5, 25, 125 seconds and so on. The same delivery carries the
same id every time, so that whoever receives it twice can tell.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cairn.foundation import queue, secrets
from cairn.foundation.models import AuditEntry, Webhook, WebhookDelivery

DELIVER = "cairn.jobs.tasks.deliver_webhook"
ATTEMPTS = 8  # the pauses between them add up to 27 hours, and none is longer than a day
PAUSE_BASE = 5
SECONDS = 10
MOST_BYTES = 64_000
KEPT = dt.timedelta(days=30)
TRIAL = "trial"
EVENTS = {
    "session.booked": _("a session gets a date, or its date back"),
    "session.moved": _("a session moves"),
    "session.cancelled": _("a session is cancelled"),
    "timetable.planned": _("the sessions of a group, or the coach meetings, are planned together"),
    "attendance.recorded": _("attendance is marked or corrected"),
    "enrolment.changed": _("people join, leave, or change their group"),
    "invoice.issued": _("a coach issues an invoice"),
    "invoice.queried": _("an invoice is queried"),
    "invoice.approved": _("an invoice is approved"),
    "invoice.settled": _("an invoice is settled"),
}
EVENT_OF = {
    "add_session": "session.booked",
    "date_session": "session.booked",
    "restore_session": "session.booked",
    "book_session": "session.booked",
    "move_session": "session.moved",
    "follow_zone": "session.moved",
    "cancel_session": "session.cancelled",
    "plan_timetable": "timetable.planned",
    "plan_coach_meetings": "timetable.planned",
    "record_attendance": "attendance.recorded",
    "enrol_people": "enrolment.changed",
    "change_enrolments": "enrolment.changed",
    "withdraw_enrolments": "enrolment.changed",
    "leave_cohort": "enrolment.changed",
    "finish_leaving": "enrolment.changed",
    "adopt_grouping": "enrolment.changed",
    "approve_move": "enrolment.changed",
    "undo_move": "enrolment.changed",
    "issue_invoice": "invoice.issued",
    "answer_query": "invoice.issued",
    "query_invoice": "invoice.queried",
    "approve_invoice": "invoice.approved",
    "settle_invoice": "invoice.settled",
}
PROBLEMS = {
    "address": _("not an address that Cairn can use"),
    "scheme": _("the address is not https"),
    "secret": _("the address is not https"),
    "port": _("a port that Cairn does not use"),
    "private": _("inside a private network, where Cairn does not go"),
    "downgrade": _("it leads away from https"),
    "name": _("no server of that name"),
    "connection": _("the server cannot be reached"),
    "certificate": _("the certificate does not hold for that name"),
    "slow": _("no answer within ten seconds"),
    "large": _("the answer is too long"),
    "redirects": _("it leads elsewhere too often"),
    "broken": _("the answer broke off"),
    "ended": _("the webhook was ended before it arrived"),
}
"""Why nothing came back, in words: what `fetching` says, and that somebody ended the webhook."""
# Of what the audit holds, only ids, dates and their zone leave: no mark, no reason, no amount.
TOLD = frozenset(
    {"version", "wall_starts", "time_zone", "starts_at", "enrolments", "enrolment", "group", "engagement", "on"}
)


class NotDelivered(Exception):
    """The address did not take it this time; the queue tries again."""


def secret_name(webhook_id: int) -> str:
    """Under which name the signing secret of a webhook is kept."""
    return f"webhook:{webhook_id}"


def announce_entry(entry: AuditEntry) -> None:
    """Tell what an audit row says, if anybody wants to hear it."""
    event = EVENT_OF.get(entry.action)
    if event is None or entry.organisation_id is None:
        return
    if event == "session.booked" and "starts_at" not in entry.facts:
        return  # added, and still without a date
    subject = {"kind": entry.subject_kind, "id": entry.subject_id}
    told = {name: _as_said(name, value) for name, value in entry.facts.items() if name in TOLD}
    announce(
        event=event,
        key=f"audit:{entry.pk}",
        organisation_id=entry.organisation_id,
        payload={"subject": subject, **told},
        at=entry.at,
    )


def _as_said(name: str, value: Any) -> Any:
    """Times look as they do in the API: instants end in Z, wall times have minutes and no zone."""
    if name == "starts_at" and isinstance(value, str):
        return value.replace("+00:00", "Z")
    if name == "wall_starts" and isinstance(value, str) and value:
        return dt.datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="minutes")
    return value


def announce(*, event: str, key: str, organisation_id: int, payload: dict[str, Any], at: dt.datetime) -> None:
    """Queue an event for every webhook of an organisation that hears it, once for each `key`.

    `payload` holds ids and dates only. One indexed query where there is no webhook.
    """
    heard = Webhook.objects.filter(organisation_id=organisation_id, ended_at=None, events__contains=[event])
    for webhook_id in heard.order_by("pk").values_list("pk", flat=True):
        _queue(webhook_id, event, key, {"organisation_id": organisation_id, **payload}, at=at)


def tell_trial(webhook: Webhook, *, at: dt.datetime) -> int:
    """Queue a delivery that says it is a trial. Returns its id."""
    key = f"{TRIAL}:{at.isoformat()}"
    delivery_id = _queue(webhook.pk, TRIAL, key, {"organisation_id": webhook.organisation_id}, at=at)
    return delivery_id or WebhookDelivery.objects.values_list("pk", flat=True).get(webhook=webhook, key=key)


def give_up(webhook: Webhook) -> int:
    """What still waits for an ended webhook is not told any more. Returns how many deliveries."""
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=WebhookDelivery.State.QUEUED)
    return waiting.update(state=WebhookDelivery.State.FAILED, problem="ended")


def deliver(*, delivery_id: int, at: dt.datetime) -> bool:
    """Send one delivery; every status from 200 to 299 is a yes. Returns whether it was delivered now.

    Sends nothing when it was delivered or given up before, or the webhook has ended. Raises NotDelivered while it is to
    be tried again; after the last attempt, or at once where Cairn never goes, it stands as failed with the reason.
    """
    found = WebhookDelivery.objects.select_related("webhook").filter(
        pk=delivery_id, state=WebhookDelivery.State.QUEUED, webhook__ended_at=None
    )
    delivery = found.first()
    secret = secrets.read(secret_name(delivery.webhook_id)) if delivery else None
    if delivery is None or secret is None:
        return False
    status, problem, is_final = _send(delivery, secret, at)
    attempts = delivery.attempts + 1
    arrived = status is not None and 200 <= status < 300
    state = WebhookDelivery.State.QUEUED
    if arrived:
        state = WebhookDelivery.State.DELIVERED
    elif is_final or attempts >= ATTEMPTS:
        state = WebhookDelivery.State.FAILED
    WebhookDelivery.objects.filter(pk=delivery.pk, state=WebhookDelivery.State.QUEUED).update(
        state=state, attempts=attempts, status=status, problem=problem, delivered_at=at if arrived else None
    )
    if state == WebhookDelivery.State.QUEUED:
        raise NotDelivered
    return arrived


def body_of(delivery: WebhookDelivery) -> bytes:
    """What is sent, equal to the byte at every attempt."""
    told = {
        "id": delivery_name(delivery),
        "event": delivery.event,
        "at": delivery.queued_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
        **delivery.payload,
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def delivery_name(delivery: WebhookDelivery) -> str:
    """The id by which a receiver knows a delivery again."""
    return f"dlv_{delivery.pk}"


def signature(secret: str, body: bytes, at: dt.datetime) -> str:
    """`t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 over `<t>.<body>` with the webhook's secret."""
    moment = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


def forget_old(*, at: dt.datetime) -> int:
    """Forget deliveries that came to an end a month ago. Returns how many."""
    old = WebhookDelivery.objects.filter(queued_at__lt=at - KEPT).exclude(state=WebhookDelivery.State.QUEUED)
    return old.delete()[0]


def _queue(webhook_id: int, event: str, key: str, payload: Mapping[str, Any], *, at: dt.datetime) -> int | None:
    delivery, is_new = WebhookDelivery.objects.get_or_create(
        webhook_id=webhook_id, key=key, defaults={"event": event, "payload": dict(payload), "queued_at": at}
    )
    if not is_new:
        return None
    queue.defer(DELIVER, delivery_id=delivery.pk)
    return delivery.pk


def _send(delivery: WebhookDelivery, secret: str, at: dt.datetime) -> tuple[int | None, str, bool]:
    """The status that came back; or None, why there was no whole answer, and whether there never will be one."""
    from cairn.foundation import fetching

    if not fetching.may_carry_password(delivery.webhook.address):  # kept from before https was asked for
        return None, "scheme", True
    body = body_of(delivery)
    headers = {
        "Content-Type": "application/json",
        "Cairn-Event": delivery.event,
        "Cairn-Delivery": delivery_name(delivery),
        "Cairn-Signature": signature(secret, body, at),
    }
    try:
        answer = fetching.fetch(
            "POST",
            delivery.webhook.address,
            headers=headers,
            body=body,
            most_bytes=MOST_BYTES,
            seconds=SECONDS,
            redirects=0,
        )
    except fetching.Refused as refused:
        return None, refused.why, True
    except fetching.Unreachable as unreachable:
        return None, unreachable.kind, False
    return answer.status, "", False
