"""Secrets that the product must read again: bound to their name, and carried over when the master key changes."""

import pytest

from cairn.cli import rotate, terminal
from cairn.foundation import sealing, secrets
from cairn.foundation.models import AuditEntry, Secret
from cairn.journey import actions

NEW = "another master key of some length"


def test_a_secret_is_read_again_and_only_under_its_name(db) -> None:
    secrets.keep("busy_calendar:1", "pass word")
    secrets.keep("busy_calendar:1", "other word")

    assert secrets.read("busy_calendar:1") == "other word"
    assert secrets.read("busy_calendar:2") is None
    assert b"word" not in bytes(Secret.objects.get().sealed)
    Secret.objects.update(name="busy_calendar:2")
    with pytest.raises(sealing.CannotOpen):
        secrets.read("busy_calendar:2")


def test_secrets_follow_a_change_of_the_master_key(db, at, settings) -> None:
    secrets.keep("webhook:1", "a")
    secrets.keep("webhook:2", "b")
    old = settings.CAIRN_MASTER_KEY

    assert actions.rotate_master_key(old=old, new=NEW, at=at) == 0
    assert AuditEntry.objects.get(action="rotate_master_key").facts == {"keys": 0, "secrets": 2}
    actions.rotate_master_key(old=old, new=NEW, at=at)
    settings.CAIRN_MASTER_KEY = NEW
    assert (secrets.read("webhook:1"), secrets.read("webhook:2")) == ("a", "b")
    assert secrets.standing(NEW) == secrets.Standing(ours=2, foreign=0)


def test_with_the_wrong_old_key_no_secret_is_changed(db, at) -> None:
    secrets.keep("webhook:1", "a")

    with pytest.raises(actions.WrongKey) as refused:
        actions.rotate_master_key(old="not the key so far", new=NEW, at=at)

    assert (refused.value.people, refused.value.secrets) == (0, 1)
    assert secrets.read("webhook:1") == "a"


def test_cairn_does_not_start_when_it_could_not_open_its_secrets(db, settings) -> None:
    secrets.keep("webhook:1", "a")
    rotate.keys()

    settings.CAIRN_MASTER_KEY = NEW
    with pytest.raises(terminal.Refusal, match="1 other secret"):
        rotate.keys()
    secrets.keep("webhook:2", "b")
    with pytest.raises(terminal.Refusal, match="the change of key was not finished"):
        rotate.keys()


def test_secrets_of_one_kind_are_named_and_forgotten(db) -> None:
    for name in ("webhook:1", "busy_calendar:1", "busy_calendar:2"):
        secrets.keep(name, "x")

    assert secrets.names("busy_calendar:") == {"busy_calendar:1", "busy_calendar:2"}
    secrets.forget({"busy_calendar:1", "webhook:1"})
    assert secrets.names("") == {"busy_calendar:2"}
