"""What somebody did around a meeting is taken back: words, places, and one's turn among those who wait."""

import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.delivery.models import MeetingPoint, SessionPlace, SessionQuestion
from cairn.foundation.models import MailMessage
from cairn.people.queries import NotFound
from tests.delivery import making
from tests.delivery.test_meetings import WHEN, meet, places, time_of

LATER = dt.timedelta(minutes=5)


@pytest.fixture
def full(world, at):
    """A topic session with one place: Thandiwe has it, Pärt and then Siobhán wait."""
    session = meet(world, at, places_for=1)
    for minute, who in enumerate(("thandiwe", "part", "siobhan")):
        actions.take_place(session=session, by=world.people[who], at=at + dt.timedelta(minutes=minute))
    return session


def queue(session):
    waiting = SessionPlace.objects.filter(session=session, state="waiting").order_by("since", "pk")
    return [each.enrolment.person.name.split()[0] for each in waiting.select_related("enrolment__person")]


def test_words_come_back_as_they_stood_with_their_place_in_the_order(world, at):
    session = meet(world, at)
    meeting = meet(world, at, kind="coach_meeting", commissions=False, wall_starts=WHEN + dt.timedelta(days=1))
    asked = [actions.ask_question(session=session, text=text, by=world.part, at=at) for text in ("How?", "Why?")]
    actions.take_up_question(question_id=asked[0].pk, is_taken_up=True, by=world.ioana, at=at)
    points = [
        actions.add_point(session=meeting, kind="comment", text=text, by=world.ioana, at=at) for text in ("One", "Two")
    ]
    before = [list(each.objects.order_by("pk").values()) for each in (SessionQuestion, MeetingPoint)]

    question = actions.delete_question(question_id=asked[0].pk, by=world.part, at=at + LATER)
    point = actions.delete_point(point_id=points[0].pk, by=world.ioana, at=at + LATER)
    with pytest.raises(NotFound):
        actions.put_point_back(gone=point, by=world.part, at=at + LATER)
    actions.put_question_back(gone=question, by=world.part, at=at + LATER)
    actions.put_point_back(gone=point, by=world.ioana, at=at + LATER)

    assert [list(each.objects.order_by("pk").values()) for each in (SessionQuestion, MeetingPoint)] == before
    with pytest.raises(actions.NotPossibleNow):
        actions.put_question_back(gone=question, by=world.part, at=at + LATER)


def test_a_turn_on_the_waiting_list_is_the_old_one_again(world, at, full):
    own = {"session": full, "by": world.part, "at": at + LATER}
    actions.give_place_back(**own)
    assert queue(full) == ["Siobhán"]

    assert actions.undo_answer(**own) == ("waiting", False)

    assert queue(full) == ["Pärt", "Siobhán"]
    with pytest.raises(actions.NotPossibleNow, match="nothing to take back"):
        actions.undo_answer(**own)


def test_who_left_the_list_hears_that_a_place_went_past_them(world, at, full):
    actions.give_place_back(session=full, by=world.part, at=at + LATER)
    actions.give_place_back(session=full, by=world.thandiwe, at=at + LATER)
    assert places(full) == {"Siobhán": "seated"}

    assert actions.undo_answer(session=full, by=world.part, at=at + LATER) == ("waiting", True)

    assert places(full) == {"Pärt": "waiting", "Siobhán": "seated"}


def test_who_comes_back_to_a_free_place_has_it_at_once(world, at, full):
    for who in (world.siobhan, world.part, world.thandiwe):
        actions.give_place_back(session=full, by=who, at=at + LATER)

    assert actions.undo_answer(session=full, by=world.part, at=at + LATER) == ("seated", False)

    assert making.taken(full) == {world.ioana.pk, world.part.pk}


def test_a_place_that_somebody_else_has_by_now_does_not_come_back(world, at, full):
    actions.give_place_back(session=full, by=world.thandiwe, at=at + LATER)

    with pytest.raises(actions.PlaceGone, match="gone to somebody who waited"):
        actions.undo_answer(session=full, by=world.thandiwe, at=at + LATER)

    assert places(full) == {"Pärt": "seated", "Siobhán": "waiting"}


def test_a_place_that_nobody_took_comes_back_with_the_persons_time(world, at):
    session = meet(world, at, kind="celebration", commissions=False)
    own = {"session": session, "by": world.part, "at": at + LATER}
    actions.take_place(session=session, by=world.part, at=at)
    actions.say_cannot_come(**own)
    assert places(session) == {"Pärt": "away"}

    assert actions.undo_answer(**own) == ("seated", False)

    assert places(session) == {"Pärt": "seated"}
    assert world.part.pk in making.taken(session)
    given = MailMessage.objects.filter(to_id=world.part.pk, key__startswith="place:", key__endswith=":given")
    assert given.count() == 2


def test_an_answer_where_there_was_none_is_taken_back_to_none(world, at):
    session = meet(world, at, kind="celebration", commissions=False)
    own = {"session": session, "by": world.part, "at": at}
    actions.say_cannot_come(**own)

    assert actions.undo_answer(**own) == ("", False)

    assert places(session) == {}


def test_that_a_session_took_place_is_taken_off_its_coachs_minutes_again(world, at):
    session = meet(world, at, kind="drop_in")
    held = actions.note_held(session=session, by=world.ioana, at=session.ends_at)
    undo = {"session": session, "expected_version": held.version, "at": session.ends_at}
    with pytest.raises(actions.NotAllowed):
        actions.take_back_held(**undo, by=world.thandiwe)

    assert actions.take_back_held(**undo, by=world.ioana).state == "booked"

    assert time_of(world, "ioana", "drop_in") == (60, 60, 0)
