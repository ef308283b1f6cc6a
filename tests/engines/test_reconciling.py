"""Two windows on one text, and two versions of it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.reconciling import changes, paragraphs, reconcile

texts = st.lists(st.sampled_from(["one", "two", "one and two", "three\nlines", "four", "  "]), max_size=6).map(
    "\n\n".join
) | st.text(alphabet="ab \n", max_size=30)


@pytest.mark.parametrize(
    ("kept", "typed", "both"),
    [
        ("", "new", "new"),
        ("old", "", "old"),
        ("same", "same", "same"),
        ("I came", "I came early", "I came early"),
        ("I came early", "I came", "I came early"),
        ("a\n\nb", "a\n\nc", "a\n\nb\n\nc"),
        ("a\n\nb", "x\n\na\n\nb\n\ny", "x\n\na\n\nb\n\ny"),
        ("from the phone", "from the desk", "from the phone\n\nfrom the desk"),
    ],
)
def test_both_windows_are_in_the_text(kept, typed, both):
    assert reconcile(kept, typed) == both


def test_a_text_sent_once_more_adds_no_paragraph_that_another_one_took_in():
    typed = "three\nlines\n\none"
    both = reconcile("one and two", typed)
    assert (both, reconcile(both, typed)) == ("one and two\n\nthree\nlines", both)


@settings(max_examples=150, deadline=None)
@given(texts, texts)
def test_no_paragraph_of_either_is_lost(kept, typed):
    both = reconcile(kept, typed)
    assert all(any(each in whole for whole in [both, *paragraphs(both)]) for each in paragraphs(kept))
    assert all(each in both for each in paragraphs(typed))


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_sending_the_same_again_adds_nothing(kept, typed):
    both = reconcile(kept, typed)
    again = reconcile(both, both)
    assert again == both
    assert sorted(paragraphs(reconcile(both, typed))) == sorted(set(paragraphs(both))) or len(
        paragraphs(reconcile(both, typed))
    ) <= len(paragraphs(both))


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_changes_lead_from_one_version_to_the_other(before, after):
    found = changes(before, after)
    assert "".join(each.text for each in found if each.kind != "gone") == after
    assert "".join(each.text for each in found if each.kind != "new") == before


def test_long_texts_are_compared_by_lines():
    before = "\n".join(f"line {number} " + "word " * 20 for number in range(200))
    after = before + "\nand one more"
    assert changes(before, after)[-1].text.endswith("and one more")


REPEATED = ("\n\n".join(["a"] * 30_000), "\n\n".join(["b", "a"] * 15_000))
NUMBERED = ("\n\n".join(map(str, range(14_000))), "\n\n".join(map(str, range(100_000, 113_000))))


@pytest.mark.parametrize(("kept", "typed"), [REPEATED, NUMBERED])
def test_texts_that_nobody_writes_keep_no_worker_busy(kept, typed):
    began = time.process_time()
    both = paragraphs(reconcile(kept, typed))
    assert time.process_time() - began < 1
    assert set(both) == {*paragraphs(kept), *paragraphs(typed)}
    assert both.count("a") == kept.count("a")


@pytest.mark.parametrize(
    ("before", "after"), [("a\n" * 50_000, "b\na\n" * 25_000), ("a " * 2_000, "b a " * 1_000), REPEATED]
)
def test_versions_that_nobody_writes_keep_no_worker_busy(before, after):
    began = time.process_time()
    found = changes(before, after)
    assert time.process_time() - began < 2
    assert "".join(each.text for each in found if each.kind != "gone") == after
    assert "".join(each.text for each in found if each.kind != "new") == before
