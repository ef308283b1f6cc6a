"""Words, stems and sentences. A stem is only a key under which forms of one word meet; nobody is shown it."""

import itertools
import re
from collections.abc import Iterator

from cairn.engines.mirror.shapes import Quote, Told
from cairn.engines.words import fold

NOTHING = 0
"""The number of every word that carries no theme."""
SHORTEST, SHORTEST_ABROAD, LONGEST = 3, 5, 24
LONGEST_QUOTE = 220
_SENTENCE = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]*[\"'”’»)\]]*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BREAKS = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "'"}
_ENDINGS = (("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("zes", "z"), ("ies", "y"))
_VOWELS = frozenset("aeiouy")


def tokens(folded: str) -> list[str]:
    """The words of a folded text."""
    if folded.isascii():
        return folded.translate(_BREAKS).split()
    return _WORD.findall(folded)


class Vocabulary(dict[str, int]):
    """Numbers for stems, given out as words are met; equal for forms of one word, `NOTHING` for what says little."""

    def __init__(self, stop: frozenset[str]) -> None:
        """`stop` are folded words without a theme."""
        super().__init__()
        self._stop = stop
        self._stems: dict[str, int] = {}
        self._next = itertools.count(NOTHING + 1)

    def __missing__(self, token: str) -> int:
        word = token.strip("'")
        number = NOTHING
        if word not in self._stop and _is_telling(word):
            key = stem(word)
            number = self._stems.get(key) or self._stems.setdefault(key, next(self._next))
        self[token] = number
        return number


def _is_telling(word: str) -> bool:
    least = SHORTEST if word.isascii() else SHORTEST_ABROAD
    return least <= len(word) <= LONGEST and not any(letter.isdigit() for letter in word)


def stem(word: str) -> str:
    """What forms of one English word have in common, roughly: meeting, meetings and meets; manage and managing."""
    word = word.removesuffix("'s").removesuffix("'")
    if not word.isascii():
        return word
    word = _singular(word)
    for ending, least in (("ing", 6), ("ed", 5)):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(word) >= least and not _VOWELS.isdisjoint(rest) and rest[-1] != "e":
            word = rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _singular(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they were written, without the white space around them."""
    for found in _SENTENCE.finditer(text):
        sentence = found[0].strip()
        if sentence:
            yield sentence


def surfaces(sentence: str, vocabulary: Vocabulary, number: int) -> Iterator[re.Match[str]]:
    """Where in a sentence a form of this word stands."""
    return (found for found in _WORD.finditer(sentence) if vocabulary[fold(found[0])] == number)


def quoted(told: Told, sentence: str, at: int = 0) -> Quote:
    """A sentence as a quotation; of a long one, the part around the word at this place."""
    if len(sentence) <= LONGEST_QUOTE:
        return Quote(told.place, told.at, sentence)
    start = max(0, min(at - LONGEST_QUOTE // 2, len(sentence) - LONGEST_QUOTE))
    end = min(len(sentence), start + LONGEST_QUOTE)
    if start:
        space = sentence.find(" ", start, max(start, at) + 1)
        start = space + 1 if space >= 0 else start
    if end < len(sentence):
        space = sentence.rfind(" ", max(start, at) + 1, end)
        end = space if space > at else end
    cut = sentence[start:end].strip()
    return Quote(told.place, told.at, cut, start > 0, end < len(sentence))
