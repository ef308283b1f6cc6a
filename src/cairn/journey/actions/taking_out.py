"""Taking everything with one: a read, noted as having happened."""

import datetime as dt

from django.db import transaction

from cairn.engines.carrying import Item
from cairn.foundation import audit
from cairn.journey.queries.taking_out import taken_out
from cairn.people.models import Person


@transaction.atomic
def take_out(*, by: Person, at: dt.datetime) -> dict[str, list[Item]]:
    """Everything of one's own, opened. Nothing of it is kept anywhere but in what is returned."""
    audit.record(action="take_out", subject_kind="person", subject_id=by.pk, by=by, at=at)
    return taken_out(by)
