"""Who sits beside somebody, asked on every reading; and what ends when they no longer do."""

import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries
from cairn.journey.models import Companion, Share
from cairn.people.models import Person, RoleGrant
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import (
    CoachEngagement,
    Cohort,
    ConflictOfInterest,
    Enrolment,
    GroupingProposal,
    GroupPlace,
)
from tests.delivery.moving import approve, ask, swap, undo
from tests.sharing import write_everything

DAY = dt.timedelta(days=1)


@pytest.fixture
def entry(world, at):
    return write_everything(world.thandiwe, at, "LEAK")["entry"]


def share(world, at, entry, reader=None, **more):
    given = {"kind": "entry", "item_id": entry, "until": at + 90 * DAY, "by": world.thandiwe, "at": at}
    return actions.share_with(reader_id=(reader or world.ioana).pk, **{**given, **more})


def companion(world, at, who="lena", of="thandiwe", **more):
    given = {"accepted_at": at, "invited_at": at, "expires_at": at + DAY, "secret_hash": f"{who}-{of}"}
    return Companion.objects.create(
        person=world.people[of], coach=world.people[who], address="x@x.org", **given, **more
    )


def sees(world, at, who="ioana"):
    """Whether this reader gets as far as the shared items of Thandiwe."""
    try:
        return queries.coach_sees(world.people[who], world.thandiwe.pk, at)
    except queries.NotFound:
        return None


def names(world, at, who="thandiwe"):
    return [(each.person.name, each.cohort) for each in queries.possible_readers(world.people[who], at)]


def test_one_may_share_with_ones_coach_and_companions_only(world, at, entry):
    companion(world, at)
    assert names(world, at) == [("Ioana Pop", "Cohort 1"), ("Lena Fischer", "")]
    assert names(world, at, "xiuying") == []
    share(world, at, entry)
    share(world, at, entry, reader=world.lena)
    for other in (world.malik, world.rosa, world.halina, world.sabine, world.ada, world.part, world.thandiwe):
        with pytest.raises(queries.NotFound):
            share(world, at, entry, reader=other)
    assert sorted(Share.objects.values_list("reader__name", flat=True)) == ["Ioana Pop", "Lena Fischer"]


def test_the_coach_of_ones_group_is_a_coach_of_ones_own(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(engagement=world.engagements["malik"])
    assert names(world, at) == [("Ioana Pop", "Cohort 1"), ("Malik Rahman", "Cohort 1")]
    GroupPlace.objects.filter(enrolment=world.enrolments["thandiwe"]).update(to_on=at.date())
    assert names(world, at) == [("Malik Rahman", "Cohort 1")]


def test_a_coach_sees_name_cohort_and_minutes(world, at):
    found = sees(world, at)
    assert (found.name, found.cohort, found.enrolment_id) == (
        "Thandiwe Ndlovu",
        "Cohort 1",
        world.enrolments["thandiwe"].pk,
    )
    assert (found.one_to_one["promised"], found.one_to_one["kind"]) == (world.cohort.one_to_one_minutes, "one_to_one")


@pytest.mark.parametrize("who", ["malik", "rosa", "lena", "halina", "otto", "ada", "sabine", "part", "thandiwe"])
def test_nobody_else_sits_beside_somebody(world, at, who):
    assert sees(world, at, who) is None


def _role_ends(world, at):
    RoleGrant.objects.filter(person=world.ioana).update(until=at)


def _engagement_ends(world, at):
    CoachEngagement.objects.filter(pk=world.engagements["ioana"].pk).update(state="ended", ended_on=at.date())


def _person_leaves(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(state="left", left_on=at.date())


def _person_is_to_leave_today(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(left_on=at.date())


def _coach_is_locked_out(world, at):
    Person.objects.filter(pk=world.ioana.pk).update(is_active=False)


def _person_is_gone(world, at):
    Person.objects.filter(pk=world.thandiwe.pk).update(is_active=False)


def _conflict_is_declared(world, at):
    ConflictOfInterest.objects.create(
        engagement=world.engagements["ioana"],
        enrolment=world.enrolments["thandiwe"],
        declared_by=world.halina,
        declared_at=at,
    )


def _coach_becomes_line_manager(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(line_manager="Ioana Pop <ioana@example.org>")


ENDS = [
    _role_ends,
    _engagement_ends,
    _person_leaves,
    _person_is_to_leave_today,
    _coach_is_locked_out,
    _person_is_gone,
    _conflict_is_declared,
    _coach_becomes_line_manager,
]


@pytest.mark.parametrize("end", ENDS)
def test_whoever_no_longer_coaches_sees_nothing_and_the_night_ends_what_was_shared(world, at, entry, end):
    share(world, at, entry)
    assert sees(world, at) is not None
    end(world, at)
    assert sees(world, at) is None
    assert actions.end_former(at=at) == 1
    assert journey_queries.shared_items(world.ioana, world.thandiwe.pk, at).items == ()


def test_the_night_leaves_alone_what_holds(world, at, entry):
    share(world, at, entry)
    assert actions.end_former(at=at) == 0
    assert Share.objects.get().withdrawn_at is None


def test_a_companion_sees_until_it_ends(world, at, entry):
    walking = companion(world, at)
    share(world, at, entry, reader=world.lena)
    found = sees(world, at, "lena")
    assert (found.name, found.cohort, found.enrolment_id) == ("Thandiwe Ndlovu", "", None)
    assert [each.name for each in queries.accompanied(world.lena, at)] == ["Thandiwe Ndlovu"]
    journey_actions.end_companion(companion_id=walking.pk, by=world.thandiwe, at=at)
    assert sees(world, at, "lena") is None
    assert (Share.objects.get().withdrawn_at, queries.accompanied(world.lena, at)) == (at, [])


def test_an_invitation_that_nobody_accepted_opens_nothing(world, at):
    Companion.objects.create(
        person=world.thandiwe, address="lena@example.org", secret_hash="x", invited_at=at, expires_at=at + DAY
    )
    assert sees(world, at, "lena") is None


@pytest.fixture
def small_groups(world):
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1, group_cap=2)
    world.cohort.refresh_from_db()


def test_a_change_of_coach_ends_what_was_shared_and_the_new_one_sees_nothing(world, at, entry, small_groups):
    share(world, at, entry)
    request = approve(world, ask(world, at), at, way=swap(world))
    assert Share.objects.get().withdrawn_at == at
    assert sees(world, at, "malik") is not None
    assert journey_queries.shared_items(world.malik, world.thandiwe.pk, at).items == ()
    later = at + 30 * DAY
    assert (sees(world, later), sees(world, later, "malik") is not None) == (None, True)

    share(world, at, entry, reader=world.malik)
    undo(world, request, at)
    assert Share.objects.filter(withdrawn_at=None).count() == 0
    assert (sees(world, at) is not None, sees(world, at, "malik")) == (True, None)


def test_new_groups_end_what_was_shared_with_a_former_coach_only(world, at, entry, small_groups):
    share(world, at, entry)
    other = write_everything(world.siobhan, at, "OTHER")["entry"]
    share(world, at, other, reader=world.malik, by=world.siobhan)
    proposal = programme_actions.propose_groups(cohort=world.cohort, by=world.halina, at=at)
    found = GroupingProposal.objects.get(pk=proposal.pk)
    actions.adopt_grouping(
        proposal=found,
        expected_version=found.version,
        from_on=at.date() + DAY,
        raise_commission=True,
        by=world.halina,
        at=at,
    )
    kept = dict(Enrolment.objects.filter(cohort=world.cohort).values_list("person", "engagement__person"))
    for granted in Share.objects.all():
        assert (granted.withdrawn_at is None) == (kept[granted.person_id] == granted.reader_id)


def test_leaving_ends_what_was_shared(world, at, entry):
    share(world, at, entry)
    position = programme_actions.say_new_position(
        enrolment=world.enrolments["thandiwe"], starts_on=at.date() + DAY, by=world.thandiwe, at=at
    )
    actions.record_new_position(position=position, outcome="leaves", on=at.date() + DAY, by=world.halina, at=at)
    actions.leave_when_due(at=at + 60 * DAY)
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).state == "left"
    assert Share.objects.get().withdrawn_at is not None


def test_what_a_coach_writes_and_picks_needs_their_place_beside_the_person(world, at):
    theirs = {"person_id": world.thandiwe.pk, "at": at}
    made = actions.write_note_about(text="LEAK-note", is_shared=False, by=world.ioana, **theirs)
    actions.rewrite_note_about(note_id=made, text="anew", is_shared=True, by=world.ioana, **theirs)
    actions.agree_step_with(text="ring the library", due_on=None, by=world.ioana, **theirs)
    picked = actions.pick_for(kind="exercise", key="keep_and_change", by=world.ioana, **theirs)
    [step] = journey_queries.open_steps(world.thandiwe)
    assert (step.text, step.agreed_with) == ("ring the library", "Ioana Pop")
    for attempt in (
        lambda: actions.write_note_about(text="x", is_shared=False, by=world.malik, **theirs),
        lambda: actions.agree_step_with(text="x", due_on=None, by=world.malik, **theirs),
        lambda: actions.pick_for(kind="exercise", key="keep_and_change", by=world.malik, **theirs),
        lambda: actions.take_back_pick(pick_id=picked, by=world.malik, **theirs),
        lambda: actions.delete_note_about(note_id=made, by=world.malik, **theirs),
        lambda: actions.pick_for(kind="exercise", key="none", by=world.ioana, **theirs),
    ):
        with pytest.raises(queries.NotFound):
            attempt()
    actions.take_back_pick(pick_id=picked, by=world.ioana, **theirs)
    actions.delete_note_about(note_id=made, by=world.ioana, **theirs)
    assert journey_queries.coach_table(world.ioana, world.thandiwe.pk).notes == ()


def test_asking_who_sits_beside_somebody_costs_two_queries(world, at, django_assert_num_queries):
    with django_assert_num_queries(2):
        sees(world, at)
