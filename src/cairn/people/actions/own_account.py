"""What a person does with their own account: begin one, change how they are called, close it."""

import datetime as dt
import secrets
import unicodedata

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError

from cairn.foundation import audit, mail
from cairn.people import queries
from cairn.people.models import Invitation, Person, RoleGrant

CLOSED_DOMAIN = "closed.invalid"
DECOY_DOMAIN = "nobody.invalid"
UNCONFIRMED_DAYS = 2


class StillNeeded(Exception):
    """The account cannot be closed: roles, a cohort or other records of an organisation hang on it."""


@transaction.atomic
def sign_up(*, email: str, at: dt.datetime) -> Person | None:
    """The person with this address: whoever has it already, or somebody new. None when the account is closed.

    The address is proven later, by the code that is mailed to it; until then nobody can sign in. Both answers take the
    same writes, so that the time they take does not tell which it was.
    """
    address = email.strip().lower()
    found = queries.person_with_address(address)
    point = transaction.savepoint()
    try:
        person = _new(address if found is None else f"{secrets.token_hex(8)}@{DECOY_DOMAIN}", at)
    except IntegrityError:  # the same address, at the same moment
        transaction.savepoint_rollback(point)
        return queries.person_with_address(address)
    if found is None:
        transaction.savepoint_commit(point)
        return person
    transaction.savepoint_rollback(point)
    return found if found.is_active else None


def _new(address: str, at: dt.datetime) -> Person:
    person = Person.objects.create_user(address, name=first_name(address))
    EmailAddress.objects.create(user=person, email=address, primary=True, verified=False)
    audit.record(action="sign_up", subject_kind="person", subject_id=person.pk, by=person, at=at)
    return person


def first_name(address: str) -> str:
    """A name to begin with, out of an address: what stands before the first dot of the part before the @."""
    before = address.partition("@")[0].partition("+")[0]
    pieces = "".join(each if each.isalpha() or each in "'’-" else " " for each in before).split()
    word = next((each for each in pieces if len(each) > 1), before) or before
    return unicodedata.normalize("NFC", word[:1].upper() + word[1:])[:80] or "?"


def forget_unconfirmed(*, at: dt.datetime) -> int:
    """Take away accounts that somebody began and nobody confirmed within two days. Returns how many.

    Whoever an organisation has invited or enrolled stays: their address is confirmed when they come.
    """
    begun = Person.objects.filter(last_login=None, created_at__lt=at - dt.timedelta(days=UNCONFIRMED_DAYS)).exclude(
        Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
        | Exists(RoleGrant.objects.filter(person=OuterRef("pk")))
        | Exists(Invitation.objects.filter(person=OuterRef("pk")))
    )
    gone = 0
    for person in begun.filter(is_active=True).order_by("pk")[:1000]:
        try:
            with transaction.atomic():
                person.delete()
        except ProtectedError:
            continue
        gone += 1
    return gone


@transaction.atomic
def close_account(*, by: Person, at: dt.datetime) -> None:
    """Let go of a person's account: address and name are forgotten, and every session of theirs ends.

    Raises StillNeeded for somebody who holds or held a role: that is an organisation's history.
    """
    person = Person.objects.select_for_update().get(pk=by.pk)
    if RoleGrant.objects.filter(person=by).exists():
        raise StillNeeded
    mail.forget_address(person.email)
    for kind in (EmailAddress, Authenticator, SocialAccount):
        kind.objects.filter(user=by).delete()
    person.email = f"{secrets.token_hex(16)}@{CLOSED_DOMAIN}"
    person.name, person.known_as, person.title = "—", "", ""
    person.is_active, person.last_login = False, None
    person.set_unusable_password()  # a new random one each time: sessions hang on it
    person.save(update_fields=["email", "name", "known_as", "title", "is_active", "last_login", "password"])
    audit.record(action="close_account", subject_kind="person", subject_id=by.pk, by=by, at=at)


@transaction.atomic
def change_own_details(*, name: str, known_as: str, time_zone: str, by: Person, at: dt.datetime) -> None:
    """A person changes how they are called and in which zone they read times."""
    Person.objects.filter(pk=by.pk).update(name=name.strip(), known_as=known_as.strip(), time_zone=time_zone)
    audit.record(action="change_own_details", subject_kind="person", subject_id=by.pk, by=by, at=at)
