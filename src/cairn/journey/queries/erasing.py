"""The receipt of an erasure. It says nothing of whose it was; its number is the right to read it."""

import datetime as dt
import uuid
from dataclasses import dataclass

from cairn.journey.models import Erasure
from cairn.people.queries import NotFound


@dataclass(frozen=True)
class Receipt:
    """When, and how many rows of each kind."""

    receipt: uuid.UUID
    erased_at: dt.datetime
    counts: dict[str, int]


def receipt(number: uuid.UUID) -> Receipt:
    """The receipt with this number. Raises NotFound."""
    found = Erasure.objects.filter(receipt=number).first()
    if found is None:
        raise NotFound
    return Receipt(found.receipt, found.erased_at, dict(found.counts))
