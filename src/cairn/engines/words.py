"""Searching a person's own words, in any script.

Searching folds: case, accents and the kind of apostrophe do not count, and a word is found by its beginning. Scripts
that are written without spaces are found anywhere. Nothing here is kept: the caller opens the texts, asks, and lets go.
"""

import codecs
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Marks that are laid over a letter: accents, vowel points of Arabic and Hebrew. Vowel signs of Indic scripts stay, for
# without them other words would be meant.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
_DOUBLE = "“”„‟«»"
_PLAIN = tuple(
    (curly, plain)
    for kinds, plain in (("’‘‛ʼʹ´＇", "'"), ("“”„‟«»", '"'), ("‐‑‒–—―", "-"), ("…", "..."))
    for curly in kinds
)
# No code page below has a letter after this one: what follows (Han, kana, emoji) is folded on its own if it is rare.
LAST_OF_PAGES = "\u2122"
MOSTLY_BEYOND = 2.05
_BEYOND = re.compile("([\u2123-\U0010ffff]+)")
# In a text with few letters outside ASCII only these are looked at. `DENSE` is, as above, in bytes of UTF-8 per letter.
DENSE = 1.1
_RUN = re.compile(r"[^\x00-\x7f]+")
_FOLDED_LETTERS: dict[str, str] = {}
"""Single letters and how they fold; letters only, so that no word of anybody's stays in memory."""
MOST_LETTERS = 2_000
# Thai, Lao, Burmese, Khmer; kana, Han and their compatibility forms: words there are not set apart by spaces.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_QUERY = re.compile(r'(tag:)?(?:"([^"]*)"?|([^\s"]+))')
MOST_TERMS = MOST_TAGS = 12
LONGEST_TAG = 40
AROUND = 70


def tags(typed: str) -> tuple[str, ...]:
    """The tags that somebody typed between commas, each once; a # before one is dropped, twelve at most are kept."""
    found: dict[str, str] = {}
    for each in re.split(r"[,;\n，、；]", re.sub(f'["{_DOUBLE}]', "", typed)):
        tag = " ".join(each.split()).lstrip("# ")[:LONGEST_TAG].strip()
        if tag:
            found.setdefault(fold(tag), tag)
    return tuple(found.values())[:MOST_TAGS]


def fold(text: str) -> str:
    """The text as it is compared: without case, accents, or kinds of apostrophes, quotation marks and dashes."""
    if text.isascii():
        return text.lower()
    for letter, plain in _FIRST:
        text = text.replace(letter, plain)
    try:
        return text.encode("latin-1").translate(_LATIN).decode("latin-1")
    except UnicodeEncodeError:
        pass
    for page, table in _PAGES:
        try:
            letters = text.encode(page)
        except UnicodeEncodeError as missing:
            if text[missing.start] > LAST_OF_PAGES and len(text.encode(errors="replace")) < MOSTLY_BEYOND * len(text):
                return "".join(_folded(part) if part > LAST_OF_PAGES else fold(part) for part in _BEYOND.split(text))
            continue
        return codecs.charmap_decode(letters, "strict", table)[0]
    if len(text.encode(errors="replace")) > DENSE * len(text):
        return _folded(text)
    return _RUN.sub(_folded_run, text).lower()


def _folded(text: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


def _folded_run(found: re.Match[str]) -> str:
    return _FOLDED_LETTERS.get(found[0]) or _remembered(found[0])


def _remembered(run: str) -> str:
    folded = _folded(run)
    if len(run) == 1 and len(_FOLDED_LETTERS) < MOST_LETTERS:
        _FOLDED_LETTERS[run] = folded
    return folded


def _table(page: str, longer: dict[str, str]) -> str:
    """How each letter of a code page folds; those that fold to more than one letter are noted in `longer`."""
    table = []
    for number in range(256):
        letter = bytes([number]).decode(page, errors="replace")
        plain = "\ufffe" if letter == "\ufffd" else _folded(letter)
        if len(plain) != 1:
            longer[letter] = plain
        table.append(plain if len(plain) == 1 else letter)
    return "".join(table)


def _tables() -> tuple[tuple[tuple[str, str], ...], bytes, tuple[tuple[str, str], ...]]:
    longer: dict[str, str] = {}
    pages = tuple((page, _table(page, longer)) for page in ("cp1250", "cp1251", "cp1253", "cp1254", "cp1257"))
    latin = _table("latin-1", longer)
    longer["µ"] = _folded("µ")  # a letter of Latin-1 that folds to one of the Greek alphabet
    quick = "".join(plain if plain < "\u0100" else letter for letter, plain in zip(_LATIN_1, latin, strict=True))
    return pages, quick.encode("latin-1"), (*_PLAIN, *longer.items())


_LATIN_1 = bytes(range(256)).decode("latin-1")
_PAGES, _LATIN, _FIRST = _tables()
"""A text that fits into Latin-1 or one of these code pages is folded by a table, ten times quicker than by letters."""


@dataclass(frozen=True)
class Query:
    """What is looked for. All of it must be there: words by their beginning, phrases as they stand, tags."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases or self.tags)


def parse(asked: str) -> Query:
    """What somebody typed: words, "phrases in quotes", tag:word or tag:"two words". At most twelve terms count."""
    words, phrases, tags = [], [], []
    for is_tag, phrase, word in itertools.islice(_QUERY.findall(_straight(asked)), MOST_TERMS):
        term = " ".join(fold(phrase or word).split())
        if is_tag and term:
            tags.append(term)
        elif " " in term:
            phrases.append(term)
        elif any(letter.isalnum() for letter in term):
            words.append(term.strip("'.,;:!?()[]"))
    return Query(tuple(words), tuple(phrases), tuple(tags))


def _straight(asked: str) -> str:
    """Only double quotation marks are made straight: the rest is folded term by term."""
    return re.sub(f"[{_DOUBLE}]", '"', asked)


def matches(query: Query, folded: str, tags: tuple[str, ...] = ()) -> bool:
    """Whether a folded text, with its tags, answers the query."""
    for word in query.words:
        if word not in folded:
            return False
    if query.tags and not set(query.tags) <= {fold(tag) for tag in tags}:
        return False
    return all(_has(_starts(folded, word)) for word in query.words) and all(
        _has(_phrase_spans(folded, phrase)) for phrase in query.phrases
    )


def _has(places: Iterator[object]) -> bool:
    return next(places, None) is not None


def _starts(folded: str, word: str) -> Iterator[int]:
    """Where a word begins with these letters."""
    anywhere = _UNSPACED.match(word) is not None
    at = folded.find(word)
    while at >= 0:
        if anywhere or at == 0 or not _within(folded, at, len(word)):
            yield at
        at = folded.find(word, at + 1)


def _within(folded: str, at: int, length: int) -> bool:
    """Whether a word goes on here. What follows an apostrophe is a word in l'été, and none in don't."""
    before = folded[at - 1]
    return before.isalnum() or before == "_" or (before == "'" and length < 3)


def _phrase_spans(folded: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Where these words stand one after another, whatever white space is between them."""
    parts = phrase.split()
    if not all(part in folded for part in parts):
        return
    last = parts[-1][-1]
    ends = "" if _UNSPACED.match(last) or not last.isalnum() else r"(?!\w)"
    pattern = re.compile(r"\s+".join(map(re.escape, parts)) + ends)
    for at in _starts(folded, parts[0]):
        found = pattern.match(folded, at)
        if found:
            yield found.span()


@dataclass(frozen=True)
class Piece:
    """A stretch of a text as it was written; `is_match` where it answers the query."""

    text: str
    is_match: bool


def snippet(query: Query, text: str) -> tuple[Piece, ...]:
    """Some words of a text around its first match, with every match in them; the beginning where none is in it."""
    folded, origins = _folded_with_origins(text)
    spans = sorted(_spans(query, folded))
    first = origins[spans[0][0]] if spans else 0
    start, end = _edges(text, first)
    pieces, at = [], start
    for begin, stop in ((origins[one], origins[two]) for one, two in spans):
        if begin >= at and stop <= end and stop > begin:
            pieces += [Piece(text[at:begin], False), Piece(text[begin:stop], True)]
            at = stop
    pieces = [*pieces, Piece(text[at:end], False)]
    pieces = [Piece("… ", False)] * (start > 0) + pieces + [Piece(" …", False)] * (end < len(text))
    return tuple(piece for piece in pieces if piece.text)


def _edges(text: str, first: int) -> tuple[int, int]:
    """Where a snippet begins and ends: at spaces, where there are any near."""
    start = max(0, first - AROUND)
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), first + 2 * AROUND)
    if end < len(text):
        space = text.rfind(" ", first + AROUND, end)
        end = space if space >= 0 else end
    return start, end


def _folded_with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its letters (and its end) the place in the text from which it came."""
    whole = fold(text)
    if len(whole) == len(text) and not _MARKS.search(text):  # nothing but a mark folds to nothing: one for one
        return whole, range(len(text) + 1)
    parts: list[str] = []
    origins: list[int] = []
    for place, letter in enumerate(text):
        folded = _fold_letter(letter)
        parts.append(folded)
        origins += [place] * len(folded)
    return "".join(parts), [*origins, len(text)]


@functools.lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    return fold(letter)


def _spans(query: Query, folded: str) -> Iterator[tuple[int, int]]:
    for word in query.words:
        yield from ((at, at + len(word)) for at in _starts(folded, word))
    for phrase in query.phrases:
        yield from _phrase_spans(folded, phrase)


def first_words(text: str, most: int = 80) -> str:
    """The beginning of a text on one line, cut between words, with an ellipsis where something follows."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most and len(text) <= 4 * most:
        return line
    cut = line[: most + 1].rpartition(" ")[0] or line[:most]
    return f"{cut[:most].rstrip(' .,;:–—-')} …"
