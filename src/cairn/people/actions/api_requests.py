"""A write of another system that is sent again is answered again as it was, and done once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cairn.people.models import ApiRequest
from cairn.people.queries import Bearer

KEPT = dt.timedelta(days=7)
BROKEN = 500
_OWN_TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))"


class UnderWay(Exception):
    """The same request is being answered at this moment."""

    sentence = _("A request with this key is still under way. Ask again in a moment.")


class KeyUsedOtherwise(Exception):
    """The key came with another request before."""

    sentence = _("This key was used for another request. Choose a new key for each thing you want done.")


@dataclass(frozen=True)
class Answer:
    """What was answered: the status, and everything else that is needed to answer it again."""

    status: int
    content: dict[str, Any]
    is_repeated: bool = False


@transaction.atomic
def answer_once(*, bearer: Bearer, key: str, fingerprint: str, answer: Callable[[], Answer], at: dt.datetime) -> Answer:
    """Do what was asked and keep the answer, in one transaction; or answer as before. Kept for a week.

    What `answer` refused (a status from 400) leaves nothing behind but the refusal; what broke leaves nothing at all,
    so that it can be asked again. Raises UnderWay and KeyUsedOtherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWN_TURN, {"name": f"api:{bearer.token_id}:{key}"})
        if cursor.fetchone() != (True,):
            raise UnderWay
    before = ApiRequest.objects.filter(token=bearer.token_id, key=key).first()
    if before is not None:
        if before.fingerprint != fingerprint:
            raise KeyUsedOtherwise
        return Answer(before.status or BROKEN, before.answer or {}, is_repeated=True)
    point = transaction.savepoint()
    given = answer()
    if given.status >= 400:
        transaction.savepoint_rollback(point)
    else:
        transaction.savepoint_commit(point)
    if given.status < BROKEN:
        ApiRequest.objects.create(
            token_id=bearer.token_id,
            key=key,
            fingerprint=fingerprint,
            status=given.status,
            answer=given.content,
            at=at,
        )
    return given


def forget_api_requests(*, at: dt.datetime) -> int:
    """Forget what was answered more than a week ago. Returns how many answers."""
    return ApiRequest.objects.filter(at__lt=at - KEPT).delete()[0]
