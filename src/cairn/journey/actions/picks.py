"""What a coach picks for somebody's next time: a question of the path, or an exercise. The person may put it away."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.journey.models import Pick
from cairn.journey.queries.picks import title_of
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "pick"


class PickedAlready(Exception):
    """The coach picked it before, and it still lies there. What another coach picked is not told."""

    sentence = _("You picked this for them already.")

    def __str__(self) -> str:
        return str(self.sentence)


@transaction.atomic
def pick(*, person_id: int, kind: str, key: str, by: Person, at: dt.datetime) -> int:
    """Pick a question or an exercise for somebody. Returns its id. Raises NotFound for no such thing, PickedAlready.

    Whether the coach is beside the person is not known in this room: see `delivery.actions.pick_for`.
    """
    if not title_of(kind, key) or person_id == by.pk:
        raise NotFound
    made, is_new = Pick.objects.get_or_create(
        person_id=person_id, coach=by, kind=kind, key=key, closed_at=None, defaults={"picked_at": at}
    )
    if not is_new:
        raise PickedAlready
    audit.record(action="pick", subject_kind=SUBJECT, subject_id=made.pk, facts={"for": person_id}, by=by, at=at)
    return made.pk


@transaction.atomic
def put_away_pick(*, pick_id: int, by: Person, at: dt.datetime) -> None:
    """Put away what a coach picked for oneself. Twice does no harm. Raises NotFound."""
    _close(Pick.objects.filter(pk=pick_id, person=by), "put_away_pick", by=by, at=at)


@transaction.atomic
def take_back_pick(*, pick_id: int, person_id: int, by: Person, at: dt.datetime) -> None:
    """Take back what one picked for somebody. Twice does no harm. Raises NotFound."""
    _close(Pick.objects.filter(pk=pick_id, person=person_id, coach=by), "take_back_pick", by=by, at=at)


def _close(found: QuerySet[Pick], action: str, *, by: Person, at: dt.datetime) -> None:
    one = found.select_for_update().first()
    if one is None:
        raise NotFound
    if one.closed_at is None:
        one.closed_at = at
        one.save(update_fields=["closed_at"])
        audit.record(action=action, subject_kind=SUBJECT, subject_id=one.pk, by=by, at=at)
