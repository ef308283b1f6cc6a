"""What an address that is not there answers: a page to people, a problem to other systems."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override

from cairn.gate import anyone, door
from cairn.web import errors

OF_THE_API = "/api/v1/"


@door(who=anyone, methods=errors.ANY)
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """No such address, or none that whoever asks may know of."""
    if not request.path.startswith(OF_THE_API):
        page: HttpResponse = errors.not_found(request, exception)
        return page
    from cairn.api import problems

    with override("en-gb"):
        response = problems.response(problems.not_found())
    response["Cache-Control"] = "no-store"
    return response
