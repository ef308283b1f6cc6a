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
            if request.method not in (*methods, "HEAD", "OPTIONS"):
                return HttpResponseNotAllowed(methods)
            try:
                return view(request, *args, **kwargs)
            except NotFound as missing:
                raise Http404 from missing

        guarded.door = Door(who=who, area=area, methods=methods)  # type: ignore[attr-defined]
        return guarded

    return declare
