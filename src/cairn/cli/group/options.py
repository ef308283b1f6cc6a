"""The words of ``cairn group``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from cairn.engines.grouping.problem.check import MOST_WEIGHT

DESCRIPTION = """\
Put people into groups that are as mixed as they can be, and say how we know that nobody could do better.
People come from a .csv, .xlsx, .ods or .xls file with one row of titles; nothing leaves this machine."""

EPILOG = """\
examples
  cairn group people.csv --id id --by discipline:2,gender,ethnicity --cap 11 --out groups.csv
  cairn group people.xlsx --id id --by "gender,ethnicity,gender*ethnicity" --groups 5 --apart labs.csv \\
      --out groups.xlsx --certificate proof.xlsx

files that go with people.csv, each with a row of titles
  pairs                     two columns of ids; further columns are ignored
  --groups groups.csv       columns group, and if wanted coach, cap, min, slots
  --coaches coaches.csv     columns coach, and if wanted minutes, slots, styles, groups (the most they hold)
  A cell that names several slots, styles or coaches divides them with a semicolon: mon 10:00; tue 14:00

ends with
  0    groups are written and every rule holds; the text says whether nobody can do better
  2    a file or an option makes no sense; nothing is written
  3    the rules cannot hold together; nothing is written
  4    the time ran out before every rule held: the best is written, and what it breaks is listed
  130  stopped before there was anything to write

Ctrl-C ends the search and keeps the best groups found so far; a second Ctrl-C leaves without writing anything."""


def whole(least: int, most: int = 10**9) -> Callable[[str], int]:
    """An argument that is a whole number within limits."""

    def read(word: str) -> int:
        try:
            number = int(word)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            limits = f"of {least} or more" if most == 10**9 else f"from {least} to {most:,}"
            raise argparse.ArgumentTypeError(f"“{word}” is not a whole number {limits}")
        return number

    return read


def seconds(word: str) -> float:
    """An argument that is a time to spend."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError(f"“{word}” is not a number of seconds above 0, at most 86400")
    return number


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; argparse ends with 2 and a sentence when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="cairn group",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("people", metavar="people.csv", help="the people, a row each")
    parser.add_argument("--id", default="id", metavar="COLUMN", help="the column that tells people apart (id)")
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (the first one with something in it)")
    _mix(parser)
    _sizes(parser)
    _rules(parser)
    _coaches(parser)
    _work(parser)
    return parser.parse_args(words)


def _mix(parser: argparse.ArgumentParser) -> None:
    mix = parser.add_argument_group("what to mix by")
    mix.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="COLUMN[:WEIGHT],…",
        help=f"columns, each with a weight from 0 to {MOST_WEIGHT} (1); a*b is the intersection of two columns",
    )
    mix.add_argument(
        "--not-said",
        action="append",
        default=[],
        metavar="TEXT",
        help="a value that says nothing, as an empty cell or “prefer not to say” does; never balanced",
    )
    mix.add_argument(
        "--not-alone",
        action="append",
        default=[],
        metavar="COLUMN[=VALUE]",
        help="a group has none or at least two people of this value, or of every value of the column",
    )
    mix.add_argument("--alike", metavar="COLUMN,…", help="seat people alike in these columns together, then mix")
    mix.add_argument("--wishes", metavar="COLUMN,…", help="follow wishes for groups, most wished first, then mix")


def _sizes(parser: argparse.ArgumentParser) -> None:
    sizes = parser.add_argument_group("how many groups, and how large")
    sizes.add_argument("--cap", type=whole(1), metavar="N", help="the most people in a group")
    sizes.add_argument("--min", type=whole(0), metavar="N", dest="minimum", help="the fewest people in a group")
    sizes.add_argument(
        "--groups", metavar="N|FILE", help="how many groups, or a file that lists them (as few as the cap allows)"
    )


def _rules(parser: argparse.ArgumentParser) -> None:
    rules = parser.add_argument_group("rules about people")
    rules.add_argument("--apart", metavar="FILE", help="pairs who must not share a group")
    rules.add_argument("--together", metavar="FILE", help="pairs who must share a group")
    rules.add_argument("--met", metavar="FILE", help="pairs who have met before and would rather meet others")
    rules.add_argument("--pin", metavar="COLUMN", help="the group somebody must be in, where the cell is not empty")
    rules.add_argument("--slots", metavar="COLUMN", help="the slots somebody can come to; an empty cell means all")
    rules.add_argument("--one-to-one", metavar="COLUMN", help="yes in it: takes no group coaching")


def _coaches(parser: argparse.ArgumentParser) -> None:
    coaches = parser.add_argument_group("coaches")
    coaches.add_argument("--coaches", metavar="FILE", help="coaches and their limits; the engine chooses who coaches")
    coaches.add_argument("--blocked", metavar="COLUMN", help="coaches somebody must not have")
    coaches.add_argument("--styles", metavar="COLUMN", help="coaching styles somebody would like")
    for name, text in (
        ("group", "minutes a coach spends on each group"),
        ("person", "minutes a coach spends one to one on each person in their groups"),
        ("one-to-one", "minutes a coach spends on each person without a group"),
    ):
        coaches.add_argument(f"--minutes-per-{name}", type=whole(0), default=0, metavar="N", help=text)


def _work(parser: argparse.ArgumentParser) -> None:
    work = parser.add_argument_group("the work and its answer")
    work.add_argument("--seed", type=whole(0), default=1, metavar="N", help="equal seeds give equal groups (1)")
    work.add_argument("--seconds", type=seconds, default=30.0, metavar="N", help="the longest to try and to prove (30)")
    work.add_argument(
        "--out", required=True, metavar="FILE", help="the columns of people.csv and the group: .csv, .tsv, .xlsx, .ods"
    )
    work.add_argument("--column", default="group", metavar="TITLE", help="the title of the new column (group)")
    work.add_argument("--certificate", metavar="FILE.xlsx", help="a workbook that recomputes the score by itself")
    work.add_argument("--json", action="store_true", help="print one JSON object instead of the summary")
    work.add_argument("--quiet", action="store_true", help="no notes and no progress")
