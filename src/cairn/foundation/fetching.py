"""Fetching from addresses that people give: into the open net only, and never more or longer than was asked for.

Whoever names an address could name a machine beside ours. So a name is resolved here, every address it stands for is
checked, and the connection goes to the very address that was checked; each redirect goes through the same gate. Size
and time are bounded over the whole exchange, however slowly or however well packed the other side answers. Nothing
comes from the environment: no proxy, no cookie, no password of anybody else.
"""

import base64
import ipaddress
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Any

import httpcore
import httpx
from django.conf import settings

PORTS = frozenset({80, 443, 8443})
STANDARD = {"http": 80, "https": 443}
AGENT = "Cairn"
FIRST_TRY = 4.0  # seconds for an address that is not a name's last: one that leads nowhere leaves time for the next
CHUNK = 65_536
MOVED = frozenset({301, 302, 303, 307, 308})
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What the library knows nothing of: addresses of protocols, relays that lead to wherever they like, and, in versions
# of Python that do not know them yet, translation inside one's own net and addresses for examples. The last one is
# where a large host of machines serves each of them its own settings.
SPECIAL = ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "168.63.129.16/32")
CLOSED = tuple(ipaddress.ip_network(text) for text in SPECIAL)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """Cairn does not go there. `why`: address, scheme, port, private, secret, downgrade."""

    def __init__(self, why: str) -> None:
        """Keep the key of the reason; the address itself may be a secret."""
        super().__init__(why)
        self.why = why


class Unreachable(Exception):
    """No whole answer came. `kind`: name, connection, certificate, slow, large, redirects, broken."""

    def __init__(self, kind: str) -> None:
        """Keep the key of what went wrong."""
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Answer:
    """What came back. Names of headers are in small letters; `address` is where the last redirect led."""

    status: int
    headers: dict[str, str]
    body: bytes
    address: str = ""


def fetch(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    user: str = "",
    password: str = "",
    most_bytes: int,
    seconds: float,
    redirects: int = 3,
) -> Answer:
    """Ask one address once. `most_bytes` bounds the content after unpacking, `seconds` the whole exchange.

    User and password go to the host that was named and to no other, and never in clear. Any status is an answer.
    Raises Refused and Unreachable.
    """
    until = time.monotonic() + seconds
    target, asked = _url(address), dict(headers or {})
    own = target
    for _ in range(redirects + 1):
        secret = (user, password) if _origin(target) == _origin(own) else ("", "")
        sent = _headers(target, asked, *secret)
        answer = _exchange(method, target, sent, body, most_bytes=most_bytes, until=until)
        onward = answer.headers.get("location", "")
        if answer.status not in MOVED or not onward or redirects == 0:
            return answer
        target = _onward(target, onward)
        if answer.status == 303 or (method == "POST" and answer.status in {301, 302}):
            method, body = "GET", None
        if _origin(target) != _origin(own):
            asked = {name: value for name, value in asked.items() if name.lower() not in SECRET_HEADERS}
    raise Unreachable("redirects")


def check(address: str) -> None:
    """Whether the look of an address allows to go there; its name is not resolved. Raises Refused."""
    _url(address)


def is_literally_closed(address: str) -> bool:
    """Whether an address names, without asking anybody, a machine where Cairn does not go.

    A number in any of the spellings that a resolver takes (`0x7f.1`, `2130706433`), or `localhost`. An address that
    `check` lets pass.
    """
    return is_closed_host(httpx.URL(address).host)


def is_closed_host(host: str) -> bool:
    """The same of a host alone, for whoever speaks another protocol."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return not is_open(ipaddress.IPv4Address("127.0.0.1"))
    try:
        return not is_open(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return not is_open(ipaddress.IPv4Address(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return False


def may_carry_password(address: str) -> bool:
    """Whether a password may be sent along: only over TLS, but for this machine where the settings allow it."""
    return address.lower().startswith("https:") or bool(settings.CAIRN_FETCH_LOCAL)


def open_addresses(host: str, port: int, until: float) -> list[str]:
    """What a name stands for, for whoever speaks another protocol: connect to these alone. `until` is monotonic.

    Raises Refused when any of them lies where Cairn does not go, Unreachable.
    """
    addresses = _resolved(host.strip("[]"), port, until)
    if not all(is_open(address) for address in addresses):
        raise Refused("private")
    return [str(address) for address in addresses]


def is_open(address: Address) -> bool:
    """Whether an address lies in the open net, or on this machine where the settings allow that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_open(inner)
    if address.is_loopback:
        return bool(settings.CAIRN_FETCH_LOCAL)
    if any(address in network for network in CLOSED):
        return False
    closed = address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified
    return address.is_global and not closed and not getattr(address, "is_site_local", False)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this one end up at: mapped, 6to4 or translated."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _url(address: str | httpx.URL) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise Refused("address") from error
    if url.scheme not in STANDARD:
        raise Refused("scheme")
    port = url.port or STANDARD[url.scheme]
    if not url.host or "%" in url.host or url.userinfo or port > 65_535:
        raise Refused("address")
    if port not in PORTS and not settings.CAIRN_FETCH_LOCAL:
        raise Refused("port")
    return url.copy_with(fragment=None)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or STANDARD[url.scheme]


def _onward(here: httpx.URL, location: str) -> httpx.URL:
    try:
        joined = here.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("address") from error
    target = _url(joined)
    if here.scheme == "https" and target.scheme == "http":
        raise Refused("downgrade")
    return target


def _headers(target: httpx.URL, asked: dict[str, str], user: str, password: str) -> list[tuple[bytes, bytes]]:
    sent = {"host": target.netloc.decode(), "user-agent": AGENT, "accept-encoding": "identity"}
    sent.update({name.lower(): value for name, value in asked.items()})
    if user or password:
        sent["authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if SECRET_HEADERS & sent.keys() and not may_carry_password(str(target)):
        raise Refused("secret")
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()]
    except UnicodeEncodeError as error:
        raise Refused("address") from error


def _exchange(
    method: str,
    target: httpx.URL,
    headers: list[tuple[bytes, bytes]],
    body: bytes | None,
    *,
    most_bytes: int,
    until: float,
) -> Answer:
    if body is not None:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    url = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    backend = _Network(until)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=backend, retries=0) as pool,
            pool.stream(method, url, headers=headers, content=body) as response,
        ):
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            whole = _read(response.iter_stream(), found.get("content-encoding", ""), most_bytes, until)
            return Answer(response.status, found, whole, str(target))
    except httpcore.TimeoutException as error:
        raise Unreachable("slow") from error
    except httpcore.ConnectError as error:
        raise Unreachable(_kind(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise Unreachable("broken") from error


def _kind(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "certificate"
        cause = cause.__cause__ or cause.__context__
    return "connection"


def _read(parts: Iterable[bytes], encoding: str, most_bytes: int, until: float) -> bytes:
    """The content, unpacked no further than the bound. Raises Unreachable."""
    encoding = encoding.strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreachable("broken")
    packed = "gzip" in encoding
    opener, whole = zlib.decompressobj(wbits=31), bytearray()
    for part in parts:
        if time.monotonic() > until:
            raise Unreachable("slow")
        whole += _unpacked(opener, part, most_bytes - len(whole) + 1) if packed else part
        if len(whole) > most_bytes or opener.unconsumed_tail:
            raise Unreachable("large")
        if opener.unused_data:
            raise Unreachable("broken")
    if packed and not opener.eof:
        raise Unreachable("broken")
    return bytes(whole)


def _unpacked(opener: Any, part: bytes, most: int) -> bytes:
    try:
        return bytes(opener.decompress(part, most))
    except zlib.error as error:
        raise Unreachable("broken") from error


@cache
def _certificates() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps ends at the deadline of the whole exchange."""

    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner, self._until = inner, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), CHUNK):
            self._inner.write(buffer[start : start + CHUNK], _left(self._until, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._until, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, until: float) -> None:
        self._until, self._sockets = until, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolved(host.strip("[]"), port, self._until)
        if not all(is_open(address) for address in addresses):
            raise Refused("private")
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, FIRST_TRY)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port)

    def _connected(self, address: Address, port: int, most: float = inf) -> httpcore.NetworkStream:
        left = min(_left(self._until, httpcore.ConnectTimeout), most)
        return _Stream(self._sockets.connect_tcp(str(address), port, timeout=left), self._until)

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Refused("address")


def _left(until: float, late: type[httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late
    return left


def _resolved(host: str, port: int, until: float) -> list[Address]:
    """What a name stands for. A resolver knows no deadline, so it is asked beside and left behind when it is late."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(host, port, found), daemon=True).start()
    try:
        answer = found.get(timeout=_left(until, httpcore.ConnectTimeout))
    except queue.Empty as error:
        raise Unreachable("slow") from error
    if not answer:
        raise Unreachable("name")
    return [ipaddress.ip_address(text.partition("%")[0]) for text in answer]


def _ask(host: str, port: int, found: "queue.SimpleQueue[Any]") -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found.put(None)
    else:
        found.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
