"""Many rows, quickly: the tables behind the pages filled by the database itself."""

from django.db import connection

from tests.cast import World

PEOPLE = """
INSERT INTO people_person (password, email, name, known_as, title, time_zone, is_active, created_at)
SELECT '!', 'crowd-' || i || '@crowd.example', 'Crowd ' || i, '', '', 'Europe/London', true, now()
FROM generate_series(%(start)s, %(stop)s) AS i
"""
GRANTS = """
INSERT INTO people_rolegrant (person_id, organisation_id, role, since)
SELECT id, %(organisation)s, 'coachee', timestamptz '2026-09-01' FROM people_person p
WHERE email LIKE 'crowd-%%' AND NOT EXISTS (SELECT FROM people_rolegrant g WHERE g.person_id = p.id)
"""
# A thousand are in the cast's cohort, which is more than any cohort had; the others in another. One in a hundred of
# the first has the coach of the cast.
ENROLMENTS = """
INSERT INTO programmes_enrolment (cohort_id, person_id, institution_id, engagement_id, discipline, department,
    line_manager, state, enrolled_at, opts_out_of_groups, styles)
SELECT CASE WHEN n <= 1000 THEN %(cohort)s ELSE %(other_cohort)s END, id, %(institution)s,
    CASE WHEN n <= 1000 AND n %% 100 = 0 THEN %(engagement)s END, 'Physics', '', '', 'active',
    timestamptz '2026-09-01', false, '[]'
FROM (SELECT id, substring(email from 7 for position('@' in email) - 7)::int AS n FROM people_person
    WHERE email LIKE 'crowd-%%') AS crowd
WHERE n >= %(start)s
"""
ENTITLEMENTS = """
INSERT INTO ledger_entitlement (enrolment_id, kind, promised, booked, used, released)
SELECT e.id, k.kind, k.minutes, 0, 0, 0
FROM programmes_enrolment e CROSS JOIN (VALUES ('one_to_one', 210), ('group', 900)) AS k(kind, minutes)
WHERE NOT EXISTS (SELECT FROM ledger_entitlement l WHERE l.enrolment_id = e.id)
"""
# One-to-one sessions one after another, so that nobody is in two at once.
SESSIONS = """
WITH made AS (
    INSERT INTO delivery_coachingsession (cohort_id, kind, engagement_id, enrolment_id, position, minutes, state, mode,
        "where", wall_starts, time_zone, starts_at, ends_at, version)
    SELECT %(cohort)s, 'one_to_one', %(engagement)s, %(enrolment)s, 1, 60, 'held', 'online', '',
        at, 'UTC', at, at + interval '1 hour', 1
    FROM generate_series(%(start)s, %(stop)s) AS i,
        LATERAL (SELECT timestamptz '2027-02-01' - i * interval '8 hours') AS t(at)
    RETURNING id, starts_at, ends_at
), taken AS (
    INSERT INTO delivery_persontime (person_id, session_id, during)
    SELECT %(coach)s, id, tstzrange(starts_at, ends_at) FROM made
)
INSERT INTO delivery_attendance (session_id, enrolment_id, mark, marked_by_id, marked_at)
SELECT id, %(enrolment)s, 'attended', %(coach)s, now() FROM made
"""
UNDATED = """
INSERT INTO delivery_coachingsession (cohort_id, kind, engagement_id, enrolment_id, position, minutes, state, mode,
    "where", time_zone, version)
SELECT e.cohort_id, 'one_to_one', e.engagement_id, e.id, 1, 60, 'undated', 'online', '', 'Europe/London', 1
FROM programmes_enrolment e JOIN people_person p ON p.id = e.person_id
WHERE p.email LIKE 'crowd-%%' AND e.engagement_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM delivery_coachingsession s WHERE s.enrolment_id = e.id)
"""
# Everybody waits for one answer and has one thing arranged.
ADJUSTMENTS = """
INSERT INTO programmes_adjustment (enrolment_id, need, other, arrangement, group_told, due_after, instead, state,
    asked_by_id, asked_at, answered_by_id, answered_at)
SELECT e.id, k.need, '', k.arrangement, '', false, '', k.state, e.person_id, timestamptz '2027-02-01',
    CASE WHEN k.state = 'agreed' THEN %(coach)s::bigint END,
    CASE WHEN k.state = 'agreed' THEN timestamptz '2027-02-02' END
FROM programmes_enrolment e JOIN people_person p ON p.id = e.person_id
CROSS JOIN (VALUES ('camera_off', '', 'waiting'), ('written', 'A summary.', 'agreed')) AS k(need, arrangement, state)
WHERE p.email LIKE 'crowd-%%' AND NOT EXISTS (SELECT FROM programmes_adjustment a WHERE a.enrolment_id = e.id)
"""
MOVES = """
INSERT INTO programmes_moverequest (enrolment_id, wish, state, asked_by_id, asked_at, moves, points, rule_against)
SELECT e.id, 'another', 'waiting', e.person_id, timestamptz '2027-02-01', '[]', '{}', ''
FROM programmes_enrolment e JOIN people_person p ON p.id = e.person_id
WHERE p.email LIKE 'crowd-%%' AND NOT EXISTS (SELECT FROM programmes_moverequest m WHERE m.enrolment_id = e.id)
"""
# Every second one of the cast's cohort has said something about the times that are offered there.
CHOICES = """
INSERT INTO programmes_slotchoice (slot_id, enrolment_id, can_come, state, said_at)
SELECT s.id, e.id, e.id %% 4 = 0, 'said', now()
FROM programmes_enrolment e JOIN people_person p ON p.id = e.person_id
    JOIN programmes_groupslot s ON s.cohort_id = e.cohort_id
WHERE p.email LIKE 'crowd-%%' AND e.id %% 2 = 0
    AND NOT EXISTS (SELECT FROM programmes_slotchoice c WHERE c.enrolment_id = e.id AND c.slot_id = s.id)
"""
AUDIT = """
INSERT INTO foundation_auditentry (at, organisation_id, action, subject_kind, facts)
SELECT now(), %(organisation)s, 'crowd', 'crowd', '{}' FROM generate_series(%(start)s, %(stop)s)
"""


def gather(world: World, start: int, stop: int) -> None:
    """Add people `start`…`stop` to the cohort, each with an undated session, and as many sessions that were held."""
    values = {
        "start": start,
        "stop": stop,
        "organisation": world.eastmere.pk,
        "cohort": world.cohort.pk,
        "other_cohort": world.other_cohort.pk,
        "institution": world.northgate.pk,
        "engagement": world.engagements["ioana"].pk,
        "enrolment": world.enrolments["thandiwe"].pk,
        "coach": world.ioana.pk,
    }
    with connection.cursor() as cursor:
        for statement in (
            PEOPLE,
            GRANTS,
            ENROLMENTS,
            ENTITLEMENTS,
            SESSIONS,
            UNDATED,
            CHOICES,
            ADJUSTMENTS,
            MOVES,
            AUDIT,
        ):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE")
