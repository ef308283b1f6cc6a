"""Keeping child processes and the embedded database going until somebody says stop, then ending them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from cairn.cli import terminal
from cairn.foundation import postgres
from cairn.foundation.postgres.account import die_with_parent

LOOK_SECONDS = 0.5
GRACE_SECONDS = 25.0
STEADY_SECONDS = 60.0  # who ran this long has recovered
MOST_FAILURES = 5
REVIVAL_SECONDS = 300.0  # a database that dies twice within this time needs a person
LONGEST_WAIT = 10.0


@dataclass
class Child:
    """A process that is to run all the time."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    listens: bool = False
    """Whether it waits for the database's notices, which a server that comes back does not know of."""
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        self.began = time.monotonic()
        # A group of its own: Ctrl-C reaches the supervisor alone, which then ends its children in order.
        self.process = subprocess.Popen(  # noqa: S603
            list(self.command),
            env={**os.environ, **self.environment},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it makes one system call
        )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process is not None and self.running:
            self.process.terminate()

    def end_by_force(self) -> None:
        """Kill the process and all that it started."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs children beside a database; ``run`` returns when it was told to stop and all of them have ended."""

    def __init__(self, children: Sequence[Child], server: postgres.Server | None) -> None:
        self.children = children
        self.server = server
        self.revived_at = float("-inf")
        self.told = threading.Event()
        self.impatient = threading.Event()

    def run(self, *, started: Callable[[], None]) -> None:
        """Start the children, call ``started``, and look after them. Raises ``Refusal`` when one cannot be kept up."""
        before = {number: signal.signal(number, self._stop) for number in _STOPPING}
        try:
            for child in self.children:
                child.start()
            if not self.told.is_set():
                started()
            while not self.told.wait(LOOK_SECONDS):
                self._look_after_database()
                for child in self.children:
                    self._look_after(child)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait_for(self, ready: Callable[[], bool], child: Child, *, patience: float) -> None:
        """Wait until ``ready``; raises ``Refusal`` when ``child`` ends first or it takes longer than ``patience`` s."""
        deadline = time.monotonic() + patience
        while not ready() and not self.told.wait(0.05):
            if not child.running:
                raise terminal.Refusal(f"The {child.name} did not start: the reason is printed above.")
            if time.monotonic() > deadline:
                raise terminal.Refusal(f"The {child.name} has not answered within {patience:.0f} s.")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.told.is_set():
            self.impatient.set()
        self.told.set()

    def _look_after(self, child: Child) -> None:
        if child.running or child.process is None:
            return
        now = time.monotonic()
        if not child.again_at:
            child.failures = 1 if now - child.began > STEADY_SECONDS else child.failures + 1
            if child.failures > MOST_FAILURES:
                raise terminal.Refusal(
                    f"The {child.name} ended {child.failures} times in a row: everything is stopped."
                )
            wait = min(LOOK_SECONDS * 2 ** (child.failures - 1), LONGEST_WAIT)
            child.end_by_force()  # what it started may still hold the port
            terminal.complain(f"the {child.name} ended ({_how(child.process)}) and starts again in {wait:.1f} s")
            child.again_at = now + wait
        elif now >= child.again_at:
            child.again_at = 0.0
            child.start()

    def _look_after_database(self) -> None:
        if self.server is None or postgres.is_alive(self.server):
            return
        now = time.monotonic()
        if now - self.revived_at < REVIVAL_SECONDS:
            raise terminal.Refusal(f"The database ended twice in short time: see {self.server.log}.")
        terminal.complain("the database ended unexpectedly and is started again; what was saved is safe")
        self.server = postgres.revive(self.server)
        self.revived_at = now
        for child in self.children:
            if child.listens:
                child.ask_to_end()

    def _end(self) -> None:
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(child.running for child in self.children):
            if self.impatient.wait(0.05) or time.monotonic() > deadline:
                break
        for child in self.children:
            child.end_by_force()


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {-code}" if code < 0 else f"code {code}"
