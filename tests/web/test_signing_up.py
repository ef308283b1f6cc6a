"""Beginning on one's own: an address and the code mailed to it; whether the address is known, nobody learns."""

import re
import statistics
import time

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cairn.foundation.models import AuditEntry, MailMessage
from cairn.people import actions
from cairn.people.actions.own_account import first_name
from cairn.people.models import Person
from tests import cast

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'(csrfmiddlewaretoken" value=")[^"]+')


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def begin(client, email, **extra):
    return client.post(reverse("account_signup"), {"email": email, **extra})


def code_for(email):
    body = MailMessage.objects.filter(address__iexact=email).latest("pk").body
    return next(line for line in body.splitlines() if re.fullmatch(r"[A-Z0-9-]{6,}", line.strip())).strip()


def test_an_address_and_its_code_are_enough(client):
    page = begin(client, "Amahle.Dlamini@Example.org")
    assert (page.status_code, page.url) == (302, reverse("account_confirm_login_code"))
    assert client.get(reverse("my_details")).status_code == 302  # nobody is signed in by typing an address
    signed_in = client.post(page.url, {"code": code_for("amahle.dlamini@example.org")})
    assert signed_in.status_code == 302
    person = Person.objects.get(email="amahle.dlamini@example.org")
    assert (person.name, person.has_usable_password(), person.grants.count()) == ("Amahle", False, 0)
    assert EmailAddress.objects.get(user=person).verified is True
    assert client.get(reverse("my_details")).status_code == 200
    assert AuditEntry.objects.filter(action="sign_up", subject_id=person.pk).count() == 1


def test_coming_in_is_said_once_and_in_our_words(client):
    page = begin(client, "amahle@example.org")
    asked = client.get(page.url).content.decode()
    come_in = client.post(page.url, {"code": code_for("amahle@example.org")}, follow=True).content.decode()
    assert "has been sent to" not in asked
    assert ("amahle@example.org is confirmed." in come_in, "Successfully" in come_in) == (True, False)


def test_a_wrong_code_lets_nobody_in(client):
    page = begin(client, "amahle@example.org")
    client.post(page.url, {"code": "WRONG1"})
    assert client.get(reverse("my_details")).status_code == 302


def test_somebody_known_gets_the_same_page_and_the_same_mail(world):
    seen = []
    for email in ("thandiwe@example.org", "nobody-yet@example.org"):
        visitor = Client()
        reply = begin(visitor, email)
        page = visitor.get(reply.url)
        mail = MailMessage.objects.get(address=email)
        words = mail.body.replace(code_for(email), "CODE")
        shown = TOKEN.sub(b"", page.content).replace(email.encode(), b"ADDRESS")
        seen.append((reply.status_code, reply.url, page.status_code, shown, mail.subject, words))
    assert seen[0] == seen[1]
    assert Person.objects.filter(email="thandiwe@example.org").count() == 1
    assert Person.objects.filter(email__endswith=".invalid").count() == 0


def test_known_and_unknown_addresses_cost_the_same_writes(world):
    def writes(email):
        with CaptureQueriesContext(connection) as captured:
            begin(Client(), email)
        return [query["sql"].split("(")[0] for query in captured if query["sql"].startswith(("INSERT", "UPDATE"))]

    assert writes("thandiwe@example.org") == writes("nobody-yet@example.org")


@pytest.mark.slow
def test_known_and_unknown_addresses_take_the_same_time(world, figure):
    taken = {"known": [], "unknown": []}
    for turn in range(60):
        for kind, email in (("known", "thandiwe@example.org"), ("unknown", f"new-{turn}@example.org")):
            visitor = Client()
            began = time.perf_counter()
            begin(visitor, email)
            taken[kind].append((time.perf_counter() - began) * 1000)
    known, unknown = (statistics.median(taken[kind][5:]) for kind in ("known", "unknown"))
    figure(f"sign-up with a known address {known:.1f} ms, with an unknown one {unknown:.1f} ms (medians of 55)")
    assert abs(known - unknown) < 0.25 * max(known, unknown)


def test_somebody_known_is_signed_in_as_themselves(client, world):
    page = begin(client, "THANDIWE@example.org")
    client.post(page.url, {"code": code_for("thandiwe@example.org")})
    assert int(client.session["_auth_user_id"]) == world.thandiwe.pk


def test_a_closed_account_is_not_opened_again_by_its_address(client, world):
    Person.objects.filter(pk=world.part.pk).update(is_active=False)
    assert begin(client, "part@example.org").status_code == 302
    assert "code for Cairn" in MailMessage.objects.get(address="part@example.org").subject
    assert client.get(reverse("my_details")).status_code == 302


def test_an_installation_may_keep_to_invitations(client, settings, world):
    settings.CAIRN_SIGN_UP = False
    assert reverse("account_signup") not in client.get("/").content.decode()
    page = begin(client, "amahle@example.org")
    assert "by invitation" in page.content.decode()
    assert not Person.objects.filter(email="amahle@example.org").exists()


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_answered_in_place(client, email):
    page = begin(client, email)
    assert page.status_code == 200
    assert "field--wrong" in page.content.decode()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("thandiwe.ndlovu@example.org", "Thandiwe"),
        ("o'neill+cairn@example.org", "O'neill"),
        ("j.smith@example.org", "Smith"),
        ("42@example.org", "42"),
        ("jean-luc_m@example.org", "Jean-luc"),
    ],
)
def test_a_name_to_begin_with(address, name):
    assert first_name(address) == name


def test_accounts_that_nobody_confirmed_go_and_others_stay(world, at):
    begun = actions.sign_up(email="begun@example.org", at=at)
    invited, _new = actions.find_or_add_person(
        email="invited@example.org", name="Ivo", time_zone="UTC", by=world.halina, at=at
    )
    cast.grant(invited, world.eastmere, "coachee")
    Person.objects.update(created_at=at)
    before = Person.objects.count()
    assert actions.forget_unconfirmed(at=at) == 0
    later = at + actions.own_account.dt.timedelta(days=3)
    assert actions.forget_unconfirmed(at=later) == 1
    assert not Person.objects.filter(pk=begun.pk).exists()
    assert Person.objects.count() == before - 1


def test_closing_an_account_frees_the_address_and_ends_its_sessions(client, at):
    page = begin(client, "amahle@example.org")
    client.post(page.url, {"code": code_for("amahle@example.org")})
    person = Person.objects.get(email="amahle@example.org")
    actions.close_account(by=person, at=at)
    assert client.get(reverse("my_details")).status_code == 302
    assert not MailMessage.objects.filter(address__icontains="amahle").exists()
    again = actions.sign_up(email="amahle@example.org", at=at)
    assert again is not None and again.pk != person.pk


def test_somebody_with_a_role_keeps_the_account(world, at):
    with pytest.raises(actions.StillNeeded):
        actions.close_account(by=world.rosa, at=at)
