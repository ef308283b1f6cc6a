"""People come into a cohort: by an import, one by one, and out again while an import can be taken back.

Each of these is one transaction from the person's row to the minutes promised to them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.delivery.models import Attendance, CoachingSession
from cairn.foundation import audit, queue
from cairn.ledger import actions as ledger_actions
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries, rules
from cairn.programmes.actions import Refused
from cairn.programmes.models import Cohort, Enrolment, ParticipantImport
from cairn.programmes.queries.import_shapes import Changed, NewEnrolment, Plan, Reading

AT_ONCE = 1000


class ImportStops(Refused):
    """The file has problems that have to be put right first."""

    sentence = _("Something in the file stops this import, so nobody was enrolled and nothing was changed.")


class PreviewIsStale(Refused):
    """The cohort, or the way in which the file is read, was changed since the preview."""

    sentence = _(
        "The cohort was changed since you opened this preview. Nothing was done yet: look at what would happen now."
    )


class CannotTakeBack(Refused):
    """The import is not one that was applied."""

    sentence = _("This import was not applied, or was taken back already.")


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did: how many people were enrolled, changed and invited. `is_queued`: it is being done now."""

    enrolled: int = 0
    changed: int = 0
    invited: int = 0
    is_queued: bool = False


@transaction.atomic
def apply_import(
    *,
    participant_import: ParticipantImport,
    mapping: Mapping[int, str | None] | None = None,
    expected_digest_of_changes: str,
    invite: bool = False,
    address_of: str,
    by: Person,
    at: dt.datetime,
) -> ImportOutcome:
    """Enrol and change exactly what the preview said, or nothing at all.

    `mapping` is column → field; None takes what was confirmed on the page. `expected_digest_of_changes` is the
    `digest` of the plan that was looked at. `invite` sends each new person an invitation, for which the programme
    must be live. `address_of` is the public address of this Cairn.
    Raises ImportStops, PreviewIsStale, programmes' NotOpen, NotLive, AlreadyEnrolled.
    """
    current = programme_actions.lock_import(participant_import, by=by, at=at)
    reading = Reading.kept(current.mapping)
    if mapping is not None:
        reading = Reading(reading.header_row, dict(mapping), reading.institutions)
    plan = queries.import_plan(current, reading)
    _refuse(plan, expected_digest_of_changes)
    cohort = current.cohort
    enrolments = _carry_out(plan, cohort, by=by, at=at)
    invited = _invite(cohort, enrolments, address_of, by=by, at=at) if invite else 0
    programme_actions.close_import(
        participant_import=current,
        reading=reading,
        columns=plan.columns,
        outcome=_written(plan, enrolments, invited=invited, by=by),
        by=by,
        at=at,
    )
    return ImportOutcome(len(enrolments), plan.people_changed, invited)


@transaction.atomic
def queue_import(
    *,
    participant_import: ParticipantImport,
    expected_digest_of_changes: str,
    invite: bool = False,
    address_of: str,
    by: Person,
    at: dt.datetime,
) -> ImportOutcome:
    """Apply an import at once, or by the queue when it is about more than a thousand people.

    Raises what `apply_import` raises; what the queue meets later is noted in the import's `outcome`.
    """
    current = programme_actions.lock_import(participant_import, by=by, at=at)
    if current.outcome.get("queued_at"):
        return ImportOutcome(is_queued=True)
    plan = queries.import_plan(current)
    _refuse(plan, expected_digest_of_changes)
    wanted: dict[str, Any] = {"digest": expected_digest_of_changes, "invite": invite, "address_of": address_of}
    if len(plan.create) + plan.people_changed <= AT_ONCE:
        return apply_import(
            participant_import=current,
            expected_digest_of_changes=expected_digest_of_changes,
            invite=invite,
            address_of=address_of,
            by=by,
            at=at,
        )
    people = len(plan.create) + plan.people_changed
    outcome = {**wanted, "queued_at": at.isoformat(), "queued_by": by.pk, "people": people}
    ParticipantImport.objects.filter(pk=current.pk).update(outcome=outcome)
    queue.defer("cairn.jobs.tasks.apply_import", import_id=current.pk)
    return ImportOutcome(is_queued=True)


def apply_queued_import(*, import_id: int, at: dt.datetime) -> None:
    """The job behind `queue_import`. Run twice it applies once; a refusal is noted for the coordinator."""
    found = ParticipantImport.objects.defer("sheets").filter(pk=import_id).first()
    if found is None or found.state != ParticipantImport.State.PREVIEWED or "queued_at" not in found.outcome:
        return
    wanted = found.outcome
    try:
        apply_import(
            participant_import=found,
            expected_digest_of_changes=wanted["digest"],
            invite=wanted["invite"],
            address_of=wanted["address_of"],
            by=Person.objects.get(pk=wanted["queued_by"]),
            at=at,
        )
    except (Refused, NotAllowed) as refused:
        _note_refusal(import_id, type(refused).__name__)
    except Exception:
        _note_refusal(import_id, "Broken")
        raise


def _note_refusal(import_id: int, name: str) -> None:
    waiting = ParticipantImport.objects.filter(pk=import_id, state=ParticipantImport.State.PREVIEWED)
    waiting.update(outcome={"refused": name})


@transaction.atomic
def enrol_person(
    *,
    cohort: Cohort,
    entry: NewEnrolment,
    invite: bool = False,
    address_of: str,
    by: Person,
    at: dt.datetime,
) -> Enrolment:
    """Enrol one person by hand, in the way in which an import does. `entry.institution` is a name, '' the host's.

    Raises programmes' AlreadyEnrolled, NotLive.
    """
    locked = Cohort.objects.select_related("programme__organisation").select_for_update(of=("self",)).get(pk=cohort.pk)
    if not rules.may_run_cohort(by, locked, at):
        raise NotAllowed
    enrolments = _enrol(locked, [entry], (), by=by, at=at)
    if invite:
        _invite(locked, enrolments, address_of, by=by, at=at)
    return enrolments[0]


@transaction.atomic
def take_back_import(*, participant_import: ParticipantImport, by: Person, at: dt.datetime) -> int:
    """Undo an import while none of its people has joined, has a coach, a group or a session.

    Enrolments it made end as if they had never begun and their minutes are taken back; details it changed return to
    what they were, unless they were changed again. Returns how many people were taken out.
    Raises CannotTakeBack, programmes' TheyHaveBegun.
    """
    Cohort.objects.select_for_update().get(pk=participant_import.cohort_id)
    current = (
        ParticipantImport.objects.select_related("cohort__programme__organisation")
        .select_for_update(of=("self",))
        .get(pk=participant_import.pk)
    )
    if current.state != ParticipantImport.State.APPLIED:
        raise CannotTakeBack
    cohort = current.cohort
    enrolments = list(Enrolment.objects.filter(pk__in=current.outcome["created"], cohort=cohort))
    for enrolment in enrolments:
        enrolment.cohort = cohort
    _refuse_when_met(enrolments)
    programme_actions.withdraw_enrolments(cohort=cohort, enrolments=enrolments, by=by, at=at)
    ledger_actions.take_back_entitlements(enrolments=enrolments, by=by, at=at)
    _restore(current, by=by, at=at)
    ParticipantImport.objects.filter(pk=current.pk).update(
        state=ParticipantImport.State.DISCARDED, outcome={**current.outcome, "taken_back_at": at.isoformat()}
    )
    audit.record(
        action="take_back_import",
        subject_kind="participant_import",
        subject_id=current.pk,
        organisation_id=cohort.programme.organisation_id,
        facts={"cohort": cohort.pk, "enrolments": len(enrolments)},
        by=by,
        at=at,
    )
    return len(enrolments)


def _refuse(plan: Plan, expected: str) -> None:
    if plan.stops:
        raise ImportStops
    if plan.digest != expected:
        raise PreviewIsStale


def _carry_out(plan: Plan, cohort: Cohort, *, by: Person, at: dt.datetime) -> list[Enrolment]:
    enrolments = _enrol(cohort, plan.create, plan.reading.institutions, by=by, at=at)
    programme_actions.change_enrolments(
        cohort=cohort,
        changes=plan.change,
        institutions=queries.institutions_of(cohort.programme.organisation_id),
        by=by,
        at=at,
    )
    return enrolments


def _enrol(
    cohort: Cohort, entries: Sequence[NewEnrolment], new_institutions: Sequence[str], *, by: Person, at: dt.datetime
) -> list[Enrolment]:
    institutions = programme_actions.add_institutions(
        organisation=cohort.programme.organisation, names=new_institutions, by=by, at=at
    )
    if not entries:
        return []
    enrolments = programme_actions.enrol_people(cohort=cohort, entries=entries, institutions=institutions, by=by, at=at)
    ledger_actions.open_entitlements(enrolments=enrolments, by=by, at=at)
    return enrolments


def _invite(cohort: Cohort, enrolments: Sequence[Enrolment], address_of: str, *, by: Person, at: dt.datetime) -> int:
    return programme_actions.invite_people(
        cohort=cohort, enrolments=[each.pk for each in enrolments], address_of=address_of, by=by, at=at
    )


def _written(plan: Plan, enrolments: Sequence[Enrolment], *, invited: int, by: Person) -> dict[str, Any]:
    """What the import did, so that it can be shown and taken back."""
    return {
        "created": [each.pk for each in enrolments],
        "changed": [
            {"enrolment": each.enrolment_id, "field": each.field, "old": _text(each.old), "new": _text(each.new)}
            for each in plan.change
        ],
        "people_changed": plan.people_changed,
        "invited": invited,
        "applied_by": by.pk,
    }


def _text(value: str | dt.date | None) -> str:
    return value.isoformat() if isinstance(value, dt.date) else value or ""


def _refuse_when_met(enrolments: Sequence[Enrolment]) -> None:
    ids = [each.pk for each in enrolments]
    sessions = CoachingSession.objects.filter(enrolment__in=ids).values_list("enrolment_id", flat=True)
    marks = Attendance.objects.filter(enrolment__in=ids).values_list("enrolment_id", flat=True)
    met = {*sessions, *marks}
    if met:
        raise programme_actions.TheyHaveBegun(people=len(met))


def _restore(taken_back: ParticipantImport, *, by: Person, at: dt.datetime) -> None:
    """Put changed details back where they still are what the import made them."""
    changed = taken_back.outcome.get("changed", [])
    cohort = taken_back.cohort
    enrolments = Enrolment.objects.select_related("institution").filter(cohort=cohort)
    found = enrolments.in_bulk({each["enrolment"] for each in changed})
    back = []
    for each in changed:
        enrolment = found[each["enrolment"]]
        current = enrolment.institution.name if each["field"] == "institution" else getattr(enrolment, each["field"])
        if _text(current) == each["new"]:
            old = each["old"]
            if each["field"] == "contract_ends_on":
                old = dt.date.fromisoformat(old) if old else None
            back.append(Changed(enrolment.pk, "", 0, each["field"], each["new"], old))
    institutions = queries.institutions_of(cohort.programme.organisation_id)
    programme_actions.change_enrolments(cohort=cohort, changes=back, institutions=institutions, by=by, at=at)
