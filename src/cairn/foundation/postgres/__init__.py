"""The embedded PostgreSQL: one cluster of its own per state folder, reached by a private socket only.

Every process that uses the cluster holds a shared file lock for as long as it does; whoever lets go last stops the
server. The kernel drops the lock of a killed process, so no count can go stale.

Cheap to import and free of Django: the settings ask here for the address.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from cairn.foundation import state as state_folder
from cairn.foundation.postgres import binaries, cluster, process
from cairn.foundation.postgres.account import server_account
from cairn.foundation.postgres.cluster import DATABASE, ROLE, Place
from cairn.foundation.postgres.problems import PostgresProblem, from_os

__all__ = ["PostgresProblem", "Server", "database_url", "ensure_running", "is_alive", "revive", "stop", "throwaway"]

PATIENCE_SECONDS = 60.0
UNFIT = frozenset('"`$\\\n\r')  # initdb hands its own path to a shell between double quotes
_SAFE = ("max_connections=200",)
_UNSAFE = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"),
    *("wal_level=minimal", "max_wal_senders=0", "autovacuum=off"),
)
# Errors are told to the program that caused them; repeated in a log they would carry people's data.
_QUIET = ("log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse", "log_checkpoints=off")


@dataclass(frozen=True)
class Server:
    """A running server and our hold on it. Give it back with ``stop``."""

    url: str
    started_here: bool
    """Whether this call started it; otherwise it was running already."""
    pid: int
    data: Path
    log: Path
    bin: Path
    """The folder of the programs that fit this server (``pg_dump`` and others)."""
    place: Place
    state: Path
    unsafe: bool
    hold: BinaryIO | None
    """The file that carries the shared lock; nothing for a throw-away server."""


def ensure_running(
    state: Path,
    *,
    fast_unsafe: bool = False,
    look_in: Sequence[Path] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Server:
    """Return the running server of a state folder, after making and starting whatever is missing.

    ``look_in`` names the folders with PostgreSQL's programs instead of the usual ones; ``patience`` is in seconds.
    ``fast_unsafe`` trades safety at a power cut for speed. Raises ``PostgresProblem`` with a sentence for the person.
    """
    _make_ready(state)
    try:
        with _turn(state, patience):
            hold = _take_hold(state)
            try:
                place, programs, started = _bring_up(state, look_in, patience, unsafe=fast_unsafe)
                return _server(place, programs, state=state, started=started, unsafe=fast_unsafe, hold=hold)
            except BaseException:
                hold.close()
                raise
    except OSError as error:
        raise from_os(error, state) from error


def stop(server: Server) -> bool:
    """Give the server back; it is stopped if nobody else holds it. Say whether it was stopped. Safe to repeat."""
    hold = server.hold
    if hold is None:
        return _discard(server)
    if hold.closed:
        return False
    with _turn(server.state, PATIENCE_SECONDS), hold:
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        process.halt(server.data)
        return True


def is_alive(server: Server) -> bool:
    """Say whether the server's process lives. Cheap enough to ask every second."""
    return process.is_server(server.pid)


def revive(server: Server, *, patience: float = PATIENCE_SECONDS) -> Server:
    """Start a server again that died under us, on the same data and address; nothing committed is lost."""
    with _turn(server.state, patience):
        found = process.read_pid_file(server.data)
        if found and process.is_server(found.pid):  # somebody else was quicker
            deadline = time.monotonic() + patience
            process.wait_until_ready(server.place, deadline=deadline, gone=lambda: False)
            return replace(server, pid=found.pid)
        programs = binaries.Binaries(bin=server.bin, version=str(server.place.major))
        settings = _settings(server.place, unsafe=server.unsafe)
        return replace(server, pid=process.start(server.place, programs, settings=settings, patience=patience))


def database_url(state: Path) -> str:
    """Return the address of a state folder's database, whether or not its server is running."""
    link = state / "cluster"
    folder = link.resolve().parent if link.is_symlink() else state
    found = process.read_pid_file(folder / "cluster")
    return _url(found.sockets if found and found.sockets else Place(folder, server_account(make=False)).sockets)


def throwaway(folder: Path, *, look_in: Sequence[Path] | None = None) -> Server:
    """Return a new server for tests: quick, careless of power cuts, gone with everything in it after ``stop``.

    Call it from the main thread: the server ends with the thread that started it. As root, when the server's account
    may not enter ``folder``, a folder under /tmp is used instead.
    """
    account = server_account()
    folder.mkdir(parents=True, exist_ok=True)
    inside = account.can("-x", folder)
    own = cluster.open_folder(folder if inside else Path("/tmp"))  # noqa: S108
    place = Place(folder=own, account=account)
    programs = binaries.choose(binaries.candidates() if look_in is None else look_in, major=None)
    if not binaries.usable_by(programs, account):
        programs = binaries.keep_copy(programs, own)
    settings = _settings(place, unsafe=True)
    try:
        cluster.create(place, programs, settings=(), sync=False)
        cluster.write_access_rules(place)
        cluster.make_sockets_folder(place)
        process.start(place, programs, settings=settings, patience=PATIENCE_SECONDS, bound=True)
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    return _server(place, programs, state=folder, started=True, unsafe=True, hold=None)


def _make_ready(state: Path) -> None:
    """Create the state folder; refuse one that is another account's or cannot be written."""
    if set(str(state)) & UNFIT:
        raise PostgresProblem(
            f"The path {state} has a character in it that PostgreSQL's programs cannot take "
            "(a double quote, backquote, backslash, dollar sign or line end): name another folder in CAIRN_STATE."
        )
    try:
        state_folder.make_state_dir(state)
    except state_folder.StateProblem as problem:
        raise PostgresProblem(str(problem)) from problem
    if state.stat().st_uid != os.geteuid():
        raise PostgresProblem(
            f"The state folder {state} belongs to another account: run cairn as that account, "
            "or name another folder in CAIRN_STATE."
        )


def _bring_up(
    state: Path, look_in: Sequence[Path] | None, patience: float, *, unsafe: bool
) -> tuple[Place, binaries.Binaries, bool]:
    """Make the cluster if missing and start it if it is not running; say whether it had to be started."""
    place = cluster.place_in(state, server_account())
    found = process.read_pid_file(place.data)
    folders = _programs_folders(place, look_in)
    if found and process.is_server(found.pid):
        deadline = time.monotonic() + patience
        if not process.wait_until_ready(place, deadline=deadline, gone=lambda: not process.is_server(found.pid)):
            raise process.does_not_answer(place, patience)
        return place, binaries.choose(folders, major=place.major), False
    programs = binaries.keep_copy(binaries.choose(folders, major=place.major), place.folder)
    settings = _settings(place, unsafe=unsafe)
    if not place.exists:
        _create(state, place, programs)
    if place.data.stat().st_uid != place.account.uid:  # brought back from elsewhere
        place.account.give(place.data)
    cluster.write_access_rules(place)
    cluster.make_sockets_folder(place)
    process.start(place, programs, settings=settings, patience=patience)
    return place, programs, True


def _create(state: Path, place: Place, programs: binaries.Binaries) -> None:
    try:
        cluster.create(place, programs, settings=())
        if place.folder != state:
            (state / "cluster").symlink_to(place.data)
    except BaseException:
        shutil.rmtree(place.folder / "cluster.new", ignore_errors=True)
        if place.folder != state:
            shutil.rmtree(place.folder, ignore_errors=True)
        raise


def _programs_folders(place: Place, look_in: Sequence[Path] | None) -> list[Path]:
    """Look in the given folders, and for a cluster that exists in the copies kept beside it too."""
    usual = list(binaries.candidates() if look_in is None else look_in)
    return [*usual[:1], *binaries.kept(place.folder), *usual[1:]]


def _settings(place: Place, *, unsafe: bool) -> list[str]:
    """Return the server's settings as command line arguments, which nothing in the cluster's files can override."""
    quoted = '"' + str(place.sockets).replace('"', '""') + '"'
    reach = ("listen_addresses=", "port=5432", f"unix_socket_directories={quoted}", "unix_socket_permissions=0700")
    return [part for setting in (*reach, *_QUIET, *(_UNSAFE if unsafe else _SAFE)) for part in ("-c", setting)]


def _server(
    place: Place, programs: binaries.Binaries, *, state: Path, started: bool, unsafe: bool, hold: BinaryIO | None
) -> Server:
    found = process.read_pid_file(place.data)
    if found is None:
        raise PostgresProblem(f"PostgreSQL stopped right after its start: see {place.log}.")
    return Server(
        url=_url(found.sockets or place.sockets),
        started_here=started,
        pid=found.pid,
        data=place.data,
        log=place.log,
        bin=programs.bin,
        place=place,
        state=state,
        unsafe=unsafe,
        hold=hold,
    )


def _url(sockets: Path) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets), safe='')}"


def _discard(server: Server) -> bool:
    if not server.data.exists():
        return False
    process.halt(server.data, how=signal.SIGQUIT)
    for folder in (server.place.folder, server.place.sockets):
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _take_hold(state: Path) -> BinaryIO:
    """Take the shared lock that says: this process uses the server."""
    file = (state / "postgres.users").open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def _turn(state: Path, patience: float) -> Iterator[None]:
    """Let one process at a time decide about starting and stopping."""
    handle = os.open(state / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise PostgresProblem(
                        f"Another cairn process has been starting or stopping the database of {state} "
                        f"for more than {patience:.0f} s: look at that one first."
                    ) from None
                time.sleep(process.STEP_SECONDS)
        yield
    finally:
        os.close(handle)
