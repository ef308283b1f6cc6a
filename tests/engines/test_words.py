import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines import words
from cairn.engines.words import Query, first_words, fold, matches, parse, snippet


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élan VITAL", "elan vital"),
        ("I don’t", "i don't"),
        ("Straße", "strasse"),
        ("Ещё", "еще"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("“So” — he said", '"so" - he said'),
        ("हिन्दी", "हिन्दी"),
        ("قَلَم", "قلم"),
    ],
)
def test_case_accents_and_apostrophes_do_not_count(text, folded):
    assert fold(text) == folded


@settings(max_examples=100)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Mn", "Cs")), max_size=30))
def test_letters_fold_alone_as_they_do_together(text):
    assert "".join(map(fold, text)) == fold(text)


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("Work quiet", Query(words=("work", "quiet"))),
        ('"stolen  mornings" tag:Work', Query(phrases=("stolen mornings",), tags=("work",))),
        ('tag:"two words" “in quotes”', Query(phrases=("in quotes",), tags=("two words",))),
        ("don’t", Query(words=("don't",))),
        ("…  ?! -", Query()),
        ('"unclosed', Query(words=("unclosed",))),
        ("", Query()),
    ],
)
def test_a_query_is_words_phrases_and_tags(asked, query):
    assert parse(asked) == query


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("morn", "Five mornings without it", True),
        ("nings", "Five mornings without it", False),
        ("five inbox", "Five mornings without it", False),
        ("ete", "L’été dernier", True),
        ('"mornings without"', "Five mornings\nwithout it", True),
        ('"mornings with"', "Five mornings without it", False),
        ("don't", "I don’t know", True),
        ("t", "I don't know", False),
        ("quoted", "a 'quoted' word", True),
        ("日は", "今日は晴れ", True),
        ("\u0e07\u0e32\u0e19", "\u0e09\u0e31\u0e19\u0e17\u0e33\u0e07\u0e32\u0e19", True),
        ("сказала", "Что я сказала вслух", True),
    ],
)
def test_words_are_found_by_their_beginning(asked, text, found):
    assert matches(parse(asked), fold(text)) is found


def test_a_tag_has_to_be_on_it():
    assert matches(parse("tag:quiet"), fold("no word of it"), ("Quiet", "work"))
    assert not matches(parse("tag:quiet"), fold("quiet it was"), ("work",))


def test_a_snippet_marks_what_was_found():
    pieces = snippet(parse("été"), "Tout l’été, j’ai écrit. ÉTÉ encore.")
    assert [piece.text for piece in pieces if piece.is_match] == ["été", "ÉTÉ"]
    assert "".join(piece.text for piece in pieces) == "Tout l’été, j’ai écrit. ÉTÉ encore."


def test_a_snippet_of_a_long_text_is_cut_around_the_first_match():
    text = "before " * 100 + "needle" + " after" * 100
    whole = "".join(piece.text for piece in snippet(parse("needle"), text))
    assert whole.startswith("… ") and whole.endswith(" …") and "needle" in whole and len(whole) < 300


@settings(max_examples=80)
@given(st.text(max_size=300), st.text(max_size=8))
def test_a_snippet_says_nothing_that_is_not_in_the_text(text, asked):
    pieces = snippet(parse(asked), text)
    assert all(piece.text in text for piece in pieces if piece.text not in ("… ", " …"))


@settings(max_examples=80)
@given(st.text(max_size=200), st.text(max_size=20))
def test_any_query_meets_any_text(text, asked):
    query = parse(asked)
    assert matches(query, fold(text)) in (True, False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Short.", "Short."),
        ("Two\nlines  here", "Two lines here"),
        ("word " * 40, "word " * 15 + "word …"),
        ("x" * 200, "x" * 80 + " …"),
    ],
)
def test_the_first_words_fit_on_a_line(text, line):
    assert first_words(text) == line


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("work, Quiet ,work", ("work", "Quiet")),
        ("#one; two words", ("one", "two words")),
        ('a "b" c', ("a b c",)),
        ("", ()),
        (" , ,# ", ()),
        (",".join(f"t{number}" for number in range(20)), tuple(f"t{number}" for number in range(12))),
    ],
)
def test_tags_are_typed_between_commas(typed, found):
    assert words.tags(typed) == found
