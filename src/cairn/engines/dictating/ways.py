"""Who, where and how in a line, and what is left of it."""

import re

from cairn.engines.dictating import zones
from cairn.engines.dictating.days import WEEKDAY
from cairn.engines.dictating.shapes import CUT, Mode, Reading

PLACE = "⌂"  # stands where "in person" was said: what follows it is the place
DIGITS_OF_A_NUMBER = 8
FILLERS = frozenset(
    {
        *("a", "an", "and", "at", "be", "by", "can", "do", "fine", "for", "from", "have", "how", "i", "in", "is", "it"),
        *(
            "let",
            "let's",
            "meet",
            "of",
            "ok",
            "okay",
            "on",
            "or",
            "our",
            "please",
            "s",
            "see",
            "session",
            "shall",
            "that",
        ),
        *("the", "then", "this", "to", "us", "we", "will", "with", "would", "you"),
    }
)

GREETINGS = FILLERS | {"hi", "hello", "hey", "dear", "good", "morning", "afternoon", "evening"}


def links(reading: Reading) -> None:
    def take(found: re.Match[str]) -> None:
        reading.where = reading.where or found[0].rstrip(".,;)")

    reading.each(r"https?://[^\s,;]+", take, with_names=True)


def numbers(reading: Reading) -> None:
    """Telephone numbers, beginning with + or 0. Dates have been read before."""

    def take(found: re.Match[str]) -> bool | None:
        if reading.where or sum(char.isdigit() for char in found[0]) < DIGITS_OF_A_NUMBER:
            return False
        reading.where = found[0].strip()
        return None

    reading.each(r"(?<![\d:.])(?:\+\d|0\d)[\d ()\-]{5,}\d(?![:.]\d)", take)


def person(reading: Reading) -> None:
    """After "with": up to a comma, or to a word that begins something else."""
    ends = rf"[,;¦\d]|\b(?:at|on|in|by|for|from|online|phone|video|tomorrow|today|next|this|noon|midday|{WEEKDAY})\b|$"

    def take(found: re.Match[str]) -> None:
        reading.person = reading.person or found[1].strip(" .-")

    reading.each(rf"\bwith\s+([^,;¦\d]+?)\s*(?={ends})", take, with_names=True)


def modes(reading: Reading) -> None:
    ways: tuple[tuple[Mode, str], ...] = (
        ("online", r"\b(?:by\s+|on\s+|over\s+)?(?:online|zoom|teams|video(?:\s+call)?)\b:?"),
        ("phone", r"\b(?:by\s+|on\s+the\s+|over\s+the\s+)?(?:(?:tele)?phone(?:\s+call)?|call|tel|mobile)\b[.:]?"),
    )
    for mode, pattern in ways:
        reading.each(pattern, lambda _found, mode=mode: reading.modes.append(mode))  # type: ignore[misc]
    said = re.compile(r"\b(?:in[\s-]person|face[\s-]to[\s-]face)\b:?", re.IGNORECASE)
    if said.search(reading.text):
        reading.modes.append("in_person")
        reading.text = said.sub(f"{CUT}{PLACE}", reading.text)


def _named(reading: Reading, words: str) -> list[str]:
    """Take the first name out of words nothing else was made of, where nobody is named yet; what is left is unread."""
    parts = words.split()
    while parts and parts[0].lower().strip(".'") in GREETINGS:
        parts.pop(0)
    begins = next((n for n, word in enumerate(parts) if word[:1].isupper() and not _fills(word)), None)
    if reading.person or begins is None:
        return [" ".join(parts)] if not all(map(_fills, parts)) else []
    ends = next((n for n, word in enumerate(parts) if n > begins and not word[:1].isupper()), len(parts))
    reading.person = " ".join(parts[begins:ends])
    reading.assume("person", words=reading.person)
    return [" ".join(each) for each in (parts[:begins], parts[ends:]) if not all(map(_fills, each))]


def _fills(word: str) -> bool:
    return word.lower().strip(".'") in FILLERS


def rest(reading: Reading) -> tuple[str, ...]:
    """What nothing was made of yet: a place, a person, or words that are left out and said to be."""
    unread: list[str] = []
    for piece in (each.strip(" .-:()?!") for each in re.split(r"[¦,;]", reading.text)):
        is_place = piece.startswith(PLACE)
        words = piece.lstrip(PLACE).strip()
        named = re.match(r"(?:in|at)\s+(?=\S)", words, flags=re.IGNORECASE)
        if all(map(_fills, words.split())):
            continue
        if (is_place or named) and not reading.where:
            reading.where = words[named.end() :] if named else words
            if not is_place and not reading.modes:
                reading.modes.append("in_person")
                reading.assume("place_in_person", words=reading.where)
        else:
            unread += _named(reading, words)
    if reading.where and not reading.modes:
        is_link = reading.where.lower().startswith("http")
        reading.modes.append("online" if is_link else "phone")
        reading.assume("link_online" if is_link else "number_phone")
    for words in unread:
        zones.left(reading, words)
    return tuple(unread)
