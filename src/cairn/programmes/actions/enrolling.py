"""Enrolments: made for a list of people at once, changed, withdrawn again.

The minutes of an enrolment are promised by the ledger, which this room does not see: pages call `delivery.actions`.
These functions run inside the caller's transaction and under its lock on the cohort.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people import actions as people_actions
from cairn.people.models import Invitation, Person
from cairn.people.terms import Role
from cairn.programmes import queries, rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import (
    AgreementAcceptance,
    Cohort,
    Enrolment,
    GroupPlace,
    MixingAnswer,
    NewPosition,
    PartnerInstitution,
)
from cairn.programmes.queries.import_shapes import Changed, NewEnrolment

DETAILS = ("discipline", "department", "line_manager", "contract_ends_on")
State = Enrolment.State


class AlreadyEnrolled(Refused):
    """The person is in the cohort, or was and has left."""

    field = "email"
    sentence = _("%(name)s is in this cohort already.")


class TheyHaveBegun(Refused):
    """Somebody of an import has joined, so it can no longer be taken back."""

    sentence = _(
        "%(people)s of these people have already joined or have a group or a coach, so the import stays. "
        "Whoever should not be in the cohort can be taken out on their own page."
    )


def enrol_people(
    *,
    cohort: Cohort,
    entries: Sequence[NewEnrolment],
    institutions: Sequence[PartnerInstitution],
    by: Person,
    at: dt.datetime,
) -> list[Enrolment]:
    """Enrol everybody of a list; whoever is new to Cairn is added, and all become coachees of the organisation.

    An enrolment that was withdrawn before is taken up again. Raises AlreadyEnrolled.
    """
    _must_run(by, cohort, at)
    organisation = cohort.programme.organisation
    people = people_actions.find_or_add_people(
        people=[people_actions.Named(each.email, each.name, each.known_as, each.title) for each in entries],
        time_zone=organisation.time_zone,
        by=by,
        at=at,
    )
    people_actions.grant_role_to_all(people=people.values(), organisation=organisation, role=Role.COACHEE, by=by, at=at)
    again = _withdrawn_before(cohort, people.values())
    made = []
    for entry in entries:
        person = people[entry.email.strip().lower()]
        enrolment = again.get(person.pk) or Enrolment(person=person)
        enrolment.person, enrolment.cohort = person, cohort
        enrolment.institution = queries.institution_named(institutions, entry.institution) or institutions[0]
        enrolment.state, enrolment.left_on, enrolment.enrolled_at = State.ACTIVE, None, at
        for field in DETAILS:
            setattr(enrolment, field, getattr(entry, field))
        made.append(enrolment)
    Enrolment.objects.bulk_create([each for each in made if each.pk is None], batch_size=2000)
    Enrolment.objects.bulk_update(
        again.values(), ["institution", "state", "left_on", "enrolled_at", *DETAILS], batch_size=500
    )
    _record("enrol_people", cohort, {"enrolments": [each.pk for each in made]}, by, at)
    return made


def change_enrolments(
    *,
    cohort: Cohort,
    changes: Iterable[Changed],
    institutions: Sequence[PartnerInstitution],
    by: Person,
    at: dt.datetime,
) -> None:
    """Write changed details of a cohort's people: department, discipline, institution, line manager, contract end."""
    _must_run(by, cohort, at)
    changes = list(changes)
    found = Enrolment.objects.select_for_update().filter(cohort=cohort)
    enrolments = found.in_bulk({change.enrolment_id for change in changes})
    for change in changes:
        enrolment = enrolments[change.enrolment_id]
        if change.field == "institution":
            named = queries.institution_named(institutions, str(change.new or ""))
            enrolment.institution = named or enrolment.institution
        else:
            setattr(enrolment, change.field, change.new)
    Enrolment.objects.bulk_update(enrolments.values(), ["institution", *DETAILS], batch_size=500)
    if enrolments:
        _record("change_enrolments", cohort, {"enrolments": sorted(enrolments)}, by, at)


def begun(enrolment_ids: Iterable[int]) -> int:
    """How many of these have joined, or have a coach, a group, a new job or answers for mixing."""
    ids = list(enrolment_ids)
    of_them = {"enrolment__in": ids}
    touched = {
        pk
        for model in (AgreementAcceptance, MixingAnswer, GroupPlace, NewPosition)
        for pk in model.objects.filter(**of_them).values_list("enrolment_id", flat=True)
    }
    enrolments = Enrolment.objects.filter(pk__in=ids)
    moved = enrolments.exclude(state=State.ACTIVE) | enrolments.filter(engagement__isnull=False)
    touched.update(moved.values_list("pk", flat=True))
    links = [f"/join/{pk}/" for pk in ids]
    accepted = Invitation.objects.filter(leads_to__in=links, accepted_at__isnull=False)
    touched.update(int(link.split("/")[2]) for link in accepted.values_list("leads_to", flat=True))
    return len(touched)


def withdraw_enrolments(*, cohort: Cohort, enrolments: Sequence[Enrolment], by: Person, at: dt.datetime) -> None:
    """Make enrolments as good as never made: open links stop, and the role ends where nothing else needs it.

    Raises TheyHaveBegun. The minutes are taken back by the caller.
    """
    _must_run(by, cohort, at)
    ids = [each.pk for each in enrolments]
    people = begun(ids)
    if people:
        raise TheyHaveBegun(people=people)
    organisation = cohort.programme.organisation
    today = at.astimezone(cohort.zone).date()
    Enrolment.objects.filter(pk__in=ids).update(state=State.LEFT, left_on=today)
    person_ids = {each.person_id for each in enrolments}
    elsewhere = Enrolment.objects.filter(
        person__in=person_ids, state__in=rules.TAKING_PART, cohort__programme__organisation=organisation
    )
    people_actions.withdraw_invitations(people_ids=person_ids, organisation=organisation, at=at)
    people_actions.end_role_of_all(
        people_ids=person_ids - set(elsewhere.values_list("person_id", flat=True)),
        organisation=organisation,
        role=Role.COACHEE,
        by=by,
        at=at,
    )
    _record("withdraw_enrolments", cohort, {"enrolments": ids}, by, at)


def _withdrawn_before(cohort: Cohort, people: Iterable[Person]) -> Mapping[int, Enrolment]:
    """Person id → an enrolment of theirs that an import made and that was taken back. Raises AlreadyEnrolled."""
    there = Enrolment.objects.filter(cohort=cohort, person__in=[person.pk for person in people]).select_related(
        "person"
    )
    taken_back = queries.taken_back_enrolments(cohort.pk)
    again = {}
    for enrolment in there:
        if enrolment.state != State.LEFT or enrolment.pk not in taken_back:
            raise AlreadyEnrolled(name=enrolment.person.name)
        again[enrolment.person_id] = enrolment
    return again


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise people_actions.NotAllowed


def _record(action: str, cohort: Cohort, facts: dict[str, Any], by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="cohort",
        subject_id=cohort.pk,
        organisation_id=cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
