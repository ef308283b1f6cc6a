import datetime as dt
import uuid

import pytest
from django.conf import settings
from django.db import connection

from cairn.foundation import sealing
from cairn.foundation.models import AuditEntry
from cairn.journey import actions, queries
from cairn.journey.actions import Words
from cairn.journey.models import JournalEntry, SealingKey, Share
from cairn.people.queries import NotFound

TEXT = "I left the meeting with more energy than I came with. 今日は."


def save(world, at, text, entry_id=None, revision=0, **more):
    name = more.pop("name", None)
    return actions.save_entry(
        entry_id=entry_id, name=name, revision=revision, words=Words(text, **more), by=world.thandiwe, at=at
    )


def test_an_entry_reads_back_for_its_author(world, at):
    entry = actions.write_entry(text=TEXT, title="Energy", tags=("work", "静か"), by=world.thandiwe, at=at)
    opened = queries.entry(world.thandiwe, entry.pk)
    assert (opened.text, opened.title, opened.tags, opened.written_at) == (TEXT, "Energy", ("work", "静か"), at)


@pytest.mark.parametrize("reader", ["part", "ioana", "halina", "otto", "nia"])
def test_nobody_else_finds_it(world, at, reader):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with pytest.raises(NotFound):
        queries.entry(world.people[reader], entry.pk)
    assert queries.entries(world.people[reader]) == []
    assert queries.front(world.people[reader], at) == ([], [])
    with pytest.raises(NotFound):
        actions.save_entry(entry_id=entry.pk, words=Words("x"), by=world.people[reader], at=at)


def test_the_database_does_not_hold_the_words(world, at):
    actions.write_entry(text=TEXT, title="energy in the title", tags=("energy",), by=world.thandiwe, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed, sealed_head FROM journey_journalentry")
        stored = b"".join(map(bytes, cursor.fetchone()))
    assert b"energy" not in stored


def test_a_sealed_text_cannot_be_moved_to_another_row(world, at):
    first = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    second = actions.write_entry(text="other", by=world.thandiwe, at=at)
    JournalEntry.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(sealing.CannotOpen):
        queries.entry(world.thandiwe, second.pk)


def test_a_text_cannot_take_the_place_of_a_head(world, at):
    entry = actions.write_entry(text="{}", title="Title", by=world.thandiwe, at=at)
    JournalEntry.objects.filter(pk=entry.pk).update(sealed_head=entry.sealed)
    with pytest.raises(sealing.CannotOpen):
        queries.entry(world.thandiwe, entry.pk)


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


def test_only_the_author_changes_or_deletes(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with pytest.raises(NotFound):
        actions.delete_entry(entry_id=entry.pk, by=world.part, at=at)
    saved = save(world, at, "Better said.", entry.pk, 1, title="Now")
    assert (saved.revision, saved.is_merged) == (2, False)
    assert [(each.title, each.text) for each in queries.entries(world.thandiwe)] == [("Now", "Better said.")]
    actions.delete_entry(entry_id=entry.pk, by=world.thandiwe, at=at)
    assert queries.entries(world.thandiwe) == []


@pytest.mark.parametrize("text", ["", "  \n"])
def test_blank_text_is_not_an_entry(world, at, text):
    with pytest.raises(actions.NothingWritten):
        actions.write_entry(text=text, by=world.thandiwe, at=at)
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    with pytest.raises(actions.NothingWritten):
        save(world, at, text, entry.pk, 1)
    assert queries.entry(world.thandiwe, entry.pk).text == TEXT


def test_a_late_saving_overwrites_nothing(world, at):
    entry = actions.write_entry(text="One.\n\nTwo.", title="Title", tags=("a",), by=world.thandiwe, at=at)
    save(world, at, "One.\n\nTwo.\n\nThree, typed here.", entry.pk, 1, title="Title", tags=("a", "b"))
    late = save(world, at, "One.\n\nTwo, changed there.", entry.pk, 1, title="Other", tags=("A", "c"))
    assert late == actions.SavedEntry(
        entry.pk,
        3,
        Words("One.\n\nTwo.\n\nThree, typed here.\n\nTwo, changed there.", "Title / Other", ("a", "b", "c")),
        is_merged=True,
    )
    assert queries.entry(world.thandiwe, entry.pk).text == late.words.text


def test_two_titles_that_do_not_fit_are_both_kept(world, at):
    entry = actions.write_entry(text="Text.", title="a" * 150, by=world.thandiwe, at=at)
    save(world, at, "Text.", entry.pk, 1, title="b" * 150)
    late = save(world, at, "Text.", entry.pk, 1, title="c" * 150)
    assert (late.words.title, late.words.text) == ("b" * 150, f"{'c' * 150}\n\nText.")


def test_a_page_whose_answer_was_lost_finds_what_it_made(world, at):
    name = uuid.uuid4()
    first = save(world, at, "Hello wor", name=name)
    again = save(world, at, "Hello world", name=name)
    assert (again.id, again.revision, again.words.text, again.is_merged) == (first.id, 2, "Hello world", False)
    assert len(queries.entries(world.thandiwe)) == 1


def test_a_page_cannot_take_the_name_of_somebody_elses_entry(world, at):
    theirs = actions.write_entry(text="theirs", by=world.part, at=at)
    with pytest.raises(NotFound):
        save(world, at, "mine", name=theirs.name)


def test_saving_while_typing_is_one_line_of_the_audit(world, at):
    first = save(world, at, "A")
    for second in range(1, 5):
        save(world, at + dt.timedelta(seconds=second), "A" * (second + 1), first.id, second)
    save(world, at + dt.timedelta(hours=1), "Later", first.id, 5)
    assert [each.action for each in AuditEntry.objects.filter(subject_kind="journal_entry").order_by("pk")] == [
        "write_entry",
        "rewrite_entry",
    ]


def test_saving_what_stands_changes_nothing(world, at):
    first = save(world, at, "Same.", title="T")
    assert save(world, at, "Same.", first.id, 1, title="T").revision == 1


def test_what_was_shared_of_an_entry_ends_with_it(world, at):
    entry = actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    Share.objects.create(
        person=world.thandiwe,
        reader=world.ioana,
        kind="entry",
        item_id=entry.pk,
        since=at,
        until=at + dt.timedelta(days=9),
    )
    actions.delete_entry(entry_id=entry.pk, by=world.thandiwe, at=at)
    assert Share.objects.get().withdrawn_at == at


def test_a_list_goes_on_where_it_stopped(world, at):
    made = [
        actions.write_entry(text=f"{number}", by=world.thandiwe, at=at - dt.timedelta(microseconds=number // 2))
        for number in range(7)
    ]
    seen, before = [], ""
    while page := queries.entries(world.thandiwe, before=before, most=3):
        seen += [each.id for each in page]
        before = page[-1].cursor
    assert sorted(seen) == sorted(each.pk for each in made)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("before", ["x", "1", "-", "9" * 40 + "-1", "1-x", "１-１"])
def test_a_cursor_that_is_none_begins_at_the_top(world, at, before):
    actions.write_entry(text=TEXT, by=world.thandiwe, at=at)
    assert len(queries.entries(world.thandiwe, before=before)) in (0, 1)


def test_neighbours_are_found_in_time(world, at):
    ids = [actions.write_entry(text="x", by=world.thandiwe, at=at + dt.timedelta(days=day)).pk for day in range(3)]
    middle, first = queries.entry(world.thandiwe, ids[1]), queries.entry(world.thandiwe, ids[0])
    assert queries.neighbours(world.thandiwe, middle) == (ids[0], ids[2])
    assert queries.neighbours(world.thandiwe, first) == (None, ids[1])


def test_what_was_written_a_while_ago_is_shown_again(world, at):
    for days in (1, 29, 33, 40, 190, 300, 380, 800):
        actions.write_entry(text=f"{days} days", by=world.thandiwe, at=at - dt.timedelta(days=days))
    _newest, older = queries.front(world.thandiwe, at)
    assert [each.text for each in older] == ["33 days", "190 days", "380 days"]


def test_years_are_read_one_at_a_time(world, at):
    for year in (2024, 2026, 2026):
        actions.write_entry(text=f"{year}", by=world.thandiwe, at=at.replace(year=year))
    assert queries.years_written(world.thandiwe) == [2026, 2024]
    assert [each.text for each in queries.entries_of_year(world.thandiwe, 2024)] == ["2024"]


def test_the_front_page_costs_the_same_with_one_entry_and_with_many(world, at, django_assert_num_queries):
    for number in range(3):
        actions.write_entry(text=f"{number}", by=world.thandiwe, at=at - dt.timedelta(days=number * 30))
        with django_assert_num_queries(3):
            queries.front(world.thandiwe, at)
