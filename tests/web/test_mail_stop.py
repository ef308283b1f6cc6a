"""Mails are stopped by their own link: a button, or one click of a mail program; with an undo. And chosen signed in."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from cairn.delivery import queries
from cairn.delivery.models import ReminderChoice
from cairn.foundation import stop_links
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries


@pytest.fixture
def stranger():
    """Nobody signed in, with the check against forgery on."""
    return Client(enforce_csrf_checks=True)


def link(kind, person):
    return reverse("mail_stop", args=[stop_links.token(f"{kind}:{person.pk}")])


def minutes(person):
    return queries.reminder_choice(person).minutes


def hidden(response, name):
    return response.content.decode().split(f'name="{name}" value="')[1].split('"')[0]


def test_looking_stops_nothing_and_tells_nothing(world, stranger):
    response = stranger.get(link("reminders", world.thandiwe))

    assert (response.status_code, minutes(world.thandiwe)) == (200, (2880, 120))
    assert "Thandiwe" not in response.content.decode() and "no-store" in response["Cache-Control"]


def test_one_click_of_a_mail_program_stops_reminders(world, stranger, at):
    MailMessage.objects.create(
        key="reminder:1:2:120:3", to_id=world.thandiwe.pk, address=world.thandiwe.email, body="x", queued_at=at
    )

    response = stranger.post(link("reminders", world.thandiwe), {"List-Unsubscribe": "One-Click"})

    assert (response.status_code, minutes(world.thandiwe)) == (200, ())
    assert not MailMessage.objects.exists()
    assert minutes(world.part) == (2880, 120)
    assert AuditEntry.objects.filter(action="set_reminders", by_id=world.thandiwe.pk).count() == 1


def test_any_other_post_comes_from_the_page(world, stranger):
    assert stranger.post(link("reminders", world.thandiwe)).status_code == 403

    token = hidden(stranger.get(link("reminders", world.thandiwe)), "csrfmiddlewaretoken")
    stopped = stranger.post(link("reminders", world.thandiwe), {"csrfmiddlewaretoken": token}, follow=True)
    assert (stopped.status_code, minutes(world.thandiwe)) == (200, ())

    undone = stranger.post(
        link("reminders", world.thandiwe),
        {"csrfmiddlewaretoken": hidden(stopped, "csrfmiddlewaretoken"), "undo": hidden(stopped, "undo")},
    )
    assert (undone.status_code, minutes(world.thandiwe)) == (200, (2880, 120))


def test_the_rhythm_is_stopped_and_brought_back_as_it_was(world, client, at):
    journey_actions.set_rhythm(pace="weekly", remind_steps=True, remind_look_backs=False, by=world.thandiwe, at=at)

    stopped = client.post(link("rhythm", world.thandiwe), follow=True)
    own = journey_queries.rhythm(world.thandiwe)
    assert (own.pace, own.remind_steps, own.remind_look_backs) == ("never", False, False)

    client.post(link("rhythm", world.thandiwe), {"undo": hidden(stopped, "undo")})
    own = journey_queries.rhythm(world.thandiwe)
    assert (own.pace, own.remind_steps, own.remind_look_backs) == ("weekly", True, False)


def test_what_was_undone_for_one_is_undone_for_nobody_else(world, client):
    stopped = client.post(link("reminders", world.thandiwe), follow=True)
    client.post(link("reminders", world.part))

    response = client.post(link("reminders", world.part), {"undo": hidden(stopped, "undo")})

    assert (response.status_code, minutes(world.part)) == (404, ())


def test_the_page_shows_what_stands_with_the_way_back_however_often_it_is_loaded(world, client, at):
    journey_actions.set_rhythm(pace="weekly", remind_steps=False, remind_look_backs=False, by=world.thandiwe, at=at)
    for kind in ("reminders", "rhythm"):
        stopped = client.post(link(kind, world.thandiwe)).url
        again = [client.get(stopped), client.get(stopped), client.post(stopped, follow=True)]
        assert [b"Stopped. No more of these mails" in each.content for each in again] == [True, True, True], kind
        assert [b"Stop these mails" in each.content for each in again] == [False, False, False], kind
        client.post(stopped, {"undo": hidden(again[0], "undo")})
        assert b"Stop these mails" in client.get(stopped).content, kind
    assert minutes(world.thandiwe) == (2880, 120)
    client.post(link("reminders", world.thandiwe), {"List-Unsubscribe": "One-Click"})
    assert hidden(client.get(link("reminders", world.thandiwe)), "undo")


@pytest.mark.parametrize("token", ["x", "not-a-token", "é", "A" * 500])
def test_a_link_that_was_cut_off_changes_nothing(db, client, token):
    response = client.post(reverse("mail_stop", args=[token]))

    assert response.status_code == 404
    assert b"This link does not work" in response.content


def test_tokens_are_unlike_and_do_not_say_whose_they_are(world):
    first, second = (stop_links.token("reminders:17") for _ in range(2))

    assert first != second and stop_links.words_in(first) == stop_links.words_in(second) == "reminders:17"
    with pytest.raises(stop_links.NotOurs):
        stop_links.words_in(first[:-2] + ("AA" if first[-2:] != "AA" else "BB"))


def test_somebody_chooses_when_signed_in_and_sees_what_comes(world, client):
    client.force_login(world.thandiwe)
    page = client.get(reverse("reminders"))
    assert b"London time" in page.content and page.status_code == 200

    answer = client.post(
        reverse("reminders"), {"minutes_before": ["1440", "15"], "quiet_from": "22:00", "quiet_until": "06:30"}
    )

    kept = ReminderChoice.objects.get(person=world.thandiwe)
    assert (answer.status_code, kept.minutes_before) == (302, [1440, 15])
    assert (kept.quiet_from, kept.quiet_until) == (dt.time(22), dt.time(6, 30))


def test_what_is_refused_is_said_in_place(world, client):
    client.force_login(world.thandiwe)
    six = ["10080", "4320", "2880", "1440", "480", "240"]

    response = client.post(reverse("reminders"), {"minutes_before": six, "quiet_from": "22:00", "quiet_until": "21:00"})

    assert response.status_code == 422
    assert b"Choose up to 5 times." in response.content
