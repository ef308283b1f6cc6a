"""A mail server that keeps what it is sent, or misbehaves as it is told. Speaks as much SMTP as a client needs."""

import contextlib
import email
import socketserver
import threading
from email.message import Message
from typing import Literal

Mood = Literal["take", "refuse", "later", "hang", "cut", "hold", "taciturn", "dribble"]
"""Take the mail; refuse the recipient for good; refuse it for now; accept the call and say nothing; take the mail and
hang up without a word; take the mail and keep the client waiting for an answer until `let_go`; take the mail, say so,
and say nothing to the goodbye; greet one letter at a time and never come to an end."""


class Sink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine; use as a context manager. `received` is what was handed over."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mood: Mood = "take") -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood: Mood = mood
        self.calls = 0
        self.received: list[Message] = []
        self.something_came = threading.Event()
        self.let_go = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def ids(self) -> list[str]:
        """The Message-IDs received, in order."""
        return [str(mail["Message-ID"]) for mail in self.received]

    def __exit__(self, *details: object) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.server.calls += 1
        if self.server.mood == "hang":
            self.server.something_came.set()
            self.server.let_go.wait(30)
            return
        if self.server.mood == "dribble":
            self._dribble()
            return
        self._say("220 sink")
        while words := self.rfile.readline().decode("ascii", "replace").strip():
            verb = words.split(":")[0].split()[0].upper()
            if verb == "DATA":
                if not self._take():
                    return
            elif verb == "RCPT" and self.server.mood == "refuse":
                self._say("550 nobody of that name")
            elif verb == "RCPT" and self.server.mood == "later":
                self._say("451 not now")
            elif verb == "QUIT" and self.server.mood == "taciturn":
                self.server.let_go.wait(30)
                return
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> bool:
        """Read one mail and answer as the mood is; False ends the conversation."""
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mood = self.server.mood
        self.server.received.append(email.message_from_bytes(b"".join(lines)))
        self.server.something_came.set()
        if mood == "hold":
            self.server.let_go.wait(30)
        if mood in ("hold", "cut"):
            return False
        self._say("250 taken")
        return True

    def _dribble(self) -> None:
        with contextlib.suppress(OSError):
            while not self.server.let_go.wait(0.1):
                self.wfile.write(b"2")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
