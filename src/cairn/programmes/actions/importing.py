"""A file of participants: taken in as rows, read as the coordinator says, applied or discarded. The file is not kept.

Cells of columns that are never taken over (protected facts, free notes) are emptied before anything is stored.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.engines import roster
from cairn.engines.roster import fields
from cairn.foundation import audit, sheets
from cairn.people.actions import NotAllowed
from cairn.people.models import Organisation, Person
from cairn.programmes import queries, rules
from cairn.programmes.actions import setting_up
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, ColumnMemory, ParticipantImport, PartnerInstitution
from cairn.programmes.queries.import_shapes import NEVER_TAKEN, Column, Reading

TITLE_ROWS = 40
DAYS_KEPT = 14
State = ParticipantImport.State


class NoSheetToSee(Refused):
    """Every sheet that has something in it is hidden."""

    sentence = _("All sheets of this file are hidden. Show the one with the participants, save it and upload it again.")


class NotOpen(Refused):
    """Applied, discarded or taken back meanwhile."""

    sentence = _("This import is no longer open. Look at how it stands now.")


@transaction.atomic
def upload_participants(
    *, cohort: Cohort, data: bytes, filename: str, by: Person, at: dt.datetime
) -> ParticipantImport:
    """Keep the rows of a file for a preview. The same file again leads to the same preview.

    Raises sheets.UnreadableSheet and NoSheetToSee, each with a sentence for the person.
    """
    _must_run(by, cohort, at)
    digest = hashlib.sha256(data).hexdigest()
    same = ParticipantImport.objects.filter(cohort=cohort, digest=digest, state=State.PREVIEWED).first()
    if same is not None:
        return same
    workbook = sheets.read(data, filename)
    memory = queries.remembered_columns(cohort.programme.organisation_id)
    chosen = _sheets_with_people([sheet for sheet in workbook.visible if sheet.rows], memory)
    if not chosen:
        raise NoSheetToSee
    _forget_old_previews(cohort, at)
    names = _names([sheet.name for sheet, _guess_of_it in chosen])
    stored = [
        {"name": name, "rows": _pack(_without_protected(sheet.rows, guess))}
        for name, (sheet, guess) in zip(names, chosen, strict=True)
    ]
    best = max(range(len(chosen)), key=lambda index: chosen[index][1].confidence)
    guess = chosen[best][1]
    made = ParticipantImport.objects.create(
        cohort=cohort,
        filename=filename[-200:],
        digest=digest,
        sheets=stored,
        sheet=names[best],
        mapping=Reading(guess.row_index, guess.mapping).as_json(),
        uploaded_by=by,
        uploaded_at=at,
    )
    _record("upload_participants", made, {"rows": len(chosen[best][0].rows)}, by, at)
    return made


@transaction.atomic
def choose_columns(
    *,
    participant_import: ParticipantImport,
    sheet: str,
    header_row: int | None,
    columns: Mapping[int, str | None],
    institutions: Iterable[str] = (),
    by: Person,
    at: dt.datetime,
) -> ParticipantImport:
    """Read the file another way. With another sheet or row of titles the columns are guessed anew.

    What a person says of a column is remembered at once, so that a mended file is read as the first one was.
    `header_row` counts from 0; `institutions` are unknown names to be added as partner institutions. Raises NotOpen.
    """
    current = lock_import(participant_import, by=by, at=at)
    before = Reading.kept(current.mapping)
    stored = next((each for each in current.sheets if each["name"] == sheet), None)
    if stored is None:
        raise queries.NotFound
    rows = queries.unpack(stored["rows"])
    if sheet != current.sheet or header_row != before.header_row:
        memory = queries.remembered_columns(current.cohort.programme.organisation_id)
        guess = _guess(rows, memory) if sheet != current.sheet else _guess_below(rows, memory, header_row)
        reading = Reading(guess.row_index, guess.mapping)
    else:
        known = set(before.columns)
        taken = {index: field for index, field in columns.items() if index in known}
        locked = {index: field for index, field in before.columns.items() if field in NEVER_TAKEN}
        reading = Reading(header_row, {**before.columns, **taken, **locked}, tuple(institutions))
        guess = roster.HeaderGuess(header_row, reading.columns, {}, {}, 1.0)
        titles = rows[header_row] if header_row is not None else ()
        _remember(
            current.cohort.programme.organisation,
            {str(titles[index] or ""): field or "" for index, field in taken.items() if index < len(titles)},
        )
    stored["rows"] = _pack(_without_protected(rows, guess))
    current.sheet, current.mapping = sheet, reading.as_json()
    ParticipantImport.objects.filter(pk=current.pk).update(
        sheet=sheet, mapping=current.mapping, sheets=current.sheets, outcome={}
    )
    return current


@transaction.atomic
def discard_import(*, participant_import: ParticipantImport, by: Person, at: dt.datetime) -> None:
    """Let a preview go, with its rows. Raises NotOpen."""
    current = lock_import(participant_import, by=by, at=at)
    ParticipantImport.objects.filter(pk=current.pk).update(state=State.DISCARDED, sheets=[], mapping={})
    _record("discard_import", current, {}, by, at)


def lock_import(participant_import: ParticipantImport, *, by: Person, at: dt.datetime) -> ParticipantImport:
    """The import as it stands, its cohort locked with it, inside the caller's transaction. Raises NotOpen."""
    Cohort.objects.select_for_update().get(pk=participant_import.cohort_id)
    current = (
        ParticipantImport.objects.select_related("cohort__programme__organisation")
        .select_for_update(of=("self",))
        .get(pk=participant_import.pk)
    )
    _must_run(by, current.cohort, at)
    if current.state != State.PREVIEWED:
        raise NotOpen
    return current


def close_import(
    *,
    participant_import: ParticipantImport,
    reading: Reading,
    columns: Sequence[Column],
    outcome: Mapping[str, Any],
    by: Person,
    at: dt.datetime,
) -> None:
    """Note that an import was applied: its rows go, what it did stays, its columns are remembered."""
    ParticipantImport.objects.filter(pk=participant_import.pk).update(
        state=State.APPLIED, applied_at=at, outcome=dict(outcome), sheets=[], mapping=reading.as_json()
    )
    meant = {column.title: column.field for column in columns if not column.locked}
    _remember(participant_import.cohort.programme.organisation, meant)
    facts = {"created": len(outcome["created"]), "changed": len(outcome["changed"])}
    _record("apply_import", participant_import, facts, by, at)


def add_institutions(
    *, organisation: Organisation, names: Iterable[str], by: Person, at: dt.datetime
) -> list[PartnerInstitution]:
    """Add those the organisation does not have yet. Returns all it has then, the host first."""
    setting_up.host_institution(organisation)
    for name in names:
        if queries.institution_named(queries.institutions_of(organisation.pk), name) is None:
            setting_up.add_institution(organisation=organisation, name=name, by=by, at=at)
    return queries.institutions_of(organisation.pk)


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _record(action: str, made: ParticipantImport, facts: dict[str, Any], by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="participant_import",
        subject_id=made.pk,
        organisation_id=made.cohort.programme.organisation_id,
        facts={"cohort": made.cohort_id, **facts},
        by=by,
        at=at,
    )


def _forget_old_previews(cohort: Cohort, at: dt.datetime) -> None:
    """Rows of a file nobody came back to are not kept for ever."""
    old = ParticipantImport.objects.filter(
        cohort=cohort, state=State.PREVIEWED, uploaded_at__lt=at - dt.timedelta(days=DAYS_KEPT)
    )
    old.update(state=State.DISCARDED, sheets=[], mapping={})


def _sheets_with_people(
    visible: Sequence[sheets.Sheet], memory: Mapping[str, str | None]
) -> list[tuple[sheets.Sheet, roster.HeaderGuess]]:
    """Sheets with a column of addresses or names; if there is none, all of them. No other sheet is kept."""
    guessed = [(sheet, _guess(sheet.rows, memory)) for sheet in visible]
    return [pair for pair in guessed if any(pair[1].certainty.values())] or guessed


def _guess(rows: Sequence[Sequence[sheets.Cell]], memory: Mapping[str, str | None]) -> roster.HeaderGuess:
    return roster.find_header(rows, remembered=memory)


def _guess_below(
    rows: Sequence[Sequence[sheets.Cell]], memory: Mapping[str, str | None], header_row: int | None
) -> roster.HeaderGuess:
    """What the columns mean when a person says which row holds the titles (None: no row does)."""
    if header_row is None or header_row >= len(rows):
        found = roster.find_header(rows, remembered=memory)
        return roster.HeaderGuess(None, found.mapping, {}, {}, 0.0)
    below = roster.find_header(rows[header_row:], remembered=memory)
    if below.row_index == 0:
        return roster.HeaderGuess(header_row, below.mapping, below.titles, below.certainty, below.confidence)
    titles = {index: roster.clean_text(cell) for index, cell in enumerate(rows[header_row]) if roster.clean_text(cell)}
    mapping: dict[int, str | None] = {}
    for index in range(max(map(len, rows), default=0)):
        field = fields.field_of(titles.get(index, ""))[0]
        mapping[index] = None if field in mapping.values() and field not in NEVER_TAKEN else field
    return roster.HeaderGuess(header_row, mapping, titles, {}, 0.0)


def _names(wanted: Iterable[str]) -> list[str]:
    """Names of sheets, short enough to keep and no two alike."""
    names: list[str] = []
    for number, name in enumerate(wanted, 1):
        short = name[:90]
        names.append(f"{short} ({number})" if short in names else short)
    return names


def _without_protected(rows: Sequence[Sequence[sheets.Cell]], guess: roster.HeaderGuess) -> list[list[sheets.Cell]]:
    """The rows with every cell emptied that stands below a title which is never taken over."""
    first_of = {index: (guess.row_index or 0) for index, field in guess.mapping.items() if field in NEVER_TAKEN}
    header = rows[guess.row_index] if guess.row_index is not None and guess.row_index < len(rows) else ()
    for number, row in enumerate(rows[:TITLE_ROWS]):
        if any(isinstance(cell, str) and "@" in cell for cell in row):
            continue
        is_title_row = roster.find_header([row]).row_index == 0
        beside = guess.row_index is not None and number <= guess.row_index + 1
        for index, cell in enumerate(row):
            untitled = beside and not (index < len(header) and roster.clean_text(header[index]))
            if (is_title_row or untitled) and isinstance(cell, str) and fields.is_protected(cell):
                first_of.setdefault(index, number)
    if guess.row_index is None:
        first_of = dict.fromkeys(first_of, -1)
    return [
        [None if number > first_of.get(index, number) else cell for index, cell in enumerate(row)]
        for number, row in enumerate(rows)
    ]


def _pack(rows: Iterable[Iterable[sheets.Cell]]) -> list[list[Any]]:
    """Cells as JSON can hold them, none of it lost."""
    return [[_packed(cell) for cell in row] for row in rows]


def _packed(cell: sheets.Cell) -> Any:
    if isinstance(cell, str):
        return cell.replace("\x00", "")
    if isinstance(cell, float) and not abs(cell) < float("inf"):
        return str(cell)
    if isinstance(cell, dt.timedelta):
        return {"seconds": cell.total_seconds()}
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        kind = "moment" if isinstance(cell, dt.datetime) else "day" if isinstance(cell, dt.date) else "time"
        return {kind: cell.isoformat()}
    return cell


def _remember(organisation: Organisation, columns: Mapping[str, str]) -> None:
    """Title → field, '' for what is left out on purpose."""
    meant = {
        header[:200]: field
        for title, field in columns.items()
        if (header := roster.normalise_header(title)) and field not in NEVER_TAKEN
    }
    ColumnMemory.objects.bulk_create(
        [ColumnMemory(organisation=organisation, header=header, field=field) for header, field in meant.items()],
        update_conflicts=True,
        unique_fields=["organisation", "header"],
        update_fields=["field"],
    )
