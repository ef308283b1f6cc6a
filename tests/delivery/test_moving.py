"""Asking for another group, and the ways in which it can be met."""

import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.foundation.models import AuditEntry
from cairn.people.queries import NotFound
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import (
    Cohort,
    Enrolment,
    GroupPlace,
    MixingAnswer,
    MixingAttribute,
    MoveRequest,
)
from tests.delivery.moving import approve, ask, looked, one_to_ones, swap, undo


@pytest.fixture(autouse=True)
def small_groups(world):
    """Groups of one or two people, so that the cast's own can change places."""
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1, group_cap=2)
    world.cohort.refresh_from_db()


def test_the_person_and_their_coach_may_ask_and_nobody_else(world, at):
    for stranger in ("part", "siobhan", "malik", "tomasz", "nia", "otto", "gwen", "halina", "sabine"):
        with pytest.raises(NotFound):
            ask(world, at, by=world.people[stranger])
    made = ask(world, at)
    assert (made.state, made.wish, made.asked_by, made.asked_at) == ("waiting", "another", world.thandiwe, at)
    assert ask(world, at, who="part", wish="coach", by=world.ioana).wish == "coach"


def test_no_reason_has_a_place_to_be_kept(world, at):
    made = ask(world, at)
    entry = AuditEntry.objects.get(action="ask_to_move")
    assert entry.facts == {"enrolment": made.enrolment_id, "wish": "another"}
    assert [field.name for field in MoveRequest._meta.fields if "reason" in field.name or "why" in field.name] == []


def test_one_request_waits_at_a_time_and_can_be_taken_back(world, at):
    made = ask(world, at)
    with pytest.raises(programme_actions.MoveAsked):
        ask(world, at, wish="coach")
    programme_actions.withdraw_move_request(request=made, by=world.thandiwe, at=at)
    made.refresh_from_db()
    assert made.state == "withdrawn"
    with pytest.raises(programme_actions.MoveAnswered):
        programme_actions.withdraw_move_request(request=made, by=world.thandiwe, at=at)
    assert ask(world, at, wish="coach").pk != made.pk


def test_person_and_coach_wait_for_one_answer_and_neither_learns_of_the_other(world, at):
    made = ask(world, at)
    enrolment = made.enrolment
    assert programme_queries.move_of(world.ioana, enrolment, at) is None
    assert ask(world, at, wish="coach", by=world.ioana).pk == made.pk
    assert programme_queries.move_of(world.ioana, enrolment, at) == made
    programme_actions.withdraw_move_request(request=made, by=world.ioana, at=at)
    made.refresh_from_db()
    assert (made.state, made.wish) == ("waiting", "another")
    assert programme_queries.move_of(world.ioana, enrolment, at) is None
    assert programme_queries.move_of(world.thandiwe, enrolment, at) == made
    with pytest.raises(NotFound):
        programme_actions.withdraw_move_request(request=made, by=world.ioana, at=at)


def test_whoever_has_no_group_or_whose_cohort_is_over_is_told(world, at):
    with pytest.raises(programme_actions.NoGroupYet):
        ask(world, at, who="xiuying")
    with pytest.raises(programme_actions.CohortOver):
        ask(world, at.replace(month=9, day=6))


def test_a_group_can_be_named_only_where_it_may_be_known(world, at):
    with pytest.raises(programme_actions.NotThatGroup):
        ask(world, at, wish="this_group", to_group=world.groups[2])
    with pytest.raises(programme_actions.NotThatGroup):
        ask(world, at, wish="this_group")
    place = GroupPlace.objects.get(enrolment=world.enrolments["thandiwe"])
    GroupPlace.objects.filter(pk=place.pk).update(from_on=dt.date(2027, 1, 4))
    GroupPlace.objects.create(
        group=world.groups[2], enrolment=place.enrolment, from_on=dt.date(2026, 9, 7), to_on=dt.date(2027, 1, 4)
    )
    assert ask(world, at, wish="this_group", to_group=world.groups[2]).to_group == world.groups[2]


def test_the_ways_are_those_of_the_engine_with_names_and_cost(world, at):
    shown = looked(world, ask(world, at), at)
    assert [(way.key, len(way.changes)) for way in shown.ways][:1] == [(f"{world.enrolments['thandiwe'].pk}-2", 1)]
    assert swap(world) in [way.key for way in shown.ways]
    [one] = shown.ways[0].changes
    assert (one.name, one.from_number, one.to_number, one.from_coach, one.to_coach) == (
        "Thandiwe Ndlovu",
        1,
        2,
        "Ioana Pop",
        "Malik Rahman",
    )


def test_a_shut_group_says_its_rule_to_the_coordinator(world, at):
    programme_actions.declare_conflict(
        engagement=world.engagements["malik"], enrolment=world.enrolments["thandiwe"], by=world.halina, at=at
    )
    shown = looked(world, ask(world, at), at)
    assert shown.ways == ()
    assert (shown.closed[0].number, "must not be coached by Malik Rahman" in shown.closed[0].why[0]) == (2, True)
    assert shown.against == ("rules",)


def test_figures_are_the_same_whatever_somebody_answered_in_confidence(world, at):
    MixingAttribute.objects.create(cohort=world.cohort, key="discipline", label="Discipline")
    gender = MixingAttribute.objects.create(cohort=world.cohort, key="gender", label="Gender", is_protected=True)
    for who, value in (("thandiwe", "woman"), ("part", "man"), ("siobhan", "woman")):
        MixingAnswer.objects.create(
            enrolment=world.enrolments[who], attribute=gender, value=value, consented=True, answered_at=at
        )
    request = ask(world, at)
    before = looked(world, request, at)
    MixingAnswer.objects.update(value="man")
    assert looked(world, request, at) == before


def test_whoever_is_coached_one_to_one_only_can_have_another_coach(world, at):
    actions.set_opt_out(enrolment=world.enrolments["thandiwe"], opts_out=True, by=world.halina, at=at)
    request = ask(world, at, wish="coach")
    shown = looked(world, request, at)
    assert [way.key for way in shown.ways] == [f"{world.enrolments['thandiwe'].pk}=c{world.engagements['malik'].pk}"]
    approve(world, request, at)
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).engagement == world.engagements["malik"]
    assert {coach for _state, coach, _minutes in one_to_ones(world, "thandiwe")} == {"Malik Rahman"}
    undo(world, request, at)
    assert {coach for _state, coach, _minutes in one_to_ones(world, "thandiwe")} == {"Ioana Pop"}
