"""Reads about programmes. Each takes its reader; what the reader may not know of is not found."""

from cairn.people.queries import NotFound
from cairn.programmes.queries.access import (
    cohort,
    cohorts,
    engagement_of,
    engagements_of,
    enrolment_of,
    enrolments_of,
    programme,
    programmes,
)

__all__ = [
    "NotFound",
    "cohort",
    "cohorts",
    "engagement_of",
    "engagements_of",
    "enrolment_of",
    "enrolments_of",
    "programme",
    "programmes",
]
