import datetime as dt

import pytest

from cairn.programmes import actions, queries
from cairn.programmes.models import Cohort, GroupSlot, SlotChoice
from tests import cast
from tests.programmes import choosing


def publish(world, at, who="ioana", by=None, **fields):
    given = {"weekday": 2, "starts": choosing.FOUR, **fields}
    return actions.publish_slot(engagement=world.engagements[who], **given, by=by or world.people[who], at=at)


def test_a_coach_offers_a_time_and_takes_it_back(world, at):
    slot = publish(world, at, where=" Room 4 ")
    assert (slot.cohort, slot.weekday, slot.starts, slot.where) == (world.cohort, 2, dt.time(16, 0), "Room 4")

    actions.withdraw_slot(slot=slot, by=world.ioana, at=at)

    assert queries.coach_times(world.ioana, world.engagements["ioana"].pk, at).slots == ()
    assert GroupSlot.objects.get().withdrawn_at == at


def test_a_coordinator_does_it_for_a_coach(world, at):
    slot = publish(world, at, by=world.halina)
    actions.withdraw_slot(slot=slot, by=world.halina, at=at)
    assert GroupSlot.objects.get().withdrawn_at == at


@pytest.mark.parametrize("who", ["malik", "rosa", "thandiwe", "otto", "gwen", "lena", "sabine"])
def test_nobody_else_does(world, at, who):
    slot = publish(world, at)
    with pytest.raises(actions.NotAllowed):
        publish(world, at, by=world.people[who], weekday=3)
    with pytest.raises(actions.NotAllowed):
        actions.withdraw_slot(slot=slot, by=world.people[who], at=at)
    with pytest.raises(queries.NotFound):
        queries.coach_times(world.people[who], world.engagements["ioana"].pk, at)


def test_a_coach_who_has_left_offers_nothing(world, at):
    with pytest.raises(actions.NotAllowed):
        publish(world, at, who="rosa", by=world.halina)


@pytest.mark.parametrize(
    ("weekday", "starts", "clashes"),
    [
        (2, dt.time(16, 0), True),
        (2, dt.time(17, 29), True),
        (2, dt.time(17, 30), False),
        (2, dt.time(14, 31), True),
        (2, dt.time(14, 30), False),
        (3, dt.time(16, 0), False),
    ],
)
def test_a_time_must_not_overlap_with_another_of_ones_own(world, at, weekday, starts, clashes):
    publish(world, at)
    if not clashes:
        assert publish(world, at, weekday=weekday, starts=starts).pk
        return
    with pytest.raises(actions.TimesClash) as refused:
        publish(world, at, weekday=weekday, starts=starts)
    assert str(refused.value) == (
        "This overlaps with Tuesday at 16:00 (London time), which is offered already; a session lasts 90 minutes. "
        "Choose another time, or withdraw that one first."
    )


def test_another_zone_is_reckoned_with(world, at):
    publish(world, at)
    Cohort.objects.filter(pk=world.other_cohort.pk).update(time_zone="Europe/Berlin")
    world.other_cohort.refresh_from_db()
    other = cast.engage(world.other_cohort, world.ioana)
    with pytest.raises(actions.TimesClash):
        actions.publish_slot(engagement=other, weekday=2, starts=dt.time(17, 0), by=world.ioana, at=at)
    assert actions.publish_slot(engagement=other, weekday=2, starts=dt.time(15, 30), by=world.ioana, at=at).pk


def test_another_coach_may_offer_the_same_time(world, at):
    publish(world, at)
    assert publish(world, at, who="malik").pk


def test_groups_meet_on_working_days(world, at):
    with pytest.raises(actions.NoWorkingDay):
        publish(world, at, weekday=6)


def test_a_time_at_which_somebody_sits_stays(world, at):
    slot = publish(world, at)
    sits = SlotChoice.objects.create(slot=slot, enrolment=world.enrolments["part"], state="seated", said_at=at)
    with pytest.raises(actions.SomebodySitsHere):
        actions.withdraw_slot(slot=slot, by=world.ioana, at=at)
    SlotChoice.objects.filter(pk=sits.pk).update(state="waiting")

    actions.withdraw_slot(slot=slot, by=world.ioana, at=at)

    assert choosing.states(world.enrolments["part"]) == {slot.pk: "said"}


def test_a_coach_sees_how_many_wish_for_a_time_and_never_who(world, at):
    slot = publish(world, at)
    for number, who in enumerate(("thandiwe", "part", "siobhan"), start=1):
        SlotChoice.objects.create(slot=slot, enrolment=world.enrolments[who], rank=number, said_at=at)
    world.enrolments["siobhan"].opts_out_of_groups = True
    world.enrolments["siobhan"].save(update_fields=["opts_out_of_groups"])

    [seen] = queries.coach_times(world.ioana, world.engagements["ioana"].pk, at).slots

    assert (seen.wishes, seen.first_wishes, seen.seated) == (2, 1, 0)
    assert "Thandiwe" not in repr(seen)


def test_styles_are_those_that_the_cohort_names(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(coaching_styles=["quiet", "brisk"])
    engagement = actions.say_coach_styles(
        engagement=world.engagements["ioana"], styles=["brisk", "loud"], by=world.ioana, at=at
    )
    assert engagement.styles == ["brisk"]
    with pytest.raises(actions.NotAllowed):
        actions.say_coach_styles(engagement=engagement, styles=[], by=world.malik, at=at)
