"""Where the day begins, and one's own details."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cairn.gate import anyone, door, signed_in
from cairn.web.shell import AREAS, first_area


@door(who=anyone, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """Signed in: the first page of one's area. Otherwise what Cairn is, and the way in."""
    if not request.user.is_authenticated:
        return render(request, "account/welcome.html")
    area = first_area(request.user)
    return redirect(AREAS[area][0][1]) if area else redirect("me")


@door(who=signed_in, methods=("GET",))
def me(request: HttpRequest) -> HttpResponse:
    """Who is signed in, in which roles, and the ways onward."""
    return render(request, "account/me.html")
