"""What is served has been looked through before the first visitor comes."""

import pytest
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from cairn.config import wsgi
from cairn.web import checks


def test_an_address_that_does_not_say_who_may_pass_is_not_served(monkeypatch):
    monkeypatch.setattr(checks, "every_url_is_declared", lambda _: [Error("One is open.", hint="Close it.")])

    with pytest.raises(ImproperlyConfigured, match=r"^One is open\. Close it\.$"):
        wsgi._refuse_what_is_undeclared()
