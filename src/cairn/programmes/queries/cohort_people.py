"""The people of a cohort as its coordinators see them: places, facts and states, never content or protected answers."""

import datetime as dt
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value

from cairn.foundation import statements
from cairn.people import rules as people_rules
from cairn.people.models import Organisation, Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import AgreementAcceptance, Cohort, Enrolment, GroupPlace, NewPosition, Programme

SEPARATOR = "\x1f"


WITH_COUNTS = f"""
SELECT {statements.columns(Cohort, "c")}, {statements.columns(Programme, "p")}, {statements.columns(Organisation, "o")},
  (SELECT count(*) FROM programmes_enrolment e WHERE e.cohort_id = c.id AND e.state = ANY(%(taking_part)s)) AS people,
  (SELECT count(*) FROM programmes_coachengagement e
    WHERE e.cohort_id = c.id AND e.state IN ('offered', 'accepted')) AS coaches,
  (SELECT count(*) FROM programmes_newposition n JOIN programmes_enrolment e ON e.id = n.enrolment_id
    WHERE e.cohort_id = c.id AND n.state = 'waiting') AS positions_waiting,
  (SELECT count(*) FROM programmes_moverequest m JOIN programmes_enrolment e ON e.id = m.enrolment_id
    WHERE e.cohort_id = c.id AND m.state = 'waiting') AS moves_waiting,
  (SELECT count(*) FROM programmes_adjustment a JOIN programmes_enrolment e ON e.id = a.enrolment_id
    WHERE e.cohort_id = c.id AND a.state = 'waiting') AS adjustments_waiting,
  ARRAY(SELECT g.number FROM programmes_coachinggroup g WHERE g.cohort_id = c.id ORDER BY g.number) AS group_numbers,
  ARRAY(SELECT i.id || %(separator)s || coalesce(nullif(i.short_name, ''), i.name)
    FROM programmes_partnerinstitution i WHERE i.organisation_id = o.id ORDER BY i.name) AS institution_names
FROM programmes_cohort c
  JOIN programmes_programme p ON p.id = c.programme_id JOIN people_organisation o ON o.id = p.organisation_id
WHERE c.id = %(cohort)s AND o.id = ANY(%(organisations)s)
"""  # noqa: S608 - only names of columns are put in


def cohort_with_counts(reader: Person, cohort_id: int, at: dt.datetime) -> Cohort:
    """One cohort the reader coordinates, in one query with what its head shows.

    Adds `people_count`, `coach_count`, `group_count`, `waiting_count` (all that waits; of which `positions_waiting`
    are changes of job to record, `moves_waiting` wishes for another group, `adjustments_waiting` adjustments), and
    for filters `group_numbers` and `institution_names` ("id␟label").
    """
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    found = statements.rows(
        WITH_COUNTS,
        cohort=cohort_id,
        organisations=sorted(organisations),
        taking_part=[state.value for state in rules.TAKING_PART],
        separator=SEPARATOR,
    )
    if not found:
        raise NotFound
    [row] = found
    cohort: Any = statements.loaded(Cohort, row, "c")
    cohort.programme = statements.loaded(Programme, row, "p")
    cohort.programme.organisation = statements.loaded(Organisation, row, "o")
    cohort.people_count, cohort.coach_count = row.people, row.coaches
    cohort.positions_waiting, cohort.moves_waiting = row.positions_waiting, row.moves_waiting
    cohort.adjustments_waiting = row.adjustments_waiting
    cohort.waiting_count = row.positions_waiting + row.moves_waiting + row.adjustments_waiting
    cohort.group_numbers, cohort.institution_names = row.group_numbers, row.institution_names
    cohort.group_count = len(row.group_numbers)
    return cast(Cohort, cohort)


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
