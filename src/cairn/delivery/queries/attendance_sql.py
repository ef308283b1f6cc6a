"""The attendance of a cohort as SQL: see `cairn.foundation.statements` for why.

SEATS is every coachee at every session that is over or was marked, also one they cancelled late, with the mark where
there is one. Whoever has a mark stays in, also after leaving; the others are in a session as `cairn.delivery.rules`
says. PEOPLE sums the seats up for each person, apart from sessions to which nobody has to come. PAGE counts and picks
one page; it always gives at least one row, so that counts come even when nobody fits. MARKS is for files.
"""

SEATS = """
WITH past AS (
  SELECT id, kind, state, group_id, enrolment_id, starts_at, (wall_starts AT TIME ZONE 'UTC')::date AS on_day,
    kind NOT IN ('topic', 'drop_in', 'celebration') AS counts
  FROM delivery_coachingsession c
  WHERE cohort_id = %(cohort)s AND kind <> 'familiarisation'
    AND (state = 'held' OR state = 'booked' AND ends_at <= %(at)s
      OR state = 'cancelled' AND EXISTS (SELECT FROM delivery_attendance a WHERE a.session_id = c.id))
), seats AS (
  SELECT seat.session_id, seat.enrolment_id, past.state, past.starts_at, past.counts, a.id AS mark_id, a.mark::text
  FROM (
    SELECT s.id AS session_id, e.id AS enrolment_id
    FROM past s JOIN programmes_groupplace place ON place.group_id = s.group_id
        AND place.from_on <= s.on_day AND (place.to_on IS NULL OR place.to_on > s.on_day)
      JOIN programmes_enrolment e ON e.id = place.enrolment_id
    WHERE s.kind = 'group' AND (e.left_on > s.on_day OR e.left_on IS NULL AND e.state = ANY(%(taking_part)s))
    UNION
    SELECT s.id, e.id FROM past s JOIN programmes_enrolment e ON e.id = s.enrolment_id
    WHERE e.left_on > s.on_day OR e.left_on IS NULL AND e.state = ANY(%(taking_part)s)
    UNION
    SELECT s.id, e.id FROM past s JOIN delivery_sessionplace place ON place.session_id = s.id AND place.state = 'seated'
      JOIN programmes_enrolment e ON e.id = place.enrolment_id
    WHERE s.kind <> 'celebration'
      AND (e.left_on > s.on_day OR e.left_on IS NULL AND e.state = ANY(%(taking_part)s))
    UNION
    SELECT s.id, a.enrolment_id FROM past s JOIN delivery_attendance a ON a.session_id = s.id
    WHERE a.enrolment_id IS NOT NULL
  ) seat JOIN past ON past.id = seat.session_id
    LEFT JOIN delivery_attendance a ON a.session_id = seat.session_id AND a.enrolment_id = seat.enrolment_id
)"""

PEOPLE = """, sums AS (
  SELECT enrolment_id, count(*) FILTER (WHERE state <> 'booked') AS held, count(mark) AS marked,
    count(*) FILTER (WHERE mark = 'attended') AS attended, count(*) FILTER (WHERE mark = 'excused') AS excused,
    count(*) FILTER (WHERE mark = 'late_cancelled') AS late_cancelled,
    count(*) FILTER (WHERE mark = 'missed') AS missed,
    coalesce((array_agg(mark ORDER BY starts_at DESC, mark_id DESC) FILTER (WHERE mark IS NOT NULL))[1:6], '{{}}')
      AS latest
  FROM seats WHERE counts GROUP BY enrolment_id
), everybody AS (
  SELECT e.id, p.name, e.state, e.left_on, place.number AS group_number, coalesce(held, 0) AS held,
    coalesce(marked, 0) AS marked, coalesce(attended, 0) AS attended, coalesce(excused, 0) AS excused,
    coalesce(late_cancelled, 0) AS late_cancelled, coalesce(missed, 0) AS missed, coalesce(latest, '{{}}') AS latest,
    attended::float / nullif(marked, 0) AS share, e.state = ANY(%(taking_part)s) AS takes_part,
    coalesce(latest[1:2] = ARRAY['missed', 'missed'], false) AS missed_two,
    coalesce(attended * 2 < marked - excused, false) AS under_half
  FROM programmes_enrolment e
    JOIN people_person p ON p.id = e.person_id
    LEFT JOIN sums ON sums.enrolment_id = e.id
    LEFT JOIN LATERAL (SELECT g.number FROM programmes_groupplace gp
      JOIN programmes_coachinggroup g ON g.id = gp.group_id
      WHERE gp.enrolment_id = e.id AND (gp.to_on IS NULL OR gp.to_on > %(today)s)
      ORDER BY gp.from_on LIMIT 1) place ON true
  WHERE e.cohort_id = %(cohort)s AND (e.state = ANY(%(taking_part)s) OR sums.held > 0)
)"""

PAGE = """, shown AS (
  SELECT * FROM everybody
  WHERE (%(group)s::int IS NULL OR coalesce(group_number, 0) = %(group)s)
    AND (NOT %(only_behind)s OR takes_part AND (missed_two OR under_half))
), incomplete AS (
  SELECT session_id, min(starts_at) AS starts_at FROM seats WHERE state = 'held' AND mark IS NULL GROUP BY session_id
), counted AS (
  SELECT (SELECT count(*) FROM shown) AS shown_in_all, count(*) AS total,
    count(*) FILTER (WHERE takes_part AND (missed_two OR under_half)) AS behind,
    coalesce(sum(attended), 0)::int AS attended_in_all, coalesce(sum(marked), 0)::int AS marked_in_all,
    (SELECT count(*) FROM past WHERE state = 'held' AND counts AND kind <> 'coach_meeting') AS held_in_all,
    (SELECT count(*) FROM past WHERE state = 'booked') + (SELECT count(*) FROM incomplete) AS to_write_up,
    ARRAY(SELECT session_id FROM incomplete ORDER BY starts_at, session_id LIMIT %(most)s) AS incomplete
  FROM everybody
)
SELECT counted.*, page.* FROM counted LEFT JOIN (
  SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM shown
  ORDER BY place LIMIT %(per_page)s
  OFFSET least(%(page)s - 1, (SELECT greatest(shown_in_all - 1, 0) / %(per_page)s FROM counted)) * %(per_page)s
) page ON true ORDER BY page.place
"""

MARKS = """
SELECT p.name, s.kind, g.number AS group_number, s.position, c.name AS coach, s.starts_at, s.ends_at, s.time_zone,
  s.minutes, s.state, seat.mark
FROM (
  SELECT session_id, enrolment_id, NULL::bigint AS engagement_id, mark FROM seats
  UNION ALL
  SELECT a.session_id, NULL, a.engagement_id, a.mark FROM past JOIN delivery_attendance a ON a.session_id = past.id
  WHERE a.engagement_id IS NOT NULL
) seat
  JOIN delivery_coachingsession s ON s.id = seat.session_id
  LEFT JOIN programmes_enrolment e ON e.id = seat.enrolment_id
  LEFT JOIN programmes_coachengagement own ON own.id = seat.engagement_id
  JOIN people_person p ON p.id = coalesce(e.person_id, own.person_id)
  LEFT JOIN programmes_coachinggroup g ON g.id = s.group_id
  LEFT JOIN programmes_coachengagement ce ON ce.id = s.engagement_id
  LEFT JOIN people_person c ON c.id = ce.person_id
ORDER BY p.name, p.id, s.starts_at, s.id
"""

SORTS = {"name": "name", "share": "share"}
# A statement for every way to sort, either way; people of one value by name, those without a mark last.
PAGES = {
    sign + key: SEATS + (PEOPLE + PAGE).format(order=f"{column} {way} NULLS LAST, name, id")
    for key, column in SORTS.items()
    for sign, way in (("", "ASC"), ("-", "DESC"))
}
EXPORT = SEATS + MARKS
