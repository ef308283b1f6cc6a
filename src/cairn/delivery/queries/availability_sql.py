"""When coaches can be met, as SQL: see `cairn.foundation.statements` for why.

RULES is what one coach says of their time, in one row. TAKEN is everything in the way of some people between two
instants: sessions, with their ids (`counts` where the coach coaches), busy times of their own calendars, live holds on
coaches, and the days on which the organisation is closed, as midnights in UTC.
"""

from cairn.delivery.models import Availability
from cairn.foundation.statements import columns

RULES = f"""
SELECT {columns(Availability, "a")},
  ARRAY(SELECT json_build_array(h.weekday, h.starts, h.ends, h.place_id)
    FROM delivery_weeklyhours h WHERE h.availability_id = a.id ORDER BY h.weekday, h.starts, h.id) AS hours,
  ARRAY(SELECT json_build_array(x.id, x.first_on, x.last_on, x.starts, x.ends, x.is_open)
    FROM delivery_availabilityexception x
    WHERE x.availability_id = a.id AND x.first_on <= %(last)s AND x.last_on >= %(first)s
    ORDER BY x.first_on, x.id) AS differing,
  ARRAY(SELECT json_build_array(p.id, p.name, p.mode)
    FROM delivery_meetingplace p WHERE p.person_id = a.person_id ORDER BY p.position, p.id) AS places
FROM delivery_availability a WHERE a.person_id = %(coach)s
"""  # noqa: S608 - only names of columns are put in

TAKEN = """
SELECT 'session' AS kind, t.person_id AS person, lower(t.during) AS begins, upper(t.during) AS ends,
  coalesce(e.person_id = %(coach)s, false) AS counts, t.session_id AS session
FROM delivery_persontime t
  JOIN delivery_coachingsession s ON s.id = t.session_id
  LEFT JOIN programmes_coachengagement e ON e.id = s.engagement_id
WHERE t.person_id = ANY(%(people)s) AND t.during && tstzrange(%(begins)s, %(ends)s) AND t.session_id <> %(session)s
UNION ALL
SELECT 'busy', b.person_id, greatest(lower(b.during), %(begins)s), least(upper(b.during), %(ends)s), false, NULL
FROM delivery_busytime b
WHERE b.person_id = ANY(%(people)s) AND b.during && tstzrange(%(begins)s, %(ends)s)
UNION ALL
SELECT 'hold', h.coach_id, lower(h.during), upper(h.during), true, NULL
FROM delivery_hold h
WHERE h.coach_id = ANY(%(coaches)s) AND h.during && tstzrange(%(begins)s, %(ends)s)
  AND (%(at)s::timestamptz IS NULL OR h.expires_at > %(at)s)
  AND h.session_id <> %(session)s AND h.by_id <> %(holder)s
UNION ALL
SELECT 'closed', 0, c."on"::timestamp AT TIME ZONE 'UTC', NULL, false, NULL
FROM programmes_closedday c
WHERE c.organisation_id = %(organisation)s AND c."on" BETWEEN %(first)s AND %(last)s
"""
