"""What can go wrong with the embedded database, each as one sentence for the person who runs it."""

from __future__ import annotations

import errno
from pathlib import Path


class PostgresProblem(Exception):
    """The embedded database cannot be used; the text says why and what to do."""


def full_disk(folder: Path) -> PostgresProblem:
    return PostgresProblem(
        f"The disk that holds {folder} is full: free some space and start again; nothing that was saved is lost."
    )


def from_os(error: OSError, folder: Path) -> PostgresProblem:
    """Turn an operating system error met in ``folder`` into a sentence."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return full_disk(folder)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return PostgresProblem(
            f"The state folder {folder} cannot be written by this account: "
            "change its permissions, or name another folder in CAIRN_STATE."
        )
    return PostgresProblem(f"The state folder {folder} cannot be used: {error.strerror or error}.")


def from_output(text: str, folder: Path, log: Path) -> PostgresProblem:
    """Turn what a PostgreSQL program wrote before it gave up into a sentence."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return full_disk(folder)
    telling = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    last = telling[-1].strip() if telling else "it gave no reason"
    return PostgresProblem(f"PostgreSQL did not start: {last} (the whole log is in {log}).")
