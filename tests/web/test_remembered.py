"""Remembered pieces: never another language's, never one that was escaped for one that was not."""

from django.utils.safestring import SafeString
from django.utils.translation import override

from cairn.web.templatetags import _marks, _meters
from cairn.web.templatetags._remembered import remembered


def test_a_piece_is_drawn_once_for_each_language():
    drawn = []

    @remembered
    def piece(word: str, end: str = "") -> str:
        drawn.append(word)
        return word + end

    with override("en-gb"):
        assert [piece("a"), piece("a"), piece("a", end="!")] == ["a", "a", "a!"]
    with override("cy"):
        assert piece("a") == "a"
    assert drawn == ["a", "a", "a"]


def test_words_that_are_markup_do_not_stand_in_for_words_that_are_not():
    assert "<i>here</i>" in _marks.tag("", SafeString("<i>here</i>"))
    assert "&lt;i&gt;here&lt;/i&gt;" in _marks.tag("", "<i>here</i>")


def test_accounts_that_differ_in_one_number_are_drawn_apart():
    account = {"promised": 900, "used": 90, "booked": 90}
    assert "720 left of 900" in _meters.minutes_cell(account)
    assert "630 left of 900" in _meters.minutes_cell({**account, "released": 90})
    assert _meters.minutes_cell(account) == _meters.minutes_cell(account)
