"""What an address that is not there answers: a page to people, a problem to other systems."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from cairn.api import unknown
from cairn.gate import anyone, door
from cairn.web import errors


@door(who=anyone, methods=errors.ANY)
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """No such address, or none that whoever asks may know of."""
    if request.path.startswith(unknown.BELOW):
        return unknown.answer()
    page: HttpResponse = errors.not_found(request, exception)
    return page
