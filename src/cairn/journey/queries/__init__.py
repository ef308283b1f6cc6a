"""Reads of a person's own records. Every read takes its reader."""

from cairn.journey.queries.journal import PAGE, OpenedEntry, entries, entry, wrapped_key
from cairn.journey.queries.sharing import Readers, readers_of
from cairn.people.queries import NotFound

__all__ = ["PAGE", "NotFound", "OpenedEntry", "Readers", "entries", "entry", "readers_of", "wrapped_key"]
