"""A coach's day as SQL: see `cairn.foundation.statements` for why.

ENGAGEMENTS are the reader's own, SESSIONS what happens on a day and, today, what waits; CHANGES are the marks made in
sessions and ACCOUNTS the minutes of people. None of them grows with what lies behind: each finds its rows by an index.
"""

from cairn.delivery.models import CoachingSession
from cairn.foundation.statements import columns
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment

ENGAGEMENTS = f"""
SELECT {columns(CoachEngagement, "e")}, {columns(Cohort, "c")},
  (SELECT min(s.starts_at) FROM delivery_coachingsession s
    WHERE s.engagement_id = e.id AND s.state = 'booked' AND s.starts_at >= %(after)s) AS next_starts_at,
  ARRAY(SELECT json_build_object('id', o.id, 'session', s.id, 'group', g.number, 'position', s.position,
      'zone', s.time_zone, 'closes_at', o.closes_at, 'answered', (SELECT count(DISTINCT a.enrolment_id)
        FROM delivery_pollanswer a JOIN delivery_polltime t ON t.id = a.time_id WHERE t.poll_id = o.id))
    FROM delivery_poll o JOIN delivery_coachingsession s ON s.id = o.session_id
      JOIN programmes_coachinggroup g ON g.id = s.group_id
    WHERE s.engagement_id = e.id AND o.state = 'open' AND s.starts_at > %(at)s
    ORDER BY o.closes_at, o.id LIMIT 20) AS polls
FROM programmes_coachengagement e
  JOIN programmes_cohort c ON c.id = e.cohort_id JOIN programmes_programme p ON p.id = c.programme_id
WHERE e.person_id = %(reader)s AND e.state = ANY(%(at_work)s) AND p.organisation_id = ANY(%(organisations)s)
ORDER BY c.starts_on DESC, e.id
"""  # noqa: S608 - only names of columns are put in

# What waits: not written up, written up in part, without a date, familiarisation held, meetings of coaches to come.
SESSIONS = f"""
SELECT {columns(CoachingSession, "s")}, {columns(CoachingGroup, "g")}, {columns(Enrolment, "n")},
  {columns(Person, "p")}, d.title,
  ARRAY(SELECT json_build_object('enrolment', a.enrolment_id, 'in_time', a.in_time)
    FROM delivery_apology a WHERE a.session_id = s.id) AS apologies,
  ARRAY(SELECT x.engagement_id FROM delivery_sessionplace x
    WHERE x.session_id = s.id AND x.state = 'away' AND x.engagement_id IS NOT NULL) AS away
FROM delivery_coachingsession s
  LEFT JOIN programmes_coachinggroup g ON g.id = s.group_id
  LEFT JOIN programmes_enrolment n ON n.id = s.enrolment_id LEFT JOIN people_person p ON p.id = n.person_id
  LEFT JOIN delivery_sessiondetail d ON d.session_id = s.id
WHERE (s.engagement_id = ANY(%(engagements)s)
    OR s.kind IN ('coach_meeting', 'celebration') AND s.cohort_id = ANY(%(cohorts)s))
  AND (s.starts_at >= %(begins)s AND s.starts_at < %(ends)s OR %(is_today)s AND (
    s.ends_at <= %(at)s AND (s.state = 'booked' AND s.starts_at >= %(unwritten_since)s
      OR s.state = 'held' AND s.kind NOT IN ('one_to_one', 'familiarisation') AND s.starts_at >= %(half_written_since)s)
    OR s.kind = 'one_to_one' AND s.state = 'undated'
    OR s.kind = 'familiarisation' AND s.state = 'held'
    OR s.kind IN ('coach_meeting', 'celebration') AND s.state = 'booked' AND s.starts_at >= %(ends)s))
ORDER BY s.starts_at, s.position, s.id
"""  # noqa: S608 - only names of columns are put in

CHANGES = """
SELECT a.session_id AS session, a.enrolment_id AS enrolment, a.engagement_id AS engagement, n.person_id AS person,
  who.name, n.discipline, c.mark, marker.name AS by, c.at AS moment
FROM delivery_attendancechange c
  JOIN delivery_attendance a ON a.id = c.attendance_id
  JOIN people_person marker ON marker.id = c.by_id
  LEFT JOIN programmes_enrolment n ON n.id = a.enrolment_id LEFT JOIN people_person who ON who.id = n.person_id
WHERE a.session_id = ANY(%(sessions)s) ORDER BY c.at, c.id
"""

# With what is arranged for whoever still takes part, as the coach is told it; what was needed is not read.
ACCOUNTS = """
SELECT l.enrolment_id AS enrolment, l.kind, l.promised, l.booked, l.used, l.released,
  ARRAY(SELECT json_build_array(a.arrangement, a.due_after) FROM programmes_adjustment a
    JOIN programmes_enrolment n ON n.id = a.enrolment_id
    WHERE a.enrolment_id = l.enrolment_id AND a.state = 'agreed' AND a.arrangement <> ''
      AND n.state = ANY(%(taking_part)s) ORDER BY a.arrangement, a.id) AS arranged
FROM ledger_entitlement l WHERE l.enrolment_id = ANY(%(enrolments)s)
"""
