"""Somebody moves to a new job: what happens to seats, sessions, minutes, roles and mails, and how it is taken back."""

import datetime as dt
import threading

import pytest
from django.db import connection

from cairn.delivery import actions, queries
from cairn.delivery.models import Attendance, CoachingSession, PersonTime
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import RoleGrant
from cairn.people.queries import NotFound
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import Enrolment, GroupPlace, NewPosition
from tests.kept import kept

LEAVES_ON = dt.date(2027, 3, 10)


def wall(day: int, hour: int = 10, month: int = 3) -> dt.datetime:
    return dt.datetime(2027, month, day, hour)


@pytest.fixture
def started(world, at):
    return kept(_started, world, at)


def _started(world, at):
    """Thandiwe's cohort under way: two group sessions and a one-to-one held or booked before the date, some after."""
    earlier = at - dt.timedelta(days=20)
    group = [
        actions.add_session(
            cohort=world.cohort, kind="group", group=world.groups[1], wall_starts=when, by=world.ioana, at=earlier
        )
        for when in (wall(1), wall(8), wall(15), wall(22))
    ]
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=earlier)
    own = list(CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"]).order_by("position"))
    for session, when in zip(own, (wall(2), wall(9), wall(16)), strict=False):
        actions.date_session(
            session=session, wall_starts=when, mode="online", where="", expected_version=1, by=world.ioana, at=earlier
        )
    actions.record_attendance(
        session=group[0],
        marks={world.enrolments["thandiwe"].pk: "attended", world.enrolments["part"].pk: "attended"},
        by=world.ioana,
        at=at - dt.timedelta(days=1),
    )
    actions.record_attendance(
        session=own[0], marks={world.enrolments["thandiwe"].pk: "attended"}, by=world.ioana, at=at
    )
    MailMessage.objects.all().delete()
    return world


def say(world, key="thandiwe", by="thandiwe", starts_on=LEAVES_ON, at=None):
    from tests import cast

    return programme_actions.say_new_position(
        enrolment=world.enrolments[key], starts_on=starts_on, wish="leaves", by=world.people[by], at=at or cast.AT
    )


def record(world, position, outcome="leaves", on=LEAVES_ON, at=None, by=None):
    from tests import cast

    return actions.record_new_position(
        position=position, outcome=outcome, on=on, by=by or world.halina, at=at or cast.AT
    )


def sums(world, key="thandiwe"):
    """kind → promised, booked, used, released, left."""
    rows = Entitlement.objects.filter(enrolment=world.enrolments[key])
    return {each.kind: (each.promised, each.booked, each.used, each.released, each.left) for each in rows}


def adds_up() -> bool:
    accounts = [*Entitlement.objects.all(), *CoachTime.objects.all()]
    return all(a.used + a.booked + a.released + a.left == a.promised and a.left >= 0 for a in accounts)


def mails():
    """What people were told, but for mails that only bring a calendar up to date."""
    return sorted(MailMessage.objects.exclude(key__startswith="calendar:").values_list("address", "subject"))


def test_leaving_on_a_day_that_has_come_ends_everything_after_it(started, at):
    position = say(started)
    on_the_day = dt.datetime(2027, 3, 10, 7, tzinfo=dt.UTC)
    record(started, position, at=on_the_day)

    enrolment = Enrolment.objects.get(pk=started.enrolments["thandiwe"].pk)
    assert (enrolment.state, enrolment.left_on, enrolment.buy_out_ends_on) == ("left", LEAVES_ON, LEAVES_ON)
    assert sums(started) == {"one_to_one": (210, 60, 60, 90, 0), "group": (900, 90, 90, 720, 0)}
    assert list(GroupPlace.objects.filter(enrolment=enrolment).values_list("to_on", flat=True)) == [LEAVES_ON]
    states = CoachingSession.objects.filter(enrolment=enrolment).order_by("position").values_list("state", flat=True)
    assert list(states) == ["held", "booked", "cancelled", "cancelled"]
    assert not RoleGrant.objects.filter(person=started.thandiwe, role="coachee", until=None).exists()
    assert PersonTime.objects.filter(person=started.thandiwe, session__starts_at__gte=on_the_day).count() == 0
    assert Attendance.objects.filter(enrolment=enrolment).count() == 2
    assert adds_up()


def test_a_day_to_come_waits_with_the_last_step(started, at):
    record(started, say(started))

    enrolment = Enrolment.objects.get(pk=started.enrolments["thandiwe"].pk)
    assert (enrolment.state, enrolment.left_on) == ("active", LEAVES_ON)
    assert sums(started) == {"one_to_one": (210, 60, 60, 0, 90), "group": (900, 90, 90, 0, 720)}
    assert actions.leave_when_due(at=dt.datetime(2027, 3, 9, 23, 59, tzinfo=dt.UTC)) == 0
    assert actions.leave_when_due(at=dt.datetime(2027, 3, 10, 0, 1, tzinfo=dt.UTC)) == 1
    assert actions.leave_when_due(at=dt.datetime(2027, 3, 10, 1, 1, tzinfo=dt.UTC)) == 0
    assert sums(started) == {"one_to_one": (210, 60, 60, 90, 0), "group": (900, 90, 90, 720, 0)}
    assert adds_up()


def test_nothing_is_booked_after_the_day_on_which_somebody_will_leave(started, at):
    record(started, say(started))
    waiting = CoachingSession.objects.filter(enrolment=started.enrolments["thandiwe"], state="undated").first()
    with pytest.raises(actions.NobodyThere):
        actions.date_session(
            session=waiting,
            wall_starts=wall(24),
            mode="online",
            where="",
            expected_version=waiting.version,
            by=started.ioana,
            at=at,
        )


def test_what_was_shown_before_is_what_happens(started, at):
    position = say(started)
    shown = queries.effects(position, "leaves", LEAVES_ON, LEAVES_ON, at)
    assert [each.position for each in shown.cancelled] == [3]
    assert [each.position for each in shown.left_out] == [3, 4]
    assert dict(shown.released) == {"one_to_one": 90, "group": 720}
    assert (shown.group, shown.role_ends, shown.is_due) == (1, True, False)
    assert [each.pk for each in shown.told] == [started.thandiwe.pk, started.ioana.pk]

    record(started, position)
    actions.leave_when_due(at=dt.datetime(2027, 3, 10, 0, 1, tzinfo=dt.UTC))

    assert {kind: row[3] for kind, row in sums(started).items()} == dict(shown.released)
    assert {address for address, _subject in mails()} == {each.email for each in shown.told}


def test_others_in_the_group_and_the_coach_keep_their_minutes(started):
    before = sums(started, "part")
    coach = list(CoachTime.objects.filter(engagement=started.engagements["ioana"], kind="group").values())
    record(started, say(started), at=dt.datetime(2027, 3, 10, 7, tzinfo=dt.UTC))
    assert sums(started, "part") == before
    assert list(CoachTime.objects.filter(engagement=started.engagements["ioana"], kind="group").values()) == coach


def test_a_day_that_has_gone_by_frees_what_nobody_marked_and_keeps_what_somebody_did(started, at):
    later = dt.datetime(2027, 3, 17, 9, tzinfo=dt.UTC)
    held = CoachingSession.objects.get(group=started.groups[1], position=2)
    actions.record_attendance(
        session=held, marks={started.enrolments["thandiwe"].pk: "excused"}, by=started.ioana, at=later
    )
    record(started, say(started), on=dt.date(2027, 3, 3), at=later)
    assert sums(started) == {"one_to_one": (210, 0, 60, 150, 0), "group": (900, 0, 90, 810, 0)}
    assert Attendance.objects.filter(session=held, enrolment=started.enrolments["thandiwe"]).get().mark == "excused"
    assert adds_up()


def test_the_person_and_the_coach_get_one_mail_each_and_nothing_afterwards(started, at):
    record(started, say(started), at=dt.datetime(2027, 3, 10, 7, tzinfo=dt.UTC))
    assert mails() == [
        ("ioana@example.org", "Thandiwe Ndlovu leaves on 10 March 2027"),
        ("thandiwe@example.org", "You leave Prosperous Minds on 10 March 2027"),
    ]
    body = MailMessage.objects.get(address="thandiwe@example.org", key__startswith="new_position:").body
    assert "Nothing of yours is lost." in body
    assert "One-to-one session 3, Tuesday 16 March 2027, 10:00 to 11:00 (London time)" in body
    MailMessage.objects.all().delete()
    session = CoachingSession.objects.get(group=started.groups[1], position=4)
    actions.cancel_session(
        session=session,
        expected_version=session.version,
        by=started.ioana,
        at=dt.datetime(2027, 3, 11, 7, tzinfo=dt.UTC),
    )
    assert mails() == [("part@example.org", mails()[0][1])]


def test_the_role_stays_with_somebody_in_another_cohort(started):
    from tests import cast

    cast.enrol(started.other_cohort, started.thandiwe, started.host)
    record(started, say(started), at=dt.datetime(2027, 3, 10, 7, tzinfo=dt.UTC))
    assert RoleGrant.objects.filter(person=started.thandiwe, role="coachee", until=None).exists()


def test_own_time_changes_the_state_and_the_end_of_the_buy_out_alone(started, at):
    before, sessions = sums(started), list(CoachingSession.objects.order_by("pk").values())
    actions.record_new_position(
        position=say(started),
        outcome="own_time",
        on=LEAVES_ON,
        buy_out_ends_on=dt.date(2027, 3, 31),
        by=started.halina,
        at=at,
    )
    enrolment = Enrolment.objects.get(pk=started.enrolments["thandiwe"].pk)
    assert (enrolment.state, enrolment.own_time_since) == ("own_time", LEAVES_ON)
    assert enrolment.buy_out_ends_on == dt.date(2027, 3, 31)
    assert sums(started) == before
    assert list(CoachingSession.objects.order_by("pk").values()) == sessions
    assert mails() == [
        ("ioana@example.org", "Thandiwe Ndlovu stays on in own time"),
        ("thandiwe@example.org", "You stay on in Prosperous Minds, in your own time"),
    ]


def test_not_the_case_changes_nothing(started, at):
    before = sums(started)
    position = record(started, say(started), outcome=actions.NOT_THE_CASE)
    assert position.state == "declined"
    assert sums(started) == before
    assert mails() == [("thandiwe@example.org", "Nothing changes in Prosperous Minds")]
    assert say(started).state == "waiting"


@pytest.mark.parametrize("moment", ["before the day", "after it"])
def test_taking_back_restores_seat_sessions_minutes_and_role(started, at, moment):
    when = at if moment == "before the day" else dt.datetime(2027, 3, 10, 7, tzinfo=dt.UTC)
    before = sums(started)
    position = record(started, say(started), at=when)
    undone = actions.undo_new_position(position=position, by=started.halina, at=when)

    assert undone == actions.Undone(restored=1, to_date_anew=0)
    assert sums(started) == before
    enrolment = Enrolment.objects.get(pk=started.enrolments["thandiwe"].pk)
    assert (enrolment.state, enrolment.left_on, enrolment.buy_out_ends_on) == ("active", None, None)
    assert list(GroupPlace.objects.filter(enrolment=enrolment).values_list("to_on", flat=True)) == [None]
    states = CoachingSession.objects.filter(enrolment=enrolment).order_by("position").values_list("state", flat=True)
    assert list(states) == ["held", "booked", "booked", "undated"]
    assert RoleGrant.objects.filter(person=started.thandiwe, role="coachee", until=None).exists()
    taken = PersonTime.objects.filter(person=started.thandiwe, session__starts_at__gte=when).count()
    assert taken == {"before the day": 5, "after it": 3}[moment]
    assert NewPosition.objects.get(pk=position.pk).state == "waiting"
    assert adds_up()
    record(started, position, at=when)
    assert adds_up()


def test_a_date_taken_meanwhile_has_to_be_found_anew(started, at):
    position = record(started, say(started))
    other = CoachingSession.objects.filter(enrolment=started.enrolments["part"], state="undated").first()
    actions.date_session(
        session=other, wall_starts=wall(16), mode="online", where="", expected_version=1, by=started.ioana, at=at
    )
    undone = actions.undo_new_position(position=position, by=started.halina, at=at)
    assert undone == actions.Undone(restored=0, to_date_anew=1)
    assert sums(started)["one_to_one"] == (210, 60, 60, 0, 90)
    assert adds_up()


def test_taking_back_is_refused_once_the_cohort_has_ended(started, at):
    position = record(started, say(started))
    with pytest.raises(actions.CannotUndo, match="has ended"):
        actions.undo_new_position(position=position, by=started.halina, at=dt.datetime(2027, 9, 8, 9, tzinfo=dt.UTC))


def test_the_same_change_is_said_once_and_can_be_taken_back(world, at):
    position = say(world, by="ioana")
    with pytest.raises(programme_actions.SaidAlready):
        say(world)
    programme_actions.withdraw_new_position(position=position, by=world.thandiwe, at=at)
    assert NewPosition.objects.get(pk=position.pk).state == "declined"
    assert say(world).state == "waiting"


def test_the_day_lies_within_the_cohort(world, at):
    with pytest.raises(programme_actions.OutsideCohort):
        say(world, starts_on=dt.date(2028, 1, 1))
    with pytest.raises(actions.DayDoesNotFit):
        record(world, say(world), on=dt.date(2026, 1, 1))


@pytest.mark.parametrize("who", ["part", "malik", "rosa", "gwen", "lena", "otto", "sabine", "ada"])
def test_nobody_else_says_it(world, who):
    with pytest.raises(NotFound):
        say(world, by=who)


@pytest.mark.parametrize("who", ["thandiwe", "ioana", "gwen", "otto"])
def test_nobody_but_a_coordinator_decides(world, at, who):
    position = say(world)
    with pytest.raises(NotFound):
        record(world, position, by=world.people[who])
    with pytest.raises(NotFound):
        actions.undo_new_position(position=position, by=world.people[who], at=at)


def test_a_decision_is_taken_back_by_no_coachee(world, at):
    position = record(world, say(world), outcome="own_time")
    with pytest.raises(programme_actions.DecidedAlready):
        programme_actions.withdraw_new_position(position=position, by=world.thandiwe, at=at)


@pytest.mark.django_db(transaction=True)
def test_of_two_coordinators_at_once_the_later_is_told(world, at):
    position = say(world)
    answers, gate = [], threading.Barrier(2)

    def decide(outcome):
        gate.wait()
        try:
            record(world, NewPosition.objects.get(pk=position.pk), outcome=outcome)
            answers.append("done")
        except actions.DecidedMeanwhile as late:
            answers.append(str(late))
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(outcome,)) for outcome in ("leaves", "own_time")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[1] == "done"
    assert "Halina Nowak has decided about this meanwhile" in sorted(answers)[0]
    assert adds_up()
