"""The address at which a person's own calendar program reads their sessions."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cairn.delivery.models import CalendarFeed
from cairn.delivery.queries.events import events_of
from cairn.foundation import calendar_files
from cairn.people.models import Person
from cairn.people.queries import NotFound

STAMP = re.compile(rb"^DTSTAMP:.*\r\n", re.MULTILINE)


@dataclass(frozen=True)
class FeedSeen:
    """The feed as its owner sees it. The address itself is shown once, when it is made."""

    detail: str
    made_at: dt.datetime
    last_read_at: dt.datetime | None


@dataclass(frozen=True)
class FeedFile:
    """What a calendar program is given. `mark` changes when what is said changes, not with every reading."""

    feed_id: int
    content: bytes
    mark: str
    last_read_at: dt.datetime | None


def hashed(secret: str) -> str:
    """What is kept of a feed's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_of(reader: Person) -> FeedSeen | None:
    """The reader's own feed, if they have one."""
    feed = CalendarFeed.objects.filter(person=reader, revoked_at=None).first()
    return None if feed is None else FeedSeen(feed.detail, feed.made_at, feed.last_read_at)


def feed_file(secret: str, at: dt.datetime) -> FeedFile:
    """The file behind an address. NotFound when the address was never given or is no longer good."""
    feeds = CalendarFeed.objects.filter(secret_hash=hashed(secret), revoked_at=None, person__is_active=True)
    feed = feeds.select_related("person").first()
    if feed is None:
        raise NotFound
    events = events_of(feed.person, at, feed.detail)
    content = calendar_files.write(events, name=_("Cairn"), stamp=at)
    mark = hashlib.sha256(STAMP.sub(b"", content)).hexdigest()[:32]
    return FeedFile(feed.pk, content, mark, feed.last_read_at)
