"""Reading participants from rows whose columns are known."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cairn.engines.roster.dates import Order, read_date
from cairn.engines.roster.fields import NOT_TAKEN, NOTES, is_protected, normalise_header
from cairn.engines.roster.problems import Problem, notice, stops
from cairn.engines.roster.values import (
    address_key,
    clean_text,
    column_letter,
    join_name,
    name_key,
    read_address,
    read_name,
)

LONGEST_NAME = 200
LONGEST_TEXT = 200
LONGEST_ADDRESS = 254
SUGGESTIONS = 20
INSTITUTIONS_NAMED = 30
ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#NV", "#BEZUG!"})
TOTAL = re.compile(
    r"(?:grand total|sub-?total|totals?|sum|count|number of (?:people|participants|names)|summe|gesamt|insgesamt|anzahl"
    r"|somme|nombre total|suma|cyfanswm|totaal|totale)\b[\s:=–-]*[\d.,]*\s*(?:people|participants|persons|personen)?\Z",
    re.IGNORECASE,
)

Row = Sequence[object]


@dataclass(frozen=True)
class RosterPerson:
    """One participant as the file has them; what the file does not say is '' or None.

    `row_number` is the number in the margin of the sheet. Texts have at most 200 characters, the address 254.
    """

    row_number: int
    name: str
    email: str
    known_as: str = ""
    title: str = ""
    department: str = ""
    discipline: str = ""
    institution: str = ""
    line_manager: str = ""
    line_manager_email: str = ""
    starts_on: date | None = None
    contract_ends_on: date | None = None


@dataclass(frozen=True)
class Roster:
    """Whoever could be read without a stopping problem, each address once, and every problem in the order of rows."""

    people: tuple[RosterPerson, ...]
    problems: tuple[Problem, ...]

    @property
    def stops(self) -> bool:
        return any(problem.severity == "stops" for problem in self.problems)


def read_people(
    rows: Sequence[Row],
    header_row: int | None,
    mapping: Mapping[int, str | None],
    *,
    known_institutions: Sequence[str] = (),
    order: Order = "dmy",
    sheet: str = "",
) -> Roster:
    """Participants below row `header_row` (from 0; None: from the first row on) with the confirmed `mapping`.

    With `known_institutions` empty any institution is taken as written. `order` decides dates such as 03/04/2027.
    Columns that hold protected attributes are never read, whatever the mapping says.
    """
    titles = _titles(rows, header_row)
    columns = _columns(mapping, titles)
    problems = _column_problems(columns, mapping, titles, header_row, sheet)
    if any(problem.severity == "stops" for problem in problems):
        return Roster((), tuple(problems))
    reading = _Reading(columns, _Institutions(known_institutions), order, sheet, problems)
    people = [reading.person(number, row) for number, row in _person_rows(rows, header_row, reading)]
    reading.report_blank_institutions()
    once = _each_once([person for person in people if person is not None], reading)
    if not people:
        problems.append(stops(sheet, None, "", "", "nobody"))
    return Roster(tuple(once), tuple(sorted(problems, key=lambda problem: problem.row or 0)))


def _titles(rows: Sequence[Row], header_row: int | None) -> dict[int, str]:
    if header_row is None or header_row >= len(rows):
        return {}
    return {column: clean_text(cell) for column, cell in enumerate(rows[header_row]) if clean_text(cell)}


def _columns(mapping: Mapping[int, str | None], titles: Mapping[int, str]) -> dict[str, int]:
    """Field → column, leftmost first, without those that are never read."""
    columns: dict[str, int] = {}
    for column, name in sorted(mapping.items()):
        if name and name not in (NOT_TAKEN, NOTES) and not is_protected(titles.get(column, "")):
            columns.setdefault(name, column)
    return columns


def _column_problems(
    columns: Mapping[str, int],
    mapping: Mapping[int, str | None],
    titles: Mapping[int, str],
    header_row: int | None,
    sheet: str,
) -> list[Problem]:
    problems: list[Problem] = []
    if not columns.keys() & {"name", "first_name", "family_name"}:
        problems.append(stops(sheet, None, "", "name", "no_name_column"))
    if "email" not in columns:
        problems.append(stops(sheet, None, "", "email", "no_email_column"))
    row = None if header_row is None else header_row + 1
    for column in sorted(mapping.keys() | titles.keys()):
        title = titles.get(column, "")
        if mapping.get(column) == NOT_TAKEN or is_protected(title):
            letter = column_letter(column)
            problems.append(notice(sheet, row, letter, NOT_TAKEN, "not_taken", title=title or letter))
    return problems


class _Institutions:
    """Known institutions, found without regard to case, accents and punctuation."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = {normalise_header(name): name for name in known}
        self.listed = ", ".join(list(known)[:INSTITUTIONS_NAMED])
        self.nearest: dict[str, str] = {}

    def suggestion(self, text: str) -> str:
        """The most similar known name or ''; only for the first few spellings, since comparing is slow."""
        key = normalise_header(text)
        if key not in self.nearest:
            found = difflib.get_close_matches(key, self.known, n=1) if len(self.nearest) < SUGGESTIONS else []
            self.nearest[key] = self.known[found[0]] if found else ""
        return self.nearest[key]


@dataclass
class _Reading:
    """What is the same for all rows, the problems so far, and rows of which one sentence will speak together."""

    columns: Mapping[str, int]
    institutions: _Institutions
    order: Order
    sheet: str
    problems: list[Problem]
    institution_seen: bool = False
    blank_from: int | None = None
    blank_to: int = 0
    stopped: bool = False

    def stop(self, row: int, name: str, code: str, /, **params: object) -> None:
        self.stopped = True
        self.problems.append(stops(self.sheet, row, self.letter(name), name, code, **params))

    def note(self, row: int, name: str, code: str, /, **params: object) -> None:
        self.problems.append(notice(self.sheet, row, self.letter(name), name, code, **params))

    def letter(self, name: str) -> str:
        return column_letter(self.columns[name]) if name in self.columns else ""

    def cell(self, row: Row, name: str) -> object:
        column = self.columns.get(name)
        return row[column] if column is not None and column < len(row) else None

    def text(self, number: int, row: Row, name: str) -> str:
        text = clean_text(self.cell(row, name))
        if text in ERROR_VALUES:
            return ""
        if len(text) > LONGEST_TEXT:
            self.stop(number, name, "text_too_long", length=len(text), limit=LONGEST_TEXT)
            return ""
        return text

    def person(self, number: int, row: Row) -> RosterPerson | None:
        """None when something stops this row; it is then among the problems."""
        self.stopped = False
        title, name = self.name(number, row)
        email = self.email(number, row)
        manager, manager_email = self.manager(number, row)
        known_as = self.text(number, row, "known_as")
        starts_on, ends_on = self.day(number, row, "starts_on"), self.day(number, row, "contract_ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.note(number, "contract_ends_on", "ends_before_start", starts=starts_on, ends=ends_on)
        person = RosterPerson(
            row_number=number,
            name=name,
            email=email,
            known_as="" if known_as == name else known_as,
            title=title,
            department=self.text(number, row, "department"),
            discipline=self.text(number, row, "discipline"),
            institution=self.institution(number, row),
            line_manager=manager,
            line_manager_email=manager_email,
            starts_on=starts_on,
            contract_ends_on=ends_on,
        )
        return None if self.stopped else person

    def name(self, number: int, row: Row) -> tuple[str, str]:
        whole = clean_text(self.cell(row, "name"))
        first, family = clean_text(self.cell(row, "first_name")), clean_text(self.cell(row, "family_name"))
        parts = read_name(whole or join_name(first, family))
        where = "name" if "name" in self.columns else "first_name" if "first_name" in self.columns else "family_name"
        if not parts.name or parts.name in ERROR_VALUES:
            self.stop(number, where, "name_missing")
        elif len(parts.name) > LONGEST_NAME:
            self.stop(number, where, "name_too_long", length=len(parts.name), limit=LONGEST_NAME)
        elif "@" in parts.name:
            self.stop(number, where, "name_is_address", value=parts.name)
        return self.text(number, row, "title") or parts.title, parts.name

    def email(self, number: int, row: Row) -> str:
        text = clean_text(self.cell(row, "email"))
        if not text or text in ERROR_VALUES:
            self.stop(number, "email", "email_missing")
            return ""
        address = read_address(text)
        if address.fault or len(address.email) > LONGEST_ADDRESS:
            self.stop(number, "email", address.fault or "email_invalid", value=text[:LONGEST_ADDRESS])
        return address.email

    def manager(self, number: int, row: Row) -> tuple[str, str]:
        name, email = self.text(number, row, "line_manager"), self.text(number, row, "line_manager_email")
        found = read_address(name) if "@" in name else None
        if found and not found.fault:
            name, email = found.given, email or found.email
        if not email:
            return name, ""
        address = read_address(email)
        if address.fault:
            self.note(number, "line_manager_email", "manager_email_left", value=email)
        return name, address.email

    def day(self, number: int, row: Row, name: str) -> date | None:
        value = self.cell(row, name)
        if value is None:
            return None
        shown = clean_text(value)[:LONGEST_TEXT]
        found = read_date(clean_text(value) if isinstance(value, str) else value, order=self.order)
        if shown in ERROR_VALUES:
            return None
        if found.fault:
            self.stop(number, name, found.fault, value=shown)
        elif found.notice:
            self.note(number, name, found.notice, value=shown, **({"day": found.day} if found.day else {}))
        return found.day

    def institution(self, number: int, row: Row) -> str:
        text = self.text(number, row, "institution")
        known = self.institutions.known
        if not text:
            if self.institution_seen and len(known) != 1:
                self.blank_from, self.blank_to = self.blank_from or number, number
            return ""
        self.report_blank_institutions()
        self.institution_seen = True
        if not known:
            return text
        found = known.get(normalise_header(text))
        if found is None:
            nearest = self.institutions.suggestion(text)
            code = "institution_similar" if nearest else "institution_unknown"
            also = {"nearest": nearest} if nearest else {}
            self.stop(number, "institution", code, value=text, known=self.institutions.listed, **also)
        return found or ""

    def report_blank_institutions(self) -> None:
        """An empty cell below a filled one may have been merged with it. That is asked, never assumed."""
        first, last = self.blank_from, self.blank_to
        self.blank_from = None
        if first is not None and last > first:
            self.note(first, "institution", "institution_blank", row=first, last_row=last)
        elif first is not None:
            self.note(first, "institution", "institution_blank_one", row=first)


def _person_rows(rows: Sequence[Row], header_row: int | None, reading: _Reading) -> Iterator[tuple[int, Row]]:
    """(number in the margin, row) of the rows that hold somebody; what is skipped between them is noted."""
    start = 0 if header_row is None else header_row + 1
    titles = None if header_row is None else _words(rows[header_row])
    read_columns = sorted(reading.columns.values())
    empty_from: int | None = None
    for number, row in enumerate(rows[start:], start + 1):
        words = _words(row)
        skipped = _skipped_as(words, titles)
        if not skipped and not any(column < len(row) and not _is_blank(row[column]) for column in read_columns):
            empty_from = empty_from or number
            continue
        if empty_from is not None:
            _note_empty(reading, empty_from, number - 1)
            empty_from = None
        if skipped:
            reading.note(number, "", skipped, row=number, value=words[0])
        else:
            yield number, row


def _skipped_as(words: Sequence[str], titles: Sequence[str] | None) -> str:
    """The code of the notice for a row that holds nobody, or ''."""
    if words and words == titles:
        return "header_again"
    if words and TOTAL.match(words[0]) and not any("@" in word for word in words):
        return "total_row"
    return ""


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not clean_text(cell))


def _words(row: Row) -> list[str]:
    return [text for text in map(clean_text, row) if text]


def _note_empty(reading: _Reading, first: int, last: int) -> None:
    if last > first:
        reading.note(first, "", "empty_rows", row=first, last_row=last)
    else:
        reading.note(first, "", "empty_row", row=first)


def _each_once(people: Iterable[RosterPerson], reading: _Reading) -> list[RosterPerson]:
    """One entry for each address: the same person twice is noted, two people with one address stop the import."""
    first: dict[str, RosterPerson] = {}
    for person in people:
        key = address_key(person.email)
        earlier = first.setdefault(key, person)
        if earlier is person:
            continue
        if name_key(earlier.name) != name_key(person.name):
            _stop_shared(reading, earlier, person)
            continue
        same = replace(person, row_number=earlier.row_number, email=earlier.email) == earlier
        code = "same_person" if same else "same_person_differs"
        rows = {"row": person.row_number, "first_row": earlier.row_number}
        reading.note(person.row_number, "email", code, name=person.name, **rows)
    return list(first.values())


def _stop_shared(reading: _Reading, earlier: RosterPerson, person: RosterPerson) -> None:
    reading.stop(
        person.row_number,
        "email",
        "email_shared",
        first_row=earlier.row_number,
        first_name=earlier.name,
        row=person.row_number,
        name=person.name,
        email=person.email,
    )
