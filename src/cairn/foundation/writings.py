"""Reading uploaded texts: Markdown, plain text, Word documents, and zip archives of them, all in memory.

Sizes are checked before anything is unpacked, of all files together, and the zip reader stops at the size that was
declared, so an archive cannot grow beyond it. Of a Word document only the text and the day of its making are read, by
a parser that refuses every document type: no entity is ever resolved, nothing is fetched, no macro looked at.
"""

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from cairn.engines.wording import Refusal, Wording, gettext_noop

MAX_FILE = 5_000_000
MAX_JOURNAL = 25_000_000
MAX_FILES = 500
MAX_UNPACKED = 50_000_000
MAX_PARTS = 2_000
JOURNAL = "journal.json"
TEXTS = (".md", ".markdown", ".txt", ".text")
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError)


REASONS = {
    "not_a_text": gettext_noop("This is no text that Cairn can read. Markdown, plain text and Word (.docx) are."),
    "too_big": gettext_noop("This is larger than {limit} MB. A text of your own is hardly ever; is it the right file?"),
    "too_large": gettext_noop("All files together are larger than {limit} MB. Bring them in a few at a time."),
    "too_many": gettext_noop("There are more than {limit} files in it. Bring them in a few hundred at a time."),
    "too_much": gettext_noop("Unpacked, this archive would be far larger than a journal is. It was left unopened."),
    "damaged": gettext_noop("This file is damaged, or not what its name says."),
    "locked": gettext_noop("This is locked with a password. Take the password off, and bring it in again."),
    "too_long": gettext_noop("This is longer than one entry can be ({limit} characters). Please split it."),
    "empty": gettext_noop("There are no words in it."),
}


class Unreadable(Refusal):
    """A file cannot be read; `reason` is a key of `REASONS`."""

    def __init__(self, reason: str, **params: object) -> None:
        self.reason = reason
        super().__init__(**params)

    @property
    def wording(self) -> Wording:
        """The sentence for the page."""
        return Wording(f"writings.{self.reason}", REASONS[self.reason], self.params)


@dataclass(frozen=True)
class Writing:
    """One text that was found: `content`, or why there is none. `given` is the day that the file itself was given."""

    name: str
    content: str = ""
    given: dt.datetime | None = None
    problem: Wording | None = None


class _Room:
    """How much may still be unpacked, of all that was brought at once."""

    def __init__(self) -> None:
        self.left = MAX_UNPACKED

    def take(self, size: int) -> None:
        """Raises Unreadable when there is no room for so many bytes."""
        if size > self.left:
            raise Unreadable("too_much")
        self.left -= size


def read(files: Iterable[tuple[str, bytes]]) -> list[Writing]:
    """What is in the uploaded files, archives opened. One bad file does not keep the others out.

    Raises Unreadable when there are too many files, or too much is in them, as a whole.
    """
    found: list[Writing] = []
    room = _Room()
    for name, data in files:
        if name.lower().endswith(".zip"):
            found += _archive(name, data, room)
        else:
            found.append(_one(name, data, None, room))
        if len(found) > MAX_FILES:
            raise Unreadable("too_many", limit=MAX_FILES)
    return found


def _archive(name: str, data: bytes, room: _Room) -> list[Writing]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = [each for each in archive.infolist() if _is_wanted(each.filename)]
            own = next((each for each in wanted if each.filename.rpartition("/")[2] == JOURNAL), None)
            if own is not None:
                return [Writing(JOURNAL, _decoded(_part(archive, own, MAX_JOURNAL, room)))]
            if len(wanted) > MAX_FILES:
                raise Unreadable("too_many", limit=MAX_FILES)
            if sum(each.file_size for each in wanted) > room.left:
                raise Unreadable("too_much")
            return [_member(archive, each, room) for each in wanted]
    except Unreadable as unreadable:
        if unreadable.reason in ("too_many", "too_much"):
            raise
        return [Writing(name, problem=unreadable.wording)]
    except UNREADABLE:
        return [Writing(name, problem=Unreadable("damaged").wording)]


def _is_wanted(name: str) -> bool:
    last = name.rpartition("/")[2]
    return bool(last) and not last.startswith(".") and not name.startswith("__MACOSX/")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: _Room) -> Writing:
    try:
        given = dt.datetime(*info.date_time, tzinfo=dt.UTC) if info.date_time[0] > 1980 else None
    except ValueError:
        given = None
    try:
        return _one(info.filename, _part(archive, info, MAX_FILE, room), given, room)
    except Unreadable as unreadable:
        return Writing(info.filename, problem=unreadable.wording)
    except UNREADABLE:
        return Writing(info.filename, problem=Unreadable("damaged").wording)


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, room: _Room) -> bytes:
    if info.flag_bits & 1:
        raise Unreadable("locked")
    if info.file_size > most:
        raise Unreadable("too_big", limit=most // 1_000_000)
    room.take(info.file_size)
    return archive.read(info)


def _one(name: str, data: bytes, given: dt.datetime | None, room: _Room) -> Writing:
    low = name.lower()
    try:
        if len(data) > MAX_FILE:
            raise Unreadable("too_big", limit=MAX_FILE // 1_000_000)
        if low.endswith(TEXTS):
            return Writing(name, _decoded(data), given)
        if low.endswith(".docx"):
            return _document(name, data, given, room)
        raise Unreadable("not_a_text")
    except Unreadable as unreadable:
        return Writing(name, problem=unreadable.wording)


def _decoded(data: bytes) -> str:
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ["utf-16"] if is_wide else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("not_a_text")


def _document(name: str, data: bytes, given: dt.datetime | None, room: _Room) -> Writing:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {each.filename: each for each in archive.infolist()}
            if len(parts) > MAX_PARTS or "word/document.xml" not in parts:
                raise Unreadable("damaged")
            text = _Paragraphs.of(_part(archive, parts["word/document.xml"], MAX_UNPACKED, room))
            core = parts.get("docProps/core.xml")
            made = _made_on(_part(archive, core, MAX_FILE, room)) if core else None
    except UNREADABLE as error:
        raise Unreadable("damaged") from error
    return Writing(name, text, made or given)


def _refuse(*_told: object) -> None:
    raise ValueError("a document type")


def _parsed(content: bytes, start: Any, end: Any, data: Any) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Unreadable("damaged") from error


def _made_on(content: bytes) -> dt.datetime | None:
    """When the document was made, as it says itself."""
    said: list[str] = []
    inside: list[bool] = [False]

    def start(name: str, _attributes: dict[str, str]) -> None:
        inside[0] = name == "dcterms:created"

    def data(text: str) -> None:
        if inside[0]:
            said.append(text)

    _parsed(content, start, lambda _name: inside.__setitem__(0, False), data)
    try:
        moment = dt.datetime.fromisoformat("".join(said).strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


class _Paragraphs:
    """Follows the paragraphs of a Word document: headings, lists and tables as Markdown writes them, text as it is."""

    HEADINGS = {"title": "# ", "heading1": "# ", "heading2": "## ", "heading3": "### "}
    BREAKS = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
    PASSED_OVER = ("mc:Fallback", "w:del", "w:moveFrom", "w:instrText")

    def __init__(self) -> None:
        self.done: list[str] = []
        self.open: list[tuple[list[str], list[str]]] = []
        self.in_text = False
        self.over = 0

    @classmethod
    def of(cls, content: bytes) -> str:
        """The text of `word/document.xml`, a blank line between paragraphs and none between the lines of a list."""
        following = cls()
        _parsed(content, following.start, following.end, following.data)
        return "".join(following.joined())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self.PASSED_OVER:
            self.over += 1
        elif name == "w:p":
            self.open.append(([], []))
        elif self.open and not self.over:
            words, mark = self.open[-1]
            if name == "w:t":
                self.in_text = True
            elif name in self.BREAKS and not self._in_properties(attributes):
                words.append(self.BREAKS[name])
            elif name == "w:pStyle":
                mark[:] = [self._mark(attributes.get("w:val", ""))]
            elif name == "w:numPr" and not mark:
                mark.append("- ")

    def end(self, name: str) -> None:
        if name in self.PASSED_OVER:
            self.over -= 1
        elif name == "w:t":
            self.in_text = False
        elif name == "w:p" and self.open:
            words, mark = self.open.pop()
            text = "".join(words).strip("\n")
            if text.strip():
                self.done.append("".join(mark) + text)

    def data(self, text: str) -> None:
        if self.in_text and self.open and not self.over:
            self.open[-1][0].append(text)

    def joined(self) -> Iterator[str]:
        """The paragraphs with what stands between them."""
        for place, paragraph in enumerate(self.done):
            if place:
                both_lists = paragraph.startswith("- ") and self.done[place - 1].startswith("- ")
                yield "\n" if both_lists else "\n\n"
            yield paragraph

    @staticmethod
    def _in_properties(attributes: dict[str, str]) -> bool:
        return "w:pos" in attributes  # the place of a tab stop, and no tab

    def _mark(self, style: str) -> str:
        low = style.lower().replace(" ", "")
        return self.HEADINGS.get(low, "- " if low.startswith("list") else "")
