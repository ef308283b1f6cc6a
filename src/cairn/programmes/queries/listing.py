"""Lists that coordinators begin from: programmes with their cohorts, institutions."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from cairn.people import rules as people_rules
from cairn.people.models import Organisation, Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import Cohort, Enrolment, PartnerInstitution, Programme
from cairn.programmes.queries.access import programmes

NEWEST = 3


def programmes_with_cohorts(reader: Person, at: dt.datetime) -> QuerySet[Programme]:
    """The reader's programmes; adds `cohort_count` and `newest`, up to three cohorts as dictionaries, newest first.

    Those keys are id, name, starts_on and ends_on (ISO dates) and people, who take part.
    """
    people = (
        Enrolment.objects.filter(cohort=OuterRef("pk"), state__in=rules.TAKING_PART)
        .values("cohort")
        .annotate(n=Count("pk"))
        .values("n")
    )
    newest = Cohort.objects.filter(programme=OuterRef("pk")).order_by("-starts_on", "-pk")
    shown: dict[str, Any] = {name: name for name in ("name", "starts_on", "ends_on")}
    facts = JSONObject(id="pk", **shown, people=Coalesce(Subquery(people), 0))
    return programmes(reader, at).annotate(
        cohort_count=Count("cohorts"), newest=ArraySubquery(newest.values(facts=facts)[:NEWEST])
    )


def cohorts_of(programme: Programme) -> QuerySet[Cohort]:
    """The cohorts of a programme that the reader was given, newest first; adds `people_count` and `coach_count`."""
    taking_part = Q(enrolments__state__in=rules.TAKING_PART)
    at_work = Q(engagements__state__in=("offered", "accepted"))
    return (
        Cohort.objects.filter(programme=programme)
        .annotate(
            people_count=Count("enrolments", filter=taking_part, distinct=True),
            coach_count=Count("engagements", filter=at_work, distinct=True),
        )
        .order_by("-starts_on", "-pk")
    )


def organisation_to_set_up(reader: Person, organisation_id: int, at: dt.datetime) -> Organisation:
    """One organisation that the reader coordinates."""
    ids = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    found = Organisation.objects.filter(pk=organisation_id, pk__in=ids).first()
    if found is None:
        raise NotFound
    return found


def institutions(reader: Person, organisation_id: int, at: dt.datetime) -> list[PartnerInstitution]:
    """The institutions of an organisation that the reader coordinates, its own first."""
    organisation = organisation_to_set_up(reader, organisation_id, at)
    return list(PartnerInstitution.objects.filter(organisation=organisation).order_by("-is_host", "name"))


def institution(reader: Person, institution_id: int, at: dt.datetime) -> PartnerInstitution:
    """One institution of an organisation that the reader coordinates."""
    ids = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    found = PartnerInstitution.objects.filter(pk=institution_id, organisation__in=ids).first()
    if found is None:
        raise NotFound
    return found
