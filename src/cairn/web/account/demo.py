"""Sign-in links of the demonstration. They work only while CAIRN_DEMO is on."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from cairn.foundation import clock, demo_links
from cairn.gate import anyone, door
from cairn.people import queries

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@door(who=anyone, methods=("GET",))
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in as a member of the cast. Not found outside the demonstration, or with a token that we did not sign."""
    if not settings.CAIRN_DEMO:
        raise Http404
    try:
        email = demo_links.address_in(token)
    except demo_links.NotOurs as error:
        raise Http404 from error
    login(request, queries.person_by_address(email, clock.now()), backend=BACKEND)
    return redirect("home")
