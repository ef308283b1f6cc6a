"""Sessions are found by a statement of our own: it must hold what Django's holds, and nothing longer."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session

from cairn.foundation.sessions import SessionStore
from tests import cast

pytestmark = pytest.mark.django_db


def kept() -> str:
    """The key of a session in which something is kept."""
    made = SessionStore()
    made["name"] = "Søren"
    made.save()
    return str(made.session_key)


def test_what_was_kept_is_found_under_its_key(django_assert_num_queries):
    key = kept()
    with django_assert_num_queries(1):
        found = SessionStore(key)
        assert (dict(found.items()), found.session_key) == ({"name": "Søren"}, key)


def test_a_session_that_has_ended_is_none():
    key = kept()
    Session.objects.update(expire_date=cast.BEFORE - dt.timedelta(days=365))
    found = SessionStore(key)
    assert (dict(found.items()), found.session_key) == ({}, None)


@pytest.mark.parametrize("key", ["x" * 32, "'; DROP TABLE django_session; --", "short", "%(key)s-and-more"])
def test_a_key_of_no_session_opens_none(key):
    kept()
    found = SessionStore(key)
    assert (dict(found.items()), found.session_key, Session.objects.count()) == ({}, None, 1)


def test_a_session_that_was_flushed_is_gone():
    key = kept()
    SessionStore(key).flush()
    assert dict(SessionStore(key).items()) == {}
