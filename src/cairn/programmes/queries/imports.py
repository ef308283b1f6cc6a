"""What a file of participants says, what an import of it would change, and what stands in its way.

Nothing is written here: the preview page and the action that applies an import read the same `Plan`, and the plan's
digest tells whether what the coordinator saw is still what would happen.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower

from cairn.engines import roster
from cairn.engines.roster.problems import Problem, stops
from cairn.engines.wording import Wording, gettext_noop
from cairn.foundation.sheets import Cell
from cairn.people.models import Organisation, Person, RoleGrant
from cairn.people.queries import NotFound
from cairn.programmes.models import ColumnMemory, Enrolment, ParticipantImport, PartnerInstitution
from cairn.programmes.queries.access import cohorts
from cairn.programmes.queries.import_shapes import (
    NEVER_TAKEN,
    Changed,
    Column,
    NewEnrolment,
    Plan,
    Reading,
    Remark,
    There,
)

KEPT = ("department", "discipline", "institution", "line_manager", "contract_ends_on")
LIMITS = {"known_as": 80, "title": 40, "discipline": 120, "department": 160}
LONGEST_MANAGER = 254
SAMPLES = 2
UNKNOWN = frozenset({"institution_unknown", "institution_similar"})


def imports_of(reader: Person, cohort_id: int, at: dt.datetime) -> QuerySet[ParticipantImport]:
    """A cohort's imports without their rows, newest first."""
    return (
        ParticipantImport.objects.filter(cohort__in=cohorts(reader, at).filter(pk=cohort_id))
        .select_related("uploaded_by")
        .defer("sheets")
        .order_by("-uploaded_at", "-pk")
    )


def participant_import(reader: Person, cohort_id: int, import_id: int, at: dt.datetime) -> ParticipantImport:
    """One import of a cohort that the reader coordinates."""
    found = (
        ParticipantImport.objects.filter(cohort__in=cohorts(reader, at).filter(pk=cohort_id), pk=import_id)
        .select_related("cohort__programme__organisation", "uploaded_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def institutions_of(organisation_id: int) -> list[PartnerInstitution]:
    """An organisation's institutions, the host first."""
    found = PartnerInstitution.objects.filter(organisation=organisation_id)
    return sorted(found, key=lambda each: (not each.is_host, each.name.casefold()))


def institution_named(institutions: Iterable[PartnerInstitution], name: str) -> PartnerInstitution | None:
    """The institution with this name or short name, without regard to case and accents; '' is the host."""
    key = roster.normalise_header(name)
    for each in institutions:
        if (not key and each.is_host) or (key and key in map(roster.normalise_header, (each.name, each.short_name))):
            return each
    return None


def remembered_columns(organisation_id: int) -> dict[str, str | None]:
    """Normalised title → field as confirmed before; None: left out on purpose."""
    known = ColumnMemory.objects.filter(organisation=organisation_id).values_list("header", "field")
    return {header: field or None for header, field in known}


def unpack(stored: Sequence[Sequence[Any]]) -> list[list[Cell]]:
    """Rows as `actions.importing` packed them into JSON."""
    return [[_cell(cell) if isinstance(cell, dict) else cell for cell in row] for row in stored]


def _cell(packed: Mapping[str, Any]) -> Cell:
    (kind, value), *_ = packed.items()
    if kind == "day":
        return dt.date.fromisoformat(value)
    if kind == "moment":
        return dt.datetime.fromisoformat(value)
    if kind == "time":
        return dt.time.fromisoformat(value)
    return dt.timedelta(seconds=value)


def import_plan(participants: ParticipantImport, reading: Reading | None = None) -> Plan:
    """What applying an import would do now. `participants` was fetched for its reader by `participant_import`."""
    cohort = participants.cohort
    organisation = cohort.programme.organisation
    reading = reading or Reading.kept(participants.mapping)
    rows = unpack(next((each["rows"] for each in participants.sheets if each["name"] == participants.sheet), []))
    institutions = institutions_of(organisation.pk)
    known = [name for each in institutions for name in (each.name, each.short_name) if name] or [organisation.name]
    found = roster.read_people(
        rows,
        reading.header_row,
        reading.columns,
        known_institutions=[*known, *reading.institutions],
        sheet=participants.sheet,
    )
    people = [_as_kept(person, institutions) for person in found.people]
    there = _there(participants)
    compared = roster.compare(people, [each for each, _has_left in there.values()], compared=KEPT)
    left = {key for key, (_existing, has_left) in there.items() if has_left}
    new = [_new(person) for person in compared.create]
    letters = {field: roster.column_letter(index) for index, field in sorted(reading.columns.items()) if field}
    problems = [*found.problems, *_too_long(people, participants.sheet, letters)]
    remarks = [
        *(_remark(problem) for problem in problems),
        *_left_remarks(people, there, left, participants.sheet),
        *_alike_remarks(compared, there, participants.sheet),
        *_known_remarks(new, organisation, participants.sheet),
        *_default_remarks(new, institutions, organisation, participants.sheet),
    ]
    return Plan(
        sheet=participants.sheet,
        sheets=tuple(each["name"] for each in participants.sheets),
        reading=reading,
        columns=_columns(rows, reading),
        remarks=tuple(sorted(remarks, key=_place)),
        create=tuple(new),
        change=tuple(
            Changed(int(each.key), there[each.key][0].name, each.row_number, each.field, each.old, each.new)
            for each in compared.change
            if each.key not in left
        ),
        same=_those(there, left, {*compared.same, *(change.key for change in compared.change if change.key in left)}),
        absent=_those(there, left, set(compared.untouched) - left),
        unknown_institutions=_unknown(found.problems),
    )


def _as_kept(person: roster.RosterPerson, institutions: Sequence[PartnerInstitution]) -> roster.RosterPerson:
    """The person with an institution by its full name, and a line manager as name and address in one."""
    named = institution_named(institutions, person.institution) if person.institution else None
    name, address = person.line_manager, person.line_manager_email
    both = f"{name} <{address}>" if name and address else name or address
    return dataclasses.replace(
        person,
        institution=named.name if named else person.institution,
        line_manager=both if len(both) <= LONGEST_MANAGER else address,
        line_manager_email="",
    )


def _new(person: roster.RosterPerson) -> NewEnrolment:
    return NewEnrolment(
        row=person.row_number,
        email=person.email.lower(),
        name=person.name,
        known_as=person.known_as,
        title=person.title,
        institution=person.institution,
        discipline=person.discipline,
        department=person.department,
        line_manager=person.line_manager,
        contract_ends_on=person.contract_ends_on,
    )


def _there(participants: ParticipantImport) -> dict[int | str, tuple[roster.ExistingPerson, bool]]:
    """Enrolment id → who is there, and whether they have left. Enrolments of an import taken back do not count."""
    found: dict[int | str, tuple[roster.ExistingPerson, bool]] = {}
    taken_back = taken_back_enrolments(participants.cohort_id)
    enrolments = Enrolment.objects.filter(cohort=participants.cohort_id).order_by("pk")
    columns = ("pk", "state", "person__email", "person__name", "institution__name", *KEPT)
    for row in enrolments.values(*(column for column in columns if column != "institution")):
        has_left = row["state"] == Enrolment.State.LEFT
        if has_left and row["pk"] in taken_back:
            continue
        existing = roster.ExistingPerson(
            key=row["pk"],
            email=row["person__email"],
            name=row["person__name"],
            department=row["department"],
            discipline=row["discipline"],
            institution=row["institution__name"],
            line_manager=row["line_manager"],
            contract_ends_on=row["contract_ends_on"],
        )
        found[row["pk"]] = (existing, has_left)
    return found


def taken_back_enrolments(cohort_id: int) -> set[int]:
    """Enrolments made by imports that were taken back; they are as good as never made."""
    taken_back = ParticipantImport.objects.filter(cohort=cohort_id, outcome__has_key="taken_back_at")
    return {pk for created in taken_back.values_list("outcome__created", flat=True) for pk in created or ()}


def _those(
    there: Mapping[int | str, tuple[roster.ExistingPerson, bool]], left: set[int | str], keys: set[int | str]
) -> tuple[There, ...]:
    chosen = [(key, existing) for key, (existing, _has_left) in there.items() if key in keys]
    return tuple(There(int(key), existing.name, existing.email, key in left) for key, existing in chosen)


def _columns(rows: Sequence[Sequence[Cell]], reading: Reading) -> tuple[Column, ...]:
    header = rows[reading.header_row] if reading.header_row is not None and reading.header_row < len(rows) else ()
    below = rows[0 if reading.header_row is None else reading.header_row + 1 :]
    columns = []
    for index, field in sorted(reading.columns.items()):
        title = roster.clean_text(header[index]) if index < len(header) else ""
        locked = field in NEVER_TAKEN
        filled = (roster.clean_text(row[index]) for row in below[:200] if index < len(row))
        samples = () if locked else tuple(text[:60] for text in dict.fromkeys(filled) if text)[:SAMPLES]
        columns.append(Column(index, roster.column_letter(index), title[:120], field or "", samples, locked))
    return tuple(columns)


def _place(remark: Remark) -> tuple[bool, int, int, str]:
    """What stops comes first; then by row, then by column, AA after Z."""
    return remark.severity != "stops", remark.row or 0, len(remark.column), remark.column


def _remark(problem: Problem) -> Remark:
    return Remark(problem.severity, problem.sheet, problem.row, problem.column, problem.wording)


def _too_long(people: Iterable[roster.RosterPerson], sheet: str, letters: Mapping[str, str]) -> list[Problem]:
    return [
        stops(sheet, person.row_number, letters.get(field, ""), field, "text_too_long", length=length, limit=limit)
        for person in people
        for field, limit in LIMITS.items()
        if (length := len(getattr(person, field))) > limit
    ]


def _notice(sheet: str, row: int | None, key: str, template: str, **params: object) -> Remark:
    return Remark("notice", sheet, row, "", Wording(f"import.{key}", template, params))


HAS_LEFT = gettext_noop("{name} has left this cohort. An import brings nobody back; do that on their own page.")
ALIKE = gettext_noop("Somebody called {name} is in the cohort already, under another address. Check that they are two.")
OWN_NAME = gettext_noop(
    "This address belongs to {known} here already. People keep their own name, so {name} is not used."
)
HOST_BY_DEFAULT = gettext_noop("{count} new people have no institution in the file. They are entered under {host}.")


def _left_remarks(
    people: Iterable[roster.RosterPerson],
    there: Mapping[int | str, tuple[roster.ExistingPerson, bool]],
    left: set[int | str],
    sheet: str,
) -> list[Remark]:
    gone = {roster.address_key(there[key][0].email): there[key][0].name for key in left}
    found = ((person.row_number, gone.get(roster.address_key(person.email))) for person in people)
    return [_notice(sheet, row, "has_left", HAS_LEFT, name=name) for row, name in found if name]


def _alike_remarks(
    compared: roster.Changes, there: Mapping[int | str, tuple[roster.ExistingPerson, bool]], sheet: str
) -> list[Remark]:
    return [_notice(sheet, alike.row_number, "alike", ALIKE, name=there[alike.key][0].name) for alike in compared.alike]


def _known_remarks(new: Sequence[NewEnrolment], organisation: Organisation, sheet: str) -> list[Remark]:
    """Only of people this organisation knows: an address must not tell who uses this Cairn elsewhere."""
    here = RoleGrant.objects.filter(person=OuterRef("pk"), organisation=organisation)
    known = dict(
        Person.objects.annotate(address=Lower("email"))
        .filter(Exists(here), address__in=[entry.email for entry in new])
        .values_list("address", "name")
    )
    return [
        _notice(sheet, entry.row, "own_name", OWN_NAME, known=known[entry.email], name=entry.name)
        for entry in new
        if entry.email in known and roster.name_key(known[entry.email]) != roster.name_key(entry.name)
    ]


def _default_remarks(
    new: Sequence[NewEnrolment], institutions: Sequence[PartnerInstitution], organisation: Organisation, sheet: str
) -> list[Remark]:
    without = sum(1 for entry in new if not entry.institution)
    if not without or len(institutions) < 2:
        return []
    host = next((each.name for each in institutions if each.is_host), organisation.name)
    return [_notice(sheet, None, "host_by_default", HOST_BY_DEFAULT, count=without, host=host)]


def _unknown(problems: Iterable[Problem]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for problem in problems:
        if problem.code in UNKNOWN:
            name = str(problem.params["value"])
            found.setdefault(roster.normalise_header(name), name)
    return tuple(found.values())
