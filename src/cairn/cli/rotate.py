"""``cairn rotate-key``: another master key for the same texts; and what the start says about the one at hand."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from cairn.cli import database, prepare, terminal
from cairn.foundation import state

KEY, NEXT = "master-key", "master-key.next"
GIVEN = ("CAIRN_MASTER_KEY", "CAIRN_MASTER_KEY_FILE")
OLD, OLD_FILE = "CAIRN_OLD_MASTER_KEY", "CAIRN_OLD_MASTER_KEY_FILE"


def rotate_key(words: list[str]) -> int:
    """Wrap everybody's key with a new master key, all or none."""
    parser = argparse.ArgumentParser(prog="cairn rotate-key", description=rotate_key.__doc__)
    parser.add_argument("--old-key-file", help=f"file with the key so far (or {OLD}, or {OLD_FILE})")
    asked = parser.parse_args(words)
    old = _old_key(asked.old_key_file)
    with database.at_hand():
        prepare.load_django()
        if old is not None:
            return _from_given(old)
        if any(os.environ.get(name, "").strip() for name in GIVEN):
            raise terminal.Refusal(
                f"{GIVEN[0]} holds the new key; give the one so far with --old-key-file, {OLD_FILE} or {OLD}."
            )
        return _in_state()


def keys() -> None:
    """Refuse to start when another master key wraps the keys in the database: nobody could read what they wrote."""
    from django.conf import settings
    from django.db import OperationalError, ProgrammingError

    from cairn.foundation import secrets
    from cairn.journey import queries

    try:
        found = queries.standing(settings.CAIRN_MASTER_KEY)
        others = secrets.standing(settings.CAIRN_MASTER_KEY)
    except ProgrammingError:  # no tables yet, so nothing is sealed
        return
    except OperationalError as error:
        raise terminal.Refusal("The database does not answer, so the master key could not be checked.") from error
    if not found.foreign and not others.foreign:
        return
    if state.secret_is_there(NEXT):
        raise terminal.Refusal("A change of the master key was cut short: run “cairn rotate-key” again, then start.")
    if found.ours or others.ours:
        raise terminal.Refusal(
            f"{_sealed(found.foreign, others.foreign)} sealed with another master key than this one: "
            "the change of key was not finished. Run “cairn rotate-key” with the key so far (docs/how-to/keys.md)."
        )
    raise terminal.Refusal(
        f"The master key ({_where()}) is not the one that sealed what is in this database: of {found.foreign} who have "
        f"a key nobody could read what they wrote, and {others.foreign} other secrets would stay shut. Put the former "
        "master key back; without it the texts are lost (docs/how-to/keys.md)."
    )


def _where() -> str:
    named = next((name for name in reversed(GIVEN) if os.environ.get(name, "").strip()), "")
    return named or str(state.state_dir() / "secrets" / KEY)


def _old_key(named: str | None) -> str | None:
    named = named or os.environ.get(OLD_FILE, "").strip()
    if not named:
        return os.environ.get(OLD, "").strip() or None
    try:
        found = Path(named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise terminal.Refusal(f"The old key in {named} cannot be read.") from error
    if not found:
        raise terminal.Refusal(f"The old key in {named} is empty.")
    return found


def _from_given(old: str) -> int:
    """The new key is the one that Cairn runs with from now on."""
    from django.conf import settings

    _rotate(old, settings.CAIRN_MASTER_KEY)
    terminal.say("Keep the old key apart from the database for as long as you keep backups from before today.")
    return 0


def _in_state() -> int:
    """Make a new key beside the old one, wrap with it, and only then put it in its place."""
    from cairn.foundation import sealing

    old, new = state.secret(KEY), state.secret(NEXT)
    _rotate(old, new)
    former = state.replace_secret(KEY, by=NEXT, keep_as=f"{KEY}.{sealing.fingerprint(old)}")
    terminal.say(f"The former key is now in {former}: keep it apart from the database, as long as backups need it.")
    return 0


def _rotate(old: str, new: str) -> None:
    from cairn.foundation import clock, secrets
    from cairn.journey import actions

    others = secrets.standing(new).foreign
    try:
        done = actions.rotate_master_key(old=old, new=new, at=clock.now())
    except actions.WrongKey as wrong:
        raise terminal.Refusal(
            f"Of people’s keys {wrong.people}, and of other secrets {wrong.secrets}, open with neither one. "
            "Nothing was changed. Is the old key right?"
        ) from wrong
    terminal.say(f"{_sealed(done, others)} sealed with the new master key. Start web and worker with it now.")


def _sealed(keys: int, secrets: int) -> str:
    """What it is about, with its verb; other secrets are app passwords, private addresses and signing keys."""
    words = "One person’s key" if keys == 1 else f"{keys} people’s keys"
    if secrets:
        words += " and one other secret" if secrets == 1 else f" and {secrets} other secrets"
    return f"{words} {'is' if keys == 1 and not secrets else 'are'}"
