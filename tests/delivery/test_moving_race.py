"""Several people change the same seats, dates and minutes at once: one wins, and nobody waits in a circle."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.engines import cadence
from cairn.ledger import actions as ledger_actions
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import Enrolment, GroupPlace
from tests.delivery import making, race
from tests.gathering import gather
from tests.kept import kept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EXPECTED = (programme_actions.Refused, ledger_actions.NotEnoughMinutes, cadence.Refusal)
FROM = dt.date(2027, 3, 12)


@pytest.fixture
def gathering(world, at):
    """Three groups of six that meet weekly, everybody with a one-to-one that has a date."""
    found = kept(gather, world, 18, 3)
    by = {"by": world.halina, "at": at}
    ledger_actions.open_entitlements(enrolments=found.people, **by)
    proposal = actions.propose_groups(cohort=found.cohort, **by)
    actions.adopt_grouping(proposal=proposal, expected_version=1, from_on=at.date(), **by)
    for number in (1, 2, 3):
        group = found.cohort.groups.get(number=number)
        for week in range(4):
            actions.add_session(
                cohort=found.cohort,
                kind="group",
                group=group,
                wall_starts=dt.datetime(2027, 3, 15, 8 + number) + dt.timedelta(weeks=week),
                **by,
            )
    return found


def at_once(*contenders):
    """Let them go together. Returns for each what it raised, or None."""
    gate = threading.Barrier(len(contenders))

    def go(contender):
        gate.wait()
        try:
            contender()
        except EXPECTED as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(max_workers=len(contenders)) as pool:
        return list(pool.map(go, contenders))


def approval(world, request, way, seen, at):
    chosen = {"way": way, "seen": seen, "from_on": FROM, "raise_commission": True}
    return partial(actions.approve_move_request, request=request, **chosen, by=world.halina, at=at)


def asked(world, person, at):
    request = programme_actions.ask_to_move(enrolment=person, wish="another", by=person.person, at=at)
    found = programme_queries.move_request(world.halina, request.pk, at)
    return request, programme_queries.move_answer(found, FROM)


def contenders(world, six, at):
    """Two approvals, three dates, somebody who leaves and somebody who is coached one-to-one only from now on."""
    requests = [asked(world, person, at) for person in six[:2]]
    dated = [CoachingSession.objects.filter(enrolment=each, state="undated").earliest("position") for each in six[:3]]
    position = programme_actions.say_new_position(
        enrolment=six[4], starts_on=dt.date(2027, 4, 1), by=six[4].person, at=at
    )
    leaves = {"outcome": "leaves", "on": dt.date(2027, 3, 20)}
    last = Enrolment.objects.select_related("cohort__programme__organisation").get(pk=six[5].pk)
    hours = [dt.datetime(2027, 3, 17, hour) for hour in (9, 11, 13)]
    return [
        *(approval(world, request, shown.ways[-1].key, shown.stamp, at) for request, shown in requests),
        *(partial(making.date, each, hour, by=world.halina, at=at) for each, hour in zip(dated, hours, strict=True)),
        partial(actions.record_new_position, position=position, **leaves, by=world.halina, at=at),
        partial(actions.set_opt_out, enrolment=last, opts_out=True, by=world.halina, at=at),
    ]


def test_two_coordinators_approve_at_once_and_one_of_them_does(world, gathering, at):
    request, shown = asked(world, gathering.people[0], at)
    ways = [shown.ways[0].key, shown.ways[-1].key]
    found = at_once(*(approval(world, request, way, shown.stamp, at) for way in ways))
    assert sorted(map(str, found)) == ["MoveAnswered", "None"]
    open_seats = GroupPlace.objects.filter(group__cohort=gathering.cohort, to_on=None)
    assert open_seats.count() == 18
    assert (race.doubles(), race.strays()) == (0, 0)


def test_moves_dates_leaving_and_opting_out_at_once_end_in_step(world, gathering, at):
    for turn in range(3):
        at_once(*contenders(world, gathering.people[turn * 6 : turn * 6 + 6], at))
        assert (race.doubles(), race.strays()) == (0, 0)


def test_two_coordinators_take_it_back_at_once_and_one_of_them_does(world, gathering, at):
    request, shown = asked(world, gathering.people[0], at)
    approval(world, request, shown.ways[-1].key, shown.stamp, at)()
    undo = partial(actions.undo_move_request, request=request, by=world.halina, at=at)
    assert sorted(map(str, at_once(undo, undo))) == ["CannotUndo", "None"]
    assert (race.doubles(), race.strays()) == (0, 0)
