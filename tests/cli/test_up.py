"""``cairn up`` as one process tree: what happens when a part of it dies, and when it is told to stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from cairn.foundation.postgres import process

pytestmark = pytest.mark.slow


class Running:
    """A running ``cairn up`` and what it has printed."""

    def __init__(self, state, port):
        own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        own |= {"CAIRN_STATE": str(state), "GRANIAN_WORKERS": "1"}
        self.state, self.port, self.lines = state, port, []
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cairn.cli", "up", "--port", str(port)],
            env=own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True).start()

    def wait_for(self, found, what):
        deadline = time.monotonic() + 60
        while not found():
            assert self.process.poll() is None, "".join(self.lines)
            assert time.monotonic() < deadline, f"no {what}: " + "".join(self.lines)
            time.sleep(0.05)

    def said(self, words):
        return any(words in line for line in list(self.lines))

    def answers(self, path="/static/cairn/cairn.css"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status == 200
        except OSError:
            return False

    def server(self):
        found = process.read_pid_file(self.state / "cluster")
        return found.pid if found else None

    def children(self, word):
        """The numbers of the processes started by ours whose command line has ``word`` in it."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found if word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]


@pytest.fixture
def start(embedded_state):
    """Start the same installation, again and again; what still runs afterwards is killed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = []

    def up():
        started.append(Running(embedded_state, port))
        started[-1].wait_for(lambda: started[-1].said("Ctrl-C stops it"), "address")
        return started[-1]

    yield up
    for each in started:
        each.process.kill()
        each.process.wait()


def living(parts):
    """Those that run; what has ended may still lie there until the system takes note of it."""
    return [pid for pid in parts if is_running(pid)]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds children in /proc")
def test_from_the_first_start_on_whatever_is_killed_comes_back_until_one_signal_stops_everything(start):
    first = start()
    assert first.answers("/accounts/login/")

    _kill_the_database(first)
    _kill_the_supervisor(first)
    again = start()
    _kill_the_web_server(again)

    parts = again.children("cairn.cli.serving") + again.children("worker") + [again.server()]
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(timeout=40) == 0
    assert (len(parts), living(parts)) == (3, [])
    assert (again.lines[-1], (again.state / "cluster" / "postmaster.pid").exists()) == ("Stopped.\n", False)


def _kill_the_database(running):
    """It comes back, and the worker with it, which would hear of nothing otherwise."""
    database = running.server()
    os.kill(database, signal.SIGKILL)
    running.wait_for(lambda: running.server() not in {None, database}, "second database")
    running.wait_for(lambda: running.said("the worker ended ("), "word about the worker")
    running.wait_for(lambda: running.children("worker") != [] and running.answers(), "second worker")


def _kill_the_supervisor(running):
    """Its children go with it."""
    parts = running.children("cairn.cli.serving") + running.children("worker")
    running.process.kill()
    deadline = time.monotonic() + 30
    while living(parts) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (len(parts), living(parts)) == (2, [])


def _kill_the_web_server(running):
    """Another takes its place."""
    (web,) = running.children("cairn.cli.serving")
    os.kill(web, signal.SIGKILL)
    running.wait_for(
        lambda: running.children("cairn.cli.serving") not in ([], [web]) and running.answers(), "second web server"
    )
