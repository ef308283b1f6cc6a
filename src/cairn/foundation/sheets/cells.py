"""What a read spreadsheet is made of, and the sentences for one that cannot be read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cairn.engines.wording import Refusal, Wording, gettext_noop

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""`date` for a day, `datetime` for a day with a time other than midnight, `timedelta` for a duration such as 30:00."""


@dataclass(frozen=True)
class Sheet:
    """One sheet from A1 on: `rows[0]` is row 1, all rows are equally long, empty rows at the end are left away."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    hidden: bool = False


@dataclass(frozen=True)
class Workbook:
    """`kind` is what the content turned out to be: xlsx, xls, ods or csv."""

    kind: str
    sheets: tuple[Sheet, ...]

    @property
    def visible(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if not sheet.hidden)


REASONS = {
    "no_data": gettext_noop("The file is empty. Choose the file again, or save it once more and try again."),
    "no_cells": gettext_noop("There is nothing written in this file. Check that it is the right one."),
    "too_big": gettext_noop(
        "The file is larger than {megabytes} MB. Take out pictures and sheets that are not needed, "
        "or save it as CSV, and try again."
    ),
    "too_much_inside": gettext_noop(
        "The file unpacks to far more than a list of people would. Copy the table into a new workbook and upload that."
    ),
    "too_many_rows": gettext_noop(
        "A sheet has something written below row {limit}. Delete the rows that are not needed, or divide the file."
    ),
    "too_many_columns": gettext_noop(
        "A sheet has something written to the right of column {limit}. Delete the columns that are not needed."
    ),
    "too_many_sheets": gettext_noop("The file has more than {limit} sheets. Copy the table into a new workbook."),
    "locked": gettext_noop("The file is protected by a password. Save it without a password and upload it again."),
    "macros": gettext_noop(
        "The file contains macros, which Cairn does not take. Save it as an ordinary workbook (.xlsx) and upload that."
    ),
    "damaged": gettext_noop(
        "The file is damaged and cannot be read. Open it in your spreadsheet program, save it again as .xlsx or .ods, "
        "and upload the new file."
    ),
    "not_a_sheet": gettext_noop(
        "This is not a spreadsheet that Cairn can read. Save the table as .xlsx, .ods or .csv and upload that."
    ),
    "web_page": gettext_noop(
        "This is a web page or an XML file with the name of a spreadsheet. Open it in your spreadsheet program, "
        "save it as .xlsx or .ods, and upload the new file."
    ),
    "binary_workbook": gettext_noop(
        "Cairn cannot read this kind of workbook. Open it in the program that made it, save it as .xlsx or .ods, "
        "and upload the new file."
    ),
    "open_quote": gettext_noop(
        'A quotation mark in row {row} is opened and never closed. Put a second " after that text, '
        "or save the file as .xlsx."
    ),
    "long_line": gettext_noop(
        "The file has a line of more than a million characters, so it is no table of people. "
        "Save the table as .csv again."
    ),
    "wide_row": gettext_noop(
        "Row {row} has more cells than there are titles. Put text that holds a {delimiter} between quotation marks."
    ),
}


class UnreadableSheet(Refusal):
    """The file cannot be taken; `reason` is a key of `REASONS`, the sentence says what to do about it."""

    def __init__(self, reason: str, **params: object) -> None:
        self.reason = reason
        super().__init__(**params)

    @property
    def wording(self) -> Wording:
        return Wording(f"sheets.{self.reason}", REASONS[self.reason], self.params)
