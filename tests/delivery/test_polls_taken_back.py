"""That a group is asked, or no longer, is taken back: answers stay, and only those are mailed who must be."""

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import PollAnswer
from tests.delivery import making
from tests.delivery.test_polls import DAY, FIRST, delivered, mails, opened, say, session, time_of

__all__ = ["session"]


def stands(poll):
    poll.refresh_from_db()
    return poll.state, poll.closed_at, PollAnswer.objects.filter(time__poll=poll).count()


def test_a_withdrawn_poll_is_open_again_with_its_answers_and_those_told_are_told(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.part, at, "no", "yes")
    delivered()
    actions.withdraw_poll(poll=poll, by=world.ioana, at=at)
    delivered()

    actions.reopen_poll(poll=poll, by=world.ioana, at=at)

    assert stands(poll) == ("open", None, 2)
    assert mails("reopened") == {"thandiwe@example.org", "part@example.org"}
    say(poll, world.thandiwe, at, "yes")
    with pytest.raises(actions.NotPossibleNow, match="nothing to take back"):
        actions.reopen_poll(poll=poll, by=world.ioana, at=at)


def test_whose_mail_still_waits_hears_neither_of_the_end_nor_that_it_was_taken_back(world, session, at):
    poll = opened(session, world, at)
    delivered()
    actions.withdraw_poll(poll=poll, by=world.ioana, at=at)

    actions.reopen_poll(poll=poll, by=world.ioana, at=at)

    assert (mails("withdrawn"), mails("reopened")) == (set(), set())
    delivered()
    actions.withdraw_poll(poll=poll, by=world.ioana, at=at + DAY)
    assert mails("withdrawn") == {"thandiwe@example.org", "part@example.org"}


def test_a_poll_that_nobody_answered_is_taken_back_with_one_mail_to_those_asked(world, session, at):
    poll = opened(session, world, at)
    delivered()

    actions.take_back_poll(poll=poll, by=world.ioana, at=at)

    assert (stands(poll)[0], mails("withdrawn")) == ("withdrawn", {"thandiwe@example.org", "part@example.org"})


def test_a_poll_taken_back_before_its_mails_went_out_is_unheard_of(world, session, at):
    poll = opened(session, world, at)

    actions.take_back_poll(poll=poll, by=world.ioana, at=at)

    assert (mails("opened"), mails("withdrawn")) == (set(), set())
    actions.reopen_poll(poll=poll, by=world.ioana, at=at)
    assert mails("opened") == {"thandiwe@example.org", "part@example.org"}


def test_a_poll_that_somebody_answered_is_withdrawn_knowingly(world, session, at):
    poll = opened(session, world, at)
    say(poll, world.part, at, "yes")

    with pytest.raises(actions.NotPossibleNow, match="Somebody has answered by now"):
        actions.take_back_poll(poll=poll, by=world.ioana, at=at)
    for stranger in (world.malik, world.part):
        with pytest.raises(actions.NotAllowed):
            actions.take_back_poll(poll=poll, by=stranger, at=at)
    actions.withdraw_poll(poll=poll, by=world.ioana, at=at)

    assert mails("withdrawn") == {"part@example.org"}  # who answered before the mail went out


def test_what_has_changed_since_is_not_taken_back(world, session, at):
    poll = opened(session, world, at)
    actions.withdraw_poll(poll=poll, by=world.ioana, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.reopen_poll(poll=poll, by=world.part, at=at)
    making.date(session, FIRST, by=world.ioana, at=at)

    with pytest.raises(actions.NotPossibleNow, match="Something has changed since"):
        actions.reopen_poll(poll=poll, by=world.ioana, at=at)

    settled = opened(
        queries.run_poll(world.ioana, session.pk, at).seen.session, world, at, times=(FIRST + DAY, FIRST + 2 * DAY)
    )
    actions.settle_poll(poll=settled, time_id=time_of(settled, 0).pk, by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow, match="nothing to take back"):
        actions.reopen_poll(poll=settled, by=world.ioana, at=at)
