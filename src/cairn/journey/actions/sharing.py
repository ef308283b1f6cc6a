"""Letting one other person read: one item or all of a kind, until a moment, and taking that back at once.

Who may be named as a reader is not known in this room; `delivery.actions.share_with` asks before it calls `share`.
"""

import datetime as dt
from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.journey.models import ActionStep, Share
from cairn.journey.queries import sharing as reads
from cairn.journey.terms import ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

LONGEST = dt.timedelta(days=2 * 366)
SUBJECT = "share"


class CannotShare(Exception):
    """Something stands against this grant. Nothing was changed."""

    sentence: ClassVar[str | Promise]
    field: ClassVar[str] = ""

    def __str__(self) -> str:
        return str(self.sentence)


class EndIsPast(CannotShare):
    """A grant ends after it begins."""

    field = "until"
    sentence = _("Choose a day that is still to come.")


class EndIsTooFar(CannotShare):
    """A grant does not outlive everybody's memory of it."""

    field = "until"
    sentence = _("Choose a day within the next two years. You can always share it again.")


@transaction.atomic
def share(*, kind: str, item_id: int | None, reader: Person, until: dt.datetime, by: Person, at: dt.datetime) -> Share:
    """Let a reader read one of one's own items, or (None) all of a kind that one is done with, now and later.

    Sharing the same again changes only its end. Raises NotFound for what is not one's own, EndIsPast, EndIsTooFar.
    """
    if kind not in ItemKind.values or reader.pk == by.pk:
        raise NotFound
    if until <= at:
        raise EndIsPast
    if until > at + LONGEST:
        raise EndIsTooFar
    if item_id is not None:
        reads.own_item(by, kind, item_id)
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # one grant at a time, or two would stand open
    _close_what_ended(by, at)
    granted, is_new = Share.objects.get_or_create(
        person=by,
        reader=reader,
        kind=kind,
        item_id=item_id,
        withdrawn_at=None,
        defaults={"since": at, "until": until},
    )
    if not is_new:
        granted.until = until
        granted.save(update_fields=["until"])
    audit.record(action="share", subject_kind=SUBJECT, subject_id=granted.pk, facts=_facts(granted), by=by, at=at)
    return granted


@transaction.atomic
def withdraw(*, share_id: int, by: Person, at: dt.datetime) -> None:
    """End one of one's own grants now. Twice does no harm. Raises NotFound."""
    granted = Share.objects.select_for_update().filter(pk=share_id, person=by).first()
    if granted is None:
        raise NotFound
    if granted.withdrawn_at is None:
        granted.withdrawn_at = at
        granted.save(update_fields=["withdrawn_at"])
        audit.record(action="withdraw", subject_kind=SUBJECT, subject_id=share_id, by=by, at=at)


@transaction.atomic
def withdraw_all(*, reader_id: int, by: Person, at: dt.datetime) -> int:
    """End everything that one shares with a reader, now. Returns how many grants ended."""
    return _end(by.pk, reader_id, by=by, at=at)


@transaction.atomic
def end_shares_between(*, person: Person | int, reader: Person | int, at: dt.datetime) -> int:
    """End every grant of a person to a reader who is no longer beside them. Returns how many ended.

    Steps that the two agreed are the person's alone from then on. Called in the transaction that ends a coach's part,
    by Cairn and not by the person, so `by` is nobody.
    """
    person_id, reader_id = (each if isinstance(each, int) else each.pk for each in (person, reader))
    ActionStep.objects.filter(person=person_id, agreed_with=reader_id).update(agreed_with=None)
    return _end(person_id, reader_id, by=None, at=at)


# ------------------------------------------------------------------ within


def _end(person_id: int, reader_id: int, *, by: Person | None, at: dt.datetime) -> int:
    open_ones = Share.objects.filter(person=person_id, reader=reader_id, withdrawn_at=None)
    ended = list(open_ones.select_for_update().order_by("pk").values_list("pk", flat=True))
    Share.objects.filter(pk__in=ended).update(withdrawn_at=at)
    for each in ended:
        audit.record(action="withdraw", subject_kind=SUBJECT, subject_id=each, by=by, at=at)
    return len(ended)


def _close_what_ended(person: Person, at: dt.datetime) -> None:
    """A grant whose day has passed makes room for a new one; it stays as history."""
    Share.objects.filter(person=person, withdrawn_at=None, until__lte=at).update(withdrawn_at=at)


def _facts(granted: Share) -> dict[str, object]:
    return {"kind": granted.kind, "item": granted.item_id, "reader": granted.reader_id, "until": str(granted.until)}
