"""Files with one row of titles, whatever program made them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from cairn.cli.group.wording import BadInput, named, note, unknown_column
from cairn.foundation.sheets import Cell, Sheet, UnreadableSheet, legacy, read
from cairn.foundation.sheets.streaming import TextTable, open_text

MOST_ROWS = 2_000_000
MOST_COLUMNS = 1_000
MOST_WORKBOOK_BYTES = 200_000_000
SHEET_ROWS = 1_048_576
SAVE_AS_CSV = "Save the table as .csv: of that, Cairn reads two million rows."
OWN_SENTENCES = {
    "no_data": "it is empty.",
    "no_cells": "there is nothing written in it.",
    "too_big": f"it is larger than {MOST_WORKBOOK_BYTES // 1_000_000} MB. {SAVE_AS_CSV}",
    "too_much_inside": f"it unpacks to more than Cairn takes from a workbook. {SAVE_AS_CSV}",
    "too_many_sheets": "it has too many sheets. Copy the table into a new workbook.",
    "locked": "it is protected by a password. Save it without one.",
    "macros": "it contains macros. Save it as an ordinary workbook (.xlsx).",
    "damaged": "it is damaged. Open it in your spreadsheet program and save it again.",
    "not_a_sheet": "it is not a spreadsheet that Cairn can read. Save the table as .csv, .xlsx or .ods.",
    "web_page": "it is a web page or an XML file. Save the table as .csv, .xlsx or .ods.",
    "binary_workbook": "Cairn does not know this kind of workbook. Save the table as .csv, .xlsx or .ods.",
}


@dataclass(frozen=True)
class TitledTable:
    """A table on disk: its titles, and its rows as often as asked. `text` says how a text table is written."""

    path: Path
    titles: tuple[str, ...]
    text: TextTable | None
    sheet: Sheet | None
    raw_titles: tuple[Cell, ...]

    @property
    def name(self) -> str:
        return self.path.name

    def rows(self) -> Iterator[Sequence[Cell]]:
        """The rows below the titles, blank ones left away, each as long as the titles."""
        rows = self._all_rows()
        next(rows, None)
        try:
            for number, row in enumerate(rows, start=1):
                if number > MOST_ROWS:
                    raise _too_long(self.name)
                yield row
        except UnreadableSheet as problem:
            raise _unreadable(self.name, problem) from problem

    def _all_rows(self) -> Iterator[Sequence[Cell]]:
        if self.text is not None:
            yield from self.text.rows()
        elif self.sheet is not None:
            yield from _filled_rows(self.sheet)

    def column(self, title: str) -> int:
        """The position of a column. Raises `BadInput` naming those that exist."""
        if title not in self.titles:
            raise unknown_column(title, filter(None, self.titles), self.name)
        if self.titles.count(title) > 1:
            raise BadInput(f"{self.name} has two columns “{title}”. Give one of them another title.")
        return self.titles.index(title)


def text_of(cell: Cell) -> str:
    """A cell as text without blanks around it: how ids and values are compared between files."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def texts_of(cells: Sequence[Cell]) -> list[str]:
    """The same for many cells at once."""
    plain = [cell for cell in cells if isinstance(cell, str)]
    if len(plain) == len(cells) and "".join(plain).isascii():
        return [cell.strip() for cell in plain]
    return [text_of(cell) for cell in cells]


def open_table(name: str, *, sheet: str | None = None, quiet: bool = False) -> TitledTable:
    """Find out what a file is and read its titles. Raises `BadInput`."""
    path = Path(name)
    try:
        if path.is_dir():
            raise BadInput(f"{name} is a folder, not a file.")
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith((b"PK\x03\x04", legacy.SIGNATURE)):
            return _open_workbook(path, sheet, quiet)
        if sheet is not None:
            raise BadInput(f"{name} is a text table and has no sheets; leave --sheet away.")
        text = open_text(path)
        if text.lines > MOST_ROWS + 1:
            raise _too_long(path.name)
        return _titled(path, tuple(next(text.rows(), ())), text, None)
    except UnreadableSheet as problem:
        raise _unreadable(name, problem) from problem
    except OSError as problem:
        raise BadInput(f"{name} cannot be read: {problem.strerror}.") from problem


def _open_workbook(path: Path, wanted: str | None, quiet: bool) -> TitledTable:
    if path.stat().st_size > MOST_WORKBOOK_BYTES:
        raise UnreadableSheet("too_big", megabytes=MOST_WORKBOOK_BYTES // 1_000_000)
    book = read(
        path.read_bytes(),
        path.name,
        max_rows=SHEET_ROWS,
        max_columns=MOST_COLUMNS,
        max_bytes=MOST_WORKBOOK_BYTES,
    )
    filled = [sheet for sheet in book.visible if sheet.rows] or [sheet for sheet in book.sheets if sheet.rows]
    if wanted is not None:
        filled = [sheet for sheet in book.sheets if sheet.name == wanted]
        if not filled:
            raise BadInput(f"{path.name} has no sheet “{wanted}”. It has {named(s.name for s in book.sheets)}.")
    elif len(filled) > 1 and not quiet:
        note(f"{path.name} has {len(filled)} sheets; “{filled[0].name}” is read (--sheet names another).")
    return _titled(path, tuple(next(_filled_rows(filled[0]), ())), None, filled[0])


def _filled_rows(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    """Rows with something written in them, without the empty columns at the right."""
    width = len(sheet.rows[0])
    while all(row[width - 1] is None for row in sheet.rows):
        width -= 1
    for row in sheet.rows:
        if any(cell is not None for cell in row):
            yield row[:width]


def _titled(path: Path, first: Sequence[Cell], text: TextTable | None, sheet: Sheet | None) -> TitledTable:
    if not first:
        raise BadInput(f"{path.name} cannot be read: there is nothing written in it.")
    if len(first) > MOST_COLUMNS:
        raise BadInput(f"{path.name} has more than {MOST_COLUMNS:,} columns.")
    return TitledTable(path, tuple(map(text_of, first)), text, sheet, tuple(first))


def _too_long(name: str) -> BadInput:
    return BadInput(f"{name} has more than {MOST_ROWS:,} rows, which is more than Cairn takes.")


def _unreadable(name: str, problem: UnreadableSheet) -> BadInput:
    own = OWN_SENTENCES.get(problem.reason)
    return BadInput(f"{name} cannot be read: {own}" if own else f"{name}: {problem.sentence}")
