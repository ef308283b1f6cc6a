import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import CalendarFeed
from cairn.people.models import RoleGrant
from cairn.people.queries import NotFound
from cairn.programmes.models import Enrolment
from tests.web import running

TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)
HIDDEN = ("Pärt", "Siobhán", "@example.org", running.LINK, "meet.example")


def summaries(person, at, detail="full"):
    return [event.summary for event in queries.events_of(person, at, detail)]


def test_each_level_says_so_much_and_no_more(world, at):
    running.one_to_one(world, TEN, mode="in_person", where="Library, room 4")

    assert summaries(world.ioana, at, "busy") == ["Busy"]
    assert summaries(world.ioana, at, "title") == ["One-to-one session"]
    assert summaries(world.ioana, at) == ["One-to-one session 1: Thandiwe Ndlovu"]
    assert summaries(world.thandiwe, at) == ["One-to-one session 1"]
    places = [queries.events_of(world.thandiwe, at, detail)[0].location for detail in ("busy", "title", "full")]
    assert places == ["", "", "Library, room 4"]
    assert queries.events_of(world.thandiwe, at, "busy")[0].description == ""


def test_a_group_session_names_no_member_even_to_its_coach(world, at):
    running.group_session(world, TEN)

    for person in (world.ioana, world.thandiwe):
        [event] = queries.events_of(person, at)
        assert [word for word in HIDDEN if word in repr(event)] == []
        assert event.summary == "Group 1, session 1"


def test_it_holds_only_what_is_the_persons_own(world, at):
    running.group_session(world, TEN)

    assert [summaries(world.people[who], at) for who in ("siobhan", "malik", "rosa", "halina", "nia")] == [[]] * 5


def test_a_session_that_was_cancelled_stays_as_cancelled_for_a_month(world, at):
    session = running.one_to_one(world, TEN)
    actions.cancel_session(session=session, expected_version=session.version, by=world.ioana, at=at)

    [event] = queries.events_of(world.thandiwe, at + dt.timedelta(days=29))
    assert (event.status, event.starts_at) == ("CANCELLED", TEN - dt.timedelta(hours=1))
    assert queries.events_of(world.thandiwe, at + dt.timedelta(days=31)) == []


def test_a_new_coach_does_not_see_when_the_former_ones_session_stood(world, at):
    session = running.one_to_one(world, TEN)
    actions.cancel_session(session=session, expected_version=session.version, by=world.ioana, at=at)
    before = [[event.status for event in queries.events_of(world.people[who], at)] for who in ("ioana", "malik")]
    Enrolment.objects.filter(pk=session.enrolment_id).update(engagement=world.engagements["malik"])
    actions.prepare_one_to_ones(enrolments=[session.enrolment], by=world.halina, at=at)

    assert before == [["CANCELLED"], []]
    after = [summaries(world.people[who], at) for who in ("ioana", "malik", "thandiwe")]
    assert after == [[], [], ["One-to-one session 1"]]


def test_old_and_distant_sessions_are_not_in_it(world, at):
    running.one_to_one(world, TEN)

    assert len(queries.events_of(world.thandiwe, TEN + dt.timedelta(days=59))) == 1
    assert queries.events_of(world.thandiwe, TEN + dt.timedelta(days=61)) == []
    assert queries.events_of(world.thandiwe, TEN - dt.timedelta(days=560)) == []


def test_after_leaving_nothing_is_there(world, at):
    running.group_session(world, TEN)
    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=at)
    world.thandiwe.__dict__.pop("_roles_held", None)

    assert queries.events_of(world.thandiwe, at) == []


def test_without_the_role_nothing_is_there(world, at):
    running.group_session(world, TEN)
    RoleGrant.objects.filter(person__in=[world.thandiwe, world.ioana]).update(until=at)

    assert [queries.events_of(person, at) for person in (world.thandiwe, world.ioana)] == [[], []]


def test_the_address_is_kept_as_a_fingerprint_and_made_anew_closes_the_one_before(world, at):
    first = actions.make_feed(detail="busy", by=world.thandiwe, at=at)
    second = actions.make_feed(detail="full", by=world.thandiwe, at=at)

    assert not CalendarFeed.objects.filter(secret_hash__in=[first, second]).exists()
    assert queries.feed_file(second, at).feed_id
    with pytest.raises(NotFound):
        queries.feed_file(first, at)


def test_a_closed_account_has_no_feed(world, at):
    secret = actions.make_feed(detail="busy", by=world.thandiwe, at=at)
    type(world.thandiwe).objects.filter(pk=world.thandiwe.pk).update(is_active=False)

    with pytest.raises(NotFound):
        queries.feed_file(secret, at)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_at_any_size(world, at, rows, django_assert_num_queries):
    for number in range(rows):
        running.group_session(world, TEN + dt.timedelta(days=7 * number))
        running.one_to_one(world, TEN + dt.timedelta(days=7 * number, hours=3), "thandiwe")
    secret = actions.make_feed(detail="full", by=world.thandiwe, at=at)

    with django_assert_num_queries(5):
        queries.feed_file(secret, at)


def test_who_sent_apologies_sees_the_session_as_doubtful(world, at):
    session = running.group_session(world, TEN)
    actions.send_apologies(session=session, by=world.thandiwe, at=at)

    assert [event.status for event in queries.events_of(world.thandiwe, at)] == ["TENTATIVE"]
    assert [event.status for event in queries.events_of(world.part, at)] == ["CONFIRMED"]
