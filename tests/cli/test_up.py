"""``cairn up`` as one process tree: what happens when a part of it dies, and when it is told to stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
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

    def answers(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/static/none.css", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def server(self):
        found = process.read_pid_file(self.state / "cluster")
        return found.pid if found else None

    def children(self, word):
        """The numbers of the processes started by ours whose command line has ``word`` in it."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found if word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]


@pytest.fixture
def running(embedded_state):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    up = Running(embedded_state, port)
    yield up
    up.process.kill()
    up.process.wait()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds children in /proc")
def test_parts_that_die_come_back_and_one_signal_stops_everything(running):
    running.wait_for(lambda: running.said("Ctrl-C stops it"), "address")
    assert running.answers()

    (web,) = running.children("granian")
    os.kill(web, signal.SIGKILL)
    running.wait_for(lambda: running.children("granian") not in ([], [web]) and running.answers(), "second web server")

    database = running.server()
    os.kill(database, signal.SIGKILL)
    running.wait_for(lambda: running.server() not in {None, database}, "second database")
    running.wait_for(lambda: running.said("the worker ended ("), "word about the worker")
    running.wait_for(lambda: running.children("worker") != [] and running.answers(), "second worker")

    parts = running.children("granian") + running.children("worker") + [running.server()]
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=40) == 0
    assert [pid for pid in parts if Path(f"/proc/{pid}").exists()] == []
    assert (running.lines[-1], (running.state / "cluster" / "postmaster.pid").exists()) == ("Stopped.\n", False)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds children in /proc")
def test_killed_supervisor_takes_its_children_along_and_the_next_start_works(running):
    running.wait_for(lambda: running.children("worker") != [], "worker")
    parts = running.children("granian") + running.children("worker")
    running.process.kill()

    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in parts) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert [pid for pid in parts if Path(f"/proc/{pid}").exists()] == []
    again = Running(running.state, running.port)
    again.wait_for(lambda: again.said("Ctrl-C stops it"), "address")
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(timeout=40) == 0
