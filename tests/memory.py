"""Where a test's database lies: in memory, so that it waits for no disk, where there is room and programs may run."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000  # bytes: far more than the databases of a run take


def place() -> Path:
    """The folder for temporary folders of databases."""
    fits = (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK)
        and shutil.disk_usage(MEMORY).free > ROOM
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    )
    return MEMORY if fits else Path(tempfile.gettempdir())
