import datetime as dt

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.delivery import actions, queries
from cairn.delivery.models import Apology, AttendanceChange, CoachingSession, Hold, PersonTime, SlotWatch
from cairn.foundation.models import MailMessage
from cairn.people.queries import NotFound
from tests.delivery import booking_hours, making

TEN = dt.datetime(2027, 3, 8, 10, 0, tzinfo=dt.UTC)
ELEVEN = TEN + dt.timedelta(hours=1)
MINUTES = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def session(world):
    """A one-to-one of Thandiwe's without a date; Ioana keeps hours."""
    booking_hours.keep(world.ioana)
    return making.undated(world)


def fresh(session):
    return CoachingSession.objects.get(pk=session.pk)


def hold(session, starts_at, *, by, at, **more):
    return actions.hold_time(
        session=session, starts_at=starts_at, expected_version=fresh(session).version, by=by, at=at, **more
    )


def book(session, starts_at, *, by, at, **more):
    hold(session, starts_at, by=by, at=at, **more)
    return actions.book_held(session=session, by=by, at=at)


def cancel(session, *, by, at):
    return actions.cancel_own(session=session, expected_version=fresh(session).version, by=by, at=at)


def take_back(session, *, by, at):
    return actions.take_back(session=session, expected_version=fresh(session).version, by=by, at=at)


def test_a_coachee_holds_and_books_a_time(world, at, session):
    held = hold(session, TEN, by=world.thandiwe, at=at)
    booked = actions.book_held(session=session, by=world.thandiwe, at=at + MINUTES)

    assert held.expires_at == at + 5 * MINUTES
    assert (booked.state, booked.starts_at, booked.wall_starts) == ("booked", TEN, TEN)
    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk}
    assert making.entitlement(world, "thandiwe")[1] == 60
    assert (world.ioana.email in making.told(), Hold.objects.count()) == (True, 0)


def test_a_place_that_is_chosen_becomes_the_sessions_own(world, at, session):
    booking_hours.place(world.ioana, "Online")
    room = booking_hours.place(world.ioana, "Room 2", "in_person", "Room 2, Old Building")

    first = book(session, TEN, by=world.thandiwe, at=at)
    moved = book(session, ELEVEN, by=world.thandiwe, at=at, place_id=room.pk)

    assert (first.mode, moved.mode, moved.where) == ("online", "in_person", "Room 2, Old Building")


def test_a_time_that_somebody_holds_is_refused_to_everybody_else(world, at, session):
    other, third = making.undated(world, "part"), making.undated(world, "part")
    hold(session, TEN, by=world.thandiwe, at=at)

    with pytest.raises(actions.JustTaken) as loser:
        hold(other, TEN, by=world.part, at=at)
    with pytest.raises(actions.JustTaken):
        making.date(third, dt.datetime(2027, 3, 8, 10, 30), by=world.ioana, at=at)
    with pytest.raises(actions.JustTaken):
        making.group_session(world, dt.datetime(2027, 3, 8, 9, 30), at=at)

    assert loser.value.next_free == (ELEVEN, ELEVEN + HOUR / 2, ELEVEN + HOUR)
    assert PersonTime.objects.count() == 0


def test_a_hold_that_ran_out_is_in_nobodys_way_and_books_while_the_time_is_free(world, at, session):
    other = making.undated(world, "part")
    hold(session, TEN, by=world.thandiwe, at=at)
    later = at + 6 * MINUTES

    booked = actions.book_held(session=session, by=world.thandiwe, at=later)
    hold(other, ELEVEN, by=world.part, at=later)
    making.date(making.undated(world), dt.datetime(2027, 3, 8, 11), by=world.ioana, at=later + 6 * MINUTES)
    with pytest.raises(actions.JustTaken) as loser:
        actions.book_held(session=other, starts_at=ELEVEN, by=world.part, at=later + 7 * MINUTES)

    assert booked.starts_at == TEN
    assert loser.value.next_free[0] == ELEVEN + HOUR


def test_a_hold_stands_when_the_coach_closes_their_hours_meanwhile(world, at, session):
    hold(session, TEN, by=world.thandiwe, at=at)
    booking_hours.Availability.objects.update(is_open=False)

    assert actions.book_held(session=session, by=world.thandiwe, at=at + MINUTES).starts_at == TEN


def test_somebody_holds_one_time_at_once(world, at, session):
    second = making.undated(world)
    hold(session, TEN, by=world.thandiwe, at=at)
    hold(second, ELEVEN, by=world.thandiwe, at=at)

    assert list(Hold.objects.values_list("session", flat=True)) == [second.pk]
    actions.let_go(session=second, by=world.thandiwe, at=at)
    assert Hold.objects.count() == 0


def test_nobody_books_somebody_elses_session_or_a_groups(world, at, session):
    group = making.group_session(world, dt.datetime(2027, 3, 9, 10), at=at)

    for whose, by in ((session, world.part), (session, world.ioana), (session, world.halina), (group, world.thandiwe)):
        with pytest.raises(NotFound):
            hold(whose, TEN, by=by, at=at)
        with pytest.raises(NotFound):
            cancel(whose, by=by, at=at)


def test_moving_keeps_the_old_time_until_the_new_one_is_confirmed(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    hold(session, ELEVEN, by=world.thandiwe, at=at)
    kept = PersonTime.objects.get(session=session, person=world.ioana).during.lower

    moved = actions.book_held(session=session, by=world.thandiwe, at=at)

    assert (kept, moved.starts_at) == (TEN, ELEVEN)
    assert PersonTime.objects.get(session=session, person=world.ioana).during.lower == ELEVEN


def test_after_the_cut_off_a_session_is_no_longer_moved_alone(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)

    with pytest.raises(actions.CutOffPassed):
        hold(session, ELEVEN + 24 * HOUR, by=world.thandiwe, at=TEN - 24 * HOUR)


def test_cancelling_in_time_gives_the_minutes_back_and_frees_the_coach(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)

    cancelled = cancel(session, by=world.thandiwe, at=TEN - 24 * HOUR)

    assert (cancelled.state, cancelled.starts_at) == ("undated", None)
    assert (making.entitlement(world, "thandiwe")[1:], making.taken(session)) == ((0, 0), set())
    assert book(session, ELEVEN + 48 * HOUR, by=world.thandiwe, at=TEN).state == "booked"


def test_cancelling_late_draws_the_minutes_and_frees_the_coach(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)

    cancelled = cancel(session, by=world.thandiwe, at=TEN - 2 * HOUR)

    assert cancelled.state == "cancelled"
    assert making.entitlement(world, "thandiwe")[1:] == (0, 60)
    assert making.coach_time(world, "ioana")[1:] == (0, 60)
    assert making.taken(session) == set()


def test_where_late_cancellation_costs_nothing_another_session_waits(world, at, session):
    type(world.cohort).objects.update(late_cancelled_uses_minutes=False)
    book(session, TEN, by=world.thandiwe, at=at)

    cancel(session, by=world.thandiwe, at=TEN - 2 * HOUR)

    waiting = CoachingSession.objects.filter(enrolment=session.enrolment, state="undated")
    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)
    assert sum(each.minutes for each in waiting) == making.entitlement(world, "thandiwe")[0]


def test_a_coach_forgives_with_one_action_and_may_take_that_back(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    now = TEN - 2 * HOUR
    cancel(session, by=world.thandiwe, at=now)
    given = {"session": session, "enrolment_id": session.enrolment_id, "by": world.ioana}
    promised = making.entitlement(world, "thandiwe")[0]

    def waiting():
        found = CoachingSession.objects.filter(enrolment=session.enrolment, state="undated")
        return sum(each.minutes for each in found)

    late = waiting()
    actions.forgive_late(**given, at=now)
    forgiven = (making.entitlement(world, "thandiwe")[1:], making.coach_time(world, "ioana")[1:], waiting())
    mails = MailMessage.objects.filter(to_id=world.thandiwe.pk, key__contains="forgive_late").count()
    actions.count_late(**given, at=now)
    counted = (making.entitlement(world, "thandiwe")[1:], making.coach_time(world, "ioana")[1:], waiting())

    assert (late, forgiven) == (promised - 60, ((0, 0), (0, 0), promised))
    assert counted == ((0, 60), (0, 60), promised - 60)
    assert mails == 1
    assert not MailMessage.objects.filter(key__contains="_late").exists()  # it had not gone out, so nobody was told
    with pytest.raises(actions.NotPossibleNow):
        actions.count_late(**given, at=now)


def test_only_coach_and_coordinator_forgive_and_only_what_was_late(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    given = {"session": session, "enrolment_id": session.enrolment_id, "at": at}

    with pytest.raises(actions.NotPossibleNow):
        actions.forgive_late(**given, by=world.ioana)
    for who in (world.thandiwe, world.malik):
        with pytest.raises(actions.NotAllowed):
            actions.forgive_late(**given, by=who)


def test_a_booking_a_move_and_a_cancellation_can_be_taken_back(world, at, session):
    me = world.thandiwe
    book(session, TEN, by=me, at=at)
    book(session, ELEVEN, by=me, at=at)
    back = take_back(session, by=me, at=at).starts_at
    cancel(session, by=me, at=at)
    again = take_back(session, by=me, at=at).starts_at
    now = TEN - HOUR
    cancel(session, by=me, at=now)
    late = take_back(session, by=me, at=now)

    assert (back, again, late.state, late.starts_at) == (TEN, TEN, "booked", TEN)
    assert (making.entitlement(world, "thandiwe")[1:], Apology.objects.count()) == ((60, 0), 0)


def test_what_is_taken_back_is_held_as_it_was_to_be(world, at, session):
    phone = booking_hours.place(world.ioana, "By phone", "phone", "")
    room = booking_hours.place(world.ioana, "Room 2", "in_person", "Room 2, Old Building")
    book(session, TEN, by=world.thandiwe, at=at, place_id=phone.pk)
    undated = take_back(session, by=world.thandiwe, at=at)
    book(session, TEN, by=world.thandiwe, at=at, place_id=room.pk)
    book(session, ELEVEN, by=world.thandiwe, at=at, place_id=phone.pk)
    moved = take_back(session, by=world.thandiwe, at=at)

    assert (undated.mode, undated.where) == ("online", "")
    assert (moved.mode, moved.where) == ("in_person", "Room 2, Old Building")


def test_a_booking_taken_back_costs_nothing_however_near_it_is(world, at, session):
    booking_hours.Availability.objects.update(notice_hours=0)
    now = TEN - HOUR
    book(session, TEN, by=world.thandiwe, at=now)

    assert take_back(session, by=world.thandiwe, at=now + 10 * MINUTES).state == "undated"
    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)


def test_what_is_older_or_another_persons_is_not_taken_back(world, at, session):
    making.date(session, dt.datetime(2027, 3, 8, 10), by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow):
        take_back(session, by=world.thandiwe, at=at)
    book(session, ELEVEN, by=world.thandiwe, at=at)

    with pytest.raises(actions.NotPossibleNow):
        take_back(session, by=world.thandiwe, at=at + 16 * MINUTES)


def test_a_coach_can_let_a_late_cancelled_session_take_place_after_all(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    cancelled = cancel(session, by=world.thandiwe, at=TEN - 2 * HOUR)

    restored = actions.restore_session(
        session=session, expected_version=cancelled.version, by=world.ioana, at=TEN - 2 * HOUR
    )

    assert (restored.state, Apology.objects.count()) == ("booked", 0)
    assert making.entitlement(world, "thandiwe")[1:] == (60, 0)


def test_who_watches_a_taken_time_is_told_once_when_it_becomes_free(world, at, session):
    other = making.undated(world, "part")
    book(other, TEN, by=world.part, at=at)
    actions.watch_time(session=session, starts_at=TEN, by=world.thandiwe, at=at)
    before = actions.tell_watchers(address="https://cairn.example", at=at)

    cancel(other, by=world.part, at=at)
    told = [actions.tell_watchers(address="https://cairn.example", at=at) for _each in range(2)]

    mail = MailMessage.objects.get(to_id=world.thandiwe.pk, key__startswith="watch")
    assert (before, told) == (0, [1, 0])
    assert f"https://cairn.example/sessions/{session.pk}/book/" in mail.body
    assert "Pärt" not in mail.subject + mail.body


def test_a_watch_ends_when_its_session_is_booked_when_it_passes_and_by_hand(world, at, session):
    book(making.undated(world, "part"), TEN, by=world.part, at=at)
    actions.watch_time(session=session, starts_at=TEN, by=world.thandiwe, at=at)
    actions.end_watch(session=session, starts_at=TEN, by=world.thandiwe, at=at)
    by_hand = SlotWatch.objects.count()
    actions.watch_time(session=session, starts_at=TEN, by=world.thandiwe, at=at)
    book(session, ELEVEN, by=world.thandiwe, at=at)
    booked = SlotWatch.objects.count()
    second = making.undated(world)
    actions.watch_time(session=second, starts_at=TEN, by=world.thandiwe, at=at)
    actions.tell_watchers(at=TEN)

    assert (by_hand, booked, SlotWatch.objects.count()) == (0, 0, 0)


def test_only_times_within_the_hours_that_are_not_free_are_watched(world, at, session):
    for starts_at in (TEN, TEN - 3 * HOUR, TEN + 10 * MINUTES):
        with pytest.raises(actions.NotPossibleNow):
            actions.watch_time(session=session, starts_at=starts_at, by=world.thandiwe, at=at)


def test_what_ones_own_session_takes_is_neither_watched_nor_told_when_one_frees_it(world, at, session):
    mine, late, other = making.undated(world), making.undated(world), making.undated(world, "part")
    book(other, TEN, by=world.part, at=at)
    actions.watch_time(session=session, starts_at=TEN, by=world.thandiwe, at=at)
    cancel(other, by=world.part, at=at)
    book(mine, TEN, by=world.thandiwe, at=at)
    with pytest.raises(actions.NotPossibleNow, match="something else then yourself"):
        actions.watch_time(session=late, starts_at=TEN, by=world.thandiwe, at=at)

    found = queries.choice(world.thandiwe, session.pk, dt.date(2027, 3, 8), at)
    book(mine, ELEVEN + HOUR, by=world.thandiwe, at=at)
    told = actions.tell_watchers(at=at)

    assert [slot.starts_at for slot in found.slots if slot.is_own] == [TEN - HOUR / 2, TEN, TEN + HOUR / 2]
    assert (told, SlotWatch.objects.count()) == (0, 0)


def test_a_coachee_sees_what_is_free_and_nothing_of_why_the_rest_is_not(world, at, session):
    book(making.undated(world, "part"), TEN, by=world.part, at=at)
    actions.watch_time(session=session, starts_at=TEN, by=world.thandiwe, at=at)

    found = queries.choice(world.thandiwe, session.pk, dt.date(2027, 3, 8), at)

    monday = [slot for slot in found.slots if slot.starts_at.date() == TEN.date()]
    assert len(monday) == 15
    assert [slot.starts_at for slot in monday if not slot.is_free] == [TEN - HOUR / 2, TEN, TEN + HOUR / 2]
    assert [slot.starts_at for slot in monday if slot.is_watched] == [TEN]
    assert found.own.watches == (TEN,)


def test_days_are_the_readers_own(world, at):
    booking_hours.keep(world.malik)
    type(world.siobhan).objects.filter(pk=world.siobhan.pk).update(time_zone="Pacific/Auckland")
    world.siobhan.time_zone = "Pacific/Auckland"
    session = making.undated(world, "siobhan")

    found = queries.choice(world.siobhan, session.pk, None, at)

    days = {slot.starts_at.astimezone(world.siobhan.zone).date() for slot in found.slots}
    assert (found.today, found.first, found.last) == (dt.date(2027, 3, 3), dt.date(2027, 3, 3), dt.date(2027, 3, 9))
    assert days == {dt.date(2027, 3, day) for day in (4, 5, 6, 8, 9)}


def test_a_coach_without_hours_offers_nothing(world, at):
    session = making.undated(world)

    found = queries.choice(world.thandiwe, session.pk, None, at)

    assert (found.own.obstacle, found.slots) == ("no_hours", ())
    with pytest.raises(actions.NotBookable):
        hold(session, TEN, by=world.thandiwe, at=at)


def test_what_is_held_and_watched_goes_with_leaving_and_with_the_coach(world, at, session):
    book(making.undated(world, "part"), TEN, by=world.part, at=at)
    other = making.undated(world)

    def hold_and_watch(starts_at):
        hold(session, starts_at, by=world.thandiwe, at=at)
        actions.watch_time(session=other, starts_at=TEN, by=world.thandiwe, at=at)
        return Hold.objects.count(), SlotWatch.objects.count()

    made = [hold_and_watch(ELEVEN)]
    type(session.enrolment).objects.filter(pk=session.enrolment_id).update(engagement=world.engagements["malik"])
    actions.prepare_one_to_ones(enrolments=[session.enrolment], by=world.halina, at=at)
    left = [(Hold.objects.count(), SlotWatch.objects.count())]
    type(session.enrolment).objects.filter(pk=session.enrolment_id).update(engagement=world.engagements["ioana"])
    actions.prepare_one_to_ones(enrolments=[session.enrolment], by=world.halina, at=at)
    made.append(hold_and_watch(ELEVEN + HOUR))
    actions.erase_everything(by=world.thandiwe, at=at)
    left.append((Hold.objects.count(), SlotWatch.objects.count()))
    made.append(hold_and_watch(ELEVEN + 2 * HOUR))
    actions.leave_cohort(enrolment_id=session.enrolment_id, by=world.thandiwe, at=at)
    left.append((Hold.objects.count(), SlotWatch.objects.count()))

    assert (made, left) == ([(1, 1)] * 3, [(0, 0)] * 3)


def test_a_late_cancellation_is_written_up_when_its_time_has_come_and_can_still_be_forgiven(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    cancelled = cancel(session, by=world.thandiwe, at=TEN - 2 * HOUR)
    written = [actions.write_up_late(at=moment) for moment in (TEN - HOUR, TEN, TEN)]
    row = queries.cohort_attendance(world.cohort, queries.AttendanceFilter(), TEN + HOUR).page.object_list
    counted = [(each.held, each.marked, each.late_cancelled) for each in row if each.id == session.enrolment_id]

    actions.forgive_late(session=session, enrolment_id=session.enrolment_id, by=world.ioana, at=TEN + HOUR)

    assert (written, counted) == ([0, 1, 0], [(1, 1, 1)])
    assert list(AttendanceChange.objects.order_by("pk").values_list("mark", "by")) == [
        ("late_cancelled", world.thandiwe.pk),
        ("excused", world.ioana.pk),
    ]
    assert making.entitlement(world, "thandiwe")[1:] == (0, 0)
    with pytest.raises(actions.NotPossibleNow):
        actions.restore_session(session=session, expected_version=cancelled.version, by=world.ioana, at=TEN + HOUR)


def test_the_mail_of_a_late_cancellation_says_that_it_was_late(world, at, session):
    book(session, TEN, by=world.thandiwe, at=at)
    cancel(session, by=world.thandiwe, at=at)
    in_time = MailMessage.objects.filter(to_id=world.ioana.pk, key__contains="cancelled").latest("pk").body
    book(session, TEN, by=world.thandiwe, at=at)
    cancel(session, by=world.thandiwe, at=TEN - HOUR)
    late = MailMessage.objects.filter(to_id=world.ioana.pk, key__contains="cancelled").latest("pk").body

    assert "cancelled it. Its minutes are not lost." in in_time
    assert "cancelled it. That was late: its minutes count" in late


def test_a_job_tells_watchers_as_soon_as_a_watched_time_is_let_go_and_only_then(world, at, session):
    other = making.undated(world, "part")
    jobs = ProcrastinateJob.objects.filter(task_name="cairn.jobs.tasks.tell_watchers_now")
    book(other, TEN, by=world.part, at=at)
    book(other, ELEVEN, by=world.part, at=at)
    unwatched = jobs.count()
    actions.watch_time(session=session, starts_at=ELEVEN, by=world.thandiwe, at=at)

    counts = []
    for change in (
        lambda: book(other, TEN, by=world.part, at=at),
        lambda: hold(other, ELEVEN, by=world.part, at=at),
        lambda: actions.let_go(session=other, by=world.part, at=at),
        lambda: cancel(other, by=world.part, at=at),
    ):
        change()
        counts.append(jobs.count())

    assert (unwatched, counts) == (0, [1, 1, 2, 2])  # the last frees a time that nobody watches
