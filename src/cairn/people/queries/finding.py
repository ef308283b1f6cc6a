"""People, organisations and roles, as their reader may see them."""

import datetime as dt
import hashlib

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from cairn.people import rules
from cairn.people.models import Consent, Invitation, Organisation, Person, RoleGrant
from cairn.people.terms import Role


class NotFound(Exception):
    """There is no such thing, or none that this reader may know of."""


def roles(reader: Person, at: dt.datetime) -> frozenset[tuple[str, int]]:
    """(role, organisation id) pairs of the reader's own."""
    return rules.roles_held(reader, at)


def organisations(reader: Person, *as_roles: str, at: dt.datetime) -> QuerySet[Organisation]:
    """The organisations in which the reader holds one of these roles (coordinator when none is named)."""
    ids = rules.organisations_as(reader, *(as_roles or (Role.COORDINATOR,)), at=at)
    return Organisation.objects.filter(pk__in=ids).order_by("name")


def organisation(reader: Person, organisation_id: int, at: dt.datetime) -> Organisation:
    """One organisation that the reader coordinates or administers."""
    found = organisations(reader, *rules.STAFF, at=at).filter(pk=organisation_id).first()
    if found is None:
        raise NotFound
    return found


def role_grants(reader: Person, organisation_id: int, at: dt.datetime) -> QuerySet[RoleGrant]:
    """Every grant of an organisation, for its administrators and coordinators."""
    return (
        RoleGrant.objects.filter(organisation=organisation(reader, organisation_id, at))
        .select_related("person")
        .order_by("role", "person__name", "since")
    )


def invitation_by_secret(secret: str, at: dt.datetime) -> Invitation:
    """The open invitation that this secret belongs to; the secret itself is the reader's right."""
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    found = (
        Invitation.objects.select_related("person", "organisation")
        .filter(secret_hash=hashed, accepted_at=None, withdrawn_at=None, expires_at__gt=at)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def consent_given(person: Person, purpose: str) -> bool:
    """Whether the person's newest answer for this purpose is yes."""
    newest = Consent.objects.filter(person=person, purpose=purpose).order_by("-at", "-pk").first()
    return newest is not None and newest.given


def person_by_address(email: str, at: dt.datetime) -> Person:
    """The active person with this address, for the sign-in links of the demonstration."""
    found = Person.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def has_history(reader: Person) -> bool:
    """Whether the reader holds or held a role: then an organisation's history hangs on the account."""
    return RoleGrant.objects.filter(person=reader).exists()


def person_with_address(email: str) -> Person | None:
    """Whoever has this address, as sign-in address or as a further one that is proven. For the sign-up only."""
    named = Q(email__iexact=email) | Q(pk__in=_proven(email))
    return Person.objects.filter(named).order_by("pk").first()


def _proven(email: str) -> QuerySet[EmailAddress, int]:
    proven: QuerySet[EmailAddress, int] = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return proven.values_list("user_id", flat=True)


def grant(reader: Person, organisation_id: int, grant_id: int, at: dt.datetime) -> RoleGrant:
    """One open grant of an organisation, for its administrators and coordinators."""
    found = role_grants(reader, organisation_id, at).filter(pk=grant_id, until=None).first()
    if found is None:
        raise NotFound
    return found
