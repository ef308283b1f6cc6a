"""A coach's day is read with SQL of its own; the ORM has to find the same engagements and the same sessions."""

import datetime as dt
import random

import pytest
from django.db.models import Q

from cairn.delivery import queries
from cairn.delivery.models import Apology, CoachingSession
from cairn.people.models import RoleGrant
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import CoachEngagement, GroupPlace
from tests.kept import kept

DAY = dt.timedelta(days=1)


@pytest.fixture
def busy(world, at):
    return kept(_busy, world, at)


def _busy(world, at):
    """A hundred sessions of every kind and state around the moment, for both coaches, from a fixed seed."""
    chance = random.Random(23)
    for number in range(100):
        _session(world, at, chance, number + 1)
    return world


def _session(world, at, chance, position):
    kind = chance.choice(["one_to_one", "group", "coach_meeting", "familiarisation"])
    starts_at = at + dt.timedelta(hours=chance.choice([-2_400, -2_000, -400, -200, -30, -3, -1, 1, 2, 20, 40, 400]))
    state = chance.choice(["booked", "held", "cancelled", "undated"])
    whose, number = chance.choice([("ioana", 1), ("malik", 2)])
    enrolment = world.enrolments["part" if whose == "ioana" else "siobhan"]
    moments = {"wall_starts": starts_at, "starts_at": starts_at, "ends_at": starts_at + dt.timedelta(hours=1)}
    session = CoachingSession.objects.create(
        cohort=world.cohort,
        kind=kind,
        engagement=None if kind == "coach_meeting" else world.engagements[whose],
        group=world.groups[number] if kind == "group" else None,
        enrolment=enrolment if kind == "one_to_one" else None,
        position=position,
        minutes=60,
        state=state,
        time_zone="UTC",
        **({} if state == "undated" else moments),
    )
    if kind in ("one_to_one", "group") and chance.random() < 0.3:
        Apology.objects.create(session=session, enrolment=enrolment, in_time=chance.random() < 0.5, at=at)


def on_the_day(engagements, begins):
    return _own(engagements) & Q(starts_at__gte=begins, starts_at__lt=begins + DAY)


def to_write_up(engagements, begins, at):
    over = Q(ends_at__lte=at, starts_at__lt=begins)
    never = Q(state="booked", starts_at__gte=at - 92 * DAY)
    half = Q(state="held", kind__in=("group", "coach_meeting"), starts_at__gte=at - 14 * DAY)
    return _own(engagements) & over & (never | half)


def _own(engagements):
    meetings = Q(kind="coach_meeting", cohort__in=[each.cohort_id for each in engagements])
    return Q(engagement__in=engagements) | meetings


def ids(condition):
    found = CoachingSession.objects.filter(condition)
    return list(found.order_by("starts_at", "position", "pk").values_list("pk", flat=True))


@pytest.mark.parametrize("who", ["ioana", "malik"])
@pytest.mark.parametrize("later", [-1, 0, 1, 2])
def test_the_day_holds_what_the_orm_finds(busy, at, who, later):
    reader = getattr(busy, who)
    engagements = list(programme_queries.engagements_of(reader, at))
    day = at.date() + later * DAY
    begins = dt.datetime.combine(day, dt.time(), tzinfo=reader.zone)

    found = queries.coach_day(reader, day, at)

    assert list(found.engagements) == engagements
    assert [each.id for each in found.sessions] == ids(on_the_day(engagements, begins))
    late = ids(to_write_up(engagements, begins, at)) if later == 0 else []
    assert [each.id for each in found.to_write_up] == [
        pk for pk in late if queries.coach_session(reader, pk, at).is_to_write_up(at)
    ]
    undated = Q(engagement__in=engagements, kind="one_to_one", state="undated")
    assert sum(row.waiting for row in found.to_date) == (len(ids(undated)) if later == 0 else 0)


@pytest.mark.parametrize("who", ["ioana", "malik"])
def test_a_session_of_the_day_is_the_session_on_its_own_page(busy, at, who):
    reader = getattr(busy, who)
    GroupPlace.objects.filter(enrolment=busy.enrolments["thandiwe"]).update(to_on=at.date() + DAY)

    for day in (at.date(), at.date() + DAY):
        for each in queries.coach_day(reader, day, at).sessions:
            if each.session.kind == "familiarisation":
                continue
            alone = queries.coach_session(reader, each.id, at)
            assert [(seat.person_id, seat.mark, seat.apology) for seat in each.seats if seat.enrolment_id] == [
                (seat.person_id, seat.mark, seat.apology) for seat in alone.seats if seat.enrolment_id
            ]
            assert [(row.id, row.account) for row in each.roll] == [(row.id, row.account) for row in alone.roll]
            assert (each.title, each.coach, each.of) == (alone.title, alone.coach, alone.of)


def test_without_the_role_or_after_the_engagement_there_is_no_day(busy, at):
    CoachEngagement.objects.filter(pk=busy.engagements["malik"].pk).update(state="ended", ended_on=at.date())
    RoleGrant.objects.filter(person=busy.ioana).update(until=at)

    for reader in (busy.malik, busy.ioana, busy.rosa, busy.halina):
        found = queries.coach_day(reader, at.date(), at)
        assert (found.engagements, found.sessions, found.to_write_up, found.to_date) == ((), (), (), ())
