"""A state folder for commands that run the embedded database."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from cairn.foundation.postgres import process


@pytest.fixture(scope="module")
def embedded_state():
    """One folder for the module, where root's server account may enter; its server is ended afterwards."""
    path = Path(tempfile.mkdtemp(prefix="cairn-test-", dir="/tmp"))
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    yield path
    process.halt(path / "cluster", how=signal.SIGQUIT)
    shutil.rmtree(path)
