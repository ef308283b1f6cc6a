"""Changing the master key: every person's key is wrapped anew, in one transaction. No text is touched or opened.

The secrets that the product itself must read again, such as app passwords, are sealed anew with them.
"""

import datetime as dt

from django.db import connection, transaction

from cairn.foundation import audit, sealing, secrets
from cairn.journey.models import SealingKey

BATCH = 2000
WRITE = """
UPDATE journey_sealingkey AS key SET wrapped = new.wrapped, master = %(master)s
FROM (SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(wrapped)s::bytea[]) AS wrapped) AS new WHERE key.id = new.id
"""


class WrongKey(Exception):
    """Some keys open with neither of the two. Nothing was changed."""

    def __init__(self, people: int, secrets: int = 0) -> None:
        """Keep how many."""
        super().__init__(people, secrets)
        self.people = people
        self.secrets = secrets


@transaction.atomic
def rotate_master_key(*, old: str, new: str, at: dt.datetime) -> int:
    """Wrap every person's key with `new` instead of `old`. Returns how many were; what `new` wraps already stays.

    Secrets follow in the same transaction. Nobody gets a key, and no secret is kept, while it runs. Stopped midway
    nothing is changed; done twice nothing is changed the second time. Raises WrongKey.
    """
    master = sealing.fingerprint(new)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE journey_sealingkey IN SHARE ROW EXCLUSIVE MODE")
    waiting = SealingKey.objects.exclude(master=master).order_by("pk")
    wrong = done = last = 0
    while batch := list(waiting.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        fresh = {key.pk: _rewrapped(key, old, new) for key in batch}
        found = {pk: wrapped for pk, wrapped in fresh.items() if wrapped is not None}
        wrong += len(fresh) - len(found)
        with connection.cursor() as cursor:
            cursor.execute(WRITE, {"master": master, "ids": list(found), "wrapped": list(found.values())})
        done += len(found)
    resealed = secrets.reseal(old=old, new=new)
    if wrong or resealed.wrong:
        raise WrongKey(wrong, resealed.wrong)
    facts = {"keys": done, "secrets": resealed.done}
    audit.record(action="rotate_master_key", subject_kind="sealing_key", facts=facts, by=None, at=at)
    return done


def _rewrapped(key: SealingKey, old: str, new: str) -> bytes | None:
    wrapped = bytes(key.wrapped)
    if sealing.opens(wrapped, master=new, person_id=key.person_id):
        return wrapped
    try:
        return sealing.rewrap(wrapped, old=old, new=new, person_id=key.person_id)
    except sealing.CannotOpen:
        return None
