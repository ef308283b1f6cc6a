"""Every address × every verb × the cast. An address that is missing from the table fails, and so does one too many.

A word of the table says who passes. Everybody else is sent to sign in (nobody signed in) or meets a 404 that tells
nothing. Canaries in private and foreign rows must not appear in any answer, mail or log line.
"""

import logging
import re
from functools import cache
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cairn.foundation import clock
from cairn.web.checks import patterns
from tests import cast
from tests.doors import by_token, furnish
from tests.doors.expectations import EXPECTED
from tests.doors.expectations_api import API
from tests.doors.statements import taken_back

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FINE = {200, 204, 302, 400, 409, 413, 415, 422}


@cache
def every_url():
    """The parameters of each address, by its name."""
    named = {}
    for route, pattern in patterns():
        theirs = route.startswith("accounts/")
        if pattern.name or not theirs:
            found = re.findall(r"<(?:\w+:)?(\w+)>", route)
            named[pattern.name or route] = tuple(found)
    return named


def address(name, parameters, values):
    """The address with the values of the furnished world."""
    return (
        reverse(name, kwargs={parameter: values[parameter] for parameter in parameters})
        if parameters
        else reverse(name)
    )


def test_the_table_names_every_address_and_no_other():
    assert {name for name in every_url() if not name.startswith(FROM_ALLAUTH)} == set(EXPECTED) | set(API)


FROM_ALLAUTH = ("account_", "mfa_", "socialaccount_", "openid_connect_")
OURS = sorted(name for name in EXPECTED)
THEIRS = sorted(name for name in every_url() if name.startswith(FROM_ALLAUTH))


def ask(client, verb, url):
    """One request whose effects are taken back, its cookies too."""
    cookies = client.cookies
    client.cookies = SimpleCookie(cookies)
    with taken_back():
        response = client.generic(verb, url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    client.cookies = cookies
    return response, body.decode("utf-8", "replace")


def is_kept_by_no_cache(response):
    """Whether what was answered cannot come back from a cache. A redirect holds nothing."""
    return response.status_code != 200 or "no-store" in response.get("Cache-Control", "")


def leaks(who, text, url):
    """The canaries that this reader may not meet but does. Their own words in the address are no leak."""
    return [
        canary for canary, may in furnish.CANARIES.items() if who not in may and canary in text and canary not in url
    ]


CLOCK = re.compile(r"\b(?:[01]\d|2[0-3]):[0-5]\d\b")
ZONE = re.compile(r"\w time\b|\b(?:GMT|BST|UTC|NZ[DS]T)\b|\b(?:Europe|Pacific)/\w")


def says_the_zone(text):
    """A page on which anybody reads a time says somewhere in which zone."""
    shown = re.sub(r"<(script|style|svg|head)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    return not CLOCK.search(shown) or ZONE.search(shown) is not None


def signed_in(world):
    """A client for each word of READERS."""
    clients = {who: Client(raise_request_exception=False) for who in furnish.READERS}
    for who in clients.keys() - {"anonymous"}:
        clients[who].force_login(
            furnish.reader(world, who), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
    return clients


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker):
    """One world for all addresses, with everybody signed in: every request takes back what it did."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(clock, "now", lambda: cast.AT)
        world, values = furnish.furnish()
        clients = signed_in(world)
        yield clients, values
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", OURS)
def test_who_passes(furnished, name, caplog):
    clients, values = furnished
    expected = EXPECTED[name]
    url = address(name, every_url()[name], {**values, **expected.values})
    caplog.set_level(logging.DEBUG)
    found = {}
    for who in furnish.READERS:
        for verb in VERBS:
            response, text = ask(clients[who], verb, url)
            found[who, verb] = response.status_code
            assert leaks(who, text, url) == [], (name, who, verb)
            assert response.status_code != 500, (name, who, verb)
            assert not expected.is_page or response.status_code != 200 or says_the_zone(text), (name, who, verb)
            assert is_kept_by_no_cache(response) or who == "anonymous", (name, who, verb)
    for (who, verb), status in found.items():
        if who in expected.who:
            allowed = FINE if verb in expected.verbs else {405}
            if verb == "GET" and verb in expected.verbs:
                allowed = {expected.status} if isinstance(expected.status, int) else set(expected.status)
            if verb != "GET" and verb in expected.verbs:
                allowed = FINE | {404}
            assert status in allowed, (name, who, verb, status)
        else:
            refusals = {302, 404} if who == "anonymous" else {404}
            refusals |= set() if verb in expected.verbs else {405}
            assert status in refusals, (name, who, verb, status)
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("cairn", "django.r"))
    )
    assert [canary for canary in furnish.CANARIES if canary in logged and canary not in url] == []


@pytest.mark.parametrize(
    "name", ["journal_entry", "goal", "step", "preparation", "exercise_run", "share_item", "portrait"]
)
def test_no_title_holds_a_word_of_ones_own(furnished, name):
    clients, values = furnished
    _response, text = ask(clients["coachee"], "GET", address(name, every_url()[name], {**values, "exercise": "wheel"}))
    [title] = re.findall(r"<title>(.*?)</title>", text, re.DOTALL)
    assert "LEAK" not in title


@pytest.mark.parametrize("name", [name for name in OURS if "GET" not in EXPECTED[name].verbs])
def test_what_needs_no_token_never_reaches_a_door_that_writes(furnished, name):
    clients, values = furnished
    expected = EXPECTED[name]
    url = address(name, every_url()[name], {**values, **expected.values})
    who = min(expected.who)
    assert {verb: ask(clients[who], verb, url)[0].status_code for verb in ("HEAD", "OPTIONS")} == {
        "HEAD": 405,
        "OPTIONS": 204,
    }


@pytest.mark.parametrize("name", sorted(API))
def test_who_passes_by_a_token(furnished, name, caplog):
    clients, values = furnished
    url = address(name, every_url()[name], values)
    caplog.set_level(logging.DEBUG)
    for who in furnish.READERS:
        person = by_token.person_of(who)
        for method, verb in API[name].items():
            by_cookie, _text = by_token.ask_as(None, method, url, client=clients[who])
            assert (by_cookie.status_code, by_cookie["WWW-Authenticate"]) == (401, 'Bearer realm="Cairn"'), who
            if person is None:
                continue
            body = by_token.body_of(name, method, values)
            response, text = by_token.ask_as(person, method, url, body=body)
            assert response.status_code == by_token.expected_of(who, verb), (name, who, method, text)
            told = verb.told if who in verb.who else frozenset()
            assert set(leaks(who, text, url)) <= told, (name, who, method)
            assert "no-store" in response["Cache-Control"]
    answered = {*API[name], "HEAD"} if "GET" in API[name] else set(API[name])
    if "GET" in API[name]:
        person = by_token.person_of("coordinator")
        whole, head = (by_token.ask_as(person, method, url)[0] for method in ("GET", "HEAD"))
        assert (head.status_code, head["Content-Length"], head.content) == (
            whole.status_code,
            str(len(whole.content)),
            b"",
        )
    for method in {*VERBS, "HEAD"} - answered:
        refused, _text = by_token.ask_as(by_token.person_of("coordinator"), method, url)
        assert (refused.status_code, refused["Allow"]) == (405, ", ".join(sorted(answered))), method
    for method, verb in API[name].items():
        other = next(scope for scope in ("people:read", "invoices:read") if scope != verb.scope)
        lacking, text = by_token.ask_as(by_token.person_of("coordinator"), method, url, scopes=[other])
        assert (lacking.status_code, verb.scope in text) == (403, True), method
    assert [record.getMessage() for record in caplog.records if "LEAK" in record.getMessage()] == []


@pytest.mark.parametrize("name", THEIRS)
def test_the_sign_in_librarys_pages_never_break_or_leak(furnished, name):
    clients, _values = furnished
    url = address(name, every_url()[name], {"key": "x", "uidb36": "1", "provider_id": "none", "pk": 1})
    for who in ("anonymous", "coachee", "coordinator", "foreign_coordinator"):
        for verb in VERBS:
            response, text = ask(clients[who], verb, url)
            assert response.status_code < 500, (name, who, verb)
            assert leaks(who, text, url) == [], (name, who, verb)


def test_an_undeclared_address_stops_the_start(db):
    from django.http import HttpResponse
    from django.urls import path

    from cairn.config import urls
    from cairn.web import checks

    urls.urlpatterns.append(path("planted/", lambda request: HttpResponse("x"), name="planted"))
    try:
        assert [error.id for error in checks.every_url_is_declared(None)] == ["cairn.E001"]
    finally:
        urls.urlpatterns.pop()
    assert checks.every_url_is_declared(None) == []
