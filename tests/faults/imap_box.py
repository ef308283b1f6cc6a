"""A mail server whose mailbox holds what it is given, or that misbehaves as it is told. Speaks IMAP over TLS, and as
much of it as a client needs."""

import datetime as dt
import ipaddress
import re
import socketserver
import ssl
import threading
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Mood = Literal["serve", "hang", "drip", "flood", "garble"]
"""Serve; say nothing after the greeting; send a letter now and then without end; announce a mail beyond all measure;
answer nonsense."""
USER, PASSWORD = "replies", 'green "moss" \\7'


def certificate(folder: Path) -> Path:
    """A certificate for this machine that only who is given it believes, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "imap.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Box(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine; use as a context manager. `mails` are the mailbox, by UID from 1."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, pem: Path, mood: Mood = "serve") -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood: Mood = mood
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        self.calls = 0
        self.let_go = threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def put(self, mail: bytes) -> int:
        """A mail arrives. Returns its UID."""
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = mail
        return uid

    def __exit__(self, *details: object) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.BaseRequestHandler):
    server: Box

    def handle(self) -> None:
        self.server.calls += 1
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as line:
                self._talk(line)
        except OSError:
            return  # the client has hung up

    def _talk(self, line: ssl.SSLSocket) -> None:
        heard = line.makefile("rb")

        def say(text: bytes) -> None:
            line.sendall(text + b"\r\n")

        say(b"* OK box")
        while words := heard.readline().decode("ascii", "replace").strip():
            tag, _, rest = words.partition(" ")
            verb = rest.upper()
            if self.server.mood == "hang":
                self.server.let_go.wait(30)
                return
            if self.server.mood == "drip":
                while not self.server.let_go.wait(0.05):
                    line.sendall(b"*")
                return
            if verb.startswith("LOGIN"):
                good = (
                    rest.partition(" ")[2] == f'"{USER}" "' + PASSWORD.replace("\\", "\\\\").replace('"', '\\"') + '"'
                )
                say(f"{tag} {'OK in' if good else 'NO not you'}".encode())
            elif verb.startswith("EXAMINE"):
                say(f"* {len(self.server.mails)} EXISTS".encode())
                say(f"* OK [UIDVALIDITY {self.server.validity}] so".encode())
                say(f"* OK [UIDNEXT {max(self.server.mails, default=0) + 1}] next".encode())
                say(f"{tag} OK [READ-ONLY] open".encode())
            elif verb.startswith("UID FETCH"):
                self._fetch(rest, say)
                say(f"{tag} OK done".encode())
            else:
                say(b"* CAPABILITY IMAP4rev1" if verb == "CAPABILITY" else b"* BAD")
                say(f"{tag} OK so".encode())

    def _fetch(self, rest: str, say) -> None:
        mood = self.server.mood
        first, _, last = re.search(r"FETCH (\d+)(:?)(\d*)", rest).groups()
        uids = [uid for uid in sorted(self.server.mails) if int(first) <= uid <= int(last or first)]
        for number, uid in enumerate(uids, 1):
            mail = self.server.mails[uid]
            if mood == "garble":
                say(b"* \xff\x00 (((")
            elif "BODY" not in rest:
                say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(mail)})".encode())
            else:
                size = 10**12 if mood == "flood" else len(mail)
                say(f"* {number} FETCH (UID {uid} BODY[] {{{size}}}".encode())
                say(mail + b")")
