"""Webhooks: which addresses an organisation tells, and what became of what they were told."""

from typing import Any

from ninja import Query, Router, Status

from cairn.api import shapes
from cairn.api.door import Asking, operation
from cairn.api.pages import Asked, Page, page
from cairn.api.reading import Filter, PathId
from cairn.foundation import clock, webhooks
from cairn.people import actions, queries
from cairn.people.terms import Scope

router = Router()


@router.get("/webhooks", response=Page[shapes.WebhookOut], **operation("webhooks", Scope.WEBHOOKS, "Webhooks"))
def all_webhooks(request: Asking, asked: Query[Asked]) -> Any:
    """The webhooks of the owner’s organisations, ended ones too."""
    return page("webhooks", queries.webhooks(request.bearer.person, clock.now()), asked, _plain)


@router.post(
    "/webhooks",
    response={201: shapes.NewWebhookOut},
    **operation("webhook_new", Scope.WEBHOOKS, "Add a webhook"),
)
def webhook_new(request: Asking, body: shapes.WebhookIn) -> Any:
    """Tell an address of events from now on. Only this answer holds the signing secret; repeated, it holds null."""
    made, secret = actions.add_webhook(**body.model_dump(), by=request.bearer.person, at=clock.now())
    request.secret_name = webhooks.secret_name(made.pk)
    known = {name: getattr(made, name) for name in shapes.WebhookOut.model_fields}
    return Status(201, {**known, "secret": secret})


@router.delete("/webhooks/{webhook_id}", response={204: None}, **operation("webhook", Scope.WEBHOOKS, "End a webhook"))
def webhook_end(request: Asking, webhook_id: PathId) -> Any:
    """Tell an address nothing more."""
    found = queries.webhook(request.bearer.person, webhook_id, clock.now())
    actions.end_webhook(webhook=found, by=request.bearer.person, at=clock.now())
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/try",
    response={202: shapes.DeliveryOut},
    **operation("webhook_try", Scope.WEBHOOKS, "Try a webhook"),
)
def webhook_try(request: Asking, webhook_id: PathId) -> Any:
    """Send the address an event named “trial”."""
    person, at = request.bearer.person, clock.now()
    made = actions.try_webhook(webhook=queries.webhook(person, webhook_id, at), by=person, at=at)
    return Status(202, _delivery(queries.deliveries(person, at, webhook_id=webhook_id).get(pk=made)))


@router.get(
    "/webhook-deliveries",
    response=Page[shapes.DeliveryOut],
    **operation("webhook_deliveries", Scope.WEBHOOKS, "What webhooks were told"),
)
def deliveries(request: Asking, asked: Query[Asked], webhook: Filter = None) -> Any:
    """Deliveries of the last month in the order in which they happened."""
    found = queries.deliveries(request.bearer.person, clock.now(), webhook_id=webhook)
    return page("deliveries", found, asked, _delivery)


def _plain(row: Any) -> Any:
    return row


def _delivery(row: Any) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in shapes.DeliveryOut.model_fields if name != "reason"}
    return {**same, "reason": row.problem or None}
