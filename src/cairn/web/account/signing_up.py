"""Beginning on one's own: an address, and the code that is sent to it. Whether the address is known, nobody learns.

Whoever has an account already gets a sign-in code like somebody new, so page, mail and effect are the same for both.
"""

from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.utils import passthrough_next_redirect_url
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cairn.foundation import clock
from cairn.people import actions

LONGEST = 254  # RFC 5321


class CodeForm(RequestLoginCodeForm):  # type: ignore[misc]  # the library is not typed
    """One field. The library's limits on asking for codes apply, by address and by network."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Our label and the length that an address may have; the library's field."""
        super().__init__(*args, **options)
        email = self.fields["email"]
        email.label = _("E-mail address")
        email.widget.attrs = {"autocomplete": "email", "type": "email"}
        email.validators.append(MaxLengthValidator(LONGEST))


class SignUpForm(CodeForm):
    """Makes whoever is new; both go on to the page that asks for the code."""

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponseRedirect]:
        """Make the person unless they are there, mail a code, and go on to the page that asks for it."""
        email = self.cleaned_data["email"]
        person = actions.sign_up(email=email, at=clock.now())
        LoginCodeVerificationProcess.initiate(request=request, user=person, email=email)
        onward = passthrough_next_redirect_url(request, reverse("account_confirm_login_code"), "next")
        return None, HttpResponseRedirect(onward)
