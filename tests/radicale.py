"""A real CalDAV server for the tests: Radicale on a free port of this machine, started when first asked for."""

import base64
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "halina", "green lichen 7"
SETTINGS = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/storage
[logging]
level = error
"""
CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><displayname>{name}</displayname>
</prop></set></C:mkcalendar>"""


@dataclass(frozen=True)
class Radicale:
    """The server as one of its users knows it."""

    address: str
    user: str
    password: str
    folder: Path

    @property
    def home(self) -> str:
        """The address under which the user's calendars lie."""
        return f"{self.address}{self.user}/"

    def collection(self, name: str) -> str:
        """The address of the user's calendar with this name, made when it was not there."""
        address = f"{self.home}{name}/"
        try:
            self.ask("MKCALENDAR", address, CALENDAR.format(name=name))
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
        return address

    def put(self, collection: str, text: str, name: str = "event") -> str:
        """Keep one iCalendar object in a calendar, in place of any of this name. Returns its address."""
        address = f"{collection}{name}.ics"
        self.ask("PUT", address, text)
        return address

    def delete(self, address: str) -> None:
        """Take an object or a whole calendar away."""
        self.ask("DELETE", address)

    def ask(self, method: str, address: str, body: str = "") -> str:
        """One request as the user. Raises urllib.error.HTTPError."""
        pass_word = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            address, body.encode() or None, {"Authorization": f"Basic {pass_word}"}, method=method
        )
        if method == "PUT":
            request.add_header("Content-Type", "text/calendar; charset=utf-8")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="session")
def radicale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """The server of this test process."""
    folder = tmp_path_factory.mktemp("radicale")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    (folder / "settings").write_text(SETTINGS.format(port=port, folder=folder))
    server = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", str(folder / "settings")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, server)
        yield Radicale(f"http://127.0.0.1:{port}/", USER, PASSWORD, folder / "storage")
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def radicale(radicale_server: Radicale) -> Radicale:
    """The server with no calendar in it."""
    shutil.rmtree(radicale_server.folder / "collection-root", ignore_errors=True)
    return radicale_server


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Radicale did not start")
