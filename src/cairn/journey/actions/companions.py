"""A coach asked by e-mail to walk beside somebody: asked, accepted or declined, and ended by either side at once.

A companion has no organisation and no minutes here, and sees nothing until something is shared with them.
"""

import datetime as dt
import hashlib
import secrets
from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, mail
from cairn.journey.actions.sharing import end_shares_between
from cairn.journey.models import Companion, Pick
from cairn.journey.queries.companions import INVITATION_DAYS, hashed
from cairn.people.models import Person
from cairn.people.queries import NotFound

MOST_OPEN = 5
MOST_A_DAY = 10
SUBJECT = "companion"


class CannotAsk(Exception):
    """Something stands against asking this coach. Nothing was sent."""

    sentence: ClassVar[str | Promise]

    def __str__(self) -> str:
        return str(self.sentence)


class OwnAddress(CannotAsk):
    """Nobody is their own companion."""

    sentence = _("This is your own address. Give the address of the coach whom you would like beside you.")


class AskedAlready(CannotAsk):
    """An invitation to this address is open, or its owner is beside the person."""

    sentence = _("You have asked this address already. To send it anew, take the invitation back first.")


class TooManyAsked(CannotAsk):
    """Invitations are mails to strangers: a few at a time."""

    sentence = _("You have asked several coaches already. Wait for an answer, or take an invitation back first.")


class CannotAccept(CannotAsk):
    """Somebody opened the invitation that they sent themselves."""

    sentence = _("You sent this invitation yourself. Only the coach who got it can accept it.")


@transaction.atomic
def ask_companion(*, email: str, address_of: str, by: Person, at: dt.datetime) -> int:
    """Ask a coach, by mail, to walk beside oneself. Returns the id. The link works for fourteen days.

    The mail names the asker's proven address and nothing they wrote. `address_of` is the public address of this Cairn.
    Raises OwnAddress, AskedAlready, TooManyAsked.
    """
    address = email.strip().lower()
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # one at a time
    if address == by.email.lower():
        raise OwnAddress
    current = Companion.objects.filter(person=by, ended_at=None)
    if current.filter(address__iexact=address).exclude(accepted_at=None, expires_at__lte=at).exists():
        raise AskedAlready
    today = Companion.objects.filter(person=by, invited_at__gt=at - dt.timedelta(days=1))
    if current.filter(accepted_at=None, expires_at__gt=at).count() >= MOST_OPEN or today.count() >= MOST_A_DAY:
        raise TooManyAsked
    secret = secrets.token_urlsafe(32)
    companion = Companion.objects.create(
        person=by,
        address=address,
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        invited_at=at,
        expires_at=at + dt.timedelta(days=INVITATION_DAYS),
    )
    _post(companion, f"{address_of}/beside/invitation/{secret}/", by, at)
    _record("ask_companion", companion.pk, by=by, at=at)
    return companion.pk


@transaction.atomic
def accept_companion(*, secret: str, by: Person, at: dt.datetime) -> int:
    """Walk beside whoever asked. The secret is the proof: any account of the coach's will do. Returns their id.

    Accepting twice, or while one is beside them already, changes nothing more. Raises NotFound, CannotAccept.
    """
    found = _open(secret, at)
    if found.person_id == by.pk:
        raise CannotAccept
    Person.objects.select_for_update().get(pk=found.person_id)  # two invitations of one person come one after the other
    if Companion.objects.filter(person=found.person_id, coach=by, ended_at=None).exists():
        found.ended_at = at
        found.save(update_fields=["ended_at"])
        return found.person_id
    found.coach, found.accepted_at = by, at
    found.save(update_fields=["coach", "accepted_at"])
    _record("accept_companion", found.pk, by=by, at=at)
    return found.person_id


@transaction.atomic
def decline_companion(*, secret: str, by: Person | None, at: dt.datetime) -> None:
    """Say no. The link stops working; whoever asked sees that nothing came of it. Raises NotFound."""
    found = _open(secret, at)
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    mail.forget_events([mailed_as(found.pk)])
    _record("decline_companion", found.pk, by=by, at=at)


@transaction.atomic
def end_companion(*, companion_id: int, by: Person, at: dt.datetime) -> bool:
    """End it, or take the invitation back: by either side, at once. Everything shared with the coach ends with it.

    Says whether somebody walked beside. Twice does no harm. Raises NotFound for anybody who is neither of the two.
    """
    found = Companion.objects.select_for_update().filter(pk=companion_id).first()
    if found is None or by.pk not in (found.person_id, found.coach_id):
        raise NotFound
    if found.ended_at is not None:
        return found.coach_id is not None
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    mail.forget_events([mailed_as(found.pk)])
    if found.coach_id is not None:
        end_shares_between(person=found.person_id, reader=found.coach_id, at=at)
        Pick.objects.filter(person=found.person_id, coach=found.coach_id, closed_at=None).update(closed_at=at)
    _record("end_companion", found.pk, by=by, at=at)
    return found.coach_id is not None


def mailed_as(companion_id: int) -> str:
    """The key of the mail with which a coach was asked."""
    return f"companion:{companion_id}"


def _open(secret: str, at: dt.datetime) -> Companion:
    waiting = Companion.objects.filter(secret_hash=hashed(secret), accepted_at=None, ended_at=None, expires_at__gt=at)
    found = waiting.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def _post(companion: Companion, link: str, by: Person, at: dt.datetime) -> None:
    context = {"asker": by.email, "link": link, "days": INVITATION_DAYS}
    subject, body = mail.Draft("", None, "mail/companion_invitation.txt", context).words()
    mail.post_text(key=mailed_as(companion.pk), address=companion.address, subject=subject, body=body, at=at)


def _record(action: str, companion_id: int, *, by: Person | None, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind=SUBJECT, subject_id=companion_id, by=by, at=at)
