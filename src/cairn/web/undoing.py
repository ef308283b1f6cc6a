"""What stood before whoever reads changed it, so that their Undo brings it back: how a session was held, and words.

A link or a number that was typed by hand is nowhere else by then: audit keeps none. It stands in the reader's own web
session, on the server, for the change that was made last, and goes with it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from cairn.gate import Request

KEY, WORDS = "held_before", "words_before"


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


def keep_words(request: Request, what: str, words: Sequence[str | int]) -> None:
    """Keep the words that whoever reads just took away or worded anew; `what` names them in the address of the Undo."""
    request.session[WORDS] = [what, *words]


def kept_words(request: Request, what: str) -> list[Any] | None:
    """What was kept under this name, if it is still the last change of this kind."""
    found = request.session.get(WORDS)
    return found[1:] if found and found[0] == what else None


def forget_words(request: Request) -> None:
    """Once they stand again, or are to stand nowhere."""
    request.session.pop(WORDS, None)
