"""A group finds another time: what is asked, who learns what, and how a poll ends."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession, Poll, PollAnswer, PollTime
from cairn.engines import cadence
from cairn.foundation.models import MailMessage
from cairn.people.models import Person
from tests.delivery import making

STANDS = dt.datetime(2027, 3, 25, 14, 0)
FIRST, SECOND, THIRD = (dt.datetime(2027, 3, day, hour) for day, hour in ((24, 10), (26, 15), (29, 9)))
DAY = dt.timedelta(days=1)


@pytest.fixture
def session(world, at):
    """A session of Ioana's group, which holds Thandiwe and Pärt; it has to move."""
    Person.objects.filter(pk=world.part.pk).update(time_zone="Pacific/Auckland")
    return making.group_session(world, STANDS, at=at)


def opened(session, world, at, *, times=(FIRST, SECOND, THIRD), closes=5, by=None):
    return actions.open_poll(
        session=session,
        times=[actions.Proposed(each) for each in times],
        closes_at=at + closes * DAY,
        expected_version=session.version,
        address_of="https://cairn.example",
        by=by or world.ioana,
        at=at,
    )


def time_of(poll, number):
    return PollTime.objects.filter(poll=poll).order_by("starts_at")[number]


def say(poll, who, at, *words):
    times = PollTime.objects.filter(poll=poll).order_by("starts_at")
    said = {time.pk: word for time, word in zip(times, words, strict=False)}
    return actions.answer_poll(poll=poll, said=said, by=who, at=at)


def mails(event):
    return set(MailMessage.objects.filter(key__contains=f":{event}:").values_list("address", flat=True))


def delivered():
    """Every mail has reached its reader."""
    MailMessage.objects.update(state=MailMessage.State.SENT)


def test_everybody_in_the_group_is_asked_once_in_both_clocks(world, session, at):
    opened(session, world, at)

    assert mails("opened") == {"thandiwe@example.org", "part@example.org"}
    body = MailMessage.objects.get(key__endswith=f":opened:{world.part.pk}").body
    assert (
        "Wednesday 24 March 2027, 10:00 (London time); Wednesday 24 March 2027, 23:00 (Auckland time)" in body
        and "Monday 29 March 2027, 09:00 (London time); Monday 29 March 2027, 21:00 (Auckland time)" in body
    )
    assert f"https://cairn.example/polls/{Poll.objects.get().pk}/" in body
    assert "Thandiwe" not in body


@pytest.mark.parametrize(
    ("times", "refusal"),
    [
        ((FIRST,), actions.WrongTimes),
        ((FIRST, FIRST), actions.WrongTimes),
        ((FIRST, STANDS), actions.WrongTimes),
        (tuple(FIRST + hours * dt.timedelta(hours=1) for hours in range(9)), actions.WrongTimes),
        ((FIRST, dt.datetime(2027, 2, 1, 10)), actions.InThePast),
        ((FIRST, dt.datetime(2028, 2, 1, 10)), actions.OutsideCohort),
        ((FIRST, dt.datetime(2027, 3, 28, 1, 30)), cadence.MissingWallTime),
    ],
)
def test_times_that_cannot_be_are_not_asked_about(world, session, at, times, refusal):
    with pytest.raises(refusal):
        opened(session, world, at, times=times)
    assert not Poll.objects.exists()


def test_a_poll_closes_before_the_first_of_its_times(world, session, at):
    for closes in (0, 25):
        with pytest.raises(actions.WrongTimes):
            opened(session, world, at, closes=closes)


def test_only_who_runs_the_session_asks_and_one_poll_is_open_at_a_time(world, session, at):
    for stranger in (world.malik, world.thandiwe, world.gwen):
        with pytest.raises(actions.NotAllowed):
            opened(session, world, at, by=stranger)
    opened(session, world, at, by=world.halina)
    with pytest.raises(actions.NotPossibleNow):
        opened(session, world, at)


def test_answers_change_until_the_poll_closes_and_only_those_asked_give_them(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.thandiwe, at, "yes", "no")
    say(poll, world.thandiwe, at, "maybe")

    own = queries.own_poll(world.thandiwe, poll.pk, at)
    assert [time.word for time in own.times] == ["maybe", "no", ""]
    for stranger in (world.siobhan, world.ioana):
        with pytest.raises(actions.NotAllowed):
            say(poll, stranger, at, "yes")
        with pytest.raises(queries.NotFound):
            queries.own_poll(stranger, poll.pk, at)
    with pytest.raises(actions.PollOver):
        say(poll, world.thandiwe, at + 5 * DAY, "yes")


def test_what_one_says_never_reaches_another(world, session, at):
    poll = opened(session, world, at)
    before = queries.own_poll(world.part, poll.pk, at)

    say(poll, world.thandiwe, at, "no", "no", "no")

    assert queries.own_poll(world.part, poll.pk, at) == before


def test_the_coach_sees_who_can_come_best_first(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.thandiwe, at, "no", "yes", "maybe")
    say(poll, world.part, at, "yes", "yes")

    found = queries.run_poll(world.ioana, session.pk, at)

    assert [(t.starts_at.day, t.yes, t.maybe, t.no, t.silent) for t in found.times] == [
        (26, ("Pärt Tamm", "Thandiwe Ndlovu"), (), (), ()),
        (29, (), ("Thandiwe Ndlovu",), (), ("Pärt Tamm",)),
        (24, ("Pärt Tamm",), (), ("Thandiwe Ndlovu",), ()),
    ]
    assert (found.answered, found.asked) == (2, 2)
    for stranger in (world.malik, world.thandiwe, world.gwen):
        with pytest.raises(queries.NotFound):
            queries.run_poll(stranger, session.pk, at)


def test_choosing_moves_the_session_and_tells_the_members_in_the_ordinary_mail(world, session, at):
    poll = opened(session, world, at)

    moved = actions.settle_poll(poll=poll, time_id=time_of(poll, 2).pk, by=world.ioana, at=at)

    assert moved.wall_time == THIRD
    assert moved.starts_at == dt.datetime(2027, 3, 29, 8, 0, tzinfo=dt.UTC)
    assert (moved.where, Poll.objects.get().state) == ("https://meet.example/LEAK-LINK", "settled")
    assert mails("moved") >= {"thandiwe@example.org", "part@example.org"}
    with pytest.raises(actions.PollOver):
        say(poll, world.thandiwe, at, "yes")
    with pytest.raises(actions.PollOver):
        actions.settle_poll(poll=poll, time_id=time_of(poll, 0).pk, by=world.ioana, at=at)


def test_a_time_that_was_taken_meanwhile_is_shown_and_refused_with_the_next_free_ones(world, session, at):
    poll = opened(session, world, at)
    making.date(making.undated(world), FIRST, by=world.ioana, at=at)

    assert [time.is_free for time in queries.own_poll(world.part, poll.pk, at).times] == [False, True, True]
    assert [time.starts_at.day for time in queries.run_poll(world.ioana, session.pk, at).times] == [26, 29, 24]
    with pytest.raises(actions.JustTaken) as taken:
        actions.settle_poll(poll=poll, time_id=time_of(poll, 0).pk, by=world.ioana, at=at)
    assert taken.value.next_free[0] == dt.datetime(2027, 3, 24, 11, 0, tzinfo=dt.UTC)
    assert Poll.objects.get().state == "open"


def test_what_another_member_does_is_shown_to_the_coach_alone(world, session, at):
    poll = opened(session, world, at)
    own = CoachingSession.objects.get(pk=making.group_session(world, FIRST, at=at, number=2).pk)
    own.taken.create(person=world.thandiwe, during=(own.starts_at, own.ends_at))

    assert [time.is_free for time in queries.own_poll(world.part, poll.pk, at).times] == [True, True, True]
    assert [time.is_free for time in queries.own_poll(world.thandiwe, poll.pk, at).times] == [False, True, True]
    assert [time.is_free for time in queries.run_poll(world.ioana, session.pk, at).times] == [True, True, False]


def test_a_session_moved_or_cancelled_otherwise_ends_its_poll(world, session, at):
    poll = opened(session, world, at)
    moved = making.date(session, STANDS + DAY, by=world.ioana, at=at)
    assert Poll.objects.get(pk=poll.pk).state == "withdrawn"

    again = opened(moved, world, at)
    actions.cancel_session(session=moved, expected_version=moved.version, by=world.ioana, at=at)
    assert Poll.objects.get(pk=again.pk).state == "withdrawn"
    with pytest.raises(actions.PollOver):
        say(again, world.thandiwe, at, "yes")


def test_a_poll_in_which_nobody_chose_ends_when_its_session_begins(world, session, at):
    poll = opened(session, world, at)
    begins = session.starts_at

    ended = [actions.end_past_polls(at=moment) for moment in (begins - DAY / 24, begins, begins + DAY)]

    poll.refresh_from_db()
    assert (ended, poll.state, poll.closed_at) == ([0, 1, 0], "withdrawn", begins)
    assert mails("withdrawn") == set()


def test_withdrawing_says_that_the_session_stays(world, session, at):
    poll = opened(session, world, at)
    delivered()

    actions.withdraw_poll(poll=poll, by=world.ioana, at=at)

    assert mails("withdrawn") == {"thandiwe@example.org", "part@example.org"}
    assert CoachingSession.objects.get(pk=session.pk).wall_time == STANDS
    assert (queries.polls_to_answer(world.part, at), queries.coach_day(world.ioana, at.date(), at).polls) == ([], ())


def test_whoever_has_not_answered_is_reminded_once_a_day_before(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.thandiwe, at, "yes", "yes", "no")

    assert [actions.remind_of_polls(at=at + hours * DAY / 24) for hours in (90, 97, 98, 121)] == [0, 1, 0, 0]
    assert mails("reminder") == {"part@example.org"}


def test_whoever_left_the_group_is_asked_no_longer_and_does_not_count(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.part, at, "no", "no", "no")
    world.enrolments["part"].places.update(to_on=dt.date(2027, 3, 4))

    with pytest.raises(queries.NotFound):
        queries.own_poll(world.part, poll.pk, at)
    assert queries.polls_to_answer(world.part, at) == []
    assert {time.no for time in queries.run_poll(world.ioana, session.pk, at).times} == {()}


def test_suggestions_are_free_for_everybody_and_spread_over_days(world, session, at):
    making.date(making.undated(world), dt.datetime(2027, 3, 8, 9, 0), by=world.ioana, at=at)

    found = queries.suggested_times(queries.run_poll(world.ioana, session.pk, at), at)

    assert len(found) == 8
    assert dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC) not in found
    assert max(sum(1 for other in found if other.date() == each.date()) for each in found) == 2


def test_suggestions_lie_near_the_session_and_between_its_neighbours(world, session, at):
    making.group_session(world, dt.datetime(2027, 3, 24, 9, 0), at=at)
    making.group_session(world, dt.datetime(2027, 3, 29, 12, 0), at=at)

    found = queries.suggested_times(queries.run_poll(world.ioana, session.pk, at), at)

    assert {each.date() for each in found} <= {dt.date(2027, 3, day) for day in (24, 25, 26, 29)}
    assert found[0] >= dt.datetime(2027, 3, 24, 10, 30, tzinfo=dt.UTC)
    assert found[-1] <= dt.datetime(2027, 3, 29, 9, 30, tzinfo=dt.UTC)


def test_choosing_can_be_taken_back_and_the_poll_is_open_again(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.thandiwe, at, "yes")
    moved = actions.settle_poll(poll=poll, time_id=time_of(poll, 2).pk, by=world.ioana, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.unsettle_poll(poll=poll, expected_version=moved.version, by=world.thandiwe, at=at)

    back = actions.unsettle_poll(poll=poll, expected_version=moved.version, by=world.ioana, at=at)

    assert (back.wall_time, Poll.objects.get().state, time_of(poll, 2).is_chosen) == (STANDS, "open", False)
    assert say(poll, world.part, at, "yes") == 1
    with pytest.raises(actions.NotPossibleNow):
        actions.unsettle_poll(poll=poll, expected_version=back.version, by=world.ioana, at=at)


@pytest.mark.django_db(transaction=True)
def test_of_choosing_answering_and_moving_at_once_none_waits_in_a_circle(world, session, at):
    poll = opened(session, world, at)
    gate = threading.Barrier(4)
    contenders = (
        lambda: say(poll, world.thandiwe, at, "yes"),
        lambda: actions.settle_poll(poll=poll, time_id=time_of(poll, 0).pk, by=world.ioana, at=at),
        lambda: actions.settle_poll(poll=poll, time_id=time_of(poll, 1).pk, by=world.halina, at=at),
        lambda: making.date(session, STANDS + DAY, by=world.halina, at=at),
    )

    def go(contend):
        gate.wait()
        try:
            contend()
        except (actions.PollOver, actions.ChangedMeanwhile):
            return "told"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(max_workers=4) as pool:
        outcomes = list(pool.map(go, contenders))

    assert outcomes[1:].count("done") >= 1
    assert Poll.objects.get().state in ("settled", "withdrawn")
    assert PollAnswer.objects.count() == (outcomes[0] == "done")
