"""Addresses of other systems that an organisation tells of what happens, for its coordinators."""

import datetime as dt

from django.db.models import QuerySet

from cairn.foundation.models import Webhook, WebhookDelivery
from cairn.people import rules
from cairn.people.models import Person
from cairn.people.queries.finding import NotFound
from cairn.people.terms import Role


def webhooks(reader: Person, at: dt.datetime) -> QuerySet[Webhook]:
    """The webhooks of the organisations that the reader coordinates, ended ones too."""
    organisations = rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return Webhook.objects.filter(organisation_id__in=organisations).order_by("pk")


def webhook(reader: Person, webhook_id: int, at: dt.datetime) -> Webhook:
    """One webhook of an organisation that the reader coordinates."""
    found = webhooks(reader, at).filter(pk=webhook_id).first()
    if found is None:
        raise NotFound
    return found


def deliveries(reader: Person, at: dt.datetime, *, webhook_id: int | None = None) -> QuerySet[WebhookDelivery]:
    """What was told, or is still to be told, to the reader's webhooks, newest first."""
    chosen = webhooks(reader, at) if webhook_id is None else webhooks(reader, at).filter(pk=webhook_id)
    return WebhookDelivery.objects.filter(webhook__in=chosen.order_by()).select_related("webhook").order_by("-pk")
