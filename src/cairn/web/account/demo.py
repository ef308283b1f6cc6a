"""Sign-in links of the demonstration. They work only while CAIRN_DEMO is on."""

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from cairn.foundation import clock
from cairn.gate import anyone, door
from cairn.people import queries

SALT = "cairn.demo.sign-in"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def link_for(email: str) -> str:
    """The path that signs in the person with this address, in the demonstration."""
    return f"/demo/sign-in/{signing.dumps(email, salt=SALT)}/"


@door(who=anyone, methods=("GET",))
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in as a member of the cast. Not found outside the demonstration, or with a token that we did not sign."""
    if not settings.CAIRN_DEMO:
        raise Http404
    try:
        email = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    login(request, queries.person_by_address(email, clock.now()), backend=BACKEND)
    return redirect("home")
