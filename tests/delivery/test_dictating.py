"""A one-to-one of another length than planned: the promise stays, and it can be taken back."""

import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession
from cairn.ledger.actions import NotEnoughMinutes
from tests.delivery import making

TEN = dt.datetime(2027, 3, 10, 10, 0)


@pytest.fixture
def first(world, at):
    """The first of Thandiwe's one-to-ones, all of which wait for a date."""
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    return waiting(world).first()


def waiting(world, who="thandiwe"):
    return CoachingSession.objects.filter(enrolment=world.enrolments[who], state="undated").order_by("position", "pk")


def lengths(world):
    return sorted(waiting(world).values_list("minutes", flat=True), reverse=True)


def date(session, world, at, minutes, **more):
    given = {"wall_starts": TEN, "mode": "phone", "where": "01632 960 000", "expected_version": session.version}
    return actions.date_one_to_one(session=session, minutes=minutes, **{**given, "by": world.ioana, "at": at, **more})


@pytest.mark.parametrize("minutes", [30, 60, 90])
def test_what_is_left_is_split_anew_and_taking_it_back_restores_every_length(world, first, at, minutes):
    before, promised = lengths(world), making.entitlement(world, "thandiwe")[0]

    booked = date(first, world, at, minutes)

    assert (booked.ends_at - booked.starts_at, booked.where) == (dt.timedelta(minutes=minutes), "01632 960 000")
    assert making.entitlement(world, "thandiwe") == (promised, minutes, 0)
    assert sum(lengths(world)) == promised - minutes

    actions.undate_one_to_one(session=booked, expected_version=booked.version, by=world.ioana, at=at)

    assert lengths(world) == before
    assert making.entitlement(world, "thandiwe") == (promised, 0, 0)


def test_no_more_than_is_left_can_be_taken(world, first, at):
    before = lengths(world)
    with pytest.raises(NotEnoughMinutes):
        date(first, world, at, sum(before) + 1)
    assert lengths(world) == before


def test_what_was_changed_since_is_not_taken_back(world, first, at):
    booked = date(first, world, at, 30)
    moved = making.date(booked, TEN + dt.timedelta(days=1), by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow):
        actions.undate_one_to_one(session=moved, expected_version=moved.version, by=world.ioana, at=at)


def test_only_undated_one_to_ones_and_only_by_whoever_runs_them(world, first, at):
    for stranger in (world.malik, world.thandiwe):
        with pytest.raises(actions.NotAllowed):
            date(first, world, at, 30, by=stranger)
    booked = date(first, world, at, 30)
    with pytest.raises(actions.NotPossibleNow):
        date(booked, world, at, 30)


def test_coachees_are_found_by_any_of_their_names_and_only_ones_own(world, first, at):
    def named(words, who=world.ioana):
        return [found.name for found in queries.to_dictate(who, at, named=words)]

    assert named("ndlovu thand") == ["Thandiwe Ndlovu"]
    assert named("siobhán") == named("%") == []
    assert named("a") == ["Pärt Tamm", "Thandiwe Ndlovu"]
    type(world.part).objects.filter(pk=world.part.pk).update(name="Mathandiwe Tamm")
    assert named("thandiwe") == ["Thandiwe Ndlovu"]
    assert named("thandi") == ["Mathandiwe Tamm", "Thandiwe Ndlovu"]
    found = queries.to_dictate(world.ioana, at, enrolment_id=world.enrolments["thandiwe"].pk)[0]
    assert (found.session, found.left) == (first, making.entitlement(world, "thandiwe")[0])
    assert queries.to_dictate(world.malik, at, enrolment_id=world.enrolments["thandiwe"].pk) == []
