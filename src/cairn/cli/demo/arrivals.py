"""People answer their invitations: they follow the link in the mail, and are in."""

import datetime as dt
import re
from typing import Any

from cairn.foundation.models import MailMessage
from cairn.people import actions as people_actions

LINK = re.compile(r"/invitation/([\w-]+)/")


def invitations() -> dict[str, str]:
    """Address → the secret in the newest invitation that waits to be delivered there."""
    mails = MailMessage.objects.filter(key__startswith="invitation:", state=MailMessage.State.QUEUED).order_by("pk")
    found = ((address, LINK.search(body)) for address, body in mails.values_list("address", "body"))
    return {address: link[1] for address, link in found if link}


def arrive(secret: str, at: dt.datetime) -> Any:
    """Somebody follows their link and is signed in. Returns the person."""
    person = people_actions.accept_invitation(secret=secret, at=at).person
    # What the sign-in itself writes, at the moment of the story instead of now.
    person.last_login = at
    person.save(update_fields=["last_login"])
    return person
