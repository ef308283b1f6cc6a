"""Who coaches whom at a moment, as SQL: asked on every reading of what somebody shares, so it is one statement.

Each row is one enrolment with one coach who holds it: alone, or by the group in which the person has a seat that day.
The person takes part, the engagement is accepted, the coach's role holds, and both may sign in. Conflicts of interest
are judged by `programmes.rules.Conflicts` afterwards.
"""

from cairn.foundation import statements
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement

_COACHINGS = """
SELECT e.id AS enrolment_id, e.person_id, e.department, e.line_manager, c.name AS cohort, c.id AS cohort_id,
  e.engagement_id = ce.id AS is_alone, me.name AS person,
  (SELECT jsonb_object_agg(a.kind, jsonb_build_object('kind', a.kind, 'promised', a.promised, 'booked', a.booked,
      'used', a.used, 'released', a.released)) FROM ledger_entitlement a WHERE a.enrolment_id = e.id) AS accounts,
  {engagement}, {coach}
FROM programmes_enrolment e
  JOIN people_person me ON me.id = e.person_id AND me.is_active
  JOIN programmes_cohort c ON c.id = e.cohort_id
  JOIN programmes_programme p ON p.id = c.programme_id
  CROSS JOIN LATERAL (SELECT (%(at)s AT TIME ZONE c.time_zone)::date AS day) today
  JOIN programmes_coachengagement ce ON ce.cohort_id = c.id AND ce.state = ANY(%(at_work)s)
  JOIN people_person coach ON coach.id = ce.person_id AND coach.is_active
WHERE e.person_id = ANY(%(people)s) AND e.person_id <> coach.id
  AND (%(coach)s::bigint IS NULL OR coach.id = %(coach)s)
  AND (e.left_on IS NULL AND e.state = ANY(%(taking_part)s) OR e.left_on > today.day)
  AND (e.engagement_id = ce.id OR EXISTS (
    SELECT FROM programmes_groupplace gp JOIN programmes_coachinggroup g ON g.id = gp.group_id
    WHERE gp.enrolment_id = e.id AND g.engagement_id = ce.id
      AND gp.from_on <= today.day AND (gp.to_on IS NULL OR gp.to_on > today.day)))
  AND EXISTS (SELECT FROM people_rolegrant r WHERE r.person_id = coach.id AND r.organisation_id = p.organisation_id
    AND r.role = 'coach' AND r.since <= %(at)s AND (r.until IS NULL OR r.until > %(at)s))
ORDER BY e.enrolled_at DESC, coach.name, ce.id
"""
COACHINGS = _COACHINGS.format(
    engagement=statements.columns(CoachEngagement, "ce"),
    coach=statements.columns(Person, "coach"),
)
