"""A coach's notes in two kinds, sealed with the coach's own key, and what a coach picks for next time."""

import pytest

from cairn.journey import actions, queries
from cairn.journey.models import CoachNote, SealingKey
from tests.sharing import EXERCISE

pytestmark = pytest.mark.django_db


def note(world, at, text="LEAK-note", is_shared=False):
    return actions.write_note(about_id=world.thandiwe.pk, text=text, is_shared=is_shared, by=world.ioana, at=at)


def test_a_note_is_its_coachs_alone_unless_it_is_shared(world, at):
    note(world, at, "for me")
    note(world, at, "for both", is_shared=True)
    own = queries.notes(world.ioana, world.thandiwe.pk)
    assert [(each.text, each.is_shared) for each in own] == [("for both", True), ("for me", False)]
    assert [(each.text, each.coach) for each in queries.notes_shared_with(world.thandiwe)] == [
        ("for both", "Ioana Pop")
    ]
    assert queries.notes_shared_with(world.part) == ()
    assert queries.notes(world.malik, world.thandiwe.pk) == ()


def test_a_note_is_sealed_with_the_coachs_own_key(world, at):
    note(world, at)
    assert b"LEAK-note" not in bytes(CoachNote.objects.get().sealed)
    assert list(SealingKey.objects.values_list("person", flat=True)) == [world.ioana.pk]


def test_a_note_changes_text_and_kind_and_goes(world, at):
    made = note(world, at)
    actions.rewrite_note(note_id=made, about_id=world.thandiwe.pk, text="anew", is_shared=True, by=world.ioana, at=at)
    assert [each.text for each in queries.notes_shared_with(world.thandiwe)] == ["anew"]
    for other in (world.malik, world.thandiwe):
        with pytest.raises(queries.NotFound):
            actions.delete_note(note_id=made, about_id=world.thandiwe.pk, by=other, at=at)
    actions.delete_note(note_id=made, about_id=world.thandiwe.pk, by=world.ioana, at=at)
    assert CoachNote.objects.count() == 0


def test_an_empty_note_is_refused(world, at):
    with pytest.raises(actions.EmptyNote):
        note(world, at, "  ")


def test_a_pick_lies_ready_until_it_is_put_away(world, at):
    picked = actions.pick(person_id=world.thandiwe.pk, kind="exercise", key=EXERCISE, by=world.ioana, at=at)
    [found] = queries.picks(world.thandiwe)
    assert (found.id, found.kind, found.key, found.coach) == (picked, "exercise", EXERCISE, "Ioana Pop")
    assert queries.picks_by(world.ioana, world.thandiwe.pk) == (found,)
    with pytest.raises(actions.PickedAlready):
        actions.pick(person_id=world.thandiwe.pk, kind="exercise", key=EXERCISE, by=world.ioana, at=at)
    for other in (world.part, world.ioana):
        with pytest.raises(queries.NotFound):
            actions.put_away_pick(pick_id=picked, by=other, at=at)
    actions.put_away_pick(pick_id=picked, by=world.thandiwe, at=at)
    assert (queries.picks(world.thandiwe), queries.picks_by(world.ioana, world.thandiwe.pk)) == ((), ())


def test_no_coach_learns_what_another_picked(world, at):
    for coach in (world.ioana, world.malik):
        actions.pick(person_id=world.thandiwe.pk, kind="exercise", key=EXERCISE, by=coach, at=at)
    assert [each.coach for each in queries.picks_by(world.malik, world.thandiwe.pk)] == ["Malik Rahman"]
    assert {each.coach for each in queries.picks(world.thandiwe)} == {"Ioana Pop", "Malik Rahman"}


def test_only_what_the_library_holds_is_picked(world, at):
    for kind, key in (("question", "no-such-question"), ("exercise", "no-such"), ("advice", EXERCISE)):
        with pytest.raises(queries.NotFound):
            actions.pick(person_id=world.thandiwe.pk, kind=kind, key=key, by=world.ioana, at=at)


def test_the_coachs_table_holds_steps_notes_and_picks_of_these_two_only(world, at):
    actions.agree_step(person=world.thandiwe, text="LEAK-step", by=world.ioana, at=at)
    actions.agree_step(person=world.thandiwe, text="with another", by=world.malik, at=at)
    actions.add_step(text="my own", by=world.thandiwe, at=at)
    note(world, at)
    actions.pick(person_id=world.thandiwe.pk, kind="exercise", key=EXERCISE, by=world.ioana, at=at)
    table = queries.coach_table(world.ioana, world.thandiwe.pk)
    assert [each.text for each in table.steps] == ["LEAK-step"]
    assert table.notes == queries.notes(world.ioana, world.thandiwe.pk)
    assert table.picks == queries.picks_by(world.ioana, world.thandiwe.pk)
    assert queries.coach_table(world.ioana, world.part.pk) == queries.CoachTable((), (), ())
