"""What coordinators do for people of a cohort: put facts right, invite them (again)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, stamps
from cairn.people import actions as people_actions
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.actions.setting_up import ChangedMeanwhile
from cairn.programmes.models import Cohort, Enrolment, PartnerInstitution

FACTS = ("discipline", "department", "line_manager", "institution_id")


class NameIsTheirs(Refused):
    """Whoever has signed in looks after their own name."""

    field = "name"
    sentence = _("%(name)s has signed in and looks after the name themselves.")


class NotLive(Refused):
    """Nobody is invited into a programme that is not live."""

    sentence = _("The programme is not live yet, so nobody was invited. Go live first.")


def facts_of(enrolment: Enrolment) -> dict[str, Any]:
    """The facts of a person in a cohort that `correct_facts` can change."""
    return {"name": enrolment.person.name, **{name: getattr(enrolment, name) for name in FACTS}}


@transaction.atomic
def correct_facts(
    *, enrolment: Enrolment, values: Mapping[str, Any], seen: str = "", by: Person, at: dt.datetime
) -> Enrolment:
    """Put right `name`, `discipline`, `department`, `line_manager` or `institution_id`; other names are not facts.

    `seen` is the stamp of what the form showed. Raises ChangedMeanwhile, NameIsTheirs.
    """
    _must_run(by, enrolment.cohort, at)
    current = (
        Enrolment.objects.select_for_update(of=("self", "person"))
        .select_related("person", "cohort__programme__organisation")
        .get(pk=enrolment.pk)
    )
    standing = facts_of(current)
    names = stamps.changed(standing, seen)
    if names:
        raise ChangedMeanwhile(names=names, current=standing)
    wanted = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    changed = [name for name, value in wanted.items() if standing[name] != value]
    if not changed:
        return current
    _correct_name(current.person, wanted["name"] if "name" in changed else "")
    _correct_enrolment(current, {name: wanted[name] for name in changed if name != "name"})
    _record("correct_facts", current.cohort, enrolment.pk, {"fields": changed}, by=by, at=at)
    current.refresh_from_db()
    return current


@transaction.atomic
def invite_people(*, cohort: Cohort, enrolments: Iterable[int], address_of: str, by: Person, at: dt.datetime) -> int:
    """Send each of these people, as far as they take part, a fresh invitation; earlier links stop working.

    Returns how many were invited. Raises NotLive. `address_of` is the public address of this Cairn.
    """
    _must_run(by, cohort, at)
    if cohort.programme.live_at is None:
        raise NotLive
    people = Enrolment.objects.filter(cohort=cohort, pk__in=list(enrolments), state__in=rules.TAKING_PART)
    leads_to = {each.person: f"/join/{each.pk}/" for each in people.select_related("person").order_by("pk")}
    invited = len(leads_to)
    if invited:
        people_actions.invite_all(
            leads_to=leads_to,
            organisation=cohort.programme.organisation,
            template="mail/invitation_cohort.txt",
            context={"cohort": cohort, "programme": cohort.programme, "sender": by},
            address_of=address_of,
            by=by,
            at=at,
        )
        _record("invite_people", cohort, cohort.pk, {"people": invited}, by=by, at=at)
    return invited


def _correct_name(person: Person, name: str) -> None:
    if not name:
        return
    if person.last_login is not None:
        raise NameIsTheirs(name=person.name)
    Person.objects.filter(pk=person.pk).update(name=name)


def _correct_enrolment(enrolment: Enrolment, wanted: Mapping[str, Any]) -> None:
    if "institution_id" in wanted:
        organisation = enrolment.cohort.programme.organisation_id
        if not PartnerInstitution.objects.filter(pk=wanted["institution_id"], organisation=organisation).exists():
            raise NotAllowed
    if wanted:
        Enrolment.objects.filter(pk=enrolment.pk).update(**wanted)


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _record(action: str, cohort: Cohort, subject: int, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="cohort" if action == "invite_people" else "enrolment",
        subject_id=subject,
        organisation_id=cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
