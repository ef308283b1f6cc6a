"""What the API can do: as a page for people, and as a description for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from cairn.gate import anyone, door


@door(who=anyone, methods=("GET",))
def page(request: HttpRequest) -> HttpResponse:
    """Every operation and every kind of answer, on one page without a script."""
    from cairn.api import problems, schema

    context = {"sections": schema.sections(), "shapes": schema.shapes(), "problems": problems.KINDS}
    return render(request, "api/docs.html", context)


@door(who=anyone, methods=("GET",))
def description(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1."""
    from cairn.api import schema

    return JsonResponse(schema.description())
