"""Making a cluster: complete or not at all, closed to everybody but the account that runs Cairn."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.foundation.postgres.account import Account, own_name
from cairn.foundation.postgres.binaries import Binaries
from cairn.foundation.postgres.problems import PostgresProblem, from_output

DATABASE = "cairn"
ROLE = "cairn"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes the kernel leaves for the path of a Unix socket
PLACES_FOR_ROOT = Path("/var/lib/cairn")


@dataclass(frozen=True)
class Place:
    """Where one cluster lives: its data, its log, its socket."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The folder for the socket: in the place itself, or a short one when that path does not do.

        It may be too long for the kernel; and clients take a comma for the beginning of a second address.
        """
        near = self.folder / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and "," not in str(near):
            return near
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        base = Path("/run") if self.account.borrowed and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
        return base / f"cairn-{self.account.uid}-{mark}"

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    @property
    def major(self) -> int | None:
        """The major version of PostgreSQL that made the cluster, or nothing when there is none yet."""
        if not self.exists:
            return None
        return int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())


def place_in(state: Path, account: Account) -> Place:
    """Return the place of the cluster of this state folder.

    It is the state folder itself; but where root's folders are closed to the account that runs the server, the cluster
    lives under /var/lib/cairn and ``<state>/cluster`` is a link to it.
    """
    link = state / "cluster"
    if link.is_symlink():
        if not link.exists():
            raise PostgresProblem(
                f"The database of {state} should be in {link.readlink()}, which is gone: "
                f"bring that folder back, or remove {link} to begin anew."
            )
        return Place(folder=link.resolve().parent, account=account)
    if link.exists() or account.can("-x", state):
        return Place(folder=state, account=account)
    PLACES_FOR_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
    return Place(folder=open_folder(PLACES_FOR_ROOT), account=account)


def open_folder(base: Path) -> Path:
    """Make a new folder in ``base`` that other accounts may pass through but not list."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-", dir=base))
    folder.chmod(0o711)
    return folder


def create(place: Place, binaries: Binaries, *, settings: Sequence[str], sync: bool = True) -> None:
    """Make the cluster with the database ``cairn`` and its owner. An interrupted attempt leaves no cluster behind."""
    account = place.account
    fresh = place.folder / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.give(fresh)
    command = [
        *(str(binaries.program("initdb")), "-D", str(fresh), "-U", SUPERUSER, "--encoding=UTF8"),
        *(*_locale(binaries), "--data-checksums", "--auth=peer", "--no-instructions"),
        *([] if sync else ["--no-sync"]),
    ]
    _run(command, place, "")
    statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
    alone = [str(binaries.program("postgres")), "--single", "-D", str(fresh), *settings, "postgres"]
    said = _run(alone, place, statements)
    if re.search(r"\b(ERROR|FATAL|PANIC):", said):
        raise from_output(said.replace("ERROR:", "error:"), place.folder, place.log)
    fresh.rename(place.data)


def write_access_rules(place: Place) -> None:
    """Let in whoever runs Cairn, and nobody else: the kernel vouches for the account at the socket's other end."""
    names = sorted({own_name(), place.account.name})
    rules = {
        "pg_hba.conf": "local all all peer map=cairn\n",
        "pg_ident.conf": "".join(f'cairn "{name}" {role}\n' for name in names for role in (ROLE, SUPERUSER)),
    }
    for name, text in rules.items():
        # The folder belongs to the server's account: root must not be led elsewhere by a link in it.
        handle = os.open(place.data / name, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def make_sockets_folder(place: Place) -> Path:
    """Make the folder for the socket, closed to other accounts; refuse one that somebody else put there."""
    folder, account = place.sockets, place.account
    try:
        folder.mkdir(mode=0o700)
        if account.borrowed:
            os.lchown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
            raise PostgresProblem(
                f"The folder {folder}, meant for the database's socket, belongs to somebody else: remove it."
            ) from None
        if account.borrowed:
            os.lchown(folder, account.uid, account.gid)
        folder.chmod(0o700)
    return folder


def _locale(binaries: Binaries) -> list[str]:
    if binaries.major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8", "--lc-messages=C"]


def _run(command: list[str], place: Place, typed: str) -> str:
    """Run a program that makes the cluster and return all it said; raise ``PostgresProblem`` when it failed."""
    options = place.account.spawn_options() | {"cwd": "/"}
    options.pop("stdin")
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603
        command, check=False, input=typed, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    if done.returncode != 0:
        raise from_output(done.stdout, place.folder, place.log)
    return done.stdout
