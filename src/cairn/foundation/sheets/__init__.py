"""Spreadsheets as they really come, and spreadsheets that can do no harm.

`read` takes the bytes of an uploaded .xlsx, .xls, .ods, .csv or .tsv file and gives back plain cells, or raises
`UnreadableSheet` with a sentence that says what to do. `write` and `write_csv` make files in which no text can turn
into a formula. Nothing here needs Django.
"""

from cairn.foundation.sheets.cells import Cell, Sheet, UnreadableSheet, Workbook
from cairn.foundation.sheets.reading import read
from cairn.foundation.sheets.writing import Column, Kind, Table, write, write_csv

__all__ = ["Cell", "Column", "Kind", "Sheet", "Table", "UnreadableSheet", "Workbook", "read", "write", "write_csv"]
