"""Progress of a long search, and what stopping it leaves behind."""

import random
import signal
import subprocess
import sys

import pytest

from tests.cli.grouping_files import read_csv, write_csv

COLUMNS = [f"a{number}" for number in range(10)]
SOON = """
import sys
from cairn.cli import main
from cairn.cli.group import solving
solving.FIRST_WORD_SECONDS = 0.2
sys.exit(main.main())
"""


@pytest.fixture
def searching(tmp_path):
    """`cairn group` at work on a cohort too hard to be proven soon, after its first word of progress."""
    rng = random.Random(1)
    rows = [["id", *COLUMNS], *([str(n), *(rng.choice("abcdefg") for _ in COLUMNS)] for n in range(199))]
    write_csv(tmp_path / "people.csv", rows)
    words = ["group", "people.csv", "--by", ",".join(COLUMNS), "--cap", "10", "--seconds", "120", "--out", "groups.csv"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SOON, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.first_word = process.stderr.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


@pytest.mark.slow
def test_interrupted_search_keeps_the_best_groups_and_says_so(searching, tmp_path):
    searching.send_signal(signal.SIGINT)
    out, told = searching.communicate(timeout=60)

    assert searching.first_word.startswith("cairn: ")
    assert "cairn: stopped before the end: these are the best groups found until then." in told
    assert (searching.returncode, out.startswith("199 people in 20 groups")) == (0, True)
    assert len(read_csv(tmp_path / "groups.csv")) == 200


@pytest.mark.slow
def test_ended_search_leaves_nothing_behind(searching, tmp_path):
    searching.send_signal(signal.SIGTERM)
    out, told = searching.communicate(timeout=60)

    assert (searching.returncode, out) == (130, "")
    assert told.endswith("cairn: stopped; nothing is written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]
