"""``cairn up`` and ``cairn web``: the whole installation, or its pages, in one foreground process tree."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable

from cairn.cli import database, prepare, rotate, serving, terminal
from cairn.cli.supervise import Child, Supervisor

ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104
WEB_PATIENCE = 60.0
_PYTHON = [sys.executable, "-P"]  # never import from the folder that one happens to be in


def up(words: list[str]) -> int:
    """Bring everything up, serve until told to stop, and stop everything."""
    asked = address_from(words, "cairn up")
    serve(asked, before=lambda: None, ready=lambda: None)
    return 0


def web(words: list[str]) -> int:
    """Serve the pages only; the queue's worker runs elsewhere and the tables are up to date already."""
    asked = address_from(words, "cairn web")
    claim(asked)
    with database.at_hand() as server:
        prepare.load_django()
        rotate.keys()
        prepare.static_files()
        pages = web_child(asked)
        supervisor = Supervisor([pages], server)
        supervisor.run(started=lambda: _announce(supervisor, pages, asked))
    return 0


def serve(asked: argparse.Namespace, *, before: Callable[[], None], ready: Callable[[], None]) -> None:
    """Start all parts in order, a line each; ``before`` runs when the tables are there, ``ready`` once pages answer."""
    began = time.monotonic()
    claim(asked)
    with database.at_hand(terminal.step("Database ready")) as server:
        with terminal.step("Rooms loaded"):
            prepare.load_django()
        with terminal.step("Tables up to date"):
            prepare.tables()
            rotate.keys()
        with terminal.step("Style sheets and scripts in place"):
            prepare.static_files()
        before()
        pages = web_child(asked)
        supervisor = Supervisor([pages, worker_child()], server)

        def started() -> None:
            with terminal.step("Pages served"):
                supervisor.wait_for(lambda: answers(asked), pages, patience=WEB_PATIENCE)
            terminal.say(f"\nCairn is at {public_url(asked)} after {time.monotonic() - began:.1f} s. Ctrl-C stops it.")
            ready()

        supervisor.run(started=started)
    terminal.say("Stopped.")


def address_from(words: list[str], program: str) -> argparse.Namespace:
    """Read ``--host`` and ``--port``."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", default=8000, type=_port, help="port to listen on (8000)")
    return parser.parse_args(words)


def claim(asked: argparse.Namespace) -> None:
    """Refuse a taken port before anything is started, and give links the address people will type."""
    family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((asked.host, asked.port))
        except OSError as error:
            raise terminal.Refusal(
                f"Port {asked.port} of {asked.host} cannot be used ({error.strerror}): choose another with --port."
            ) from error
    os.environ.setdefault("CAIRN_PUBLIC_URL", f"http://{_reachable(asked.host)}:{asked.port}")


def public_url(asked: argparse.Namespace) -> str:
    """Return the address to type on this machine."""
    return f"http://{_reachable(asked.host)}:{asked.port}"


def answers(asked: argparse.Namespace) -> bool:
    """Say whether something accepts connections at the address."""
    host = _reachable(asked.host).strip("[]")
    try:
        with socket.create_connection((host, asked.port), timeout=1):
            return True
    except OSError:
        return False


def web_child(asked: argparse.Namespace) -> Child:
    """Granian with our pages; its own variables (GRANIAN_WORKERS and the like) tune it."""
    tuned = {
        "GRANIAN_WORKERS": str(min(2, os.cpu_count() or 1)),
        "GRANIAN_BLOCKING_THREADS": "4",
        "GRANIAN_LOG_LEVEL": "warning",
        "GRANIAN_RESPAWN_FAILED_WORKERS": "true",
        "GRANIAN_WORKERS_KILL_TIMEOUT": "15",
    }
    environment = {name: os.environ.get(name, value) for name, value in tuned.items()}
    where = ["--host", asked.host, "--port", str(asked.port)]
    command = [*_PYTHON, "-m", "cairn.cli.serving", "--interface", "wsgi", "--no-ws", *where, serving.APPLICATION]
    return Child(name="web server", command=command, environment=environment)


def worker_child() -> Child:
    """The queue's worker; running jobs get some seconds to finish when it is told to end.

    Four at a time: one that waits for somebody else's calendar or mail server keeps no other waiting.
    """
    command = [*_PYTHON, "-m", "cairn.cli", "worker", "--shutdown-graceful-timeout", "15", "--concurrency", "4"]
    return Child(name="worker", command=command, listens=True)


def _announce(supervisor: Supervisor, pages: Child, asked: argparse.Namespace) -> None:
    supervisor.wait_for(lambda: answers(asked), pages, patience=WEB_PATIENCE)
    terminal.say(f"Pages are served at {public_url(asked)}. Ctrl-C stops it.")


def _reachable(host: str) -> str:
    if host in ANYWHERE:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number
