"""The inner loop compiled by numba, and where what was compiled is kept for the next time.

Compiling takes some seconds once; the machine code then lies in a cache folder and loads in a fraction of a second.
The folder is NUMBA_CACHE_DIR if that is set, else one for this user (the package itself may be read-only), and within
it one for exactly this source, so that an update never meets an old cache. Where no folder can be had that only this
user can write to, nothing is kept and the first large problem of every process waits for the compiler.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from cairn.engines.grouping.figures import fields
from cairn.engines.grouping.search import kernel, walking

ENTRANCES = (kernel.deal, walking.open_blocks, walking.walk, walking.walk_blocks)


class Kernel(NamedTuple):
    """The functions that the search calls, compiled or as they are."""

    deal: Callable[..., Any]
    open_blocks: Callable[..., Any]
    walk: Callable[..., Any]
    walk_blocks: Callable[..., Any]


def interpreted() -> Kernel:
    """The functions as they are written."""
    return Kernel(*ENTRANCES)


@cache
def compiled() -> Kernel:
    """The functions as machine code; the compiler is loaded here and nowhere else."""
    import numba
    from numba.extending import register_jitable

    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    for module in (kernel, walking):
        for each in vars(module).values():
            if callable(each) and getattr(each, "__module__", "") == module.__name__:
                register_jitable(each)
    make = numba.njit(nogil=True, cache=folder is not None)
    return Kernel(*(make(each) for each in ENTRANCES))


def cache_folder() -> Path | None:
    """Where machine code is kept, made if need be; None when there is no safe place."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(given) if given else Path(platformdirs.user_cache_dir("cairn")) / "grouping"
    folder = base / f"cairn-{_source()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = folder.stat()
    except (OSError, RuntimeError):
        return None
    # Machine code is run as it is found, so nobody else may have put it there.
    mine = not hasattr(os, "getuid") or (held.st_uid == os.getuid() and not held.st_mode & 0o022)
    return folder if mine and os.access(folder, os.W_OK) else None


def _source() -> str:
    """A short name for exactly this source."""
    text = b"".join(Path(each.__file__).read_bytes() for each in (fields, kernel, walking) if each.__file__)
    return hashlib.sha256(text).hexdigest()[:16]
