"""Two windows, one text: both are kept, paragraph by paragraph. And what changed from one version to the next."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

MANY_WORDS = 4_000
"""Beyond so many words two versions are compared by paragraphs only, so that a page never waits for it."""


def reconcile(kept: str, typed: str) -> str:
    """Both texts in one: paragraphs that are in both stand once, all others stand too, the kept before the typed.

    A paragraph that holds the other one whole takes its place. So nothing that stands in either is lost, and what was
    taken away in only one of the windows comes back.
    """
    if kept == typed or not kept.strip():
        return typed
    if not typed.strip():
        return kept
    ours, theirs = paragraphs(kept), paragraphs(typed)
    return "\n\n".join(_union(ours, theirs))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, parted by empty lines."""
    return [each for each in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", text.strip("\n")) if each.strip()]


def _union(kept: list[str], typed: list[str]) -> list[str]:
    whole: list[str] = []
    for kind, first, last, start, stop in _opcodes(kept, typed):
        if kind == "equal":
            whole += kept[first:last]
        else:
            whole += _both(kept[first:last], typed[start:stop])
    return whole


def _both(kept: list[str], typed: list[str]) -> list[str]:
    """Two stretches of paragraphs, one after the other, each left out that stands whole in one of the other's."""
    staying = [each for each in kept if not any(each in other for other in typed)]
    coming = [each for each in typed if not any(each in other for other in staying)]
    return staying + coming


@dataclass(frozen=True)
class Change:
    """A stretch of text that is the same, new or gone. `kind`: "same", "new" or "gone"."""

    kind: str
    text: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """How one version became the next, word by word; put together, "same" and "new" are the later text."""
    cut = _words if len(before.split()) + len(after.split()) <= MANY_WORDS else str.splitlines
    old, new = list(cut(before, True)), list(cut(after, True))
    found = []
    for kind, first, last, start, stop in _opcodes(old, new):
        if kind == "equal":
            found.append(Change("same", "".join(new[start:stop])))
            continue
        if first < last:
            found.append(Change("gone", "".join(old[first:last])))
        if start < stop:
            found.append(Change("new", "".join(new[start:stop])))
    return tuple(found)


def _words(text: str, _ends: bool) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _opcodes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    yield from difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
