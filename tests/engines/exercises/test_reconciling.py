from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.exercises.reconciling import marks, reconcile
from tests.engines.exercises.making import EXERCISE

BASE = {"note": "One.\n\nTwo.", "far": 3, "rows": [{"what": "A"}, {"what": "B"}], "cards": {"order": "heart"}}


def kept(stored, mine, base=BASE):
    return reconcile(EXERCISE, stored, mine, marks(EXERCISE, base))


def test_marks_hold_no_text():
    assert "Variety" not in str(marks(EXERCISE, {"rows": [{"what": "Variety"}]}))


def test_each_part_takes_the_side_that_changed_it():
    stored = {**BASE, "note": "One.\n\nTwo, elsewhere."}
    mine = {**BASE, "far": 8, "mood": "good"}
    assert kept(stored, mine) == {**BASE, "note": "One.\n\nTwo, elsewhere.", "far": 8, "mood": "good"}


def test_rows_of_both_sides_are_kept():
    stored = {**BASE, "rows": [{"what": "A"}, {"what": "B"}, {"what": "theirs"}]}
    mine = {**BASE, "rows": [{"what": "A"}, {"what": "B"}, {"what": "mine"}]}
    assert kept(stored, mine)["rows"] == [{"what": "A"}, {"what": "B"}, {"what": "theirs"}, {"what": "mine"}]


def test_a_row_changed_on_both_sides_is_there_twice():
    stored = {**BASE, "rows": [{"what": "A", "height": 1}, {"what": "B"}]}
    mine = {**BASE, "rows": [{"what": "A", "height": 2}, {"what": "B"}]}
    assert kept(stored, mine)["rows"] == [{"what": "A", "height": 1}, {"what": "B"}, {"what": "A", "height": 2}]


def test_a_row_taken_away_on_one_side_stays_away():
    stored = {**BASE, "rows": [{"what": "B"}, {"what": "theirs"}]}
    mine = {**BASE, "rows": [{"what": "A"}, {"what": "B"}, {"what": "mine"}]}
    assert kept(stored, mine)["rows"] == [{"what": "B"}, {"what": "theirs"}, {"what": "mine"}]


def test_paragraphs_of_both_sides_are_kept():
    stored, mine = {**BASE, "note": "One.\n\nTwo.\n\nTheirs."}, {**BASE, "note": "One.\n\nTwo.\n\nMine."}
    assert kept(stored, mine)["note"] == "One.\n\nTwo.\n\nTheirs.\n\nMine."


def test_cards_laid_on_both_sides_are_kept_and_the_later_counts():
    stored = {**BASE, "cards": {"order": "less", "play": "heart"}}
    mine = {**BASE, "cards": {"order": "heart", "play": "less"}}
    assert kept(stored, mine)["cards"] == {"order": "less", "play": "less"}


def test_of_two_numbers_the_later_counts():
    assert kept({**BASE, "far": 1}, {**BASE, "far": 9})["far"] == 9


def test_an_empty_page_takes_nothing_away_that_was_written_meanwhile():
    assert kept(BASE, {}, base={}) == BASE


def test_without_marks_everything_is_kept():
    stored, mine = {"note": "a", "rows": [{"what": "A"}]}, {"note": "b", "rows": [{"what": "B"}], "_words": "w"}
    assert reconcile(EXERCISE, stored, mine, None) == {
        "note": "a\n\nb",
        "rows": [{"what": "A"}, {"what": "B"}],
        "_words": "w",
    }


def test_a_part_that_the_exercise_no_longer_has_stays():
    assert kept({**BASE, "gone": "old words"}, {**BASE, "far": 1})["gone"] == "old words"


def test_marks_from_a_hostile_page_break_nothing():
    stored, mine = {"note": "a"}, {"note": "b"}
    assert reconcile(EXERCISE, stored, mine, {"note": {"x": 1}, "rows": 3})["note"] == "a\n\nb"


NAMES = st.lists(st.sampled_from("abcdef"), max_size=5, unique=True)
ROWS = NAMES.map(lambda names: [{"what": name} for name in names])


@settings(max_examples=60)
@given(base=ROWS, stored=ROWS, mine=ROWS)
def test_no_new_row_of_either_side_is_ever_lost(base, stored, mine):
    found = kept({"rows": stored}, {"rows": mine}, {"rows": base}).get("rows", [])
    assert [row for row in stored + mine if row not in base and row not in found] == []
    assert [row for row in base if row in stored and row in mine and row not in found] == []
