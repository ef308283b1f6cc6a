"""Reading a mailbox over IMAP with TLS: what has come since the last time, and never more or longer than was asked for.

The mailbox is opened read-only and nothing in it is changed. A server that hangs, drips or floods is cut off.
"""

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cairn.foundation import fetching

PORTS = frozenset({993})
SIZE = re.compile(rb"UID (\d+).*RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*UID (\d+)")
LONGEST_LINE = 100_000
MOST_IN_ALL = 40_000_000
WINDOW = 2_000  # so many numbers are looked through at once


class Unreadable(Exception):
    """The mailbox was not read. `problem` is a key: private, port, name, connection, certificate, slow,
    sign_in, broken."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Account:
    """Where a mailbox is and how one signs in."""

    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True)
class Came:
    """What has come: whole mails in order. `last_uid` and `uid_validity` are where to go on from the next time."""

    messages: tuple[bytes, ...]
    last_uid: int
    uid_validity: int


def read(
    account: Account,
    *,
    last_uid: int,
    uid_validity: int,
    most: int = 100,
    most_bytes: int = 300_000,
    seconds: float = 20,
) -> Came:
    """The mails above `last_uid`, at most so many; one larger than `most_bytes` is passed over.

    The first time, or when the server has numbered the mailbox anew (UIDVALIDITY), only what comes from now on counts.
    Raises Unreadable.
    """
    with _opened(account, seconds, most_bytes) as server:
        validity = _number(server.untagged_responses.get("UIDVALIDITY"))
        newest = max(_number(server.untagged_responses.get("UIDNEXT")) - 1, 0)
        if validity != uid_validity:
            return Came((), newest, validity)
        end = min(last_uid + WINDOW, newest)
        if end <= last_uid:
            return Came((), last_uid, validity)
        found = _sizes(server.uid("FETCH", f"{last_uid + 1}:{end}", "(UID RFC822.SIZE)")[1], above=last_uid)
        messages = [_whole(server, uid) for uid, size in found[:most] if size <= most_bytes]
        reached = found[most - 1][0] if len(found) > most else end
        return Came(tuple(each for each in messages if each), reached, validity)


def check(account: Account, *, seconds: float = 10) -> None:
    """Whether the mailbox can be opened. Raises Unreadable."""
    with _opened(account, seconds, 10_000):
        return


@contextmanager
def _opened(account: Account, seconds: float, most_bytes: int) -> Iterator["_Server"]:
    until = time.monotonic() + seconds
    if account.port not in PORTS and not settings.CAIRN_FETCH_LOCAL:
        raise Unreadable("port")
    server = None
    try:
        addresses = fetching.open_addresses(account.host, account.port, until)
        server = _Server(account, addresses, until, most_bytes)
        _sign_in(server, account)
        if server.select("INBOX", readonly=True)[0] != "OK":
            raise Unreadable("broken")
        yield server
    except fetching.Refused as refused:
        raise Unreadable(refused.why) from refused
    except fetching.Unreachable as unreachable:
        raise Unreadable(unreachable.kind) from unreachable
    except ssl.SSLCertVerificationError as error:
        raise Unreadable("certificate") from error
    except (imaplib.IMAP4.error, OSError, ValueError, IndexError) as error:
        if isinstance(error, TimeoutError) or time.monotonic() >= until:
            raise Unreadable("slow") from error
        raise Unreadable("broken" if server is not None else "connection") from error
    finally:
        if server is not None:
            server.hang_up()


def _sign_in(server: "_Server", account: Account) -> None:
    if not (account.user + account.password).isprintable():
        raise Unreadable("sign_in")
    user = account.user.replace("\\", "\\\\").replace('"', '\\"')
    try:
        server.login(f'"{user}"', account.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        raise Unreadable("sign_in") from error


def _sizes(lines: Sequence[Any], *, above: int) -> list[tuple[int, int]]:
    """(UID, size) pairs in order. `*` answers with the last mail even where nothing is new."""
    found = []
    for line in lines:
        match = SIZE.search(line if isinstance(line, bytes) else b"")
        if match:
            uid, size = (int(each) for each in match.groups() if each)
            found.append((uid, size) if match.group(1) else (size, uid))
    return sorted(pair for pair in found if pair[0] > above)


def _whole(server: "_Server", uid: int) -> bytes:
    parts = server.uid("FETCH", str(uid), "(BODY.PEEK[])")[1]
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")


def _number(answer: Sequence[Any] | None) -> int:
    return int(answer[0]) if answer and answer[0] else 0


class _Server(imaplib.IMAP4_SSL):
    """A connection to one of the addresses that were checked, which ends at its time whatever the other side does."""

    def __init__(self, account: Account, addresses: Sequence[str], until: float, most_bytes: int) -> None:
        self._addresses, self._until = addresses, until
        self._most, self._all = most_bytes + 10_000, MOST_IN_ALL
        self._line: socket.socket | None = None
        left = self._left()
        self._watch = threading.Timer(left, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(account.host, account.port, timeout=left)
        except BaseException:
            self.hang_up()
            raise

    def open(self, host: str = "", port: int | None = 993, timeout: float | None = None) -> None:
        """Connect to a checked address, and believe only a certificate for the name that was given."""
        self.host, self.port = host, port or 993
        self._line = self._reached()
        context = ssl.create_default_context()
        sealed = context.wrap_socket(self._line, server_hostname=host, do_handshake_on_connect=False)
        self._line = self.sock = sealed
        sealed.do_handshake()
        self._stream = sealed.makefile("rb")

    def _reached(self) -> socket.socket:
        """The first address that answers, as when anything else is fetched."""
        for address in self._addresses[:-1]:
            with suppress(OSError):
                line = socket.create_connection((address, self.port), min(self._left(), fetching.FIRST_TRY))
                line.settimeout(self._left())
                return line
        return socket.create_connection((self._addresses[-1], self.port), self._left())

    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.1)

    def read(self, size: int) -> bytes:
        """No piece is larger than a mail may be, and all together no more than is fair."""
        if size > self._most:
            raise self.error("too large")
        return self._counted(self._stream.read(size))

    def readline(self) -> bytes:
        """No line is endless."""
        line = self._stream.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise self.error("too long")
        return self._counted(line)

    def shutdown(self) -> None:
        """End without waiting for a word."""
        self.hang_up()

    def hang_up(self) -> None:
        """The same."""
        self._watch.cancel()
        self._cut()
        if self._line is not None:
            self._line.close()

    def _counted(self, part: bytes) -> bytes:
        self._all -= len(part)
        if self._all < 0:
            raise self.error("too much")
        return part

    def _cut(self) -> None:
        """From beside: whoever waits for the other side waits no more."""
        if self._line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)
