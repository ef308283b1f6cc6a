import datetime as dt

import pytest

from cairn.programmes import actions, queries, rules
from cairn.programmes.models import CoachEngagement, ConflictOfInterest


def offer(world, at):
    """Ioana is asked to coach the second cohort too."""
    return actions.offer_engagement(
        cohort=world.other_cohort,
        person=world.ioana,
        is_internal=False,
        needs_familiarisation=False,
        by=world.halina,
        at=at,
    )


def test_an_offer_is_shown_to_its_coach_and_to_nobody_else(world, at):
    engagement = offer(world, at)
    assert queries.offered_to(world.ioana, engagement.pk, at) == engagement
    for reader in (world.malik, world.halina, world.rosa, world.lena):
        with pytest.raises(queries.NotFound):
            queries.offered_to(reader, engagement.pk, at)


def test_a_coach_accepts_once_and_only_for_themselves(world, at):
    engagement = offer(world, at)
    with pytest.raises(actions.NotAllowed):
        actions.accept_engagement(engagement=engagement, by=world.malik, at=at)
    assert actions.accept_engagement(engagement=engagement, by=world.ioana, at=at).state == "accepted"
    assert actions.accept_engagement(engagement=engagement, by=world.ioana, at=at).answered_at == at


def test_a_decline_can_be_taken_back(world, at):
    engagement = offer(world, at)
    actions.decline_engagement(engagement=engagement, by=world.ioana, at=at)
    actions.take_back_decline(engagement=engagement, by=world.ioana, at=at)
    assert actions.accept_engagement(engagement=engagement, by=world.ioana, at=at).state == "accepted"


def test_an_accepted_engagement_is_not_declined(world, at):
    with pytest.raises(actions.NotOffered):
        actions.decline_engagement(engagement=world.engagements["ioana"], by=world.ioana, at=at)


def test_a_withdrawn_offer_cannot_be_accepted_but_made_again(world, at):
    engagement = offer(world, at)
    actions.end_engagement(engagement=engagement, on=at.date(), by=world.halina, at=at)
    with pytest.raises(actions.NotOffered):
        actions.accept_engagement(engagement=engagement, by=world.ioana, at=at)
    again = offer(world, at + dt.timedelta(days=1))
    assert (again.pk, again.state, again.ended_on) == (engagement.pk, "offered", None)


def test_nobody_is_engaged_twice(world, at):
    offer(world, at)
    with pytest.raises(actions.AlreadyEngaged):
        offer(world, at)


def test_an_engagement_does_not_end_under_people_or_groups(world, at):
    with pytest.raises(actions.CoacheesHangOnIt) as refused:
        actions.end_engagement(engagement=world.engagements["ioana"], on=at.date(), by=world.halina, at=at)
    assert refused.value.params["people"] == 2
    assert CoachEngagement.objects.get(pk=world.engagements["ioana"].pk).state == "accepted"


def test_a_declared_conflict_keeps_coach_and_person_apart(world, at):
    ioana, thandiwe = world.engagements["ioana"], world.enrolments["thandiwe"]
    actions.declare_conflict(engagement=ioana, enrolment=thandiwe, by=world.ioana, at=at)
    assert rules.may_coach_person(ioana, thandiwe) is False
    assert [(held.pk, who.pk) for held, who in queries.pairs_in_conflict(world.cohort)] == [(ioana.pk, thandiwe.pk)]


def test_before_accepting_a_coach_names_departments_only(world, at):
    engagement = offer(world, at)
    with pytest.raises(actions.NotAllowed):
        actions.declare_conflict(engagement=engagement, enrolment=world.enrolments["tomasz"], by=world.ioana, at=at)
    made = actions.declare_conflict(engagement=engagement, department=" School  of Law ", by=world.ioana, at=at)
    assert made.department == "School of Law"
    with pytest.raises(actions.DeclaredAlready):
        actions.declare_conflict(engagement=engagement, department="school of law", by=world.ioana, at=at)


def test_a_conflict_names_a_person_or_a_department(world, at):
    with pytest.raises(actions.NobodyNamed):
        actions.declare_conflict(engagement=world.engagements["ioana"], by=world.ioana, at=at)


def test_a_conflict_with_somebody_of_another_cohort_is_not_possible(world, at):
    with pytest.raises(actions.NotAllowed):
        actions.declare_conflict(
            engagement=world.engagements["ioana"], enrolment=world.enrolments["tomasz"], by=world.halina, at=at
        )


def test_a_coach_takes_back_their_own_declaration_only(world, at):
    ioana = world.engagements["ioana"]
    theirs = actions.declare_conflict(engagement=ioana, department="Law", by=world.halina, at=at)
    own = actions.declare_conflict(engagement=ioana, department="Physics", by=world.ioana, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.withdraw_conflict(conflict=theirs, by=world.ioana, at=at)
    actions.withdraw_conflict(conflict=own, by=world.ioana, at=at)
    assert list(ConflictOfInterest.objects.values_list("department", flat=True)) == ["Law"]
