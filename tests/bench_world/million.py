"""Many sessions of other people: cohorts of fifty with five coaches, twenty to an organisation, made by the database.

Every person has twenty one-to-one sessions, half of them held and marked, and everybody's time is taken.
Foreign keys, indexes and the rule that nobody is double booked come off while the rows go in and are made afterwards:
that is several times as fast. Ids count on from those there are.
"""

from django.db import connection, transaction

from cairn.delivery.models import Attendance, CoachingSession, PersonTime
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import Organisation, Person, RoleGrant
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, PartnerInstitution, Programme
from tests import cast

COHORTS_IN_ONE, COACHES, PEOPLE, SESSIONS_EACH = 20, 5, 50, 20
PER_COHORT = PEOPLE * SESSIONS_EACH
IN_ONE = {"cohorts_in_one": COHORTS_IN_ONE, "coaches": COACHES, "people": PEOPLE, "each": SESSIONS_EACH}
MODELS = (
    *(Organisation, Person, RoleGrant, Programme, PartnerInstitution, Cohort, CoachEngagement, Enrolment),
    *(CoachTime, Entitlement, CoachingSession, PersonTime, Attendance),
)

PROGRAMMES = """
INSERT INTO people_organisation (id, name, short_name, kind, time_zone, currency, created_at)
SELECT %(organisation)s + i, 'Crowd ' || %(organisation)s + i, '', 'university', 'UTC', 'GBP', now()
FROM generate_series(1, %(organisations)s) i;
INSERT INTO programmes_partnerinstitution (id, organisation_id, name, short_name, is_host)
SELECT %(partnerinstitution)s + i, %(organisation)s + i, 'Crowd', '', true FROM generate_series(1, %(organisations)s) i;
INSERT INTO programmes_programme (id, organisation_id, name, mode, scope, wellbeing_contacts, live_at, created_at)
SELECT %(programme)s + i, %(organisation)s + i, 'Crowd', 3, 'coaching', 'Crowd', now(), now()
FROM generate_series(1, %(organisations)s) i;
"""
# Persons: of each cohort the five coaches first, then its fifty people.
PERSONS = """
INSERT INTO people_person (id, password, email, name, known_as, title, time_zone, is_active, created_at)
SELECT %(person)s + i, '!', 'million-' || %(person)s + i || '@crowd.example', 'Crowd ' || i, '', '', 'UTC', true, now()
FROM generate_series(1, %(cohorts)s * (%(coaches)s + %(people)s)) i;
INSERT INTO people_rolegrant (person_id, organisation_id, role, since)
SELECT %(person)s + i,
    %(organisation)s + 1 + (i - 1) / (%(coaches)s + %(people)s) / %(cohorts_in_one)s,
    CASE WHEN (i - 1) %% (%(coaches)s + %(people)s) < %(coaches)s THEN 'coach' ELSE 'coachee' END,
    now() - interval '1 year'
FROM generate_series(1, %(cohorts)s * (%(coaches)s + %(people)s)) i;
INSERT INTO programmes_coachengagement (id, cohort_id, person_id, is_internal, needs_familiarisation, state, offered_at,
    answered_at, styles)
SELECT %(coachengagement)s + i, %(cohort)s + 1 + (i - 1) / %(coaches)s,
    %(person)s + 1 + (i - 1) / %(coaches)s * (%(coaches)s + %(people)s) + (i - 1) %% %(coaches)s,
    false, true, 'accepted', now() - interval '1 year', now() - interval '1 year',
    '[]'
FROM generate_series(1, %(cohorts)s * %(coaches)s) i;
INSERT INTO programmes_enrolment (id, cohort_id, person_id, institution_id, engagement_id, discipline, department,
    line_manager, state, enrolled_at, opts_out_of_groups, styles)
SELECT %(enrolment)s + i, %(cohort)s + 1 + (i - 1) / %(people)s,
    %(person)s + 1 + (i - 1) / %(people)s * (%(coaches)s + %(people)s) + %(coaches)s + (i - 1) %% %(people)s,
    %(partnerinstitution)s + 1 + (i - 1) / %(people)s / %(cohorts_in_one)s,
    %(coachengagement)s + 1 + (i - 1) / (%(people)s / %(coaches)s),
    'Physics', '', '', 'active', now() - interval '1 year', false, '[]'
FROM generate_series(1, %(cohorts)s * %(people)s) i;
"""
ACCOUNTS = """
INSERT INTO ledger_entitlement (enrolment_id, kind, promised, booked, used, released)
SELECT %(enrolment)s + i, kind, 60 * %(each)s, booked, used, 0
FROM generate_series(1, %(cohorts)s * %(people)s) i,
    (VALUES ('one_to_one', 30 * %(each)s, 30 * %(each)s), ('group', 0, 0)) AS of_kind(kind, booked, used);
INSERT INTO ledger_coachtime (engagement_id, kind, promised, booked, used, released)
SELECT %(coachengagement)s + i, 'one_to_one', 60 * %(people)s * %(each)s, 0, 0, 0
FROM generate_series(1, %(cohorts)s * %(coaches)s) i;
"""
# A coach's ten people follow each other, an hour a day: session j of person i is on day 10 j + i of two hundred.
SESSIONS = """
CREATE TEMPORARY TABLE crowd_sessions ON COMMIT DROP AS
SELECT %(coachingsession)s + row_number() OVER () AS id, e.id AS enrolment, e.cohort_id AS cohort,
    e.engagement_id AS engagement, e.person_id AS coachee, c.person_id AS coach, j + 1 AS position,
    date_trunc('day', now()) + interval '12 hours'
        + (j * 10 + (e.id - %(enrolment)s - 1) %% 10 - %(each)s * 5) * interval '1 day' AS starts_at
FROM programmes_enrolment e
JOIN programmes_coachengagement c ON c.id = e.engagement_id
CROSS JOIN generate_series(0, %(each)s - 1) AS j
WHERE e.id > %(enrolment)s
ORDER BY c.id, starts_at
LIMIT %(missing)s;
INSERT INTO delivery_coachingsession (id, cohort_id, kind, engagement_id, enrolment_id, position, minutes, state, mode,
    "where", wall_starts, time_zone, starts_at, ends_at, version)
SELECT id, cohort, 'one_to_one', engagement, enrolment, position, 60,
    CASE WHEN starts_at < now() - interval '1 hour' THEN 'held' ELSE 'booked' END,
    'online', '', starts_at, 'UTC', starts_at, starts_at + interval '1 hour', 1
FROM crowd_sessions;
INSERT INTO delivery_attendance (session_id, enrolment_id, mark, marked_by_id, marked_at)
SELECT id, enrolment, 'attended', coach, starts_at + interval '1 hour'
FROM crowd_sessions WHERE starts_at < now() - interval '1 hour';
"""
TIMES = """
INSERT INTO delivery_persontime (person_id, session_id, during)
SELECT person, id, tstzrange(starts_at, starts_at + interval '1 hour')
FROM crowd_sessions, LATERAL (VALUES (coach), (coachee)) AS taken(person);
"""
LARGE = [model._meta.db_table for model in (CoachingSession, PersonTime, Attendance)]
# How to take each of them off, and how to make it again.
DEAR = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY (%(tables)s::regclass[]) AND i.indexrelid NOT IN (SELECT conindid FROM pg_constraint)
UNION ALL
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY (%(tables)s::regclass[]) AND contype IN ('f', 'x')
"""


def fill(n: int) -> int:
    """Add sessions until the database holds `n`, and return how many it holds. Then its statistics are made anew."""
    missing = n - CoachingSession.objects.count()
    if missing > 0:
        _gather(missing)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return CoachingSession.objects.count()


@transaction.atomic
def _gather(missing: int) -> None:
    cohorts = -(-missing // PER_COHORT)
    template = cast.cohort_of(
        cast.programme_of(Organisation.objects.create(name="Crowd template"), "Crowd template"), "Crowd template"
    )
    last = {model._meta.model_name: _last_id(model) for model in MODELS}
    values = {
        **last,
        **IN_ONE,
        "cohorts": cohorts,
        "organisations": -(-cohorts // COHORTS_IN_ONE),
        "missing": missing,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(DEAR, {"tables": LARGE})
        dear = cursor.fetchall()
        for take_off, _make in dear:
            cursor.execute(take_off)
        for statements in (PROGRAMMES, _copies_of(template), PERSONS, ACCOUNTS, SESSIONS, TIMES):
            cursor.execute(statements, values)
        for _take_off, make in dear:
            cursor.execute(make)
        for model in MODELS:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), max(id))"
                f" FROM {model._meta.db_table}"
            )


def _last_id(model: type) -> int:
    newest = model.objects.order_by("-pk").first()  # type: ignore[attr-defined]
    return newest.pk if newest else 0


def _copies_of(template: Cohort) -> str:
    """Cohorts like the template in everything but id, programme and name."""
    own = {
        "id": "%(cohort)s + i",
        "programme_id": "%(programme)s + 1 + (i - 1) / %(cohorts_in_one)s",
        "name": "'Cohort ' || i",
    }
    columns = [field.column for field in Cohort._meta.concrete_fields]
    chosen = ", ".join(own.get(column, column) for column in columns)
    return (
        f"INSERT INTO programmes_cohort ({', '.join(columns)}) SELECT {chosen}"
        f" FROM programmes_cohort, generate_series(1, %(cohorts)s) i WHERE id = {template.pk}"
    )
