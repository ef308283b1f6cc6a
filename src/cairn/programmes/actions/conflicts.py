"""Conflicts of interest: whom a coach must not coach. Declared by the coach or by a coordinator."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import CoachEngagement, ConflictOfInterest, Enrolment


class NobodyNamed(Refused):
    """A conflict is with a person or with a department, with one of them."""

    field = "department"
    sentence = _("Name a person or a department, one of them at a time.")


class DeclaredAlready(Refused):
    """The same conflict twice."""

    sentence = _("That was declared already.")


@transaction.atomic
def declare_conflict(
    *,
    engagement: CoachEngagement,
    enrolment: Enrolment | None = None,
    department: str = "",
    by: Person,
    at: dt.datetime,
) -> ConflictOfInterest:
    """Keep a coach and a person, or a whole department, apart. No reason is asked for.

    A coach declares for themselves: a department at any time, a person once they have accepted. Later steps respect
    it; where the coach already has that person, `queries.pairs_in_conflict` says so. Raises NobodyNamed,
    DeclaredAlready.
    """
    department = " ".join(department.split())
    if (enrolment is None) == (not department):
        raise NobodyNamed
    _must_be_allowed(engagement, enrolment, by, at)
    CoachEngagement.objects.select_for_update().get(pk=engagement.pk)
    standing = ConflictOfInterest.objects.filter(engagement=engagement, enrolment=enrolment)
    if standing.filter(department__iexact=department).exists():
        raise DeclaredAlready
    made = ConflictOfInterest.objects.create(
        engagement=engagement, enrolment=enrolment, department=department, declared_by=by, declared_at=at
    )
    _record("declare_conflict", made, by=by, at=at)
    return made


@transaction.atomic
def withdraw_conflict(*, conflict: ConflictOfInterest, by: Person, at: dt.datetime) -> None:
    """Take a declaration back. A coach takes back their own only; a coordinator any."""
    engagement = conflict.engagement
    own = conflict.declared_by_id == by.pk == engagement.person_id
    if not (own or rules.may_run_cohort(by, engagement.cohort, at)):
        raise NotAllowed
    _record("withdraw_conflict", conflict, by=by, at=at)
    ConflictOfInterest.objects.filter(pk=conflict.pk).delete()


def _must_be_allowed(engagement: CoachEngagement, enrolment: Enrolment | None, by: Person, at: dt.datetime) -> None:
    if enrolment is not None and enrolment.cohort_id != engagement.cohort_id:
        raise NotAllowed
    if rules.may_run_cohort(by, engagement.cohort, at):
        return
    own = engagement.person_id == by.pk and engagement.state in ("offered", "accepted")
    if not own or (enrolment is not None and not rules.may_coach_in(by, engagement, at)):
        raise NotAllowed


def _record(action: str, conflict: ConflictOfInterest, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="engagement",
        subject_id=conflict.engagement_id,
        organisation_id=conflict.engagement.cohort.programme.organisation_id,
        facts={"enrolment": conflict.enrolment_id},
        by=by,
        at=at,
    )
