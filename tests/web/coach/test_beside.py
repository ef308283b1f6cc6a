"""The coach's pages beside somebody: what is shared, own notes in two kinds, steps agreed, picks; nobody else's."""

import datetime as dt
import re

import pytest
from django.test import Client

from cairn.delivery import actions
from cairn.foundation import clock
from cairn.journey import queries
from cairn.journey.models import CoachNote, Companion, Pick, Reading
from tests import cast
from tests.kept import kept
from tests.sharing import EXERCISE, thandiwe_writes

DAY = dt.timedelta(days=1)
OTHERS = ("malik", "rosa", "lena", "halina", "otto", "ada", "sabine", "part", "thandiwe")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


@pytest.fixture
def items(world):
    return kept(thandiwe_writes, world, "LEAK")


def share(world, kind, item_id, reader="ioana"):
    return actions.share_with(
        kind=kind,
        item_id=item_id,
        reader_id=world.people[reader].pk,
        until=cast.AT + 30 * DAY,
        by=world.thandiwe,
        at=cast.AT,
    )


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def text(response):
    return response.content.decode()


def url(world, more=""):
    return f"/beside/{world.thandiwe.pk}/{more}"


def test_the_page_lists_what_is_shared_without_a_word_of_it(world, items):
    for kind, item_id in items.items():
        share(world, kind, item_id)
    shown = text(signed_in(world.ioana).get(url(world)))
    assert "LEAK" not in shown
    assert all(f'href="{url(world)}{kind}/{item_id}/"' in shown for kind, item_id in items.items())
    assert Reading.objects.count() == 0


@pytest.mark.parametrize("kind", ["answer", "entry", "exercise", "goal", "portrait", "preparation"])
def test_each_kind_is_shown_whole_and_its_reading_written_down(world, items, kind):
    share(world, kind, items[kind])
    shown = text(signed_in(world.ioana).get(url(world, f"{kind}/{items[kind]}/")))
    words = {"preparation": ("bring", "take"), "goal": ("goal", "why", "level", "review"), "entry": ("title", "entry")}
    assert [word for word in words.get(kind, (kind,)) if f"LEAK-{word}" not in shown] == []
    assert [(each.kind, each.item_id, each.reader) for each in queries.readings(world.thandiwe)] == [
        (kind, items[kind], "Ioana Pop")
    ]


def test_what_is_not_shared_is_not_found(world, items):
    client = signed_in(world.ioana)
    for kind, item_id in items.items():
        assert client.get(url(world, f"{kind}/{item_id}/")).status_code == 404
    assert client.get(url(world, "secret/1/")).status_code == 404
    assert "Nothing is shared now." in text(client.get(url(world)))


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_gets_to_any_of_these_pages(world, items, who):
    share(world, "entry", items["entry"])
    note = actions.write_note_about(
        person_id=world.thandiwe.pk, text="LEAK-note", is_shared=False, by=world.ioana, at=cast.AT
    )
    client = signed_in(world.people[who])
    for path in ("", f"entry/{items['entry']}/", "pick/", f"notes/{note}/"):
        assert client.get(url(world, path)).status_code == 404
    for path in ("steps/", "notes/", "pick/", f"notes/{note}/", f"notes/{note}/delete/", "picks/1/back/"):
        assert client.post(url(world, path), {"text": "x", "pick": f"exercise:{EXERCISE}"}).status_code == 404
    assert (Reading.objects.count(), CoachNote.objects.count(), Pick.objects.count()) == (0, 1, 0)


def test_notes_of_two_kinds_are_kept_changed_and_taken_away(world):
    client = signed_in(world.ioana)
    client.post(url(world, "notes/"), {"text": "for me alone", "is_shared": ""})
    client.post(url(world, "notes/"), {"text": "for us both", "is_shared": "yes"})
    shown = text(client.get(url(world)))
    assert ("for me alone" in shown, "for us both" in shown) == (True, True)
    theirs = text(signed_in(world.thandiwe).get("/sharing/"))
    assert ("for me alone" in theirs, "for us both" in theirs) == (False, True)
    note = CoachNote.objects.get(is_shared=True)
    client.post(url(world, f"notes/{note.pk}/"), {"text": "for me again", "is_shared": ""})
    assert "for me again" not in text(signed_in(world.thandiwe).get("/sharing/"))
    client.post(url(world, f"notes/{note.pk}/delete/"))
    assert CoachNote.objects.count() == 1


def test_an_empty_note_and_an_empty_step_are_said_in_place_and_the_rest_is_kept(world):
    client = signed_in(world.ioana)
    refused = client.post(url(world, "notes/"), {"text": " ", "is_shared": "yes"})
    assert (refused.status_code, "There is nothing to keep yet." in text(refused)) == (422, True)
    refused = client.post(url(world, "steps/"), {"text": "", "due_on": "2027-04-01"})
    assert (refused.status_code, "1 April 2027" in text(refused) or "2027-04-01" in text(refused)) == (422, True)


def test_a_step_agreed_stands_on_both_sides(world):
    client = signed_in(world.ioana)
    client.post(url(world, "steps/"), {"text": "ring the library", "due_on": "2027-04-01"})
    assert "ring the library" in text(client.get(url(world)))
    assert [(each.text, each.agreed_with) for each in queries.open_steps(world.thandiwe)] == [
        ("ring the library", "Ioana Pop")
    ]


def test_a_pick_is_offered_with_what_is_said_to_facilitators_and_taken_back(world):
    client = signed_in(world.ioana)
    assert client.get(url(world, "pick/")).status_code == 200
    client.post(url(world, "pick/"), {"pick": f"exercise:{EXERCISE}"})
    assert [each.key for each in queries.picks(world.thandiwe)] == [EXERCISE]
    again = client.post(url(world, "pick/"), {"pick": f"exercise:{EXERCISE}"}, follow=True)
    assert "You picked this for them already" in text(again)
    assert client.post(url(world, "pick/"), {"pick": "question:none"}).status_code == 404
    client.post(url(world, f"picks/{Pick.objects.get().pk}/back/"))
    assert queries.picks(world.thandiwe) == ()


def test_minutes_and_the_way_back_stand_for_a_coach_of_a_cohort(world):
    shown = text(signed_in(world.ioana).get(url(world)))
    assert f"/coachees/{world.enrolments['thandiwe'].pk}/" in shown
    assert "Minutes" in shown
    there = text(signed_in(world.ioana).get(f"/coachees/{world.enrolments['thandiwe'].pk}/"))
    assert f'href="{url(world)}"' in there


def test_a_companion_with_no_role_sits_beside_somebody_too(world, items):
    Companion.objects.create(
        person=world.thandiwe,
        coach=world.tomasz,
        address="x@x.org",
        secret_hash="x",
        invited_at=cast.AT,
        expires_at=cast.AT + DAY,
        accepted_at=cast.AT,
    )
    client = signed_in(world.tomasz)
    assert f'href="{url(world)}"' in text(client.get("/beside/"))
    shown = text(client.get(url(world)))
    assert ("Minutes" in shown, "sessions and contact" in shown) == (False, False)
    assert ('href="/beside/"' in shown, 'href="/today/"' in shown) == (True, False)  # only places that open to them
    share(world, "entry", items["entry"], reader="tomasz")
    assert "LEAK-entry" in text(client.get(url(world, f"entry/{items['entry']}/")))
    Companion.objects.update(ended_at=cast.AT)
    assert client.get(url(world)).status_code == 404
    assert client.get("/beside/").status_code == 404
    assert client.get(url(world, f"entry/{items['entry']}/")).status_code == 404


def test_the_page_costs_the_same_with_one_row_and_with_three(world, items, django_assert_num_queries):
    client = signed_in(world.ioana)
    client.get(url(world))
    for kind in ("entry", "goal"):
        share(world, kind, None)
    for more in (1, 2):
        for _row in range(more):
            client.post(url(world, "notes/"), {"text": "x", "is_shared": ""})
            client.post(url(world, "steps/"), {"text": "y"})
        client.get(url(world))  # shows the messages
        with django_assert_num_queries(7):
            client.get(url(world))


def test_every_page_beside_somebody_keeps_to_eight_queries(world, items, django_assert_max_num_queries):
    client = signed_in(world.ioana)
    note = actions.write_note_about(person_id=world.thandiwe.pk, text="x", is_shared=False, by=world.ioana, at=cast.AT)
    for kind, item_id in items.items():
        share(world, kind, item_id)
    pages = [url(world, f"{kind}/{item_id}/") for kind, item_id in items.items()]
    pages += ["/beside/", url(world, "pick/"), url(world, "pick/?stage=exercises"), url(world, f"notes/{note}/")]
    for page in pages:
        client.get(page)
        with django_assert_max_num_queries(8):
            answer = client.get(page)
        assert (answer.status_code, len(answer.content) < 60_000) == (200, True), page


def test_every_field_beside_somebody_has_a_label_of_its_own(world):
    shown = text(signed_in(world.ioana).get(url(world)))
    ids = re.findall(r'<(?:input|textarea)[^>]* id="([^"]+)"', shown)
    assert sorted(ids) == sorted(set(ids))
    assert all(f'for="{each}"' in shown for each in ("id_text", "step_text", "step_due_on"))
