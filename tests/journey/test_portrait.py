"""The portrait: exercises offer, the person decides; nothing of it can be read in the database."""

import datetime as dt

import pytest

from cairn.engines.portrait import LINES_MOST, Written
from cairn.foundation.models import AuditEntry
from cairn.journey import actions, queries
from cairn.journey.models import Portrait

KEEPS = {"aspects": [{"what": "Explaining until it clicks", "wish": "keep"}, {"what": "Forms", "wish": "change"}]}


@pytest.fixture
def done(world, at):
    """An exercise of Thandiwe's, finished."""
    return _finish(world.thandiwe, KEEPS, at)


def _finish(person, values, at, exercise="keep_and_change"):
    run = actions.begin_run(exercise=exercise, by=person, at=at)
    actions.finish_run(run_id=run.pk, values=values, revision=1, by=person, at=at)
    return run


def _take(person, text, at):
    offer = next(each for each in queries.portrait(person).offers if each.text == text)
    actions.take_in(mark=offer.mark, by=person, at=at)


def _lines(person, section):
    return [line.text for line in queries.portrait(person).sections[section]]


def test_a_finished_exercise_offers_and_adds_nothing_by_itself(world, done):
    opened = queries.portrait(world.thandiwe)

    assert [(each.section, each.text, each.exercise) for each in opened.offers] == [
        ("keeps", "Explaining until it clicks", "keep_and_change"),
        ("changes", "Forms", "keep_and_change"),
    ]
    assert {line for lines in opened.sections.values() for line in lines} == set()
    assert opened.id == 0


def test_an_exercise_that_is_only_begun_offers_nothing(world, at):
    run = actions.begin_run(exercise="keep_and_change", by=world.thandiwe, at=at)
    actions.save_run(run_id=run.pk, values=KEEPS, revision=1, by=world.thandiwe, at=at)

    assert queries.portrait(world.thandiwe).offers == ()


def test_a_line_taken_in_says_where_it_is_from_and_is_offered_no_more(world, done, at):
    _take(world.thandiwe, "Forms", at)

    opened = queries.portrait(world.thandiwe)
    (line,) = opened.sections["changes"]
    assert (line.text, line.exercise, line.on) == ("Forms", "keep_and_change", at.date())
    assert [each.text for each in opened.offers] == ["Explaining until it clicks"]


def test_a_line_that_was_reworded_is_not_offered_again(world, done, at):
    _take(world.thandiwe, "Forms", at)
    opened = queries.portrait(world.thandiwe)
    lines = [Written(opened.sections["changes"][0].id, "Fewer forms")]
    actions.keep_section(section="changes", lines=lines, seen=opened.seen["changes"], by=world.thandiwe, at=at)

    opened = queries.portrait(world.thandiwe)
    assert [line.text for line in opened.sections["changes"]] == ["Fewer forms"]
    assert [each.text for each in opened.offers] == ["Explaining until it clicks"]


def test_what_was_removed_or_left_out_is_not_offered_again_but_something_new_is(world, done, at):
    _take(world.thandiwe, "Forms", at)
    seen = queries.portrait(world.thandiwe).seen["changes"]
    actions.keep_section(section="changes", lines=[], seen=seen, by=world.thandiwe, at=at)
    (offer,) = queries.portrait(world.thandiwe).offers
    actions.leave_out(mark=offer.mark, by=world.thandiwe, at=at)
    assert queries.portrait(world.thandiwe).offers == ()

    newer = {"aspects": [{"what": "forms", "wish": "change"}, {"what": "The commute", "wish": "change"}]}
    _finish(world.thandiwe, newer, at + dt.timedelta(days=90))

    assert [each.text for each in queries.portrait(world.thandiwe).offers] == ["The commute"]


def test_own_lines_are_added_ordered_and_removed(world, at):
    empty = queries.portrait(world.thandiwe).seen["values"]
    actions.keep_section(
        section="values", lines=[Written("", "Fairness"), Written("", "Time")], seen=empty, by=world.thandiwe, at=at
    )
    opened = queries.portrait(world.thandiwe)
    first, second = opened.sections["values"]

    lines = [Written(second.id, "Time"), Written(first.id, "  ")]
    actions.keep_section(section="values", lines=lines, seen=opened.seen["values"], by=world.thandiwe, at=at)

    assert _lines(world.thandiwe, "values") == ["Time"]


def test_two_windows_do_not_overwrite_each_other(world, at):
    seen = queries.portrait(world.thandiwe).seen
    actions.keep_section(
        section="values", lines=[Written("", "Fairness")], seen=seen["values"], by=world.thandiwe, at=at
    )

    with pytest.raises(actions.SectionChanged):
        actions.keep_section(
            section="values", lines=[Written("", "Time")], seen=seen["values"], by=world.thandiwe, at=at
        )
    actions.keep_section(section="skills", lines=[Written("", "R")], seen=seen["skills"], by=world.thandiwe, at=at)

    assert (_lines(world.thandiwe, "values"), _lines(world.thandiwe, "skills")) == (["Fairness"], ["R"])


@pytest.mark.parametrize("lines", [[Written("", "x")] * (LINES_MOST + 1), [Written("", "x" * 281)]])
def test_a_section_has_room_for_so_much(world, at, lines):
    seen = queries.portrait(world.thandiwe).seen["values"]

    with pytest.raises(actions.TooMuch):
        actions.keep_section(section="values", lines=lines, seen=seen, by=world.thandiwe, at=at)


def test_nobody_elses_exercise_is_offered_or_taken(world, done, at):
    mark = queries.portrait(world.thandiwe).offers[0].mark

    assert queries.portrait(world.part).offers == ()
    with pytest.raises(queries.NotFound):
        actions.take_in(mark=mark, by=world.part, at=at)
    with pytest.raises(queries.NotFound):
        actions.leave_out(mark=mark, by=world.part, at=at)


def test_a_section_that_does_not_exist_is_not_found(world, at):
    with pytest.raises(queries.NotFound):
        actions.keep_section(section="gossip", lines=[], seen="", by=world.thandiwe, at=at)


def test_no_word_is_kept_in_clear_or_recorded(world, done, at):
    _take(world.thandiwe, "Forms", at)

    assert b"Forms" not in bytes(Portrait.objects.get().sealed)
    facts = AuditEntry.objects.filter(action="take_into_portrait").values_list("facts", flat=True)
    assert list(facts) == [{}]


def test_taking_in_twice_keeps_one_line(world, done, at):
    mark = queries.portrait(world.thandiwe).offers[0].mark
    actions.take_in(mark=mark, by=world.thandiwe, at=at)
    actions.take_in(mark=mark, by=world.thandiwe, at=at)

    assert _lines(world.thandiwe, "keeps") == ["Explaining until it clicks"]


def test_reading_costs_the_same_few_queries(world, done, at, django_assert_num_queries):
    _take(world.thandiwe, "Forms", at)

    with django_assert_num_queries(3):
        queries.portrait(world.thandiwe)
