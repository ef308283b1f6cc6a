import pytest

from cairn.engines.exercises import reading
from cairn.engines.exercises.reading import Problem
from tests.engines.exercises.making import EXERCISE

SENTENCE = "I’m the guy who builds offices and grows people"
SUMMARY = (
    "“To help others find their place in the world you need to be unbiased and ask the right questions "
    "that will struck deep into who they are.”"
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (SENTENCE, 47),
        (SUMMARY.strip("“”"), 137),
        ("", 0),
        ("naïve", 5),
        ("nai\u0308ve", 5),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽👍", 2),
        ("🇵🇱🇳🇴", 2),
        ("e\u0301\u0323", 1),
        ("क्षि", 1),
        ("今日は", 3),
        ("a\r\nb", 3),
    ],
)
def test_characters_are_counted_as_readers_count_them(text, count):
    assert reading.graphemes(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("I’m here, and well-rested.", 4), ("one two  three", 3), ("— … —", 0), ("2 cups", 2)],
)
def test_words_are_what_is_spoken(text, count):
    assert reading.words(text) == count


def test_sixty_five_words_take_half_a_minute():
    assert reading.speaking_seconds("word " * 65) == 30
    assert reading.speaking_seconds("") == 0


def test_what_is_sent_is_cleaned():
    raw = {
        "note": "  One\r\ntwo\x00 ",
        "self": "me",
        "far": "7",
        "mood": "good",
        "rows": [
            {"what": "First", "height": "−3", "year": "2012", "due": "2027-03-03", "wish": "keep", "why": "so"},
            {"what": " ", "height": "", "year": ""},
        ],
        "cards": {"order": "heart", "play": "nowhere", "unknown": "heart"},
        "_words": "Quiet.",
        "_confirmed": "on",
        "unknown": "x",
    }
    assert reading.read(EXERCISE, raw) == {
        "note": "One\ntwo",
        "self": "me",
        "far": 7,
        "mood": "good",
        "rows": [{"what": "First", "height": -3, "year": 2012, "due": "2027-03-03", "wish": "keep", "why": "so"}],
        "cards": {"order": "heart"},
        "_words": "Quiet.",
        "_confirmed": True,
    }


def test_reading_again_changes_nothing():
    raw = {"note": "a", "rows": [{"what": "b", "height": 2}], "cards": {"play": "less"}, "_confirmed": True}
    once = reading.read(EXERCISE, raw)
    assert reading.read(EXERCISE, once) == once == raw


SHAPELESS = [{}, {"rows": "no list"}, {"rows": [3]}, {"cards": [1]}, {"far": True}, {"note": 4}, {"mood": []}]


@pytest.mark.parametrize("raw", [*SHAPELESS, {"cards": {"order": {}}}, {"rows": [{"wish": {}}]}])
def test_what_has_the_wrong_shape_is_left_out(raw):
    assert reading.read(EXERCISE, raw) == {}


@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_blank_stays_blank(nothing):
    assert reading.read(EXERCISE, {"note": nothing, "far": nothing, "rows": [{"what": nothing}]}) == {}
    assert reading.problems(EXERCISE, {"note": nothing, "far": nothing, "rows": [{"what": nothing}]}) == ()


def test_text_is_never_cut_and_the_length_is_said():
    long = "x" * 141
    assert reading.read(EXERCISE, {"self": long}) == {"self": long}
    assert reading.problems(EXERCISE, {"self": long}) == (Problem("self", "too_long", limit=140),)
    assert reading.problems(EXERCISE, {"self": "👩‍👩‍👧‍👦" * 140}) == ()


def test_too_many_rows_are_kept_and_said():
    rows = [{"what": str(number)} for number in range(4)]
    assert reading.read(EXERCISE, {"rows": rows}) == {"rows": rows}
    assert reading.problems(EXERCISE, {"rows": rows}) == (Problem("rows", "too_many", limit=3),)


@pytest.mark.parametrize(
    ("column", "typed", "kind"),
    [
        ("height", "6", "out_of_bounds"),
        ("height", "high", "not_a_number"),
        ("height", "1e3", "not_a_number"),
        ("year", "spring 2012", "not_a_number"),
        ("year", "1066", "out_of_bounds"),
        ("due", "3 March", "not_a_date"),
        ("due", "2027-02-30", "not_a_date"),
    ],
)
def test_numbers_and_dates_that_are_none_are_pointed_out(column, typed, kind):
    raw = {"rows": [{"what": "First"}, {"what": "Second", column: typed}]}
    assert [(each.row, each.column, each.kind, each.value) for each in reading.problems(EXERCISE, raw)] == [
        (1, column, kind, typed)
    ]
    assert reading.read(EXERCISE, raw) == {"rows": [{"what": "First"}, {"what": "Second"}]}


def test_rows_that_were_only_offered_are_blank():
    assert reading.is_blank(EXERCISE, {})
    assert reading.is_blank(EXERCISE, reading.opening(EXERCISE))
    assert not reading.is_blank(EXERCISE, {"rows": [{"what": "Variety", "height": 1}]})
    assert not reading.is_blank(EXERCISE, {"_confirmed": True})
    assert not reading.is_blank(EXERCISE, {"far": 0} | {"note": "x"})
