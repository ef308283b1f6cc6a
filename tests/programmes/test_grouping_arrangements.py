"""What else the engine is told: smaller groups, old company, styles."""

import datetime as dt
from collections import Counter

import pytest

from cairn.programmes import actions, queries
from cairn.programmes.models import (
    Adjustment,
    CoachEngagement,
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    MixingAnswer,
    MixingAttribute,
    PairRule,
)
from cairn.web.coordinator.group_board import board_of
from tests import cast
from tests.gathering import ask_gender, gather
from tests.kept import kept


@pytest.fixture
def gathering(world):
    return kept(gather, world, 24, 3)


def propose(gathering, world, at, **asked):
    return actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at, **asked)


def group_of(proposal, enrolment):
    return proposal.assignment[str(enrolment.pk)][1]


def needs_smaller(enrolment, most, at, state="agreed"):
    return Adjustment.objects.create(
        enrolment=enrolment,
        need="smaller_group",
        most_people=most,
        state=state,
        asked_by=enrolment.person,
        asked_at=at,
        answered_by=enrolment.person,
        answered_at=at,
    )


# ------------------------------------------------------------------ a smaller group


def test_a_smaller_group_that_was_agreed_is_kept_and_the_others_take_the_rest(world, gathering, at):
    person = gathering.people[5]
    needs_smaller(person, 4, at)
    made = propose(gathering, world, at)
    sizes = Counter(number for _held, number in made.assignment.values())
    assert sizes[group_of(made, person)] == 4
    assert sorted(sizes.values()) == [4, 10, 10]
    assert made.answer["violations"] == []


@pytest.mark.parametrize("state", ["waiting", "declined", "withdrawn"])
def test_what_was_not_agreed_changes_nothing(world, gathering, at, state):
    needs_smaller(gathering.people[5], 4, at, state)
    made = propose(gathering, world, at)
    assert sorted(Counter(number for _held, number in made.assignment.values()).values()) == [8, 8, 8]


def test_those_who_need_smaller_groups_share_one_unless_a_rule_parts_them(world, gathering, at):
    a, b, c = gathering.people[:3]
    for each in (a, b, c):
        needs_smaller(each, 7, at)
    PairRule.objects.create(cohort=gathering.cohort, first=a, second=c, rule="apart")
    facts = queries.grouping_facts(gathering.cohort)
    coaches = [each.pk for each in facts.engagements]
    small = queries.arrangements.small_groups(facts, dict(enumerate(coaches, start=1)), {})
    assert (small[a.pk] == small[b.pk], small[a.pk] == small[c.pk]) == (True, False)


def test_a_pinned_person_makes_the_group_they_are_pinned_to_small(world, gathering, at):
    person = gathering.people[5]
    needs_smaller(person, 5, at)
    made = propose(gathering, world, at, pins={person.pk: 1})
    assert Counter(number for _held, number in made.assignment.values())[1] == 5


def test_a_coach_who_must_not_coach_them_is_passed_over(world, gathering, at):
    person = gathering.people[5]
    needs_smaller(person, 5, at)
    for held in gathering.coaches[:2]:
        actions.declare_conflict(engagement=held, enrolment=person, by=world.halina, at=at)
    made = propose(gathering, world, at)
    assert made.assignment[str(person.pk)][0] == gathering.coaches[2].pk
    actions.declare_conflict(engagement=gathering.coaches[2], enrolment=person, by=world.halina, at=at)
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at)
    assert refused.value.reasons == (
        (
            f"{person.person.name} needs a smaller group, and none of these will do.",
            "Give a coach who may coach them another group.",
        ),
    )


def test_nobody_is_moved_into_a_small_group_that_is_full(world, gathering, at):
    person = gathering.people[5]
    needs_smaller(person, 4, at)
    made = propose(gathering, world, at)
    small = group_of(made, person)
    other = next(each for each in gathering.people if group_of(made, each) != small)
    with pytest.raises(actions.RuleForbids) as refused:
        actions.move_person(proposal=made, enrolment=other, to_group=small, expected_version=1, by=world.halina, at=at)
    assert f"Group {small} would hold 5 people, and the cap is 4." in str(refused.value)


def test_their_own_menu_names_the_size_and_not_a_pin_that_nobody_set(world, gathering, at):
    person = gathering.people[5]
    needs_smaller(person, 4, at)
    propose(gathering, world, at)
    found = queries.person_in_proposal(world.halina, gathering.cohort.pk, person.pk, at)
    assert found.most_people == 4
    assert [each.forbidden[0] for each in found.options] == [
        f"Group {each.number} would hold 11 people; 4 at most were agreed for this person." for each in found.options
    ]
    assert "pinned" not in str(found.options)


# ------------------------------------------------------------------ old company


def seat(group, enrolment, since, until=None):
    GroupPlace.objects.create(group=group, enrolment=enrolment, from_on=since, to_on=until)


def test_who_sat_in_one_group_at_the_same_time_has_met(world, gathering, at):
    Cohort.objects.filter(pk=gathering.cohort.pk).update(avoids_meeting_again=True)
    gathering.cohort.refresh_from_db()
    group = CoachingGroup.objects.create(cohort=gathering.cohort, number=1, engagement=gathering.coaches[0])
    a, b, c, d = gathering.people[:4]
    first, later = dt.date(2026, 9, 7), dt.date(2026, 11, 2)
    seat(group, a, first)
    seat(group, b, first, later)
    seat(group, c, later)
    seat(group, d, later, later)
    pairs = {frozenset((int(pair.a), int(pair.b))) for pair in queries.grouping_problem(gathering.cohort).met}
    assert pairs == {frozenset((a.pk, b.pk)), frozenset((a.pk, c.pk))}


def test_company_of_an_earlier_cohort_of_the_programme_counts(world, gathering, at):
    Cohort.objects.filter(pk=gathering.cohort.pk).update(avoids_meeting_again=True)
    gathering.cohort.refresh_from_db()
    again = [cast.enrol(gathering.cohort, world.people[name], world.host) for name in ("thandiwe", "part", "siobhan")]
    met = queries.grouping_problem(gathering.cohort).met
    assert [{int(pair.a), int(pair.b)} for pair in met] == [{again[0].pk, again[1].pk}]


def test_a_cohort_that_does_not_mind_is_not_asked(world, gathering, at):
    cast.enrol(gathering.cohort, world.thandiwe, world.host)
    cast.enrol(gathering.cohort, world.people["part"], world.host)
    assert queries.grouping_problem(gathering.cohort).met == ()


# ------------------------------------------------------------------ styles


def test_styles_reach_the_engine(world, gathering, at):
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(styles=["directive"])
    CoachEngagement.objects.filter(pk=gathering.coaches[1].pk).update(styles=["directive", "quiet"])
    problem = queries.grouping_problem(gathering.cohort)
    assert {one.id: one.styles for one in problem.people if one.styles} == {
        str(gathering.people[0].pk): frozenset({"directive"})
    }
    assert {one.id: one.styles for one in problem.coaches if one.styles} == {
        f"c{gathering.coaches[1].pk}": frozenset({"directive", "quiet"})
    }


# ------------------------------------------------------------------ what is said of wishes


def said_of(gathering, world, at):
    return board_of(queries.groups_board(world.halina, gathering.cohort.pk, at)).wishes


def test_nothing_is_said_of_wishes_that_nobody_made(world, gathering, at):
    propose(gathering, world, at)
    assert said_of(gathering, world, at) == []


def test_who_is_alone_by_something_ordinary_is_said_by_group(world, gathering, at):
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(discipline="Astronomy")
    MixingAttribute.objects.filter(cohort=gathering.cohort, key="discipline").update(avoids_isolation=True)
    made = propose(gathering, world, at)
    assert said_of(gathering, world, at) == [f"Group {group_of(made, gathering.people[0])} has only one of Astronomy."]


def test_who_is_alone_by_something_confidential_is_never_said(world, gathering, at):
    gender = ask_gender(gathering)
    MixingAttribute.objects.filter(pk=gender.pk).update(avoids_isolation=True)
    MixingAnswer.objects.filter(attribute=gender, enrolment=gathering.people[0]).update(value="another")
    made = propose(gathering, world, at)
    assert (made.answer["alone"], made.answer["asked"]) == ([], [])
    assert said_of(gathering, world, at) == []


def test_pairs_who_meet_again_are_counted(world, gathering, at):
    Cohort.objects.filter(pk=gathering.cohort.pk).update(avoids_meeting_again=True)
    gathering.cohort.refresh_from_db()
    group = CoachingGroup.objects.create(cohort=gathering.cohort, number=1, engagement=gathering.coaches[0])
    for each in gathering.people[:4]:
        seat(group, each, dt.date(2026, 9, 7))
    propose(gathering, world, at, pins={each.pk: 1 for each in gathering.people[:2]})
    assert said_of(gathering, world, at) == ["1 pair meets again."]


def test_styles_that_could_not_be_met_are_counted(world, gathering, at):
    Enrolment.objects.filter(pk__in=[each.pk for each in gathering.people[:2]]).update(styles=["quiet"])
    propose(gathering, world, at)
    assert said_of(gathering, world, at) == ["2 people have no coach who works in a style they wished for."]
    CoachEngagement.objects.filter(pk=gathering.coaches[0].pk).update(styles=["quiet"])
    propose(gathering, world, at)
    assert said_of(gathering, world, at) == ["Everybody who wished for a style has a coach who works in it."]
