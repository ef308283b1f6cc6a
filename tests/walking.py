"""A small path to walk in tests, so that they do not hang on the words of the one that is shipped."""

from typing import Any

import pytest

from cairn.engines.paths.shapes import Question, QuestionPath, Stage, Topic
from cairn.library import queries as library


def question(key: str, text: str, **fields: Any) -> Question:
    """An open question with everything that a page shows."""
    return Question(
        key=key,
        text=text,
        why=f"Why {key} is asked.",
        way_in=f"A way into {key}.",
        facilitator="LEAK-facilitator",
        **fields,
    )


SMALL = QuestionPath(
    key="cairn",
    version=7,
    language="en",
    title="Small path",
    about="Three stages.",
    stages=(
        Stage(
            "self",
            "Who I am",
            "The bigger picture first.",
            (
                question("life", "What does a good day look like?"),
                question("values", "What would you not give up?", builds_on=("life",)),
                question("boss", "What passes between you and those above you?", wrote=("boss",), topics=("boss",)),
            ),
        ),
        Stage(
            "out_there",
            "What is out there",
            "Found out, not thought out.",
            (question("heard", "What did you hear that you had not expected?"),),
            homework=("Talk to three people whose work you are curious about.", "Read two job descriptions."),
        ),
        Stage(
            "choose",
            "How I choose",
            "",
            (
                question(
                    "decide",
                    "By what would you know that it was right?",
                    look_back="Was it right, by what you said then?",
                    exercises=("keep_and_change",),
                ),
            ),
        ),
    ),
    topics=(
        Topic("boss", "topic", "My relationship with my boss", exercises=("keep_and_change",)),
        Topic("between_jobs", "situation", "I am between jobs"),
    ),
    wrote_offers={"afraid": ("keep_and_change",)},
)


def use_small_path(monkeypatch: pytest.MonkeyPatch) -> QuestionPath:
    """Walk this path instead of the shipped one."""
    monkeypatch.setattr(library, "path", lambda key="cairn", language="en": SMALL)
    return SMALL
