import pytest
from django.conf import settings
from django.db import connection

from cairn.foundation import sealing
from cairn.journey import actions, queries
from cairn.journey.models import JournalEntry, SealingKey
from cairn.people.queries import NotFound

TEXT = "I left the meeting with more energy than I came with. 今日は."


def test_an_entry_reads_back_for_its_author(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    assert queries.entry(world.thandiwe, entry.pk).text == TEXT


@pytest.mark.parametrize("reader", ["part", "ioana", "halina", "otto", "nia"])
def test_nobody_else_finds_it(world, at, reader):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with pytest.raises(NotFound):
        queries.entry(world.people[reader], entry.pk)
    assert queries.entries(world.people[reader]) == []


def test_the_database_does_not_hold_the_words(world, at):
    actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM journey_journalentry")
        stored = bytes(cursor.fetchone()[0])
    assert b"energy" not in stored


def test_a_sealed_text_cannot_be_moved_to_another_row(world, at):
    first = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    second = actions.write_entry(text="other", by=world.thandiwe, at=at)
    JournalEntry.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(sealing.CannotOpen):
        queries.entry(world.thandiwe, second.pk)


def test_another_persons_key_does_not_open_it(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    actions.write_entry(text="mine", by=world.part, at=at)
    other = SealingKey.objects.get(person=world.part)
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(
            bytes(entry.sealed),
            master=settings.CAIRN_MASTER_KEY,
            wrapped=bytes(other.wrapped),
            person_id=world.part.pk,
            identity=f"journal:{entry.name}",
        )


def test_without_the_key_the_text_is_gone(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    SealingKey.objects.filter(person=world.thandiwe).delete()
    with pytest.raises(NotFound):
        queries.entry(world.thandiwe, entry.pk)


def test_only_the_author_rewrites_or_deletes(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with pytest.raises(NotFound):
        actions.rewrite_entry(entry_id=entry.pk, text="x", by=world.part, at=at)
    with pytest.raises(NotFound):
        actions.delete_entry(entry_id=entry.pk, by=world.part, at=at)
    actions.rewrite_entry(entry_id=entry.pk, text="Better said.", by=world.thandiwe, at=at)
    assert [entry.text for entry in queries.entries(world.thandiwe)] == ["Better said."]
    actions.delete_entry(entry_id=entry.pk, by=world.thandiwe, at=at)
    assert queries.entries(world.thandiwe) == []


def test_blank_text_is_not_an_entry(world, at):
    with pytest.raises(actions.NothingWritten):
        actions.write_entry(text="  \n", by=world.thandiwe, at=at)
