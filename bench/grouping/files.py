"""A cohort as the files and words that `cairn group` takes."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from cairn.engines import grouping


def words(problem: grouping.Problem, folder: Path) -> list[str]:
    """Write the files into the folder and say how to call the command on them."""
    keys = [attribute.key for attribute in problem.attributes if not attribute.of]
    _write(
        folder / "people.csv",
        ["id", *keys, "slots", "blocked", "one to one", "pin"],
        (
            [
                *(person.id, *(person.values.get(key) or "" for key in keys), _joined(person.slots or ())),
                *(_joined(person.blocked_coaches), "yes" if person.opted_out else "", person.pinned_group or ""),
            ]
            for person in problem.people
        ),
    )
    _write(
        folder / "groups.csv",
        ["group", "coach", "slots"],
        ([group.id, group.coach, _joined(group.slots)] for group in problem.groups),
    )
    _write(
        folder / "coaches.csv",
        ["coach", "minutes", "slots"],
        ([coach.id, coach.minutes or "", _joined(coach.slots or ())] for coach in problem.coaches),
    )
    for name, pairs in (("apart", problem.apart), ("together", problem.together)):
        _write(folder / f"{name}.csv", ["a", "b"], ([pair.a, pair.b] for pair in pairs))
    return _words(problem, folder)


def _words(problem: grouping.Problem, folder: Path) -> list[str]:
    files = {"groups": "groups.csv", "coaches": "coaches.csv", "apart": "apart.csv", "together": "together.csv"}
    lonely = [attribute.key for attribute in problem.attributes if attribute.not_alone]
    return [
        *("group", str(folder / "people.csv"), "--out", str(folder / "out.csv"), "--json", "--quiet"),
        *("--by", ",".join(f"{attribute.key}:{attribute.weight}" for attribute in problem.attributes)),
        *("--slots", "slots", "--blocked", "blocked", "--one-to-one", "one to one", "--pin", "pin"),
        *("--cap", str(problem.cap), "--min", str(problem.minimum)),
        *("--minutes-per-group", str(problem.minutes_per_group)),
        *("--minutes-per-person", str(problem.minutes_per_person)),
        *("--minutes-per-one-to-one", str(problem.minutes_per_opt_out)),
        *(word for option, name in files.items() for word in (f"--{option}", str(folder / name))),
        *(word for key in lonely for word in ("--not-alone", key)),
    ]


def _joined(names: Iterable[str]) -> str:
    return "; ".join(sorted(names))


def _write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(rows)
