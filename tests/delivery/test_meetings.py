"""Meetings of many: who is paid, who has a place, who may write and read what."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from cairn.delivery import actions, queries, rules
from cairn.delivery.models import CoachingSession, MeetingPoint, PartingWord, PersonTime, SessionPlace, SessionQuestion
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.queries import NotFound
from cairn.programmes.models import Enrolment
from tests.delivery import making

WHEN = dt.datetime(2027, 4, 7, 14, 0)
EVERYBODY = ("thandiwe", "part", "siobhan", "xiuying")


def meet(world, at, kind="topic", **more):
    """A session for the cohort, commissioned along with it; a topic session of an hour with two places."""
    coach = {} if kind in ("coach_meeting", "celebration") else {"engagement": world.engagements["ioana"]}
    more = {**coach, **more}
    given = {"minutes": 60, "wall_starts": WHEN, "commissions": True, "title": "Time management", "places_for": 2}
    return actions.add_meeting(cohort=world.cohort, kind=kind, **{**given, **more}, by=world.halina, at=at)


def take(world, session, *people, at):
    return [actions.take_place(session=session, by=world.people[who], at=at).state for who in people]


def places(session):
    found = SessionPlace.objects.filter(session=session).select_related("enrolment__person")
    return {each.enrolment.person.name.split()[0]: each.state for each in found}


def time_of(world, who, kind):
    account = CoachTime.objects.filter(engagement=world.engagements[who], kind=kind).first()
    return (account.promised, account.booked, account.used) if account else None


def subjects(prefix):
    return sorted(MailMessage.objects.filter(subject__startswith=prefix).values_list("to_id", flat=True))


def test_a_topic_session_books_what_it_commissions_and_pays_its_coach_once(world, at):
    session = meet(world, at)
    take(world, session, "thandiwe", "siobhan", at=at)
    before = Entitlement.objects.filter(booked=0, used=0).count()

    assert time_of(world, "ioana", "topic") == (60, 60, 0)
    marks = {world.enrolments["thandiwe"].pk: "attended", world.enrolments["siobhan"].pk: "missed"}
    actions.record_attendance(session=session, marks=marks, by=world.ioana, at=session.ends_at)

    assert time_of(world, "ioana", "topic") == (60, 0, 60)
    assert Entitlement.objects.filter(booked=0, used=0).count() == before
    entry = CoachTime.objects.get(engagement=world.engagements["ioana"], kind="topic").entries.latest("pk")
    assert entry.description == "Topic session: Time management"


def test_without_a_commission_nothing_is_planned(world, at):
    with pytest.raises(Exception, match="0 minutes of topic session time left"):
        meet(world, at, commissions=False)
    assert CoachingSession.objects.filter(kind="topic").count() == 0


def test_a_drop_in_that_nobody_came_to_is_paid_when_it_took_place(world, at):
    session = meet(world, at, kind="drop_in")
    with pytest.raises(actions.TooEarly):
        actions.note_held(session=session, by=world.ioana, at=at)

    actions.note_held(session=session, by=world.ioana, at=session.ends_at)

    assert time_of(world, "ioana", "drop_in") == (60, 0, 60)


def test_first_come_first_seated_and_who_gives_back_seats_who_waits(world, at):
    session = meet(world, at)
    said = take(world, session, *EVERYBODY, at=at)
    assert said == ["seated", "seated", "waiting", "waiting"]
    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk, world.part.pk}

    actions.give_place_back(session=session, by=world.thandiwe, at=at)

    assert places(session) == {"Pärt": "seated", "Siobhán": "seated", "王秀英": "waiting"}
    assert making.taken(session) == {world.ioana.pk, world.part.pk, world.siobhan.pk}
    assert subjects("A place has become free for you: Topic session: Time management") == [world.siobhan.pk]
    assert subjects("You have a place: Topic session") == [world.thandiwe.pk, world.part.pk]


def test_who_is_in_another_session_then_is_refused_and_passed_over(world, at):
    session = meet(world, at)
    making.group_session(world, WHEN, at=at, number=2)

    with pytest.raises(actions.OtherSessionThen, match="You are in another session at that time"):
        take(world, session, "siobhan", at=at)
    take(world, session, "thandiwe", "part", "xiuying", at=at)
    SessionPlace.objects.create(
        session=session, enrolment=world.enrolments["siobhan"], state="waiting", since=at - dt.timedelta(days=1)
    )
    actions.give_place_back(session=session, by=world.part, at=at)

    assert places(session) == {"Thandiwe": "seated", "Siobhán": "waiting", "王秀英": "seated"}


def test_a_move_to_another_hour_keeps_those_who_can_come_and_tells_the_others(world, at):
    session = meet(world, at)
    take(world, session, "thandiwe", "siobhan", "xiuying", at=at)
    making.group_session(world, WHEN + dt.timedelta(days=1), at=at, number=2)

    making.date(session, WHEN + dt.timedelta(days=1), by=world.halina, at=at)

    assert places(session) == {"Thandiwe": "seated", "王秀英": "seated"}
    assert subjects("Topic session: Time management is at another time") == [world.siobhan.pk]
    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk, world.xiuying.pk}


def test_a_cancelled_session_keeps_its_places_for_when_it_is_restored(world, at):
    session = meet(world, at)
    take(world, session, "thandiwe", at=at)
    gone = actions.cancel_session(session=session, expected_version=1, by=world.halina, at=at)
    assert (making.taken(session), time_of(world, "ioana", "topic")) == (set(), (60, 0, 0))
    with pytest.raises(actions.NotPossibleNow):
        take(world, session, "part", at=at)

    actions.restore_session(session=session, expected_version=gone.version, by=world.halina, at=at)

    assert making.taken(session) == {world.ioana.pk, world.thandiwe.pk}


def test_who_waits_is_told_that_there_is_nothing_to_wait_for(world, at):
    session = meet(world, at, places_for=1)
    take(world, session, "thandiwe", "part", at=at)

    actions.cancel_session(session=session, expected_version=1, by=world.halina, at=at)

    told = [world.ioana.pk, world.thandiwe.pk, world.part.pk]
    assert subjects("Topic session: Time management does not take place") == sorted(told)


def test_who_leaves_the_cohort_makes_room(world, at):
    session = meet(world, at, places_for=1)
    take(world, session, "thandiwe", "part", at=at)

    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=at)

    assert places(session) == {"Pärt": "seated"}
    assert making.taken(session) == {world.ioana.pk, world.part.pk}


@pytest.mark.parametrize("who", ["tomasz", "nia", "halina"])
def test_nobody_of_another_cohort_takes_a_place_or_asks(world, at, who):
    session = meet(world, at)
    with pytest.raises(NotFound):
        take(world, session, who, at=at)
    with pytest.raises(NotFound):
        actions.ask_question(session=session, text="How?", by=world.people[who], at=at)


def test_fewer_places_than_are_taken_are_refused_and_more_seat_who_waits(world, at):
    session = meet(world, at)
    take(world, session, *EVERYBODY, at=at)

    with pytest.raises(actions.MoreSeated, match="2 places are taken already"):
        actions.write_detail(session=session, values={"places": 1}, expected_version=1, by=world.halina, at=at)
    actions.write_detail(session=session, values={"places": 3}, expected_version=1, by=world.ioana, at=at)

    assert list(places(session).values()).count("seated") == 3


def test_only_its_author_changes_a_question_and_only_its_coach_takes_it_up(world, at):
    session = meet(world, at)
    asked = actions.ask_question(session=session, text="How do I say no?", by=world.part, at=at)
    during = actions.ask_question(session=session, text="And today?", by=world.siobhan, at=session.starts_at)
    assert (asked.stage, during.stage) == ("before", "during")

    for other in (world.thandiwe, world.ioana, world.halina):
        with pytest.raises(NotFound):
            actions.change_question(question_id=asked.pk, text="No", by=other, at=at)
    for other in (world.part, world.malik, world.gwen):
        with pytest.raises(NotFound):
            actions.take_up_question(question_id=asked.pk, is_taken_up=True, by=other, at=at)
    actions.take_up_question(question_id=asked.pk, is_taken_up=True, by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow):
        actions.change_question(question_id=asked.pk, text="No", by=world.part, at=at)

    assert actions.delete_question(question_id=asked.pk, by=world.part, at=at).text == "How do I say no?"
    assert SessionQuestion.objects.get() == during


def test_agenda_and_notes_are_never_overwritten_unseen(world, at):
    meeting = meet(world, at, kind="coach_meeting", commissions=False, title="", places_for=None)
    write = {"session": meeting, "expected_version": 1, "at": at}
    actions.write_detail(**write, values={"description": "1. Starts"}, by=world.ioana)

    with pytest.raises(actions.WrittenMeanwhile, match="Ioana Pop changed this at 09:00") as refused:
        actions.write_detail(**write, values={"description": "1. Ends", "notes": "Mine"}, by=world.malik)

    assert (refused.value.detail.description, refused.value.detail.version) == ("1. Starts", 2)
    assert meeting.detail.places is None


@pytest.mark.parametrize("who", ["thandiwe", "rosa", "lena", "gwen", "sabine", "ada", "otto"])
def test_a_coach_meeting_is_for_its_coaches_and_coordinators(world, at, who):
    meeting = meet(world, at, kind="coach_meeting", commissions=False)
    by = world.people[who]
    with pytest.raises(NotFound):
        actions.add_point(session=meeting, kind="challenge", text="Time", by=by, at=at)
    with pytest.raises(NotFound):
        actions.write_detail(session=meeting, values={"notes": "x"}, expected_version=1, by=by, at=at)


def test_points_are_changed_and_put_back_by_their_author(world, at):
    meeting = meet(world, at, kind="coach_meeting", commissions=False)
    point = actions.add_point(session=meeting, kind="challenge", text="Time", by=world.ioana, at=at)
    with pytest.raises(NotFound):
        actions.delete_point(point_id=point.pk, by=world.malik, at=at)

    actions.change_point(point_id=point.pk, kind="feedback", text="Too little time", by=world.ioana, at=at)

    assert actions.delete_point(point_id=point.pk, by=world.ioana, at=at)[2:4] == ("feedback", "Too little time")
    assert MeetingPoint.objects.count() == 0


def test_a_celebration_invites_everybody_and_pays_only_whom_it_commissioned(world, at):
    CoachTime.objects.create(engagement=world.engagements["malik"], kind="celebration", promised=60)

    session = meet(world, at, kind="celebration", commissions=False)

    assert subjects("An invitation to celebrate: Cohort 1") == sorted(world.people[who].pk for who in EVERYBODY)
    assert making.taken(session) == {world.ioana.pk, world.malik.pk}
    actions.say_cannot_come(session=session, by=world.part, at=at)
    take(world, session, "thandiwe", "siobhan", "xiuying", at=at)
    assert places(session) == {"Thandiwe": "seated", "Pärt": "away", "Siobhán": "seated", "王秀英": "waiting"}
    marks = {world.engagements[who].pk: "attended" for who in ("ioana", "malik")}
    actions.record_meeting_attendance(session=session, marks=marks, by=world.halina, at=session.ends_at)
    assert (time_of(world, "malik", "celebration"), time_of(world, "ioana", "celebration")) == ((60, 0, 60), None)


def test_a_coach_who_cannot_come_is_free_then_and_can_change_their_mind(world, at):
    session = meet(world, at, kind="celebration")
    answer = {"session": session, "by": world.ioana, "at": at}
    assert time_of(world, "ioana", "celebration") == (60, 60, 0)

    actions.answer_as_coach(**answer, comes=False)

    there = rules.participants(session, WHEN.date())
    assert ([each.person.name for each in there.engagements], time_of(world, "ioana", "celebration")) == (
        ["Malik Rahman"],
        (60, 0, 0),
    )
    assert not PersonTime.objects.filter(person=world.ioana).exists()
    actions.answer_as_coach(**answer, comes=True)
    assert time_of(world, "ioana", "celebration") == (60, 60, 0)


def test_parting_words_are_left_by_coaches_and_asked_for_once(world, at):
    session = meet(world, at, kind="celebration", commissions=False)
    leave = {"session": session, "at": at}
    actions.leave_parting_word(**leave, text="Go well.", by=world.ioana)
    actions.leave_parting_word(**leave, text="Go well, all of you.", by=world.ioana)
    for who in (world.thandiwe, world.halina, world.lena):
        with pytest.raises(NotFound):
            actions.leave_parting_word(**leave, text="Go.", by=who)

    assert list(PartingWord.objects.values_list("by", "text")) == [(world.ioana.pk, "Go well, all of you.")]
    assert [actions.ask_parting_words(session=session, by=world.halina, at=at) for _turn in range(2)] == [1, 0]
    assert subjects("A few words to Cohort 1 at its end") == [world.malik.pk]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_places_as_many_are_seated_as_there_are(world, at):
    session = meet(world, at)
    people = [world.people[who] for who in EVERYBODY]
    gate = threading.Barrier(len(people) + 1)

    def want(person):
        gate.wait()
        try:
            if person == world.thandiwe:
                actions.take_place(session=session, by=person, at=at)
                actions.give_place_back(session=session, by=person, at=at)
            actions.take_place(session=session, by=person, at=at)
        finally:
            connections.close_all()

    def move():
        gate.wait()
        try:
            making.date(session, WHEN + dt.timedelta(days=1), by=world.halina, at=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=5) as pool:
        running = [pool.submit(move), *(pool.submit(want, person) for person in people)]
        for each in running:
            each.result()

    states = list(places(session).values())
    assert (states.count("seated"), states.count("waiting")) == (2, 2)
    seated = Enrolment.objects.filter(pk__in=SessionPlace.objects.filter(state="seated").values("enrolment"))
    assert making.taken(session) == {world.ioana.pk, *seated.values_list("person", flat=True)}


def test_who_erases_everything_takes_their_questions_along(world, at):
    session = meet(world, at)
    actions.ask_question(session=session, text="How do I say no?", by=world.part, at=at)
    kept = actions.ask_question(session=session, text="And then?", by=world.siobhan, at=at)

    actions.erase_everything(by=world.part, at=at)

    assert list(SessionQuestion.objects.all()) == [kept]


def test_what_is_written_about_a_cancelled_meeting_does_not_keep_it_from_being_restored(world, at):
    meeting = meet(world, at, kind="coach_meeting")
    gone = actions.cancel_session(session=meeting, expected_version=1, by=world.halina, at=at)
    actions.add_point(session=meeting, kind="comment", text="A pity", by=world.ioana, at=at)

    restored = actions.restore_session(session=meeting, expected_version=gone.version, by=world.halina, at=at)

    assert (restored.state, restored.wall_time) == ("booked", WHEN)


def test_trying_a_meeting_refuses_what_adding_would_and_makes_nothing(world, at):
    coach = world.engagements["ioana"]
    given = {"cohort": world.cohort, "kind": "drop_in", "engagement": coach, "minutes": 60, "commissions": True}
    who = {"by": world.halina, "at": at}

    actions.try_meeting(**given, wall_starts=WHEN, **who)
    with pytest.raises(actions.InThePast):
        actions.try_meeting(**given, wall_starts=dt.datetime(2026, 10, 1, 14, 0), **who)

    assert (CoachingSession.objects.count(), MailMessage.objects.count()) == (0, 0)
    assert time_of(world, "ioana", "drop_in") is None


def test_who_loses_a_place_by_a_move_is_counted_and_not_told_that_somebody_else_has_it(world, at):
    session = meet(world, at)
    take(world, session, "thandiwe", "siobhan", at=at)
    making.group_session(world, WHEN + dt.timedelta(days=1), at=at, number=2)

    moved = making.date(session, WHEN + dt.timedelta(days=1), by=world.halina, at=at)

    assert (queries.places_lost(moved, at), queries.places_lost(moved, at + dt.timedelta(minutes=1))) == (1, 0)
    body = MailMessage.objects.get(key__contains=":lost:").body
    assert "you no longer have a place in it" in body
    assert f"/meetings/{session.pk}/" in body


def test_drop_ins_are_numbered_by_cohort(world, at):
    first = meet(world, at, kind="drop_in")
    second = meet(world, at, kind="drop_in", engagement=world.engagements["malik"])
    assert (first.position, second.position) == (1, 2)


def test_a_celebration_names_who_comes_to_coaches_and_coordinators(world, at):
    session = meet(world, at, kind="celebration", commissions=False, places_for=1)
    take(world, session, "thandiwe", "siobhan", at=at)
    actions.answer_as_coach(session=session, comes=False, by=world.malik, at=at)

    found = queries.meeting(world.ioana, session.pk, at)
    roll = queries.session_for(world.halina, session.pk, at).seats

    assert (found.coming, found.standing_by) == ((world.thandiwe.name,), (world.siobhan.name,))
    assert (found.coaches_away, found.names_left_out) == ((world.malik.name,), 0)
    assert [seat.name for seat in roll if seat.apology] == [world.malik.name]
