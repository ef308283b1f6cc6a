"""The import contracts hold, and each of them catches what it is there to catch."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cairn

ROOT = Path(__file__).parents[2]
PACKAGE = Path(cairn.__file__).parent

PLANTED = {
    "house": ("people/queries/finding.py", "from cairn.programmes import models as planted"),
    "drawers": ("people/models.py", "from cairn.people import actions as planted"),
    "pure-engines": ("engines/hours.py", "import django as planted"),
    "doors-use-no-models": ("api/health.py", "from cairn.people import models as planted"),
    "grouping": ("engines/grouping/problem/people.py", "from cairn.engines.grouping.figures import goals as planted"),
    "private-room": ("delivery/rules.py", "from cairn.journey import models as planted"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on the package in `folder`, with the product's own contracts."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", "--config", ROOT / ".importlinter"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that may be spoilt."""
    shutil.copytree(PACKAGE, tmp_path / "cairn", ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    return tmp_path


def test_every_contract_has_a_planted_violation():
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    contracts = {name.rpartition(":")[2] for name in config.sections() if ":contract:" in name}
    assert contracts == set(PLANTED)


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_violation_is_caught(copy: Path, contract: str):
    path, line = PLANTED[contract]
    spoilt = copy / "cairn" / path
    spoilt.write_text(f"{spoilt.read_text()}\n{line}\n")
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    title = config[f"importlinter:contract:{contract}"]["name"]

    report = lint(copy)

    assert report.returncode == 1
    assert f"{title} BROKEN" in report.stdout


def test_a_room_that_nobody_placed_is_caught(copy: Path):
    (copy / "cairn" / "utils").mkdir()
    (copy / "cairn" / "utils" / "__init__.py").write_text("")
    assert lint(copy).returncode == 1


def test_the_house_stands(copy: Path):
    report = lint(copy)
    assert report.returncode == 0, report.stdout
