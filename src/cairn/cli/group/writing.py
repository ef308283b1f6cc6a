"""The columns of the table of people with the group beside them, in the format the name of the file asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cairn.cli.group.tables import SHEET_ROWS, TitledTable
from cairn.cli.group.wording import BadInput
from cairn.foundation.sheets import Cell, plain


def check_room(path: Path, people: int) -> None:
    """Refuse a workbook that cannot hold everybody, before any work is done."""
    if not plain.holds(path, people + 1):
        raise BadInput(f"{path.name} cannot hold {people:,} people: a sheet has {SHEET_ROWS:,} rows. Use a .csv file.")


def write_groups(draft: Path, table: TitledTable, ids: Sequence[str], found: Mapping[str, Mapping[str, str]]) -> None:
    """Write everybody's row with what was found for them, by the title of the column. The table is read again."""
    rows = _rows(table, ids, found)
    kind, name = draft.suffix.lower(), next(iter(found))
    if kind == ".xlsx":
        plain.write_xlsx(draft, rows, name=name)
    elif kind == ".ods":
        plain.write_ods(draft, rows, name=name)
    elif table.text is None:
        plain.write_text(draft, rows, delimiter="\t" if kind == ".tsv" else ",", harmless=True)
    else:
        plain.write_text(
            draft,
            rows,
            delimiter="\t" if kind == ".tsv" else table.text.delimiter,
            line_end=table.text.line_end,
            marked=table.text.marked or table.text.encoding != "utf-8",
        )


def _rows(table: TitledTable, ids: Sequence[str], found: Mapping[str, Mapping[str, str]]) -> Iterator[Sequence[Cell]]:
    yield [*table.raw_titles, *found]
    lookups = [column.get for column in found.values()]
    left = len(ids)
    for person, row in zip(ids, table.rows(), strict=False):
        left -= 1
        yield [*row, *[lookup(person, "") for lookup in lookups]]
    if left:
        raise BadInput(f"{table.name} has become shorter since it was read first. Try again.")
