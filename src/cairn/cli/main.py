"""The command ``cairn``: its own words first, every other word goes to Django's commands."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from cairn.cli import terminal

HELP = """\
cairn: the open system in which career coaching happens

  cairn up [--host 127.0.0.1] [--port 8000]   everything in one: database, migrations, pages, queue
  cairn demo [--host …] [--port 8000]         the same, with an invented university to look around in
  cairn found --organisation … --name … --email …   the first organisation and its administrator
  cairn web [--host …] [--port 8000]          the pages only
  cairn worker                                the queue of mails and other work only
  cairn group people.csv --by … --out …       mixed groups from a spreadsheet, without any of the above
  cairn rotate-key                            another master key for the texts that are sealed with this one
  cairn check                                 is this installation sound? Ends with 1 if not
  cairn <command>                             Django's own: migrate, shell, createsuperuser …; cairn help lists them

Without DATABASE_URL a PostgreSQL of its own runs in the state folder (CAIRN_STATE) for as long as it is needed.
"""
SETTINGS = "cairn.config.settings"
WITHOUT_DATABASE = {
    *("help", "version", "--help", "-h", "--version", "collectstatic", "compilemessages", "diffsettings"),
    *("findstatic", "makemessages", "startapp", "startproject"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 done, 1 refused with a sentence, 130 interrupted.

    ``cairn group`` has codes of its own, which its help explains.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if not words or words in (["--help"], ["-h"]):
        terminal.say(HELP.rstrip())
        return 0
    if words[0] == "group":  # needs nothing that follows, and answers sooner without it
        from cairn.cli import group

        return group.group(words[1:])
    from cairn.foundation.postgres import PostgresProblem
    from cairn.foundation.state import StateProblem

    try:
        return _command(words[0], words[1:])(words[1:])
    except (PostgresProblem, StateProblem, terminal.Refusal) as problem:
        terminal.complain(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


OWN = {
    "up": ("up", "up"),
    "web": ("up", "web"),
    "demo": ("showcase", "demo"),
    "found": ("found", "found"),
    "rotate-key": ("rotate", "rotate_key"),
    "worker": ("main", "_worker"),
}


def _command(word: str, rest: list[str]) -> Callable[[list[str]], int]:
    """Find what a word means. Each command is imported only when asked for: most of them load Django."""
    own = OWN | ({} if rest else {"check": ("check", "check")})  # with words behind it, it is Django's
    if word not in own:
        return lambda words: _django([word, *words])
    module, name = own[word]
    found: Callable[[list[str]], int] = getattr(importlib.import_module(f"cairn.cli.{module}"), name)
    return found


def _worker(words: list[str]) -> int:
    """The queue's worker, once it is sure that what it may have to open can be opened."""
    from cairn.cli import database, prepare, rotate

    with database.at_hand():
        if not {"--help", "-h"} & set(words):
            prepare.load_django()
            rotate.keys()
            prepare.follow_zones()
        # All checks would load every page; the one that matters is made where they are served.
        return _django(["procrastinate", "--skip-checks", "worker", *words])


def _django(words: list[str]) -> int:
    """Run one of Django's commands; an embedded database runs for as long as the command needs it."""
    from django.core.management import execute_from_command_line

    from cairn.cli import database

    if words[0] in WITHOUT_DATABASE or {"--help", "-h"} & set(words):
        execute_from_command_line(["cairn", *words])
        return 0
    with database.at_hand():
        execute_from_command_line(["cairn", *words])
    return 0
