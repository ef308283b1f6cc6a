"""Whatever makes no sense to `cairn group`: a sentence each, quickly, and nothing written."""

import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from tests import files
from tests.cli.grouping_files import people, run, write_csv

ROWS = people(12)
TITLES = "“id”, “name”, “discipline”, “gender” and “ethnicity”"
ALONE = "--not-alone gender= names no value; leave the = away to mean every value."
TAKEN = "people.csv has a column “name” already. Give the new one a title with --column."
NO_SHEET = "it is not a spreadsheet that Cairn can read. Save the table as .csv, .xlsx or .ods."
BOMB = (
    "it unpacks to more than Cairn takes from a workbook. "
    "Save the table as .csv: of that, Cairn reads two million rows."
)
HOURS = "coaches.csv has a column “hours”; it may have coach, minutes, slots, styles, groups."


def refused(folder, capsys, *words):
    """Exit code and sentence; nothing may have been added to the folder."""
    before = sorted(folder.iterdir())
    began = time.process_time()
    code = run(*words)
    assert time.process_time() - began < 5
    assert sorted(folder.iterdir()) == before
    told = capsys.readouterr()
    assert told.out == ""
    return code, told.err.removeprefix("cairn: ").rstrip("\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with people.csv in it, where the command runs."""
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "people.csv", ROWS)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--by gendr --cap 6", f"people.csv has no column “gendr”. Did you mean “gender”? Its columns are {TITLES}."),
        ("--by age --cap 6", f"people.csv has no column “age”. Its columns are {TITLES}."),
        ("--by gender*year --cap 6", f"people.csv has no column “year”. Its columns are {TITLES}."),
        ("--by gender --id Id --cap 6", f"people.csv has no column “Id”. Did you mean “id”? Its columns are {TITLES}."),
        ("--by gender:-1 --cap 6", "The weight of “gender” must be a whole number from 0 to 1000; “-1” is not."),
        ("--by gender:nan --cap 6", "The weight of “gender” must be a whole number from 0 to 1000; “nan” is not."),
        ("--by gender:much --cap 6", "The weight of “gender” must be a whole number from 0 to 1000; “much” is not."),
        ("--by gender:1001 --cap 6", "The weight of “gender” must be a whole number from 0 to 1000; “1001” is not."),
        ("--by gender:0.5 --cap 6", "The weight of “gender” must be a whole number from 0 to 1000; “0.5” is not."),
        ("--by gender,gender:2 --cap 6", "--by names “gender” twice."),
        ("--by gender*gender --cap 6", "The intersection “gender*gender” names a column twice."),
        ("--cap 6", "--by is missing: name at least one column to mix by, such as --by gender."),
        ("--by gender", "Say how many groups (--groups 5) or how large they may be (--cap 11)."),
        ("--by gender --groups 0", "--groups must be 1 or more, or a file; “0” is not."),
        ("--by gender --groups 13", "12 people cannot fill 13 groups."),
        ("--by gender --groups rooms.csv", "rooms.csv cannot be read: No such file or directory."),
        ("--by gender --cap 6 --not-alone gender=", ALONE),
        ("--by gender --cap 6 --apart nowhere.csv", "nowhere.csv cannot be read: No such file or directory."),
        ("--by gender --cap 6 --one-to-one name", "“name” must hold yes, no or nothing; “Person 1” is neither."),
        ("--by gender --cap 6 --pin name", "“name” names the group “Person 1”, and the groups are “1” and “2”."),
        ("--by gender --cap 6 --sheet One", "people.csv is a text table and has no sheets; leave --sheet away."),
        ("--by gender --cap 6 --column name", TAKEN),
    ],
)
def test_options_that_make_no_sense(folder, capsys, words, sentence):
    assert refused(folder, capsys, "people.csv", *words.split(), "--out", "groups.csv") == (2, sentence)


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("--cap 0", "argument --cap: “0” is not a whole number of 1 or more"),
        ("--cap many", "argument --cap: “many” is not a whole number of 1 or more"),
        ("--min -1", "argument --min: “-1” is not a whole number of 0 or more"),
        ("--seconds nan", "argument --seconds: “nan” is not a number of seconds above 0, at most 86400"),
        ("--sead 1", "unrecognized arguments: --sead 1"),
    ],
)
def test_words_that_are_no_options(folder, capsys, words, end):
    code, told = refused(folder, capsys, "people.csv", "--by", "gender", *words.split(), "--out", "groups.csv")
    assert (code, told.endswith(end)) == (2, True)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ROWS[0]], "There is nobody in people.csv: below the titles it has no rows."),
        ([*ROWS, ROWS[3]], "In people.csv, “3” stands twice in “id”, the second time as person 13."),
        ([*ROWS, ["", "Nameless"]], "In people.csv, person 13 below the titles has an empty cell in “id”."),
        (
            [["id", "gender", "gender"], ["1", "x", "y"]],
            "people.csv has two columns “gender”. Give one of them another title.",
        ),
        (
            [*ROWS, ["13", "Person, 13", "Law", "man", "a", "extra"]],
            "people.csv: Row 14 has more cells than there are titles. "
            "Put text that holds a comma between quotation marks.",
        ),
    ],
)
def test_tables_that_make_no_sense(folder, capsys, rows, sentence):
    write_csv(folder / "people.csv", rows)
    assert refused(folder, capsys, "people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv") == (2, sentence)


def zip_bomb():
    """A workbook of a few kilobytes that unpacks to two hundred megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "it is empty."),
        (b"\n \n", "it is empty."),
        (b"\x00\x01\x02\x03" * 1000, NO_SHEET),
        (b"%PDF-1.7", NO_SHEET),
        (b"<!doctype html><table>", "it is a web page or an XML file. Save the table as .csv, .xlsx or .ods."),
        (files.xlsx(ROWS)[:900], "it is damaged. Open it in your spreadsheet program and save it again."),
        (zip_bomb, BOMB),
    ],
    ids=["nothing", "blank", "garbage", "pdf", "page", "cut off", "bomb"],
)
def test_files_that_are_no_tables(folder, capsys, data, sentence):
    (folder / "people.csv").write_bytes(data() if callable(data) else data)
    words = ("people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv")
    assert refused(folder, capsys, *words) == (2, f"people.csv cannot be read: {sentence}")


def test_quotation_mark_that_is_never_closed(folder, capsys):
    (folder / "people.csv").write_text('id,gender\n1,"man\n' + "2,woman\n" * 200)
    code, told = refused(folder, capsys, "people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv")
    assert (code, told.startswith("people.csv: A quotation mark in row 2 is opened and never closed.")) == (2, True)


def test_200_megabytes_in_one_line(folder, capsys):
    with (folder / "people.csv").open("wb") as file:
        file.writelines(b"a,b,c,d,e,f,g,h," * 65_536 for _ in range(200))
    words = ("people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv")
    code, told = refused(folder, capsys, *words)
    assert (code, told.startswith("people.csv: The file has a line of more than a million characters")) == (2, True)


@pytest.mark.slow
def test_200_megabytes_of_people(folder, capsys):
    lines = (f"{number},woman\n" for number in range(16_000_000))
    with (folder / "people.csv").open("w") as file:
        file.write("id,gender\n")
        while block := "".join(line for line, _ in zip(lines, range(500_000), strict=False)):
            file.write(block)
    words = ("people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv")
    assert (folder / "people.csv").stat().st_size > 200_000_000
    assert refused(folder, capsys, *words) == (
        2,
        "people.csv has more than 2,000,000 rows, which is more than Cairn takes.",
    )


def test_folder_instead_of_a_file(folder, capsys):
    (folder / "more").mkdir()
    words = ("--by", "gender", "--cap", "6", "--out")
    assert refused(folder, capsys, "more", *words, "groups.csv") == (2, "more is a folder, not a file.")
    assert refused(folder, capsys, "people.csv", *words, "more") == (2, "more is a folder, not a file.")


def test_file_that_may_not_be_read(folder, capsys, monkeypatch):
    def closed(path, *_args, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", closed)  # the tests may run as root, whom no file refuses
    words = ("people.csv", "--by", "gender", "--cap", "6", "--out", "groups.csv")
    assert refused(folder, capsys, *words) == (2, "people.csv cannot be read: Permission denied.")


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("people.csv", "people.csv is one of the files that are read. Give another name."),
        ("./link.csv", "./link.csv is one of the files that are read. Give another name."),
        ("groups.pdf", "groups.pdf cannot be written: its name must end with “.csv”, “.tsv”, “.xlsx” and “.ods”."),
        ("no/groups.csv", "no/groups.csv cannot be written: No such file or directory."),
        ("/proc/groups.csv", "/proc/groups.csv cannot be written: No such file or directory."),
    ],
)
def test_places_where_nothing_can_be_written(folder, capsys, out, sentence):
    (folder / "link.csv").symlink_to(folder / "people.csv")
    words = ("people.csv", "--by", "gender", "--cap", "6", "--out", out)
    assert refused(folder, capsys, *words) == (2, sentence)


def test_groups_and_certificate_in_one_file(folder, capsys):
    words = ("--by", "gender", "--cap", "6", "--out", "a.xlsx", "--certificate", "./a.xlsx")
    assert refused(folder, capsys, "people.csv", *words) == (2, "a.xlsx cannot be both the groups and the certificate.")


@pytest.mark.parametrize(
    ("pairs", "option", "sentence"),
    [
        ([["1", "99"]], "--apart", "pairs.csv pairs “1” and “99”, and “99” is not in people.csv."),
        ([["a", "b"], ["98", "99"]], "--together", "pairs.csv pairs “98” and “99”, and “98” is not in people.csv."),
        ([["a", "b"], ["1", "1"]], "--apart", "pairs.csv pairs “1” with themselves."),
        ([["a", "b"], ["1", ""]], "--apart", "pairs.csv has a pair with an empty cell beside “1”."),
        ([["a"], ["1"]], "--apart", "pairs.csv has one column; pairs need two columns of ids."),
    ],
)
def test_pairs_that_make_no_sense(folder, capsys, pairs, option, sentence):
    write_csv(folder / "pairs.csv", pairs)
    words = ("--by", "gender", "--cap", "6", option, "pairs.csv", "--out", "groups.csv", "--quiet")
    assert refused(folder, capsys, "people.csv", *words) == (2, sentence)


def test_pair_that_is_to_be_apart_and_together(folder, capsys):
    write_csv(folder / "apart.csv", [["1", "2"]])
    write_csv(folder / "together.csv", [["2", "1"]])
    words = ("--by", "gender", "--cap", "6", "--apart", "apart.csv", "--together", "together.csv")
    assert refused(folder, capsys, "people.csv", *words, "--out", "groups.csv") == (
        2,
        "The pair 1 and 2 is to be apart and together at once.",
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "--cap 5 --groups 2",
            "12 people need a place, and the groups hold at most 10. Add a group, or raise the cap.",
        ),
        (
            "--cap 11 --min 8",
            "The groups need at least 16 people, and only 12 are to be placed. Use fewer groups, or lower the minimum.",
        ),
    ],
)
def test_sizes_that_are_impossible(folder, capsys, words, sentence):
    code = refused(folder, capsys, "people.csv", "--by", "gender", *words.split(), "--out", "groups.csv")
    assert code == (3, sentence)


def test_pairs_that_cannot_all_be_kept_apart(folder, capsys):
    write_csv(folder / "apart.csv", [["1", "2"], ["2", "3"], ["1", "3"]])
    words = ("--by", "gender", "--groups", "2", "--apart", "apart.csv", "--out", "groups.csv")
    assert refused(folder, capsys, "people.csv", *words) == (
        3,
        "1, 2, 3 must all be in different groups, and there are only 2 groups. Add a group, or raise the cap.",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("coach,minutes\nIoana,many\n", "coaches.csv: “minutes” must be a whole number of 0 or more; “many” is not."),
        ("coach,hours\nIoana,3\n", HOURS),
        ("name\nIoana\n", "coaches.csv has no column “coach”. Its columns are “name”."),
        ("coach,minutes\n,60\n", "coaches.csv has a row with an empty cell in “coach”."),
    ],
)
def test_coaches_that_make_no_sense(folder, capsys, text, sentence):
    (folder / "coaches.csv").write_text(text)
    words = ("--by", "gender", "--cap", "6", "--coaches", "coaches.csv", "--out", "groups.csv")
    assert refused(folder, capsys, "people.csv", *words) == (2, sentence)


def test_json_says_what_is_wrong_as_one_object(folder, capsys):
    code = run("people.csv", "--by", "gender", "--cap", "5", "--groups", "2", "--out", "groups.csv", "--json")

    told = json.loads(capsys.readouterr().out)
    assert code == 3
    assert [violation["rule"] for violation in told["violations"]] == ["cap"]
    assert told["error"].startswith("12 people need a place")


def test_million_of_one_value_mixes_nobody_and_says_so(folder, capsys):
    rows = [["id", "gender"], *([str(number), "woman"] for number in range(2_000))]
    write_csv(folder / "people.csv", rows)
    assert run("people.csv", "--by", "gender", "--cap", "11", "--out", "groups.csv") == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[0] == "cairn: “gender” mixes nobody: everybody who says so has “woman” in it."
    assert told.out.splitlines()[1].startswith("How mixed: 100 of 100.")


def test_existing_groups_stay_when_nothing_new_can_be_written(folder, capsys):
    (folder / "groups.csv").write_text("kept")
    refused(folder, capsys, "people.csv", "--by", "gender", "--cap", "5", "--groups", "2", "--out", "groups.csv")
    assert (folder / "groups.csv").read_text() == "kept"
