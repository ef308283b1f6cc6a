"""An address under /api/v1/ that there is not, with or without DEBUG: a problem, never a page."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from cairn.gate import anyone, door

BELOW = "/api/v1/"
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@csrf_exempt  # who writes by a token has no cookie to protect, and is to be told the same
@door(who=anyone, methods=ANY)
def unknown(request: HttpRequest) -> HttpResponse:
    """There is nothing here. The same words as for what nobody may know of."""
    return answer()


def answer() -> HttpResponse:
    """The problem. What makes it is loaded when it is first needed, as the API itself is."""
    from cairn.api import problems

    with override("en-gb"):
        response = problems.response(problems.not_found())
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
