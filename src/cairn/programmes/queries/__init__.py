"""Reads about programmes. Each takes its reader, or a thing that its reader was given; all else is not found."""

from cairn.people.queries import NotFound
from cairn.programmes.queries import plan
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
from cairn.programmes.queries.coaches import (
    conflicts_of,
    engagement_in,
    engagements_in,
    names_for_conflicts,
    offered_to,
    offers_to,
    pairs_in_conflict,
)
from cairn.programmes.queries.cohort_people import (
    cohort_with_counts,
    departments,
    enrolment_in,
    enrolments_in,
    group_sizes,
    newest_invitation,
    places_of,
)
from cairn.programmes.queries.import_shapes import NewEnrolment, Plan
from cairn.programmes.queries.imports import (
    import_plan,
    imports_of,
    institution_named,
    institutions_of,
    participant_import,
    remembered_columns,
    taken_back_enrolments,
    unpack,
)
from cairn.programmes.queries.joining import MixingQuestion, acceptances_of, joining, mixing_questions
from cairn.programmes.queries.mixing import MixingCounts, mixing_counts
from cairn.programmes.queries.plan import CohortValues, closed_dates, closed_days, mixing_attributes

__all__ = [
    "CohortValues",
    "MixingCounts",
    "MixingQuestion",
    "NewEnrolment",
    "NotFound",
    "Plan",
    "acceptances_of",
    "closed_dates",
    "closed_days",
    "cohort",
    "cohort_with_counts",
    "cohorts",
    "conflicts_of",
    "departments",
    "engagement_in",
    "engagement_of",
    "engagements_in",
    "engagements_of",
    "enrolment_in",
    "enrolment_of",
    "enrolments_in",
    "enrolments_of",
    "group_sizes",
    "import_plan",
    "imports_of",
    "institution_named",
    "institutions_of",
    "joining",
    "mixing_attributes",
    "mixing_counts",
    "mixing_questions",
    "names_for_conflicts",
    "newest_invitation",
    "offered_to",
    "offers_to",
    "pairs_in_conflict",
    "participant_import",
    "places_of",
    "plan",
    "programme",
    "programmes",
    "remembered_columns",
    "taken_back_enrolments",
    "unpack",
]
