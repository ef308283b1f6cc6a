"""The coach's pages of questions, the coordinator's, and the path with notes that nobody else reads."""

import html

import pytest

from cairn.foundation import clock
from cairn.library import actions
from cairn.library import queries as library
from cairn.library.models import Contribution

QUESTION = "What makes you laugh at work?"
GIVEN = {"kind": "favourite", "text": QUESTION, "because": "", "stage": "", "organisation": ""}


@pytest.fixture
def now(monkeypatch, at):
    """The pages' clock stands still."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


def text_of(response) -> str:
    """What somebody reads."""
    return html.unescape(response.content.decode())


def test_a_coach_offers_an_open_question_at_once(client, world, now):
    client.force_login(world.ioana)
    reply = client.post("/questions/", GIVEN, follow=True)
    assert reply.redirect_chain == [("/questions/?show=own", 302)]
    assert QUESTION in text_of(reply)
    assert Contribution.objects.get().organisation == world.eastmere


def test_findings_are_shown_first_and_then_do_not_stand_in_the_way(client, world, now):
    client.force_login(world.ioana)
    asked = {**GIVEN, "text": "Do you like your job?"}

    first = client.post("/questions/", asked)
    assert first.status_code == 422
    assert "asks for a yes, a no or a choice" in text_of(first)
    assert Contribution.objects.count() == 0

    changed = client.post("/questions/", {**asked, "text": "Do you like your boss?", "seen": first.context["seen"]})
    assert (changed.status_code, Contribution.objects.count()) == (422, 0)

    again = client.post("/questions/", {**asked, "seen": first.context["seen"]})
    assert (again.status_code, Contribution.objects.get().text) == (302, "Do you like your job?")

    client.force_login(world.halina)
    assert "asks for a yes, a no or a choice" in text_of(client.get("/organisation/questions/"))


def test_what_is_refused_keeps_what_was_typed(client, world, now):
    client.force_login(world.ioana)
    client.post("/questions/", GIVEN)
    reply = client.post("/questions/", {**GIVEN, "because": "It lightens."})
    assert reply.status_code == 422
    assert "This question is there already." in text_of(reply)
    assert "It lightens." in text_of(reply)


def test_a_coordinator_takes_into_use_and_takes_it_back(client, world, now):
    row = actions.offer_question(organisation=world.eastmere, kind="favourite", text=QUESTION, by=world.ioana, at=now)
    client.force_login(world.halina)
    assert ">1</span>" in client.get("/organisation/").content.decode()

    client.post(f"/organisation/questions/{row.pk}/", {"do": "accept"})
    client.force_login(world.malik)
    assert QUESTION in text_of(client.get("/questions/"))

    client.force_login(world.halina)
    assert QUESTION in text_of(client.get("/organisation/questions/?show=accepted"))
    client.post(f"/organisation/questions/{row.pk}/undo/")
    client.force_login(world.malik)
    assert QUESTION not in text_of(client.get("/questions/"))


def test_declining_without_a_word_is_refused_in_place(client, world, now):
    row = actions.offer_question(organisation=world.eastmere, kind="favourite", text=QUESTION, by=world.ioana, at=now)
    client.force_login(world.halina)
    reply = client.post(f"/organisation/questions/{row.pk}/", {"do": "decline"})
    assert reply.status_code == 422
    assert "Write a sentence for the coach" in text_of(reply)
    client.post(f"/organisation/questions/{row.pk}/", {"do": "decline", "answer": "We ask this already."})
    client.force_login(world.ioana)
    assert "We ask this already." in text_of(client.get("/questions/?show=own"))


def test_a_coach_withdraws_a_question(client, world, now):
    row = actions.offer_question(organisation=world.eastmere, kind="favourite", text=QUESTION, by=world.ioana, at=now)
    client.force_login(world.malik)
    assert client.post(f"/questions/{row.pk}/withdraw/").status_code == 404
    client.force_login(world.ioana)
    assert client.post(f"/questions/{row.pk}/withdraw/").status_code == 302
    assert Contribution.objects.count() == 0


@pytest.mark.parametrize("stage", ["", "self", "seen", "keep", "out_there", "choose", "start", "exercises", "nowhere"])
def test_a_coach_reads_each_stage_with_its_notes(client, world, now, stage):
    client.force_login(world.ioana)
    reply = client.get("/questions/path/", {"stage": stage})
    shown = next((each for each in library.path().stages if each.key == stage), library.path().stages[0])
    notes = [question.facilitator for question in shown.questions]
    if stage == "exercises":
        notes = [exercise.facilitator for exercise in library.exercises().values()]
    assert [note for note in notes if note not in text_of(reply)] == []
    assert len(reply.content) <= 60_000


def test_notes_for_coaches_stand_on_no_page_of_a_coachee(client, world, now):
    notes = {note.facilitator for note in (*library.path().questions, *library.exercises().values())} - {""}
    pages = ["/path/", "/intake/", "/exercises/", "/home/"]
    pages += [f"/path/{question.key}/" for question in library.path().questions]
    pages += [f"/exercises/{key}/" for key in library.exercises()]
    client.force_login(world.thandiwe)
    assert client.get("/questions/path/").status_code == 404
    found = []
    for page in pages:
        reply = client.get(page)
        assert reply.status_code == 200, page
        found += [page for note in notes if note in text_of(reply)]
    assert found == []


def test_the_lists_cost_the_same_with_one_row_and_with_three(client, world, now, django_assert_num_queries):
    for number in range(3):
        actions.offer_question(
            organisation=world.eastmere, kind="favourite", text=f"What is {number} to you?", by=world.ioana, at=now
        )
        client.force_login(world.halina)
        client.get("/organisation/questions/")
        with django_assert_num_queries(5):
            client.get("/organisation/questions/")
        with django_assert_num_queries(8):
            client.get("/organisation/")
        client.force_login(world.ioana)
        with django_assert_num_queries(6):
            client.get("/questions/?show=own")
        with django_assert_num_queries(3):
            client.get("/questions/path/")
