import dataclasses
from collections import Counter

import pytest

from cairn.engines import grouping
from cairn.foundation.models import AuditEntry
from cairn.programmes import actions, queries
from cairn.programmes.models import Enrolment, GroupingProposal, MixingAnswer, MixingAttribute, PairRule
from tests import cast
from tests.gathering import ask_gender, gather
from tests.kept import kept


@pytest.fixture
def gathering(world):
    return kept(gather, world, 24, 3)


def propose(gathering, world, at, **asked):
    return actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at, **asked)


def sizes(proposal):
    return Counter(number for _coach, number in proposal.assignment.values())


def named(*people):
    """Names in the order in which the engine gives them: that of its ids, which are words."""
    return ", ".join(each.person.name for each in sorted(people, key=lambda each: str(each.pk)))


def group_of(proposal, enrolment):
    return proposal.assignment[str(enrolment.pk)][1]


# ------------------------------------------------------------------ the problem


def test_the_problem_has_opaque_ids_and_ordinary_values(world, gathering):
    problem = queries.grouping_problem(gathering.cohort)
    assert {person.id for person in problem.people} == gathering.ids()
    assert [(group.id, group.coach) for group in problem.groups] == [
        (f"g{number}", f"c{held.pk}")
        for number, held in enumerate(sorted(gathering.coaches, key=lambda each: each.person.name), start=1)
    ]
    first = next(person for person in problem.people if person.id == str(gathering.people[0].pk))
    assert dict(first.values) == {"discipline": "life sciences", "institution": str(world.northgate.pk)}
    text = repr(problem)
    assert [name for name in ("Aoife", "example.org", "Wren") if name in text] == []


def test_protected_answers_without_consent_never_reach_the_engine(world, gathering, at):
    gender = ask_gender(gathering)
    person = gathering.people[0]
    MixingAnswer.objects.filter(enrolment=person).update(value="", consented=False)
    other = MixingAttribute.objects.create(cohort=world.cohort, key="gender", label="Gender", is_protected=True)
    Enrolment.objects.filter(pk=person.pk).update(department="woman")
    problem = queries.grouping_problem(gathering.cohort)
    said = {one.id: one.values["gender"] for one in problem.people}
    assert said[str(person.pk)] is None
    assert said[str(gathering.people[3].pk)] is None
    assert {who for who, value in said.items() if value} == {
        str(answer.enrolment_id) for answer in MixingAnswer.objects.filter(attribute=gender, consented=True)
    }
    assert other.pk != gender.pk
    MixingAnswer.objects.filter(attribute=gender).delete()
    assert {one.values["gender"] for one in queries.grouping_problem(gathering.cohort).people} == {None}


def test_a_protected_attribute_is_never_read_from_the_enrolment(world, gathering):
    MixingAttribute.objects.filter(cohort=gathering.cohort, key="discipline").update(is_protected=True)
    problem = queries.grouping_problem(gathering.cohort)
    assert {person.values["discipline"] for person in problem.people} == {None}


def test_a_cohort_that_does_not_mix_has_no_attributes(world, gathering):
    type(gathering.cohort).objects.filter(pk=gathering.cohort.pk).update(mixes_groups=False)
    assert queries.grouping_problem(gathering.cohort).attributes == ()


def test_spelling_does_not_split_a_discipline(world, gathering):
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(discipline="  LIFE  Sciences ")
    problem = queries.grouping_problem(gathering.cohort)
    assert {person.values["discipline"] for person in problem.people} == {
        "life sciences",
        "physics",
        "history",
        "engineering",
    }


def test_whoever_left_is_not_in_the_problem(world, gathering, at):
    Enrolment.objects.filter(pk=gathering.people[0].pk).update(state="left", left_on=at.date())
    assert str(gathering.people[0].pk) not in {
        person.id for person in queries.grouping_problem(gathering.cohort).people
    }


@pytest.mark.parametrize(
    ("people", "coaches", "expected"),
    [(53, 5, [1, 1, 1, 1, 1]), (53, 4, [2, 1, 1, 1]), (9, 5, [1, 1, 0, 0, 0]), (2, 3, [1, 0, 0]), (0, 1, [1])],
)
def test_groups_are_dealt_out_for_cap_and_minimum(people, coaches, expected):
    found = queries.share_groups(list(range(coaches)), people, cap=11, minimum=4)
    assert list(found.values()) == expected


# ------------------------------------------------------------------ proposing


def test_a_proposal_holds_every_rule_and_names_nobody(world, gathering, at):
    a, b, c, d, out = gathering.people[:5]
    actions.add_pair_rule(cohort=gathering.cohort, first=a, second=b, rule="apart", by=world.halina, at=at)
    actions.add_pair_rule(cohort=gathering.cohort, first=d, second=c, rule="together", by=world.halina, at=at)
    actions.declare_conflict(engagement=gathering.coaches[0], enrolment=a, by=world.halina, at=at)
    actions.declare_conflict(engagement=gathering.coaches[1], enrolment=out, by=world.halina, at=at)
    actions.set_opt_out(enrolment=out, opts_out=True, by=world.halina, at=at)
    made = propose(gathering, world, at, seed=3, pins={b.pk: 2})
    assert sorted(sizes(made).values()) == [1, 7, 8, 8]
    assert group_of(made, a) != group_of(made, b) == 2
    assert group_of(made, c) == group_of(made, d)
    assert made.assignment[str(a.pk)][0] != gathering.coaches[0].pk
    assert made.assignment[str(out.pk)][0] != gathering.coaches[1].pk
    assert (made.state, made.version, made.answer["violations"]) == ("proposed", 1, [])
    coach_of = {number: held for held, number in made.assignment.values() if number}
    assert all(held == coach_of[number] for held, number in made.assignment.values() if number)
    assert "Aoife" not in str(made.answer)


def test_the_same_seed_gives_the_same_groups(world, gathering, at):
    first = propose(gathering, world, at, seed=5)
    assert propose(gathering, world, at, seed=5).assignment == first.assignment


def test_a_new_proposal_supersedes_the_one_that_waits_and_keeps_its_pins(world, gathering, at):
    first = propose(gathering, world, at)
    actions.pin(proposal=first, enrolment=gathering.people[0], expected_version=1, by=world.halina, at=at)
    again = propose(gathering, world, at, seed=9, seen=2)
    assert again.pins == {str(gathering.people[0].pk): group_of(first, gathering.people[0])}
    assert group_of(again, gathering.people[0]) == group_of(first, gathering.people[0])
    assert list(GroupingProposal.objects.order_by("pk").values_list("state", "version")) == [
        ("superseded", 2),
        ("proposed", 3),
    ]


def test_nothing_of_protected_attributes_is_kept_but_their_names(world, gathering, at):
    ask_gender(gathering)
    answer = propose(gathering, world, at).answer
    assert {row[0] for row in answer["rows"]} == {"discipline", "institution"}
    assert all(set(cells) == {"discipline", "institution"} for cells in answer["mix"].values())
    assert "woman" not in str(answer)
    assert [each["key"] for each in answer["attributes"]] == ["discipline", "institution"]
    assert answer["confidential"] == ["Gender"]


def test_figures_are_those_of_the_ordinary_attributes_alone(world, gathering, at):
    ask_gender(gathering)
    made = propose(gathering, world, at)
    seats = {who: f"g{number}" for who, (_held, number) in made.assignment.items()}
    plain = queries.grouping_facts(gathering.cohort).problem(queries.groups_of(made.answer), ordinary=True)
    expected = grouping.rescore(plain, seats)
    assert [attribute.key for attribute in plain.attributes] == ["discipline", "institution"]
    assert (made.answer["score"], made.answer["D"]) == (expected.score, str(expected.D))
    assert made.answer["likeness"] == {report.id[1:]: report.likeness for report in expected.per_group}


def test_an_intersection_with_a_protected_attribute_is_protected(world, gathering, at):
    ask_gender(gathering)
    MixingAttribute.objects.create(
        cohort=gathering.cohort, key="both", label="Both", weight=1, of=["discipline", "gender"]
    )
    MixingAttribute.objects.create(
        cohort=gathering.cohort, key="place", label="Place", weight=1, of=["discipline", "institution"]
    )
    facts = queries.grouping_facts(gathering.cohort)
    whole, shown = facts.problem({1: 1}), facts.problem({1: 1}, ordinary=True)
    assert [each.key for each in whole.attributes] == ["discipline", "institution", "gender", "both", "place"]
    assert [each.key for each in shown.attributes] == ["discipline", "institution", "place"]
    assert facts.label("place", f"life sciences × {world.northgate.pk}") == "Life sciences, Northgate University"


@pytest.mark.parametrize(("pins", "said"), [(0, ("proven", "proven")), (19, ("proven", "")), (20, ("left_out", ""))])
def test_of_the_whole_is_said_whether_it_is_proven_unless_people_are_pinned(world, gathering, at, pins, said):
    ask_gender(gathering)
    first = propose(gathering, world, at)
    held = {each.pk: group_of(first, each) for each in gathering.people[:pins]}
    made = propose(gathering, world, at, pins=held)
    assert (made.answer["whole"], queries.whole_of(made)) == said


def test_with_too_few_people_to_place_their_answers_are_left_out(world, gathering, at, monkeypatch):
    ask_gender(gathering)
    first = propose(gathering, world, at)
    asked = []
    solve = grouping.solve
    monkeypatch.setattr(grouping, "solve", lambda problem, **more: asked.append(problem) or solve(problem, **more))
    for free in (4, 5):
        held = {each.pk: group_of(first, each) for each in gathering.people[free:]}
        propose(gathering, world, at, pins=held)
    assert [[each.key for each in problem.attributes] for problem in asked] == [
        ["discipline", "institution"],
        ["discipline", "institution", "gender"],
    ]


def test_nothing_is_said_of_the_whole_after_a_hand_move(world, gathering, at):
    ask_gender(gathering)
    made = propose(gathering, world, at)
    person = gathering.people[0]
    there = 1 if group_of(made, person) != 1 else 2
    moved = actions.move_person(
        proposal=made, enrolment=person, to_group=there, expected_version=1, by=world.halina, at=at
    )
    assert queries.whole_of(moved) == "moved"
    back = actions.undo_move(proposal=moved, expected_version=2, by=world.halina, at=at)
    assert queries.whole_of(back) == "proven"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda g: type(g.cohort).objects.filter(pk=g.cohort.pk).update(group_cap=7, group_minimum=2), "24 people"),
        (lambda g: type(g.cohort).objects.filter(pk=g.cohort.pk).update(group_minimum=9), "at least 27"),
    ],
)
def test_impossible_limits_are_named(world, gathering, at, spoil, word):
    spoil(gathering)
    gathering.cohort.refresh_from_db()
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at, group_coaches={held.pk: 1 for held in gathering.coaches})
    assert word in refused.value.reasons[0][0]
    assert refused.value.reasons[0][1]
    assert GroupingProposal.objects.count() == 0


def test_an_impossible_rule_names_people_rule_and_remedy(world, gathering, at):
    a = gathering.people[0]
    for held in gathering.coaches:
        actions.declare_conflict(engagement=held, enrolment=a, by=world.halina, at=at)
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at)
    assert refused.value.reasons == (
        (
            "Aoife Brennan cannot be placed: there is a conflict with the coach of every group.",
            "Engage another coach, settle one of the conflicts, or offer one-to-one coaching only.",
        ),
    )


def test_rules_that_cannot_hold_together_are_named_together(world, gathering, at):
    a, b, c = gathering.people[:3]
    PairRule.objects.create(cohort=gathering.cohort, first=a, second=b, rule="together")
    PairRule.objects.create(cohort=gathering.cohort, first=b, second=c, rule="together")
    PairRule.objects.create(cohort=gathering.cohort, first=a, second=c, rule="apart")
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at)
    assert refused.value.reasons[0][0] == (
        f"{named(a, c)} must be apart, but other rules put them into the same group."
    )


def test_minutes_can_be_a_limit(world, gathering, at):
    limits = {held.pk: 100 for held in gathering.coaches}
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at, coach_minutes=limits)
    assert "has 100 minutes, but the plan needs at least" in refused.value.reasons[0][0]


def test_nobody_to_place_and_no_coach_are_said(world, gathering, at):
    Enrolment.objects.filter(cohort=gathering.cohort).update(state="left", left_on=at.date())
    with pytest.raises(actions.NoGrouping) as refused:
        propose(gathering, world, at)
    assert refused.value.reasons == (("There is nobody to place.", ""),)
    with pytest.raises(actions.NoGrouping) as refused:
        actions.propose_groups(cohort=world.other_cohort, by=world.halina, at=at)
    assert refused.value.reasons == (("No coach has accepted the work yet.", "Engage a coach first."),)


def test_a_result_that_the_second_reckoning_does_not_confirm_is_not_kept(world, gathering, at, monkeypatch):
    solve = grouping.solve

    def boasting(problem, **settings):
        result = solve(problem, **settings)
        return dataclasses.replace(result, score=result.score + 1)

    monkeypatch.setattr(grouping, "solve", boasting)
    with pytest.raises(actions.NotConfirmed):
        propose(gathering, world, at)
    assert GroupingProposal.objects.count() == 0


def test_only_a_coordinator_of_the_organisation_proposes(world, gathering, at):
    for stranger in (world.gwen, world.ioana, world.thandiwe, world.otto):
        with pytest.raises(actions.NotAllowed):
            actions.propose_groups(cohort=gathering.cohort, by=stranger, at=at)


def test_a_large_cohort_is_worked_out_by_the_queue(world, at):
    gathering = kept(gather, world, 85, 8)
    working = propose(gathering, world, at)
    assert (working.state, working.assignment) == ("working", {})
    with pytest.raises(actions.InWork):
        propose(gathering, world, at)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    working.refresh_from_db()
    assert (working.state, len(working.assignment)) == ("proposed", 85)
    assert AuditEntry.objects.filter(action="propose_groups").count() == 1


def test_what_the_queue_cannot_work_out_is_kept_for_the_page(world, at):
    gathering = kept(gather, world, 85, 8)
    for held in gathering.coaches:
        actions.declare_conflict(engagement=held, enrolment=gathering.people[0], by=world.halina, at=at)
    working = propose(gathering, world, at)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    board = queries.groups_board(world.halina, gathering.cohort.pk, at)
    assert board.failed.answer["reasons"][0][0].startswith("Aoife Brennan cannot be placed")
    stopped = propose(gathering, world, at)
    actions.fail_groups(proposal_id=stopped.pk)
    third = propose(gathering, world, at)
    actions.stop_groups(proposal=third, by=world.halina, at=at)
    actions.work_out_groups(proposal_id=third.pk, at=at)
    assert list(GroupingProposal.objects.order_by("pk").values_list("state", flat=True)) == [
        "failed",
        "failed",
        "superseded",
    ]


# ------------------------------------------------------------------ moving


def test_a_move_follows_the_coach_is_rescored_and_undone(world, gathering, at):
    made = propose(gathering, world, at)
    person = gathering.people[0]
    there = 1 if group_of(made, person) != 1 else 2
    moved = actions.move_person(
        proposal=made, enrolment=person, to_group=there, expected_version=1, by=world.halina, at=at
    )
    assert moved.assignment[str(person.pk)] == [queries.groups_of(made.answer)[there], there]
    assert moved.answer["score"] < made.answer["score"]
    assert moved.answer["violations"] == []
    back = actions.undo_move(proposal=made, expected_version=2, by=world.halina, at=at)
    assert (back.assignment, back.answer["score"], back.answer["proof"], back.version) == (
        made.assignment,
        made.answer["score"],
        made.answer["proof"],
        3,
    )
    with pytest.raises(actions.NothingToUndo):
        actions.undo_move(proposal=made, expected_version=3, by=world.halina, at=at)


def test_two_people_trade_places(world, gathering, at):
    made = propose(gathering, world, at)
    a = gathering.people[0]
    b = next(each for each in gathering.people if group_of(made, each) != group_of(made, a))
    moved = actions.move_person(
        proposal=made,
        enrolment=a,
        to_group=group_of(made, b),
        swap_with=b,
        expected_version=1,
        by=world.halina,
        at=at,
    )
    assert (group_of(moved, a), group_of(moved, b)) == (group_of(made, b), group_of(made, a))
    assert sizes(moved) == sizes(made)


def test_a_move_against_a_rule_is_refused_with_the_rules_sentence(world, gathering, at):
    a, b = gathering.people[:2]
    actions.add_pair_rule(cohort=gathering.cohort, first=a, second=b, rule="apart", by=world.halina, at=at)
    made = propose(gathering, world, at)
    with pytest.raises(actions.RuleForbids) as refused:
        actions.move_person(
            proposal=made, enrolment=a, to_group=group_of(made, b), expected_version=1, by=world.halina, at=at
        )
    assert str(refused.value) == (
        f"{named(a, b)} must be in different groups, and both would be in Group {group_of(made, b)}. "
        "Remove one of the pairs."
    )
    made.refresh_from_db()
    assert (made.version, made.previous) == (1, [])


def test_a_full_group_takes_nobody_more(world, gathering, at):
    type(gathering.cohort).objects.filter(pk=gathering.cohort.pk).update(group_cap=8)
    gathering.cohort.refresh_from_db()
    made = propose(gathering, world, at)
    person = gathering.people[0]
    there = 1 if group_of(made, person) != 1 else 2
    with pytest.raises(actions.RuleForbids) as refused:
        actions.move_person(proposal=made, enrolment=person, to_group=there, expected_version=1, by=world.halina, at=at)
    assert f"Group {there} would hold 9 people, and the cap is 8." in str(refused.value)


def test_a_conflict_and_a_pin_forbid_a_move(world, gathering, at):
    made = propose(gathering, world, at)
    person = gathering.people[0]
    here, there = group_of(made, person), 1 if group_of(made, person) != 1 else 2
    actions.pin(proposal=made, enrolment=person, expected_version=1, by=world.halina, at=at)
    with pytest.raises(actions.RuleForbids) as refused:
        actions.move_person(proposal=made, enrolment=person, to_group=there, expected_version=2, by=world.halina, at=at)
    assert str(refused.value) == f"Aoife Brennan is pinned to Group {here}. Remove the pin, or pin to another group."
    actions.unpin(proposal=made, enrolment=person, expected_version=2, by=world.halina, at=at)
    coach = next(held for held in gathering.coaches if held.pk == queries.groups_of(made.answer)[there])
    actions.declare_conflict(engagement=coach, enrolment=person, by=world.halina, at=at)
    with pytest.raises(actions.RuleForbids) as refused:
        actions.move_person(proposal=made, enrolment=person, to_group=there, expected_version=3, by=world.halina, at=at)
    assert "must not be coached by" in str(refused.value)


def test_of_two_coordinators_the_later_is_told(world, gathering, at):
    made = propose(gathering, world, at)
    a = gathering.people[0]
    there = 1 if group_of(made, a) != 1 else 2
    actions.move_person(proposal=made, enrolment=a, to_group=there, expected_version=1, by=world.halina, at=at)
    late = [
        lambda: actions.move_person(proposal=made, enrolment=a, to_group=3, expected_version=1, by=world.halina, at=at),
        lambda: actions.pin(proposal=made, enrolment=a, expected_version=1, by=world.halina, at=at),
        lambda: actions.unpin(proposal=made, enrolment=a, expected_version=1, by=world.halina, at=at),
        lambda: actions.undo_move(proposal=made, expected_version=1, by=world.halina, at=at),
        lambda: actions.adopt_proposal(proposal=made, expected_version=1, from_on=at.date(), by=world.halina, at=at),
        lambda: propose(gathering, world, at, seen=1),
        lambda: propose(gathering, world, at, seen=0),
    ]
    for act in late:
        with pytest.raises(actions.GroupsChanged):
            act()
    assert isinstance(actions.GroupsChanged(), actions.ChangedMeanwhile)


# ------------------------------------------------------------------ rules


def test_a_rule_that_comes_later_shows_in_the_proposal_that_waits(world, gathering, at):
    made = propose(gathering, world, at)
    a = gathering.people[0]
    b = next(each for each in gathering.people[1:] if group_of(made, each) == group_of(made, a))
    rule = actions.add_pair_rule(cohort=gathering.cohort, first=b, second=a, rule="apart", by=world.halina, at=at)
    made.refresh_from_db()
    assert [each.rule for each in queries.conflicts_in(made.answer)] == ["apart"]
    with pytest.raises(actions.NoGrouping):
        actions.adopt_proposal(proposal=made, expected_version=2, from_on=at.date(), by=world.halina, at=at)
    actions.remove_pair_rule(rule=rule, by=world.halina, at=at)
    made.refresh_from_db()
    assert (made.answer["violations"], made.version) == ([], 3)


def test_pairs_are_two_people_of_the_cohort_with_one_rule(world, gathering, at):
    a, b = gathering.people[:2]
    with pytest.raises(actions.TwoPeopleNeeded):
        actions.add_pair_rule(cohort=gathering.cohort, first=a, second=a, rule="apart", by=world.halina, at=at)
    with pytest.raises(actions.TwoPeopleNeeded):
        actions.add_pair_rule(
            cohort=gathering.cohort, first=a, second=world.enrolments["part"], rule="apart", by=world.halina, at=at
        )
    actions.add_pair_rule(cohort=gathering.cohort, first=b, second=a, rule="apart", by=world.halina, at=at)
    with pytest.raises(actions.PairHasRule):
        actions.add_pair_rule(cohort=gathering.cohort, first=a, second=b, rule="together", by=world.halina, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.add_pair_rule(cohort=gathering.cohort, first=a, second=b, rule="apart", by=world.gwen, at=at)


def test_whoever_opts_out_leaves_the_proposal_but_keeps_a_coach(world, gathering, at):
    made = propose(gathering, world, at)
    person = gathering.people[0]
    actions.set_opt_out(enrolment=person, opts_out=True, by=world.halina, at=at)
    made.refresh_from_db()
    held, number = made.assignment[str(person.pk)]
    assert (held in {each.pk for each in gathering.coaches}, number) == (True, None)
    actions.set_opt_out(enrolment=person, opts_out=False, by=world.halina, at=at)
    made.refresh_from_db()
    assert [each.rule for each in queries.conflicts_in(made.answer)] == ["unplaced"]


def test_whoever_joins_later_has_to_be_placed_before_adoption(world, gathering, at):
    made = propose(gathering, world, at)
    cast.enrol(gathering.cohort, world.tomasz, world.host)
    with pytest.raises(actions.NoGrouping) as refused:
        actions.adopt_proposal(proposal=made, expected_version=1, from_on=at.date(), by=world.halina, at=at)
    assert refused.value.reasons == (("Tomasz Zieliński is in no group.", ""),)


def test_strangers_find_no_proposal(world, gathering, at):
    propose(gathering, world, at)
    for stranger in (world.gwen, world.ioana, world.thandiwe, world.otto):
        with pytest.raises(queries.NotFound):
            queries.person_in_proposal(stranger, gathering.cohort.pk, gathering.people[0].pk, at)
        with pytest.raises(queries.NotFound):
            queries.groups_board(stranger, gathering.cohort.pk, at)
    with pytest.raises(queries.NotFound):
        queries.person_in_proposal(world.halina, gathering.cohort.pk, world.enrolments["part"].pk, at)


def test_the_menu_prices_every_other_group(world, gathering, at):
    made = propose(gathering, world, at)
    found = queries.person_in_proposal(world.halina, gathering.cohort.pk, gathering.people[0].pk, at)
    assert [each.number for each in found.options] == [n for n in (1, 2, 3) if n != found.number]
    option = found.options[0]
    moved = actions.move_person(
        proposal=made,
        enrolment=gathering.people[0],
        to_group=option.number,
        expected_version=1,
        by=world.halina,
        at=at,
    )
    assert moved.answer["score"] == option.score
    assert {cell.attribute for cell in found.cells} == {"Discipline", "Institution"}
