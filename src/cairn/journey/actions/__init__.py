"""Writes of a person's own records. Nothing here is logged but that it happened."""

from cairn.journey.actions.journal import NothingWritten, delete_entry, rewrite_entry, write_entry

__all__ = ["NothingWritten", "delete_entry", "rewrite_entry", "write_entry"]
