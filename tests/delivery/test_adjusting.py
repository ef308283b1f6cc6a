"""What an answer to an adjustment does: minutes, seat, sessions, mails; and what coach and group are told."""

import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.ledger.actions import LessThanBooked
from cairn.ledger.models import Entitlement
from cairn.programmes import actions as programme_actions
from cairn.programmes.actions import Ask
from cairn.programmes.models import Adjustment, Cohort, Enrolment, GroupPlace
from tests.delivery import making
from tests.web import running

SECRET = "LEAK-own-words"
ADDRESS = "https://cairn.example.org"
SOON = dt.timedelta(days=14)


def ask(world, at, need="one_to_one", who="thandiwe", **more):
    [made] = programme_actions.ask_adjustments(
        enrolment=world.enrolments[who], asks=[Ask(need, **more)], by=world.people[who], at=at
    )
    return made


def agree(world, adjustment, at, **more):
    words = {"arrangement": "Coaching is one-to-one, not in a group.", "address_of": ADDRESS}
    return actions.agree_adjustment(adjustment=adjustment, **{**words, **more}, by=world.halina, at=at)


def end(adjustment, at, *, by):
    return actions.end_adjustment(adjustment=adjustment, address_of=ADDRESS, by=by, at=at)


def undo(world, adjustment, state, at):
    return actions.undo_adjustment(adjustment=adjustment, state=state, address_of=ADDRESS, by=world.halina, at=at)


def minutes(world, who="thandiwe"):
    sums = Entitlement.objects.filter(enrolment=world.enrolments[who]).values_list("kind", "promised", "booked")
    return {kind: (promised, booked) for kind, promised, booked in sums}


def undated_minutes(world, who="thandiwe"):
    waiting = CoachingSession.objects.filter(enrolment=world.enrolments[who], state="undated")
    return sum(waiting.values_list("minutes", flat=True))


def seats(world, on, who="thandiwe"):
    places = GroupPlace.objects.filter(enrolment=world.enrolments[who], from_on__lte=on)
    return [place.group.number for place in places if place.to_on is None or place.to_on > on]


def mails(adjustment):
    keys = MailMessage.objects.filter(key__startswith=f"adjustment:{adjustment.pk}:").order_by("pk")
    return [(each.address.split("@")[0], each.subject) for each in keys]


@pytest.mark.parametrize(("percent", "one_to_one"), [(100, 1110), (50, 660)])
def test_one_to_one_takes_seat_sessions_and_minutes_with_it(world, at, percent, one_to_one):
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=percent)
    session = running.group_session(world, at + SOON)
    assert minutes(world)["group"] == (900, 90)

    agree(world, ask(world, at), at)

    assert seats(world, at.date()) == []
    assert minutes(world) == {"one_to_one": (one_to_one, 0), "group": (0, 0)}
    assert undated_minutes(world) == one_to_one
    assert making.taken(session) == {world.ioana.pk, world.part.pk}
    assert minutes(world, "part")["group"] == (900, 90)


def test_what_was_used_in_a_group_stays_there(world, at):
    starts = at + dt.timedelta(days=1)
    session = running.group_session(world, starts)
    marks = {world.enrolments[who].pk: "attended" for who in ("thandiwe", "part")}
    actions.record_attendance(session=session, marks=marks, by=world.ioana, at=starts)

    agree(world, ask(world, at), starts + dt.timedelta(days=1))

    assert minutes(world) == {"one_to_one": (210 + 810, 0), "group": (90, 0)}
    assert session.attendance.filter(enrolment=world.enrolments["thandiwe"], mark="attended").exists()


def test_the_person_ends_it_alone_and_waits_for_a_group(world, at):
    adjustment = agree(world, ask(world, at), at)
    ended = end(adjustment, at + dt.timedelta(days=1), by=world.thandiwe)

    assert ended.state == "ended"
    assert seats(world, at.date()) == []
    assert minutes(world) == {"one_to_one": (210, 0), "group": (900, 0)}
    assert undated_minutes(world) == 210
    assert Enrolment.objects.get(pk=ended.enrolment_id).opts_out_of_groups is False


def test_dates_that_stand_beyond_the_plan_keep_their_minutes_when_it_ends(world, at):
    adjustment = agree(world, ask(world, at), at)
    for days in range(1, 6):
        running.one_to_one(world, at + dt.timedelta(days=days), at=at)
    end(adjustment, at, by=world.thandiwe)
    assert minutes(world) == {"one_to_one": (300, 300), "group": (900 - 90, 0)}
    assert undated_minutes(world) == 0


def test_undoing_an_agreement_brings_seat_sessions_and_minutes_back(world, at):
    session = running.group_session(world, at + SOON)
    adjustment = agree(world, ask(world, at), at)

    back = undo(world, adjustment, "agreed", at + dt.timedelta(minutes=1))

    assert (back.adjustment.state, back.needs_group) == ("waiting", False)
    assert seats(world, at.date()) == [1]
    assert minutes(world) == {"one_to_one": (210, 0), "group": (900, 90)}
    assert making.taken(session) == {world.ioana.pk, world.part.pk, world.thandiwe.pk}


def test_a_seat_that_was_given_away_does_not_come_back(world, at):
    adjustment = agree(world, ask(world, at), at)
    Cohort.objects.filter(pk=world.cohort.pk).update(group_cap=2, group_minimum=1)
    GroupPlace.objects.create(group=world.groups[1], enrolment=world.enrolments["xiuying"], from_on=at.date())

    back = undo(world, adjustment, "agreed", at)

    assert back.needs_group is True
    assert seats(world, at.date()) == []
    assert minutes(world)["group"] == (900, 0)


def test_a_seat_does_not_come_back_to_who_is_elsewhere_at_that_time(world, at):
    session = running.group_session(world, at + SOON)
    adjustment = agree(world, ask(world, at), at)
    _busy(world, session)

    back = undo(world, adjustment, "agreed", at)

    assert back.needs_group is True
    assert seats(world, at.date()) == []


def _busy(world, session):
    other = CoachingSession.objects.create(
        cohort=world.other_cohort,
        kind="topic",
        position=1,
        minutes=90,
        time_zone="Europe/London",
        state="booked",
        wall_starts=session.wall_starts,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
    )
    PersonTime.objects.create(person=world.thandiwe, session=other, during=(session.starts_at, session.ends_at))


def test_undoing_after_too_much_was_booked_says_so_and_changes_nothing(world, at):
    adjustment = agree(world, ask(world, at), at)
    for days in range(1, 6):
        running.one_to_one(world, at + dt.timedelta(days=days), at=at)
    with pytest.raises(LessThanBooked):
        undo(world, adjustment, "agreed", at)
    assert Adjustment.objects.get().state == "agreed"
    assert Enrolment.objects.get(pk=adjustment.enrolment_id).opts_out_of_groups is True


def test_what_was_ended_stands_again_at_its_own_share(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=50)
    adjustment = agree(world, ask(world, at), at)
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=100)
    end(adjustment, at, by=world.halina)

    undo(world, adjustment, "ended", at)

    assert Adjustment.objects.get().state == "agreed"
    assert minutes(world) == {"one_to_one": (660, 0), "group": (0, 0)}


def test_a_coordinator_enters_and_agrees_at_once(world, at):
    made = actions.arrange_adjustment(
        enrolment=world.enrolments["part"], need="one_to_one", arrangement="One-to-one.", by=world.halina, at=at
    )
    assert (made.state, made.asked_by, minutes(world, "part")["one_to_one"]) == ("agreed", world.halina, (1110, 0))
    with pytest.raises(programme_actions.AskedAlready):
        actions.arrange_adjustment(
            enrolment=world.enrolments["part"], need="one_to_one", arrangement="Again.", by=world.halina, at=at
        )
    actions.back_into_groups(enrolment=Enrolment.objects.get(pk=made.enrolment_id), by=world.halina, at=at)
    assert Adjustment.objects.get().state == "ended"


def test_what_waits_is_agreed_when_a_coordinator_arranges_the_same(world, at):
    asked = ask(world, at)
    made = actions.arrange_adjustment(
        enrolment=world.enrolments["thandiwe"], need="one_to_one", arrangement="One-to-one.", by=world.halina, at=at
    )
    assert (made.pk, made.asked_by) == (asked.pk, world.thandiwe)


def test_other_needs_change_neither_seat_nor_minutes(world, at):
    before = minutes(world)
    agree(world, ask(world, at, "camera_off"), at)
    assert (minutes(world), seats(world, at.date())) == (before, [1])


def test_person_and_coach_are_told_with_a_link_and_not_a_word_of_it(world, at):
    adjustment = ask(world, at, "other", other=SECRET)
    agree(world, adjustment, at, arrangement=f"{SECRET} arranged", group_told=f"{SECRET} told")
    assert mails(adjustment) == [
        ("thandiwe", "An answer for you in Prosperous Minds"),
        ("ioana", "Arrangements for a coachee in Cohort 1"),
    ]
    texts = dict(MailMessage.objects.values_list("address", "body"))
    here = world.enrolments["thandiwe"].pk
    assert f"{ADDRESS}/home/adjustments/{here}/" in texts["thandiwe@example.org"]
    assert f"{ADDRESS}/coachees/{here}/" in texts["ioana@example.org"]
    assert "Thandiwe" not in texts["ioana@example.org"]
    assert SECRET not in str(list(MailMessage.objects.values()))


def test_every_step_is_told_once_to_whom_it_concerns(world, at):
    adjustment = ask(world, at, "camera_off")
    actions.decline_adjustment(adjustment=adjustment, instead="A seat aside.", address_of="", by=world.halina, at=at)
    undo(world, adjustment, "declined", at)
    agree(world, adjustment, at)
    end(adjustment, at, by=world.thandiwe)
    person, coach = "thandiwe", "ioana"
    assert mails(adjustment) == [
        (person, "An answer for you in Prosperous Minds"),
        (person, "A change for you in Prosperous Minds"),
        (person, "An answer for you in Prosperous Minds"),
        (coach, "Arrangements for a coachee in Cohort 1"),
        (coach, "Arrangements for a coachee in Cohort 1"),
    ]


def test_a_former_coach_of_the_group_is_sent_to_their_own_list(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(engagement=world.engagements["malik"])
    adjustment = ask(world, at)
    agree(world, adjustment, at)
    texts = dict(MailMessage.objects.values_list("address", "body"))
    assert f"{ADDRESS}/coachees/{adjustment.enrolment_id}/" in texts["malik@example.org"]
    assert texts["ioana@example.org"].strip().endswith(f"{ADDRESS}/coachees/")


def test_coach_and_group_are_told_what_is_arranged_and_only_while_it_holds(world, at):
    session = running.group_session(world, at + SOON)
    adjustment = ask(world, at, "other", other=SECRET)
    here, part = world.enrolments["thandiwe"].pk, world.enrolments["part"].pk
    assert queries.arranged_for([here]) == {}

    agree(world, adjustment, at, arrangement="A break.", group_told="There is a break.", due_after=True)
    assert queries.arranged_for([here, part]) == {here: (queries.Arranged("A break.", True),)}
    assert queries.arranged_in(session, here, at) == (("A break.",), ("There is a break.",))
    assert queries.arranged_in(session, part, at) == ((), ("There is a break.",))
    [thandiwe, other] = sorted(queries.coach_session(world.ioana, session.pk, at).roll, key=lambda row: row.id != here)
    assert (thandiwe.arranged, other.arranged) == ((queries.Arranged("A break.", True),), ())

    end(adjustment, at, by=world.thandiwe)
    assert queries.arranged_for([here]) == {}
    assert queries.arranged_in(session, part, at) == ((), ())


def test_neither_another_group_nor_a_session_that_is_over_is_told(world, at):
    agree(world, ask(world, at, "camera_off"), at, group_told="Cameras may be off in this group.")
    malik = running.group_session(world, at + SOON, number=2)
    ioana = running.group_session(world, at + SOON)
    assert queries.arranged_in(malik, world.enrolments["siobhan"].pk, at) == ((), ())
    assert queries.arranged_in(ioana, world.enrolments["part"].pk, ioana.ends_at) == ((), ())


def test_audit_of_an_agreement_knows_seats_by_id(world, at):
    place = GroupPlace.objects.get(enrolment=world.enrolments["thandiwe"])
    adjustment = agree(world, ask(world, at), at)
    facts = AuditEntry.objects.get(action="agree_adjustment").facts
    assert facts == {"enrolment": adjustment.enrolment_id, "state": "agreed", "places": {str(place.pk): None}}
