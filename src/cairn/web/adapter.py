"""How the sign-in library meets Cairn: nobody signs up by themselves, and its mails take the queue like all others."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from cairn.foundation import clock, mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not typed
    """Closed sign-up; mails that a hanging server cannot hold a page with."""

    def is_open_for_signup(self, request: Any) -> bool:
        """People are invited."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail that the library worded."""
        worded = self.render_mail(template_prefix, email, {"email": email, "request": self.request, **context})
        mail.post_text(
            key=f"sign-in:{uuid.uuid4()}", address=email, subject=worded.subject, body=worded.body, at=clock.now()
        )
