"""The table of a cohort's people as SQL: see `cairn.foundation.statements` for why.

EVERYBODY is who ever enrolled, with what the table shows of them. PAGE says who `needs` a coordinator, counts people
and picks one page; it always gives at least one row, so that counts come even when nobody fits. WHOLE is for files.
"""

EVERYBODY = """(
  SELECT e.id, p.name, p.email, e.discipline, e.institution_id, e.state, e.own_time_since, e.left_on,
    e.opts_out_of_groups, coalesce(nullif(i.short_name, ''), i.name) AS institution, i.name AS institution_name,
    c.name AS coach, place.number AS group_number, p.last_login IS NOT NULL AS has_joined,
    not %(has_agreement)s OR EXISTS (SELECT FROM programmes_agreementacceptance a
      WHERE a.enrolment_id = e.id AND a.version = %(agreement_version)s) AS has_agreed,
    EXISTS (SELECT FROM programmes_newposition n
      WHERE n.enrolment_id = e.id AND n.state = 'waiting') AS waits_for_new_position,
    ARRAY(SELECT a.mark::text FROM delivery_attendance a JOIN delivery_coachingsession s ON s.id = a.session_id
      WHERE a.enrolment_id = e.id AND s.starts_at <= %(at)s
      ORDER BY s.starts_at DESC, a.id DESC LIMIT 2) = ARRAY['missed', 'missed'] AS missed_two,
    g.promised AS g_promised, g.booked AS g_booked, g.used AS g_used, g.released AS g_released,
    o.promised AS o_promised, o.booked AS o_booked, o.used AS o_used, o.released AS o_released,
    coalesce(g.promised - g.booked - g.used - g.released, 0) AS group_left,
    coalesce(o.promised - o.booked - o.used - o.released, 0) AS one_to_one_left,
    coalesce(g.booked, 0) + coalesce(o.booked, 0) AS minutes_booked
  FROM programmes_enrolment e
    JOIN people_person p ON p.id = e.person_id
    JOIN programmes_partnerinstitution i ON i.id = e.institution_id
    LEFT JOIN programmes_coachengagement ce ON ce.id = e.engagement_id
    LEFT JOIN people_person c ON c.id = ce.person_id
    LEFT JOIN ledger_entitlement g ON g.enrolment_id = e.id AND g.kind = 'group'
    LEFT JOIN ledger_entitlement o ON o.enrolment_id = e.id AND o.kind = 'one_to_one'
    LEFT JOIN LATERAL (SELECT cg.number FROM programmes_groupplace gp
      JOIN programmes_coachinggroup cg ON cg.id = gp.group_id
      WHERE gp.enrolment_id = e.id AND (gp.to_on IS NULL OR gp.to_on > %(today)s)
      ORDER BY gp.from_on LIMIT 1) place ON true
  WHERE e.cohort_id = %(cohort)s
)"""

PAGE = """, judged AS (
  SELECT *, state = ANY(%(taking_part)s) AND (waits_for_new_position OR missed_two
    OR %(has_begun)s AND NOT (has_joined AND has_agreed)
    OR %(end_is_near)s AND minutes_booked = 0 AND group_left + one_to_one_left > 0) AS needs
  FROM everybody
), shown AS (
  SELECT * FROM judged
  WHERE state = ANY(%(states)s) AND (needs OR NOT %(only_needing)s)
    AND concat_ws(chr(10), name, email, discipline, coach) ILIKE ALL(%(words)s)
    AND (%(group)s::int IS NULL OR coalesce(group_number, 0) = %(group)s)
    AND (%(institution)s::int IS NULL OR institution_id = %(institution)s)
), counted AS (
  SELECT (SELECT count(*) FROM shown) AS shown_in_all,
    count(*) FILTER (WHERE state = ANY(%(taking_part)s)) AS total, count(*) FILTER (WHERE needs) AS needing
  FROM judged
)
SELECT counted.*, page.* FROM counted LEFT JOIN (
  SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM shown
  ORDER BY place LIMIT %(per_page)s
  OFFSET least(%(page)s - 1, (SELECT greatest(shown_in_all - 1, 0) / %(per_page)s FROM counted)) * %(per_page)s
) page ON true ORDER BY page.place
"""

WHOLE = """
SELECT * FROM everybody WHERE %(only)s::bigint[] IS NULL OR id = ANY(%(only)s) ORDER BY name, id
"""

WITH_ONE_READING = "WITH everybody AS MATERIALIZED "  # or the last marks would be looked for twice
SORTS = {
    "name": "name",
    "discipline": "discipline",
    "institution": "institution_name",
    "group": "group_number",
    "coach": "coach",
    "group_left": "group_left",
    "one_to_one_left": "one_to_one_left",
}
# A statement for every way to sort, either way; people of one value by name, nothing known comes last.
PAGES = {
    sign + key: WITH_ONE_READING + EVERYBODY + PAGE.format(order=f"{column} {way} NULLS LAST, name, id")
    for key, column in SORTS.items()
    for sign, way in (("", "ASC"), ("-", "DESC"))
}
EXPORT = "WITH everybody AS " + EVERYBODY + WHOLE
