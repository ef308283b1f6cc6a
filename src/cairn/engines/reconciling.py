"""Two windows, one text: both are kept, paragraph by paragraph. And what changed from one version to the next."""

import difflib
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

MANY_WORDS = 4_000
"""Beyond so many words two versions are compared by paragraphs only, so that a page never waits for it."""
MANY_PAIRS = 100_000
MANY_PIECES = 2_000
"""Beyond so many pairs of equal pieces, or so many pieces on either side, nothing is compared place by place.

Nobody writes like that, but a text of one letter, repeated, would keep a worker busy for hours.
"""


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
    if _is_endless(ours, theirs):
        return "\n\n".join([*ours, *_beyond(ours, theirs)])
    if all(any(each in whole for whole in ours) for each in theirs):  # sent once more after its answer was lost
        return kept
    return "\n\n".join(_union(ours, theirs))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, parted by blank lines."""
    stretches = itertools.groupby(text.split("\n"), key=lambda line: not line.strip())
    return ["\n".join(lines) for is_blank, lines in stretches if not is_blank]


def _is_endless(old: list[str], new: list[str]) -> bool:
    """Whether comparing would take the square, or the cube, of what there is."""
    ours, theirs = Counter(old), Counter(new)
    pairs = sum(many * theirs[each] for each, many in ours.items())
    return pairs > MANY_PAIRS or len(old) * len(new) > MANY_PIECES**2


def _beyond(kept: list[str], typed: list[str]) -> list[str]:
    """What was typed and is not kept already, as often as it was typed more often."""
    there = Counter(kept)
    coming = []
    for each in typed:
        if there[each]:
            there[each] -= 1
        else:
            coming.append(each)
    return coming


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
    old, new = _pieces(before, after)
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


def _pieces(before: str, after: str) -> tuple[list[str], list[str]]:
    """Both cut as finely as can be compared at once: into words, into lines, or not at all."""
    if len(before.split()) + len(after.split()) <= MANY_WORDS:
        old, new = _words(before), _words(after)
        if not _is_endless(old, new):
            return old, new
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return (old, new) if not _is_endless(old, new) else ([before], [after])


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _opcodes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    yield from difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
