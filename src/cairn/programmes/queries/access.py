"""The fetches on which every page stands: fetch and access are one."""

import datetime as dt
from typing import TypeVar

from django.db.models import Model, QuerySet

from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, Programme

T = TypeVar("T", bound=Model)


def programmes(reader: Person, at: dt.datetime) -> QuerySet[Programme]:
    """The programmes that the reader coordinates."""
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return Programme.objects.filter(organisation__in=organisations).select_related("organisation").order_by("name")


def programme(reader: Person, programme_id: int, at: dt.datetime) -> Programme:
    """One programme that the reader coordinates."""
    return _found(programmes(reader, at).filter(pk=programme_id))


def includes_mentoring(organisation_id: int) -> bool:
    """Whether some programme of the organisation goes beyond coaching, so that a question may advise."""
    wide = Programme.Scope.COACHING_AND_MENTORING
    return Programme.objects.filter(organisation_id=organisation_id, scope=wide).exists()


def cohorts(reader: Person, at: dt.datetime) -> QuerySet[Cohort]:
    """The cohorts that the reader coordinates, newest first."""
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return (
        Cohort.objects.filter(programme__organisation__in=organisations)
        .select_related("programme__organisation")
        .order_by("-starts_on", "pk")
    )


def cohort(reader: Person, cohort_id: int, at: dt.datetime) -> Cohort:
    """One cohort that the reader coordinates."""
    return _found(cohorts(reader, at).filter(pk=cohort_id))


def engagements_of(reader: Person, at: dt.datetime) -> QuerySet[CoachEngagement]:
    """The reader's own accepted engagements as a coach, where their role still holds."""
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    return (
        CoachEngagement.objects.filter(
            person=reader, state__in=rules.AT_WORK, cohort__programme__organisation__in=organisations
        )
        .select_related("cohort__programme__organisation", "person")
        .order_by("-cohort__starts_on", "pk")
    )


def engagement_of(reader: Person, engagement_id: int, at: dt.datetime) -> CoachEngagement:
    """One of the reader's own accepted engagements."""
    return _found(engagements_of(reader, at).filter(pk=engagement_id))


def enrolments_of(reader: Person, at: dt.datetime) -> QuerySet[Enrolment]:
    """The reader's own enrolments in which they still take part."""
    return (
        Enrolment.objects.filter(person=reader, state__in=rules.TAKING_PART)
        .select_related("cohort__programme__organisation", "engagement__person", "institution", "person")
        .order_by("-cohort__starts_on", "pk")
    )


def enrolment_of(reader: Person, enrolment_id: int, at: dt.datetime) -> Enrolment:
    """One of the reader's own enrolments in which they still take part."""
    return _found(enrolments_of(reader, at).filter(pk=enrolment_id))


def _found(query: QuerySet[T]) -> T:
    thing = query.first()
    if thing is None:
        raise NotFound
    return thing
