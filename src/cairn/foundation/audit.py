"""Audit: one row for each thing somebody did, written in the transaction that did it."""

import datetime as dt
from typing import Any

from cairn.foundation import webhooks
from cairn.foundation.models import AuditEntry


def record(
    *,
    action: str,
    subject_kind: str,
    subject_id: int | None = None,
    organisation_id: int | None = None,
    facts: dict[str, Any] | None = None,
    by: Any,
    at: dt.datetime,
) -> None:
    """Write one audit row, and tell the webhooks that hear of it. `facts` holds ids, dates, numbers; never a text."""
    entry = AuditEntry.objects.create(
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        organisation_id=organisation_id,
        facts=facts or {},
        by_id=getattr(by, "pk", None),
        at=at,
    )
    webhooks.announce_entry(entry)
