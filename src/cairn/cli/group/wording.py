"""What the command refuses, and how it ends."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable

DONE, BAD_INPUT, INFEASIBLE, NOT_ALL_RULES, INTERRUPTED = 0, 2, 3, 4, 130
MOST_NAMED = 12


class BadInput(Exception):
    """Something in the files or options makes no sense; the text is the sentence to show."""


class NoGrouping(Exception):
    """The rules cannot hold together; the text says which, one sentence or more."""


def note(text: str) -> None:
    """Tell the person at the terminal, beside the answer."""
    print(f"cairn: {text}", file=sys.stderr, flush=True)


def named(words: Iterable[str]) -> str:
    """A short list for a sentence: “a”, “b” and “c”; a long one says how many more there are."""
    quoted = [f"“{word}”" for word in words]
    if len(quoted) > MOST_NAMED:
        return f"{', '.join(quoted[:MOST_NAMED])} and {len(quoted) - MOST_NAMED} more"
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def unknown_column(name: str, titles: Iterable[str], file: str) -> BadInput:
    """There is no such column: which exist, and which was probably meant."""
    known = list(titles)
    folded = {title.casefold(): title for title in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    meant = f" Did you mean “{folded[near[0]]}”?" if near else ""
    return BadInput(f"{file} has no column “{name}”.{meant} Its columns are {named(known)}.")
