"""The coaches of a cohort: for its coordinators, and for a coach who was asked."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Prefetch, Q, QuerySet

from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import CoachEngagement, Cohort, ConflictOfInterest, Enrolment

SHOWN_TO_COACH = ("offered", "accepted", "declined")


MOST_LISTED = 200


def engagements_in(cohort: Cohort) -> QuerySet[CoachEngagement]:
    """Every engagement of a cohort that the reader was given, by name.

    Adds `coachee_count` and `group_count`; conflicts come with them.
    """
    taking_part = Q(coachees__state__in=rules.TAKING_PART)
    conflicts = ConflictOfInterest.objects.select_related("enrolment__person", "declared_by").order_by("pk")
    return (
        CoachEngagement.objects.filter(cohort=cohort)
        .select_related("person")
        .prefetch_related(Prefetch("conflicts", queryset=conflicts))
        .annotate(
            coachee_count=Count("coachees", filter=taking_part, distinct=True),
            group_count=Count("groups", distinct=True),
        )
        .order_by("person__name", "pk")
    )


def offered_to(reader: Person, engagement_id: int, at: dt.datetime) -> CoachEngagement:
    """An engagement the reader was asked to take on as a coach, whether answered or not, until it ended."""
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    found = (
        CoachEngagement.objects.filter(
            pk=engagement_id, person=reader, state__in=SHOWN_TO_COACH, cohort__programme__organisation__in=organisations
        )
        .select_related("cohort__programme__organisation", "person")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def offers_to(reader: Person, at: dt.datetime) -> list[CoachEngagement]:
    """Engagements the reader has not answered yet, oldest first."""
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    waiting = CoachEngagement.objects.filter(
        person=reader, state="offered", cohort__programme__organisation__in=organisations
    )
    return list(waiting.select_related("cohort__programme__organisation").order_by("offered_at", "pk"))


def names_for_conflicts(cohort: Cohort) -> list[tuple[int, str]] | None:
    """(enrolment id, name) of those who take part: for coordinators, and for coaches who have accepted.

    None when they are too many to choose from a list; `people_named` finds one of them then.
    """
    people = Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART)
    named = list(people.order_by("person__name", "pk").values_list("pk", "person__name")[: MOST_LISTED + 1])
    return named if len(named) <= MOST_LISTED else None


def conflicts_of(engagement: CoachEngagement) -> list[ConflictOfInterest]:
    """What was declared for an engagement that the reader was given."""
    return list(engagement.conflicts.select_related("enrolment__person", "declared_by").order_by("pk"))


def coaches_apart_from(enrolment: Enrolment) -> list[CoachEngagement]:
    """The coaches of the cohort who must not coach a person that the reader was given."""
    live = engagements_in(enrolment.cohort).filter(state__in=("offered", "accepted"))
    return [engagement for engagement in live if not rules.may_coach_person(engagement, enrolment)]


def pairs_in_conflict(
    cohort: Cohort, engagements: Iterable[CoachEngagement] | None = None
) -> list[tuple[CoachEngagement, Enrolment]]:
    """Coaches who hold somebody they should not, because the conflict came to light later.

    `engagements` are those of `engagements_in`, when they were fetched already.
    """
    held = {each.pk: each for each in (engagements_in(cohort) if engagements is None else engagements)}
    people = Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART, engagement__isnull=False)
    return [
        (held[enrolment.engagement_id], enrolment)
        for enrolment in people.select_related("person").order_by("person__name")
        if enrolment.engagement_id in held and not rules.may_coach_person(held[enrolment.engagement_id], enrolment)
    ]
