"""Reads about sessions, and what several rooms know together. Each takes its reader, or what its reader was given."""

from cairn.delivery.queries.engaging import CoachRow, coach_rows, commission_for, has_coached_here, rate_on
from cairn.delivery.queries.people import (
    CohortPeople,
    PeopleFilter,
    PersonRow,
    attendance_of,
    cohort_people,
    people_for_export,
)

__all__ = [
    "CoachRow",
    "CohortPeople",
    "PeopleFilter",
    "PersonRow",
    "attendance_of",
    "coach_rows",
    "cohort_people",
    "commission_for",
    "has_coached_here",
    "people_for_export",
    "rate_on",
]
