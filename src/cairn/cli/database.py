"""The database for the length of a command: an address that was given, or the embedded server."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

from cairn.foundation import postgres, state

ADDRESS = "DATABASE_URL"


def is_embedded() -> bool:
    """Say whether the installation uses its own server: no address was given."""
    return not os.environ.get(ADDRESS, "").strip()


@contextmanager
def at_hand(announced: AbstractContextManager[None] | None = None) -> Iterator[postgres.Server | None]:
    """Have a database while the block runs: nothing is touched when ``DATABASE_URL`` names one.

    Otherwise the embedded server runs, its address stands in ``DATABASE_URL`` for this process and its children, and
    afterwards it is stopped unless another process uses it. The start happens inside ``announced``.
    """
    if not is_embedded():
        yield None
        return
    _leave_properly_when_told_to_end()
    with announced or nullcontext():
        server = postgres.ensure_running(state.state_dir())
    os.environ[ADDRESS] = server.url
    try:
        yield server
    finally:
        os.environ.pop(ADDRESS, None)
        _let_go_of_connections()
        postgres.stop(server)


def _leave_properly_when_told_to_end() -> None:
    """Turn a polite request to end into an ordinary exit, so that the server is given back."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _let_go_of_connections() -> None:
    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()
