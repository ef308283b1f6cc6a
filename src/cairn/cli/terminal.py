"""Talking to the person at the terminal: one line for each step, with the time it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 44


class Refusal(Exception):
    """A command cannot be done; the text is the sentence to show."""


def say(text: str) -> None:
    """Print a line at once, also when the output goes to a file."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line where errors go."""
    print(f"cairn: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Print ``label`` with the seconds the step took; whole lines only, since children write to the terminal too."""
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"{label:<{WIDTH}} failed")
        raise
    say(f"{label:<{WIDTH}}{time.monotonic() - began:5.1f} s")
