"""From typed tables to workbooks and CSV files in which no text can act as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

Kind = Literal["text", "int", "date", "datetime", "minutes", "money"]
Value = str | int | Decimal | date | datetime | None

LONGEST_TEXT = 32_767
LONGEST_TITLE = 31
LONGEST_HINT = 255
FIRST_SAFE_DAY = date(1900, 3, 1)
LAST_ROW = 1_048_576
LISTS_TITLE = "_lists"
UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
ACTS_IN_CELL = re.compile(r"(?:\A|[\t\r\n])\s*[=+\-@＝＋－＠]|\A[\t\r\n]")
ACTS_IN_CSV = re.compile(r"(\A|[\t\r\n;|])(?=\s*[\"']?\s*[=+\-@＝＋－＠])|\A(?=[\t\n])")
FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
FORMATS: Mapping[Kind, str] = {
    "text": "@",
    "int": "0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "minutes": "0",
    "money": "#,##0.00",
}
WIDTHS: Mapping[Kind, int] = {"text": 24, "int": 10, "date": 13, "datetime": 18, "minutes": 10, "money": 14}


@dataclass(frozen=True)
class Column:
    """`width` in characters (None: by kind). `choices` become a drop-down. `hint` appears when a cell is chosen.

    `locked` has its effect only in a protected table. `decimals` is for money, whose values are `Decimal`s in the
    currency's major unit.
    """

    title: str
    kind: Kind = "text"
    width: int | None = None
    choices: tuple[str, ...] | None = None
    locked: bool = False
    hidden: bool = False
    hint: str = ""
    decimals: int = 2

    @property
    def number_format(self) -> str:
        if self.kind == "money" and self.decimals != 2:
            return "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        return FORMATS[self.kind]


@dataclass(frozen=True)
class Table:
    """One sheet: titles in row 1, which stays in view, then `rows`, each as long as `columns`.

    `spare_rows` empty rows below also get formats and drop-downs. `notes` are sentences for a sheet of their own at
    the end. A `hidden` table can carry keys; `protected` locks the locked columns, without a password.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Sequence[str] = ()
    spare_rows: int = 0
    hidden: bool = False
    protected: bool = False
    right_to_left: bool = False


def write(tables: Sequence[Table], *, notes_title: str = "Notes") -> bytes:
    """An .xlsx workbook without macros. At least one table must be visible.

    Dates are real dates; `datetime`s are wall time and must be naive. Text longer than a cell holds (32,767 characters)
    ends with an ellipsis. Raises TypeError when a value does not suit the kind of its column, ValueError when a row has
    the wrong length: both are faults of the caller, not of the person.
    """
    if all(table.hidden for table in tables):
        raise ValueError("a workbook needs at least one visible table")
    # All values are checked first: a fault half-way would leave temporary files behind.
    checked = [[_checked_row(table.columns, row) for row in table.rows] for table in tables]
    book = Book(write_only=True)
    book.properties.creator = "Cairn"
    names = sheet_names([table.name for table in tables] + [notes_title])
    lists = _Lists()
    for table, rows, name in zip(tables, checked, names, strict=False):
        _write_table(book.create_sheet(name), table, rows, lists)
    _write_notes(book, names[-1], [note for table in tables for note in table.notes])
    lists.write(book)
    book.active = next(index for index, table in enumerate(tables) if not table.hidden)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def write_csv(table: Table) -> bytes:
    """A text table in UTF-8 with a mark, CRLF and commas, without the hidden columns.

    Text that a spreadsheet program could take for a formula, also after a line break or a foreign delimiter, gets an
    apostrophe in front. Dates are 2027-01-31, times 2027-01-31 09:30.
    """
    shown = [index for index, column in enumerate(table.columns) if not column.hidden]
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([csv_text(table.columns[index].title) for index in shown])
    for row in table.rows:
        values = _checked_row(table.columns, row)
        writer.writerow([csv_text(values[index]) for index in shown])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def csv_text(value: Value) -> str | int | Decimal:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return ACTS_IN_CSV.sub(r"\1'", UNHOLDABLE.sub("", _one_line_end(value)))
    return value


def _checked_row(columns: Sequence[Column], row: Sequence[Value]) -> list[Value]:
    if len(row) != len(columns):
        raise ValueError(f"a row of {len(row)} values for {len(columns)} columns")
    return [_checked(column, value) for column, value in zip(columns, row, strict=True)]


def _checked(column: Column, value: Value) -> Value:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    kind = column.kind
    suits = {
        "text": isinstance(value, str),
        "int": _is_int(value),
        "minutes": _is_int(value),
        "money": isinstance(value, Decimal) and value.is_finite(),
        "date": isinstance(value, date) and not isinstance(value, datetime),
        "datetime": isinstance(value, datetime) and value.tzinfo is None,
    }
    if not suits[kind]:
        raise TypeError(f"column {column.title!r} is {kind} and cannot hold a {type(value).__name__}")
    return value


def _is_int(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def holdable(text: str) -> str:
    """The text as a cell can hold it: no control characters, line ends as one character, no accidental escapes."""
    plain = UNHOLDABLE.sub("", _one_line_end(text))
    if len(plain.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        plain = plain.encode("utf-16-le")[: (LONGEST_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
    return ESCAPE_LIKE.sub("_x005F_", plain)


class _Styles:
    """One prepared style per column and need, copied onto cells; setting parts of a style cell by cell is slow."""

    def __init__(self, sheet: Worksheet, table: Table) -> None:
        self.sheet = sheet
        self.header = self._prepared(Column("", locked=True))
        self.header.font = Font(bold=True)
        self.header.fill = PatternFill("solid", start_color="FFE8EDEB")
        self.header.alignment = Alignment(wrap_text=True, vertical="top")
        self.plain = [self._prepared(column) for column in table.columns]
        self.literal = [self._prepared(column) for column in table.columns]
        for cell in [self.header, *self.literal]:
            cell.quotePrefix = True

    def _prepared(self, column: Column) -> Any:
        cell = WriteOnlyCell(self.sheet)
        cell.number_format = column.number_format
        cell.protection = Protection(locked=column.locked)
        cell.alignment = Alignment(vertical="top", wrap_text=column.kind == "text" and not column.hidden)
        return cell

    def cell(self, index: int, value: Value) -> Any:
        if isinstance(value, date) and _day(value) < FIRST_SAFE_DAY:
            value = value.isoformat()
        if isinstance(value, str):
            acts = ACTS_IN_CELL.search(value) is not None
            return text_cell(self.sheet, value, (self.literal if acts else self.plain)[index])
        cell = WriteOnlyCell(self.sheet, value)
        cell._style = copy(self.plain[index]._style)
        return cell


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def text_cell(sheet: Worksheet, text: str, style: Any = None) -> Any:
    """A cell whose type is set to string after its value, whatever openpyxl took the value for."""
    cell = WriteOnlyCell(sheet, holdable(text))
    cell.data_type = "s"
    if style is not None:
        cell._style = copy(style._style)
    elif ACTS_IN_CELL.search(text):
        cell.quotePrefix = True
    return cell


def _write_table(sheet: Worksheet, table: Table, rows: Sequence[Sequence[Value]], lists: "_Lists") -> None:
    styles = _Styles(sheet, table)
    _lay_out(sheet, table, styles)
    sheet.append([text_cell(sheet, column.title, styles.header) for column in table.columns])
    for row in rows:
        sheet.append([None if value is None else styles.cell(index, value) for index, value in enumerate(row)])
    last = len(rows) + 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{last}"
    for letter, column in zip(map(get_column_letter, range(1, len(table.columns) + 1)), table.columns, strict=True):
        rule = _validation(column, lists)
        if rule is not None:
            rule.add(f"{letter}2:{letter}{min(LAST_ROW, max(2, last + table.spare_rows))}")
            sheet.data_validations.append(rule)


def _lay_out(sheet: Worksheet, table: Table, styles: _Styles) -> None:
    sheet.freeze_panes = "A2"
    sheet.sheet_view.rightToLeft = table.right_to_left
    sheet.sheet_state = "hidden" if table.hidden else "visible"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    for index, column in enumerate(table.columns):
        dimension = sheet.column_dimensions[get_column_letter(index + 1)]
        dimension.width = column.width or WIDTHS[column.kind]
        dimension.hidden = column.hidden
        dimension._style = copy(styles.plain[index]._style)
    if table.protected:
        sheet.protection.sheet = True
        # False means allowed: the person may still arrange the view.
        sheet.protection.sort = sheet.protection.autoFilter = sheet.protection.formatColumns = False


def _validation(column: Column, lists: "_Lists") -> DataValidation | None:
    if not column.choices and not column.hint:
        return None
    rule = DataValidation(allow_blank=True)
    if column.choices:
        rule = DataValidation(type="list", formula1=lists.reference(column.choices), allow_blank=True)
        rule.showErrorMessage = True
    if column.hint:
        rule.prompt = _shortened(UNHOLDABLE.sub("", column.hint), LONGEST_HINT)
        rule.showInputMessage = True
    return rule


class _Lists:
    """The choices of all drop-downs, on a hidden sheet: inside a rule they could not hold commas or much text."""

    def __init__(self) -> None:
        self.columns: list[tuple[str, ...]] = []

    def reference(self, choices: tuple[str, ...]) -> str:
        if choices not in self.columns:
            self.columns.append(choices)
        letter = get_column_letter(self.columns.index(choices) + 1)
        return f"{quote_sheetname(LISTS_TITLE)}!${letter}$1:${letter}${len(choices)}"

    def write(self, book: Book) -> None:
        if not self.columns:
            return
        sheet = book.create_sheet(LISTS_TITLE)
        sheet.sheet_state = "hidden"
        for index in range(max(map(len, self.columns))):
            column_values = [column[index] if index < len(column) else None for column in self.columns]
            sheet.append([None if value is None else text_cell(sheet, value) for value in column_values])


def _write_notes(book: Book, name: str, notes: Sequence[str]) -> None:
    if not notes:
        return
    sheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width = 100
    for note in notes:
        cell = text_cell(sheet, note)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([cell])


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names as spreadsheet programs allow them, no two alike when letter case is ignored."""
    taken = {LISTS_TITLE.lower(), "history"}
    names: list[str] = []
    for text in wanted:
        plain = FORBIDDEN_IN_TITLE.sub(" ", UNHOLDABLE.sub("", text.replace("\n", " ").replace("\r", " ")))
        plain = " ".join(plain.split()).strip("' ") or "Sheet"
        name, number = _shortened(plain, LONGEST_TITLE).strip("' "), 1
        while name.lower() in taken:
            number += 1
            ending = f" {number}"
            name = _shortened(plain, LONGEST_TITLE - len(ending)) + ending
        taken.add(name.lower())
        names.append(name)
    return names


def _shortened(text: str, units: int) -> str:
    """Cut to a number of UTF-16 units, which is how spreadsheet programs count."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
