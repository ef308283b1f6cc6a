"""Coaches with open hours, and around each of them everybody who may want one of their times, by every path."""

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.engines.availability import Differing, Hours
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.people import actions as people_actions
from cairn.people.models import Person, RoleGrant
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment, GroupPlace
from tests import cast
from tests.delivery import making
from tests.faults.load_asking import Who

OPENS, CLOSES = 8, 20
PER_DAY = CLOSES - OPENS
MINUTES = 10_000_000
FAR = dt.timedelta(days=200)
ZONE = "Europe/London"
LETTERS = "abcdefghijklmnop"

# path → how many contend for each slot; in every tenth round an import of participants is applied meanwhile
PATHS = {
    "self-booking": 9,
    "own move": 3,
    "coach page": 5,
    "coach move": 2,
    "coordinator page": 3,
    "coordinator move": 1,
    "API booking": 2,
    "API date": 2,
    "text line": 2,
    "workbook": 2,
    "poll": 1,
}
MOVES = frozenset({"own move", "coach move", "coordinator move"})


@dataclass
class Contender:
    """Somebody who wants the slot, with the session they want it for."""

    path: str
    who: Who
    enrolment: Enrolment | None
    session: CoachingSession
    asked: int = 0  # the workbook or the time of a poll that is put forward in this round


@dataclass
class Table:
    """A coach and all who contend for the coach's times."""

    engagement: CoachEngagement
    coach: Who
    coordinator: Who
    contenders: list[Contender] = field(default_factory=list)


def start_of(day: dt.date, number: int) -> dt.datetime:
    """The slot of this number, on the wall: twelve a day."""
    return dt.datetime.combine(day + dt.timedelta(days=number // PER_DAY), dt.time(OPENS + number % PER_DAY))


def build(at: dt.datetime) -> cast.World:
    """The cast, in a cohort that runs now and for years."""
    world = cast.build()
    begun = at - dt.timedelta(days=60)
    Cohort.objects.update(starts_on=begun.date(), ends_on=at.date() + dt.timedelta(days=1200))
    RoleGrant.objects.filter(until=None).update(since=begun)
    world.cohort.refresh_from_db()
    return world


def table(world: cast.World, number: int, at: dt.datetime, paths: Iterable[tuple[str, int]]) -> Table:
    """One coach with open hours, and so many contenders on each path."""
    name = _name(number)
    coach = cast.person(f"coach-{name}@example.org", f"Coach {name.title()}")
    cast.grant(coach, world.eastmere, "coach")
    RoleGrant.objects.filter(person=coach).update(since=at - dt.timedelta(days=60))
    engagement = cast.engage(world.cohort, coach)
    engagement.person, engagement.cohort = coach, world.cohort
    for account in CoachTime.objects.filter(engagement=engagement):
        cast.promise(account, MINUTES, 10_000)
    open_hours(coach, at)
    made = Table(engagement, Who(session_of(coach)), Who(session_of(world.halina)))
    for path, count in paths:
        for index in range(count):
            made.contenders.append(_contender(world, made, path, f"{name}{len(made.contenders)}-{index}", at))
    return made


def open_hours(coach: Person, at: dt.datetime) -> None:
    """Every day from eight to twenty, a start each hour, without notice."""
    days = [Hours(day, dt.time(OPENS), dt.time(CLOSES)) for day in range(7)]
    terms = actions.BookingTerms(ZONE, True, 0, 0, 0, 0, None, None, 400, 60)
    actions.save_availability(terms=terms, hours=days, expected_version=0, by=coach, at=at)


def coachee(world: cast.World, engagement: CoachEngagement, name: str, at: dt.datetime) -> Enrolment:
    """Somebody with minutes without end."""
    person = cast.person(f"{name}@example.org", name.title())
    cast.grant(person, world.eastmere, "coachee")
    RoleGrant.objects.filter(person=person).update(since=at - dt.timedelta(days=60))
    enrolment = cast.enrol(world.cohort, person, world.host, engagement=engagement)
    for account in Entitlement.objects.filter(enrolment=enrolment):
        cast.promise(account, MINUTES // 100, 10_000)
    return enrolment


def undated(enrolment: Enrolment) -> CoachingSession:
    """A one-to-one that waits for a date."""
    session = _undated(enrolment)
    session.save(force_insert=True)
    return session


def _undated(enrolment: Enrolment) -> CoachingSession:
    return CoachingSession(
        cohort=enrolment.cohort,
        kind="one_to_one",
        engagement=enrolment.engagement,
        enrolment=enrolment,
        position=1,
        minutes=60,
        time_zone=ZONE,
    )


def session_of(person: Person) -> str:
    """The key of a browser in which this person is signed in."""
    kept = import_module(settings.SESSION_ENGINE).SessionStore()
    kept.update(_signed_in(person))
    kept.create()
    return str(kept.session_key)


def _signed_in(person: Person) -> dict[str, str]:
    return {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }


def _contender(world: cast.World, around: Table, path: str, name: str, at: dt.datetime) -> Contender:
    coach = around.engagement.person
    if path == "poll":
        group = _group(world, around.engagement, name, at)
        return Contender(path, around.coach, None, _of_group(world, group, around, at))
    enrolment = coachee(world, around.engagement, name, at)
    session = undated(enrolment)
    if path in MOVES:
        session = making.date(session, _aside(around, at), by=coach, at=at)
    who = around.coach
    if path in {"self-booking", "own move"}:
        who = Who(session_of(enrolment.person))
    elif path.startswith("coordinator"):
        who = around.coordinator
    elif path == "API booking":
        who = Who(token=_token(enrolment.person, at))
    elif path == "API date":
        who = Who(token=_token(coach, at))
    return Contender(path, who, enrolment, session)


def _token(person: Person, at: dt.datetime) -> str:
    scopes = ["sessions:read", "sessions:write"]
    return people_actions.make_token(name="load", scopes=scopes, days=30, by=person, at=at)[1]


def _group(world: cast.World, engagement: CoachEngagement, name: str, at: dt.datetime) -> CoachingGroup:
    number = 100 + CoachingGroup.objects.count()
    group = CoachingGroup.objects.create(cohort=world.cohort, number=number, engagement=engagement)
    for index in range(3):
        member = coachee(world, engagement, f"{name}-{LETTERS[index]}", at)
        GroupPlace.objects.create(group=group, enrolment=member, from_on=world.cohort.starts_on)
    return group


def _of_group(world: cast.World, group: CoachingGroup, around: Table, at: dt.datetime) -> CoachingSession:
    return actions.add_session(
        cohort=world.cohort,
        kind="group",
        group=group,
        minutes=60,
        wall_starts=_aside(around, at),
        by=world.halina,
        at=at,
    )


def _aside(around: Table, at: dt.datetime) -> dt.datetime:
    """Another hour of the coach's, far from every slot, each only once."""
    number = next(_numbers(around))
    return start_of((at + FAR).date(), number)


_used: dict[int, Iterator[int]] = {}


def _numbers(around: Table) -> Iterator[int]:
    return _used.setdefault(around.engagement.pk, iter(range(1_000_000)))


def _name(number: int) -> str:
    """0 → “aa”: names without digits, as the line of text reads them."""
    return LETTERS[number // len(LETTERS) % len(LETTERS)] + LETTERS[number % len(LETTERS)]


def crowd(
    world: cast.World, engagements: Sequence[CoachEngagement], people: int, at: dt.datetime
) -> list[tuple[Who, int]]:
    """So many coachees, shared among these coaches, each with a browser and one session to date. Written in bulk."""
    made = Person.objects.bulk_create(
        Person(email=f"crowd{n}@example.org", name=f"Crowd {n}", password=make_password(None), time_zone=ZONE)
        for n in range(people)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=each, email=each.email, primary=True, verified=True) for each in made
    )
    since = at - dt.timedelta(days=60)
    RoleGrant.objects.bulk_create(
        RoleGrant(person=each, organisation=world.eastmere, role="coachee", since=since) for each in made
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(
            cohort=world.cohort,
            person=each,
            institution=world.host,
            engagement=engagements[number % len(engagements)],
            enrolled_at=since,
        )
        for number, each in enumerate(made)
    )
    accounts = Entitlement.objects.bulk_create(Entitlement(enrolment=each, kind="one_to_one") for each in enrolments)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            entitlement=each,
            movement="promise",
            minutes=600,
            on=since.date(),
            source_kind="plan",
            source_id=each.pk,
            revision=1,
            at=since,
        )
        for each in accounts
    )
    sessions = CoachingSession.objects.bulk_create(_undated(each) for each in enrolments)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    browsers = Session.objects.bulk_create(
        Session(
            session_key=secrets.token_hex(16),
            session_data=store().encode(_signed_in(each)),
            expire_date=at + dt.timedelta(days=14),
        )
        for each in made
    )
    return [(Who(browser.session_key), each.pk) for browser, each in zip(browsers, sessions, strict=True)]


def only_these(coach: Person, first: dt.date, starts: int, last: dt.date, at: dt.datetime) -> None:
    """Leave the coach exactly so many starts from this day on: twelve a day, and away from then."""
    whole, rest = divmod(starts, PER_DAY)
    away = [Differing(at.date(), first - dt.timedelta(days=1))]
    ends = first + dt.timedelta(days=whole)
    if rest:
        away.append(Differing(ends, ends, dt.time(OPENS + rest), dt.time(0)))
        ends += dt.timedelta(days=1)
    away.append(Differing(ends, last + dt.timedelta(days=400)))
    actions.add_exceptions(differing=away, by=coach, at=at)
