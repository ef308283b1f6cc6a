"""What a line of the log may hold."""

import logging

from django.test import RequestFactory
from django.urls import resolve

from cairn.foundation.logs import Impersonal


def test_a_broken_page_is_named_by_its_route_and_not_by_its_address():
    request = RequestFactory().get("/beside/invitation/the-secret-of-a-link/")
    request.resolver_match = resolve(request.path)
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Broken", request.path), None)
    record.request = request

    Impersonal().filter(record)

    assert record.getMessage() == "Broken: beside/invitation/<str:secret>/"


def test_an_address_that_leads_nowhere_is_not_written_down():
    request = RequestFactory().get("/beside/invitations/the-secret-of-a-link/")
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "%s: %s", ("Not Found", request.path), None)
    record.request = request

    Impersonal().filter(record)

    assert record.getMessage() == "Not Found: no page of ours"
