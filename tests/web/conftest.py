"""Pages as somebody opens them, at a moment that tests move by hand."""

import datetime as dt

import pytest

from cairn.foundation import clock
from tests import cast


class Now:
    """`now.at = …` moves on."""

    at: dt.datetime = cast.AT


@pytest.fixture
def now(monkeypatch):
    """The pages open at the moment of the cast, until it is moved."""
    moving = Now()
    monkeypatch.setattr(clock, "now", lambda: moving.at)
    return moving


@pytest.fixture
def page(client):
    """A page as somebody sees it: status and text."""

    def open_as(person, path, **headers):
        client.force_login(person)
        response = client.get(path, headers=headers)
        return response.status_code, response.content.decode()

    return open_as
