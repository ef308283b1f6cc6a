"""The journal as files, and what waits to be brought into it."""

import datetime as dt
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from cairn.engines import diary
from cairn.engines.diary import Written
from cairn.journey.models import JournalImport
from cairn.journey.queries.journal import OpenedEntry, all_entries
from cairn.journey.queries.opening import box_of, opened_data
from cairn.people.models import Person

PENDING = "journal-import"
KEPT_FOR = dt.timedelta(days=1)
"""So long an upload waits to be looked at; then it is gone."""


@dataclass(frozen=True)
class Pending:
    """What an upload would add. `there` counts entries that are in the journal already and would be left out.

    `problems` are pairs of a file's name and the sentence on it, in the language in which it was uploaded.
    """

    entries: tuple[Written, ...]
    there: int
    problems: tuple[tuple[str, str], ...]


def pending_import(reader: Person, at: dt.datetime) -> Pending | None:
    """What the reader is about to bring in, or None. Two queries."""
    row = JournalImport.objects.filter(person=reader, made_at__gt=at - KEPT_FOR).first()
    return None if row is None else opened_import(opened_data(box_of(reader.pk), row.sealed, PENDING, row.name))


def opened_import(data: dict[str, Any]) -> Pending:
    """The sealed JSON as it is worked with."""
    problems = tuple((name, sentence) for name, sentence in data["problems"])
    return Pending(tuple(diary.from_data(data["journal"])), data["there"], problems)


def journal_archive(reader: Person) -> bytes:
    """The reader's whole journal as a zip: a Markdown file for each entry, and `journal.json` with everything."""
    entries = [written(each) for each in all_entries(reader)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("journal.json", json.dumps(diary.to_data(entries), ensure_ascii=False, indent=1))
        taken: dict[str, int] = {}
        for entry in entries:
            name = diary.file_name(entry)
            taken[name] = taken.get(name, 0) + 1
            if taken[name] > 1:
                name = f"{name[:-3]}-{taken[name]}.md"
            archive.writestr(f"entries/{name}", diary.to_markdown(entry))
    return packed.getvalue()


def written(entry: OpenedEntry) -> Written:
    """An entry as it goes into a file."""
    return Written(entry.text, entry.written_at, entry.title, entry.tags, entry.prompt)
