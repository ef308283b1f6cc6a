"""Which addresses of other systems an organisation tells of what happens. Its coordinators say so."""

import datetime as dt
import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.foundation import secrets as kept_secrets
from cairn.foundation import webhooks as telling
from cairn.foundation.models import Webhook
from cairn.people import queries, rules
from cairn.people.models import Organisation, Person

PREFIX = "whsec_"
MOST = 20
LONGEST = 500
WHY = {
    "address": _("Cairn cannot use this address. Write one such as https://example.org/told, without a password."),
    "scheme": _("The address has to begin with https://."),
    "port": _("This address names a port to which Cairn sends nothing. Use 443, as https:// does by itself, or 8443."),
    "private": _("This address lies inside a private network, where Cairn does not go."),
}
"""Why an address is refused, by the keys of `fetching.Refused`."""


class WebhookRefused(Exception):
    """The webhook cannot be made as it was asked for; `str()` is a sentence for the person."""


class WebhookEnded(WebhookRefused):
    """It has ended, so nothing is told to it any more."""


@transaction.atomic
def add_webhook(
    *, organisation_id: int, address: str, events: Collection[str], by: Person, at: dt.datetime
) -> tuple[Webhook, str]:
    """Tell an address of these events (of `telling.EVENTS`) from now on. Returns the webhook and its signing secret.

    The secret is shown to its maker once. Raises queries.NotFound (not the person's organisation), WebhookRefused.
    """
    if not rules.may_coordinate_for(by, organisation_id, at):
        raise queries.NotFound
    address = _checked(address.strip())
    heard = [event for event in telling.EVENTS if event in events]
    if not heard or len(heard) != len(set(events)):
        raise WebhookRefused(gettext("Choose at least one event, out of those offered."))
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    if Webhook.objects.filter(organisation_id=organisation_id, ended_at=None).count() >= MOST:
        raise WebhookRefused(gettext("There are twenty webhooks already. End one that is no longer used."))
    made = Webhook.objects.create(
        organisation_id=organisation_id, address=address, events=heard, made_by_id=by.pk, made_at=at
    )
    secret = PREFIX + secrets.token_urlsafe(32)
    kept_secrets.keep(telling.secret_name(made.pk), secret)
    _record("add_webhook", made, by=by, at=at)
    return made, secret


@transaction.atomic
def end_webhook(*, webhook: Webhook, by: Person, at: dt.datetime) -> None:
    """Tell an address nothing more, not even what waits to be told. Ending twice changes nothing. Raises NotFound."""
    current = queries.webhook(by, webhook.pk, at)
    if Webhook.objects.filter(pk=current.pk, ended_at=None).update(ended_at=at):
        kept_secrets.forget([telling.secret_name(current.pk)])
        telling.give_up(current)
        _record("end_webhook", current, by=by, at=at)


@transaction.atomic
def try_webhook(*, webhook: Webhook, by: Person, at: dt.datetime) -> int:
    """Tell an address that this is a trial. Returns the delivery's id. Raises NotFound, WebhookEnded."""
    current = queries.webhook(by, webhook.pk, at)
    if current.ended_at is not None:
        raise WebhookEnded(gettext("This webhook has ended."))
    return telling.tell_trial(current, at=at)


def _checked(address: str) -> str:
    from cairn.foundation import fetching

    try:
        if not (address.isascii() and address.isprintable() and len(address) <= LONGEST):
            raise fetching.Refused("address")
        fetching.check(address)
        if not fetching.may_carry_password(address):
            raise fetching.Refused("scheme")
        if fetching.is_literally_closed(address):
            raise fetching.Refused("private")
    except fetching.Refused as refused:
        raise WebhookRefused(str(WHY.get(refused.why, WHY["address"]))) from refused
    return address


def _record(action: str, webhook: Webhook, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="webhook",
        subject_id=webhook.pk,
        organisation_id=webhook.organisation_id,
        facts={"events": webhook.events},
        by=by,
        at=at,
    )
