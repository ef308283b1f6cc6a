"""The gate in every door: each page or address declares who may pass, or Cairn does not start.

    @door(who=rules.may_coach, area="coach")
    def today(request): ...

Somebody who is not signed in is asked to; somebody signed in whom `who` refuses gets a 404, as for a page that does
not exist. What a room's query does not find is a 404 too, so fetch and access are one.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from cairn.foundation import clock
from cairn.people import rules
from cairn.people.queries import NotFound

Who = Callable[..., bool]
anyone = rules.may_pass
signed_in = rules.may_enter
HIGHEST_ID = 2**63 - 1  # a larger number is nobody's, and more than a column or a statement takes


class Request(HttpRequest):
    """A request as a view behind the gate knows it: `user` is the person whom the door's rule let pass."""

    user: Any


@dataclass(frozen=True)
class Door:
    """The declaration: a rule, the area of the shell it belongs to, and the methods it answers."""

    who: Who
    area: str
    methods: tuple[str, ...]


def door(*, who: Who, area: str = "", methods: tuple[str, ...] = ("GET", "POST")) -> Callable[[Any], Any]:
    """Declare who may pass through a view. `who(person, at) -> bool` is a rule of the people room."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not who(request.user, clock.now()):
                if request.user.is_authenticated:
                    raise Http404
                return redirect_to_login(request.get_full_path())
            if request.method == "OPTIONS" and "OPTIONS" not in methods:
                return HttpResponse(status=204, headers={"Allow": ", ".join(_answered(methods))})
            if request.method not in _answered(methods):
                return HttpResponseNotAllowed(_answered(methods))
            if any(isinstance(value, int) and value > HIGHEST_ID for value in kwargs.values()):
                raise Http404
            try:
                response = view(request, *args, **kwargs)
            except NotFound as missing:
                raise Http404 from missing
            if response.status_code < 500:  # what broke may be the very thing that knows who is signed in
                _keep_close(response, is_personal=request.user.is_authenticated, has_values=bool(kwargs))
            return response

        guarded.door = Door(who=who, area=area, methods=methods)  # type: ignore[attr-defined]
        return guarded

    return declare


def _answered(methods: tuple[str, ...]) -> tuple[str, ...]:
    """HEAD only where GET is: it needs no token against forgery, so it must never reach a door that writes."""
    return (*methods, *(("HEAD",) if "GET" in methods else ()), "OPTIONS")


def _keep_close(response: HttpResponse, *, is_personal: bool, has_values: bool) -> None:
    """No cache keeps what a person was shown, so it cannot come back after signing out or after a withdrawal.

    No search engine lists an address that holds a number or a secret.
    """
    if is_personal and not response.has_header("Cache-Control"):
        response["Cache-Control"] = "private, no-store"
    if is_personal or has_values:
        response["X-Robots-Tag"] = "noindex, nofollow"
