"""The page behind the link of an invitation. Looking at it does nothing: programs that scan mail look at links too."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from cairn.foundation import clock
from cairn.gate import anyone, door
from cairn.people import actions, queries

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@door(who=anyone)
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Who invites, and a button; the button uses the link up and signs the person in.

    Somebody with a second factor still proves it: their link leads to the sign-in instead.
    """
    at = clock.now()
    try:
        found = queries.invitation_by_secret(secret, at)
        if request.method == "POST":
            found = actions.accept_invitation(secret=secret, at=at)
    except queries.NotFound:
        return render(request, "account/invitation_over.html", status=404)
    person = found.person
    if not person.is_active:
        return render(request, "account/invitation_over.html", status=404)
    if request.method != "POST":
        return render(request, "account/invitation.html", {"invitation": found, "person": person})
    if is_mfa_enabled(person):
        return redirect(f"{reverse('account_login')}?{urlencode({'next': found.leads_to})}")
    login(request, person, backend=BACKEND)
    return redirect(found.leads_to)
