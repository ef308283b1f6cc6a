"""A table copied to disk row by row: csv, tsv, xlsx or ods, whatever the name of the file says.

Cells keep their kinds where the format has them. Text can never act as a formula in a workbook; in a text table it
stays as it is, so that what was read is what is written, unless the caller asks for `harmless` text.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook as Book
from openpyxl.utils import get_column_letter

from cairn.foundation.sheets.cells import Cell
from cairn.foundation.sheets.writing import (
    ACTS_IN_CELL,
    LAST_ROW,
    UNHOLDABLE,
    csv_text,
    holdable,
    sheet_names,
    text_cell,
)

KINDS = (".csv", ".tsv", ".xlsx", ".ods")
DASH = "<number:text>-</number:text>"
COLON = "<number:text>:</number:text>"
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        *(("office", "office"), ("table", "table"), ("text", "text")),
        *(("style", "style"), ("number", "datastyle")),
    )
)
DAY = "".join(
    f'<number:{part} number:style="long"/>{dash}' for part, dash in (("year", DASH), ("month", DASH), ("day", ""))
)
CLOCK = f'<number:hours number:style="long"/>{COLON}<number:minutes number:style="long"/>'
STYLES = (
    "<office:automatic-styles>"
    f'<number:date-style style:name="N1">{DAY}</number:date-style>'
    f'<number:date-style style:name="N2">{DAY}<number:text> </number:text>{CLOCK}</number:date-style>'
    f'<number:time-style style:name="N3" number:truncate-on-overflow="false">{CLOCK}</number:time-style>'
    + "".join(
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="{of}"/>'
        for name, of in (("day", "N1"), ("moment", "N2"), ("time", "N3"))
    )
    + "</office:automatic-styles>"
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIMETYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)

Rows = Iterable[Sequence[Cell]]


def write_text(
    path: Path, rows: Rows, *, delimiter: str = ",", line_end: str = "\r\n", marked: bool = True, harmless: bool = False
) -> None:
    """A text table in UTF-8, `marked` with a byte order mark. `harmless` text gets an apostrophe where it could act."""
    with path.open("w", encoding="utf-8-sig" if marked else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        writer.writerows((list(map(_harmless, row)) for row in rows) if harmless else rows)


def _harmless(cell: Cell) -> object:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, float | time | timedelta):
        return str(cell)
    return csv_text(cell)


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="auto" if moment.second or moment.microsecond else "minutes")


def write_xlsx(path: Path, rows: Rows, *, name: str) -> None:
    """One sheet whose first row, the titles, stays in view."""
    book = Book(write_only=True)
    book.properties.creator = "Cairn"
    sheet = book.create_sheet(sheet_names([name])[0])
    sheet.freeze_panes = "A2"
    width = 0
    for row in rows:
        width = max(width, len(row))
        sheet.append([_for_workbook(sheet, cell) for cell in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(width, 1))}1"
    book.save(path)


def _for_workbook(sheet: Any, cell: Cell) -> Any:
    if not isinstance(cell, str):
        return cell
    if cell[:1] in ("=", "#") or ACTS_IN_CELL.search(cell):
        return text_cell(sheet, cell)
    return holdable(cell) or None


def write_ods(path: Path, rows: Rows, *, name: str) -> None:
    """One sheet of an OpenDocument spreadsheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        with archive.open("content.xml", "w") as file:
            _write_content(file, rows, name)


def _write_content(file: IO[bytes], rows: Rows, name: str) -> None:
    opening = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES} office:version="1.3">{STYLES}'
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(name)}>"
    )
    file.write(opening.encode())
    for row in rows:
        cells = "".join(_ods_cells(row))
        file.write(f"<table:table-row>{cells}</table:table-row>".encode())
    file.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")


def _ods_cells(row: Sequence[Cell]) -> Iterator[str]:
    for cell in row:
        if cell is None or cell == "":
            yield "<table:table-cell/>"
        else:
            kind, text = _ods_value(cell)
            paragraphs = "".join(f"<text:p>{_ods_text(line)}</text:p>" for line in text.split("\n"))
            yield f"<table:table-cell {kind}>{paragraphs}</table:table-cell>"


def _ods_value(cell: Cell) -> tuple[str, str]:
    """The attributes that say what a cell holds, and the text that is shown for it."""
    if isinstance(cell, bool):
        word = "true" if cell else "false"
        return f'office:value-type="boolean" office:boolean-value="{word}"', word.upper()
    if isinstance(cell, int | float):
        return f'office:value-type="float" office:value="{cell!r}"', str(cell)
    if isinstance(cell, date):
        style, text = ("moment", _moment(cell)) if isinstance(cell, datetime) else ("day", cell.isoformat())
        return f'table:style-name="{style}" office:value-type="date" office:date-value="{cell.isoformat()}"', text
    if isinstance(cell, time | timedelta):
        return f'table:style-name="time" office:value-type="time" office:time-value="{_duration(cell)}"', str(cell)
    return 'office:value-type="string"', UNHOLDABLE.sub("", str(cell).replace("\r\n", "\n").replace("\r", "\n"))


def _duration(cell: time | timedelta) -> str:
    if isinstance(cell, time):
        cell = timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
    minutes, seconds = divmod(int(cell.total_seconds()), 60)
    return f"PT{minutes // 60}H{minutes % 60}M{seconds}S"


def _ods_text(line: str) -> str:
    """Runs of spaces and tabs have elements of their own; a reader may fold them otherwise."""
    return escape(line).replace("\t", "<text:tab/>").replace("  ", " <text:s/>")


def holds(path: Path, rows: int) -> bool:
    """Whether the format that the name asks for can hold so many rows, the titles included."""
    return path.suffix.lower() in (".csv", ".tsv") or rows <= LAST_ROW
