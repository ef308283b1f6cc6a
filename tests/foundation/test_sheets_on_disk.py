"""Tables read from disk row by row, and tables copied to disk."""

import datetime as dt
import shutil

import pytest

from cairn.foundation import sheets
from cairn.foundation.sheets import plain
from cairn.foundation.sheets.streaming import open_text
from tests import files

ROWS = [
    ["name", "number", "share", "day", "moment", "long", "yes"],
    ["Ọlá two  blanks", 7, 0.25, dt.date(2027, 1, 31), dt.datetime(2027, 1, 31, 9, 30), dt.timedelta(hours=30), True],
    ["=1+1", -1, 1e9, None, dt.datetime(2027, 1, 31, 9, 30, 15), dt.timedelta(hours=40), False],
    ["two\nlines & <tags>", None, None, None, None, None, None],
]  # fmt: skip


def read(path):
    """All cells of the only sheet."""
    return [list(row) for row in sheets.read(path.read_bytes(), path.name).sheets[0].rows]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_cells_keep_their_kinds_in_a_workbook(tmp_path, kind):
    path = tmp_path / f"table.{kind}"
    write = plain.write_xlsx if kind == "xlsx" else plain.write_ods
    write(path, ROWS, name="A & B")
    assert read(path) == ROWS


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_reads_what_is_written_as_opendocument(tmp_path):
    plain.write_ods(tmp_path / "table.ods", ROWS, name="A & B")
    (tmp_path / "opened.xlsx").write_bytes(
        files.by_libreoffice((tmp_path / "table.ods").read_bytes(), "xlsx", tmp_path)
    )
    opened = read(tmp_path / "opened.xlsx")
    assert [row[:4] for row in opened] == [row[:4] for row in ROWS]
    assert [row[6] for row in opened] == [row[6] for row in ROWS]


def test_cells_of_a_workbook_are_written_harmless_into_a_text_table(tmp_path):
    path = tmp_path / "table.csv"
    plain.write_text(path, ROWS, harmless=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(open_text(path).rows())[1:3] == [
        ["Ọlá two  blanks", "7", "0.25", "2027-01-31", "2027-01-31 09:30", "1 day, 6:00:00", "TRUE"],
        ["'=1+1", "-1", "1000000000.0", "", "2027-01-31 09:30:15", "1 day, 16:00:00", "FALSE"],
    ]


def test_blank_rows_and_empty_ends_are_no_part_of_a_table(tmp_path):
    (tmp_path / "table.csv").write_text("sep=;\r\na;b;;\r\n\r\n1;2\r\n;;;\r\n3;;;\r\n")
    table = open_text(tmp_path / "table.csv")
    assert (table.delimiter, table.line_end) == (";", "\r\n")
    assert list(table.rows()) == [["a", "b"], ["1", "2"], ["3", ""]]
    assert list(table.rows()) == list(table.rows())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"a,b\n1,2\n", "utf-8"),
        ("a,b\nā,2\n".encode(), "utf-8"),
        (b"\xef\xbb\xbfa,b\n", "utf-8-sig"),
        ("a,b\nZoë,2\n".encode("cp1252"), "cp1252"),
        ("a,b\nZoë\x81,2\n".encode("latin-1"), "latin-1"),
        (("a,b\n" * 9).encode("utf-16-be"), "utf-16-be"),
        ("a,b\nZoë,2\n".encode("utf-16"), "utf-16"),
    ],
    ids=["ascii", "utf-8", "marked", "1252", "latin-1", "utf-16-be", "utf-16"],
)  # fmt: skip
def test_encodings_are_told_from_all_of_the_file(tmp_path, data, encoding):
    (tmp_path / "table.csv").write_bytes(data)
    assert open_text(tmp_path / "table.csv").encoding == encoding


def test_character_cut_by_a_block_is_no_reason_to_doubt_the_encoding(tmp_path):
    (tmp_path / "table.csv").write_bytes(b"a\n" + b"xx\n" * 349_525 + "é\n".encode() * 2)
    assert open_text(tmp_path / "table.csv").encoding == "utf-8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a,b\n" * 2000 + b"1,\x00\n", "not_a_sheet"),
        (b"\xef\xbb\xbfa,b\n\xff,1\n", "damaged"),
        (b"\xff\xfea", "damaged"),
        (b"a,b\n1,2,3\n", "wide_row"),
        (b'a,b\n"1,2\n' + b"x\n" * 101, "open_quote"),
    ],
)
def test_text_tables_that_cannot_be_read(tmp_path, data, reason):
    (tmp_path / "table.csv").write_bytes(data)
    with pytest.raises(sheets.UnreadableSheet) as refused:
        list(open_text(tmp_path / "table.csv").rows())
    assert refused.value.reason == reason


def test_workbook_holds_a_million_rows_and_no_more(tmp_path):
    held = [plain.holds(tmp_path / name, 1_048_577) for name in ("a.csv", "a.xlsx", "a.ods")]
    assert held == [True, False, False]
    assert plain.holds(tmp_path / "a.xlsx", 1_048_576) is True
