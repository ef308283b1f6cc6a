import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from cairn.foundation.models import MailMessage
from cairn.programmes import actions, queries
from cairn.programmes.models import Enrolment, MixingAttribute, PairRule, SlotChoice
from tests.programmes import choosing
from tests.programmes.choosing import enrolled, states


@pytest.fixture
def slots(world):
    """Two times; two seats each of which none is held back; nothing is mixed by."""
    choosing.open_up(world.cohort, choosing="pick", group_cap=2, group_minimum=1)
    return [choosing.slot(world.engagements["ioana"], 2), choosing.slot(world.engagements["malik"], 3)]


def take(world, who, slot, at):
    return actions.take_seat(slot=slot, enrolment=enrolled(world.enrolments[who]), by=world.people[who], at=at)


def wait(world, who, slot, at):
    return actions.wait_for_seat(slot=slot, enrolment=enrolled(world.enrolments[who]), by=world.people[who], at=at)


def leave(world, who, at):
    actions.leave_seat(enrolment=enrolled(world.enrolments[who]), by=world.people[who], at=at)


def test_a_seat_is_taken_at_once_and_minds_are_changed(world, slots, at):
    take(world, "part", slots[0], at)
    take(world, "part", slots[0], at)
    assert states(world.enrolments["part"]) == {slots[0].pk: "seated"}

    take(world, "part", slots[1], at)

    assert states(world.enrolments["part"]) == {slots[0].pk: "said", slots[1].pk: "seated"}
    leave(world, "part", at)
    assert set(states(world.enrolments["part"]).values()) == {"said"}
    own = queries.own_choices(world.part, world.enrolments["part"].pk, at)
    assert ([each.slot.free for each in own.slots], own.seat, own.has_answered) == ([2, 2], None, True)


def test_when_the_last_seat_is_gone_one_waits_and_moves_up_in_order(world, slots, at):
    for who in ("thandiwe", "part"):
        take(world, who, slots[0], at)
    with pytest.raises(actions.SeatJustTaken):
        take(world, "siobhan", slots[0], at)
    wait(world, "xiuying", slots[0], at)
    wait(world, "siobhan", slots[0], at + dt.timedelta(minutes=1))
    take(world, "xiuying", slots[1], at + dt.timedelta(minutes=2))

    leave(world, "part", at + dt.timedelta(minutes=3))

    assert states(world.enrolments["xiuying"]) == {slots[0].pk: "seated", slots[1].pk: "said"}
    assert states(world.enrolments["siobhan"]) == {slots[0].pk: "waiting"}
    [mail] = MailMessage.objects.filter(key__startswith="move-up:")
    assert (mail.to_id, mail.subject) == (world.xiuying.pk, "You have moved up to a seat: Cohort 1")
    assert "Tuesday at 16:00 (London time) with Ioana Pop" in mail.body
    assert "Pärt" not in mail.body


def test_one_does_not_wait_where_one_can_sit_or_sits(world, slots, at):
    with pytest.raises(actions.ThereIsASeat):
        wait(world, "part", slots[0], at)
    take(world, "part", slots[0], at)
    with pytest.raises(actions.SeatAlready):
        wait(world, "part", slots[0], at)


def test_whoever_stops_waiting_is_passed_over(world, slots, at):
    for who in ("thandiwe", "part"):
        take(world, who, slots[0], at)
    wait(world, "siobhan", slots[0], at)
    actions.stop_waiting(slot=slots[0], enrolment=enrolled(world.enrolments["siobhan"]), by=world.siobhan, at=at)
    leave(world, "part", at)
    assert states(world.enrolments["siobhan"]) == {slots[0].pk: "said"}


def test_seats_that_are_held_back_cannot_be_taken(world, slots, at):
    choosing.open_up(world.cohort, seats_held_back=1)
    take(world, "part", slots[0], at)
    with pytest.raises(actions.SeatJustTaken):
        take(world, "thandiwe", slots[0], at)


def test_more_of_one_discipline_than_its_share_wait_for_others(world, slots, at):
    MixingAttribute.objects.create(cohort=world.cohort, key="discipline", label="Discipline")
    choosing.open_up(world.cohort, group_cap=2)
    Enrolment.objects.filter(pk__in=[world.enrolments[who].pk for who in ("part", "thandiwe")]).update(
        discipline="Physics"
    )  # two of four: one in a group of two
    take(world, "part", slots[0], at)
    with pytest.raises(actions.MixNeedsOthers) as refused:
        take(world, "thandiwe", slots[0], at)
    assert str(refused.value) == (
        "This group needs people of other disciplines first. You can wait for a seat, or choose another."
    )
    own = queries.own_choices(world.thandiwe, world.enrolments["thandiwe"].pk, at)
    assert [each.needs_other for each in own.slots] == ["discipline", ""]
    wait(world, "thandiwe", slots[0], at)
    take(world, "siobhan", slots[0], at)
    leave(world, "siobhan", at)
    assert states(world.enrolments["thandiwe"]) == {slots[0].pk: "waiting"}
    leave(world, "part", at)
    assert states(world.enrolments["thandiwe"]) == {slots[0].pk: "seated"}


def test_a_protected_attribute_never_limits_anybody(world, slots, at):
    MixingAttribute.objects.create(cohort=world.cohort, key="discipline", label="D", is_protected=True)
    Enrolment.objects.filter(cohort=world.cohort).update(discipline="Physics")
    take(world, "part", slots[0], at)
    assert take(world, "thandiwe", slots[0], at).state == "seated"


@pytest.mark.parametrize(("rule", "slot"), [("apart", 0), ("together", 1)])
def test_a_rule_stands_against_a_seat_without_saying_which(world, slots, at, rule, slot):
    low, high = sorted((world.enrolments["part"].pk, world.enrolments["thandiwe"].pk))
    PairRule.objects.create(cohort=world.cohort, first_id=low, second_id=high, rule=rule)
    take(world, "part", slots[0], at)
    with pytest.raises(actions.RuleAgainst) as refused:
        take(world, "thandiwe", slots[slot], at)
    assert str(refused.value) == ("A rule of the programme does not allow this group for you. Choose another time.")
    with pytest.raises(actions.RuleAgainst):
        wait(world, "thandiwe", slots[slot], at)
    assert take(world, "thandiwe", slots[1 - slot], at).state == "seated"


def test_seats_are_taken_only_where_people_pick_and_while_it_is_open(world, slots, at):
    choosing.open_up(world.cohort, choosing="rank")
    with pytest.raises(actions.ChosenAnotherWay):
        take(world, "part", slots[0], at)
    choosing.open_up(world.cohort, choosing="pick", choices_close_at=at)
    with pytest.raises(actions.ChoosingIsClosed):
        take(world, "part", slots[0], at)


def test_a_time_that_was_withdrawn_meanwhile_is_said_to_be_gone(world, slots, at):
    actions.withdraw_slot(slot=slots[0], by=world.ioana, at=at)
    for act in (take, wait):
        with pytest.raises(actions.NoLongerOffered):
            act(world, "part", slots[0], at)


def test_a_time_of_another_cohort_is_not_there(world, slots, at):
    from tests import cast

    foreign = choosing.slot(cast.engage(world.other_cohort, world.malik))
    with pytest.raises(queries.NotFound):
        take(world, "part", foreign, at)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_seat_one_gets_it_and_the_others_are_told(world, at):
    choosing.open_up(world.cohort, choosing="pick", group_cap=2, group_minimum=1, seats_held_back=1)
    slot = choosing.slot(world.engagements["ioana"])
    people = ("thandiwe", "part", "siobhan", "xiuying")
    gate = threading.Barrier(len(people))

    def race(who):
        gate.wait()
        try:
            take(world, who, slot, at)
        except actions.SeatJustTaken:
            wait(world, who, slot, at)
            return "waits"
        finally:
            connections.close_all()
        return "sits"

    with ThreadPoolExecutor(max_workers=len(people)) as pool:
        outcomes = sorted(pool.map(race, people))

    assert outcomes == ["sits", "waits", "waits", "waits"]
    assert SlotChoice.objects.filter(state="seated").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_time_is_withdrawn_or_a_seat_is_taken_and_never_both(world, at):
    choosing.open_up(world.cohort, choosing="pick")
    for weekday in range(1, 6):
        slot = choosing.slot(world.engagements["ioana"], weekday)
        gate = threading.Barrier(2)

        def go(act, refusal, gate=gate):
            gate.wait()
            try:
                act()
            except refusal:
                return False
            finally:
                connections.close_all()
            return True

        def sit(slot=slot):
            take(world, "part", slot, at)

        def withdraw(slot=slot):
            actions.withdraw_slot(slot=slot, by=world.ioana, at=at)

        with ThreadPoolExecutor(max_workers=2) as pool:
            sits = pool.submit(go, sit, actions.NoLongerOffered)
            goes = pool.submit(go, withdraw, actions.SomebodySitsHere)
            assert sits.result() != goes.result()
        slot.refresh_from_db()
        assert slot.choices.filter(state="seated").exists() == (slot.withdrawn_at is None)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_places_at_once_neither_lock_up_nor_lose_their_seats(world, at):
    choosing.open_up(world.cohort, choosing="pick", group_cap=2, group_minimum=1)
    slots = [choosing.slot(world.engagements["ioana"]), choosing.slot(world.engagements["malik"])]
    take(world, "part", slots[0], at)
    take(world, "thandiwe", slots[1], at)
    gate = threading.Barrier(2)

    def cross(who, slot):
        gate.wait()
        try:
            take(world, who, slot, at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(cross, ("part", "thandiwe"), (slots[1], slots[0])))

    assert states(world.enrolments["part"])[slots[1].pk] == "seated"
    assert states(world.enrolments["thandiwe"])[slots[0].pk] == "seated"
