"""The server as a process: is it there, does it answer, start it, stop it.

PostgreSQL writes what others need to know into ``postmaster.pid``: line 1 its process, line 5 the socket's folder,
line 8 its condition.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cairn.foundation.postgres.binaries import Binaries
from cairn.foundation.postgres.cluster import SOCKET_NAME, Place
from cairn.foundation.postgres.problems import PostgresProblem, from_output

STEP_SECONDS = 0.02
LARGEST_LOG = 5_000_000  # bytes; a longer log is put aside at the next start
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # every PostgreSQL answers this with one letter before any sign-in
_LOCKED = ("is still in use", 'lock file "postmaster.pid" already exists')

_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class PidFile:
    """What ``postmaster.pid`` says."""

    pid: int
    sockets: Path | None
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """Return what the server wrote about itself, or nothing when it is not running or was stopped properly."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        sockets = Path(lines[4]) if len(lines) > 4 and lines[4].strip() else None
        ready = len(lines) > 7 and lines[7].startswith("ready")
        return PidFile(pid=abs(int(lines[0])), sockets=sockets, ready=ready)
    except (OSError, ValueError, IndexError):
        return None


def is_server(pid: int) -> bool:
    """Say whether ``pid`` is a living PostgreSQL process, neither a dead one nor a newcomer with its number."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
        return False
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _is_server_without_proc(pid)
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] not in {"Z", "X"}


def answers(sockets: Path, *, seconds: float = 2.0) -> bool:
    """Say whether a server answers at the socket in ``sockets``: asks it a question and waits for the reply."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(seconds)
        try:
            line.connect(os.fspath(sockets / SOCKET_NAME))
            line.sendall(_SSL_REQUEST)
            return len(line.recv(1)) == 1
        except OSError:
            return False


def start(place: Place, binaries: Binaries, *, settings: Sequence[str], patience: float, bound: bool = False) -> int:
    """Start the server and wait until it accepts work; return its process number.

    A predecessor that was killed may leave processes behind for a moment: the start is tried again while they leave.
    With ``bound`` the server ends with the thread that started it. Raises ``PostgresProblem``.
    """
    deadline = time.monotonic() + patience
    while True:
        _remove_stale_pid_file(place.data)
        began = _log_size(place.log)
        child = _launch(place, binaries, settings, bound=bound)
        if wait_until_ready(place, deadline=deadline, gone=lambda: child.poll() is not None):  # noqa: B023
            return child.pid
        said = _log_since(place.log, began)
        if child.poll() is None:
            raise does_not_answer(place, patience)
        _children.pop(child.pid, None)
        if not any(words in said for words in _LOCKED) or time.monotonic() > deadline:
            raise from_output(said, place.folder, place.log)
        time.sleep(0.1)


def wait_until_ready(place: Place, *, deadline: float, gone: Callable[[], bool]) -> bool:
    """Wait until the server of this place accepts work; give up at ``deadline`` (monotonic) or when ``gone``."""
    while time.monotonic() < deadline:
        found = read_pid_file(place.data)
        if found and found.ready and found.sockets and is_server(found.pid) and answers(found.sockets, seconds=1.0):
            return True
        if gone():
            return False
        time.sleep(STEP_SECONDS)
    return False


def halt(data: Path, *, how: signal.Signals = signal.SIGINT, patience: float = 30.0) -> None:
    """Stop the server: open work is rolled back, what was committed is written out; by force if that takes too long."""
    found = read_pid_file(data)
    if found is None or not is_server(found.pid):
        return
    for request in (how, signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(found.pid, request)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not is_server(found.pid):
                return
            time.sleep(STEP_SECONDS)


def does_not_answer(place: Place, patience: float) -> PostgresProblem:
    return PostgresProblem(
        f"PostgreSQL has not answered within {patience:.0f} s; after a crash it may still be repairing its files: "
        f"wait a little and try again, and see {place.log}."
    )


def _launch(place: Place, binaries: Binaries, settings: Sequence[str], *, bound: bool) -> subprocess.Popen[bytes]:
    options = place.account.spawn_options()
    if bound:
        from cairn.foundation.postgres.account import die_with_parent

        options["preexec_fn"] = die_with_parent(signal.SIGQUIT)
    if _log_size(place.log) > LARGEST_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    handle = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    command = [str(binaries.program("postgres")), "-D", str(place.data), *settings]
    try:
        # A session of its own: Ctrl-C at the terminal must reach Cairn first and the server last.
        child = subprocess.Popen(  # noqa: S603
            command, stdout=handle, stderr=handle, cwd="/", start_new_session=True, **options
        )
    finally:
        os.close(handle)
    _children[child.pid] = child
    return child


def _remove_stale_pid_file(data: Path) -> None:
    """Remove the note of a server that is gone when its number now belongs to something else.

    PostgreSQL itself would take that other process for a running server and refuse to start for good.
    """
    found = read_pid_file(data)
    if found and not is_server(found.pid):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _is_server_without_proc(pid: int) -> bool:
    if Path("/proc/self").exists():
        return False
    said = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(None, 1)
    return len(said) == 2 and not said[0].startswith("Z") and Path(said[1].strip()).name == "postgres"


def _log_size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _log_since(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(offset if offset <= _log_size(log) else 0)
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
