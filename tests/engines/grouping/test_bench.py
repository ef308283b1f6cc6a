"""The bench still runs: its cohorts are the same for the same seed, and its short form fills every line."""

import sys
from pathlib import Path

import pytest

from bench.grouping import __main__ as bench
from bench.grouping import cases, cohorts, files, table
from cairn.engines import grouping
from tests.cli.grouping_files import read_csv


@pytest.mark.parametrize("make", [cohorts.with_rules, cohorts.all_rules, cohorts.hard_zone])
def test_same_seed_makes_the_same_cohort(make):
    assert (make(55, 3) == make(55, 3), make(55, 3) == make(55, 4)) == (True, False)


def test_cohort_with_every_rule_becomes_the_files_of_the_command(tmp_path):
    problem = cohorts.all_rules(55, 1)
    words = files.words(problem, tmp_path)
    titles, first, *_others = read_csv(tmp_path / "people.csv")
    person = problem.people[0]
    assert titles == ["id", *cohorts.FOUR, "slots", "blocked", "one to one", "pin"]
    assert (first[0], first[-1], len(read_csv(tmp_path / "people.csv"))) == (person.id, person.pinned_group, 56)
    assert words[words.index("--by") + 1] == (
        "discipline:2,gender:1,ethnicity:1,career:1,gender*ethnicity:1,gender*discipline:1"
    )


def test_row_says_what_falls_short():
    case = cases.Case("x", "a case", "solve", (9,), cohorts.hard_zone, 1.0, 100.0, least_score=99.0)
    runs = (
        {"seconds": 0.5, "proven": True, "gap": 0.0, "score": 100.0, "peak_mb": 50.0},
        {"seconds": 2.0, "proven": True, "gap": 0.0, "score": 98.5, "peak_mb": 150.0},
        {"seconds": 0.1, "proven": True, "infeasible": True},
    )
    assert table.Measured(case, 9, runs).line() == (
        "| a case | 9 | 3 (1 impossible) | 0.500 | 2.000 | 150 | 100% | 100% | 98.50 "
        "| 100% proven in 1 s, 100 MB, score 99 | 67% proven in time; 150 MB; score 98.50 |"
    )


@pytest.mark.slow
def test_short_form_fills_a_line_for_each_case_asked_for(monkeypatch, capfd):
    asked = [cases.COLD.key, "all-rules"]  # each starts processes of its own
    monkeypatch.chdir(Path(bench.__file__).parents[2])  # its processes find it by the folder they are in
    monkeypatch.setattr(sys, "argv", ["bench.grouping", "--short", "--only", ",".join(asked)])

    assert bench.main() == 0

    told = capfd.readouterr()
    lines = [line.split(" | ")[0].removeprefix("| ") for line in told.out.splitlines()[4:]]
    assert (lines, told.err) == ([case.what for case in cases.CASES if case.key in asked], "")


def test_problem_of_a_million_people_is_made_by_columns():
    problem = cohorts.with_rules(1000, 1)
    assert isinstance(problem.people, grouping.People)
    assert len(problem.groups) == 100
