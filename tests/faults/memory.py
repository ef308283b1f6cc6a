"""What the writers were told is done, kept outside the database, and compared with what the database says."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from cairn.delivery.models import Attendance, AttendanceChange
from cairn.foundation.models import AuditEntry
from cairn.ledger.models import Invoice
from tests.faults import books, writing

OUTCOMES = {True: " done", False: " taken back", None: ""}
Marks = dict[int, dict[int, str]]


class Memory:
    """Grows from round to round. A step that was cut in the middle may have been done or not, but not in part."""

    def __init__(self, figures: Any) -> None:
        self.figures = figures
        self.marks: Marks = defaultdict(dict)  # session → enrolment → mark
        self.changes: Counter[tuple[int, int]] = Counter()
        self.recorded: Counter[int] = Counter()
        self.drafted: set[int] = set()
        self.issued: dict[int, str] = {}

    def compare(self, journals: list[Path]) -> None:
        """Take in what these journals say, then look whether the database says the same."""
        for journal in journals:
            lines = writing.read(journal)
            for line in lines:
                if line["what"] == "bug":
                    self.figures.bugs.append(line["error"])
                if line["what"] == "done":
                    self._take_in(line)
                    self.figures.acknowledged[line["step"]] += 1
            if lines and lines[-1]["what"] == "begin":
                self._decide(lines[-1])
        self._attendance()
        self._invoices()
        self.figures.broken += books.problems()

    def _take_in(self, line: dict[str, Any]) -> None:
        if line["step"] == "mark":
            self._remember(line["session"], {int(who): mark for who, mark in line["marks"].items()})
        elif line["step"] == "draft":
            self.drafted.add(line["invoice"])
        else:
            self.issued[line["invoice"]] = line["number"]

    def _remember(self, session: int, marks: dict[int, str]) -> None:
        changed = {who: mark for who, mark in marks.items() if self.marks[session].get(who) != mark}
        self.marks[session].update(changed)
        self.changes.update((session, who) for who in changed)
        self.recorded[session] += bool(changed)

    def _decide(self, line: dict[str, Any]) -> None:
        """The step during which the kill came: ask the database whether it was done."""
        if line["step"] == "mark":
            marks = {int(who): mark for who, mark in line["marks"].items()}
            told = AuditEntry.objects.filter(action="record_attendance", subject_id=line["session"]).count()
            done: bool | None = told > self.recorded[line["session"]]
            if done:
                self._remember(line["session"], marks)
        elif line["step"] == "draft":
            done = None  # a draft is the same whether drawn once or twice: the checks of the books look at it
        else:
            done = Invoice.objects.filter(pk=line["invoice"], number=line["number"]).exists()
            if done:
                self.issued[line["invoice"]] = line["number"]
        self.figures.in_flight[f"{line['step']}{OUTCOMES[done]}"] += 1

    def _attendance(self) -> None:
        there: Marks = defaultdict(dict)
        for session, who, mark in Attendance.objects.values_list("session", "enrolment", "mark"):
            there[session][who] = mark
        for session, marks in self.marks.items():
            if there[session] != marks:
                self.figures.lost.append(f"session {session}: told {marks}, there is {there[session]}")
        strangers = there.keys() - self.marks.keys() - {session for session, marks in there.items() if not marks}
        self.figures.doubled += [f"session {session} is marked, but nobody was told" for session in strangers]
        history = Counter(AttendanceChange.objects.values_list("attendance__session", "attendance__enrolment"))
        self._counted("changes of marks", history, self.changes)
        recorded = AuditEntry.objects.filter(action="record_attendance").values_list("subject_id", flat=True)
        self._counted("recordings", Counter(recorded), self.recorded)

    def _counted(self, what: str, there: Counter[Any], told: Counter[Any]) -> None:
        for key in there.keys() | told.keys():
            if there[key] != told[key]:
                target = self.figures.lost if there[key] < told[key] else self.figures.doubled
                target.append(f"{what} of {key}: told {told[key]}, there are {there[key]}")

    def _invoices(self) -> None:
        there = dict(Invoice.objects.values_list("pk", "number"))
        self.figures.lost += [f"invoice {pk} was drafted and is gone" for pk in self.drafted - there.keys()]
        for pk, number in self.issued.items():
            if there.get(pk) != number:
                self.figures.lost.append(f"invoice {pk} was issued as {number}, there is {there.get(pk)}")
        unknown = {pk for pk, number in there.items() if number} - self.issued.keys()
        self.figures.doubled += [f"invoice {pk} is issued, but nobody was told" for pk in unknown]
