"""Sealing rows with their author's key, made on the first text."""

import datetime as dt
import json
from typing import Any

from django.conf import settings

from cairn.foundation import sealing, statements
from cairn.foundation.sealing import Box
from cairn.journey.models import SealingKey
from cairn.journey.queries.opening import identity
from cairn.people.models import Person
from cairn.people.queries import NotFound

ACTIVE = "SELECT is_active AS yes FROM people_person WHERE id = %(person)s FOR KEY SHARE"


def box_for(person: Person, at: dt.datetime) -> Box:
    """The person's key, made now if they have none yet. Raises NotFound for a closed account.

    Whoever erases everything holds the person's row. A text that comes meanwhile waits for the end of that, or it
    would be sealed with a key that is gone.
    """
    if not any(row.yes for row in statements.rows(ACTIVE, person=person.pk)):
        raise NotFound
    key = SealingKey.objects.filter(person=person).first()
    if key is None:
        made = {
            "wrapped": sealing.new_key(settings.CAIRN_MASTER_KEY, person.pk),
            "made_at": at,
            "master": sealing.fingerprint(settings.CAIRN_MASTER_KEY),
        }
        key, _ = SealingKey.objects.get_or_create(person=person, defaults=made)
    return Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(key.wrapped), person_id=person.pk)


def sealed_data(box: Box, data: dict[str, Any], kind: str, name: Any) -> bytes:
    """A JSON object sealed as the row of this kind and name."""
    return box.seal(json.dumps(data, ensure_ascii=False, separators=(",", ":")), identity(kind, name))
