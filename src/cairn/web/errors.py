"""Pages for what went wrong: what happened, what was kept, what to do next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from cairn.gate import anyone, door
from cairn.web.templatetags._remembered import remembered

ANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@door(who=anyone, methods=ANY)
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """You can see it, and may not do this."""
    return render(request, "403.html", status=403)


@door(who=anyone, methods=ANY)
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """No such page, or none that you may know of. It says the same to everybody, so it is drawn once."""
    return HttpResponse(_drawn("404.html"), status=404)


@door(who=anyone, methods=ANY)
def broken(request: HttpRequest) -> HttpResponse:
    """Our fault. Rendered without the shell, which may be what broke."""
    return render(None, "500.html", status=500)


@remembered
def _drawn(template: str) -> str:
    return render_to_string(template)
