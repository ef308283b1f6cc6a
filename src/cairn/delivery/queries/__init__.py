"""Reads about sessions, and what several rooms know together. Each takes its reader, or what its reader was given."""

from cairn.delivery.queries.engaging import (
    CoachMinutes,
    CoachRow,
    coach_minutes,
    coach_rows,
    commission_for,
    has_coached_here,
    rate_on,
)
from cairn.delivery.queries.free import next_free
from cairn.delivery.queries.people import (
    CohortPeople,
    PeopleFilter,
    PersonRow,
    attendance_of,
    cohort_people,
    people_for_export,
)
from cairn.delivery.queries.seats import Seat
from cairn.delivery.queries.sessions import (
    CoacheeSessions,
    CoachSessions,
    MarkMade,
    SeenSession,
    coach_sessions,
    coachee_sessions,
    marks_made,
    session_for,
    sessions_between,
    sessions_of_day,
    undated_sessions,
    upcoming_sessions,
)
from cairn.delivery.queries.timetable import (
    CoachShare,
    CohortTimetable,
    GroupSeries,
    TimetableRow,
    cohort_sessions,
    cohort_timetable,
    sessions_for_export,
)
from cairn.delivery.queries.words import title, when_words
from cairn.people.queries import NotFound

__all__ = [
    "CoachMinutes",
    "CoachRow",
    "CoachSessions",
    "CoachShare",
    "CoacheeSessions",
    "CohortPeople",
    "CohortTimetable",
    "GroupSeries",
    "MarkMade",
    "NotFound",
    "PeopleFilter",
    "PersonRow",
    "Seat",
    "SeenSession",
    "TimetableRow",
    "attendance_of",
    "coach_minutes",
    "coach_rows",
    "coach_sessions",
    "coachee_sessions",
    "cohort_people",
    "cohort_sessions",
    "cohort_timetable",
    "commission_for",
    "has_coached_here",
    "marks_made",
    "next_free",
    "people_for_export",
    "rate_on",
    "session_for",
    "sessions_between",
    "sessions_for_export",
    "sessions_of_day",
    "title",
    "undated_sessions",
    "upcoming_sessions",
    "when_words",
]
