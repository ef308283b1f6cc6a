"""Secrets that the product itself must read again: app passwords, private addresses, signing keys.

They are sealed by the master key and bound to their name, so that none can be moved to another row. A name is
`kind:id` of what the secret belongs to. Nothing here is logged, and no page shows a secret that was kept.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from cairn.foundation import sealing
from cairn.foundation.models import Secret


def keep(name: str, text: str) -> None:
    """Keep a secret under this name, in place of any it had before."""
    master = settings.CAIRN_MASTER_KEY
    sealed = {"sealed": sealing.seal_secret(text, master=master, name=name), "master": sealing.fingerprint(master)}
    Secret.objects.update_or_create(name=name, defaults=sealed)


def read(name: str) -> str | None:
    """The secret of this name, or None. Raises sealing.CannotOpen when another master key sealed it."""
    found = Secret.objects.filter(name=name).values_list("sealed", flat=True).first()
    return None if found is None else sealing.open_secret(bytes(found), master=settings.CAIRN_MASTER_KEY, name=name)


def names(prefix: str) -> set[str]:
    """The names of all secrets of one kind."""
    return set(Secret.objects.filter(name__startswith=prefix).values_list("name", flat=True))


def forget(names: Collection[str]) -> None:
    """What these secrets belonged to is gone, and so are they."""
    Secret.objects.filter(name__in=names).delete()


@dataclass(frozen=True)
class Standing:
    """How many secrets this master key sealed, and how many another did."""

    ours: int
    foreign: int


def standing(master: str) -> Standing:
    """Count secrets by what sealed them. One query."""
    own = Q(master=sealing.fingerprint(master))
    return Standing(**Secret.objects.aggregate(ours=Count("pk", filter=own), foreign=Count("pk", filter=~own)))


@dataclass(frozen=True)
class Resealed:
    """How many secrets were sealed anew, and how many neither key opens."""

    done: int
    wrong: int


@transaction.atomic
def reseal(*, old: str, new: str) -> Resealed:
    """Seal every secret by another master key; what `new` seals already stays. Nobody keeps one while it runs."""
    master = sealing.fingerprint(new)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE foundation_secret IN SHARE ROW EXCLUSIVE MODE")
    changed, wrong = [], 0
    for each in Secret.objects.exclude(master=master).order_by("pk"):
        try:
            text = sealing.open_secret(bytes(each.sealed), master=old, name=each.name)
        except sealing.CannotOpen:
            wrong += 1
            continue
        each.sealed, each.master = sealing.seal_secret(text, master=new, name=each.name), master
        changed.append(each)
    Secret.objects.bulk_update(changed, ["sealed", "master"], batch_size=500)
    return Resealed(len(changed), wrong)
