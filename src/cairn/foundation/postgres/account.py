"""Which operating system account runs the server, and how a program is started under it.

PostgreSQL refuses to run as root, so root hands the server to a locked system account of its own.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cairn.foundation.postgres.problems import PostgresProblem

SYSTEM_ACCOUNT = "cairn-postgres"
LAST_RESORT = "nobody"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """The account that owns the cluster's files and runs the server."""

    name: str
    uid: int
    gid: int
    borrowed: bool
    """Whether it is another account than our own, which only root can arrange."""

    def spawn_options(self) -> dict[str, Any]:
        """Arguments for ``subprocess`` that make a program run as this account, with a clean environment."""
        clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
        options: dict[str, Any] = {"env": clean, "umask": 0o077, "stdin": subprocess.DEVNULL}
        if self.borrowed:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def can(self, test: str, path: Path) -> bool:
        """Say whether this account passes ``test`` (``-x``, ``-r``) on ``path``: asked of the system, so ACLs count."""
        if not self.borrowed:
            return os.access(path, {"-x": os.X_OK, "-r": os.R_OK}[test])
        asked = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", f'test {test} "$0"', str(path)], cwd="/", check=False, **self.spawn_options()
        )
        return asked.returncode == 0

    def give(self, folder: Path) -> None:
        """Make this account the owner of ``folder`` and all that is in it."""
        if not self.borrowed:
            return
        os.lchown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in [*folders, *files]:
                os.lchown(Path(parent) / name, self.uid, self.gid)


def server_account(*, make: bool = True) -> Account:
    """Return the account for the server: our own, or, for root, a locked system account, by default made if missing."""
    if os.geteuid() != 0:
        own = _entry(os.geteuid())
        return Account(name=own.pw_name, uid=own.pw_uid, gid=own.pw_gid, borrowed=False)
    entry = _named(SYSTEM_ACCOUNT) or (_make_system_account() if make else None) or _named(LAST_RESORT)
    if entry is None:
        raise PostgresProblem(
            f"PostgreSQL does not run as root, and the account {SYSTEM_ACCOUNT} could not be created: "
            "create it, or run cairn as an ordinary account."
        )
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, borrowed=True)


def own_name() -> str:
    """Return the name of the account this process runs as."""
    return _entry(os.geteuid()).pw_name


def die_with_parent(send: signal.Signals) -> Callable[[], None]:
    """Return a ``preexec_fn``: the child gets ``send`` when the thread that started it ends, even by SIGKILL.

    Only Linux can do this; elsewhere it does nothing.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(send))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise PostgresProblem(
            f"The account with number {uid} has no name on this machine, which PostgreSQL needs: "
            "give it one, or set DATABASE_URL to a database elsewhere."
        ) from None


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make_system_account() -> pwd.struct_passwd | None:
    for command in _account_commands():
        if shutil.which(command[0]):
            subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
            break
    return _named(SYSTEM_ACCOUNT)


def _account_commands() -> Sequence[list[str]]:
    nowhere = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    return [
        ["useradd", *nowhere, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", SYSTEM_ACCOUNT],
    ]
