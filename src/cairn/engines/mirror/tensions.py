"""Tensions: two of one's own sentences about the same word that pull in opposite directions, well apart in time."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cairn.engines.mirror.shapes import Tension, Told
from cairn.engines.mirror.tokens import LONGEST_QUOTE, NOTHING, Vocabulary, quoted, sentences, surfaces, tokens
from cairn.engines.words import fold

APART = dt.timedelta(days=14)
MOST_TEXTS = 120
"""So many of the earliest texts are laid beside as many of the latest."""
MOST_TENSIONS = 5
FEWEST_WORDS = 4

OPPOSITES = {
    "liking": ("love loved loving loves enjoy enjoyed enjoying enjoys", "hate hated hating hates dread dreaded loathe"),
    "wanting": ("want wanted wants", ""),
    "amount": ("more", "less fewer"),
    "always": ("always", "never"),
    "ease": ("easy easily easier", "hard harder difficult"),
    "energy": ("energises energising energizes energizing energised energized", "drains draining drained exhausting"),
    "staying": ("stay staying stayed", "leave leaving quit quitting"),
    "pride": ("proud", "ashamed"),
    "calm": ("calm safe", "afraid scared anxious"),
}
MARKERS: Mapping[str, tuple[str, int]] = {
    word: (name, sign)
    for name, sides in OPPOSITES.items()
    for sign, side in zip((1, -1), sides, strict=True)
    for word in side.split()
}
_NOT = "not never no don't doesn't didn't won't wouldn't isn't wasn't can't cannot couldn't hardly longer"
NOT = frozenset(_NOT.split())
IDIOMS = frozenset(
    {
        ("any", "more"),
        ("once", "more"),
        ("no", "more"),
        ("more", "or"),
        ("or", "less"),
        ("more", "than"),
        ("less", "than"),
    }
)


@dataclass(frozen=True)
class Stance:
    """A sentence that takes a side: which, and what it is about."""

    told: Told
    sentence: str
    about: frozenset[int]


def tensions(told: Sequence[Told], vocabulary: Vocabulary, places: Mapping[int, int]) -> tuple[Tension, ...]:
    """At most five tensions, those first whose sentences have most in common. `told` is in order of time.

    `places` says in how many places each word stands, by its number: what stands everywhere says little.
    """
    sides = _sides(_ends(told), vocabulary)
    found = [
        (_closeness(one, other, places, len(told)), number, one, other)
        for name in OPPOSITES
        for number, one, other in _pairs(sides[name, 1], sides[name, -1])
    ]
    found.sort(key=lambda pair: (-pair[0], -_gap(pair[2], pair[3]), pair[1]))
    kept: list[Tension] = []
    used: set[object] = set()
    for _close, number, one, other in found:
        marks = {number, one.sentence, other.sentence}
        if used.isdisjoint(marks) and len(kept) < MOST_TENSIONS:
            used |= marks
            kept.append(_tension(vocabulary, number, one, other))
    return tuple(kept)


def stances(sentence: str) -> dict[str, int]:
    """The sides that a sentence takes, +1 or −1 by the name of the opposition; none where it takes both."""
    words = tokens(fold(sentence))
    taken: dict[str, set[int]] = defaultdict(set)
    for place, word in enumerate(words):
        if word not in MARKERS or {tuple(words[place - 1 : place + 1]), tuple(words[place : place + 2])} & IDIOMS:
            continue
        name, sign = MARKERS[word]
        is_turned = not NOT.isdisjoint(words[max(0, place - 2) : place])
        taken[name].add(0 if is_turned and (sign < 0 or name == "always") else -sign if is_turned else sign)
    return {name: side for name, signs in taken.items() if len(signs) == 1 for side in signs if side}


def _ends(told: Sequence[Told]) -> Iterable[Told]:
    return told if len(told) <= 2 * MOST_TEXTS else (*told[:MOST_TEXTS], *told[-MOST_TEXTS:])


def _sides(told: Iterable[Told], vocabulary: Vocabulary) -> dict[tuple[str, int], list[Stance]]:
    sides: dict[tuple[str, int], list[Stance]] = defaultdict(list)
    for each in told:
        for sentence in sentences(each.text):
            words = tokens(fold(sentence)) if len(sentence) <= LONGEST_QUOTE else []
            if len(words) < FEWEST_WORDS or MARKERS.keys().isdisjoint(words):
                continue
            about = frozenset(vocabulary[word] for word in words if word not in MARKERS) - {NOTHING}
            for stance in stances(sentence).items() if about else ():
                sides[stance].append(Stance(each, sentence, about))
    return sides


def _pairs(yes: list[Stance], no: list[Stance]) -> Iterable[tuple[int, Stance, Stance]]:
    """For each word on both sides, the two sentences furthest apart in time, if far enough; the earlier first."""
    for_, against = _by_word(yes), _by_word(no)
    for number in for_.keys() & against.keys():
        (first_yes, last_yes), (first_no, last_no) = for_[number], against[number]
        one, other = max(((first_yes, last_no), (first_no, last_yes)), key=lambda pair: _gap(*pair))
        if _gap(one, other) >= APART.total_seconds():
            yield number, one, other


def _by_word(stances_taken: list[Stance]) -> dict[int, tuple[Stance, Stance]]:
    """The first and the last sentence about each word."""
    first: dict[int, Stance] = {}
    last: dict[int, Stance] = {}
    for stance in reversed(stances_taken):
        first.update(dict.fromkeys(stance.about, stance))
    for stance in stances_taken:
        last.update(dict.fromkeys(stance.about, stance))
    return {number: (first[number], last[number]) for number in first}


def _gap(one: Stance, other: Stance) -> float:
    return (other.told.at - one.told.at).total_seconds()


def _closeness(one: Stance, other: Stance, places: Mapping[int, int], of: int) -> float:
    """How much two sentences are about the same: what they share, rare words weighing more."""
    return sum(math.log(1 + of / max(1, places.get(number, 1))) for number in one.about & other.about)


def _tension(vocabulary: Vocabulary, number: int, one: Stance, other: Stance) -> Tension:
    found = next(surfaces(other.sentence, vocabulary, number), None)
    word = found[0] if found else ""
    return Tension(word, quoted(one.told, one.sentence), quoted(other.told, other.sentence))
