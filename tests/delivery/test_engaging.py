import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession
from cairn.foundation.models import MailMessage
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person, RoleGrant
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import CoachEngagement, CoachingGroup, Enrolment, GroupPlace
from tests.delivery import making

MINUTES = {"one_to_one": 2310, "group": 900, "coach_meeting": 360, "familiarisation": 240}


def engage(world, at, cohort=None, **fields):
    """Somebody new is asked to coach the second cohort at £85 an hour."""
    terms = {
        "email": "wren@example.org",
        "name": "Wren",
        "is_internal": False,
        "needs_familiarisation": True,
        "minutes": MINUTES,
        "minor_per_hour": 8500,
        "currency": "GBP",
        "tax_basis_points": None,
    }
    terms |= {"cohort": cohort or world.other_cohort, **fields}
    return actions.engage_coach(**terms, address_of="https://cairn.example", by=world.halina, at=at)


def test_engaging_makes_person_role_offer_minutes_rate_and_mail(world, at):
    engagement = engage(world, at)
    wren = Person.objects.get(email="wren@example.org")
    assert RoleGrant.objects.filter(person=wren, organisation=world.eastmere, role="coach", until=None).count() == 1
    assert (engagement.person, engagement.state) == (wren, "offered")
    held = ledger_queries.coach_time_for([engagement])[engagement.pk]
    assert {kind: balance.promised for kind, balance in held.items()} == MINUTES
    assert ledger_queries.rates_for([engagement])[engagement.pk][0].minor_per_hour == 8500
    assert MailMessage.objects.get(to_id=wren.pk).subject == "Would you coach in Prosperous Minds, Cohort 2?"


def test_the_first_rate_holds_from_the_day_a_coach_is_engaged_before_the_cohort_begins(world, at):
    early = dt.datetime.combine(world.other_cohort.starts_on, dt.time(12), tzinfo=dt.UTC) - dt.timedelta(days=3)
    sooner, later = engage(world, early), engage(world, at, email="wren.late@example.org")
    rates = ledger_queries.rates_for([sooner, later])
    assert [rates[each.pk][0].from_on for each in (sooner, later)] == [early.date(), world.other_cohort.starts_on]


def test_a_refused_engagement_leaves_nothing_behind(world, at):
    before = Person.objects.count()
    with pytest.raises(ValueError, match="negative"):
        engage(world, at, minutes={"group": -1})
    assert Person.objects.count() == before
    assert not CoachEngagement.objects.filter(cohort=world.other_cohort).exists()


def test_only_a_coordinator_engages(world, at):
    with pytest.raises(programme_actions.NotAllowed):
        actions.engage_coach(
            cohort=world.other_cohort,
            email="x@example.org",
            name="X",
            is_internal=False,
            needs_familiarisation=False,
            minutes={},
            minor_per_hour=None,
            currency="GBP",
            tax_basis_points=None,
            address_of="https://cairn.example",
            by=world.ioana,
            at=at,
        )


def test_ending_waits_for_sessions_and_releases_what_is_left(world, at):
    engagement = engage(world, at)
    programme_actions.accept_engagement(engagement=engagement, by=engagement.person, at=at)
    to_come = CoachingSession.objects.create(
        cohort=world.other_cohort,
        kind="familiarisation",
        engagement=engagement,
        position=1,
        minutes=240,
        state="booked",
        wall_starts=at + dt.timedelta(days=1),
        time_zone="UTC",
        starts_at=at + dt.timedelta(days=1),
        ends_at=at + dt.timedelta(days=1, hours=4),
    )
    with pytest.raises(actions.SessionsHangOnIt):
        actions.end_engagement(engagement=engagement, by=world.halina, at=at)
    assert CoachEngagement.objects.get(pk=engagement.pk).state == "accepted"
    CoachingSession.objects.filter(pk=to_come.pk).delete()
    assert actions.end_engagement(engagement=engagement, by=world.halina, at=at).state == "ended"
    assert ledger_queries.coach_time_for([engagement])[engagement.pk]["group"].released == 900


def meet(world, at):
    """A meeting of the coaches in April, besides the quarterly ones in March and September."""
    on = dt.datetime(2027, 4, 7, 14)
    made = actions.add_session(cohort=world.cohort, kind="coach_meeting", wall_starts=on, by=world.halina, at=at)
    plan = {"wall_time": dt.time(14, 0), "weekday": 3, "mode": "online", "where": "", "by": world.halina, "at": at}
    return made, *actions.plan_coach_meetings(cohort=world.cohort, **plan)


def asked_and_told(person):
    """What the person's calendar was told, message by message."""
    mails = MailMessage.objects.filter(to_id=person.pk, key__startswith="calendar:").order_by("pk")
    return ["REQUEST" if "METHOD:REQUEST" in each.calendar else "CANCEL" for each in mails]


def test_a_coach_who_comes_later_is_in_the_meetings_of_coaches_until_they_leave(world, at):
    meetings = meet(world, at)
    wren = engage(world, at, cohort=world.cohort)
    others = {world.ioana.pk, world.malik.pk}
    assert [making.taken(each) for each in meetings] == [others] * 3

    accepted = actions.accept_engagement(engagement=wren, by=wren.person, at=at)
    again = actions.accept_engagement(engagement=wren, by=wren.person, at=at)

    assert (set(accepted.entered), accepted.left_out, again.entered) == (set(meetings), (), ())
    assert [making.taken(each) for each in meetings] == [{*others, wren.person_id}] * 3
    assert ledger_queries.coach_time_for([wren])[wren.pk]["coach_meeting"].booked == 270
    assert asked_and_told(wren.person) == ["REQUEST"] * 2  # the quarterly ones are one event

    actions.end_engagement(engagement=wren, by=world.halina, at=at)

    assert [making.taken(each) for each in meetings] == [others] * 3
    assert ledger_queries.coach_time_for([wren])[wren.pk]["coach_meeting"].booked == 0
    assert asked_and_told(wren.person) == ["REQUEST"] * 2 + ["CANCEL"] * 2


def test_a_coach_without_minutes_for_a_meeting_comes_to_it_once_they_are_commissioned(world, at):
    meetings = meet(world, at)
    wren = engage(world, at, cohort=world.cohort, minutes={"coach_meeting": 200})

    accepted = actions.accept_engagement(engagement=wren, by=wren.person, at=at)
    assert (accepted.engagement.state, len(accepted.entered), len(accepted.left_out)) == ("accepted", 2, 1)

    actions.change_commission(
        engagement=accepted.engagement,
        is_internal=False,
        needs_familiarisation=False,
        minutes=MINUTES,
        minor_per_hour=None,
        currency="GBP",
        tax_basis_points=None,
        by=world.halina,
        at=at,
    )
    assert all(wren.person_id in making.taken(each) for each in meetings)


def test_a_coach_left_out_of_a_meeting_is_in_nobody_elses_way(world, at):
    meetings = meet(world, at)
    wren = engage(world, at, cohort=world.cohort, minutes={"coach_meeting": 0})
    zed = engage(world, at, cohort=world.cohort, name="Zed", email="zed@example.org")

    first = actions.accept_engagement(engagement=wren, by=wren.person, at=at)
    second = actions.accept_engagement(engagement=zed, by=zed.person, at=at)
    assert (len(first.left_out), len(second.entered), len(second.left_out)) == (3, 3, 0)

    actions.end_engagement(engagement=second.engagement, by=world.halina, at=at)
    stood = CoachingSession.objects.get(pk=meetings[0].pk)
    making.date(stood, stood.wall_starts.replace(tzinfo=None) + dt.timedelta(days=1), by=world.halina, at=at)
    assert making.taken(meetings[0]) == {world.ioana.pk, world.malik.pk}


def test_the_shares_of_all_coaches_add_up_to_the_plan(world):
    world.cohort.expected_people = 53
    shares = [queries.commission_for(world.cohort, position, is_new=True) for position in range(5)]
    assert [share["one_to_one"] for share in shares] == [2310, 2310, 2310, 2100, 2100]
    assert sum(sum(share.values()) for share in shares) == 310.5 * 60


def test_a_coach_short_of_minutes_for_their_people_is_seen(world, at):
    Enrolment.objects.filter(cohort=world.other_cohort).update(engagement=None)
    engagement = engage(world, at, minutes={"one_to_one": 60, "group": 0})
    Enrolment.objects.filter(pk=world.enrolments["tomasz"].pk).update(engagement=engagement)
    from cairn.programmes import queries as programme_queries

    row = queries.coach_rows(programme_queries.engagements_in(world.other_cohort), world.other_cohort, at)[0]
    assert (row.short_by, row.commissioned, row.rate.minor_per_hour) == (150, 60, 8500)


def test_people_are_counted_filtered_and_sorted(world, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = queries.cohort_people(world.cohort, queries.PeopleFilter(), at)
    assert [row.name for row in found.rows] == ["Pärt Tamm", "Siobhán Ní Bhriain", "Thandiwe Ndlovu", "王秀英"]
    assert (found.total, found.needing) == (4, 4)
    by_group = queries.cohort_people(world.cohort, queries.PeopleFilter(group=1, sort="-name"), at)
    assert [row.name for row in by_group.rows] == ["Thandiwe Ndlovu", "Pärt Tamm"]
    without = queries.cohort_people(world.cohort, queries.PeopleFilter(group=0), at)
    assert [row.name for row in without.rows] == ["王秀英"]
    searched = queries.cohort_people(world.cohort, queries.PeopleFilter(search="siob hist"), at)
    assert [row.group_minutes for row in searched.rows] == [{"promised": 900, "booked": 0, "used": 0, "released": 0}]


def test_what_stands_out(world, at):
    from cairn.delivery.models import Attendance

    Person.objects.update(last_login=at)
    type(world.cohort).objects.filter(pk=world.cohort.pk).update(agreement_text="")
    world.cohort.refresh_from_db()
    for days, mark in ((30, "attended"), (20, "missed"), (10, "missed")):
        starts = at - dt.timedelta(days=days)
        session = CoachingSession.objects.create(
            cohort=world.cohort,
            kind="one_to_one",
            engagement=world.engagements["ioana"],
            enrolment=world.enrolments["part"],
            position=1,
            minutes=60,
            state="held",
            wall_starts=starts,
            time_zone="UTC",
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=1),
        )
        Attendance.objects.create(
            session=session, enrolment=world.enrolments["part"], mark=mark, marked_by=world.ioana, marked_at=at
        )
    found = queries.cohort_people(world.cohort, queries.PeopleFilter(), at)
    assert {row.name: row.stands_out for row in found.rows if row.stands_out} == {
        "Pärt Tamm": ("missed_two",),
        "王秀英": ("no_group",),
    }
    assert found.needing == 1
    near_the_end = dt.datetime(2027, 8, 1, tzinfo=dt.UTC)
    assert (
        queries.cohort_people(world.cohort, queries.PeopleFilter(state="needs"), near_the_end).page.paginator.count == 4
    )


def test_a_seat_that_ended_no_longer_counts(world, at):
    GroupPlace.objects.filter(enrolment=world.enrolments["part"]).update(to_on=at.date())
    assert CoachingGroup.objects.count() == 2
    rows = queries.cohort_people(world.cohort, queries.PeopleFilter(search="Pärt"), at).rows
    assert [row.group for row in rows] == [None]
