"""The master key: noted where keys are made, changed in one go, and missed at the start when it is another."""

import pytest
from django.db import connection

from cairn.cli import rotate, terminal
from cairn.foundation import sealing, state
from cairn.journey import actions, queries
from cairn.journey.models import SealingKey
from tests.journey import whole

NEW = "another master key"


@pytest.fixture
def written(world, at, settings):
    settings.CAIRN_MASTER_KEY = "the master key so far"
    for name in ("thandiwe", "part", "siobhan"):
        actions.write_entry(text=f"by {name}", by=world.people[name], at=at)
    return world


def test_a_key_notes_which_master_key_wraps_it(written, settings):
    noted = set(SealingKey.objects.values_list("master", flat=True))
    assert noted == {sealing.fingerprint(settings.CAIRN_MASTER_KEY)}
    assert settings.CAIRN_MASTER_KEY not in noted
    assert queries.standing(settings.CAIRN_MASTER_KEY) == queries.Standing(ours=3, foreign=0)
    assert queries.standing(NEW) == queries.Standing(ours=0, foreign=3)


def test_changing_the_master_key_changes_no_text(written, at, settings):
    old = settings.CAIRN_MASTER_KEY
    assert actions.rotate_master_key(old=old, new=NEW, at=at) == 3
    settings.CAIRN_MASTER_KEY = NEW
    assert [each.text for each in queries.entries(written.thandiwe)] == ["by thandiwe"]
    settings.CAIRN_MASTER_KEY = old
    with pytest.raises(sealing.CannotOpen):
        queries.entries(written.thandiwe)
    assert actions.rotate_master_key(old=old, new=NEW, at=at) == 0
    assert actions.rotate_master_key(old=NEW, new=old, at=at) == 3


def test_with_the_wrong_old_key_nothing_is_changed(written, at):
    before = list(SealingKey.objects.order_by("pk").values_list("wrapped", "master"))
    with pytest.raises(actions.WrongKey) as refused:
        actions.rotate_master_key(old="not the key so far", new=NEW, at=at)
    assert refused.value.people == 3
    assert list(SealingKey.objects.order_by("pk").values_list("wrapped", "master")) == before


def test_a_change_that_was_stopped_changed_nothing(written, at, settings, monkeypatch):
    def killed(**_given):
        raise KeyboardInterrupt

    monkeypatch.setattr("cairn.foundation.audit.record", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=NEW, at=at)
    assert queries.standing(settings.CAIRN_MASTER_KEY) == queries.Standing(ours=3, foreign=0)


def test_keys_from_before_fingerprints_are_tried_and_noted_by_a_change(written, at, settings):
    SealingKey.objects.update(master="")
    assert queries.standing(settings.CAIRN_MASTER_KEY).foreign == 0
    assert queries.standing(NEW).foreign == 3
    actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=NEW, at=at)
    assert queries.standing(NEW) == queries.Standing(ours=3, foreign=0)


def test_the_start_is_refused_with_a_sentence(written, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path))
    rotate.keys()
    settings.CAIRN_MASTER_KEY = NEW
    with pytest.raises(terminal.Refusal, match="is not the one that sealed"):
        rotate.keys()
    state.secret(rotate.NEXT)
    with pytest.raises(terminal.Refusal, match="cut short"):
        rotate.keys()


def test_a_half_finished_change_is_told_apart_from_a_lost_key(written, at, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path))
    old = settings.CAIRN_MASTER_KEY
    actions.rotate_master_key(old=old, new=NEW, at=at)
    settings.CAIRN_MASTER_KEY = old  # a process that still ran with the old key
    actions.write_entry(text="late", by=written.ioana, at=at)
    settings.CAIRN_MASTER_KEY = NEW
    with pytest.raises(terminal.Refusal, match="was not finished"):
        rotate.keys()
    assert actions.rotate_master_key(old=old, new=NEW, at=at) == 1
    rotate.keys()


def test_in_the_state_folder_the_key_changes_places_and_the_former_stays(written, at, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path))
    for name in rotate.GIVEN:
        monkeypatch.delenv(name, raising=False)
    old = state.secret(rotate.KEY)
    actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=old, at=at)
    assert rotate._in_state() == 0
    new = state.secret(rotate.KEY)
    assert new != old
    kept = tmp_path / "secrets" / f"{rotate.KEY}.{sealing.fingerprint(old)}"
    assert kept.read_text().strip() == old
    assert (kept.stat().st_mode & 0o077, state.secret_is_there(rotate.NEXT)) == (0, False)
    assert queries.standing(new) == queries.Standing(ours=3, foreign=0)


@pytest.mark.parametrize("after", ["the wrapping", "the copy"])
def test_killed_between_database_and_file_the_command_ends_it(written, at, settings, monkeypatch, tmp_path, after):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path))
    old, new = state.secret(rotate.KEY), state.secret(rotate.NEXT)
    actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=old, at=at)
    actions.rotate_master_key(old=old, new=new, at=at)
    if after == "the copy":
        state._write_once(tmp_path / "secrets" / f"{rotate.KEY}.{sealing.fingerprint(old)}", old)
    settings.CAIRN_MASTER_KEY = old
    with pytest.raises(terminal.Refusal, match="cut short"):
        rotate.keys()
    assert rotate._in_state() == 0
    settings.CAIRN_MASTER_KEY = state.secret(rotate.KEY)
    assert new == settings.CAIRN_MASTER_KEY
    rotate.keys()


def test_the_old_key_comes_from_a_file_or_the_environment(monkeypatch, tmp_path):
    file = tmp_path / "old"
    file.write_text("from a file\n")
    assert rotate._old_key(str(file)) == "from a file"
    monkeypatch.setenv(rotate.OLD, "from the environment")
    assert rotate._old_key(None) == "from the environment"
    with pytest.raises(terminal.Refusal, match="cannot be read"):
        rotate._old_key(str(tmp_path / "none"))
    (tmp_path / "empty").write_text("")
    with pytest.raises(terminal.Refusal, match="is empty"):
        rotate._old_key(str(tmp_path / "empty"))


def test_a_whole_journey_reads_the_same_after_a_change(world, at, settings):
    whole.write(world.thandiwe, at, coach=world.ioana)
    before = queries.taken_out(world.thandiwe)
    actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=NEW, at=at)
    settings.CAIRN_MASTER_KEY = NEW
    assert queries.taken_out(world.thandiwe) == before


def test_ten_thousand_keys_take_seconds(world, at, settings, figure):
    import time

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person (password, email, name, known_as, title, time_zone, is_active, created_at) "
            "SELECT '!', 'k' || i || '@crowd.example', 'K', '', '', 'UTC', true, now() "
            "FROM generate_series(1, 10000) i RETURNING id"
        )
        ids = [row[0] for row in cursor.fetchall()]
    SealingKey.objects.bulk_create(
        [
            SealingKey(person_id=pk, wrapped=sealing.new_key(settings.CAIRN_MASTER_KEY, pk), made_at=at, master="")
            for pk in ids
        ],
        batch_size=2000,
    )
    began = time.perf_counter()
    assert actions.rotate_master_key(old=settings.CAIRN_MASTER_KEY, new=NEW, at=at) == 10_000
    figure(f"master key changed for 10,000 people in {time.perf_counter() - began:.2f} s")
