"""The short form of `make crash`, in a process of its own because it forks and kills."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import memory

# What is killed here are processes, and those leave a disk and a memory alone.
QUICK = ["--longest", "0.8", "--folder", str(memory.place())]


@pytest.mark.slow
def test_kills_of_writers_and_of_the_database_lose_and_double_nothing(figure):
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crash", "--rounds", "3", "--sessions", "4", *QUICK],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    figure(done.stdout.splitlines()[0] if done.stdout else done.stderr[-2000:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, doubled 0, books not whole 0, unexpected errors 0" in done.stdout
