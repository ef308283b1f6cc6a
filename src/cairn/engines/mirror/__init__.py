"""The mirror: somebody's own words shown back to them, counted and quoted, never judged.

Recurring words stand in at least three places. A word has risen or faded when it stands far more often in one half of
the texts, by time, than in the other. Tensions are pairs of sentences. Nothing is kept, no model is needed; what costs
time is to read the words once: about a second for 15 MB.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from cairn.engines.mirror.shapes import Mirrored, Quote, Tension, Theme, Told
from cairn.engines.mirror.stopwords import BY_LANGUAGE, ENGLISH
from cairn.engines.mirror.tensions import tensions
from cairn.engines.mirror.tokens import NOTHING, Vocabulary, quoted, sentences, surfaces, tokens
from cairn.engines.words import fold

__all__ = ["Mirrored", "Quote", "Tension", "Theme", "Told", "mirror"]

LEAST_PLACES = 3
MOST_RECURRING, MOST_MOVED = 12, 4
FEWEST_TO_COMPARE = 8
"""Below so many texts the halves are too small to say that something rose or faded."""
TIMES = 3
SURE = 2.0
"""A difference between the halves counts from so many standard deviations on."""


def mirror(told: Iterable[Told], *, language: str = "en") -> Mirrored:
    """What recurs, what rose and faded, and what pulls in two directions in somebody's own texts, in any order."""
    texts = sorted((each for each in told if each.text.strip()), key=lambda each: (each.at, each.place))
    vocabulary = Vocabulary(BY_LANGUAGE.get(language, ENGLISH))
    held = [array("I", set(map(vocabulary.__getitem__, tokens(fold(each.text))))) for each in texts]
    half = len(held) // 2
    earlier, later = _counted(held[:half]), _counted(held[half:])
    places = earlier + later
    recurring = _recurring(places, len(texts))
    risen, faded = _moved(later, earlier, len(texts)), _moved(earlier, later, len(texts))
    chosen = {*recurring, *risen, *faded}
    where = _where(held, chosen)
    themes = {
        number: _theme(number, texts, where[number], vocabulary, (earlier[number], later[number])) for number in chosen
    }
    shown = [tuple(themes[number] for number in each if themes[number].word) for each in (recurring, risen, faded)]
    return Mirrored(shown[0], shown[1], shown[2], tensions(texts, vocabulary, places))


def _counted(held: Sequence[Sequence[int]]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for numbers in held:
        counted.update(numbers)
    counted.pop(NOTHING, None)
    return counted


def _recurring(places: Counter[int], of: int) -> list[int]:
    """The words that say most: in many places, but not in nearly all."""
    known = [(count * math.log(1 + of / count), number) for number, count in places.items() if count >= LEAST_PLACES]
    return [number for _weight, number in sorted(known, key=lambda each: (-each[0], each[1]))[:MOST_RECURRING]]


def _moved(much: Counter[int], little: Counter[int], of: int) -> list[int]:
    """The words that stand clearly more often in one half than in the other, the clearest first."""
    if of < FEWEST_TO_COMPARE:
        return []
    known = []
    for number, count in much.items():
        other = little[number]
        sure = (count - other) / math.sqrt(count + other)
        if count >= LEAST_PLACES and count >= TIMES * other and (sure >= SURE or other == 0):
            known.append((sure, number))
    return [number for _sure, number in sorted(known, key=lambda each: (-each[0], each[1]))[:MOST_MOVED]]


def _where(held: Sequence[Sequence[int]], chosen: set[int]) -> dict[int, list[int]]:
    """For each chosen word, the texts in which it stands, by their place in time."""
    where: dict[int, list[int]] = {number: [] for number in chosen}
    for place, numbers in enumerate(held):
        for number in chosen.intersection(numbers):
            where[number].append(place)
    return where


def _theme(
    number: int, texts: Sequence[Told], where: Sequence[int], vocabulary: Vocabulary, counts: tuple[int, int]
) -> Theme:
    forms: Counter[str] = Counter()
    quotes = []
    for place in dict.fromkeys((*where[:1], *where[-3:])):
        told = texts[place]
        for sentence in sentences(told.text):
            found = list(surfaces(sentence, vocabulary, number))
            forms.update(each[0] for each in found)
            if found:
                quotes.append(quoted(told, sentence, found[0].start()))
                break
    return Theme(_form(forms), len(where), *counts, tuple(quotes))


def _form(forms: Counter[str]) -> str:
    """The form that was written most often; one that does not begin with a capital, if there is one."""
    small = {form: count for form, count in forms.items() if form == form.lower()} or forms
    return max(sorted(small), key=lambda form: small[form], default="")
