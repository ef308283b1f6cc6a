"""The shapes in which an import is looked at: how a file is read, what stands in its way, what it would do."""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cairn.engines import roster
from cairn.engines.wording import Wording

NEVER_TAKEN = frozenset({"notes", roster.NOT_TAKEN})


@dataclass(frozen=True)
class Reading:
    """How a sheet is to be read: row of titles (from 0; None: there is none), column → field, institutions to add."""

    header_row: int | None
    columns: Mapping[int, str | None]
    institutions: tuple[str, ...] = ()

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> "Reading":
        """As `as_json` stored it."""
        columns = {int(index): field or None for index, field in stored.get("columns", {}).items()}
        return cls(stored.get("header_row"), columns, tuple(stored.get("institutions", ())))

    def as_json(self) -> dict[str, Any]:
        """For the import's row."""
        columns = {str(index): field or "" for index, field in sorted(self.columns.items())}
        return {"header_row": self.header_row, "columns": columns, "institutions": sorted(self.institutions)}


@dataclass(frozen=True)
class Column:
    """One column of the file. A `locked` one is never taken over, and its cells were not kept."""

    index: int
    letter: str
    title: str
    field: str
    samples: tuple[str, ...]
    locked: bool


@dataclass(frozen=True)
class Remark:
    """Something about the file: it `stops` the import or is a `notice`; where it stands, and the words for it."""

    severity: str
    sheet: str
    row: int | None
    column: str
    wording: Wording


@dataclass(frozen=True)
class NewEnrolment:
    """A person to be enrolled; `institution` is a name, '' the host's."""

    row: int
    email: str
    name: str
    known_as: str = ""
    title: str = ""
    institution: str = ""
    discipline: str = ""
    department: str = ""
    line_manager: str = ""
    contract_ends_on: dt.date | None = None


@dataclass(frozen=True)
class Changed:
    """One detail of one enrolment: `old` is kept now, `new` is what the file says in row `row`."""

    enrolment_id: int
    name: str
    row: int
    field: str
    old: str | dt.date | None
    new: str | dt.date | None


@dataclass(frozen=True)
class There:
    """Somebody who is in the cohort already."""

    enrolment_id: int
    name: str
    email: str
    has_left: bool = False


@dataclass(frozen=True)
class Plan:
    """What an import would do. `remarks` begin with what stops it."""

    sheet: str
    sheets: tuple[str, ...]
    reading: Reading
    columns: tuple[Column, ...]
    remarks: tuple[Remark, ...]
    create: tuple[NewEnrolment, ...]
    change: tuple[Changed, ...]
    same: tuple[There, ...]
    absent: tuple[There, ...]
    unknown_institutions: tuple[str, ...]

    @property
    def stops(self) -> bool:
        """Whether something has to be put right first."""
        return bool(self.remarks) and self.remarks[0].severity == "stops"

    @property
    def people_changed(self) -> int:
        """How many people have at least one change."""
        return len({change.enrolment_id for change in self.change})

    @property
    def changes_nothing(self) -> bool:
        """Whether everything in the file is so already."""
        return not self.create and not self.change

    @cached_property
    def digest(self) -> str:
        """The same for the same changes, whatever the file looked like."""
        content = [
            [dataclasses.astuple(entry) for entry in self.create],
            [dataclasses.astuple(change) for change in self.change],
            sorted(self.reading.institutions),
        ]
        return hashlib.sha256(json.dumps(content, default=str, ensure_ascii=False).encode()).hexdigest()
