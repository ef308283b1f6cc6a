"""Approving a change of group, with everything that hangs on it; declining it; taking it back."""

import datetime as dt

import pytest
from django.db.models import Sum

from cairn.delivery import actions, queries
from cairn.delivery.models import Apology, Attendance, CoachingSession, PersonTime
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.people.queries import NotFound
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import (
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    MoveRequest,
)
from tests.delivery import making
from tests.delivery.moving import FROM, approve, ask, books, gathering, looked, mailed, one_to_ones, seats, swap, undo
from tests.gathering import gather
from tests.kept import kept


@pytest.fixture(autouse=True)
def small_groups(world):
    """Groups of one or two people, so that the cast's own can change places."""
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1, group_cap=2)
    world.cohort.refresh_from_db()


def test_a_swap_moves_seats_and_coaches_from_its_day_on(world, at):
    request = approve(world, ask(world, at), at, way=swap(world))
    start = world.cohort.starts_on
    assert seats(world) == [
        (world.enrolments["thandiwe"].pk, 1, start, FROM),
        (world.enrolments["thandiwe"].pk, 2, FROM, None),
        (world.enrolments["part"].pk, 1, start, None),
        (world.enrolments["siobhan"].pk, 2, start, FROM),
        (world.enrolments["siobhan"].pk, 1, FROM, None),
    ]
    coaches = dict(
        Enrolment.objects.filter(cohort=world.cohort).values_list("person__name", "engagement__person__name")
    )
    assert (coaches["Thandiwe Ndlovu"], coaches["Siobhán Ní Bhriain"]) == ("Malik Rahman", "Ioana Pop")
    assert (request.state, request.from_on, request.answered_by, request.answered_at) == (
        "approved",
        FROM,
        world.halina,
        at,
    )
    assert request.points.keys() == {"before", "after"}


def test_sessions_follow_minutes_add_up_and_undo_brings_both_books_back(world, at):
    met, dated = gathering(world, at)
    before, seated, ones = books(), seats(world), one_to_ones(world, "thandiwe")
    request = approve(world, ask(world, at), at, way=swap(world))
    assert making.taken(met[1, 10]) == {world.thandiwe.pk, world.part.pk, world.ioana.pk}
    assert making.taken(met[1, 24]) == {world.siobhan.pk, world.part.pk, world.ioana.pk}
    assert making.taken(met[2, 24]) == {world.thandiwe.pk, world.malik.pk}
    dated.refresh_from_db()
    assert (dated.state, dated.engagement.person.name, making.taken(dated)) == ("undated", "Malik Rahman", set())
    assert making.entitlement(world, "thandiwe") == (210, 0, 0)
    assert making.entitlement(world, "thandiwe", "group") == (900, 180, 0)
    assert making.coach_time(world, "ioana") == (12_000, 0, 0)
    assert {coach for _state, coach, _minutes in one_to_ones(world, "thandiwe")} == {"Malik Rahman"}
    assert sum(minutes for _state, _coach, minutes in one_to_ones(world, "thandiwe")) == 210

    assert undo(world, request, at) == (1, 0)
    assert (books(), seats(world), one_to_ones(world, "thandiwe")) == (before, seated, ones)
    assert making.taken(met[1, 24]) == {world.thandiwe.pk, world.part.pk, world.ioana.pk}
    dated.refresh_from_db()
    assert (dated.state, making.taken(dated)) == ("booked", {world.thandiwe.pk, world.ioana.pk})
    request.refresh_from_db()
    assert request.state == "undone"


def test_apologies_return_with_their_session_when_it_is_taken_back(world, at):
    met, dated = gathering(world, at)
    for session in (dated, met[1, 24]):
        actions.send_apologies(session=session, by=world.thandiwe, at=at)
    before = books()
    request = approve(world, ask(world, at), at, way=swap(world))
    assert Apology.objects.count() == 0
    assert making.entitlement(world, "thandiwe", "group") == (900, 180, 0)
    undo(world, request, at)
    assert books() == before
    assert set(Apology.objects.values_list("session", flat=True)) == {dated.pk, met[1, 24].pk}


def test_a_group_of_the_same_coach_leaves_one_to_one_dates_as_they_are(world, at):
    _met, dated = gathering(world, at)
    GroupPlace.objects.filter(enrolment=world.enrolments["siobhan"]).delete()
    third = CoachingGroup.objects.create(cohort=world.cohort, number=3, engagement=world.engagements["ioana"])
    Enrolment.objects.filter(pk=world.enrolments["siobhan"].pk).update(engagement=world.engagements["ioana"])
    GroupPlace.objects.create(group=third, enrolment=world.enrolments["siobhan"], from_on=world.cohort.starts_on)
    request = approve(world, ask(world, at), at, way=f"{world.enrolments['thandiwe'].pk}-3")
    dated.refresh_from_db()
    assert (dated.state, dated.engagement) == ("booked", world.engagements["ioana"])
    body = MailMessage.objects.filter(address="ioana@example.org", key__startswith="move:").latest("pk").body
    assert ("- Thandiwe Ndlovu, group 3" in body, "No longer with you" in body) == (True, False)
    with pytest.raises(programme_actions.MoveAnswered):
        approve(world, request, at, way=f"{world.enrolments['thandiwe'].pk}-3", seen="x")


def test_what_was_attended_stays_where_it_happened(world, at):
    met, _dated = gathering(world, at)
    request = ask(world, at)
    later = dt.datetime(2027, 3, 10, 13, tzinfo=dt.UTC)
    actions.record_attendance(
        session=met[1, 10],
        marks={world.enrolments["thandiwe"].pk: "attended", world.enrolments["part"].pk: "missed"},
        by=world.ioana,
        at=later,
    )
    used = making.entitlement(world, "thandiwe", "group")
    approve(world, request, later, way=swap(world))
    mark = Attendance.objects.get(enrolment=world.enrolments["thandiwe"])
    assert (mark.session_id, mark.mark, mark.session.group.number) == (met[1, 10].pk, "attended", 1)
    assert making.entitlement(world, "thandiwe", "group") == used
    entries = LedgerEntry.objects.filter(entitlement__enrolment=world.enrolments["thandiwe"], movement="use")
    assert entries.aggregate(all=Sum("minutes"))["all"] == 90


def test_mails_reach_exactly_those_concerned_and_name_no_coachee_to_a_coachee(world, at):
    gathering(world, at)
    before = MailMessage.objects.count()
    request = approve(world, ask(world, at), at, way=swap(world), address_of="https://cairn.example.org")
    concerned = ["ioana@example.org", "malik@example.org", "siobhan@example.org", "thandiwe@example.org"]
    assert mailed(before) == concerned
    own = MailMessage.objects.filter(address="thandiwe@example.org", key__startswith="move:").latest("pk")
    assert own.subject == "You change to group 2, Cohort 1"
    assert "Your coach, for the group and one-to-one, is Malik Rahman." in own.body
    assert "Thursday 18 March 2027, 15:00 to 16:00 (London time)" in own.body
    assert "Wednesday 24 March 2027, 12:00" in own.body
    for name in ("Siobhán", "Pärt", "asked", "Halina"):
        assert name not in own.body
    others = MailMessage.objects.filter(address="siobhan@example.org", key__startswith="move:").latest("pk").body
    assert ("Thandiwe" in others, "asked" in others) == (False, False)
    coach = MailMessage.objects.filter(address="ioana@example.org", key__startswith="move:").latest("pk").body
    assert ("- Siobhán Ní Bhriain, group 1" in coach, "- Thandiwe Ndlovu, group 1" in coach) == (True, True)
    assert "asked" not in coach
    assert "Malik" not in coach

    before = MailMessage.objects.count()
    undo(world, request, at)
    assert [each for each in mailed(before) if each not in concerned] == []
    assert MailMessage.objects.filter(key__startswith=f"move:{request.pk}:undone").count() == 4


def test_a_hard_rule_forbids_what_was_never_offered(world, at):
    first, second = world.enrolments["thandiwe"], world.enrolments["siobhan"]
    programme_actions.add_pair_rule(
        cohort=world.cohort, first=first, second=second, rule="apart", by=world.halina, at=at
    )
    request = ask(world, at)
    with pytest.raises(actions.RuleInTheWay, match="must be in different groups"):
        approve(world, request, at, way=f"{first.pk}-2")
    assert GroupPlace.objects.filter(to_on=None).count() == 3


def test_a_page_that_is_no_longer_true_changes_nothing(world, at):
    request = ask(world, at)
    shown = looked(world, request, at)
    programme_actions.declare_conflict(
        engagement=world.engagements["malik"], enrolment=world.enrolments["part"], by=world.halina, at=at
    )
    with pytest.raises(actions.GroupsChangedSince):
        approve(world, request, at, way=shown.ways[0].key, seen=shown.stamp)
    for way in ("", "x", "1-99", f"{world.enrolments['part'].pk}-2", f"{world.enrolments['nia'].pk}-2"):
        with pytest.raises((actions.GroupsChangedSince, NotFound)):
            actions.approve_move_request(
                request=request, way=way, from_on=FROM, seen=looked(world, request, at).stamp, by=world.halina, at=at
            )
    request.refresh_from_db()
    assert (request.state, GroupPlace.objects.count()) == ("waiting", 3)


def test_only_who_runs_the_cohort_answers_and_only_once(world, at):
    request = ask(world, at)
    shown = looked(world, request, at)
    for stranger in ("ioana", "thandiwe", "gwen", "otto"):
        with pytest.raises(NotFound):
            approve(world, request, at, by=world.people[stranger])
        with pytest.raises(NotFound):
            programme_actions.decline_move_request(request=request, against="cap", by=world.people[stranger], at=at)
        with pytest.raises(NotFound):
            undo(world, request, at, by=world.people[stranger])
    approve(world, request, at)
    with pytest.raises(programme_actions.MoveAnswered, match="approved"):
        actions.approve_move_request(
            request=request, way=shown.ways[0].key, from_on=FROM, seen=shown.stamp, by=world.halina, at=at
        )
    with pytest.raises(programme_actions.MoveAnswered):
        programme_actions.decline_move_request(request=request, against="cap", by=world.halina, at=at)


def test_the_day_lies_ahead_and_within_the_cohort(world, at):
    request = ask(world, at)
    for day in (at.date(), dt.date(2027, 9, 7)):
        with pytest.raises(actions.DayTooEarly):
            approve(world, request, at, on=day)
    gathering(world, at)
    assert queries.first_day_of_move(queries.move_to_answer(world.halina, request.pk, at), at) == FROM


def test_whoever_is_busy_at_the_other_groups_hour_cannot_join_it(world, at):
    gathering(world, at)
    session = CoachingSession.objects.filter(enrolment=world.enrolments["siobhan"], state="undated").earliest("pk")
    making.date(session, dt.datetime(2027, 3, 8, 15), by=world.malik, at=at)
    joined = making.group_session(world, dt.datetime(2027, 3, 31, 12), at=at, number=2)
    PersonTime.objects.create(person=world.thandiwe, session=session, during=(joined.starts_at, joined.ends_at))
    request = ask(world, at)
    shown = looked(world, request, at)
    found = queries.move_effects(request, shown.ways[0].changes, FROM, at)
    assert [clash[:19] for each in found.people for clash in each.clashes] == ["Group 2, session 3,"]
    with pytest.raises(actions.JustTaken):
        approve(world, request, at)
    assert (MoveRequest.objects.get().state, GroupPlace.objects.count()) == ("waiting", 3)


def test_too_small_a_commission_is_said_raised_on_demand_and_lowered_by_undo(world, at):
    gathering(world, at)
    account = CoachTime.objects.get(engagement=world.engagements["malik"], kind="one_to_one")
    ledger_actions.commission(
        engagement=world.engagements["malik"], minutes={"one_to_one": 250}, by=world.halina, at=at
    )
    before = books()
    request = ask(world, at)
    one = f"{world.enrolments['thandiwe'].pk}-2"
    with pytest.raises(actions.CommissionTooSmall) as refused:
        approve(world, request, at, way=one)
    assert [(lack.coach, lack.kind, lack.minutes) for lack in refused.value.lacks] == [
        ("Malik Rahman", "one_to_one", 170)
    ]
    assert books() == before
    shown = looked(world, request, at)
    lacks = queries.move_effects(request, shown.ways[0].changes, FROM, at).lacks
    assert [(lack.coach, lack.minutes) for lack in lacks] == [("Malik Rahman", 170)]
    approve(world, request, at, way=one, raise_commission=True)
    account.refresh_from_db()
    assert account.promised == 420
    undo(world, request, at)
    assert books() == before


def test_minutes_that_do_not_suffice_refuse_the_whole_of_it(world, at):
    gathering(world, at)
    for week in range(5):
        making.group_session(world, dt.datetime(2027, 4, 5 + 5 * week, 12), at=at, number=2)
    account = Entitlement.objects.get(enrolment=world.enrolments["thandiwe"], kind="group")
    source = {"source_kind": "test", "source_id": 1, "on": at.date(), "by": world.halina, "at": at}
    ledger_actions.release(enrolment=account.enrolment, kind="group", minutes=600, **source)
    before = books()
    request = ask(world, at)
    with pytest.raises(ledger_actions.NotEnoughMinutes):
        approve(world, request, at, way=swap(world))
    assert (books(), MoveRequest.objects.get().state) == (before, "waiting")


def test_a_session_held_since_stands_in_the_way_of_undo(world, at):
    gathering(world, at)
    request = approve(world, ask(world, at), at, way=swap(world))
    with pytest.raises(actions.CannotUndo, match="has taken place since"):
        undo(world, request, dt.datetime(2027, 3, 24, 12, 30, tzinfo=dt.UTC))


def test_a_later_change_stands_in_the_way_of_undo(world, at):
    request = approve(world, ask(world, at), at)
    again = approve(world, ask(world, at), at, on=FROM + dt.timedelta(days=7))
    with pytest.raises(actions.CannotUndo, match="was changed since"):
        undo(world, request, at)
    undo(world, again, at)
    assert undo(world, request, at) == (0, 0)
    assert seats(world)[0] == (world.enrolments["thandiwe"].pk, 1, world.cohort.starts_on, None)


def test_a_date_with_the_new_coach_stands_in_the_way_of_undo(world, at):
    gathering(world, at)
    request = approve(world, ask(world, at), at, way=swap(world))
    session = CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"], state="undated").earliest("pk")
    making.date(session, dt.datetime(2027, 4, 8, 15), by=world.malik, at=at)
    with pytest.raises(actions.CannotUndo, match="has a date by now"):
        undo(world, request, at)


def test_a_date_that_is_taken_by_now_waits_to_be_agreed_anew(world, at):
    _met, dated = gathering(world, at)
    request = approve(world, ask(world, at), at, way=swap(world))
    other = CoachingSession.objects.filter(enrolment=world.enrolments["part"], state="undated").earliest("pk")
    making.date(other, dt.datetime(2027, 3, 18, 15), by=world.ioana, at=at)
    assert undo(world, request, at) == (0, 1)
    dated.refresh_from_db()
    assert (dated.state, dated.engagement.person.name) == ("undated", "Ioana Pop")


def test_declining_tells_whoever_asked_the_rule_and_nobody_else(world, at):
    request = ask(world, at, by=world.ioana)
    programme_actions.decline_move_request(request=request, against="cap", by=world.halina, at=at)
    request.refresh_from_db()
    assert (request.state, request.rule_against) == ("declined", "cap")
    assert mailed() == ["ioana@example.org"]
    again = ask(world, at)
    programme_actions.decline_move_request(request=again, against="rules", by=world.halina, at=at)
    body = MailMessage.objects.get(address="thandiwe@example.org").body
    assert "leave no other place" in body
    assert [name for name in ("Siobhán", "Malik", "Pärt", "Halina", "conflict") if name in body] == []


def test_whoever_leaves_waits_for_no_answer_and_gets_no_mail_about_one(world, at):
    request = ask(world, at)
    position = programme_actions.say_new_position(
        enrolment=request.enrolment, starts_on=at.date(), by=world.thandiwe, at=at
    )
    actions.record_new_position(position=position, outcome="leaves", on=at.date(), by=world.halina, at=at)
    request.refresh_from_db()
    assert request.state == "withdrawn"
    MoveRequest.objects.filter(pk=request.pk).update(state="waiting")
    assert looked(world, request, at).ways == ()
    before = MailMessage.objects.count()
    programme_actions.decline_move_request(request=request, against="rules", by=world.halina, at=at)
    assert mailed(before) == []


def test_everything_is_in_the_audit(world, at):
    request = approve(world, ask(world, at), at)
    undo(world, request, at)
    found = AuditEntry.objects.filter(subject_kind="move_request", subject_id=request.pk).order_by("pk")
    assert list(found.values_list("action", "by_id")) == [
        ("ask_to_move", world.thandiwe.pk),
        ("approve_move", world.halina.pk),
        ("undo_move", world.halina.pk),
    ]


def test_the_calendar_file_follows(client, world, at, monkeypatch):
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)
    met, _dated = gathering(world, at)
    approve(world, ask(world, at), at, way=swap(world))
    client.force_login(world.thandiwe)
    codes = [client.get(f"/sessions/{met[number, 24].pk}/calendar.ics").status_code for number in (1, 2)]
    assert codes == [404, 200]


def test_the_answer_keeps_every_rule_in_a_cohort_of_many(world, at):
    found = kept(gather, world, 24, 3)
    ledger_actions.open_entitlements(enrolments=found.people, by=world.halina, at=at)
    proposal = actions.propose_groups(cohort=found.cohort, by=world.halina, at=at)
    actions.adopt_grouping(proposal=proposal, expected_version=1, from_on=at.date(), by=world.halina, at=at)
    person = found.people[0]
    request = programme_actions.ask_to_move(enrolment=person, wish="coach", by=person.person, at=at)
    shown = looked(world, request, at)
    assert all(way.changes[0].to_engagement_id != way.changes[0].from_engagement_id for way in shown.ways)
    approve(world, request, at, way=shown.ways[0].key, raise_commission=True)
    sizes = [group.places.filter(to_on=None).count() for group in CoachingGroup.objects.filter(cohort=found.cohort)]
    assert sum(sizes) == 24
