import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.mirror import Mirrored, Told, mirror
from cairn.engines.mirror.tensions import stances
from cairn.engines.mirror.tokens import quoted, sentences, stem

START = dt.datetime(2026, 3, 3, 9, 0, tzinfo=dt.UTC)


def told(*texts, apart=30):
    return [Told(place, START + dt.timedelta(days=place * apart), text) for place, text in enumerate(texts)]


def words(themes):
    return [theme.word for theme in themes]


def quotes_of(mirrored):
    for theme in (*mirrored.recurring, *mirrored.risen, *mirrored.faded):
        yield from theme.quotes
    for tension in mirrored.tensions:
        yield from (tension.then, tension.now)


def test_a_word_recurs_when_it_stands_in_three_places_in_any_form():
    shown = mirror(told("The meeting was long.", "Two meetings, no tea.", "We meet again.", "Nothing of the kind."))
    [theme] = shown.recurring
    assert (theme.word, theme.places) == ("meet", 3)
    assert [quote.text for quote in theme.quotes] == [
        "The meeting was long.",
        "Two meetings, no tea.",
        "We meet again.",
    ]
    assert [quote.place for quote in theme.quotes] == [0, 1, 2]


def test_a_word_in_two_places_is_no_theme_and_small_words_never_are():
    assert not mirror(told("The garden.", "The garden.", "But what of it?", "But what of that?"))


def test_nothing_is_shown_of_nothing():
    assert mirror([]) == Mirrored()
    assert mirror(told("", "  ", "\n")) == Mirrored()


def test_words_rise_and_fade_between_the_halves():
    shown = mirror(told(*["Rowing with Ada."] * 5, *["Painting with Ada."] * 5))
    assert (words(shown.risen), words(shown.faded)) == (["Painting"], ["Rowing"])
    assert (shown.risen[0].earlier, shown.risen[0].later) == (0, 5)
    assert "Ada" in words(shown.recurring)


def test_few_texts_are_not_compared():
    shown = mirror(told(*["Rowing."] * 3, *["Painting."] * 3))
    assert (shown.risen, shown.faded) == ((), ())


def test_sentences_that_pull_apart_are_laid_side_by_side():
    shown = mirror(told("I love teaching the first years. It rained.", "Much else.", "I hate teaching on Mondays!"))
    [tension] = shown.tensions
    assert (tension.word, tension.then.text, tension.now.text) == (
        "teaching",
        "I love teaching the first years.",
        "I hate teaching on Mondays!",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I want the big laboratory.", "I don’t want the big laboratory any more."),
        ("There should be more teaching.", "There should be less teaching."),
        ("My boss always listens.", "My boss never listens."),
        ("I would stay at the institute.", "I would leave the institute."),
    ],
)
def test_the_opposites_that_are_known(one, other):
    [tension] = mirror(told(one, other)).tensions
    assert (tension.then.text, tension.now.text) == (one, other)


def test_what_was_said_in_the_same_days_is_no_tension():
    assert mirror(told("I love teaching the young.", "I hate teaching the young.", apart=3)).tensions == ()


@pytest.mark.parametrize(
    ("sentence", "sides"),
    [
        ("I love it.", {"liking": 1}),
        ("I do not love it.", {"liking": -1}),
        ("I don't hate it.", {}),
        ("I love and hate it.", {}),
        ("More or less done.", {}),
        ("I never want that.", {"wanting": -1, "always": -1}),
        ("Not always.", {}),
        ("Not a word of it.", {}),
    ],
)
def test_which_side_a_sentence_takes(sentence, sides):
    assert stances(sentence) == sides


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("meeting", "meetings", "meet", "meets"), 1),
        (("manage", "managing", "managed", "manages"), 1),
        (("running", "runs", "run"), 1),
        (("worry", "worries", "worried"), 2),
        (("speed", "spe"), 2),
        (("bring", "br"), 2),
        (("boss", "bosses", "boss's"), 1),
        (("сказала", "сказать"), 2),
    ],
)
def test_forms_of_a_word_meet(forms, count):
    assert len(set(map(stem, forms))) == count


def test_a_long_sentence_is_cut_around_the_word():
    sentence = "before " * 60 + "kingfisher " + "after " * 60
    quote = quoted(Told(0, START, sentence), sentence, sentence.index("kingfisher"))
    assert "kingfisher" in quote.text and len(quote.text) <= 220 and quote.text in sentence
    assert (quote.is_cut_before, quote.is_cut_after) == (True, True)


SAID = st.lists(
    st.sampled_from(
        [
            "I love the garden.",
            "I hate the garden!",
            "my boss",
            "Später – mehr…",
            "今日は。",
            "\n",
            " ",
            "x" * 300,
            "don’t want tea",
        ]
    )
    | st.text(max_size=20),
    max_size=12,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(SAID, max_size=12), st.integers(0, 60))
def test_every_quotation_is_a_stretch_of_the_text_it_names(texts, apart):
    given_ = told(*texts, apart=apart)
    shown = mirror(given_)
    for quote in quotes_of(shown):
        assert quote.text
        assert quote.text in given_[quote.place].text
        assert quote.at == given_[quote.place].at


@settings(max_examples=30, deadline=None)
@given(st.lists(SAID, max_size=8), st.randoms())
def test_the_order_in_which_texts_are_given_changes_nothing(texts, random):
    given_ = told(*texts)
    mixed = list(given_)
    random.shuffle(mixed)
    assert mirror(mixed) == mirror(given_)


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_sentences_are_stretches_of_the_text(text):
    assert all(sentence in text for sentence in sentences(text))
