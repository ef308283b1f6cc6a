"""Asking for another group, answering it, reading what became of it: the pages of coachee, coach and coordinator."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cairn.foundation import clock
from cairn.ledger import actions as ledger_actions
from cairn.programmes import actions
from cairn.programmes.models import Cohort, Enrolment, GroupPlace, MoveRequest
from tests.delivery import making


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the tests' moment."""
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture(autouse=True)
def small_groups(world):
    """Groups of one or two people, so that the cast's own can change places."""
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1, group_cap=2)
    world.cohort.refresh_from_db()


def ask(world, at, who="thandiwe", **more) -> MoveRequest:
    given = {"wish": "another", "by": world.people[who], "at": at, **more}
    return actions.ask_to_move(enrolment=world.enrolments[who], **given)


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()).replace(" ,", ",")


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def look(client, world, request, way, on="2027-03-11"):
    return client.post(f"/requests/moves/{request.pk}/", {"do": "look", "way": way, "from_on": on})


def approve(client, world, request, way, on="2027-03-11", follow=True):
    page = look(client, world, request, way, on).content.decode()
    sent = {"do": "approve", "way": way, "from_on": on}
    sent |= {name: hidden(page, name) for name in ("looked", "seen")}
    if "raise_commission" in page:
        sent["raise_commission"] = "on"
    return client.post(f"/requests/moves/{request.pk}/", sent, follow=follow)


def swap(world):
    return f"{world.enrolments['thandiwe'].pk}-2,{world.enrolments['siobhan'].pk}-1"


# ------------------------------------------------------------------ coachee and coach


def test_a_coachee_asks_reads_that_it_waits_and_takes_it_back(client, world):
    client.force_login(world.thandiwe)
    url = f"/home/move/{world.enrolments['thandiwe'].pk}/"
    assert f'href="{url}"' in client.get("/home/").content.decode()
    assert client.get("/home/move/").url == url
    page = text(client.get(url))
    assert "Nobody asks why, and no reason is kept." in page
    assert "Your coach nothing, unless it is approved" in page
    assert "textarea" not in client.get(url).content.decode()
    answer = text(client.post(url, {"wish": "another"}, follow=True))
    assert "Asked. The programme team answers" in answer
    assert "The programme team looks for the best way." in answer
    assert "with the programme team" in text(client.get("/home/"))
    client.post(url, {"do": "withdraw"})
    assert MoveRequest.objects.get().state == "withdrawn"
    assert "I would rather stay" not in client.get(url).content.decode()


def test_nothing_chosen_is_said_in_place(client, world):
    client.force_login(world.thandiwe)
    answer = client.post(f"/home/move/{world.enrolments['thandiwe'].pk}/", {})
    assert (answer.status_code, "Choose what would suit better." in answer.content.decode()) == (422, True)


def test_a_coach_asks_for_a_coachee_of_theirs_and_learns_nothing_of_what_the_coachee_asked(client, world, at):
    client.force_login(world.ioana)
    url = f"/coachees/{world.enrolments['thandiwe'].pk}/move/"
    before = text(client.get(url))
    ask(world, at)
    assert text(client.get(url)) == before
    assert client.get(f"/coachees/{world.enrolments['thandiwe'].pk}/").status_code == 200
    answer = text(client.post(url, {"wish": "coach"}, follow=True))
    assert "Asked. The programme team answers" in answer
    assert "Another coach" in answer
    client.force_login(world.thandiwe)
    assert "Another group" in text(client.get(f"/home/move/{world.enrolments['thandiwe'].pk}/"))
    for key in ("siobhan", "tomasz", "nia", "xiuying"):
        client.force_login(world.ioana)
        assert client.get(f"/coachees/{world.enrolments[key].pk}/move/").status_code == 404


def test_a_coachee_can_say_that_they_would_rather_stay(client, world, at):
    ask(world, at, by=world.ioana)
    client.force_login(world.thandiwe)
    url = f"/home/move/{world.enrolments['thandiwe'].pk}/"
    page = client.get(url).content.decode()
    assert ("I would rather stay" in page, "Ioana" in page) == (True, False)
    client.post(url, {"do": "withdraw"})
    assert MoveRequest.objects.get().state == "withdrawn"


def test_a_coachee_reads_from_when_with_whom_and_why_not(client, world, at):
    request = ask(world, at)
    client.force_login(world.halina)
    approve(client, world, request, swap(world))
    client.force_login(world.thandiwe)
    url = f"/home/move/{world.enrolments['thandiwe'].pk}/"
    assert "From Thursday 11 March 2027 it is group 2, with Malik Rahman for the group and one-to-one." in text(
        client.get(url)
    )
    assert "Another group from" in text(client.get("/home/"))
    assert "Siobh" not in client.get(url).content.decode()
    again = ask(world, at)
    actions.decline_move_request(request=again, against="cap", by=world.halina, at=at)
    assert "Every other group is full. Everything stays as it is." in text(client.get(url))


# ------------------------------------------------------------------ coordinator


def test_what_waits_stands_on_the_lists_with_its_count(client, world, at):
    request = ask(world, at)
    client.force_login(world.halina)
    for url in ("/requests/moves/", f"/cohorts/{world.cohort.pk}/requests/moves/"):
        page = text(client.get(url))
        assert ("Thandiwe Ndlovu" in page, "Changes of group 1" in page) == (True, True)
    assert "Changes of group 1" in text(client.get("/requests/"))
    assert "Nothing waits" in text(client.get(f"/cohorts/{world.other_cohort.pk}/requests/moves/"))
    assert client.get(f"/requests/moves/{request.pk}/").status_code == 200
    client.force_login(world.gwen)
    assert client.get(f"/requests/moves/{request.pk}/").status_code == 404


def test_a_coordinator_sees_the_ways_looks_at_one_and_approves(client, world, at):
    making.group_session(world, dt.datetime(2027, 3, 10, 11), at=at, number=1)
    request = ask(world, at)
    client.force_login(world.halina)
    page = client.get(f"/requests/moves/{request.pk}/")
    assert 'value="2027-03-11"' in page.content.decode()
    assert "Asked on 3 March 2027, for another group, by the person." in text(page)
    assert "Siobhán Ní Bhriain to group 1" in text(page)
    looked = text(look(client, world, request, swap(world)))
    assert "Told by mail Ioana Pop, Malik Rahman, Siobhán Ní Bhriain, Thandiwe Ndlovu" in looked
    assert MoveRequest.objects.get().state == "waiting"
    answer = approve(client, world, request, swap(world))
    assert "Approved for Thandiwe Ndlovu." in text(answer)
    assert f'action="/requests/moves/{request.pk}/undo/"' in answer.content.decode()
    assert Enrolment.objects.get(pk=request.enrolment_id).engagement == world.engagements["malik"]
    assert "Take this back" in text(client.get(f"/requests/moves/{request.pk}/"))
    client.post(f"/requests/moves/{request.pk}/undo/")
    assert Enrolment.objects.get(pk=request.enrolment_id).engagement == world.engagements["ioana"]
    assert "undone" in text(client.get("/requests/moves/"))


def test_what_was_not_looked_at_is_not_approved(client, world, at):
    request = ask(world, at)
    client.force_login(world.halina)
    page = look(client, world, request, swap(world)).content.decode()
    sent = {"do": "approve", "way": swap(world), "from_on": "2027-03-11"}
    sent |= {name: hidden(page, name) for name in ("looked", "seen")}
    answer = client.post(f"/requests/moves/{request.pk}/", {**sent, "from_on": "2027-03-18"})
    assert (answer.status_code, "This is not what you looked at any more." in text(answer)) == (422, True)
    actions.declare_conflict(
        engagement=world.engagements["malik"], enrolment=world.enrolments["part"], by=world.halina, at=at
    )
    answer = client.post(f"/requests/moves/{request.pk}/", sent)
    assert (answer.status_code, "This is not what you looked at any more." in text(answer)) == (422, True)
    assert (MoveRequest.objects.get().state, GroupPlace.objects.count()) == ("waiting", 3)


def test_minutes_that_a_coach_lacks_are_named_and_commissioned_with_it(client, world, at):

    ledger_actions.commission(
        engagement=world.engagements["malik"], minutes={"one_to_one": 210}, by=world.halina, at=at
    )
    request = ask(world, at)
    client.force_login(world.halina)
    one = f"{world.enrolments['thandiwe'].pk}-2"
    assert "Commission 3 h 30 min more and approve" in text(look(client, world, request, one))
    approve(client, world, request, one)
    assert making.coach_time(world, "malik") == (420, 0, 0)


def test_a_request_that_cannot_be_met_names_its_rule_here_and_reveals_nobody_there(client, world, at):
    actions.declare_conflict(
        engagement=world.engagements["malik"], enrolment=world.enrolments["thandiwe"], by=world.halina, at=at
    )
    request = ask(world, at)
    client.force_login(world.halina)
    page = text(client.get(f"/requests/moves/{request.pk}/"))
    assert "There is no way now in which every rule would hold." in page
    assert "Thandiwe Ndlovu must not be coached by Malik Rahman" in page
    answer = client.post(f"/requests/moves/{request.pk}/", {"do": "decline", "against": "rules"}, follow=True)
    assert "Answered. Whoever asked is told by mail." in text(answer)
    client.force_login(world.thandiwe)
    own = text(client.get(f"/home/move/{request.enrolment_id}/"))
    assert "leave no other place" in own
    assert [name for name in ("Malik", "conflict", "must not") if name in own] == []
    client.force_login(world.halina)
    assert client.post(f"/requests/moves/{request.pk}/", {"do": "decline", "against": "nobody"}).status_code == 302


def test_a_rule_that_is_none_is_refused_in_place(client, world, at):
    request = ask(world, at)
    client.force_login(world.halina)
    answer = client.post(f"/requests/moves/{request.pk}/", {"do": "decline", "against": "nobody"})
    assert (answer.status_code, MoveRequest.objects.get().state) == (422, "waiting")
    for way in ("", "x", "1-2,1-2", "9" * 40):
        assert look(client, world, request, way).status_code == 422


def test_the_page_costs_the_same_number_of_queries(client, world, at):
    request = ask(world, at)
    client.force_login(world.halina)
    url = f"/requests/moves/{request.pk}/"
    client.get(url)
    counts = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
        GroupPlace.objects.filter(enrolment=world.enrolments["xiuying"]).delete()
        GroupPlace.objects.create(
            group=world.groups[number], enrolment=world.enrolments["xiuying"], from_on=world.cohort.starts_on
        )
    assert counts == [8, 8]
