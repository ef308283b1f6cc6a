"""From the bytes of an uploaded file to plain cells."""

import io
import re
from datetime import timedelta
from pathlib import PurePath

import python_calamine

from cairn.foundation.sheets import delimited, guarding, legacy
from cairn.foundation.sheets.cells import Cell, Sheet, UnreadableSheet, Workbook

MAX_SHEETS = 100
WHOLE_NUMBER = 2**53
DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:\.\d+)?S\Z")
PAGES = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<style", b"<meta", b"mime-version:")
OTHER_FILES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
)


def read(
    data: bytes,
    filename: str,
    *,
    max_rows: int = 20_000,
    max_columns: int = 200,
    max_bytes: int = 20_000_000,
) -> Workbook:
    """Every worksheet of the file, hidden ones too.

    The kind is told from the content; `filename` only names the single sheet of a text table. A formula gives the value
    it had when the file was saved, a merged area its value in the first cell, an error value (#N/A) None.
    Raises `UnreadableSheet` with a sentence fit for the person who uploaded the file.
    """
    if not data.strip():
        raise UnreadableSheet("no_data")
    if len(data) > max_bytes:
        raise UnreadableSheet("too_big", megabytes=max_bytes // 1_000_000)
    extent = guarding.Extent(max_rows, max_columns)
    if data.startswith(b"PK\x03\x04"):
        kind, checked = guarding.checked_archive(data, extent)
        sheets = _parsed(checked, max_rows=max_rows)
    elif data.startswith(legacy.SIGNATURE):
        legacy.check_legacy(data, extent)
        kind, sheets = "xls", _parsed(data, max_rows=max_rows)
    else:
        kind, sheets = "csv", (_text_sheet(data, filename, max_rows=max_rows, max_columns=max_columns),)
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableSheet("no_cells")
    return Workbook(kind, sheets)


def _text_sheet(data: bytes, filename: str, *, max_rows: int, max_columns: int) -> Sheet:
    if data.startswith(OTHER_FILES):
        raise UnreadableSheet("not_a_sheet")
    if data[:400].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(PAGES):
        raise UnreadableSheet("web_page")
    rows = delimited.read_delimited(data, max_rows=max_rows, max_columns=max_columns)
    return Sheet(PurePath(filename.replace("\\", "/")).stem or "1", _without_empty_end(rows))


def _parsed(data: bytes, *, max_rows: int) -> tuple[Sheet, ...]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            if len(workbook.sheets_metadata) > MAX_SHEETS:
                raise UnreadableSheet("too_many_sheets", limit=MAX_SHEETS)
            return _sheets(workbook, max_rows)
    except UnreadableSheet:
        raise
    except python_calamine.PasswordError as error:
        raise UnreadableSheet("locked") from error
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise UnreadableSheet("damaged") from error


def _sheets(workbook: python_calamine.CalamineWorkbook, max_rows: int) -> tuple[Sheet, ...]:
    sheets: list[Sheet] = []
    cells = 0
    for meta in workbook.sheets_metadata:
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
            sheets.append(_sheet(workbook, meta, max_rows))
            cells += sum(map(len, sheets[-1].rows))
        # Several sheet names may stand for one measured part.
        if cells > guarding.MAX_CELLS:
            raise UnreadableSheet("too_much_inside")
    return tuple(sheets)


def _sheet(workbook: python_calamine.CalamineWorkbook, meta: python_calamine.SheetMetadata, max_rows: int) -> Sheet:
    raw = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False, nrows=max_rows)
    rows = tuple(tuple(map(_cell, row)) for row in raw)
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    return Sheet(meta.name, _without_empty_end(rows), hidden)


def _cell(value: Cell) -> Cell:
    if isinstance(value, str):
        duration = DURATION.match(value)
        if duration:
            hours, minutes, seconds = map(int, duration.groups())
            return timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return value or None
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_NUMBER:
        return int(value)
    return value


def _without_empty_end(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
    end = len(rows)
    while end and all(cell is None for cell in rows[end - 1]):
        end -= 1
    return rows[:end]
