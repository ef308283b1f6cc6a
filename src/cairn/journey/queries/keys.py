"""Whether the master key at hand is the one that wraps people's keys. Nobody's text is opened to find out."""

from dataclasses import dataclass

from django.db.models import Count, Min

from cairn.foundation import sealing
from cairn.journey.models import SealingKey


@dataclass(frozen=True)
class Standing:
    """How many people's keys this master key wraps (`ours`), and how many another one does (`foreign`)."""

    ours: int
    foreign: int


def standing(master: str) -> Standing:
    """Count keys by what wraps them. Keys from before fingerprints were noted are tried, one of them. Two queries."""
    own = sealing.fingerprint(master)
    rows = SealingKey.objects.order_by().values_list("master").annotate(many=Count("pk"), one=Min("pk"))
    ours = foreign = 0
    for noted, many, one in rows:
        if noted == own or (not noted and _opens(one, master)):
            ours += many
        else:
            foreign += many
    return Standing(ours, foreign)


def _opens(key_id: int, master: str) -> bool:
    key = SealingKey.objects.get(pk=key_id)
    return sealing.opens(bytes(key.wrapped), master=master, person_id=key.person_id)
