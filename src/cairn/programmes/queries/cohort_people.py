"""The people of a cohort as its coordinators see them: places, facts and states, never content or protected answers."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import (
    AgreementAcceptance,
    CoachEngagement,
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    NewPosition,
    PartnerInstitution,
)
from cairn.programmes.queries.access import cohorts

SEPARATOR = "\x1f"


def cohort_with_counts(reader: Person, cohort_id: int, at: dt.datetime) -> Cohort:
    """One cohort the reader coordinates, in one query with what its head shows.

    Adds `people_count`, `coach_count`, `group_count`, `waiting_count` (changes of job to record), and for filters
    `group_numbers` and `institution_names` ("id␟label").
    """
    people = Enrolment.objects.filter(cohort=OuterRef("pk"), state__in=rules.TAKING_PART)
    coaches = CoachEngagement.objects.filter(cohort=OuterRef("pk"), state__in=("offered", "accepted"))
    groups = CoachingGroup.objects.filter(cohort=OuterRef("pk"))
    waiting = NewPosition.objects.filter(enrolment__cohort=OuterRef("pk"), state=NewPosition.State.WAITING)
    institutions = PartnerInstitution.objects.filter(organisation=OuterRef("programme__organisation")).order_by("name")
    label = Coalesce(NullIf("short_name", Value("")), "name")
    named = institutions.values(word=Concat(Cast("pk", CharField()), Value(SEPARATOR), label))
    found = (
        cohorts(reader, at)
        .filter(pk=cohort_id)
        .annotate(
            people_count=_count(people),
            coach_count=_count(coaches),
            group_count=_count(groups),
            waiting_count=_count(waiting),
            group_numbers=ArraySubquery(groups.order_by("number").values("number")),
            institution_names=ArraySubquery(named),
        )
        .first()
    )
    if found is None:
        raise NotFound
    return found


def enrolments_in(cohort: Cohort, at: dt.datetime) -> QuerySet[Enrolment]:
    """Everybody ever enrolled in a cohort that the reader was given.

    Adds `group_number`, `has_agreed` (to the agreement as it stands), `waits_for_new_position`.
    """
    today = at.astimezone(cohort.zone).date()
    place = GroupPlace.objects.filter(Q(to_on=None) | Q(to_on__gt=today), enrolment=OuterRef("pk")).order_by("from_on")
    agreed = AgreementAcceptance.objects.filter(enrolment=OuterRef("pk"), version=cohort.agreement_version)
    waiting = NewPosition.objects.filter(enrolment=OuterRef("pk"), state=NewPosition.State.WAITING)
    return (
        Enrolment.objects.filter(cohort=cohort)
        .select_related("person", "institution", "engagement__person")
        .annotate(
            group_number=Subquery(place.values("group__number")[:1]),
            has_agreed=Exists(agreed) if cohort.agreement_text.strip() else Value(True),
            waits_for_new_position=Exists(waiting),
        )
    )


def enrolment_in(cohort: Cohort, enrolment_id: int, at: dt.datetime) -> Enrolment:
    """One person of a cohort that the reader was given."""
    found = enrolments_in(cohort, at).filter(pk=enrolment_id).first()
    if found is None:
        raise NotFound
    found.cohort = cohort
    return found


def group_sizes(cohort: Cohort) -> list[int]:
    """How many people sit in each group that has any, by seats that have no end."""
    places = GroupPlace.objects.filter(group__cohort=cohort, to_on=None)
    return [row["n"] for row in places.values("group").annotate(n=Count("pk")).order_by("group")]


def departments(cohort: Cohort) -> list[str]:
    """The departments people of the cohort named, in order."""
    named = Enrolment.objects.filter(cohort=cohort).exclude(department="")
    return list(named.order_by("department").values_list("department", flat=True).distinct())


def _count(query: QuerySet[Any]) -> Coalesce:
    counted = query.order_by().annotate(_one=Value(1)).values("_one").annotate(n=Count(F("pk"))).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
