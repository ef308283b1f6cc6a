"""The moment of the tests is the moment of the doors."""

import pytest

from cairn.foundation import clock
from tests import cast


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)
