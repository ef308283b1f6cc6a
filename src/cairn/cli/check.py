"""``cairn check``: is this installation sound? Each point in a line, and an exit code for machines."""

from __future__ import annotations

from collections.abc import Callable

from cairn.cli import database, prepare, rotate, terminal


def check(words: list[str]) -> int:
    """Look at the settings, the database and its tables; return 0 when all is well, otherwise 1."""
    with database.at_hand():
        prepare.load_django()
        points: list[tuple[str, Callable[[], str]]] = [("settings", _settings), ("database", _database)]
        sound = [_report(name, look) for name, look in points]
        if sound[-1]:
            sound.append(_report("tables", _tables))
        if sound[-1]:
            sound.append(_report("master key", _keys))
    terminal.say("Everything is in order." if all(sound) else "Something needs attention: see above.")
    return 0 if all(sound) else 1


def _report(name: str, look: Callable[[], str]) -> bool:
    try:
        terminal.say(f"{name:<10} ok    {look()}")
    except terminal.Refusal as problem:
        terminal.say(f"{name:<10} NOT ok  {problem}")
        return False
    return True


def _settings() -> str:
    """Run Django's checks, those for a public server included; any warning counts."""
    from django.core import checks

    found = checks.run_checks(include_deployment_checks=True)
    serious = [message for message in found if message.is_serious(checks.WARNING) and not message.is_silenced()]
    if serious:
        raise terminal.Refusal("\n".join(f"{message.id}: {message.msg}" for message in serious))
    return "as a public server needs them"


def _database() -> str:
    from django.db import OperationalError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise terminal.Refusal(f"It cannot be reached: {reason}") from error
    return f"PostgreSQL {version}"


def _tables() -> str:
    waiting = prepare.waiting_migrations()
    if waiting:
        raise terminal.Refusal(f"{len(waiting)} migrations wait for “cairn migrate”, the first is {waiting[0]}.")
    return "all migrations are applied"


def _keys() -> str:
    rotate.keys()
    return "opens what is sealed here"
