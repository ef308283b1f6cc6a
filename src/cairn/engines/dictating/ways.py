"""Who, where and how in a line, and what is left of it."""

import re

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


def links(reading: Reading) -> None:
    def take(found: re.Match[str]) -> None:
        reading.where = reading.where or found[0].rstrip(".,;)")

    reading.each(r"https?://[^\s,;]+", take)


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

    reading.each(rf"\bwith\s+([^,;¦\d]+?)\s*(?={ends})", take)


def modes(reading: Reading) -> None:
    ways: tuple[tuple[Mode, str], ...] = (
        ("online", r"\b(?:by\s+|on\s+|over\s+)?(?:online|zoom|teams|video(?:\s+call)?)\b:?"),
        ("phone", r"\b(?:by\s+|on\s+the\s+|over\s+the\s+)?(?:(?:tele)?phone(?:\s+call)?|call)\b:?"),
    )
    for mode, pattern in ways:
        reading.each(pattern, lambda _found, mode=mode: reading.modes.append(mode))  # type: ignore[misc]
    said = re.compile(r"\b(?:in[\s-]person|face[\s-]to[\s-]face)\b:?", re.IGNORECASE)
    if said.search(reading.text):
        reading.modes.append("in_person")
        reading.text = said.sub(f"{CUT}{PLACE}", reading.text)


def rest(reading: Reading) -> tuple[str, ...]:
    """What nothing was made of yet: a place, a person, or words that are left out and said to be."""
    unread: list[str] = []
    for piece in (each.strip(" .-:()?!") for each in re.split(r"[¦,;]", reading.text)):
        is_place = piece.startswith(PLACE)
        words = piece.lstrip(PLACE).strip()
        named = re.match(r"(?:in|at)\s+(?=\S)", words, flags=re.IGNORECASE)
        if all(word.lower().strip(".'") in FILLERS for word in words.split()):
            continue
        if (is_place or named) and not reading.where:
            reading.where = words[named.end() :] if named else words
            if not is_place and not reading.modes:
                reading.modes.append("in_person")
                reading.assume("place_in_person", words=reading.where)
        elif not reading.person and all(word[:1].isupper() for word in words.split()):
            reading.person = words
            reading.assume("person", words=words)
        else:
            unread.append(words)
    if reading.where and not reading.modes:
        is_link = reading.where.lower().startswith("http")
        reading.modes.append("online" if is_link else "phone")
        reading.assume("link_online" if is_link else "number_phone")
    return tuple(unread)
