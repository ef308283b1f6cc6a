"""Giving, changing and taking back the address at which a person's own calendar reads their sessions."""

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import Q

from cairn.delivery.models import CalendarFeed
from cairn.delivery.queries.feeds import hashed
from cairn.delivery.terms import FeedDetail
from cairn.foundation import audit
from cairn.people.models import Person
from cairn.people.queries import NotFound

READ_AGAIN_AFTER = dt.timedelta(hours=1)


@transaction.atomic
def make_feed(*, detail: str, by: Person, at: dt.datetime) -> str:
    """Make a new address; one that was there before no longer works. Returns the secret, which is not kept."""
    _locked(by)
    _revoke(by, at)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        person=by, secret_hash=hashed(secret), detail=FeedDetail(detail).value, made_at=at
    )
    _record("make_calendar_feed", feed.pk, by=by, at=at)
    return secret


@transaction.atomic
def change_feed_detail(*, detail: str, by: Person, at: dt.datetime) -> None:
    """Let the feed say more or less from now on; its address stays. Raises NotFound."""
    if not CalendarFeed.objects.filter(person=by, revoked_at=None).update(detail=FeedDetail(detail).value):
        raise NotFound
    _record("change_calendar_feed", None, by=by, at=at)


@transaction.atomic
def revoke_feed(*, by: Person, at: dt.datetime) -> None:
    """Close the address: calendars that read it find nothing any more. Raises NotFound."""
    _locked(by)
    if not _revoke(by, at):
        raise NotFound
    _record("revoke_calendar_feed", None, by=by, at=at)


def forget_feeds(*, person_id: int) -> None:
    """Somebody's account is closed: no address of theirs leads anywhere, and what they chose is forgotten."""
    CalendarFeed.objects.filter(person=person_id).delete()


def note_feed_read(*, feed_id: int, last_read_at: dt.datetime | None, at: dt.datetime) -> None:
    """Note that a calendar asked, at most once an hour."""
    if last_read_at is None or last_read_at <= at - READ_AGAIN_AFTER:
        old = Q(last_read_at=None) | Q(last_read_at__lte=at - READ_AGAIN_AFTER)
        CalendarFeed.objects.filter(old, pk=feed_id).update(last_read_at=at)


def _locked(person: Person) -> None:
    list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk", flat=True))


def _revoke(person: Person, at: dt.datetime) -> int:
    return CalendarFeed.objects.filter(person=person, revoked_at=None).update(revoked_at=at)


def _record(action: str, feed_id: int | None, *, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind="calendar_feed", subject_id=feed_id, by=by, at=at)
