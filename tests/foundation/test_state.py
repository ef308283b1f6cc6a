"""The state folder and the secrets in it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cairn.foundation import state


def test_state_folder_is_the_one_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path / "own"))

    assert state.state_dir() == tmp_path / "own"
    assert not (tmp_path / "own").exists()


def test_state_folder_is_the_accounts_own_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("CAIRN_STATE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")

    assert state.state_dir().name == "cairn"


def test_secret_is_made_once_and_kept_closed(tmp_path):
    first = state.secret("secret-key", folder=tmp_path / "state")

    path = tmp_path / "state" / "secrets" / "secret-key"
    assert state.secret("secret-key", folder=tmp_path / "state") == first
    assert len(first) >= 50
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [found.name for found in path.parent.iterdir()] == ["secret-key"]


def test_secrets_of_different_names_differ(tmp_path):
    assert state.secret("one", folder=tmp_path) != state.secret("two", folder=tmp_path)


def test_many_asking_at_once_get_the_same_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: state.secret("key", folder=tmp_path), range(32)))

    assert len(answers) == 1


def test_empty_secret_is_refused_rather_than_replaced(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "master-key").touch()

    with pytest.raises(state.StateProblem, match="is empty: restore it from a backup"):
        state.secret("master-key", folder=tmp_path)


@pytest.mark.parametrize("name", ["", "../key", "a/b", ".hidden"])
def test_name_that_could_leave_the_folder_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="not a name for a secret"):
        state.secret(name, folder=tmp_path)


def test_folder_that_cannot_be_made_is_told():
    with pytest.raises(state.StateProblem, match="cannot be created"):
        state.secret("key", folder=Path("/proc/cairn"))
