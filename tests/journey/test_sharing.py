"""Sharing one's items: with one reader, until a day, taken back at once, every reading written down first."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from cairn.journey import actions, queries
from cairn.journey.models import Answer, ExerciseRun, JournalEntry, Reading, Share
from tests.sharing import write_everything

KINDS = ("answer", "entry", "exercise", "goal", "portrait", "preparation")
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def items(world, at):
    return write_everything(world.thandiwe, at, "LEAK")


def share(world, at, kind, item_id, until=None, reader=None):
    return actions.share(
        kind=kind, item_id=item_id, reader=reader or world.ioana, until=until or at + 30 * DAY, by=world.thandiwe, at=at
    )


def listed(world, at, reader=None):
    found = queries.shared_items(reader or world.ioana, world.thandiwe.pk, at)
    return [(each.kind, each.id) for each in found.items]


def opened(world, at, kind, item_id, reader=None):
    return queries.shared_item(reader or world.ioana, world.thandiwe.pk, kind, item_id, at)


def test_nothing_is_shared_until_it_is(world, at, items):
    assert listed(world, at) == []
    for kind, item_id in items.items():
        with pytest.raises(queries.NotFound):
            opened(world, at, kind, item_id)
    assert Reading.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_one_item_is_shown_to_its_reader_alone(world, at, items, kind):
    share(world, at, kind, items[kind])
    assert listed(world, at) == [(kind, items[kind])]
    assert f"LEAK-{ {'preparation': 'bring'}.get(kind, kind) }" in repr(opened(world, at, kind, items[kind]))
    assert listed(world, at, world.malik) == []
    with pytest.raises(queries.NotFound):
        opened(world, at, kind, items[kind], world.malik)
    for other in KINDS:
        if other != kind:
            with pytest.raises(queries.NotFound):
                opened(world, at, other, items[other])


def test_what_is_opened_is_whole(world, at, items):
    for kind in KINDS:
        share(world, at, kind, items[kind])
    entry = opened(world, at, "entry", items["entry"])
    assert (entry.title, entry.tags, entry.text) == ("LEAK-title", ("LEAK-tag",), "LEAK-entry")
    goal = opened(world, at, "goal", items["goal"])
    assert (goal.goal.title, goal.goal.level, [each.note for each in goal.reviews]) == (
        "LEAK-goal",
        1,
        ["LEAK-review"],
    )
    run = opened(world, at, "exercise", items["exercise"])
    assert (run.word, run.version, dict(run.data)) == (
        "keep_and_change",
        1,
        {"aspects": [{"what": "LEAK-exercise", "wish": "keep"}]},
    )


def test_a_list_holds_no_text_and_is_no_reading(world, at, items):
    for kind in KINDS:
        share(world, at, kind, items[kind])
    assert "LEAK" not in repr(queries.shared_items(world.ioana, world.thandiwe.pk, at))
    assert Reading.objects.count() == 0


def test_every_opening_is_written_down_where_the_author_sees_it(world, at, items):
    share(world, at, "entry", items["entry"])
    opened(world, at, "entry", items["entry"])
    opened(world, at + DAY, "entry", items["entry"])
    assert queries.readings(world.thandiwe) == queries.readings(world.thandiwe, kind="entry", item_id=items["entry"])
    assert [(each.kind, each.item_id, each.reader, each.at) for each in queries.readings(world.thandiwe)] == [
        ("entry", items["entry"], "Ioana Pop", at + DAY),
        ("entry", items["entry"], "Ioana Pop", at),
    ]
    assert queries.readings(world.part) == ()


def test_without_the_written_reading_there_is_no_text(world, at, items):
    share(world, at, "entry", items["entry"])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE journey_reading ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        with pytest.raises(DatabaseError, match="full_disk"), transaction.atomic():
            opened(world, at, "entry", items["entry"])
        transaction.set_rollback(True)


def test_withdrawn_means_at_once(world, at, items):
    granted = share(world, at, "entry", items["entry"])
    actions.withdraw(share_id=granted.pk, by=world.thandiwe, at=at)
    actions.withdraw(share_id=granted.pk, by=world.thandiwe, at=at)
    assert listed(world, at) == []
    with pytest.raises(queries.NotFound):
        opened(world, at, "entry", items["entry"])


def test_only_the_author_withdraws(world, at, items):
    granted = share(world, at, "entry", items["entry"])
    for other in (world.ioana, world.part):
        with pytest.raises(queries.NotFound):
            actions.withdraw(share_id=granted.pk, by=other, at=at)
    assert listed(world, at) == [("entry", items["entry"])]


def test_everything_is_withdrawn_from_one_reader_and_no_other(world, at, items):
    share(world, at, "entry", items["entry"])
    share(world, at, "answer", None)
    share(world, at, "entry", items["entry"], reader=world.malik)
    assert actions.withdraw_all(reader_id=world.ioana.pk, by=world.thandiwe, at=at) == 2
    assert (listed(world, at), listed(world, at, world.malik)) == ([], [("entry", items["entry"])])


def test_when_the_day_has_passed_nothing_is_shown(world, at, items):
    share(world, at, "entry", items["entry"], until=at + DAY)
    later = at + DAY
    assert (listed(world, at), listed(world, later)) == ([("entry", items["entry"])], [])
    assert queries.readers_of(world.thandiwe, "entry", (items["entry"],), later) == {items["entry"]: ()}
    with pytest.raises(queries.NotFound):
        opened(world, later, "entry", items["entry"])


def test_sharing_again_changes_the_end_only_and_after_it_begins_anew(world, at, items):
    first = share(world, at, "entry", items["entry"], until=at + DAY)
    again = share(world, at, "entry", items["entry"], until=at + 9 * DAY)
    assert (again.pk, Share.objects.get().until) == (first.pk, at + 9 * DAY)
    anew = share(world, at + 10 * DAY, "entry", items["entry"], until=at + 20 * DAY)
    assert anew.pk != first.pk
    assert listed(world, at + 11 * DAY) == [("entry", items["entry"])]


def test_all_of_a_kind_is_now_and_later_but_only_what_is_done(world, at, items):
    for kind in ("entry", "answer", "exercise"):
        share(world, at, kind, None)
    later = actions.write_entry(text="later", by=world.thandiwe, at=at + DAY)
    assert ("entry", getattr(later, "pk", later)) in listed(world, at + DAY)
    assert len(listed(world, at + DAY)) == 4
    Answer.objects.update(state="draft")
    ExerciseRun.objects.update(state="begun", finished_at=None)
    assert [kind for kind, _id in listed(world, at + DAY)] == ["entry", "entry"]
    for kind in ("answer", "exercise"):
        with pytest.raises(queries.NotFound):
            opened(world, at + DAY, kind, items[kind])
    share(world, at, "answer", items["answer"])
    assert ("answer", items["answer"]) in listed(world, at + DAY)


def test_a_list_is_newest_first_and_comes_in_pages(world, at):
    for days in range(queries.SHARED_PAGE + 1):
        actions.write_entry(text="x", by=world.thandiwe, at=at + days * DAY)
    share(world, at, "entry", None, until=at + 300 * DAY)
    later = at + 200 * DAY
    first = queries.shared_items(world.ioana, world.thandiwe.pk, later)
    second = queries.shared_items(world.ioana, world.thandiwe.pk, later, page=2)
    assert (len(first.items), first.has_more, len(second.items), second.has_more) == (50, True, 1, False)
    moments = [each.moment for each in (*first.items, *second.items)]
    assert moments == sorted(moments, reverse=True)


def test_nobody_shares_what_is_not_theirs_nor_with_themselves(world, at, items):
    more = {"until": at + DAY, "at": at}
    for kind, item_id, reader, by in (
        ("entry", items["entry"], world.ioana, world.part),
        ("entry", 0, world.ioana, world.thandiwe),
        ("secret", None, world.ioana, world.thandiwe),
        ("entry", items["entry"], world.thandiwe, world.thandiwe),
    ):
        with pytest.raises(queries.NotFound):
            actions.share(kind=kind, item_id=item_id, reader=reader, by=by, **more)
    assert Share.objects.count() == 0


def test_a_grant_ends_in_the_future_and_within_two_years(world, at, items):
    with pytest.raises(actions.EndIsPast):
        share(world, at, "entry", items["entry"], until=at)
    with pytest.raises(actions.EndIsTooFar):
        share(world, at, "entry", items["entry"], until=at + 800 * DAY)


def test_the_author_sees_all_grants_by_reader_with_their_own_titles(world, at, items):
    share(world, at, "portrait", None)
    share(world, at, "entry", items["entry"])
    share(world, at, "goal", items["goal"], reader=world.malik)
    found = queries.shares(world.thandiwe, at)
    assert [(each.reader, each.kind, each.item_id, each.title) for each in found] == [
        ("Ioana Pop", "portrait", None, ""),
        ("Ioana Pop", "entry", items["entry"], "LEAK-title"),
        ("Malik Rahman", "goal", items["goal"], "LEAK-goal"),
    ]
    assert queries.shares(world.part, at) == ()


def test_what_was_taken_away_is_shared_no_more(world, at, items):
    share(world, at, "entry", items["entry"])
    JournalEntry.objects.filter(pk=items["entry"]).delete()
    assert (queries.shares(world.thandiwe, at), listed(world, at)) == ((), [])


def test_the_author_sees_what_a_reader_sees_and_that_is_no_reading(world, at, items):
    share(world, at, "entry", items["entry"])
    seen = queries.seen_by(world.thandiwe, world.ioana.pk, at)
    assert seen == queries.shared_items(world.ioana, world.thandiwe.pk, at)
    look = queries.item_seen_by(world.thandiwe, world.ioana.pk, "entry", items["entry"], at)
    assert Reading.objects.count() == 0
    assert look == opened(world, at, "entry", items["entry"])
    with pytest.raises(queries.NotFound):
        queries.item_seen_by(world.thandiwe, world.malik.pk, "entry", items["entry"], at)


def test_a_reader_named_twice_stands_once_on_the_chip_with_the_later_end(world, at, items):
    share(world, at, "entry", None, until=at + 2 * DAY)
    share(world, at, "entry", items["entry"], until=at + DAY)
    assert queries.readers_of(world.thandiwe, "entry", (items["entry"], 0), at) == {
        items["entry"]: (("Ioana Pop", at + 2 * DAY),),
        0: (("Ioana Pop", at + 2 * DAY),),
    }


def test_an_erased_key_shows_nothing_and_a_moved_seal_does_not_open(world, at, items):
    share(world, at, "entry", items["entry"])
    from cairn.journey.models import SealingKey

    SealingKey.objects.all().delete()
    with pytest.raises(queries.NotFound):
        opened(world, at, "entry", items["entry"])
    assert Reading.objects.count() == 0


def test_every_step_is_audited_without_a_word_of_the_text(world, at, items):
    from cairn.foundation.models import AuditEntry

    granted = share(world, at, "entry", items["entry"])
    actions.withdraw(share_id=granted.pk, by=world.thandiwe, at=at)
    found = AuditEntry.objects.filter(subject_kind="share").order_by("pk")
    assert [each.action for each in found] == ["share", "withdraw"]
    assert "LEAK" not in repr([each.facts for each in found])


@pytest.mark.parametrize("change", ["UPDATE journey_reading SET at = now()", "DELETE FROM journey_reading"])
def test_the_database_keeps_every_reading_as_it_is(world, at, change):
    Reading.objects.create(person=world.thandiwe, reader=world.ioana, kind="entry", item_id=1, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(change)
    assert Reading.objects.count() == 1


def test_an_author_who_erases_takes_only_readings_of_their_own_texts_away(world, at):
    for author in (world.thandiwe, world.part):
        Reading.objects.create(person=author, reader=world.ioana, kind="entry", item_id=1, at=at)
    actions.erase_everything(by=world.thandiwe, at=at)
    assert list(Reading.objects.values_list("person", flat=True)) == [world.part.pk]


def test_a_step_agreed_with_a_former_coach_is_its_owners_alone(world, at):
    step = actions.agree_step(person=world.thandiwe, text="Ring Imke", due_on=None, by=world.ioana, at=at)
    actions.end_shares_between(person=world.thandiwe, reader=world.ioana, at=at)
    assert queries.step(world.thandiwe, step.pk).agreed_with == ""
    assert queries.steps_agreed_with(world.thandiwe, world.ioana.pk) == ()
