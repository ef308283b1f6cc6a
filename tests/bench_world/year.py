"""A cohort-year of 53 people: every group session and every one-to-one session has a date, the past ones are marked.

Written straight into the tables: what is measured is reading. Minutes are posted, so that every account adds up.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db import connection

from cairn.delivery.models import Attendance, CoachingSession, PersonTime
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry, Rate
from cairn.people.models import Organisation, Person, RoleGrant
from cairn.programmes.models import (
    AgreementAcceptance,
    CoachEngagement,
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    MixingAttribute,
    PartnerInstitution,
)
from tests import cast

SIZES = (11, 11, 11, 10, 10)
GROUP_SESSIONS, GROUP_MINUTES = 10, 90
ONE_TO_ONES = (60, 60, 60, 30)
COMMISSION = {"one_to_one": 11 * 210, "group": 900, "coach_meeting": 360, "familiarisation": 240}
DISCIPLINES = ("Immunology", "Physics", "History", "Law", "Linguistics", "Materials science")
MARKS = ("attended",) * 9 + ("excused",)


@dataclass(frozen=True)
class Year:
    """What benches ask pages for. `day` is a date, as text, on which the coach has sessions."""

    cohort: Cohort
    coordinator: Person
    coach: Person
    day: str
    organisation: Organisation
    institution: PartnerInstitution
    engagements: list[CoachEngagement]
    enrolments: list[Enrolment]


def build(now: dt.datetime | None = None) -> Year:
    """The cohort is in its seventh month at `now`, which is the present unless given; its coach is busy on that day."""
    now = (now or dt.datetime.now(tz=dt.UTC)).replace(second=0, microsecond=0)
    organisation = Organisation.objects.create(name="Bench University")
    host = PartnerInstitution.objects.create(organisation=organisation, name="Bench University", is_host=True)
    cohort = _cohort(organisation, now)
    coordinator = cast.person("bench-coordinator@bench.example", "Bench Coordinator")
    _grant([coordinator], organisation, "coordinator", now)
    engagements = _engage(cohort, organisation, now)
    enrolments = _enrol(cohort, organisation, host, engagements, now)
    _seat(cohort, engagements, enrolments)
    _fill_the_year(cohort, engagements, enrolments, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Year(
        cohort=cohort,
        coordinator=coordinator,
        coach=engagements[0].person,
        day=now.date().isoformat(),
        organisation=organisation,
        institution=host,
        engagements=engagements,
        enrolments=enrolments,
    )


def _cohort(organisation: Organisation, now: dt.datetime) -> Cohort:
    programme = cast.programme_of(organisation, "Bench programme")
    cohort = Cohort.objects.create(
        programme=programme,
        name="Bench cohort",
        starts_on=now.date() - dt.timedelta(weeks=28),
        ends_on=now.date() + dt.timedelta(weeks=24, days=-1),
        agreement_text="Come to your sessions.",
    )
    for key in ("discipline", "institution"):
        MixingAttribute.objects.create(cohort=cohort, key=key, label=key.capitalize())
    return cohort


def _people(prefix: str, count: int, now: dt.datetime) -> list[Person]:
    return Person.objects.bulk_create(
        Person(email=f"{prefix}-{i}@bench.example", name=f"{prefix.capitalize()} {i}", password="!", last_login=now)
        for i in range(count)
    )


def _grant(people: list[Person], organisation: Organisation, role: str, now: dt.datetime) -> None:
    since = now - dt.timedelta(days=300)
    RoleGrant.objects.bulk_create(
        RoleGrant(person=each, organisation=organisation, role=role, since=since) for each in people
    )


def _engage(cohort: Cohort, organisation: Organisation, now: dt.datetime) -> list[CoachEngagement]:
    people = _people("coach", len(SIZES), now)
    _grant(people, organisation, "coach", now)
    engaged_at = now - dt.timedelta(days=250)
    engagements = CoachEngagement.objects.bulk_create(
        CoachEngagement(cohort=cohort, person=each, state="accepted", offered_at=engaged_at, answered_at=engaged_at)
        for each in people
    )
    Rate.objects.bulk_create(
        Rate(engagement=each, from_on=cohort.starts_on, minor_per_hour=6000, currency="GBP") for each in engagements
    )
    accounts = CoachTime.objects.bulk_create(
        CoachTime(engagement=each, kind=kind) for each in engagements for kind in COMMISSION
    )
    LedgerEntry.objects.bulk_create(
        _entry(account, "promise", COMMISSION[account.kind], cohort.starts_on, ("plan", account.engagement_id), now)
        for account in accounts
    )
    return engagements


def _enrol(
    cohort: Cohort,
    organisation: Organisation,
    host: PartnerInstitution,
    engagements: list[CoachEngagement],
    now: dt.datetime,
) -> list[Enrolment]:
    people = _people("participant", sum(SIZES), now)
    _grant(people, organisation, "coachee", now)
    held = [engagement for engagement, size in zip(engagements, SIZES, strict=True) for _seat in range(size)]
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(
            cohort=cohort,
            person=person,
            institution=host,
            engagement=engagement,
            discipline=DISCIPLINES[number % len(DISCIPLINES)],
            department=f"Department {number % 7}",
            enrolled_at=now - dt.timedelta(days=240),
        )
        for number, (person, engagement) in enumerate(zip(people, held, strict=True))
    )
    accounts = Entitlement.objects.bulk_create(
        Entitlement(enrolment=each, kind=kind) for each in enrolments for kind in ("one_to_one", "group")
    )
    LedgerEntry.objects.bulk_create(
        _entry(
            account,
            "promise",
            {"one_to_one": 210, "group": 900}[account.kind],
            cohort.starts_on,
            ("plan", account.enrolment_id),
            now,
        )
        for account in accounts
    )
    AgreementAcceptance.objects.bulk_create(
        AgreementAcceptance(enrolment=each, version=1, text=cohort.agreement_text, at=now) for each in enrolments
    )
    return enrolments


def _seat(cohort: Cohort, engagements: list[CoachEngagement], enrolments: list[Enrolment]) -> None:
    groups = CoachingGroup.objects.bulk_create(
        CoachingGroup(cohort=cohort, number=number, engagement=each) for number, each in enumerate(engagements, start=1)
    )
    by_coach = {group.engagement_id: group for group in groups}
    GroupPlace.objects.bulk_create(
        GroupPlace(group=by_coach[each.engagement_id], enrolment=each, from_on=cohort.starts_on) for each in enrolments
    )


def _fill_the_year(
    cohort: Cohort, engagements: list[CoachEngagement], enrolments: list[Enrolment], now: dt.datetime
) -> None:
    """Groups meet at 14:00 on the weekday of now; one-to-one sessions are in the mornings, one a day for each coach."""
    weeks = list(accumulate((0, 2, 2, 2, 4, 4, 4, 4, 4, 4)))
    start = dt.datetime.combine(cohort.starts_on, dt.time(), tzinfo=dt.UTC)
    groups = {group.engagement_id: group for group in CoachingGroup.objects.filter(cohort=cohort)}
    made: list[tuple[CoachingSession, list[Enrolment]]] = []
    for engagement in engagements:
        own = [each for each in enrolments if each.engagement_id == engagement.pk]
        for position, week in enumerate(weeks, start=1):
            starts_at = start + dt.timedelta(weeks=week + 2, hours=14)
            session = _session(cohort, engagement, "group", position, GROUP_MINUTES, starts_at, now)
            session.group = groups[engagement.pk]
            made.append((session, own))
        for turn, enrolment in enumerate(own):
            for position, minutes in enumerate(ONE_TO_ONES, start=1):
                day = 7 * (turn + 11 * (position - 1)) + (0 if turn % 2 else 3)
                starts_at = start + dt.timedelta(days=day, hours=9)
                session = _session(cohort, engagement, "one_to_one", position, minutes, starts_at, now)
                session.enrolment = enrolment
                made.append((session, [enrolment]))
    CoachingSession.objects.bulk_create([session for session, _there in made])
    _take_and_mark(made, now)


def _session(
    cohort: Cohort,
    engagement: CoachEngagement,
    kind: str,
    position: int,
    minutes: int,
    starts_at: dt.datetime,
    now: dt.datetime,
) -> CoachingSession:
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    return CoachingSession(
        cohort=cohort,
        engagement=engagement,
        kind=kind,
        position=position,
        minutes=minutes,
        state="held" if ends_at < now else "booked",
        where="https://meet.example/bench",
        wall_starts=starts_at,
        time_zone="UTC",
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _take_and_mark(made: list[tuple[CoachingSession, list[Enrolment]]], now: dt.datetime) -> None:
    times, marks, entries = [], [], []
    entitlements = {(each.enrolment_id, each.kind): each for each in Entitlement.objects.all()}
    coach_time = {(each.engagement_id, each.kind): each for each in CoachTime.objects.all()}
    for session, there in made:
        during = (session.starts_at, session.ends_at)
        movement = "use" if session.state == "held" else "book"
        source, on = ("session", session.pk), session.starts_at.date()  # type: ignore[union-attr]
        times += [
            PersonTime(session=session, person_id=person, during=during)
            for person in [session.engagement.person_id, *(each.person_id for each in there)]  # type: ignore[union-attr]
        ]
        account: Any = coach_time[session.engagement_id, session.kind]
        entries.append(_entry(account, movement, session.minutes, on, source, now))
        for number, enrolment in enumerate(there):
            mark = MARKS[(session.position + number) % len(MARKS)]
            if session.state == "held":
                marks.append(
                    Attendance(
                        session=session,
                        enrolment=enrolment,
                        mark=mark,
                        marked_by_id=session.engagement.person_id,  # type: ignore[union-attr]
                        marked_at=session.ends_at,
                    )
                )
            if session.state == "booked" or mark == "attended":
                account = entitlements[enrolment.pk, session.kind]
                entries.append(_entry(account, movement, session.minutes, on, source, now))
    PersonTime.objects.bulk_create(times)
    Attendance.objects.bulk_create(marks)
    LedgerEntry.objects.bulk_create(entries)


def _entry(
    account: CoachTime | Entitlement,
    movement: str,
    minutes: int,
    on: dt.date,
    source: tuple[str, int],
    now: dt.datetime,
) -> LedgerEntry:
    book = {"entitlement": account} if isinstance(account, Entitlement) else {"coach_time": account}
    return LedgerEntry(
        **book,
        movement=movement,
        minutes=minutes,
        on=on,
        source_kind=source[0],
        source_id=source[1],
        revision=1,
        at=now,
    )
