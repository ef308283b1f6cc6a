"""How the sign-in library meets Cairn: who may begin by themselves, and its mails take the queue like all others."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings

from cairn.foundation import clock, mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not typed
    """Sign-up as the installation wishes it; mails that a hanging server cannot hold a page with."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Anybody may begin on their own, unless the installation keeps to invitations."""
        return bool(settings.CAIRN_SIGN_UP)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail that the library worded."""
        shared = {"email": email, "request": self.request, "sign_up_is_open": settings.CAIRN_SIGN_UP}
        worded = self.render_mail(template_prefix, email, shared | context)
        mail.post_text(
            key=f"sign-in:{uuid.uuid4()}", address=email, subject=worded.subject, body=worded.body, at=clock.now()
        )


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library is not typed
    """An institution's own sign-in lets in the people it has invited; it makes nobody new."""

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        """People come by invitation, or begin with an address."""
        return False
