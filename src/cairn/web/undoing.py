"""How a session was to be held before whoever reads changed it, so that their Undo brings that back with the date.

A link or a number that was typed by hand is nowhere else by then: audit keeps none. It stands in the reader's own web
session, on the server, for the change that was made last, and goes with it.
"""

from typing import Any, NamedTuple

from cairn.gate import Request

KEY = "held_before"


class Held(NamedTuple):
    """The mode, and the link, place or number; None: as it is."""

    mode: str
    where: str | None


def remember(request: Request, before: Any, after: Any) -> None:
    """Keep how a session was to be held, if the change that led to this version of it changed that."""
    if Held(before.mode, before.where) != Held(after.mode, after.where):
        request.session[KEY] = [after.pk, after.version, before.mode, before.where]


def remembered(request: Request, session_id: int, version: int) -> Held | None:
    """How it was to be held before the change that made this version; None where that change did not touch it."""
    found = request.session.get(KEY)
    return Held(*found[2:]) if found and found[:2] == [session_id, version] else None


def forget(request: Request) -> None:
    """Once it is as it was before."""
    request.session.pop(KEY, None)
