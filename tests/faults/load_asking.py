"""Requests as browsers and other systems send them, timed: over HTTP to web processes, or straight into the handler."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
CSRF = "c" * 32
PATIENCE = 600.0


@dataclass(frozen=True)
class Answer:
    """What came back. Status 0: nothing did."""

    status: int
    location: str
    body: str


@dataclass
class Who:
    """Somebody at a browser (the key of their session) or another system (its token)."""

    session: str = ""
    token: str = ""


class Line(Protocol):
    """A way to send a request."""

    def send(self, method: str, path: str, who: Who, body: bytes, kind: str) -> Answer:
        """Ask, and wait for the answer."""


@dataclass
class Asking:
    """Sends requests and keeps how long each took, in seconds, and how many were answered with which status."""

    line: Line
    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str, who: Who) -> Answer:
        """Look at a page."""
        return self._ask("GET", path, who, b"", FORM)

    def post(self, path: str, who: Who, values: Mapping[str, Any]) -> Answer:
        """Send a form."""
        body = urlencode({"csrfmiddlewaretoken": CSRF, **values}).encode()
        return self._ask("POST", path, who, body, FORM)

    def post_json(self, path: str, who: Who, body: bytes) -> Answer:
        """Send what another system sends."""
        return self._ask("POST", path, who, body, JSON)

    def _ask(self, method: str, path: str, who: Who, body: bytes, kind: str) -> Answer:
        began = time.perf_counter()
        answer = self.line.send(method, path, who, body, kind)
        took = time.perf_counter() - began
        with self._lock:
            self.seconds.append(took)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            if answer.status == 0 or answer.status >= 500:
                self.errors.append(f"{answer.status} {method} {path}: {answer.body[:300]}")
        return answer

    def slowest(self, share: float) -> float:
        """The time within which this share of the requests was answered, in seconds."""
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def count(self, least: int, most: int) -> int:
        """How many answers had a status from `least` to `most`."""
        return sum(number for status, number in self.statuses.items() if least <= status <= most)


class OverHttp:
    """One connection for each thread, kept open like that of a browser."""

    def __init__(self, port: int) -> None:
        """`port` on this machine."""
        self._port, self._own = port, threading.local()

    def send(self, method: str, path: str, who: Who, body: bytes, kind: str) -> Answer:
        """A kept connection that the server has closed meanwhile is opened once more."""
        for attempt in (0, 1):
            kept = getattr(self._own, "line", None)
            try:
                return self._once(method, path, who, body, kind)
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                self._own.line = None
                if kept is None or attempt:
                    return Answer(0, "", repr(error))
            except (OSError, http.client.HTTPException) as error:
                self._own.line = None
                return Answer(0, "", repr(error))
        return Answer(0, "", "")

    def _once(self, method: str, path: str, who: Who, body: bytes, kind: str) -> Answer:
        if getattr(self._own, "line", None) is None:
            self._own.line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        self._own.line.request(method, path, body or None, _headers(who, kind))
        response = self._own.line.getresponse()
        text = response.read().decode("utf-8", "replace")
        return Answer(response.status, response.headers.get("Location", ""), text)


class InProcess:
    """Straight into the handler, with everything that stands before it; for the short form."""

    def __init__(self) -> None:
        """Each thread has a connection to the database of its own, closed by `hang_up`."""
        from django.test import Client

        self._make = lambda: Client(raise_request_exception=False, enforce_csrf_checks=True)

    def send(self, method: str, path: str, who: Who, body: bytes, kind: str) -> Answer:
        """A new client for each request: cookies come from `who`."""
        client = self._make()
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in _headers(who, kind).items()}
        named.pop("HTTP_CONTENT_TYPE")
        response = client.generic(method, path, body, content_type=kind, **named)
        return Answer(response.status_code, response.headers.get("Location", ""), response.content.decode())


def _headers(who: Who, kind: str) -> dict[str, str]:
    if who.token:
        key = f"{threading.get_ident()}-{time.perf_counter_ns()}"
        return {"Authorization": f"Bearer {who.token}", "Content-Type": kind, "Idempotency-Key": key}
    return {"Cookie": f"sessionid={who.session}; csrftoken={CSRF}", "Content-Type": kind}


@contextmanager
def web_processes(port: int, count: int, log: Path) -> Iterator[None]:
    """So many processes of the web server behind one port, on the database and the state of this process."""
    own = os.environ | {"GRANIAN_WORKERS": str(count), "CAIRN_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with log.open("wb") as told:
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "cairn.cli", "web", "--port", str(port)],
            env=own,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(server, port, log)
        yield
    finally:
        server.terminate()
        server.wait(30)


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Until pages are answered; each process has loaded everything once it has answered a few."""
    deadline = time.monotonic() + 120
    answered = 0
    while answered < 20:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        answered = answered + 1 if OverHttp(port).send("GET", "/", Who(), b"", FORM).status == 200 else 0
        time.sleep(0 if answered else 0.2)
