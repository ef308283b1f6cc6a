"""Files for `cairn group`, and the command as a test runs it."""

import csv
import random
from pathlib import Path

from cairn.cli import main

VALUES = {
    "discipline": ("Biology", "Chemistry", "History", "Law", "Music", "Physics"),
    "gender": ("woman", "man", "non-binary"),
    "ethnicity": ("a", "b", "c", "d", ""),
}


def people(count, *, seed=1, **columns):
    """A title row and so many people; further columns by name, each a function of the person's number."""
    rng = random.Random(seed)
    rows = [["id", "name", *VALUES, *columns]]
    for number in range(1, count + 1):
        own = [rng.choice(values) for values in VALUES.values()]
        rows.append([str(number), f"Person {number}", *own, *(make(number) for make in columns.values())])
    return rows


def write_csv(path: Path, rows, *, delimiter=",", encoding="utf-8"):
    """Write a text table and give its path back."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def read_csv(path: Path, *, delimiter=",", encoding="utf-8-sig"):
    """All rows of a text table."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def run(*words):
    """The exit code of `cairn group` with these words; what argparse refuses counts too."""
    try:
        return main.main(["group", *map(str, words)])
    except SystemExit as ended:
        return ended.code
