"""Text tables of any length, read row by row from disk as often as asked; nothing of them is kept in memory.

Rows are numbered as lines of the file, which is what an editor shows.
"""

import codecs
import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cairn.foundation.sheets.cells import UnreadableSheet
from cairn.foundation.sheets.delimited import LINES_IN_ONE_CELL, MARKS, SAMPLE_CHARACTERS, find_delimiter
from cairn.foundation.sheets.reading import OTHER_FILES, PAGES

CHUNK = 1 << 20
CONTROLS = bytes(range(9))
NOT_IN_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
NAMES_OF_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "|"}


@dataclass(frozen=True)
class TextTable:
    """How a text table is written: `marked` ones begin with a byte order mark, `skipped` lines only say how to read.

    `lines` is how many there are, where no quotation mark can hide a line's end inside a cell; otherwise 0.
    """

    path: Path
    encoding: str
    delimiter: str
    line_end: str
    marked: bool
    skipped: int
    lines: int

    def rows(self) -> Iterator[list[str]]:
        """Every row that is not blank, the titles first, each as long as the titles. Raises `UnreadableSheet`."""
        width = line = 0
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(itertools.islice(file, self.skipped, None), delimiter=self.delimiter)
            try:
                for row in reader:
                    if reader.line_num - line > LINES_IN_ONE_CELL:
                        raise UnreadableSheet("open_quote", row=self.skipped + line + 1)
                    line = reader.line_num
                    if not any(row):
                        continue
                    width = width or _filled(row)
                    if len(row) != width:
                        self._fit(row, width, self.skipped + line)
                    yield row
            except csv.Error as error:
                raise UnreadableSheet("open_quote", row=self.skipped + line + 1) from error

    def _fit(self, row: list[str], width: int, number: int) -> None:
        if any(row[width:]):
            raise UnreadableSheet("wide_row", row=number, delimiter=NAMES_OF_DELIMITERS[self.delimiter])
        del row[width:]
        row.extend([""] * (width - len(row)))


def open_text(path: Path) -> TextTable:
    """Find out how a text table is written, looking once through all of it. Raises `UnreadableSheet` and OSError."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_CHARACTERS)
    if not head.strip():
        raise UnreadableSheet("no_data")
    if head.startswith(OTHER_FILES):
        raise UnreadableSheet("not_a_sheet")
    if head[:400].removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(PAGES):
        raise UnreadableSheet("web_page")
    mark, encoding = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", ""))
    lines = 0
    if encoding in ("utf-16", "utf-32") or (not mark and b"\0" in head[:4096]):
        encoding = encoding or _unmarked_utf16(head)
        _check_text(path, encoding, "damaged" if mark else "not_a_sheet")
    else:
        encoding, lines = _check_bytes(path, encoding or "utf-8")
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(SAMPLE_CHARACTERS)
    delimiter, rest = find_delimiter(sample)
    skipped = int(len(rest) < len(sample))
    return TextTable(path, encoding, delimiter, "\r\n" if "\r\n" in sample else "\n", bool(mark), skipped, lines)


def _filled(titles: list[str]) -> int:
    """How many titles there are; a spreadsheet program may leave empty cells behind the last."""
    return max(index for index, title in enumerate(titles) if title) + 1


def _unmarked_utf16(head: bytes) -> str:
    # Every delimiter and line end is an ASCII character, so its zero byte tells which half comes first.
    return "utf-16-be" if head[0:4096:2].count(0) > head[1:4096:2].count(0) else "utf-16-le"


def _check_text(path: Path, encoding: str, reason: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for chunk in _chunks(path):
            text = decoder.decode(chunk)
            if "\n" not in text and "\r" not in text and len(chunk) == CHUNK:
                raise UnreadableSheet("long_line")
            if any(chr(code) in text for code in CONTROLS):
                raise UnreadableSheet("not_a_sheet")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableSheet(reason) from error


def _check_bytes(path: Path, encoding: str) -> tuple[str, int]:
    """The encoding that fits all of the file (UTF-8, else Windows-1252, else Latin-1), and its `lines`."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_utf8, is_1252, is_quoted, lines = True, True, False, 0
    for chunk in _chunks(path):
        ends = chunk.count(b"\n")
        if len(chunk) == CHUNK and not ends and b"\r" not in chunk:
            raise UnreadableSheet("long_line")
        if len(chunk.translate(None, CONTROLS)) < len(chunk):
            raise UnreadableSheet("not_a_sheet")
        lines, is_quoted = lines + ends, is_quoted or b'"' in chunk
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
        is_1252 = is_1252 and len(chunk.translate(None, NOT_IN_1252)) == len(chunk)
    lines = 0 if is_quoted else lines
    if is_utf8 and _decodes(decoder, b"", final=True):
        return encoding, lines
    if encoding == "utf-8-sig":
        raise UnreadableSheet("damaged")
    return ("cp1252" if is_1252 else "latin-1"), lines


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
