"""The shipped exercises: complete, consistent, open questions only."""

import pytest

from cairn.engines.exercises.shapes import Exercise
from cairn.library import queries

KEYS = [
    *("line", "wheel", "keep_and_change", "strengths", "drives", "values", "skills", "flow", "week"),
    *("changing_organisation", "self_140", "mission", "introduction", "network", "difficult_conversation"),
    *("fear", "together"),
]
PART_KINDS = {"text", "short", "scale", "choice", "rows", "sort"}
COLUMN_KINDS = {"text", "long", "scale", "choice", "date", "number"}
SECTIONS = {"energisers", "drains", "keeps", "changes", "values", "strengths", "skills", "place", "self"}
PICTURES = {"", "wheel", "line", "network", "overlap", "week"}


def by_order() -> list[Exercise]:
    return sorted(queries.exercises().values(), key=lambda each: each.order)


def test_all_seventeen_are_there_in_their_order():
    shipped = [each.key for each in by_order() if each.key in KEYS]
    assert shipped == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_each_says_what_it_is_for_and_how_long_it_takes(key):
    exercise = queries.exercises()[key]
    assert (bool(exercise.purpose.strip()), 5 <= exercise.minutes <= 60) == (True, True)
    assert (bool(exercise.facilitator.strip()), bool(exercise.source)) == (True, True)


@pytest.mark.parametrize("key", KEYS)
def test_each_closes_with_single_open_questions(key):
    closing = queries.exercises()[key].closing
    assert closing
    assert [each for each in closing if not each.endswith("?") or each.count("?") != 1] == []
    opens = ("What", "Which", "Where", "When", "Who", "Whose", "How", "Looking at the whole list, what")
    assert [each for each in closing if not each.startswith(opens)] == []


@pytest.mark.parametrize("key", KEYS)
def test_parts_and_columns_are_of_known_kinds(key):
    exercise = queries.exercises()[key]
    assert {part.kind for part in exercise.parts} <= PART_KINDS
    assert {column.kind for part in exercise.parts for column in part.columns} <= COLUMN_KINDS
    assert exercise.picture in PICTURES
    keys = [part.key for part in exercise.parts]
    assert len(keys) == len(set(keys))
    assert not any(each.startswith("_") for each in keys)


@pytest.mark.parametrize("key", KEYS)
def test_parts_have_what_their_kind_needs(key):
    for part in queries.exercises()[key].parts:
        assert bool(part.columns) == (part.kind == "rows")
        assert bool(part.limit) == (part.kind == "short")
        assert bool(part.cards and part.piles) == (part.kind == "sort")
        choices = [column.options for column in part.columns if column.kind == "choice"]
        assert all(choices)
        known = {column.key for column in part.columns}
        assert all(row.keys() <= known for row in part.start)


@pytest.mark.parametrize("key", KEYS)
def test_what_flows_into_the_portrait_exists(key):
    exercise = queries.exercises()[key]
    for feeds in exercise.feeds:
        part = exercise.part(feeds.part)
        assert part is not None
        assert feeds.section in SECTIONS
        if part.kind == "rows":
            assert part.column(feeds.column) is not None
            assert all(part.column(column) for column in feeds.when or {})


def test_the_values_are_about_thirty_cards():
    cards = queries.exercises()["values"].part("cards")
    assert cards is not None
    assert 28 <= len(cards.cards or {}) <= 34


def test_the_three_short_selves_are_limited_to_140():
    parts = queries.exercises()["self_140"].parts
    assert [(part.key, part.limit) for part in parts] == [("as_i_am", 140), ("as_seen", 140), ("for_life", 140)]


def test_nothing_shipped_exclaims():
    for exercise in by_order():
        assert "!" not in repr(exercise)
