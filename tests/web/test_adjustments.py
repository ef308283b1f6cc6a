"""Adjustments on everybody's pages: asked by the person, answered by a coordinator, arranged for coach and group."""

import datetime as dt
import io
import re
import zipfile

import pytest
from django.test import Client

from cairn.delivery import actions
from cairn.foundation import clock
from cairn.foundation.models import MailMessage
from cairn.programmes import actions as programme_actions
from cairn.programmes.actions import Ask
from cairn.programmes.models import Adjustment, Cohort, Enrolment
from tests import cast
from tests.web import running

SECRET = "LEAK-own-words"
LATER = cast.AT + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The doors' clock; `now.at = …` moves on."""

    class Now:
        at = cast.AT

    monkeypatch.setattr(clock, "now", lambda: Now.at)
    return Now


@pytest.fixture
def halina(world, client):
    client.force_login(world.halina)
    return client


def asked(world, need="other", who="thandiwe", **more):
    if need == "other":
        more.setdefault("other", SECRET)
    [made] = programme_actions.ask_adjustments(
        enrolment=world.enrolments[who], asks=[Ask(need, **more)], by=world.people[who], at=cast.AT
    )
    return made


def agreed(world, need="other", who="thandiwe", arrangement="A break after an hour.", group_told="", due=False, **more):
    made = asked(world, need, who, **more)
    return actions.agree_adjustment(
        adjustment=made, arrangement=arrangement, group_told=group_told, due_after=due, by=world.halina, at=cast.AT
    )


def own_page(world, who="thandiwe"):
    return f"/home/adjustments/{world.enrolments[who].pk}/"


def text_of(response):
    return response.content.decode()


def test_a_coachee_asks_for_several_things_reads_who_sees_what_and_withdraws(client, world):
    client.force_login(world.thandiwe)
    assert own_page(world) in text_of(client.get("/home/"))
    assert client.get("/home/adjustments/")["Location"] == own_page(world)
    page = text_of(client.get(own_page(world)))
    assert "nobody asks why" in page
    assert "what is arranged, once it is agreed; not what you asked for" in page

    sent = {"do": "ask", "needs": ["camera_off", "written"], "most_people": "4", "other": " A break. "}
    page = text_of(client.post(own_page(world), sent, follow=True))
    assert "Asked. A coordinator answers, and a mail tells you when." in page
    assert "You asked today." in page
    needs = Adjustment.objects.order_by("pk").values_list("need", "most_people", "other")
    assert list(needs) == [
        ("camera_off", None, ""),
        ("written", None, ""),
        ("smaller_group", 4, ""),
        ("other", None, "A break."),
    ]
    first = Adjustment.objects.get(need="camera_off")
    client.post(own_page(world), {"do": f"withdraw-{first.pk}"})
    assert Adjustment.objects.get(pk=first.pk).state == "withdrawn"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose at least one."),
        ({"needs": ["smaller_group"]}, "Write how many people the group may have at most, from 2 to 10."),
        ({"needs": ["camera_off"], "other": "x" * 201}, "at most 200 characters"),
        ({"needs": ["other"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_in_place_with_everything_kept(client, world, sent, sentence):
    client.force_login(world.thandiwe)
    answer = client.post(own_page(world), {"do": "ask", **sent})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    if "camera_off" in sent.get("needs", []):
        assert re.search(r'value="camera_off"[^>]* checked', text_of(answer))
    assert Adjustment.objects.count() == 0


def test_the_same_need_is_not_asked_for_twice(client, world):
    asked(world, "camera_off")
    client.force_login(world.thandiwe)
    answer = client.post(own_page(world), {"do": "ask", "needs": ["camera_off"]})
    assert "This was asked for already: the camera off." in text_of(answer)


def test_what_stands_is_not_offered_again_and_details_lead_to_the_page(client, world):
    asked(world, "smaller_group", most_people=4)
    client.force_login(world.thandiwe)
    page = text_of(client.get(own_page(world)))
    assert ('value="camera_off"' in page, 'value="smaller_group"' in page, "most_people" in page) == (
        True,
        False,
        False,
    )
    assert "/home/adjustments/" in text_of(client.get("/me/details/"))
    client.force_login(world.ioana)
    assert "/home/adjustments/" not in text_of(client.get("/me/details/"))


def test_a_coachee_reads_the_answer_and_ends_what_was_agreed(client, world):
    made = agreed(world, "camera_off", arrangement="The camera may be off.", group_told="Cameras may be off.")
    client.force_login(world.thandiwe)
    page = text_of(client.get(own_page(world)))
    assert "The camera may be off." in page
    assert "No name stands with it." in page
    client.post(own_page(world), {"do": f"end-{made.pk}"})
    assert Adjustment.objects.get().state == "ended"


def test_nobody_acts_on_what_is_somebody_elses(client, world):
    made = asked(world, who="part")
    client.force_login(world.thandiwe)
    for verb in ("withdraw", "end", "burn"):
        assert client.post(own_page(world), {"do": f"{verb}-{made.pk}"}).status_code == 404
    assert client.get(own_page(world, "part")).status_code == 404


def test_a_coordinator_sees_what_waits_and_for_how_long(halina, world, now):
    asked(world)
    now.at = LATER
    for url in ("/requests/adjustments/", f"/cohorts/{world.cohort.pk}/requests/adjustments/"):
        page = text_of(halina.get(url))
        assert (SECRET in page, "3 days ago" in page, "Thandiwe Ndlovu" in page) == (True, True, True)
    assert "Adjustments" in text_of(halina.get("/requests/"))
    assert "Nothing waits" in text_of(halina.get(f"/cohorts/{world.other_cohort.pk}/requests/adjustments/"))


def test_sensible_words_stand_ready_for_each_need_and_never_the_persons_own(halina, world):
    ready = {
        "one_to_one": "Coaching is one-to-one, not in a group.",
        "smaller_group": "The group stays small.",
        "camera_off": "The camera may be off.",
        "written": "A written summary is sent after each session.",
        "other": "",
    }
    for need, words in ready.items():
        made = asked(world, need, **({"most_people": 3} if need == "smaller_group" else {}))
        page = text_of(halina.get(f"/requests/adjustments/{made.pk}/"))
        [field] = re.findall(r'<textarea name="arrangement"[^>]*>\s*([^<]*)</textarea>', page)
        assert field == words


def test_a_coordinator_agrees_and_takes_it_back_at_once(halina, world):
    made = asked(world, "one_to_one")
    url = f"/requests/adjustments/{made.pk}/"
    answer = halina.post(url, {"do": "agree", "arrangement": "One-to-one."}, follow=True)
    assert "Agreed for Thandiwe Ndlovu. They and their coach are told by mail." in text_of(answer)
    undo = f"{url}undo/agreed/"
    assert f'action="{undo}"' in text_of(answer)
    assert Enrolment.objects.get(pk=made.enrolment_id).opts_out_of_groups is True

    page = text_of(halina.post(undo, follow=True))
    assert "Taken back. It waits again." in page
    assert Enrolment.objects.get(pk=made.enrolment_id).opts_out_of_groups is False
    again = halina.post(undo, follow=True)
    assert "This has changed meanwhile: it is now waiting." in text_of(again)


def test_a_coordinator_says_what_is_possible_instead(halina, world):
    made = asked(world)
    url = f"/requests/adjustments/{made.pk}/"
    empty = halina.post(url, {"do": "decline", "instead": " "})
    assert (empty.status_code, "Write what is possible instead." in text_of(empty)) == (422, True)
    halina.post(url, {"do": "decline", "instead": "A seat by the door."})
    client = Client()
    client.force_login(world.thandiwe)
    assert "Possible instead: A seat by the door." in text_of(client.get(own_page(world)))
    assert "A seat by the door" not in str(list(MailMessage.objects.values()))


def test_a_coordinator_ends_what_was_agreed_and_nonsense_is_not_found(halina, world):
    made = agreed(world)
    url = f"/requests/adjustments/{made.pk}/"
    halina.post(url, {"do": "end"})
    assert Adjustment.objects.get().state == "ended"
    assert "This has changed meanwhile" in text_of(halina.post(url, {"do": "end"}, follow=True))
    assert halina.post(f"{url}undo/waiting/").status_code == 404
    assert halina.post(url, {"do": "burn"}).status_code == 404


def test_a_coordinator_enters_it_for_somebody_who_sees_who_did(halina, world):
    url = f"/cohorts/{world.cohort.pk}/people/{world.enrolments['thandiwe'].pk}/adjustments/"
    assert url in text_of(halina.get(url.removesuffix("adjustments/")))
    halina.post(url, {"do": "ask", "needs": ["written"]})
    client = Client()
    client.force_login(world.thandiwe)
    assert "Halina Nowak asked for you, today." in text_of(client.get(own_page(world)))


def test_the_coach_reads_the_arrangement_on_every_page_and_nothing_of_the_request(client, world, now):
    coming = running.group_session(world, cast.AT + dt.timedelta(hours=2))
    made = agreed(world, other=SECRET, due=True)
    client.force_login(world.ioana)
    here = world.enrolments["thandiwe"].pk
    for url in (f"/coachees/{here}/", f"/coach/sessions/{coming.pk}/", "/today/"):
        page = text_of(client.get(url))
        assert ("A break after an hour." in page, SECRET in page, "To do after this session" in page) == (
            True,
            False,
            False,
        )
    now.at = coming.ends_at
    assert "To do after this session" in text_of(client.get(f"/coach/sessions/{coming.pk}/"))
    actions.end_adjustment(adjustment=made, by=world.thandiwe, at=cast.AT)
    assert "A break after an hour." not in text_of(client.get(f"/coachees/{here}/"))


def test_the_group_reads_what_everybody_has_to_know_and_no_name(client, world):
    coming = running.group_session(world, cast.AT + dt.timedelta(hours=2))
    agreed(world, group_told="There is a break after an hour.")
    client.force_login(world.part)
    page = text_of(client.get(f"/sessions/{coming.pk}/"))
    assert "There is a break after an hour." in page
    assert "Thandiwe" not in page
    client.force_login(world.thandiwe)
    page = text_of(client.get(f"/sessions/{coming.pk}/"))
    assert ("A break after an hour." in page, "for you" in page) == (True, True)


def test_the_rule_page_arranges_an_adjustment_and_ends_it(halina, world):
    here = world.enrolments["thandiwe"].pk
    rules = f"/cohorts/{world.cohort.pk}/groups/rules/"
    halina.post(rules, {"do": "opt_out", "enrolment": "Thandiwe Ndlovu"})
    made = Adjustment.objects.get()
    assert (made.need, made.state, made.asked_by, made.arrangement) == (
        "one_to_one",
        "agreed",
        world.halina,
        "Coaching is one-to-one, not in a group.",
    )
    halina.post(rules, {"do": f"group-{here}"})
    assert Adjustment.objects.get().state == "ended"
    assert Enrolment.objects.get(pk=here).opts_out_of_groups is False


def test_no_file_that_is_handed_on_carries_a_word_of_it(halina, world):
    agreed(world, arrangement=f"{SECRET} arranged", group_told=f"{SECRET} told")
    for name in ("people.csv", "groups.csv"):
        assert SECRET not in halina.get(f"/cohorts/{world.cohort.pk}/{name}").content.decode()
    client = Client()
    client.force_login(world.ioana)
    book = zipfile.ZipFile(io.BytesIO(client.get("/coachees/export/").content))
    sheets = b"".join(book.read(name) for name in book.namelist())
    assert (b"Thandiwe" in sheets, SECRET.encode() in sheets) == (True, False)


def test_no_log_line_carries_what_was_written(client, world, caplog):
    client.force_login(world.thandiwe)
    client.post(own_page(world), {"do": "ask", "other": SECRET})
    made = Adjustment.objects.get()
    client.force_login(world.halina)
    client.post(f"/requests/adjustments/{made.pk}/", {"do": "agree", "arrangement": f"{SECRET} arranged"})
    assert made.other == SECRET
    assert SECRET not in caplog.text


NEEDS = (
    {"need": "other", "other": "LEAK-one"},
    {"need": "other", "other": "LEAK-two, and more of it"},
    {"need": "camera_off"},
    {"need": "written"},
)
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+|"X-CSRFToken": "[^"]+|nonce="[^"]+"')


def everything_others_see(world, sessions):
    """Every page that hangs on the group, for its coach, its other member, another group, the sponsor."""
    here = world.enrolments["thandiwe"].pk
    group = [f"/sessions/{each.pk}/" for each in sessions]
    looks = {
        "ioana": ["/today/", "/coachees/", f"/coachees/{here}/", *(f"/coach{url}" for url in group), "/calendar/"],
        "part": ["/home/", "/sessions/", *group, own_page(world, "part")],
        "siobhan": ["/home/", "/sessions/", own_page(world, "siobhan")],
        "malik": ["/today/", "/coachees/"],
        "sabine": ["/me/", "/who-sees-what/"],
    }
    seen = {}
    for who, urls in looks.items():
        client = Client()
        client.force_login(world.people[who])
        for url in urls:
            response = client.get(url)
            seen[who, url] = (response.status_code, TOKEN.sub(b"", response.content))
    return seen


def test_two_worlds_that_differ_in_the_need_alone_look_the_same_to_everybody_else(world, now):
    coming = running.group_session(world, cast.AT + dt.timedelta(hours=2))
    later = running.group_session(world, cast.AT + dt.timedelta(days=14))
    made = agreed(world, arrangement="The camera may be off.", group_told="Cameras may be off in this group.", due=True)
    worlds = []
    for fields in NEEDS:
        Adjustment.objects.filter(pk=made.pk).update(**{"other": "", **fields})
        seen = {}
        for moment in (cast.AT, coming.ends_at):
            now.at = moment
            seen |= {(moment, *key): page for key, page in everything_others_see(world, [coming, later]).items()}
        worlds.append(seen)

    assert all(status in (200, 404) for seen in worlds for status, _page in seen.values())
    assert sum(status == 200 for status, _page in worlds[0].values()) > 25
    assert worlds[1:] == worlds[:1] * 3
    assert not any(b"LEAK" in page for seen in worlds for _status, page in seen.values())


def test_a_request_that_waits_or_was_declined_changes_nothing_for_anybody_else(world, now):
    coming = running.group_session(world, cast.AT + dt.timedelta(hours=2))
    before = everything_others_see(world, [coming])
    made = asked(world)
    assert everything_others_see(world, [coming]) == before
    actions.decline_adjustment(adjustment=made, instead="Not this.", by=world.halina, at=cast.AT)
    assert everything_others_see(world, [coming]) == before


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_number_of_queries(halina, world, django_assert_num_queries, rows):
    for who in ("thandiwe", "part", "siobhan")[:rows]:
        asked(world, "camera_off", who)
        agreed(world, "written", who)
    halina.get("/requests/adjustments/")
    with django_assert_num_queries(7):
        halina.get("/requests/adjustments/")


def test_the_cohorts_share_stands_on_the_page_on_which_it_is_agreed(halina, world):
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=50)
    made = asked(world, "one_to_one")
    assert "one-to-one minutes at 50 %" in text_of(halina.get(f"/requests/adjustments/{made.pk}/"))
