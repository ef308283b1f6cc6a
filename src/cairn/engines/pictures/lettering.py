"""How much room letters take, guessed on the wide side, so that a label fits in whatever font a device has.

The shares of an em are those of DejaVu Serif, the widest font of the stack in common use, rounded up.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

SERIF, SMALL = 15.0, 12.0
LEADING, SMALL_LEADING = 17.0, 15.0
ELLIPSIS = "…"

_SHARES = {
    letter: share
    for letters, share in {
        " .,:;|!'’()[]Iijl": 0.40,
        "frt-·/": 0.48,
        "sczvxyeavk?J": 0.61,
        "bdghnopqu": 0.65,
        "EFLSTPZAY": 0.76,
        "BCKRVXU&": 0.85,
        "DGHNOQ": 0.88,
        "w": 0.86,
        "mMW@%—…": 1.05,
    }.items()
    for letter in letters
}
_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
_CLUSTER = regex.compile(r"\X")
_UNSEEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


@dataclass(frozen=True)
class Box:
    """A rectangle on a plate."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", gap: float = 0.0) -> bool:
        """Whether the two come closer than the gap."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def within(self, other: "Box") -> bool:
        """Whether this one lies wholly inside the other."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Line:
    """One line of text: where its baseline begins, ends or is centred, as `anchor` (start, middle, end) says."""

    x: float
    y: float
    anchor: str
    text: str
    kind: str = "t-serif"


@dataclass(frozen=True)
class Label:
    """The words beside what is drawn under this number, where there is room for them."""

    number: int
    lines: tuple[Line, ...]
    box: Box


def plain(text: str) -> str:
    """A text as one line without what cannot be drawn: control characters, lone surrogates, marks that turn the
    direction of what follows."""
    seen = (c for c in " ".join(str(text).split()) if unicodedata.category(c) not in {"Cc", "Cs"} and c not in _UNSEEN)
    return "".join(seen)


def width(text: str, size: float) -> float:
    """The most room a line is likely to take, in the unit of `size`."""
    return sum(_share(cluster) for cluster in _CLUSTER.findall(text)) * size


def wrapped(text: str, *, room: float, size: float, most: int) -> tuple[str, ...]:
    """The text in at most so many lines of this width; a word too long is broken, what is left over becomes …."""
    lines: list[str] = []
    for piece in (each for word in plain(text).split() for each in _pieces(word, room, size)):
        together = f"{lines[-1]} {piece}" if lines else piece
        if lines and width(together, size) <= room:
            lines[-1] = together
        elif len(lines) > most:
            break  # however much follows, it is not drawn
        else:
            lines.append(piece)
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], _cut(f"{lines[most - 1]}{ELLIPSIS}", room, size))


def isolated(text: str) -> str:
    """The text, held apart where it runs from right to left, so that it does not reorder its neighbours."""
    turned = any(unicodedata.bidirectional(c) in {"R", "AL", "AN"} for c in text)
    return f"\u2068{text}\u2069" if turned else text


def _pieces(word: str, room: float, size: float) -> Iterator[str]:
    piece = ""
    for found in _CLUSTER.finditer(word):
        if piece and width(piece + found[0], size) > room:
            yield piece
            piece = ""
        piece += found[0]
    yield piece


def _cut(text: str, room: float, size: float) -> str:
    clusters = _CLUSTER.findall(text[: -len(ELLIPSIS)])
    while clusters and width("".join(clusters) + ELLIPSIS, size) > room:
        clusters.pop()
    return "".join(clusters).rstrip() + ELLIPSIS


def _share(cluster: str) -> float:
    first = cluster[0]
    if any("\U0001f000" <= c <= "\U0001faff" or c == "\ufe0f" for c in cluster):
        return 1.4
    if unicodedata.east_asian_width(first) in {"W", "F"}:
        return 1.05
    if first.isascii() or unicodedata.name(first, "").startswith(_ALPHABETS):
        return _letter(unicodedata.normalize("NFD", first)[0])
    drawn = sum(unicodedata.category(c) not in {"Mn", "Me", "Cf"} for c in cluster)
    return 1.1 * drawn


def _letter(letter: str) -> float:
    return _SHARES.get(letter, 0.9 if letter.isupper() else 0.68)
