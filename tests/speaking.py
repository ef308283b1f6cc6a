"""Small servers on this machine that answer as a test wants: they speak bytes, so they may also speak nonsense."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Reply = Callable[[socket.socket, bytes], None]


@dataclass
class Speaking:
    """A server under way and what it heard, one whole request after the other."""

    port: int
    heard: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/"


def whole(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """One complete answer. `Content_Encoding` stands for Content-Encoding."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def speaking(reply: Reply | bytes, *, first: bool = False) -> Iterator[Speaking]:
    """A server that gives every request this answer, or lets a function write it; `first`: before it was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Speaking(listener.getsockname()[1])
    thread = threading.Thread(target=_serve, args=(listener, server, reply, first), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _serve(listener: socket.socket, server: Speaking, reply: Reply | bytes, first: bool) -> None:
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        with caller, contextlib.suppress(OSError):
            caller.settimeout(5)
            request = b"" if first else _request(caller)
            server.heard.append(request)
            caller.sendall(reply) if isinstance(reply, bytes) else reply(caller, request)


def _request(caller: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += caller.recv(65536) or b"\r\n\r\n"
    head, _, body = found.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += caller.recv(65536) or b" " * length
    return head + b"\r\n\r\n" + body
