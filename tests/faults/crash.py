"""Kill -9 and database crash-stop during attendance, ledger and invoice: what is lost, what is there twice.

Two coaches write in processes of their own, on a cluster of its own with every safety on. At a random moment either the
writers are killed, or the database is (its main process told to drop everything, or all its processes killed), and
brought back. Then every acknowledged step must be there, whole and once. `python -m tests.faults.crash --rounds 60`.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cairn.foundation import postgres

KINDS = ("writers", "crash-stop", "every process")
LONGEST_WRITING = 1.2  # seconds before something is killed


@dataclass
class Figures:
    """What came of it."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    bugs: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.broken or self.bugs)

    def __str__(self) -> str:
        kills = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kills.items()))
        steps = ", ".join(f"{step} {count}" for step, count in sorted(self.acknowledged.items()))
        cut = ", ".join(f"{what} {count}" for what, count in sorted(self.in_flight.items())) or "none"
        return (
            f"crash: {self.rounds} rounds in {self.seconds:.0f} s, killed: {kills}; "
            f"{sum(self.acknowledged.values())} steps acknowledged ({steps}); cut in mid-step: {cut}; "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, books not whole {len(self.broken)}, "
            f"unexpected errors {len(self.bugs)}"
        )


@contextmanager
def own_cluster(sessions: int, folder: str | None) -> Iterator[tuple[postgres.Server, list[int]]]:
    """A durable server in a folder of its own in `folder`, which goes away with everything in it; and who writes there.

    Tables and people are made in haste: only what follows has to be safe.
    """
    state = Path(tempfile.mkdtemp(prefix="cairn-crash-", dir=folder))
    state.chmod(0o711)
    server = postgres.ensure_running(state, fast_unsafe=True)
    try:
        engagements = prepare(server, sessions)
        _hang_up()
        postgres.stop(server)
        server = postgres.ensure_running(state)
        yield server, engagements
    finally:
        with suppress(postgres.PostgresProblem):
            server = postgres.revive(server)
        postgres.stop(server)
        for folder in (server.place.folder, server.place.sockets, state):
            shutil.rmtree(folder, ignore_errors=True)


def prepare(server: postgres.Server, sessions: int) -> list[int]:
    """Tables, the cast, and past sessions to mark. Returns the engagements that write."""
    os.environ |= {"DATABASE_URL": server.url, "CAIRN_STATE": str(server.state)}
    os.environ["DJANGO_SETTINGS_MODULE"] = "cairn.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.faults import scene

    return scene.build(sessions)


def run(
    rounds: int, *, sessions: int = 20, longest: float = LONGEST_WRITING, seed: int = 1, folder: str | None = None
) -> Figures:
    """So many rounds of writing for at most `longest` seconds, killing, recovering and counting."""
    chance, figures, began = random.Random(seed), Figures(), time.perf_counter()
    with own_cluster(sessions, folder) as (server, engagements):
        from tests.faults.memory import Memory

        memory, running = Memory(figures), server
        for number in range(rounds):
            kind = KINDS[number % len(KINDS)]
            pause = chance.uniform(0.02, longest)
            journals = _write_and_kill(running, kind, engagements, pause, number)
            running = _back(running, kind)
            _wait_for_leftovers()
            memory.compare(journals)
            figures.rounds += 1
            figures.kills[kind] += 1
            if not figures.clean:
                break
        _hang_up()
    figures.seconds = time.perf_counter() - began
    return figures


def _write_and_kill(
    server: postgres.Server, kind: str, engagements: list[int], pause: float, number: int
) -> list[Path]:
    journals = [server.state / f"journal-{number}-{engagement}" for engagement in engagements]
    _hang_up()
    writers = [
        _fork(engagement, journal, seed=1_000 * number + index)
        for index, (engagement, journal) in enumerate(zip(engagements, journals, strict=True))
    ]
    _wait_until(lambda: all(path.exists() and path.stat().st_size for path in journals))
    time.sleep(pause)
    if kind == "writers":
        _kill(writers)
    elif kind == "crash-stop":
        os.kill(server.pid, signal.SIGQUIT)
    else:
        _kill([server.pid, *_children(server.pid)])
    _reap(writers)
    return journals


def _fork(engagement: int, journal: Path, *, seed: int) -> int:
    """A writer in a process of its own, with a connection of its own."""
    pid = os.fork()
    if pid:
        return pid
    try:
        from tests.faults import writing

        writing.write(engagement, writing.Journal(journal), seed)
    finally:
        os._exit(0)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _reap(writers: list[int]) -> None:
    """Writers whose database is gone end by themselves; whoever does not within 20 s is a fault of this test."""
    deadline = time.monotonic() + 20
    waiting = list(writers)
    while waiting and time.monotonic() < deadline:
        waiting = [pid for pid in waiting if os.waitpid(pid, os.WNOHANG)[0] == 0]
        time.sleep(0.01)
    _kill(waiting)
    for pid in waiting:
        os.waitpid(pid, 0)


def _children(parent: int) -> list[int]:
    """The server's own processes: each leads a session of its own, so that no signal to a group reaches them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def _back(server: postgres.Server, kind: str) -> postgres.Server:
    """The server as it is; or, if that was what was killed, started again once its last process is gone."""
    if kind == "writers":
        return server
    _wait_until(lambda: not postgres.is_alive(server))
    return postgres.revive(server)


def _wait_for_leftovers() -> None:
    """What a killed writer had running at the server is over: committed, or taken back."""
    from django.db import connection

    def alone() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0] == 0

    _wait_until(alone)


def _wait_until(ready: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("what this test waits for did not happen")
        time.sleep(0.01)


def _hang_up() -> None:
    from django.db import connections

    connections.close_all()


def main() -> int:
    """Print the figures; 1 when anything was lost, doubled or broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crash")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--sessions", type=int, default=20, help="group sessions of each coach")
    parser.add_argument("--longest", type=float, default=LONGEST_WRITING, help="seconds until a kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where the cluster lies for so long")
    asked = parser.parse_args()
    figures = run(asked.rounds, sessions=asked.sessions, longest=asked.longest, seed=asked.seed, folder=asked.folder)
    print(figures)  # noqa: T201
    for each in [*figures.lost, *figures.doubled, *figures.broken, *figures.bugs][:10]:
        print(each)  # noqa: T201
    return 0 if figures.clean else 1


if __name__ == "__main__":
    sys.exit(main())
