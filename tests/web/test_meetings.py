"""The pages of meetings: what each side can do there, and what nobody sees."""

import datetime as dt
import html

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession, SessionDetail, SessionPlace
from cairn.foundation import clock
from cairn.foundation.models import MailMessage
from tests import cast

WHEN = dt.datetime(2027, 4, 7, 14, 0)
ADD = {
    "coach": "",
    "title": "Building confidence",
    "on": "2027-04-07",
    "wall_time": "14:00",
    "minutes": "90",
    "places": "2",
    "mode": "online",
    "where": "https://meet.example/LEAK-link",
    "do": "look",
}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


def signed_in(person):
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(reply):
    return reply.content.decode()


def topic(world, days=0, **more):
    given = {"engagement": world.engagements["ioana"], "title": "Confidence", "places_for": 1, "minutes": 60}
    return actions.add_meeting(
        cohort=world.cohort,
        kind="topic",
        wall_starts=WHEN + dt.timedelta(days=days),
        commissions=True,
        **given,
        **more,
        by=world.halina,
        at=cast.AT,
    )


def test_a_coordinator_sees_the_price_before_anything_is_made(world):
    client, address = signed_in(world.halina), f"/cohorts/{world.cohort.pk}/meetings/new/topic/"
    sent = {**ADD, "coach": world.engagements["ioana"].pk}

    looked = text_of(client.post(address, sent))

    assert "£90.00" in looked
    assert "90 min more will be commissioned" in looked
    assert CoachingSession.objects.count() == 0
    stamp = f"{world.engagements['ioana'].pk}:90:9000|90"
    assert "The price is not the one you saw" in text_of(client.post(address, {**sent, "do": "make", "price": "0"}))
    made = client.post(address, {**sent, "do": "make", "price": stamp}, follow=True)
    assert "Topic session: Building confidence" in text_of(made)
    assert "£90.00" in text_of(client.get(f"/cohorts/{world.cohort.pk}/meetings/"))


def test_what_stands_in_the_way_is_said_and_keeps_what_was_typed(world):
    client, address = signed_in(world.halina), f"/cohorts/{world.cohort.pk}/meetings/new/topic/"
    sent = {**ADD, "coach": world.engagements["ioana"].pk, "on": "2026-10-01", "material": "notes"}

    page = text_of(client.post(address, sent))
    assert "beginning with https://" in page
    stamp = f"{world.engagements['ioana'].pk}:90:9000|90"
    page = text_of(client.post(address, {**sent, "material": "", "do": "make", "price": stamp}))

    assert "has gone by. Choose a later time." in page
    assert 'value="Building confidence"' in page


def test_a_coachee_takes_a_place_waits_and_learns_nobodys_name(world):
    session = topic(world)
    first, second = signed_in(world.part), signed_in(world.thandiwe)
    address = f"/meetings/{session.pk}/"
    assert "1 place left" in text_of(second.get("/meetings/"))
    first.post(address, {"do": "take"})

    page = text_of(second.post(address, {"do": "take"}, follow=True))

    assert "You are first on the waiting list" in page
    assert [name for name in ("Pärt", "Tamm", "part@") if name in page] == []
    asked = text_of(first.post(address, {"do": "give"}))
    assert ("Give it up all the same?" in asked, SessionPlace.objects.count()) == (True, 2)
    given = text_of(first.post(address, {"do": "give-sure"}, follow=True))
    assert ("Given back." in given, "undo=answer" in given) == (True, False)
    assert "You have a place" in text_of(second.get(address))
    assert SessionPlace.objects.get().enrolment == world.enrolments["thandiwe"]
    assert "Beyond your own sessions" in text_of(second.get("/home/"))


def test_a_clash_is_said_in_a_sentence(world):
    session = topic(world)
    actions.add_session(
        cohort=world.cohort, kind="group", group=world.groups[2], wall_starts=WHEN, by=world.halina, at=cast.AT
    )

    page = text_of(signed_in(world.siobhan).post(f"/meetings/{session.pk}/", {"do": "take"}, follow=True))

    assert "You are in another session at that time" in page


def test_questions_show_their_words_to_the_cohort_and_their_author_to_nobody(world):
    session = topic(world)
    author, other, coach = (signed_in(world.people[who]) for who in ("part", "siobhan", "ioana"))
    address = f"/meetings/{session.pk}/"
    author.post(address, {"do": "ask", "text": "How do I begin?"})

    seen = [text_of(other.get(address)), text_of(coach.get(f"/coach/meetings/{session.pk}/"))]
    seen.append(text_of(signed_in(world.halina).get(f"/cohorts/{world.cohort.pk}/meetings/{session.pk}/")))

    for page in seen:
        assert "How do I begin?" in page
        assert [name for name in ("Pärt", "part@", "Physics", "yours") if name in page] == []
    number = session.questions.get().pk
    coach.post(f"/coach/meetings/{session.pk}/", {"do": f"take_up-{number}"})
    assert "taken up" in text_of(other.get(address))
    page = text_of(author.post(address, {"do": f"delete-{number}"}, follow=True))
    assert ("Taken away." in page, "How do I begin?" in page) == (True, False)
    page = text_of(author.post(f"{address}?undo=question-{number}", follow=True))
    assert ("It is as it was before." in page, "How do I begin?" in page) == (True, True)


def test_what_is_taken_away_reworded_or_given_back_can_be_undone(world):
    session = topic(world, days=1)
    meeting = actions.add_meeting(
        cohort=world.cohort, kind="coach_meeting", wall_starts=WHEN, by=world.halina, at=cast.AT
    )
    point = actions.add_point(session=meeting, kind="comment", text="Too little time", by=world.ioana, at=cast.AT)
    coach, address = signed_in(world.ioana), f"/coach/meetings/{meeting.pk}/"

    page = text_of(
        coach.post(address, {"do": f"change_point-{point.pk}", "kind": "comment", "text": "Enough"}, follow=True)
    )
    assert f'action="{address}?undo=reworded-{point.pk}"' in page
    assert "Too little time" in text_of(coach.post(f"{address}?undo=reworded-{point.pk}", follow=True))
    page = text_of(coach.post(address, {"do": f"delete_point-{point.pk}"}, follow=True))
    assert f'action="{address}?undo=point-{point.pk}"' in page
    assert "Too little time" in text_of(coach.post(f"{address}?undo=point-{point.pk}", follow=True))
    assert "There is nothing to take back." in text_of(coach.post(f"{address}?undo=point-{point.pk}", follow=True))

    reader, address = signed_in(world.part), f"/meetings/{session.pk}/"
    reader.post(address, {"do": "take"})
    page = text_of(reader.post(address, {"do": "give"}, follow=True))
    assert f'action="{address}?undo=answer"' in page
    assert "You have your place again." in text_of(reader.post(f"{address}?undo=answer", follow=True))


def test_when_two_write_nothing_is_lost_and_the_page_says_who(world):
    meeting = actions.add_meeting(
        cohort=world.cohort, kind="coach_meeting", wall_starts=WHEN, by=world.halina, at=cast.AT
    )
    address = f"/coach/meetings/{meeting.pk}/"
    first, second = signed_in(world.ioana), signed_in(world.malik)
    first.post(address, {"do": "write", "description": "1. Starts", "notes": "", "version": "1"})

    page = text_of(second.post(address, {"do": "write", "description": "1. Ends", "notes": "Mine", "version": "1"}))

    assert "Ioana Pop changed this at 09:00 (London time), after you had opened it." in page
    assert [words in page for words in ("1. Starts", "1. Ends", "Mine", 'name="version" value="2"')] == [True] * 4
    second.post(address, {"do": "write", "description": "1. Starts 2. Ends", "notes": "Mine", "version": "2"})
    detail = SessionDetail.objects.get(session=meeting)
    assert (detail.description, detail.notes, detail.changed_by) == ("1. Starts 2. Ends", "Mine", world.malik)


def test_the_last_meetings_points_stand_beside_the_agenda_and_go_into_no_coachees_page(world):
    before, meeting = (
        actions.add_meeting(
            cohort=world.cohort,
            kind="coach_meeting",
            wall_starts=WHEN + dt.timedelta(weeks=weeks),
            by=world.halina,
            at=cast.AT,
        )
        for weeks in (0, 12)
    )
    add = {"session": before, "by": world.malik, "at": cast.AT}
    actions.add_point(**add, kind="challenge", text="LEAK: sessions run late")

    page = text_of(signed_in(world.ioana).get(f"/coach/meetings/{meeting.pk}/"))

    assert "Last time" in page
    assert "LEAK: sessions run late" in page
    notes = signed_in(world.ioana).get(f"/coach/meetings/{before.pk}/notes.txt")
    assert "- LEAK: sessions run late (Malik Rahman)" in text_of(notes)
    for who in ("thandiwe", "lena", "rosa"):
        assert signed_in(world.people[who]).get(f"/coach/meetings/{before.pk}/").status_code == 404


def test_parting_words_are_shown_from_the_day_on(world, monkeypatch):
    session = actions.add_meeting(
        cohort=world.cohort, kind="celebration", wall_starts=WHEN, by=world.halina, at=cast.AT
    )
    signed_in(world.ioana).post(f"/coach/meetings/{session.pk}/", {"do": "parting", "text": "Go well, all of you."})
    reader, address = signed_in(world.thandiwe), f"/meetings/{session.pk}/"
    assert "Go well" not in text_of(reader.get(address))
    assert "Go well" not in text_of(signed_in(world.malik).get(f"/coach/meetings/{session.pk}/"))

    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 4, 6, 23, 30, tzinfo=dt.UTC))  # the 7th in London

    page = text_of(reader.get(address))
    assert "Go well, all of you." in page
    assert "Ioana Pop" in page


def test_pages_cost_the_same_at_one_row_and_at_three(world):
    session = topic(world)
    meeting = actions.add_meeting(
        cohort=world.cohort, kind="coach_meeting", wall_starts=WHEN - dt.timedelta(days=7), by=world.halina, at=cast.AT
    )
    pages = {
        "halina": ("", f"{session.pk}/", f"{meeting.pk}/", "new/topic/"),
        "ioana": (f"/coach/meetings/{session.pk}/", f"/coach/meetings/{meeting.pk}/"),
        "part": ("/meetings/", f"/meetings/{session.pk}/", "/home/"),
    }
    found = []
    for rows in (1, 2):
        for row in range(rows):
            actions.ask_question(session=session, text="How?", by=world.siobhan, at=cast.AT)
            actions.add_point(session=meeting, kind="comment", text="So", by=world.malik, at=cast.AT)
            topic(world, days=3 * rows + row)
        found.append({})
        for who, addresses in pages.items():
            client = signed_in(world.people[who])
            for address in addresses:
                url = address if address.startswith("/") else f"/cohorts/{world.cohort.pk}/meetings/{address}"
                client.get(url)
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(url).status_code == 200
                found[-1][url] = len(captured)
    assert found[0] == found[1]
    assert {url: cost for url, cost in found[0].items() if cost > 8} == {}


def test_an_open_hour_is_noted_by_its_coach_and_stands_on_the_price_list(world, monkeypatch):
    session = actions.add_meeting(
        cohort=world.cohort,
        kind="drop_in",
        engagement=world.engagements["ioana"],
        minutes=60,
        wall_starts=WHEN,
        commissions=True,
        by=world.halina,
        at=cast.AT,
    )
    monkeypatch.setattr(clock, "now", lambda: session.ends_at)
    coach, address = signed_in(world.ioana), f"/coach/meetings/{session.pk}/"
    assert "Note that it took place" in text_of(coach.get(f"/coach/sessions/{session.pk}/"))

    page = text_of(coach.post(address, {"do": "held"}, follow=True))

    assert "It will stand on the coach’s next invoice." in page
    assert "It took place" not in page
    undo = f"{address}?undo=held-2"
    assert f'action="{undo}"' in page
    page = text_of(coach.post(undo, follow=True))
    assert ("It is as it was before." in page, "It took place" in page) == (True, True)
    assert "changed since you opened it" in text_of(coach.post(undo, follow=True))
    coach.post(address, {"do": "held"})
    assert "held" in text_of(signed_in(world.halina).get(f"/cohorts/{world.cohort.pk}/meetings/"))


def test_what_cannot_be_is_said_before_a_price_is_shown(world):
    client, address = signed_in(world.halina), f"/cohorts/{world.cohort.pk}/meetings/new/topic/"
    sent = {**ADD, "coach": world.engagements["ioana"].pk}
    topic(world)

    busy = text_of(client.post(address, sent))
    past, skipped, outside, fine = (
        text_of(client.post(address, {**sent, "on": on, "wall_time": time}))
        for on, time in (
            ("2026-10-01", "14:00"),
            ("2027-03-28", "01:30"),
            ("2029-01-08", "14:00"),
            ("2027-04-08", "14:00"),
        )
    )

    assert "The coach is no longer free on" in busy
    assert "has gone by" in past
    assert ["What it costs</h2>" in page for page in (busy, past, skipped, outside, fine)] == [False] * 4 + [True]
    assert 'tabindex="-1" autofocus>What it costs' in fine
    assert CoachingSession.objects.count() == 1


def test_a_second_celebration_is_warned_of(world):
    client, address = signed_in(world.halina), f"/cohorts/{world.cohort.pk}/meetings/new/celebration/"
    assert "dated already" not in text_of(client.get(address))

    actions.add_meeting(cohort=world.cohort, kind="celebration", wall_starts=WHEN, by=world.halina, at=cast.AT)

    assert "A celebration is dated already" in text_of(client.get(address))


def test_a_move_and_a_description_are_taken_back_in_one_press(world):
    session, client = topic(world), signed_in(world.halina)
    address = f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/"
    move = {"do": "move", "on": "2027-04-08", "wall_time": "14:00", "mode": "online", "where": "", "version": "1"}
    page = text_of(client.post(address, move, follow=True))
    back = html.unescape(page.split('<div class="toast">')[1].split('action="')[1].split('"')[0])
    client.post(back)
    session.refresh_from_db()
    assert session.wall_starts.replace(tzinfo=None) == WHEN

    address = f"/cohorts/{world.cohort.pk}/meetings/{session.pk}/"
    page = client.post(address, {"do": "write", "title": "Courage", "places": "1", "version": "1"})
    assert 'name="title" value="Confidence"' in text_of(page)
    assert SessionDetail.objects.get().title == "Courage"
    sent = {**dict(page.context["before"]), "undo": "1", "do": "write"}
    assert "It is as it was before." in text_of(client.post(address, sent, follow=True))
    assert SessionDetail.objects.get().title == "Confidence"


def test_a_question_taken_up_is_still_taken_away_by_its_author(world):
    session, author = topic(world), signed_in(world.part)
    asked = actions.ask_question(session=session, text="How?", by=world.part, at=cast.AT)
    actions.take_up_question(question_id=asked.pk, is_taken_up=True, by=world.ioana, at=cast.AT)
    address = f"/meetings/{session.pk}/"

    page = text_of(author.get(address))

    assert "yours, taken up" in page
    assert f'value="delete-{asked.pk}"' in page
    assert f'value="delete-{asked.pk}"' not in text_of(signed_in(world.siobhan).get(address))


def test_a_celebrations_page_names_who_comes_and_costs_no_more_for_it(world):
    session = actions.add_meeting(
        cohort=world.cohort, kind="celebration", wall_starts=WHEN, by=world.halina, at=cast.AT
    )
    for who in ("thandiwe", "siobhan"):
        actions.take_place(session=session, by=world.people[who], at=cast.AT)
    actions.answer_as_coach(session=session, comes=False, by=world.malik, at=cast.AT)
    client, address = signed_in(world.halina), f"/cohorts/{world.cohort.pk}/meetings/{session.pk}/"
    client.get(address)

    with CaptureQueriesContext(connection) as captured:
        page = text_of(client.get(address))

    assert [name in page for name in (world.thandiwe.name, world.siobhan.name, world.malik.name)] == [True] * 3
    assert len(captured) <= 8
    assert world.siobhan.name not in text_of(signed_in(world.thandiwe).get(f"/meetings/{session.pk}/"))
    assert "sent apologies" in text_of(client.get(f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/"))


@pytest.mark.parametrize("who", ["halina", "ioana"])
def test_who_moves_a_session_reads_how_many_lost_a_place(world, who):
    session = topic(world)
    actions.take_place(session=session, by=world.siobhan, at=cast.AT)
    later = WHEN + dt.timedelta(days=1)
    given = {"cohort": world.cohort, "kind": "group", "group": world.groups[2], "wall_starts": later}
    actions.add_session(**given, by=world.halina, at=cast.AT)
    form = {"on": "2027-04-08", "mode": "online", "where": "", "version": "1"}
    address, move = {
        "halina": (f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/", {"do": "move", "wall_time": "14:00"}),
        "ioana": (f"/coach/sessions/{session.pk}/", {"time": "14:00"}),
    }[who]

    page = text_of(signed_in(world.people[who]).post(address, {**form, **move}, follow=True))

    assert "1 person is in another session then, lost the place in it, and was told." in page


def test_a_cancelled_meeting_stays_listed_until_its_day_is_over_and_promises_no_joining(world, monkeypatch):
    session = topic(world, where="https://meet.example/LEAK-link")
    thandiwe, address = signed_in(world.thandiwe), f"/meetings/{session.pk}/"
    thandiwe.post(address, {"do": "take"})
    assert "Join, from" in text_of(thandiwe.get(address))
    actions.cancel_session(session=session, expected_version=session.version, by=world.halina, at=cast.AT)

    page = text_of(thandiwe.get(address))
    assert ("This does not take place." in page, "Join, from" in page) == (True, False)
    listed = []
    for days in (0, 1):
        monkeypatch.setattr(clock, "now", lambda days=days: session.starts_at + dt.timedelta(hours=5, days=days))
        listed.append("does not take place" in text_of(thandiwe.get("/meetings/")))
    assert listed == [True, False]


def test_whoever_is_asked_to_celebrate_reads_where_and_no_mail_promises_a_link(world):
    session = actions.add_meeting(
        cohort=world.cohort,
        kind="celebration",
        wall_starts=WHEN,
        mode="in_person",
        where="Great Hall",
        by=world.halina,
        at=cast.AT,
    )
    thandiwe, address = signed_in(world.thandiwe), f"/meetings/{session.pk}/"
    assert "Great Hall" in text_of(thandiwe.get(address))

    thandiwe.post(address, {"do": "take"})

    mail = MailMessage.objects.filter(to_id=world.thandiwe.pk).latest("pk").body
    said = ("in person: Great Hall", "please say so", "15 minutes", "somebody who waits")
    assert [each in mail for each in said] == [True, True, False, False]
