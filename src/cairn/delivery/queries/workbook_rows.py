"""An uploaded workbook, read row by row against what was written into it. Knows no database.

What can be taken over becomes an edit; every other change becomes a refusal that names its cell.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from cairn.delivery.queries import workbook
from cairn.delivery.terms import Mark, Mode
from cairn.engines.roster import dates
from cairn.foundation import sheets

TITLE_ROWS = 20
LONGEST_FOUND = 60
MOST_REFUSALS = 1000
KEYS = {"C": "coachees", "S": "sessions", "A": "attendance"}
KEY = re.compile(r"([CSA])-(\d{1,18})-(\d{1,18})(?:-(\d{1,18}))?\Z")
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm|a\.m\.|p\.m\.)?\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Refused:
    """One cell that is not taken over: where, what was found there, why."""

    cell: str
    found: str
    why: str


@dataclass
class Read:
    """What an upload holds: edits as plain dictionaries (they are kept as JSON), and refusals.

    A session's edit: id, version, was and to (date, start, mode, where), state, cells. A mark's: session, enrolment,
    was, to, cell. `engagements` are the ids that its keys name.
    """

    sessions: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    engagements: set[int] = field(default_factory=set)
    rows: int = 0

    def refuse(self, cell: str, found: sheets.Cell, why: str) -> None:
        """Note a cell, unless there are more than anybody would read."""
        if len(self.refused) < MOST_REFUSALS:
            text = workbook.plain(found)
            short = text if len(text) <= LONGEST_FOUND else text[:LONGEST_FOUND] + "…"
            self.refused.append(Refused(cell, short, why))


@dataclass(frozen=True)
class _Row:
    """A row with its key: cells by column name, and where each stands."""

    key: str
    ids: tuple[int, ...]
    cells: Mapping[str, sheets.Cell]
    places: Mapping[str, str]
    was: Mapping[str, str]

    def __getitem__(self, name: str) -> sheets.Cell:
        return self.cells.get(name)

    def unchanged(self, name: str) -> bool:
        """A column that was taken out of the file changes nothing."""
        return name not in self.places or workbook.plain(self[name]) == self.was.get(name, "")


def read(book: sheets.Workbook) -> Read:
    """Every sheet that carries keys; others are left alone."""
    found = Read()
    seen: dict[str, str] = {}
    names = {kind: {title.casefold(): name for name, title in workbook.titles(kind).items()} for kind in KEYS.values()}
    for sheet in book.sheets:
        for header in _headers(sheet, names):
            for row in _rows(sheet, header, seen, found):
                found.rows += 1
                _READERS[header.kind](row, found)
    return found


@dataclass(frozen=True)
class _Header:
    """The row of titles of a sheet of ours: which sheet, the row's index, column index → name."""

    kind: str
    index: int
    columns: Mapping[int, str]


def _headers(sheet: sheets.Sheet, names: Mapping[str, Mapping[str, str]]) -> Iterator[_Header]:
    """The row of titles, if this sheet is one of ours. Kind → title → name of the column."""
    for index, row in enumerate(sheet.rows[:TITLE_ROWS]):
        shown = [workbook.plain(cell).casefold() for cell in row]
        for kind, known in names.items():
            columns = {at: known[text] for at, text in enumerate(shown) if text in known}
            if workbook.KEY in columns.values():
                yield _Header(kind, index, columns)
                return


def _rows(sheet: sheets.Sheet, header: _Header, seen: dict[str, str], found: Read) -> Iterator[_Row]:
    kind, columns = header.kind, header.columns
    for index, row in enumerate(sheet.rows[header.index + 1 :], header.index + 2):
        cells = {name: row[at] for at, name in columns.items()}
        places = {name: f"{sheet.name}!{get_column_letter(at + 1)}{index}" for at, name in columns.items()}
        filled = [name for name, cell in cells.items() if workbook.plain(cell)]
        if not filled:
            continue
        key = workbook.plain(cells.get(workbook.KEY))
        ids = _ids(key, kind)
        was = _written(cells.get(workbook.WRITTEN))
        if ids is None or was is None:
            shown = next((name for name in filled if name not in (workbook.VERSION, workbook.WRITTEN)), filled[0])
            found.refuse(
                places[shown], cells[shown], _("This row is not one that Cairn wrote. Sessions are added in Cairn.")
            )
        elif key in seen:
            found.refuse(
                places[filled[0]], "", _("This row stands twice; the other is %(cell)s.") % {"cell": seen[key]}
            )
        else:
            seen[key] = places[workbook.KEY]
            found.engagements.add(ids[0])
            yield _Row(key, ids[1:], cells, places, was)


def _ids(key: str, kind: str) -> tuple[int, ...] | None:
    matched = KEY.match(key)
    if matched is None or KEYS[matched[1]] != kind or (matched[4] is not None) != (kind == "attendance"):
        return None
    return tuple(int(number) for number in matched.groups()[1:] if number)


def _written(cell: sheets.Cell) -> dict[str, str] | None:
    try:
        found = json.loads(str(cell))
    except ValueError:
        return None
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else None


def _refuse_locked(row: _Row, kind: str, found: Read) -> None:
    """Whatever may not be edited must be as it was written."""
    for name in row.was:
        if name not in workbook.EDITABLE[kind] and not row.unchanged(name):
            found.refuse(row.places[name], row[name], _("This cannot be changed here."))


def _read_coachee(row: _Row, found: Read) -> None:
    _refuse_locked(row, "coachees", found)


def _read_session(row: _Row, found: Read) -> None:
    _refuse_locked(row, "sessions", found)
    if all(row.unchanged(name) for name in workbook.EDITABLE["sessions"]):
        return
    before = len(found.refused)
    was = {name: row.was.get(name, "") for name in workbook.EDITABLE["sessions"]}
    was["mode"] = _mode_of(was["mode"]) or ""
    to = dict(was)
    if not row.unchanged("date"):
        to["date"] = _read_date(row, found)
    if not row.unchanged("start"):
        to["start"] = _read_start(row, found)
    if not row.unchanged("mode"):
        to["mode"] = _read_mode(row, found)
    if not row.unchanged("where"):
        to["where"] = workbook.plain(row["where"])[:500] or was["where"]
    if len(found.refused) == before:
        _refuse_half_a_date(row, was, to, found)
    if len(found.refused) == before and to != was:
        version = row[workbook.VERSION]
        found.sessions.append(
            {
                "id": row.ids[0],
                "version": version if isinstance(version, int) and not isinstance(version, bool) else 0,
                "was": was,
                "to": to,
                "state": row.was.get("state", ""),
                "cells": {name: row.places[name] for name in workbook.EDITABLE["sessions"] if name in row.places},
            }
        )


def _refuse_half_a_date(row: _Row, was: Mapping[str, str], to: Mapping[str, str], found: Read) -> None:
    cell = row.places.get("date") or row.places.get("start") or row.places[workbook.KEY]
    start = row.places.get("start", cell)
    if was["date"] and not to["date"] and not to["start"]:
        found.refuse(cell, "", _("The date was taken out. A session is cancelled in Cairn, not here."))
    elif to["date"] and not to["start"]:
        found.refuse(start, "", _("There is a date and no start time."))
    elif to["start"] and not to["date"]:
        found.refuse(cell, "", _("There is a start time and no date."))


def _read_date(row: _Row, found: Read) -> str:
    if not workbook.plain(row["date"]):
        return ""
    read_as = dates.read_date(row["date"])
    if read_as.day is None:
        found.refuse(row.places["date"], row["date"], _("This is not a date. Write it like 31 March 2027."))
        return ""
    return read_as.day.isoformat()


def _read_start(row: _Row, found: Read) -> str:
    if not workbook.plain(row["start"]):
        return ""
    start = clock_time(row["start"])
    if start is None:
        found.refuse(row.places["start"], row["start"], _("This is not a time. Write it like 14:30."))
        return ""
    return f"{start:%H:%M}"


def clock_time(cell: sheets.Cell) -> dt.time | None:
    """A time of day from a time cell, a part of a day, or text such as 14:30, 14.30, 2.30 pm or 9."""
    if isinstance(cell, dt.datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, dt.time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        cell = dt.timedelta(days=cell)
    if isinstance(cell, dt.timedelta):
        minutes = round(cell.total_seconds() / 60)
        return dt.time(minutes // 60, minutes % 60) if 0 <= minutes < 24 * 60 else None
    matched = CLOCK.match(workbook.plain(cell))
    if matched is None or isinstance(cell, dt.date):
        return None
    hour, minute, half = int(matched[1]), int(matched[2] or 0), (matched[3] or "").replace(".", "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def _read_mode(row: _Row, found: Read) -> str:
    mode = _mode_of(workbook.plain(row["mode"]))
    if mode is None:
        choices = ", ".join(str(each.label) for each in Mode)
        found.refuse(row.places["mode"], row["mode"], _("Choose one of: %(choices)s.") % {"choices": choices})
    return mode or ""


def _mode_of(text: str) -> str | None:
    return next((mode.value for mode in Mode if text.casefold() in (str(mode.label).casefold(), mode.value)), None)


def _mark_of(text: str) -> str | None:
    return next((mark.value for mark in Mark if text.casefold() in (str(mark.label).casefold(), mark.value)), None)


def _read_mark(row: _Row, found: Read) -> None:
    _refuse_locked(row, "attendance", found)
    if row.unchanged("mark"):
        return
    was = _mark_of(row.was.get("mark", "")) or ""
    if not workbook.plain(row["mark"]):
        found.refuse(row.places["mark"], "", _("A mark can be corrected, but not taken away."))
        return
    to = _mark_of(workbook.plain(row["mark"]))
    if to is None:
        choices = ", ".join(str(each.label) for each in Mark)
        found.refuse(row.places["mark"], row["mark"], _("Choose one of: %(choices)s.") % {"choices": choices})
    elif to != was:
        session, enrolment = row.ids
        found.marks.append(
            {"session": session, "enrolment": enrolment, "was": was, "to": to, "cell": row.places["mark"]}
        )


_READERS: Mapping[str, Any] = {"coachees": _read_coachee, "sessions": _read_session, "attendance": _read_mark}


def as_json(refused: Sequence[Refused]) -> list[dict[str, str]]:
    """Refusals as they are kept."""
    return [{"cell": each.cell, "found": each.found, "why": each.why} for each in refused]
