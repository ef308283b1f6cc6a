"""What a reader may know of, as rows by id, for other systems that ask in the reader's name.

Who may know what is said once, in `reach`, and every list is narrowed by it: coordinators know what belongs to their
organisations, coaches what hangs on their accepted engagements, coachees what is their own while they take part
and their role holds.
"""

import datetime as dt
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from cairn.people import rules as people_rules
from cairn.people.models import Person, RoleGrant
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment, GroupPlace, Programme
from cairn.programmes.queries import access


@dataclass(frozen=True)
class Reach:
    """Ids of what hangs on a reader at a moment. With ids, the database finds the few rows among many by index."""

    reader_id: int
    on: dt.date
    organisations: frozenset[int]
    run_cohorts: frozenset[int]
    engagements: frozenset[int]
    coached_cohorts: frozenset[int]
    enrolments: frozenset[int]
    own_cohorts: frozenset[int]
    groups_ever: frozenset[int]
    groups_now: frozenset[int]

    @property
    def cohorts(self) -> frozenset[int]:
        """Cohorts that the reader runs, coaches in or takes part in."""
        return self.run_cohorts | self.coached_cohorts | self.own_cohorts


def reach(reader: Person, at: dt.datetime) -> Reach:
    """What hangs on the reader now: three queries beside that for their roles, however much it is."""
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    run = Cohort.objects.filter(programme__organisation__in=organisations).values_list("pk", flat=True)
    engaged = list(access.engagements_of(reader, at).select_related(None).values_list("pk", "cohort"))
    coached_in = people_rules.organisations_as(reader, Role.COACHEE, at=at)
    own = Enrolment.objects.filter(
        person=reader, state__in=rules.TAKING_PART, cohort__programme__organisation__in=coached_in
    )
    places = list(own.values_list("pk", "cohort", "places__group", "places__from_on", "places__to_on"))
    on = at.date()
    now = {group for _pk, _cohort, group, since, until in places if group and since <= on and (not until or until > on)}
    return Reach(
        reader_id=reader.pk,
        on=on,
        organisations=organisations,
        run_cohorts=frozenset(run),
        engagements=frozenset(engagement for engagement, _cohort in engaged),
        coached_cohorts=frozenset(cohort for _engagement, cohort in engaged),
        enrolments=frozenset(pk for pk, *_rest in places),
        own_cohorts=frozenset(cohort for _pk, cohort, *_rest in places),
        groups_ever=frozenset(group for _pk, _cohort, group, *_rest in places if group),
        groups_now=frozenset(now),
    )


def known_programmes(within: Reach) -> QuerySet[Programme]:
    """The programmes of the organisations coordinated, and those of the reader's own cohorts."""
    own = Cohort.objects.filter(pk__in=within.coached_cohorts | within.own_cohorts).values("programme")
    return Programme.objects.filter(Q(organisation__in=within.organisations) | Q(pk__in=own)).order_by("pk")


def known_cohorts(within: Reach) -> QuerySet[Cohort]:
    """The cohorts that the reader runs, coaches in or takes part in."""
    return Cohort.objects.filter(pk__in=within.cohorts).order_by("pk")


def known_coaching_groups(within: Reach) -> QuerySet[CoachingGroup]:
    """Groups of cohorts that are run, groups led, and the group in which the reader has a place now.

    `members` are the enrolments with a place today; only whoever runs or leads a group may be shown them (`is_led`).
    """
    held = (Q(to_on=None) | Q(to_on__gt=within.on)) & Q(from_on__lte=within.on)
    places = GroupPlace.objects.filter(held, group=OuterRef("pk")).order_by("enrolment").values("enrolment")
    found = CoachingGroup.objects.filter(
        Q(cohort__in=within.run_cohorts) | Q(engagement__in=within.engagements) | Q(pk__in=within.groups_now)
    )
    return found.annotate(members=ArraySubquery(places)).order_by("pk")


def is_led(within: Reach, group: CoachingGroup) -> bool:
    """Whether the reader runs the group's cohort or leads the group."""
    return group.cohort_id in within.run_cohorts or group.engagement_id in within.engagements


def known_enrolments(within: Reach) -> QuerySet[Enrolment]:
    """Enrolments in cohorts that are run, the reader's own, and those of people whom the reader coaches now."""
    return Enrolment.objects.filter(Q(cohort__in=within.run_cohorts) | Q(pk__in=within.enrolments) | _coached(within))


def known_engagements(within: Reach) -> QuerySet[CoachEngagement]:
    """Engagements in cohorts that are run, the reader's own, and those of the coaches whom the reader has now."""
    of_mine = Enrolment.objects.filter(pk__in=within.enrolments, engagement__isnull=False).values("engagement")
    of_groups = CoachingGroup.objects.filter(pk__in=within.groups_now).values("engagement")
    mine = (Q(pk__in=of_mine) | Q(pk__in=of_groups)) & Q(state__in=rules.AT_WORK)
    return CoachEngagement.objects.filter(
        Q(cohort__in=within.run_cohorts) | Q(pk__in=within.engagements) | mine
    ).select_related("person")


def known_people(within: Reach) -> QuerySet[Person]:
    """The reader, whoever holds or held a role where the reader coordinates, and whom the reader coaches now."""
    grants = RoleGrant.objects.filter(organisation__in=within.organisations).values("person")
    enrolled = Enrolment.objects.filter(Q(cohort__in=within.run_cohorts) | _coached(within)).values("person")
    return Person.objects.filter(Q(pk=within.reader_id) | Q(pk__in=grants) | Q(pk__in=enrolled)).order_by("pk")


def _coached(within: Reach) -> Q:
    """People who take part and are coached by the reader now, alone or in a group."""
    held = Q(to_on=None) | Q(to_on__gt=within.on)
    seats = GroupPlace.objects.filter(held, group__engagement__in=within.engagements, from_on__lte=within.on)
    beside = Q(engagement__in=within.engagements) | Q(pk__in=seats.values("enrolment"))
    return beside & Q(state__in=rules.TAKING_PART)
