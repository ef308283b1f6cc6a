"""Looking into a workbook before a parser may.

The parser behind `read` lays a sheet out as one full rectangle, so two cells in opposite corners, which fit into 5 KB,
would ask for 500 GB and end the whole process. Here the extent of every sheet is measured first, and a zip archive is
packed anew from the parts that were measured, so that the parser sees exactly what was checked.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from cairn.foundation.sheets.cells import UnreadableSheet

MAX_PARTS = 2_000
MAX_UNPACKED = 150_000_000
MAX_CELLS = 2_000_000
ODS_PARTS = ("mimetype", "content.xml", "META-INF/manifest.xml")
HAS_CELLS = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


class Extent:
    """The furthest row and column with something written in them, refused as soon as it passes the limits."""

    def __init__(self, max_rows: int, max_columns: int) -> None:
        self.max_rows = max_rows
        self.max_columns = max_columns
        self.rows = self.columns = self.cells = 0

    def next_sheet(self) -> None:
        """Begin to measure another sheet; the rectangles of all sheets together must stay small too."""
        self.cells += self.rows * self.columns
        self.rows = self.columns = 0
        if self.cells > MAX_CELLS:
            raise UnreadableSheet("too_much_inside")

    def check(self, row: int, column: int) -> None:
        """`row` and `column` count from 1."""
        if row > self.max_rows:
            raise UnreadableSheet("too_many_rows", limit=self.max_rows)
        if column > self.max_columns:
            raise UnreadableSheet("too_many_columns", limit=self.max_columns)
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)


def checked_archive(data: bytes, extent: Extent) -> tuple[str, bytes]:
    """`xlsx` or `ods`, and an archive with nothing in it but the parts that were checked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            kind, parts = _parts(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise UnreadableSheet("damaged") from error
    _check_parts(kind, parts, extent)
    return kind, _packed(parts)


def _parts(archive: zipfile.ZipFile) -> tuple[str, dict[str, bytes]]:
    entries = {entry.filename.replace("\\", "/"): entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise UnreadableSheet("damaged")
    kind = _archive_kind(set(entries))
    wanted = [name for name in entries if _is_wanted(kind, name)]
    if len(wanted) > MAX_PARTS or sum(entries[name].file_size for name in wanted) > MAX_UNPACKED:
        raise UnreadableSheet("too_much_inside")
    if any(entries[name].flag_bits & 1 for name in wanted):
        raise UnreadableSheet("locked")
    return kind, {name: archive.read(entries[name]) for name in wanted}


def _archive_kind(names: set[str]) -> str:
    if "xl/vbaProject.bin" in names:
        raise UnreadableSheet("macros")
    if "xl/workbook.bin" in names or any(name.startswith("Index/") for name in names):
        raise UnreadableSheet("binary_workbook")
    if any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        return "xlsx"
    if {"mimetype", "content.xml"} <= names:
        return "ods"
    raise UnreadableSheet("not_a_sheet")


def _is_wanted(kind: str, name: str) -> bool:
    return name in ODS_PARTS if kind == "ods" else name.endswith((".xml", ".rels"))


def _check_parts(kind: str, parts: dict[str, bytes], extent: Extent) -> None:
    if kind == "ods":
        if b"opendocument.spreadsheet" not in parts["mimetype"]:
            raise UnreadableSheet("not_a_sheet")
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise UnreadableSheet("locked")
        _scan(parts["content.xml"], OdsScan(extent))
        return
    if b"macroEnabled" in parts.get("[Content_Types].xml", b""):
        raise UnreadableSheet("macros")
    # A relation may name any part as a sheet, so every part which holds cells is measured.
    for content in parts.values():
        if b"\0" in content:
            raise UnreadableSheet("damaged")
        if HAS_CELLS.search(content):
            _scan(content, XlsxScan(extent))


def _packed(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _scan(content: bytes, scan: "XlsxScan | OdsScan") -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableSheet("damaged") from error
    scan.extent.next_sheet()


def _refuse_doctype(*_: object) -> None:
    # Entities are declared in a document type, and no spreadsheet program writes one.
    raise UnreadableSheet("damaged")


class XlsxScan:
    """Follows cells of a worksheet; only those with a value count, for formatted empty cells are not laid out."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.row = self.column = 0
        self.columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._to_cell(attributes.get("r"))
        elif local in ("v", "t", "f"):
            self.extent.check(self.row, self.column)
        elif local == "row":
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0

    def end(self, name: str) -> None:
        pass

    def _to_cell(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
            return
        match = REFERENCE.match(reference.upper())
        if match is None:
            raise UnreadableSheet("damaged")
        letters, row = match.groups()
        if letters not in self.columns:
            self.columns[letters] = column_number(letters)
        self.column, self.row = self.columns[letters], int(row)


class OdsScan:
    """Follows the rows of an OpenDocument table, where one element may stand for a million equal ones."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.row = self.repeats = self.column = self.width = 0
        self.furthest = 0
        self.in_cell = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.extent.next_sheet()
            self.row = 0
        elif name == "table:table-row":
            self.repeats = _times(attributes, "table:number-rows-repeated")
            self.column = self.furthest = 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.width = _times(attributes, "table:number-columns-repeated")
            self.column += self.width
            self.in_cell = True
            if any(key.startswith("office:") or key == "table:formula" for key in attributes):
                self.furthest = self.column
        elif self.in_cell:
            self.furthest = self.column

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            self.in_cell = False
        elif name == "table:table-row":
            self.row += self.repeats
            if self.furthest:
                self.extent.check(self.row, self.furthest)


def _times(attributes: dict[str, str], key: str) -> int:
    return max(1, int(attributes.get(key, "1")))


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
