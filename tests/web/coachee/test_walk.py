"""The pages of the walk: with no role and no organisation, without a script, and nobody else's words."""

import datetime as dt
import json
import re

import pytest

from cairn.journey import actions, queries
from cairn.web.templatetags import _cairns
from tests import cast
from tests.walking import use_small_path

pytestmark = pytest.mark.usefixtures("now", "small")


@pytest.fixture
def small(monkeypatch):
    """The path of these tests."""
    return use_small_path(monkeypatch)


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("ines@example.org", "Inés")


@pytest.fixture
def send(client, alone):
    """Send a form of the walk: the response that follows."""

    def post(path, **data):
        client.force_login(alone)
        return client.post(path, data, follow=True)

    return post


def test_somebody_alone_walks_from_the_first_conversation_to_the_next_question(page, send, alone):
    status, text = page(alone, "/intake/")
    assert (status, "My relationship with my boss" in text, "Skip this" in text) == (200, True, True)
    reply = send("/intake/", topics=["boss"], words="A change")
    assert reply.redirect_chain[-1][0] == "/path/life/"
    text = reply.content.decode()
    assert "What does a good day look like?" in text
    assert text.index("Only you") < text.index("<textarea")
    reply = send("/path/life/", text="Early light.", revision=0, do="done")
    assert reply.redirect_chain[-1][0] == "/path/values/"
    text = reply.content.decode()
    assert "Early light." in text  # this question builds on that answer
    assert "It is about the bigger picture" in text


@pytest.mark.parametrize(("do", "goes_to"), [("park", "values"), ("skip", "values")])
def test_putting_a_question_aside_keeps_what_was_typed_and_goes_on(send, page, alone, do, goes_to):
    reply = send("/path/life/", text="Half", revision=0, do=do)
    assert reply.redirect_chain[-1][0] == f"/path/{goes_to}/"
    assert "Half" in page(alone, "/path/life/")[1]
    reply = send("/path/life/", text="Half", revision=1, do="reopen")
    assert 'value="park"' in reply.content.decode()


def test_taking_a_question_up_again_keeps_what_was_typed_without_a_script(send, page, alone):
    send("/path/life/", text="Half", revision=0, do="park")
    text = send("/path/life/", text="Half, and the rest", revision=1, do="reopen").content.decode()
    assert ("Half, and the rest" in text, 'value="park"' in text) == (True, True)


def test_homework_with_nothing_in_it_is_not_called_noted(send):
    text = send("/path/homework/out_there/", text=" ", seen="").content.decode()
    assert ("Nothing is noted yet." in text, "Noted." in text) == (True, False)


def test_done_without_a_word_stays_with_a_sentence(send):
    reply = send("/path/life/", text="", revision=0, do="done")
    assert (reply.status_code, "There is nothing written yet" in reply.content.decode()) == (422, True)


def test_a_bad_day_keeps_everything_typed(send, at):
    reply = send("/path/decide/", text="When I sleep", revision=0, look_back_on="2020-01-01", do="done")
    text = reply.content.decode()
    assert (reply.status_code, "When I sleep" in text, 'value="2020-01-01"' in text) == (422, True, True)
    assert "has to be after today" in text


def test_a_day_to_look_back_is_proposed_and_comes(send, page, alone, now, at):
    assert f'value="{at.date() + dt.timedelta(days=91)}"' in page(alone, "/path/decide/")[1]
    send("/path/decide/", text="When I sleep", revision=0, look_back_on="2027-06-01", do="done")
    now.at = at + dt.timedelta(days=120)
    reply = send("/path/life/", text="x", revision=0, do="done")
    assert reply.redirect_chain[-1][0] == "/path/decide/look-back/"
    text = reply.content.decode()
    assert "Was it right, by what you said then?" in text
    assert "When I sleep" in text
    reply = send("/path/decide/look-back/", text="I do sleep", revision=1)
    text = reply.content.decode()
    assert text.index("When I sleep") < text.index("I do sleep")
    assert page(alone, "/path/next/")[0] == 302


def test_looking_back_with_nothing_new_says_it_is_still_so(send, now, at, alone):
    send("/path/decide/", text="When I sleep", revision=0, look_back_on="2027-06-01", do="done")
    now.at = at + dt.timedelta(days=120)
    send("/path/decide/look-back/", text="", revision=1)
    assert queries.look_backs_due(alone, now.at) == ()
    assert len(queries.versions(alone, "decide", now.at).versions) == 1


def test_saving_while_typing_answers_in_few_words(client, alone, at):
    client.force_login(alone)
    reply = client.post("/path/life/save/", {"text": "A\r\nB", "revision": "0"})
    assert json.loads(reply.content) == {
        "revision": 1,
        "saved_at": "09:00 London time",
        "saved": "Saved at 09:00 London time, as you type. Leaving is always safe.",
    }
    late = json.loads(client.post("/path/life/save/", {"text": "C", "revision": "0"}).content)
    assert (late["revision"], late["text"]) == (2, "A\nB\n\nC")
    long = client.post("/path/life/save/", {"text": "x" * 100_001, "revision": "2"})
    assert (long.status_code, "100,000" in json.loads(long.content)["error"]) == (422, True)
    assert client.post("/path/nowhere/save/", {"text": "x"}).status_code == 404
    assert queries.question_page(alone, "life", at).written == "A\nB\n\nC"


def test_two_windows_without_a_script_are_told_that_both_are_there(send):
    send("/path/life/", text="One", revision=0, do="done")
    reply = send("/path/life/", text="Two", revision=0, do="done")
    text = reply.content.decode()
    assert reply.redirect_chain[-1][0] == "/path/life/"
    assert "You also wrote in another window" in text
    assert "One\n\nTwo" in text


def test_homework_stands_before_its_stage_and_is_noted(send, page, alone, client):
    for key in ("life", "values", "decide"):
        actions.skip_question(question=key, text="", revision=0, by=alone, at=cast.AT)
    client.force_login(alone)
    assert client.get("/path/next/").url == "/path/homework/out_there/"
    text = page(alone, "/path/homework/out_there/")[1]
    assert "Talk to three people whose work you are curious about." in text
    seen = queries.homework(alone, "out_there", cast.AT).seen
    reply = send("/path/homework/out_there/", text="Ann likes it.", seen=seen)
    assert reply.redirect_chain[-1][0] == "/path/heard/"
    assert page(alone, "/path/homework/self/")[0] == 404
    send("/path/heard/", text="x", revision=0, do="done")
    assert client.get("/path/next/").url == "/path/"


def test_the_map_leads_to_every_question_and_shows_no_answer(page, alone):
    actions.finish_answer(question="life", text="LEAK-own", revision=0, look_back_on=None, by=alone, at=cast.AT)
    actions.begin_walk(topics=("boss",), situations=(), words="", by=alone, at=cast.AT)
    status, text = page(alone, "/path/")
    assert status == 200
    for key in ("life", "values", "boss", "heard", "decide"):
        assert f'href="/path/{key}/"' in text
    assert "answered on 3 March 2027" in text
    assert "LEAK-own" not in text


def test_nothing_for_coaches_only_reaches_a_page_of_the_walk(page, alone):
    actions.finish_answer(question="decide", text="x", revision=0, look_back_on=None, by=alone, at=cast.AT)
    for path in ("/path/", "/path/decide/", "/path/decide/versions/", "/intake/"):
        assert "LEAK-facilitator" not in page(alone, path)[1]


def test_another_person_finds_only_an_empty_page(page, world, alone):
    actions.finish_answer(question="life", text="LEAK-own", revision=0, look_back_on=None, by=alone, at=cast.AT)
    for other in (world.part, world.ioana, world.halina):
        assert page(other, "/path/life/versions/")[0] == 404
        status, text = page(other, "/path/life/")
        assert (status, "LEAK-own" in text) == (200, False)


@pytest.mark.parametrize(
    "path", ["/path/", "/path/values/", "/path/decide/look-back/", "/path/life/versions/", "/intake/"]
)
def test_every_page_of_the_walk_is_cheap(client, alone, django_assert_max_num_queries, path):
    for key in ("life", "values", "decide"):
        on = cast.AT.date() + dt.timedelta(days=9) if key == "decide" else None
        actions.finish_answer(question=key, text="x", revision=0, look_back_on=on, by=alone, at=cast.AT)
    client.force_login(alone)
    client.get(path)
    with django_assert_max_num_queries(8):
        assert client.get(path).status_code == 200


def test_the_cairn_draws_each_stage_as_a_link_and_leaves_a_longer_path_to_its_list():
    stages = [
        {"number": number, "title": title, "state": state, "url": f"#{number}"}
        for number, (title, state) in enumerate(
            (("Who I am", "walked"), ("What I keep and what I change", "now"), ("Out <there>", "skipped")), start=1
        )
    ]
    drawn = str(_cairns.path_cairn(stages))
    assert re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', drawn) == [
        ("#1", "Stage 1, Who I am: walked"),
        ("#2", "Stage 2, What I keep and what I change: you are here"),
        ("#3", "Stage 3, Out &lt;there&gt;: left out"),
    ]
    assert _cairns.path_cairn(stages * 3) == ""
    assert str(_cairns.stage_rail([("One", "walked"), ("Two", "now")], "Stage 2 of 2")).count("<path") == 2
