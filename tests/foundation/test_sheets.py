import csv
import io
import re
import shutil
import struct
import time
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cairn.foundation.sheets import Column, Table, UnreadableSheet, read, write, write_csv
from tests import files
from tests.once import once

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
RISKY = st.builds(
    "".join, st.lists(st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", ";", ",", '"', "'", "A1", " ", "cmd|"]))
)


def workbook(fill) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def cells(values: dict[str, object]) -> bytes:
    def fill(book) -> None:
        for place, value in values.items():
            book.active[place] = value

    return workbook(fill)


def archive(parts: dict[str, bytes], source: bytes | None = None) -> bytes:
    """A zip archive with the parts of `source`, replaced or completed by `parts`."""
    old = {}
    if source:
        with zipfile.ZipFile(io.BytesIO(source)) as opened:
            old = {name: opened.read(name) for name in opened.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in {**old, **parts}.items():
            made.writestr(name, content)
    return target.getvalue()


def refusal(data: bytes, filename: str = "people.xlsx", **limits: int) -> str:
    with pytest.raises(UnreadableSheet) as caught:
        read(data, filename, **limits)
    assert caught.value.sentence.endswith(".")
    return caught.value.reason


def rows(data: bytes, filename: str = "people.xlsx") -> tuple:
    return read(data, filename).sheets[0].rows


ODS, XLS, XLSX = "ods", "xls", "xlsx:Calc MS Excel 2007 XML"
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"
WANTED = {
    ODS: ("typed", "mixed", "merged", "many", "tall", "broad", "two"),
    XLS: ("typed", "mixed", "many", "tall", "broad"),
    XLSX: ("typed", "written"),
    CSV: ("written",),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """What LibreOffice makes of one of `SOURCES`; all that is wanted of a kind is made by one start."""

    def of_kind(kind, folder):
        sources = [folder / f"{name}.source.xlsx" for name in WANTED[kind]]
        for name, source in zip(WANTED[kind], sources, strict=True):
            source.write_bytes(SOURCES[name]())
        files.all_by_libreoffice(sources, kind, folder / "made", profile=tmp_path_factory.getbasetemp() / "libreoffice")

    def one(name, kind):
        ending = kind.partition(":")[0]
        folder = once(tmp_path_factory, f"sheets-{ending}", lambda folder: of_kind(kind, folder))
        return (folder / "made" / f"{name}.source.{ending}").read_bytes()

    return one


# --- reading workbooks -----------------------------------------------------------------------------------------------

MIXED = {
    "B3": "Zoë",
    "C3": 7,
    "D3": 1.5,
    "E3": True,
    "F3": date(2027, 1, 31),
    "G3": datetime(2027, 1, 31, 9, 30),
    "H3": clock_time(9, 30),
    "I3": timedelta(hours=30),
    "J3": "#N/A",
    "B5": "m",
}


def test_cells_keep_their_types_and_their_places():
    assert rows(cells(MIXED)) == (
        (None,) * 10,
        (None,) * 10,
        (
            None,
            *("Zoë", 7, 1.5, True, date(2027, 1, 31), datetime(2027, 1, 31, 9, 30), clock_time(9, 30)),
            *(timedelta(hours=30), None),
        ),
        (None,) * 10,
        (None, "m", *(None,) * 8),
    )


def merged(book) -> None:
    book.active.append(["Leeds", "Ada"])
    book.active.append([None, "Bo"])
    book.active.merge_cells("A1:A2")


def test_a_merged_area_has_its_value_in_the_first_cell_only():
    assert rows(workbook(merged)) == (("Leeds", "Ada"), (None, "Bo"))


def test_hidden_sheets_are_read_and_marked():
    def fill(book) -> None:
        book.active["A1"] = "seen"
        book.create_sheet("Keys")["A1"] = "k1"
        book["Keys"].sheet_state = "hidden"

    read_book = read(workbook(fill), "x.xlsx")
    assert [(sheet.name, sheet.hidden) for sheet in read_book.sheets] == [("Sheet", False), ("Keys", True)]
    assert [sheet.name for sheet in read_book.visible] == ["Sheet"]


@needs_libreoffice
@pytest.mark.parametrize("kind", [ODS, XLS, XLSX])
def test_files_written_by_libreoffice_give_the_same_cells_and_formulas_their_values(saved, kind):
    read_book = read(saved("typed", kind), "wrong name.txt")
    assert read_book.kind == kind[:4].rstrip(":")
    assert read_book.sheets[0].rows[2] == (
        None,
        *("Zoë", 7, 1.5, 2, date(2027, 1, 31), datetime(2027, 1, 31, 9, 30), clock_time(9, 30)),
        *(timedelta(hours=30), "名前"),
    )
    assert read_book.sheets[0].rows[4][1] == "m"


@needs_libreoffice
def test_merged_cells_in_an_opendocument_file(saved):
    assert rows(saved("merged", ODS)) == (("Leeds", "Ada"), (None, "Bo"))


def test_formats_on_empty_cells_far_away_do_no_harm():
    def fill(book) -> None:
        book.active["A1"] = "Ada"
        book.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)

    assert rows(workbook(fill)) == (("Ada",),)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_two_cells_in_opposite_corners_are_refused_before_they_are_laid_out():
    assert refusal(cells({"A1": 1, "A1048576": 1})) == "too_many_rows"
    assert refusal(cells({"A1": 1, "XFD1": 1})) == "too_many_columns"
    assert refusal(cells({"A1": 1, "A12": 1}), max_rows=11) == "too_many_rows"
    assert refusal(cells({"A1": 1, "C1": 1}), max_columns=2) == "too_many_columns"


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='XFD1048576'><v>1</v></c>",
        '<c\n s="0" r = "xfd1048576" ><v>1</v></c>',
        '<c r="&#88;FD1048576"><v>1</v></c>',
    ],
)
def test_a_far_cell_cannot_hide_behind_unusual_markup(cell):
    source = cells({"A1": 1})
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>{cell}</row>'
    parts = {"xl/worksheets/sheet1.xml": (sheet + "</sheetData></worksheet>").encode()}
    assert refusal(archive(parts, source)) == "too_many_rows"


def test_a_document_type_is_refused():
    sheet = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><c r="A1"><v>1</v></c></worksheet>'
    assert refusal(archive({"xl/worksheets/sheet1.xml": sheet}, cells({"A1": 1}))) == "damaged"


def many_sheets(book) -> None:
    for _ in range(3):
        book.create_sheet()["A1"] = 1
        book.worksheets[-1]["EZ20000"] = 1


def test_many_sheets_that_are_each_just_small_enough_are_refused_together():
    assert refusal(workbook(many_sheets)) == "too_much_inside"


@needs_libreoffice
@pytest.mark.parametrize("kind", [ODS, XLS])
def test_many_sheets_in_other_formats(saved, kind):
    assert refusal(saved("many", kind)) == "too_much_inside"


@needs_libreoffice
@pytest.mark.parametrize(("source", "reason"), [("tall", "too_many_rows"), ("broad", "too_many_columns")])
@pytest.mark.parametrize("kind", [ODS, XLS])
def test_far_cells_in_other_formats(saved, kind, source, reason):
    assert refusal(saved(source, kind)) == reason


@needs_libreoffice
def test_a_repeated_row_in_an_opendocument_file_counts_as_often_as_it_is_repeated(saved):
    made = saved("two", ODS)
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        content = opened.read("content.xml")
    bomb = content.replace(b"<table:table-row ", b'<table:table-row table:number-rows-repeated="1000000" ', 1)
    assert refusal(archive({"content.xml": bomb}, made)) == "too_many_rows"


def test_a_zip_bomb_is_refused_by_its_directory():
    bomb = archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 160_000_000})
    assert len(bomb) < 1_000_000
    assert refusal(bomb) == "too_much_inside"


def test_a_zip_directory_that_lies_about_sizes_is_refused():
    honest = archive({"xl/worksheets/sheet1.xml": b"<c/>" + b" " * 100_000}, cells({"A1": 1}))
    assert refusal(honest.replace(struct.pack("<I", 100_004), struct.pack("<I", 10))) == "damaged"


def test_each_wrong_file_gets_its_own_sentence():
    assert refusal(b"") == "no_data"
    assert refusal(b" \n\n") == "no_data"
    assert refusal(cells({})) == "no_cells"
    assert refusal(b";;;\n;;;\n") == "no_cells"
    assert refusal(b"x" * 1001, max_bytes=1000) == "too_big"
    assert refusal(cells({"A1": 1})[:-300]) == "damaged"
    assert refusal(b"PK\x03\x04 and nothing more") == "damaged"
    assert refusal(archive({"xl/workbook.xml": b"<workbook/>"})) == "damaged"
    assert refusal(archive({"word/document.xml": b"<a/>"})) == "not_a_sheet"
    assert refusal(archive({"xl/workbook.bin": b"x", "xl/theme/theme1.xml": b"<a/>"})) == "binary_workbook"
    assert refusal(archive({"Index/Document.iwa": b"x"})) == "binary_workbook"
    assert (
        refusal(archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""})) == "not_a_sheet"
    )
    assert refusal(archive({"xl/vbaProject.bin": b"x"}, cells({"A1": 1})), "people.xlsm") == "macros"
    assert refusal(b"%PDF-1.7") == "not_a_sheet"
    assert refusal(bytes(range(256)) * 9) == "not_a_sheet"
    assert refusal(b"  <HTML><table><tr><td>Ada</td></tr></table>", "people.xls") == "web_page"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "damaged"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")) == "locked"


@needs_libreoffice
@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_a_file_cut_or_scratched_anywhere_is_read_or_refused_and_never_crashes(saved, kind):
    data = cells(MIXED) if kind == "xlsx" else saved("mixed", kind)
    for position in range(0, len(data), max(1, len(data) // 60)):
        for broken in (data[:position], data[:position] + b"\xff\xff\xff" + data[position + 3 :]):
            try:
                read(broken, "x")
            except UnreadableSheet as refused:
                assert refused.sentence


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused(data, start):
    try:
        assert read(start + data, "x.csv").sheets[0].rows
    except UnreadableSheet as refused:
        assert refused.sentence


# --- reading text tables ---------------------------------------------------------------------------------------------

TABLE = 'Name;E-mail\nZoë Müller-O’Neil;zoe@example.org\n"Ito;\n Ada";ada@example.org\n'
EXPECTED = (("Name", "E-mail"), ("Zoë Müller-O’Neil", "zoe@example.org"), ("Ito;\n Ada", "ada@example.org"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_delimiters(encoding, delimiter):
    text = TABLE.replace(";", delimiter)
    expected = tuple(tuple(cell.replace(";", delimiter) for cell in row) for row in EXPECTED)
    assert rows(text.encode(encoding), "people.csv") == expected


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_ends(ending):
    assert rows(f"a,b{ending}c,d{ending}".encode(), "x.csv") == (("a", "b"), ("c", "d"))


def test_non_latin_names_in_utf_16_without_a_mark():
    text = "名前,メール\n王小明,wang@example.org\n"
    assert rows(text.encode("utf-16-be"), "x.csv") == (("名前", "メール"), ("王小明", "wang@example.org"))


def test_a_title_above_and_commas_inside_do_not_mislead_the_sniffing():
    text = 'Cohort 1, autumn\n\nName;Note\nAda;"a, b, c"\nBo;"d, e, f"\n'
    assert rows(text.encode(), "x.csv") == (
        ("Cohort 1, autumn", None),
        (None, None),
        ("Name", "Note"),
        ("Ada", "a, b, c"),
        ("Bo", "d, e, f"),
    )


def test_a_line_that_names_the_delimiter_is_obeyed_and_dropped():
    assert rows(b"sep=;\r\na,1;b\r\n", "x.csv") == (("a,1", "b"),)


def test_text_stays_text_and_the_sheet_is_named_after_the_file():
    sheet = read(b"id,on\n007,2027-01-31\n", "C:\\lists\\people.v2.csv").sheets[0]
    assert (sheet.name, sheet.rows[1]) == ("people.v2", ("007", "2027-01-31"))


def test_a_quotation_mark_never_closed_is_named_by_row():
    text = 'a,b\nc,"d\n' + "e,f\n" * 200
    with pytest.raises(UnreadableSheet) as caught:
        read(text.encode(), "x.csv")
    assert (caught.value.reason, caught.value.params) == ("open_quote", {"row": 2})


def test_limits_of_text_tables():
    assert refusal(b"a\n" * 12, "x.csv", max_rows=11) == "too_many_rows"
    assert refusal(b"a,b,c\n" * 2, "x.csv", max_columns=2) == "too_many_columns"
    assert read(b"a,b,,,\n" + b"\n" * 30, "x.csv", max_rows=11, max_columns=2).sheets[0].rows == (("a", "b"),)


def test_ten_thousand_rows_are_read_in_well_under_two_seconds():
    kinds = ["text", "text", "int", "date", *["text"] * 6]
    row = ["Name %d", "p%d@example.org", 7, date(2027, 1, 31), *["x"] * 6]
    small = write([Table("People", [Column(str(i), kind) for i, kind in enumerate(kinds)], [row])])
    data = many_times(small, 10_000)
    started = time.process_time()
    read_rows = rows(data)
    assert time.process_time() - started < 2
    assert (len(read_rows), len(set(read_rows))) == (10_001, 10_001)
    assert read_rows[-1] == ("Name 10001", "p10001@example.org", 7, date(2027, 1, 31), *["x"] * 6)


def many_times(data: bytes, count: int) -> bytes:
    """The workbook with its second row so many times; "%d" in it becomes the row's number."""
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        before, row, after = re.split(rb'(<row r="2".*?</row>)', opened.read(part), flags=re.DOTALL)
    numbered = re.sub(rb'( r="[A-Z]*)2"', rb'\1%d"', row)
    repeated = [numbered.replace(b"%d", str(number).encode()) for number in range(2, count + 2)]
    return archive({part: b"".join([before, *repeated, after])}, data)


# --- writing ---------------------------------------------------------------------------------------------------------

COLUMNS = (
    Column("Key", hidden=True, locked=True),
    Column("=Name", width=30, hint="As the person writes it"),
    Column("Places", "int"),
    Column("On", "date"),
    Column("At", "datetime"),
    Column("Minutes", "minutes"),
    Column("Fee", "money"),
    Column("Mark", choices=("attended", "late, cancelled", "=1+1")),
)
ROWS = (
    ("k1", "=1+1", 5, date(2027, 1, 31), datetime(2027, 1, 31, 9, 30), 90, Decimal("12.30"), "attended"),
    ("k2", "_x0041_\r\n=2", None, date(1066, 10, 14), None, 0, None, "late, cancelled"),
    ("k3", " a\x00\x07b ", None, None, None, None, Decimal(-3), None),
    ("k4", "#N/A", -5, None, None, None, None, None),
)
TABLE_OF_ALL = Table("Coach: [2027]/*?", COLUMNS, ROWS, notes=("=Read me",), spare_rows=20, protected=True)


def test_what_is_written_is_read_back():
    book = read(write([TABLE_OF_ALL]), "x.xlsx")
    assert [(sheet.name, sheet.hidden) for sheet in book.sheets] == [
        ("Coach 2027", False),
        ("Notes", False),
        ("_lists", True),
    ]
    assert book.sheets[0].rows[1:] == (
        ("k1", "=1+1", 5, date(2027, 1, 31), datetime(2027, 1, 31, 9, 30), 90, 12.3, "attended"),
        ("k2", "_x0041_\n=2", None, "1066-10-14", None, 0, None, "late, cancelled"),
        ("k3", " ab ", None, None, None, None, -3, None),
        ("k4", "#N/A", -5, None, None, None, None, None),
    )


def test_the_sheet_is_laid_out_for_work():
    sheet = openpyxl.load_workbook(io.BytesIO(write([TABLE_OF_ALL])))["Coach 2027"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H5")
    assert {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation} == {
        "B2:B25": None,
        "H2:H25": "'_lists'!$A$1:$A$3",
    }
    assert (sheet.column_dimensions["A"].hidden, sheet.column_dimensions["B"].width) == (True, 30)
    assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
    assert (sheet["A2"].protection.locked, sheet["B2"].protection.locked) == (True, False)
    assert (sheet["D2"].is_date, sheet["D2"].number_format, sheet["G2"].number_format) == (
        True,
        "yyyy-mm-dd",
        "#,##0.00",
    )


def test_texts_that_look_like_formulas_are_marked_as_literal():
    sheet = openpyxl.load_workbook(io.BytesIO(write([TABLE_OF_ALL])))["Coach 2027"]
    assert [(sheet[place].data_type, sheet[place].quotePrefix) for place in ("B1", "B2", "B3", "B4")] == [
        ("s", True),
        ("s", True),
        ("s", True),
        ("s", False),
    ]


def test_no_file_holds_macros_or_formulas():
    with zipfile.ZipFile(io.BytesIO(write([TABLE_OF_ALL]))) as made:
        sheets = [made.read(name) for name in made.namelist() if name.startswith("xl/worksheets/")]
        assert not [name for name in made.namelist() if "vba" in name or "externalLink" in name]
    assert [sheet for sheet in sheets if b"<f>" in sheet or b"<f " in sheet] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(TEXTS, RISKY), min_size=1, max_size=8))
@example(
    ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "a\n=1", "＝1", '=HYPERLINK("http://x")', "_x003D_1", "#REF!", "TRUE"]
)
def test_no_text_becomes_a_formula_and_every_text_survives(texts):
    data = write([Table(texts[0], [Column("Text")], [[text] for text in texts])])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    kept = [row[0] or "" for row in rows(data)[1:]]
    assert kept == [holdable(text) for text in texts][: len(kept)]


def holdable(text: str) -> str:
    """What XML 1.0 and the format can keep of a text."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if text.strip() else ""
    return "".join(char for char in plain if char in "\t\n" or (ord(char) >= 32 and char not in "\x7f\ufffe\uffff"))


@needs_libreoffice
def test_libreoffice_opens_it_and_sees_the_same_cells(saved):
    made = saved("written", CSV)
    seen = list(csv.reader(io.StringIO(made.decode().removeprefix("\ufeff"), newline="")))
    assert seen == [
        ["Key", "=Name", "Places", "On", "At", "Minutes", "Fee", "Mark"],
        ["k1", "=1+1", "5", "2027-01-31", "2027-01-31 09:30", "90", "12.30", "attended"],
        ["k2", "_x0041_\n=2", "", "1066-10-14", "", "0", "", "late, cancelled"],
        ["k3", " ab ", "", "", "", "", "-3.00", ""],
        ["k4", "#N/A", "-5", "", "", "", "", ""],
    ]


@needs_libreoffice
def test_drop_downs_survive_libreoffice(saved):
    made = saved("written", XLSX)
    sheet = openpyxl.load_workbook(io.BytesIO(made))["Coach 2027"]
    found = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert found == {"H2:H25": "_lists!$A$1:$A$3"}


def test_sheet_names_are_made_fit_and_told_apart():
    tables = [
        Table(name, [Column("A")], [["x"]]) for name in ("", "'a'", "A", "x" * 40, "X" * 31, "History", "🎈" * 20)
    ]
    names = [sheet.name for sheet in read(write(tables), "x.xlsx").sheets]
    assert names == ["Sheet", "a", "A 2", "x" * 31, "X" * 29 + " 2", "History 2", "🎈" * 15]


def test_a_hidden_table_can_carry_keys_and_a_visible_one_is_shown_first():
    tables = [Table("Keys", [Column("Key")], [["k1"]], hidden=True), Table("Seen", [Column("A")], [["x"]])]
    book = openpyxl.load_workbook(io.BytesIO(write(tables, notes_title="Hinweise")))
    assert (book["Keys"].sheet_state, book.active.title) == ("hidden", "Seen")
    with pytest.raises(ValueError, match="visible"):
        write(tables[:1])


def test_right_to_left_sheets_and_money_without_decimals():
    table = Table("שמות", [Column("מחיר", "money", decimals=0)], [[Decimal(1200)]], right_to_left=True)
    sheet = openpyxl.load_workbook(io.BytesIO(write([table]))).active
    assert (sheet.sheet_view.rightToLeft, sheet["A2"].number_format) == (True, "#,##0")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", 1.5),
        ("money", Decimal("NaN")),
        ("int", True),
        ("int", "5"),
        ("date", datetime(2027, 1, 31)),
        ("datetime", datetime.fromisoformat("2027-01-31T09:30+01:00")),
        ("text", 5),
    ],
)
def test_a_value_that_does_not_suit_its_column_is_a_fault(kind, value):
    with pytest.raises(TypeError):
        write([Table("A", [Column("A", kind)], [[value]])])
    with pytest.raises(ValueError, match="1 columns"):
        write_csv(Table("A", [Column("A", kind)], [[None, None]]))


def test_text_longer_than_a_cell_ends_with_an_ellipsis():
    kept = rows(write([Table("A", [Column("A")], [["🎈" * 20_000]])]))[1][0]
    assert kept == "🎈" * 16_383 + "…"


def test_csv_is_plain_and_leaves_hidden_columns_out():
    assert write_csv(TABLE_OF_ALL) == (
        b"\xef\xbb\xbf'=Name,Places,On,At,Minutes,Fee,Mark\r\n"
        b"'=1+1,5,2027-01-31,2027-01-31 09:30,90,12.30,attended\r\n"
        b'"_x0041_\n\'=2",,1066-10-14,,0,,"late, cancelled"\r\n'
        b" ab ,,,,,-3,\r\n"
        b"#N/A,-5,,,,,\r\n"
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(TEXTS, RISKY), min_size=1, max_size=5))
@example(["=1", " =1", '"=1', "a;=1", "a\n=1", "a\t+1", "\n@", "＝1", "'=1"])
def test_no_csv_cell_begins_like_a_formula_whatever_delimiter_is_assumed(texts):
    data = write_csv(Table("A", [Column("T")], [[text] for text in texts])).decode("utf-8-sig")
    for delimiter in (",", ";", "\t", "|"):
        for row in csv.reader(io.StringIO(data, newline=""), delimiter=delimiter):
            for cell in row if delimiter != "," else row[:1]:
                for line in cell.split("\n"):
                    assert not line.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


SOURCES = {
    "typed": lambda: cells({**MIXED, "E3": "=1+1", "J3": "名前"}),
    "mixed": lambda: cells(MIXED),
    "merged": lambda: workbook(merged),
    "many": lambda: workbook(many_sheets),
    "tall": lambda: cells({"A1": 1, "A60000": 1}),
    "broad": lambda: cells({"A1": 1, "IV1": 1}),
    "two": lambda: cells({"A1": "Ada", "A2": "Bo"}),
    "written": lambda: write([TABLE_OF_ALL]),
}
"""What LibreOffice opens and saves: each name with the making of the file."""
