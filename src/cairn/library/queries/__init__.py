"""Reads of the library: content files, whether they hang together, and what coaches contributed."""

from cairn.library.queries.checking import check
from cairn.library.queries.content import LANGUAGE, PATH, BadContent, exercises, forget, languages, path, prompts
from cairn.library.queries.contributions import (
    Contributed,
    contributed,
    contribution,
    contributions_in_use,
    contributions_of,
    findings,
    own_contribution,
    own_contributions,
    waiting_contributions,
)
from cairn.people.queries import NotFound

__all__ = [
    "LANGUAGE",
    "PATH",
    "BadContent",
    "Contributed",
    "NotFound",
    "check",
    "contributed",
    "contribution",
    "contributions_in_use",
    "contributions_of",
    "exercises",
    "findings",
    "forget",
    "languages",
    "own_contribution",
    "own_contributions",
    "path",
    "prompts",
    "waiting_contributions",
]
