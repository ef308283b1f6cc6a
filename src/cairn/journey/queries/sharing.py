"""Who else may read one's items, what a reader is shown, and who has read what.

A list tells what there is (its kind, its day, the library's name of a question or an exercise) and no word that the
author wrote, so it is no reading. Opening an item is one, and is written down by the statement that fetches it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cairn.foundation import statements
from cairn.foundation.sealing import Box
from cairn.journey.models import Share
from cairn.journey.queries import sharing_sql
from cairn.journey.queries.opened_items import OpenedItem, opened_item, title_of
from cairn.people.models import Person
from cairn.people.queries import NotFound

Readers = tuple[tuple[str, dt.datetime], ...]
"""Pairs of (name of a reader, until when), soonest end first."""

SHARED_PAGE = 50
MOST = 100


@dataclass(frozen=True)
class SharedItem:
    """One line of what a reader is shown: no text. `word` is the question's or the exercise's key, else empty."""

    kind: str
    id: int
    moment: dt.datetime
    word: str
    session_id: int | None
    until: dt.datetime


@dataclass(frozen=True)
class SharedPage:
    """A page of shared items, newest first."""

    items: tuple[SharedItem, ...]
    number: int
    has_more: bool


@dataclass(frozen=True)
class OwnShare:
    """One of one's own grants that holds now. Without `item_id` it is of a whole kind. `title` in one's own words."""

    id: int
    kind: str
    item_id: int | None
    reader_id: int
    reader: str
    since: dt.datetime
    until: dt.datetime
    moment: dt.datetime | None = None
    word: str = ""
    session_id: int | None = None
    title: str = ""


@dataclass(frozen=True)
class OwnItem:
    """One of one's own items, as the page about sharing it names it."""

    kind: str
    id: int
    moment: dt.datetime
    word: str
    session_id: int | None
    title: str


@dataclass(frozen=True)
class WasRead:
    """One reading of one's own item by somebody else. `word` as in SharedItem; the item may be gone since."""

    kind: str
    item_id: int
    reader_id: int
    reader: str
    at: dt.datetime
    word: str = ""
    is_there: bool = True


# ------------------------------------------------------------------ for the author


def readers_of(person: Person, kind: str, item_ids: tuple[int, ...], at: dt.datetime) -> Mapping[int, Readers]:
    """For each of one's own items of a kind: who else may read it now, and until when. One query.

    Somebody who may read it by itself and with the whole kind is named once, with the later end.
    """
    live = statements.rows(sharing_sql.READERS, author=person.pk, kind=kind, items=list(item_ids), at=at)
    found: dict[int, dict[int, tuple[str, dt.datetime]]] = defaultdict(dict)
    for item_id, reader_id, name, until in live:
        for each in item_ids if item_id is None else (item_id,):
            _name, known = found[each].get(reader_id, (name, until))
            found[each][reader_id] = (name, max(known, until))
    return {each: tuple(sorted(found[each].values(), key=lambda pair: pair[1])) for each in item_ids}


def shares(author: Person, at: dt.datetime, *, skip: int = 0, most: int = MOST) -> tuple[OwnShare, ...]:
    """Everything of one's own that somebody else may read now, by reader; a hundred at most. One query."""
    rows = statements.rows(sharing_sql.GRANTS, author=author.pk, at=at, skip=skip, most=most)
    box = _box(author, rows)
    return tuple(
        OwnShare(
            row.id,
            row.kind,
            row.item_id,
            row.reader_id,
            row.reader,
            row.since,
            row.until,
            row.moment,
            row.word or "",
            row.session_id,
            title_of(box, row.kind, row),
        )
        for row in rows
    )


def access_of(
    author: Person, kind: str, item_id: int | None, at: dt.datetime
) -> tuple[tuple[OwnShare, ...], tuple[WasRead, ...]]:
    """Who may read one of one's own items now (by itself or with its kind), and who has. One query.

    Without `item_id`: who may read the whole kind.
    """
    rows = statements.rows(sharing_sql.ACCESS, author=author.pk, kind=kind, item=item_id, at=at, most=MOST)
    return (
        tuple(
            OwnShare(row.id, kind, row.item_id, row.reader_id, row.reader, row.moment, row.until)
            for row in rows
            if row.what == "share"
        ),
        tuple(
            WasRead(kind, row.item_id, row.reader_id, row.reader, row.moment) for row in rows if row.what == "reading"
        ),
    )


def own_item(author: Person, kind: str, item_id: int) -> OwnItem:
    """One of one's own items, to be shared. Raises NotFound for anybody else's, and for a kind that is none."""
    if kind not in sharing_sql.OWN:
        raise NotFound
    found = statements.rows(sharing_sql.OWN[kind], author=author.pk, item=item_id)
    if not found:
        raise NotFound
    [row] = found
    title = title_of(_box(author, found), kind, row)
    return OwnItem(kind, row.id, row.moment, row.word, row.session_id, title)


def readings(
    author: Person, *, kind: str = "", item_id: int | None = None, skip: int = 0, most: int = MOST
) -> tuple[WasRead, ...]:
    """Who else has read what is one's own, newest first; of one item, or of everything. A hundred at most."""
    rows = statements.rows(sharing_sql.READINGS, author=author.pk, kind=kind, item=item_id, skip=skip, most=most)
    return tuple(WasRead(*row) for row in rows)


def seen_by(author: Person, reader_id: int, at: dt.datetime, *, page: int = 1) -> SharedPage:
    """What a reader is shown of one's own, by the reader's own query; nothing is written down."""
    return _listed(author.pk, reader_id, at, page)


def item_seen_by(author: Person, reader_id: int, kind: str, item_id: int, at: dt.datetime) -> OpenedItem:
    """One's own item as a reader is shown it; nothing is written down. Raises NotFound where they are not shown it."""
    return opened_item(
        _row(sharing_sql.LOOK, kind, author=author.pk, reader=reader_id, item=item_id, at=at), kind, author.pk
    )


# ------------------------------------------------------------------ for the reader


def shared_items(reader: Person, author_id: int, at: dt.datetime, *, page: int = 1) -> SharedPage:
    """What an author shares with the reader, newest first, fifty at a time. One query, no text, no reading.

    Whether the reader is still beside the author is not known in this room: ask `delivery.queries.coach_sees` first.
    """
    return _listed(author_id, reader.pk, at, page)


def shared_item(reader: Person, author_id: int, kind: str, item_id: int, at: dt.datetime) -> OpenedItem:
    """One shared item, opened with its author's key, once the reading is written down where the author sees it.

    Raises NotFound where it is not, or no longer, shared. Ask `delivery.queries.coach_sees` first.
    """
    return opened_item(
        _row(sharing_sql.READ, kind, author=author_id, reader=reader.pk, item=item_id, at=at), kind, author_id
    )


def live_pairs(people: tuple[int, ...], at: dt.datetime) -> frozenset[tuple[int, int]]:
    """(author, reader) of every grant that holds now, of these people; of everybody when none is named."""
    live = Share.objects.filter(withdrawn_at=None, until__gt=at)
    if people:
        live = live.filter(person__in=people)
    return frozenset(live.values_list("person_id", "reader_id"))


# ------------------------------------------------------------------ within


def _box(author: Person, rows: list[Any]) -> Box | None:
    """One's own key, where there is something to open and it was not destroyed."""
    wrapped = next((row.wrapped for row in rows if row.wrapped and (row.head or row.body)), None)
    if wrapped is None:
        return None
    return Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(wrapped), person_id=author.pk)


def _listed(author_id: int, reader_id: int, at: dt.datetime, page: int) -> SharedPage:
    skip = (max(page, 1) - 1) * SHARED_PAGE
    rows = statements.rows(
        sharing_sql.ITEMS,
        author=author_id,
        reader=reader_id,
        at=at,
        skip=skip,
        page=SHARED_PAGE + 1,
        most=skip + SHARED_PAGE + 1,
    )
    items = tuple(SharedItem(*row) for row in rows[:SHARED_PAGE])
    return SharedPage(items, max(page, 1), len(rows) > SHARED_PAGE)


def _row(table: Mapping[str, str], kind: str, **values: Any) -> Any:
    if kind not in table:
        raise NotFound
    found = statements.rows(table[kind], **values)
    if not found:
        raise NotFound
    return found[0]
