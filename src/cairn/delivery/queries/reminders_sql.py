"""Who is in which session to come, and when they wish to be reminded: one statement at any number of sessions.

Whoever has left, has sent apologies, no longer coaches there or whose role has ended is in none of them, whatever was
written for them once.
"""

SEATS = """
WITH coming AS (
    SELECT s.id, s.kind, s.starts_at, s.time_zone, s.cohort_id, s.engagement_id, s.enrolment_id,
           (s.wall_starts AT TIME ZONE 'UTC')::date AS day
    FROM delivery_coachingsession s
    WHERE s.state = 'booked' AND s.starts_at > %(at)s AND s.starts_at <= %(last)s
      AND (%(sessions)s::bigint[] IS NULL OR s.id = ANY(%(sessions)s::bigint[]))
), seats AS (
    SELECT t.session_id, t.person_id FROM delivery_persontime t JOIN coming ON coming.id = t.session_id
  UNION
    SELECT coming.id, e.person_id FROM coming JOIN programmes_coachengagement e ON e.id = coming.engagement_id
  UNION
    SELECT coming.id, n.person_id FROM coming JOIN programmes_enrolment n ON n.id = coming.enrolment_id
  UNION
    SELECT place.session_id, n.person_id FROM delivery_sessionplace place
      JOIN coming ON coming.id = place.session_id JOIN programmes_enrolment n ON n.id = place.enrolment_id
      WHERE place.state = 'seated'
), there AS (
    SELECT coming.*, seats.person_id AS person,
      EXISTS (SELECT FROM programmes_coachengagement e
        JOIN programmes_cohort h ON h.id = e.cohort_id JOIN programmes_programme pr ON pr.id = h.programme_id
        JOIN people_rolegrant g ON g.person_id = e.person_id AND g.organisation_id = pr.organisation_id
          AND g.role = 'coach' AND g.since <= %(at)s AND (g.until IS NULL OR g.until > %(at)s)
        WHERE e.cohort_id = coming.cohort_id AND e.person_id = seats.person_id
          AND (coming.engagement_id = e.id OR coming.engagement_id IS NULL)
          AND (e.state = ANY(%(at_work)s) OR e.ended_on > coming.day)) AS is_coach,
      EXISTS (SELECT FROM programmes_enrolment n
        JOIN programmes_cohort h ON h.id = n.cohort_id JOIN programmes_programme pr ON pr.id = h.programme_id
        JOIN people_rolegrant g ON g.person_id = n.person_id AND g.organisation_id = pr.organisation_id
          AND g.role = 'coachee' AND g.since <= %(at)s AND (g.until IS NULL OR g.until > %(at)s)
        WHERE n.cohort_id = coming.cohort_id AND n.person_id = seats.person_id
          AND (coming.enrolment_id IS NULL OR coming.enrolment_id = n.id)
          AND (n.left_on IS NULL AND n.state = ANY(%(taking_part)s) OR n.left_on > coming.day)
          AND NOT EXISTS (SELECT FROM delivery_apology a WHERE a.session_id = coming.id AND a.enrolment_id = n.id)
      ) AS is_coachee
    FROM seats JOIN coming ON coming.id = seats.session_id
    WHERE %(person)s::bigint IS NULL OR seats.person_id = %(person)s
)
SELECT there.id AS session, there.starts_at, there.time_zone AS session_zone, there.person, there.is_coach,
       p.time_zone AS zone, c.minutes_before, c.quiet_from, c.quiet_until
FROM there JOIN people_person p ON p.id = there.person LEFT JOIN delivery_reminderchoice c ON c.person_id = there.person
WHERE p.is_active AND (there.is_coach OR there.is_coachee)
  AND there.starts_at - make_interval(mins => coalesce(
        (SELECT max(minutes) FROM unnest(coalesce(c.minutes_before, %(usual)s)) AS minutes), -1)) <= %(until)s
ORDER BY there.starts_at, there.id, there.person
"""

KNOWN = """
SELECT subject_id AS session, at, action, facts ->> 'starts_at' AS starts_at FROM foundation_auditentry
WHERE subject_kind = 'session' AND subject_id = ANY(%(sessions)s) AND facts ? 'starts_at'
ORDER BY subject_id, id DESC
"""
