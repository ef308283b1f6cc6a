"""The author's pages: who may read what, until when, withdrawn now; as the coach sees it; who has read what."""

import datetime as dt
import re

import pytest
from django.test import Client

from cairn.delivery import actions as delivery_actions
from cairn.foundation import clock
from cairn.foundation.models import MailMessage
from cairn.journey import actions, queries
from cairn.journey.models import Pick, Reading, Share
from tests import cast
from tests.kept import kept
from tests.sharing import EXERCISE, thandiwe_writes

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


@pytest.fixture
def items(world):
    return kept(thandiwe_writes, world, "LEAK")


@pytest.fixture
def me(world, client):
    client.force_login(world.thandiwe)
    return client


def text(response):
    return response.content.decode()


def share_page(items, kind="entry"):
    return f"/sharing/{kind}/{items[kind]}/"


def given(world, **more):
    return {"reader": world.ioana.pk, "until": "2027-05-03", **more}


def test_sharing_names_a_reader_and_a_day_of_the_persons_own_zone(world, me, items):
    page = text(me.get(share_page(items)))
    assert ("Ioana Pop, your coach" in page, "Malik" in page, "LEAK-title" in page) == (True, False, True)
    assert me.post(share_page(items), given(world)).status_code == 302
    granted = Share.objects.get()
    assert (granted.kind, granted.item_id, granted.reader) == ("entry", items["entry"], world.ioana)
    assert granted.until == dt.datetime(2027, 5, 3, 22, 59, 59, tzinfo=dt.UTC)  # 23:59:59 in London in summer
    shown = re.sub(r"<[^>]+>", "", text(me.get(share_page(items))))
    assert "You and Ioana Pop until 3 May 2027" in shown


def test_the_usual_end_is_three_months_away(me, items):
    assert 'value="2027-06-02"' in text(me.get(share_page(items)))


def test_what_stands_against_it_is_said_in_place(world, me, items):
    for sent, sentence in (
        (given(world, until="2027-03-01"), "Choose a day that is still to come."),
        (given(world, until="2031-03-01"), "within the next two years"),
        (given(world, until=""), "Choose a day."),
        ({"until": "2027-05-03"}, "Choose who may read it."),
        (given(world, reader=world.malik.pk), "Malik"),
    ):
        refused = me.post(share_page(items), sent)
        assert refused.status_code == 422
        assert (sentence in text(refused)) == (sentence != "Malik")
    assert Share.objects.count() == 0


def test_one_withdraws_one_or_everything(world, me, items):
    me.post(share_page(items), given(world))
    me.post(share_page(items, "goal"), given(world))
    me.post("/sharing/all/answer/", given(world))
    page = text(me.get("/sharing/"))
    assert page.count("Withdraw now") == 3
    assert ("LEAK-title" in page, "LEAK-goal" in page, "All answers on the path" in page) == (True, True, True)
    me.post(f"/sharing/withdraw/{Share.objects.first().pk}/")
    assert len(queries.shares(world.thandiwe, cast.AT)) == 2
    me.post(f"/sharing/withdraw/all/{world.ioana.pk}/")
    assert queries.shares(world.thandiwe, cast.AT) == ()
    assert "Nothing is shared with anybody." in text(me.get("/sharing/"))


def test_one_sees_exactly_what_the_coach_sees_and_looking_is_no_reading(world, me, items):
    for kind in items:
        me.post(share_page(items, kind), given(world))
    delivery_actions.agree_step_with(
        person_id=world.thandiwe.pk, text="ring the library", due_on=None, by=world.ioana, at=cast.AT
    )
    coach = Client()
    coach.force_login(world.ioana)
    lists = [
        re.search(r'<ul role="list" class="rows">.*?</ul>', text(page), re.DOTALL).group()
        for page in (me.get(f"/sharing/as/{world.ioana.pk}/"), coach.get(f"/beside/{world.thandiwe.pk}/"))
    ]
    assert lists[0].replace(f"/sharing/as/{world.ioana.pk}/", f"/beside/{world.thandiwe.pk}/") == lists[1]
    assert "ring the library" in text(me.get(f"/sharing/as/{world.ioana.pk}/"))
    for kind, item_id in items.items():
        mine = text(me.get(f"/sharing/as/{world.ioana.pk}/{kind}/{item_id}/"))
        assert Reading.objects.filter(kind=kind).count() == 0
        theirs = text(coach.get(f"/beside/{world.thandiwe.pk}/{kind}/{item_id}/"))
        pages = [page[page.index('<section class="entry') : page.index("</section>")] for page in (mine, theirs)]
        assert pages[0] == pages[1]


def test_every_reading_is_listed_with_its_moment(world, me, items):
    me.post(share_page(items), given(world))
    queries.shared_item(world.ioana, world.thandiwe.pk, "entry", items["entry"], cast.AT)
    for page in ("/sharing/", share_page(items)):
        shown = re.sub(r"<[^>]+>", "", text(me.get(page)))
        assert ("Ioana Pop" in shown, "3 March 2027, 09:00" in shown) == (True, True)


def test_nobody_shares_or_sees_what_is_anothers(world, items, client):
    delivery_actions.share_with(
        kind="entry",
        item_id=items["entry"],
        reader_id=world.ioana.pk,
        until=cast.AT + DAY,
        by=world.thandiwe,
        at=cast.AT,
    )
    granted = Share.objects.get()
    for who in ("part", "ioana", "halina", "nia"):
        client.force_login(world.people[who])
        assert client.get(share_page(items)).status_code == 404
        assert client.post(share_page(items), given(world)).status_code == 404
        assert client.post(f"/sharing/withdraw/{granted.pk}/").status_code == 404
        assert "LEAK" not in text(client.get("/sharing/"))
    client.force_login(world.part)
    assert client.get(f"/sharing/as/{world.malik.pk}/").status_code == 404
    assert client.get(f"/sharing/as/{world.ioana.pk}/entry/{items['entry']}/").status_code == 404
    assert queries.shares(world.thandiwe, cast.AT) != ()


def test_somebody_with_nobody_beside_them_is_told_what_to_do(world, client):
    alone = cast.person("alone@example.org", "Alone")
    entry = actions.write_entry(text="x", by=alone, at=cast.AT)
    client.force_login(alone)
    page = text(client.get(f"/sharing/entry/{getattr(entry, 'pk', getattr(entry, 'id', None))}/"))
    assert ("Nobody to share with yet" in page, "/beside-me/" in page) == (True, True)
    assert client.get("/sharing/").status_code == 200


def test_a_kind_that_is_none_is_not_found(me, items):
    assert me.get("/sharing/all/secret/").status_code == 404
    assert me.get(f"/sharing/secret/{items['entry']}/").status_code == 404


def test_sharing_sends_no_mail(world, me, items):
    me.post(share_page(items), given(world))
    assert MailMessage.objects.count() == 0


def test_a_pick_is_put_away(world, me):
    delivery_actions.pick_for(person_id=world.thandiwe.pk, kind="exercise", key=EXERCISE, by=world.ioana, at=cast.AT)
    me.post(f"/picks/{Pick.objects.get().pk}/away/")
    assert queries.picks(world.thandiwe) == ()


def test_the_agreement_shows_what_each_of_the_three_sees(world, me, client):
    page = text(me.get(f"/agreement/{world.enrolments['thandiwe'].pk}/"))
    assert ("Come to your sessions" in page, "Ioana Pop" in page, "nor that it exists" in page) == (True, True, True)
    assert me.get(f"/agreement/{world.enrolments['part'].pk}/").status_code == 404


def test_the_pages_keep_to_eight_queries(world, me, items, django_assert_max_num_queries):
    for kind in items:
        me.post(share_page(items, kind), given(world))
    delivery_actions.write_note_about(
        person_id=world.thandiwe.pk, text="for both", is_shared=True, by=world.ioana, at=cast.AT
    )
    pages = ["/sharing/", f"/sharing/as/{world.ioana.pk}/", "/sharing/all/entry/"]
    pages += [share_page(items, kind) for kind in items]
    pages += [f"/sharing/as/{world.ioana.pk}/{kind}/{item_id}/" for kind, item_id in items.items()]
    for page in pages:
        me.get(page)
        with django_assert_max_num_queries(8):
            assert me.get(page).status_code == 200


def test_a_long_history_comes_in_pages_that_a_slow_line_can_carry(world, me):
    for number in range(45):
        entry = actions.write_entry(text="x", title="A title of my own " * 4, by=world.thandiwe, at=cast.AT)
        item_id = getattr(entry, "pk", getattr(entry, "id", None))
        delivery_actions.share_with(
            kind="entry",
            item_id=item_id,
            reader_id=world.ioana.pk,
            until=cast.AT + DAY,
            by=world.thandiwe,
            at=cast.AT,
        )
        queries.shared_item(world.ioana, world.thandiwe.pk, "entry", item_id, cast.AT)
        if number < 12:
            delivery_actions.write_note_about(
                person_id=world.thandiwe.pk, text="n" * 2_000, is_shared=True, by=world.ioana, at=cast.AT
            )
    first, second = me.get("/sharing/"), me.get("/sharing/?page=2")
    assert [text(page).count("Withdraw now") for page in (first, second)] == [40, 5]
    assert [text(page).count("n" * 2_000) for page in (first, second)] == [10, 2]
    assert len(first.content) < 60_000
    coach = Client()
    coach.force_login(world.ioana)
    pages = [coach.get(f"/beside/{world.thandiwe.pk}/?notes={number}") for number in (1, 2)]
    assert [text(page).count("n" * 2_000) for page in pages] == [10, 2]
    assert len(pages[0].content) < 60_000


def test_a_reading_of_what_was_taken_away_since_stays_and_leads_nowhere(world, me, items):
    for kind in ("entry", "answer"):
        delivery_actions.share_with(
            kind=kind, item_id=items[kind], reader_id=world.ioana.pk, until=cast.AT + DAY, by=world.thandiwe, at=cast.AT
        )
        queries.shared_item(world.ioana, world.thandiwe.pk, kind, items[kind], cast.AT)
    actions.delete_entry(entry_id=items["entry"], by=world.thandiwe, at=cast.AT)
    page = text(me.get("/sharing/"))
    assert (share_page(items) in page, share_page(items, "answer") in page) == (False, True)
    assert "Journal entry, taken away since" in page
    answered, gone = queries.readings(world.thandiwe)
    assert ((answered.is_there, gone.is_there), bool(answered.word)) == ((True, False), True)


@pytest.mark.parametrize(("kind", "is_seen_at_once"), [("entry", True), ("preparation", True), ("answer", False)])
def test_sharing_a_kind_says_whether_it_is_read_while_it_is_written(me, kind, is_seen_at_once):
    assert ("while you are still writing it" in text(me.get(f"/sharing/all/{kind}/"))) is is_seen_at_once
