"""The lint of prompts: what it finds on labelled prompts, how often it is right, and where it must stay silent."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.paths.lint import KINDS, lint

LABELLED = yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))
# (precision, recall) of "is there a fault at all", not below. `last` was measured once, without changing a rule for it.
FLOORS = {"tuning": (0.98, 0.98), "held_out": (0.95, 0.95), "evading": (0.95, 0.95), "last": (0.95, 0.80)}
LAST_BY_KIND = {
    "closed": (0.90, 0.90),
    "leading": (0.85, 0.80),
    "double": (0.90, 0.90),
    "advising": (0.80, 0.70),
    "judging": (0.90, 0.50),
    "prejudiced": (0.90, 0.50),
}


def rows(part: str) -> list[tuple[str, frozenset[str]]]:
    """The prompts of one part with the kinds that a person gave them."""
    good = [(text, frozenset()) for text in LABELLED[part]["good"]]
    return good + [(bad["text"], frozenset(bad["kinds"])) for bad in LABELLED[part]["bad"]]


def rates(pairs: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Precision and recall of (wanted, found)."""
    both = sum(wanted and found for wanted, found in pairs)
    found, wanted = sum(found for _, found in pairs), sum(wanted for wanted, _ in pairs)
    return (both / found if found else 1.0), (both / wanted if wanted else 1.0)


def test_enough_is_labelled_and_nothing_twice():
    texts = [text for part in LABELLED for text, _ in rows(part)]
    assert len(texts) == len(set(texts))
    assert len(texts) >= 320
    assert len(rows("held_out")) >= 100
    assert len(rows("last")) >= 100
    assert {kind for part in LABELLED for _, kinds in rows(part) for kind in kinds} == set(KINDS)


@pytest.mark.parametrize("part", sorted(FLOORS))
def test_the_lint_is_right_as_often_as_we_say(part: str, figure):
    judged = [(wanted, frozenset(finding.kind for finding in lint(text))) for text, wanted in rows(part)]

    overall = rates([(bool(wanted), bool(found)) for wanted, found in judged])
    by_kind = {kind: rates([(kind in wanted, kind in found) for wanted, found in judged]) for kind in KINDS}

    shown = ", ".join(f"{kind} {precision:.2f}/{recall:.2f}" for kind, (precision, recall) in by_kind.items())
    figure(f"lint, {part}: precision {overall[0]:.3f}, recall {overall[1]:.3f}; by kind {shown}")
    assert (overall[0] >= FLOORS[part][0], overall[1] >= FLOORS[part][1]) == (True, True)
    if part == "last":
        low = {kind: got for kind, got in by_kind.items() if any(map(float.__lt__, got, LAST_BY_KIND[kind]))}
        assert low == {}


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("Do you like your job?", [("closed", "Do you like your")]),
        ("Surely you want more?", [("leading", "Surely")]),
        ("What drives you? What holds you back?", [("double", "What holds you back?")]),
        ("Have you considered consulting?", [("advising", "Have you considered")]),
        ("What’s wrong with your job?", [("judging", "What’s wrong with")]),
        ("What is it like to be just a postdoc?", [("prejudiced", "just a postdoc")]),
        ("", []),
        ("?", []),
    ],
)
def test_a_finding_shows_the_words_as_they_were_written(prompt, found):
    assert [(each.kind, each.words) for each in lint(prompt)] == found


def test_a_finding_has_a_sentence_for_people_that_can_be_translated():
    (finding,) = lint("Have you considered consulting?")
    assert finding.sentence == (
        "“Have you considered” says what to do. Cairn asks and leaves the answer to the person."
    )
    assert finding.wording.sentence == finding.sentence


def test_mentoring_allows_advice_and_nothing_else():
    prompt = "You should leave. When will you get a real job?"
    assert [each.kind for each in lint(prompt)] == ["advising", "prejudiced"]
    assert [each.kind for each in lint(prompt, allow_advising=True)] == ["prejudiced"]


@pytest.mark.parametrize("field", ["academia", "industry"])
def test_no_sector_is_spared(field: str):
    assert [each.kind for each in lint(f"When will you escape from {field}?")] == ["prejudiced"]
    assert lint(f"What draws you to {field}?") == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(prompt: str):
    assert all(each.kind in KINDS for each in lint(prompt))


def test_a_long_prompt_is_read_quickly():
    begun = time.process_time()
    for long in ("and what, " * 300, "a" * 3_000 + "?", "what you " * 300 + "?", "in the end, " * 300 + "?"):
        lint(long)
    assert time.process_time() - begun < 1
