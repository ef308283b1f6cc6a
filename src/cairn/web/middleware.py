"""What every request passes: one impersonal log line with figures, and the person's own time zone."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cairn.foundation import clock, metrics

log = structlog.get_logger("cairn.web")
Respond = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """One line a request: route, status and time. No address, no name, no query string."""

    def __init__(self, get_response: Respond) -> None:
        """Take the next link of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Time the request and count it by route, never by path: a path holds ids."""
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        route = match.route if match else "none"
        metrics.REQUESTS.labels(request.method or "", route, response.status_code).inc()
        metrics.SECONDS.labels(route).observe(seconds)
        log.info("request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1e3, 1))
        return response


class PersonalTimeZone:
    """Times are shown in the reader's zone."""

    def __init__(self, get_response: Respond) -> None:
        """Take the next link of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the zone of whoever is signed in, for the length of the request."""
        clock.keep_zones_fresh()
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)
