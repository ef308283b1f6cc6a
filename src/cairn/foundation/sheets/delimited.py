"""Text tables: which encoding, which delimiter, which rows. Nothing is turned into numbers or dates here, so that a
staff number keeps its leading zeros."""

import codecs
import csv
import io
import itertools
from collections import Counter

from cairn.foundation.sheets.cells import UnreadableSheet

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 60
SAMPLE_CHARACTERS = 100_000
LINES_IN_ONE_CELL = 100
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(data: bytes, *, max_rows: int, max_columns: int) -> tuple[tuple[str | None, ...], ...]:
    """Rows of equal length; an empty cell is None. Raises `UnreadableSheet`."""
    text = decode(data)
    delimiter, text = find_delimiter(text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            _check_row(row, len(rows) + 1, max_rows=max_rows, max_columns=max_columns)
            rows.append(row)
    except csv.Error as error:
        raise UnreadableSheet("open_quote", row=len(rows) + 1) from error
    width = max((len(row) for row in rows), default=0)
    return tuple(tuple(cell or None for cell in row) + (None,) * (width - len(row)) for row in rows)


def _check_row(row: list[str], number: int, *, max_rows: int, max_columns: int) -> None:
    if number > max_rows and any(row):
        raise UnreadableSheet("too_many_rows", limit=max_rows)
    if len(row) > max_columns and any(row[max_columns:]):
        raise UnreadableSheet("too_many_columns", limit=max_columns)
    del row[max_columns:]
    if any(cell.count("\n") > LINES_IN_ONE_CELL for cell in row):
        raise UnreadableSheet("open_quote", row=number)


def decode(data: bytes) -> str:
    """Text of a file in UTF-8, UTF-16 or UTF-32 with or without a mark, else in Windows-1252, else in Latin-1."""
    text = _decoded(data)
    if any(character in text for character in "\0\x01\x02\x03\x04\x05\x06\x07\x08"):
        raise UnreadableSheet("not_a_sheet")
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, "damaged")
    if b"\0" in data[:4096]:
        # Every delimiter and line end is an ASCII character, so its zero byte tells which half comes first.
        big_endian = data[0:4096:2].count(0) > data[1:4096:2].count(0)
        return _strict(data, "utf-16-be" if big_endian else "utf-16-le", "not_a_sheet")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _strict(data: bytes, encoding: str, reason: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableSheet(reason) from error


def find_delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without a first line that only names it (`sep=;`)."""
    first, _, rest = text.partition("\n")
    named = first.strip()
    if len(named) == 5 and named.lower().startswith("sep=") and named[4] in DELIMITERS:
        return named[4], rest
    if first.rstrip("\r") == "sep=\t":
        return "\t", rest
    return max(DELIMITERS, key=lambda delimiter: _fitness(text, delimiter)), text


def _fitness(text: str, delimiter: str) -> tuple[float, int]:
    """How evenly the delimiter cuts the first lines: share of lines with the commonest number of cells, that number."""
    reader = csv.reader(io.StringIO(text[:SAMPLE_CHARACTERS], newline=""), delimiter=delimiter)
    try:
        lengths = Counter(len(row) for row in itertools.islice(reader, SAMPLE_LINES) if row)
    except csv.Error:
        return (0.0, 0)
    cut = {length: lines for length, lines in lengths.items() if length > 1}
    if not cut:
        return (0.0, 0)
    length, lines = max(cut.items(), key=lambda item: (item[1], item[0]))
    return (round(lines / lengths.total(), 1), length)
