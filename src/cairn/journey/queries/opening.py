"""Opening sealed rows with their author's key."""

import json
from typing import Any

from django.conf import settings

from cairn.foundation.sealing import Box
from cairn.journey.models import SealingKey
from cairn.people.queries import NotFound


def box_of(person_id: int) -> Box:
    """A person's key, ready to open. One query. Raises NotFound when they have none, or it was destroyed."""
    found = SealingKey.objects.filter(person_id=person_id).values_list("wrapped", flat=True).first()
    if found is None:
        raise NotFound
    return Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(found), person_id=person_id)


def identity(kind: str, name: Any) -> str:
    """What is bound into the seal of a row: what it is, and its name."""
    return f"{kind}:{name}"


def opened_data(box: Box, sealed: Any, kind: str, name: Any) -> dict[str, Any]:
    """The JSON object in a sealed column; empty where nothing was sealed."""
    if sealed is None:
        return {}
    found: dict[str, Any] = json.loads(box.open(bytes(sealed), identity(kind, name)))
    return found
