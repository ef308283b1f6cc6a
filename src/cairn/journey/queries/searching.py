"""Searching one's own words. Nothing is indexed, so nothing stands in clear anywhere; everything is opened and read."""

import datetime as dt
from dataclasses import dataclass

from cairn.engines import words
from cairn.engines.words import Piece
from cairn.journey.queries.corpus import Said, everything
from cairn.people.models import Person

MOST_HITS = 50


@dataclass(frozen=True)
class Hit:
    """One place where it was found. `pieces` are some of the words around it; `key` names question or exercise."""

    kind: str
    id: int
    key: str
    at: dt.datetime
    title: tuple[Piece, ...]
    tags: tuple[str, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Found:
    """What a search found, newest first: `hits` from place `skipped` on, of `total` in all."""

    hits: tuple[Hit, ...]
    total: int
    skipped: int

    @property
    def next_skip(self) -> int | None:
        """Where the next page begins."""
        end = self.skipped + len(self.hits)
        return end if end < self.total else None


def search(reader: Person, asked: str, *, skip: int = 0) -> Found:
    """Where the reader's own words answer what was asked (see `engines.words.parse`), newest first. One query."""
    query = words.parse(asked)
    found = [said for said in everything(reader) if words.matches(query, _folded(said), said.tags)] if query else []
    found.sort(key=lambda said: (said.at, said.id), reverse=True)
    hits = tuple(_hit(query, said) for said in found[skip : skip + MOST_HITS])
    return Found(hits, len(found), skip)


def _folded(said: Said) -> str:
    if said.title or said.tags:
        return words.fold("\n".join((said.title, said.text, *said.tags)))
    return words.fold(said.text)


def _hit(query: words.Query, said: Said) -> Hit:
    title = words.snippet(query, said.title)
    return Hit(said.kind, said.id, said.key, said.at, title, said.tags, words.snippet(query, said.text))
