"""Who else may read one's items."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from cairn.journey.models import Share
from cairn.people.models import Person

Readers = tuple[tuple[str, dt.datetime], ...]
"""Pairs of (name of a reader, until when), soonest end first."""


def readers_of(person: Person, kind: str, item_ids: tuple[int, ...], at: dt.datetime) -> Mapping[int, Readers]:
    """For each of one's own items of a kind: who else may read it now, and until when. One query."""
    live = (
        Share.objects.filter(person=person, kind=kind, withdrawn_at=None, until__gt=at)
        .filter(Q(item_id=None) | Q(item_id__in=item_ids))
        .order_by("until")
        .values_list("item_id", "reader__name", "until")
    )
    found: dict[int, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for item_id, name, until in live:
        for each in item_ids if item_id is None else (item_id,):
            found[each].append((name, until))
    return {each: tuple(found[each]) for each in item_ids}
