import datetime as dt
from collections import Counter

import pytest

from cairn.delivery import actions as delivery_actions
from cairn.foundation.models import MailMessage
from cairn.jobs import tasks
from cairn.ledger import actions as ledger_actions
from cairn.programmes import actions, queries
from cairn.programmes.models import Cohort, Enrolment, GroupingProposal, GroupPlace, GroupSlot, SlotChoice
from tests import cast
from tests.gathering import gather
from tests.kept import kept
from tests.programmes import choosing

AFTER = choosing.CLOSES + dt.timedelta(minutes=4)


@pytest.fixture
def gathering(world, at):
    """24 people and three coaches, each with one time; choosing by rank is open."""
    found = kept(gather, world, 24, 3)
    choosing.open_up(found.cohort, group_cap=9)
    ledger_actions.open_entitlements(enrolments=found.people, by=world.halina, at=at)
    return found


@pytest.fixture
def slots(gathering):
    return [choosing.slot(held, weekday) for weekday, held in enumerate(gathering.coaches, start=1)]


def wish(gathering, at, orders):
    """People in turn wish for times in these orders; an empty one says nothing."""
    for enrolment, order in zip(gathering.people, orders, strict=True):
        enrolment.cohort = gathering.cohort
        if order:
            ranks = {slot.pk: place for place, slot in enumerate(order, start=1)}
            actions.rank_slots(enrolment=enrolment, ranks=ranks, by=enrolment.person, at=at)


def seats(gathering, at, wanted):
    for enrolment, slot in zip(gathering.people, wanted, strict=False):
        enrolment.cohort = gathering.cohort
        if slot is not None:
            actions.take_seat(slot=slot, enrolment=enrolment, by=enrolment.person, at=at)


def time_of(proposal, enrolment):
    """Slot id at which the proposal seats somebody."""
    return proposal.answer["slots"][str(proposal.assignment[str(enrolment.pk)][1])]


def adopt(world, proposal, at):
    return delivery_actions.adopt_grouping(
        proposal=proposal,
        expected_version=proposal.version,
        from_on=at.date() + dt.timedelta(days=1),
        raise_commission=True,
        by=world.halina,
        at=at,
    )


def test_closing_by_hand_proposes_one_group_for_each_time(world, gathering, slots, at):
    wish(gathering, at, [[slots[n % 3], slots[(n + 1) % 3]] for n in range(24)])

    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)

    assert proposal.state == "proposed"
    assert sorted(proposal.answer["slots"].values()) == sorted(each.pk for each in slots)
    groups = dict(proposal.answer["groups"])
    coaches = {slot.pk: slot.engagement_id for slot in slots}
    assert {groups[int(number)] == coaches[slot] for number, slot in proposal.answer["slots"].items()} == {True}
    assert set(Counter(number for _held, number in proposal.assignment.values()).values()) == {8}
    assert not queries.choosing_overview(world.halina, gathering.cohort.pk, at).is_open


def test_wishes_are_followed_as_far_as_there_is_room(world, gathering, slots, at):
    wish(gathering, at, [[slots[n % 3]] for n in range(24)])
    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)
    assert {time_of(proposal, each) == slots[n % 3].pk for n, each in enumerate(gathering.people)} == {True}


def test_nobody_is_put_at_a_time_they_cannot_come_to(world, gathering, slots, at):
    for each in gathering.people[:5]:
        each.cohort = gathering.cohort
        actions.rank_slots(enrolment=each, ranks={slots[0].pk: 1}, cannot=[slots[1].pk], by=each.person, at=at)
    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)
    assert slots[1].pk not in {time_of(proposal, each) for each in gathering.people[:5]}


def test_the_job_settles_once_when_the_last_moment_has_come(world, gathering, slots, at):
    wish(gathering, at, [[slots[n % 3]] for n in range(24)])
    assert actions.settle_due(at=choosing.CLOSES - dt.timedelta(minutes=1)) == 0
    assert (actions.settle_due(at=AFTER), actions.settle_due(at=AFTER + dt.timedelta(minutes=5))) == (1, 0)
    proposal = GroupingProposal.objects.get(cohort=gathering.cohort)
    assert (proposal.state, proposal.proposed_by) == ("proposed", world.halina)


def test_reopened_and_closed_again_it_settles_anew(world, gathering, slots, at):
    actions.settle_due(at=AFTER)
    until = AFTER + dt.timedelta(days=1)
    actions.reopen_choosing(cohort=gathering.cohort, until=until, by=world.halina, at=AFTER)
    assert actions.settle_due(at=until) == 1
    assert Counter(GroupingProposal.objects.values_list("state", flat=True)) == {"superseded": 1, "proposed": 1}


def test_too_few_times_are_said_and_kept_for_the_page(world, gathering, slots, at):
    actions.withdraw_slot(slot=slots[0], by=world.halina, at=at)
    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)
    assert proposal.state == "failed"
    assert proposal.answer["reasons"] == [
        [
            "24 people need at least 3 groups, and there are times for 2.",
            "Ask the coaches for more times, or let groups be larger.",
        ]
    ]
    found = queries.groups_board(world.halina, gathering.cohort.pk, at)
    assert found.failed == proposal
    assert actions.settle_due(at=at + dt.timedelta(minutes=5)) == 0


def test_of_more_times_than_groups_those_are_used_that_serve_people_best(world, gathering, slots, at):
    more = [choosing.slot(held, 5) for held in gathering.coaches]
    wish(gathering, at, [[more[n % 3], slots[n % 3]] for n in range(24)])
    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)
    assert sorted(proposal.answer["slots"].values()) == sorted(each.pk for each in more)


def test_seats_that_were_taken_stay_and_the_others_are_placed_for_the_mix(world, gathering, slots, at):
    choosing.open_up(gathering.cohort, choosing="pick", seats_held_back=2)
    Cohort.objects.filter(pk=gathering.cohort.pk).update(mixes_groups=False)
    gathering.cohort.refresh_from_db()
    seats(gathering, at, [slots[0]] * 7 + [slots[1]] * 3 + [None] * 14)

    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)

    times = [time_of(proposal, each) for each in gathering.people]
    assert times[:10] == [slots[0].pk] * 7 + [slots[1].pk] * 3
    assert set(Counter(times).values()) == {8}


def test_adopting_gives_each_group_its_time_and_each_person_their_seat(world, gathering, slots, at):
    wish(gathering, at, [[slots[n % 3], slots[(n + 1) % 3]] for n in range(20)] + [[]] * 4)
    proposal = actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at)

    adopt(world, proposal, at)

    mail = MailMessage.objects.get(to_id=gathering.people[0].person_id)
    days = {slots[0].pk: "Monday", slots[1].pk: "Tuesday", slots[2].pk: "Wednesday"}
    assert f"formed for {days[time_of(proposal, gathering.people[0])]} at 16:00 (London time)." in mail.body
    numbers = {slot.pk: slot.group.number for slot in GroupSlot.objects.select_related("group")}
    assert numbers == {slot: int(number) for number, slot in proposal.answer["slots"].items()}
    seated = SlotChoice.objects.filter(state="seated").select_related("slot__group")
    placed = dict(GroupPlace.objects.filter(group__cohort=gathering.cohort).values_list("enrolment", "group"))
    assert {each.enrolment_id: each.slot.group_id for each in seated} == {
        each.pk: placed[each.pk] for each in gathering.people[:20]
    }
    assert queries.slots_of_groups(gathering.cohort).keys() == {slot.group_id for slot in GroupSlot.objects.all()}
    with pytest.raises(actions.SomebodySitsHere):
        actions.withdraw_slot(slot=slots[0], by=world.halina, at=at)


def test_whoever_comes_late_gets_a_seat_that_was_held_back(world, gathering, slots, at):
    choosing.open_up(gathering.cohort, choosing="pick", seats_held_back=1)
    adopt(world, actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at), at)
    before = dict(GroupPlace.objects.filter(group__cohort=gathering.cohort).values_list("enrolment", "group"))
    late = Enrolment.objects.get(pk=cast.enrol(gathering.cohort, world.tomasz, world.host, discipline="Physics").pk)
    later = at + dt.timedelta(days=2)

    proposal = actions.propose_groups(cohort=gathering.cohort, keep_places=True, by=world.halina, at=later)
    adopt(world, proposal, later)

    now = dict(GroupPlace.objects.filter(group__cohort=gathering.cohort, to_on=None).values_list("enrolment", "group"))
    assert now.keys() - before.keys() == {late.pk}
    assert {who: group for who, group in now.items() if who != late.pk} == before
    assert max(Counter(now.values()).values()) <= gathering.cohort.group_cap


def test_a_large_cohort_is_settled_by_the_queue(world, at):
    large = kept(gather, world, 90, 3)
    choosing.open_up(large.cohort, group_cap=30)
    for weekday, held in enumerate(large.coaches, start=1):
        choosing.slot(held, weekday)
    proposal = actions.close_and_settle(cohort=large.cohort, by=world.halina, at=at)
    assert proposal.state == "working"
    actions.work_out_groups(proposal_id=proposal.pk, at=at)
    proposal.refresh_from_db()
    assert (proposal.state, len(proposal.answer["slots"])) == ("proposed", 3)


def test_the_job_moves_up_whoever_waits_when_somebody_leaves(world, gathering, slots, at):
    choosing.open_up(gathering.cohort, choosing="pick", group_cap=2, group_minimum=1)
    Cohort.objects.filter(pk=gathering.cohort.pk).update(mixes_groups=False)
    gathering.cohort.refresh_from_db()
    seats(gathering, at, [slots[0], slots[0]])
    waits = gathering.people[2]
    waits.cohort = gathering.cohort
    actions.wait_for_seat(slot=slots[0], enrolment=waits, by=waits.person, at=at)
    assert actions.move_up_everywhere(at=at) == 0
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(state="left", left_on=at.date())
    assert actions.move_up_everywhere(at=at) == 1
    assert choosing.states(waits) == {slots[0].pk: "seated"}


def test_more_groups_than_times_can_be_asked_for(world, gathering, slots, at):
    wanted = {held.pk: number for held, number in zip(gathering.coaches, (2, 1, 1), strict=True)}
    proposal = actions.propose_groups(cohort=gathering.cohort, group_coaches=wanted, by=world.halina, at=at)
    assert Counter(held for _number, held in proposal.answer["groups"]) == wanted
    assert sorted(proposal.answer["slots"].values()) == sorted(each.pk for each in slots)


def test_somebody_who_no_longer_gets_a_group_has_no_seat_when_they_come_back(world, gathering, slots, at):
    choosing.open_up(gathering.cohort, choosing="pick")
    seats(gathering, at, [slots[0], slots[0]])
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(opts_out_of_groups=True)
    seats(gathering, at, [None, slots[1]])
    assert choosing.states(gathering.people[0]) == {slots[0].pk: "said"}


def test_the_queue_tends_choices(world, gathering, slots, monkeypatch):
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: AFTER)
    for _again in range(2):
        tasks.tend_choices(timestamp=0)
    assert GroupingProposal.objects.filter(cohort=gathering.cohort).count() == 1


def test_mixed_groups_get_a_time_at_which_everybody_in_them_can_come(world, gathering, slots, at):
    choosing.open_up(gathering.cohort, group_mode="mixed")
    more = [choosing.slot(held, 5) for held in gathering.coaches]
    for number, each in enumerate(gathering.people):
        each.cohort = gathering.cohort
        cannot = [(slots + more)[number % 6].pk] if number % 2 else []
        actions.say_when(enrolment=each, cannot=cannot, by=each.person, at=at)
    assert actions.close_and_settle(cohort=gathering.cohort, by=world.halina, at=at) is None

    proposal = actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
    adopt(world, proposal, at)

    times = queries.slots_of_groups(gathering.cohort)
    assert len(times) == 3
    sits = GroupPlace.objects.filter(group__cohort=gathering.cohort)
    cannot = set(SlotChoice.objects.filter(can_come=False).values_list("enrolment", "slot"))
    assert not {(who, times[group].pk) for who, group in sits.values_list("enrolment", "group")} & cannot


def test_strangers_close_nothing(world, gathering, slots, at):
    for who in ("gwen", "ioana", "otto", "thandiwe"):
        with pytest.raises(actions.NotAllowed):
            actions.close_and_settle(cohort=gathering.cohort, by=world.people[who], at=at)
