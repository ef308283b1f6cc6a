"""The state folder: the one place on disk where an installation keeps what is its own.

Cheap to import and free of Django, because the settings themselves ask here.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from pathlib import Path

SECRET_BYTES = 48  # 64 characters once encoded
_SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class StateProblem(Exception):
    """The state folder cannot be used; the text is a sentence for the person who runs the installation."""


def state_dir() -> Path:
    """Return the state folder as an absolute path: ``CAIRN_STATE``, or the account's own data folder.

    The folder is not created here.
    """
    chosen = os.environ.get("CAIRN_STATE", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("cairn", appauthor=False))


def make_state_dir(folder: Path) -> Path:
    """Create ``folder`` if it is missing, closed to other accounts, and return it. Raises ``StateProblem``."""
    # Root's database runs under another account, which has to pass through; what is secret has its own closed folder.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise StateProblem(f"The state folder {folder} cannot be created: {error.strerror}.") from error
    return folder


def secret(name: str, *, folder: Path | None = None) -> str:
    """Return the secret called ``name``, made on first use and the same ever after.

    It is kept in ``<state>/secrets/<name>``, readable by the owner only. Two processes that ask at the same moment
    get the same answer: the file appears complete or not at all, and the first one wins. Raises ``StateProblem``.
    """
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError(f"not a name for a secret: {name!r}")
    home = make_state_dir(folder or state_dir()) / "secrets"
    path = home / name
    try:
        home.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(SECRET_BYTES))
        value = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not plain text"
        raise StateProblem(f"The secret in {path} cannot be kept or read: {reason}.") from error
    if not value:
        raise StateProblem(f"The secret in {path} is empty: restore it from a backup, or texts sealed by it are lost.")
    return value


def secret_is_there(name: str, *, folder: Path | None = None) -> bool:
    """Whether a secret was made already; none is made."""
    return ((folder or state_dir()) / "secrets" / name).exists()


def replace_secret(name: str, *, by: str, keep_as: str, folder: Path | None = None) -> Path:
    """Let the secret called `by` take the place of `name`, whose old value stays as `keep_as`. Returns where that is.

    At no moment is there none. Killed in between, doing it again ends it. Raises ``StateProblem``.
    """
    home = (folder or state_dir()) / "secrets"
    try:
        if not (home / keep_as).exists():
            _write_once(home / keep_as, (home / name).read_text(encoding="ascii").strip())
        (home / by).replace(home / name)
        _flush(home)
    except OSError as error:
        raise StateProblem(f"The secret in {home / name} cannot be replaced: {error.strerror}.") from error
    return home / keep_as


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_once(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` durably unless another process was quicker."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
