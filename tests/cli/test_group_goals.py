"""Groups from a spreadsheet where coaches, times, wishes or likeness count."""

from tests.cli.grouping_files import people, read_csv, run, write_csv

BY = ("--by", "discipline:2,gender,ethnicity,gender*ethnicity", "--cap", "11")


def test_groups_coaches_and_slots_from_files(tmp_path):
    source = write_csv(
        tmp_path / "people.csv",
        people(
            22, when=lambda n: "mon" if n == 1 else "tue" if n == 2 else "", never=lambda n: "Ioana" if n == 3 else ""
        ),
    )
    groups = write_csv(tmp_path / "rooms.csv", [["group", "slots"], ["North", "mon; tue"], ["South", "mon; tue"]])
    coaches = write_csv(tmp_path / "coaches.csv", [["coach", "slots"], ["Ioana", "mon"], ["Sione", "mon; tue"]])
    rules = ("--groups", groups, "--coaches", coaches, "--slots", "when", "--blocked", "never")

    assert run(source, *BY, *rules, "--out", tmp_path / "groups.csv") == 0

    titles, *rows = read_csv(tmp_path / "groups.csv")
    found = {row[0]: dict(zip(titles, row, strict=True)) for row in rows}
    assert titles[-3:] == ["group", "slot", "coach"]
    assert {person["group"] for person in found.values()} == {"North", "South"}
    assert (found["1"]["slot"], found["2"]["slot"], found["3"]["coach"]) == ("mon", "tue", "Sione")


def test_wishes_are_followed_where_the_cap_allows(tmp_path):
    source = write_csv(tmp_path / "people.csv", people(10, first=lambda n: "1" if n <= 5 else "2"))

    words = ("--wishes", "first", "--groups", "2", "--cap", "5", "--out", tmp_path / "groups.csv")
    assert run(source, *words) == 0

    assert {row[-2] == row[-1] for row in read_csv(tmp_path / "groups.csv")[1:]} == {True}


def test_people_alike_sit_together_when_that_is_asked(tmp_path):
    source = write_csv(tmp_path / "people.csv", people(12, level=lambda n: "new" if n <= 6 else "old"))

    assert run(source, "--alike", "level", "--groups", "2", "--out", tmp_path / "groups.csv") == 0

    assert len({(row[-2], row[-1]) for row in read_csv(tmp_path / "groups.csv")[1:]}) == 2
