"""What people's calendars have answered, and the mailbox to which they answer."""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cairn.delivery.models import ReplyMailbox
from cairn.delivery.queries.sessions import SeenSession
from cairn.delivery.terms import SessionState
from cairn.foundation import secrets
from cairn.people import rules as people_rules
from cairn.people.models import Organisation, Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role


@dataclass(frozen=True)
class MailboxSeen:
    """The mailbox of an organisation as those who run it see it. The password is shown to nobody."""

    organisation: Organisation
    address: str = ""
    host: str = ""
    port: int = 993
    user: str = ""
    read_at: dt.datetime | None = None
    problem: str = ""
    is_given: bool = False


def mailbox_of(reader: Person, organisation_id: int, at: dt.datetime) -> MailboxSeen:
    """The mailbox of an organisation that the reader runs or administers, given or not yet; else NotFound."""
    runs = people_rules.organisations_as(reader, Role.COORDINATOR, Role.ADMINISTRATOR, at=at)
    organisation = Organisation.objects.filter(pk=organisation_id, pk__in=runs).first()
    if organisation is None:
        raise NotFound
    box = ReplyMailbox.objects.filter(organisation=organisation).first()
    if box is None:
        return MailboxSeen(organisation)
    user = json.loads(secrets.read(f"reply_mailbox:{box.pk}") or "{}").get("user", "")
    return MailboxSeen(organisation, box.address, box.host, box.port, user, box.read_at, box.problem, is_given=True)


def mailbox_problem(key: str) -> str:
    """What is wrong with a mailbox, in a sentence."""
    return {
        "": "",
        "private": _("The server is inside a private network, where Cairn does not go."),
        "port": _("Mailboxes are read at port 993 only, over TLS."),
        "name": _("There is no server of that name."),
        "connection": _("The server does not answer."),
        "certificate": _("The server shows a certificate that is not for its name, or that nobody vouches for."),
        "slow": _("The server took too long to answer."),
        "sign_in": _("The server does not accept this user and password."),
    }.get(key, _("The server answered something that cannot be read."))


def cannot_come(seen: SeenSession) -> tuple[str, ...]:
    """Whose calendars say, of the invitation as it stands, that they cannot come: names, for coach and coordinator."""
    people = {seat.person_id: seat.name for seat in seen.seats}
    return tuple(sorted(people[person] for person in _declined(seen) if person in people))


def own_calendar_declined(reader: Person, seen: SeenSession) -> bool:
    """Whether the reader's own calendar has said so."""
    return reader.pk in _declined(seen)


def _declined(seen: SeenSession) -> Collection[int]:
    """Person ids, read along with the session."""
    return tuple(seen.session.declined_there) if seen.session.state == SessionState.BOOKED else ()  # type: ignore[attr-defined]
