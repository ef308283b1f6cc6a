import datetime as dt
from collections import Counter

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import CoachTime, Entitlement
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import CoachingGroup, Enrolment, GroupingProposal, GroupPlace
from tests import cast
from tests.gathering import gather
from tests.kept import kept


@pytest.fixture
def gathering(world, at):
    found = kept(gather, world, 24, 3)
    ledger_actions.open_entitlements(enrolments=found.people, by=world.halina, at=at)
    return found


def propose(gathering, world, at, **asked):
    return actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at, **asked)


def adopt(proposal, world, at, *, version=1, **asked):
    settings = {"from_on": at.date(), "expected_version": version, **asked}
    return actions.adopt_grouping(proposal=proposal, by=world.halina, at=at, **settings)


def seats(cohort):
    return dict(
        GroupPlace.objects.filter(group__cohort=cohort, to_on=None).values_list("enrolment_id", "group__number")
    )


def meet(cohort, number, on, world, at):
    """A group session at ten in the morning."""
    group = CoachingGroup.objects.get(cohort=cohort, number=number)
    return actions.add_session(
        cohort=cohort,
        kind="group",
        group=group,
        wall_starts=dt.datetime.combine(on, dt.time(10)),
        mode="online",
        where="https://example.org/room",
        by=world.halina,
        at=at,
    )


def test_adoption_gives_dated_seats_and_one_coach_to_everybody(world, gathering, at):
    proposal = propose(gathering, world, at)
    done = adopt(proposal, world, at, address_of="https://cairn.example.org")
    assert (done.people, done.groups, done.sessions_made, done.sessions_carried, done.mails) == (24, 3, 96, 0, 27)
    places = GroupPlace.objects.filter(group__cohort=gathering.cohort).select_related("group", "enrolment")
    assert len(places) == 24
    for place in places:
        assert (place.from_on, place.to_on) == (at.date(), None)
        assert place.group.engagement_id == place.enrolment.engagement_id
        assert proposal.assignment[str(place.enrolment_id)] == [place.group.engagement_id, place.group.number]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.adopted_by, proposal.adopted_at) == ("adopted", world.halina, at)
    assert AuditEntry.objects.filter(action="adopt_groups", by_id=world.halina.pk).count() == 1


def test_one_to_one_sessions_wait_undated_with_the_coach_of_the_group(world, gathering, at):
    adopt(propose(gathering, world, at), world, at)
    sessions = CoachingSession.objects.filter(cohort=gathering.cohort, kind="one_to_one", state="undated")
    assert sum(sessions.values_list("minutes", flat=True)) == 24 * 210
    assert all(each.engagement_id == each.enrolment.engagement_id for each in sessions.select_related("enrolment"))


def test_whoever_opts_out_gets_a_coach_the_minutes_and_no_seat(world, gathering, at):
    person = gathering.people[0]
    actions.set_opt_out(enrolment=person, opts_out=True, by=world.halina, at=at)
    adopt(propose(gathering, world, at), world, at)
    person = Enrolment.objects.get(pk=person.pk)
    assert person.engagement is not None
    assert GroupPlace.objects.filter(enrolment=person).count() == 0
    promised = dict(Entitlement.objects.filter(enrolment=person).values_list("kind", "promised"))
    assert promised == {"one_to_one": 1110, "group": 0}
    waiting = CoachingSession.objects.filter(enrolment=person, state="undated")
    assert sum(waiting.values_list("minutes", flat=True)) == 1110


def test_mails_name_group_and_coach_and_nobody_else(world, gathering, at):
    proposal = propose(gathering, world, at)
    adopt(proposal, world, at, address_of="https://cairn.example.org")
    aoife = gathering.people[0]
    number = proposal.assignment[str(aoife.pk)][1]
    body = MailMessage.objects.get(to_id=aoife.person_id)
    coach = Enrolment.objects.get(pk=aoife.pk).engagement.person.name
    assert body.subject == f"Your coaching group: group {number}, Cohort 3"
    assert f"you are in group {number} of Prosperous Minds, Cohort 3. Your coach, for the group and" in body.body
    assert coach in body.body
    others = [each.person for each in gathering.people[1:]]
    everything = "".join(MailMessage.objects.exclude(to_id__in=[o.pk for o in others]).values_list("body", flat=True))
    assert [each.name for each in others if each.name in everything or each.email in everything] == []
    held = gathering.coaches[0]
    own = MailMessage.objects.get(to_id=held.person_id)
    assert "You are the coach of 8 people." in own.body


def test_nobody_but_a_coordinator_adopts_and_only_what_they_saw(world, gathering, at):
    proposal = propose(gathering, world, at)
    for stranger in (world.gwen, world.ioana, world.otto):
        with pytest.raises(actions.NotAllowed.__mro__[1]):
            actions.adopt_grouping(proposal=proposal, expected_version=1, from_on=at.date(), by=stranger, at=at)
    with pytest.raises(programme_actions.GroupsChanged):
        adopt(proposal, world, at, version=2)
    adopt(proposal, world, at)
    with pytest.raises(programme_actions.GroupsChanged):
        adopt(proposal, world, at, version=2)
    assert seats(gathering.cohort).keys() == {each.pk for each in gathering.people}


def test_a_commission_that_is_too_small_is_said_and_raised_on_demand(world, gathering, at):
    held = gathering.coaches[0]
    ledger_actions.commission(engagement=held, minutes={"one_to_one": 1500, "group": 900}, by=world.halina, at=at)
    proposal = propose(gathering, world, at)
    assert [(each.coach, each.kind, each.minutes) for each in queries.minutes_lacking(proposal)] == [
        (held.person.name, "one_to_one", 180)
    ]
    with pytest.raises(actions.CommissionTooSmall) as refused:
        adopt(proposal, world, at)
    assert refused.value.lacks[0].minutes == 180
    assert (seats(gathering.cohort), MailMessage.objects.count()) == ({}, 0)
    adopt(proposal, world, at, raise_commission=True)
    assert CoachTime.objects.get(engagement=held, kind="one_to_one").promised == 1680


def test_groups_can_be_asked_to_stay_within_the_commission(world, gathering, at):
    held = gathering.coaches[0]
    ledger_actions.commission(engagement=held, minutes={"one_to_one": 210 * 5, "group": 900}, by=world.halina, at=at)
    proposal = propose(gathering, world, at, keep_to_commission=True)
    mine = [who for who, (coach, _number) in proposal.assignment.items() if coach == held.pk]
    assert len(mine) == 5
    assert queries.minutes_lacking(proposal) == []


@pytest.mark.parametrize("on", [dt.date(2026, 9, 6), dt.date(2027, 9, 7)])
def test_seats_begin_while_the_cohort_runs(world, gathering, at, on):
    with pytest.raises(programme_actions.DayOutsideCohort):
        adopt(propose(gathering, world, at), world, at, from_on=on)


def test_forming_again_ends_and_begins_seats_on_one_day_and_keeps_history(world, gathering, at):
    adopt(propose(gathering, world, at), world, at, from_on=gathering.cohort.starts_on)
    before = seats(gathering.cohort)
    later = at + dt.timedelta(days=30)
    proposal = propose(gathering, world, at, seed=4, pins={})
    a = gathering.people[0]
    b = next(each for each in gathering.people if proposal.assignment[str(each.pk)][1] != before[a.pk])
    b_group = proposal.assignment[str(b.pk)][1]
    a_group = proposal.assignment[str(a.pk)][1]
    if a_group != b_group:
        programme_actions.move_person(
            proposal=proposal,
            enrolment=a,
            to_group=b_group,
            swap_with=b,
            expected_version=proposal.version,
            by=world.halina,
            at=at,
        )
    proposal.refresh_from_db()
    MailMessage.objects.all().delete()
    done = adopt(proposal, world, later, version=proposal.version, from_on=later.date())
    after = seats(gathering.cohort)
    moved = {who for who in before if before[who] != after[who]}
    assert moved
    for who in before:
        history = list(
            GroupPlace.objects.filter(enrolment=who)
            .order_by("from_on")
            .values_list("from_on", "to_on", "group__number")
        )
        stayed = [(gathering.cohort.starts_on, None, before[who])]
        changed = [(gathering.cohort.starts_on, later.date(), before[who]), (later.date(), None, after[who])]
        assert history == (changed if who in moved else stayed)
    assert MailMessage.objects.filter(to_id__in=[e.person_id for e in gathering.people]).count() == len(moved)
    assert done.sessions_made == 0
    assert list(GroupingProposal.objects.order_by("pk").values_list("state", flat=True)) == ["superseded", "adopted"]
    assert CoachingGroup.objects.filter(cohort=gathering.cohort).count() == 3


def test_what_has_passed_is_not_formed_again(world, gathering, at):
    adopt(propose(gathering, world, at), world, at, from_on=gathering.cohort.starts_on)
    proposal = propose(gathering, world, at, group_coaches={gathering.coaches[0].pk: 3}, pins={})
    with pytest.raises(programme_actions.DayHasPassed):
        adopt(
            proposal,
            world,
            at,
            version=proposal.version,
            from_on=at.date() - dt.timedelta(days=1),
            raise_commission=True,
        )


def test_sessions_of_a_group_that_goes_on_are_carried_to_its_members(world, gathering, at):
    adopt(propose(gathering, world, at), world, at)
    day = at.date() + dt.timedelta(days=14)
    session = meet(gathering.cohort, 1, day, world, at)
    before = seats(gathering.cohort)
    proposal = propose(gathering, world, at)
    a = next(each for each in gathering.people if before[each.pk] == 1)
    proposal = programme_actions.move_person(
        proposal=proposal,
        enrolment=a,
        to_group=2,
        expected_version=proposal.version,
        by=world.halina,
        at=at,
    )
    done = adopt(proposal, world, at, version=proposal.version, raise_commission=True)
    assert done.sessions_carried == 1
    booked = Entitlement.objects.filter(enrolment__cohort=gathering.cohort, kind="group", booked=session.minutes)
    after = seats(gathering.cohort)
    assert set(booked.values_list("enrolment_id", flat=True)) == {who for who, number in after.items() if number == 1}
    assert a.pk not in {each.enrolment_id for each in booked}


def test_a_group_with_sessions_ahead_does_not_end_silently(world, gathering, at):
    adopt(propose(gathering, world, at), world, at)
    meet(gathering.cohort, 2, at.date() + dt.timedelta(days=14), world, at)
    two = CoachingGroup.objects.get(cohort=gathering.cohort, number=2)
    rest = {held.pk: 2 if held.pk != two.engagement_id else 0 for held in gathering.coaches}
    proposal = propose(gathering, world, at, group_coaches=rest, pins={})
    assert sorted({number for _held, number in proposal.assignment.values()}) == [1, 3, 4, 5]
    with pytest.raises(actions.SessionsHangOnGroup) as refused:
        adopt(proposal, world, at, version=proposal.version, raise_commission=True)
    assert str(refused.value) == (
        "Group 2 would end, but still has a session on 17 March 2027. "
        "Cancel them first, or let its coach keep a group: then the sessions go on with it."
    )
    assert Counter(seats(gathering.cohort).values()) == {1: 8, 2: 8, 3: 8}


def test_opting_out_later_ends_the_seat_and_gives_the_minutes_back(world, gathering, at):
    adopt(propose(gathering, world, at), world, at)
    a = gathering.people[0]
    number = seats(gathering.cohort)[a.pk]
    meet(gathering.cohort, number, at.date() + dt.timedelta(days=14), world, at)
    person = Enrolment.objects.select_related("cohort__programme", "person").get(pk=a.pk)
    actions.set_opt_out(enrolment=person, opts_out=True, by=world.halina, at=at)
    assert a.pk not in seats(gathering.cohort)
    sums = dict(Entitlement.objects.filter(enrolment=a).values_list("kind", "booked"))
    assert sums == {"one_to_one": 0, "group": 0}
    waiting = CoachingSession.objects.filter(enrolment=a, state="undated", kind="one_to_one")
    assert sum(waiting.values_list("minutes", flat=True)) == 1110
    facts = AuditEntry.objects.filter(action="set_opt_out").values_list("facts", flat=True)
    assert list(facts) == [{"enrolment": a.pk, "opts_out": True}]


def test_everybody_can_keep_their_seat_while_a_newcomer_is_placed(world, gathering, at):
    adopt(propose(gathering, world, at), world, at)
    before = seats(gathering.cohort)
    newcomer = cast.enrol(gathering.cohort, world.tomasz, world.host, discipline="Law")
    proposal = propose(gathering, world, at, keep_places=True)
    adopt(proposal, world, at, version=proposal.version)
    after = seats(gathering.cohort)
    assert {who: number for who, number in after.items() if who != newcomer.pk} == before
    assert GroupPlace.objects.filter(group__cohort=gathering.cohort).count() == 25
