"""The workbook that counts the score anew: LibreOffice's own arithmetic against the engine's fractions."""

import io
import json
import random
import shutil

import openpyxl
import pytest

from cairn.engines import grouping
from cairn.foundation import certificates
from tests import files
from tests.cli.grouping_files import people, run, write_csv

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")

KEYS = ("=1+1", "gender", "campus")


def problem(count, groups, *, seed=1, cap=None):
    """People with three attributes and an intersection; some say nothing, and one campus is all there is."""
    rng = random.Random(seed)
    people = tuple(
        grouping.Person(
            f"p{number}",
            values={
                "=1+1": rng.choice(("-2", "+3", "a'b", "Ọlá")),
                "gender": rng.choice(("x", "y", None)),
                "campus": "Main",
            },
        )
        for number in range(count)
    )
    return grouping.Problem(
        people=people,
        groups=tuple(grouping.Group(str(number), cap=cap if number == 1 else None) for number in range(1, groups + 1)),
        attributes=(
            *(grouping.Attribute(key, weight=weight) for key, weight in zip(KEYS, (3, 1, 2), strict=True)),
            grouping.Attribute("both", of=("gender", "=1+1")),
        ),
    )


COHORTS = {
    "even": (problem(24, 4), None, 20_000),
    "uneven": (problem(31, 4), None, 20_000),
    "three sizes": (problem(29, 5, cap=2), None, 20_000),
    "alone": (problem(1, 1), None, 20_000),
    "one group": (problem(9, 1), None, 20_000),
    "grouped": (problem(43, 6, seed=5), None, 10),
    "partly listed": (problem(31, 4), {"gender"}, 20_000),
    "not listed": (problem(31, 4), set(), 20_000),
}


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Each cohort's result, and its certificate after LibreOffice has opened it, counted and saved it."""
    folder = tmp_path_factory.mktemp("certificates")
    results = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, (cohort, shown, most) in COHORTS.items():
            patch.setattr(certificates, "MOST_COUNTS", most)
            results[name] = grouping.solve(cohort, seed=1, budget=grouping.Budget(effort=0.2))
            data = certificates.certificate(results[name], asked=[("Seed", "1")], attributes=shown)
            (folder / f"{name}.xlsx").write_bytes(data)
    sources = sorted(folder.glob("*.xlsx"))
    files.all_by_libreoffice(sources, "xlsx", folder / "made", profile=folder.parent / "libreoffice")
    return {
        name: (result, openpyxl.load_workbook(folder / "made" / f"{name}.xlsx", data_only=True))
        for name, result in results.items()
    }


@pytest.mark.parametrize("name", COHORTS)
def test_libreoffice_counts_objective_bound_baseline_and_score_as_the_engine_does(recalculated, name):
    result, book = recalculated[name]
    sheet = book["Score"]
    counted = [sheet.cell(row, 2).value for row in range(3, 8)]
    claimed = [len(result.assignment), result.D, result.bound, result.baseline, result.score]
    assert counted == pytest.approx([float(number) for number in claimed], rel=1e-9, abs=1e-9)
    assert sheet["B8"].value == ("yes" if result.bound == result.D else "no")


@pytest.mark.parametrize("name", COHORTS)
def test_every_attribute_has_its_own_line_that_adds_up(recalculated, name):
    result, book = recalculated[name]
    first = certificates.FIRST_ATTRIBUTE
    for row, part in enumerate(result.per_attribute, start=first):
        counted = [book["Score"].cell(row, column).value for column in range(2, 7)]
        claimed = [part.weight, part.D, part.bound, part.baseline, part.score]
        assert counted == pytest.approx([float(number) for number in claimed], rel=1e-9, abs=1e-9)


def test_counts_stand_group_by_group_with_fair_share_and_squared_error(recalculated):
    result, book = recalculated["uneven"]
    titles, *rows = book["Counts"].iter_rows(values_only=True)
    claimed = {(row.attribute, row.value, row.group): row for row in result.certificate.rows}
    assert titles[:8] == (
        *("attribute", "value", "group", "size", "groups alike"),
        *("people with the value", "fair share", "squared error"),
    )
    assert len(rows) == len(claimed)
    for attribute, value, group, _size, alike, count, share, error, _all in rows:
        row = claimed[attribute, value, group]
        assert (alike, count) == (1, row.count)
        assert (share, error) == pytest.approx((float(row.target), float(row.squared_error)))


def test_too_many_counts_are_put_together_and_the_sheet_says_so(recalculated):
    result, book = recalculated["grouped"]
    rows = list(book["Counts"].iter_rows(min_row=2, values_only=True))
    texts = [cell for (cell,) in book["Score"].iter_rows(max_col=1, values_only=True) if cell]
    assert {row[2] for row in rows} == {None}
    assert sum(row[4] for row in rows) == len(result.certificate.rows)
    assert texts[-1].startswith("There are too many counts to list them group by group.")


def test_attributes_that_are_not_to_be_listed_are_sums_only(recalculated):
    _result, book = recalculated["partly listed"]
    labels = [book["Score"].cell(row, 1).value for row in range(12, 16)]
    assert labels == [
        "=1+1 (counts not listed here)",
        "both (counts not listed here)",
        "campus (counts not listed here)",
        "gender",
    ]
    for name in ("Counts", "Least errors", "Values"):
        assert {row[0] for row in book[name].iter_rows(min_row=2, values_only=True)} == {"gender"}


def test_values_that_look_like_formulas_stay_text():
    cohort, shown, _most = COHORTS["even"]
    result = grouping.solve(cohort, seed=1, budget=grouping.Budget(effort=0.2))
    book = openpyxl.load_workbook(io.BytesIO(certificates.certificate(result, attributes=shown)))
    cells = [cell for row in book["Counts"].iter_rows(min_row=2, max_col=3) for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert book.sheetnames == ["Score", "Groups", "Counts", "Least errors", "Values"]


def test_table_that_no_program_can_work_with_is_refused(monkeypatch):
    monkeypatch.setattr(certificates, "MOST_ROWS", 10)
    result = grouping.solve(COHORTS["even"][0], seed=1, budget=grouping.Budget(effort=0.2))
    with pytest.raises(certificates.TooLarge, match="would have 52 rows, and 10 are the most"):
        certificates.certificate(result)


def test_command_writes_a_certificate_that_counts_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "people.csv", people(31))
    words = (
        "--by",
        "discipline:2,gender,gender*ethnicity",
        "--cap",
        "8",
        "--certificate",
        "proof.xlsx",
        "--json",
        "--seconds",
        "0.5",
    )
    assert run("people.csv", *words, "--out", "groups.csv", "--quiet") == 0

    counted = files.by_libreoffice((tmp_path / "proof.xlsx").read_bytes(), "xlsx", tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(counted), data_only=True)
    told = json.loads(capsys.readouterr().out)
    assert [book["Score"].cell(row, 2).value for row in range(4, 8)] == pytest.approx(
        [told["objective"], told["bound"], told["baseline"], told["score"]]
    )
    assert book["What was asked"]["B4"].value == "“discipline:2”, “gender:1” and “gender*ethnicity:1”"
