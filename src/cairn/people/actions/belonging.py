"""Who belongs where: organisations, their people, roles, invitations, consent."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, mail
from cairn.people import queries, rules
from cairn.people.models import Consent, Invitation, Organisation, Person, RoleGrant
from cairn.people.terms import Role

INVITATION_DAYS = 30


class NotAllowed(Exception):
    """The person may not do this."""

    sentence = _("Only an administrator of the organisation gives and ends roles.")


class LastAdministrator(Exception):
    """An organisation keeps at least one administrator."""

    sentence = _("This is the organisation’s last administrator. Appoint another one first.")


@dataclass(frozen=True)
class Named:
    """An address with the name to use if nobody has that address yet."""

    email: str
    name: str
    known_as: str = ""
    title: str = ""


@transaction.atomic
def found_organisation(
    *, name: str, kind: str, time_zone: str, currency: str, short_name: str = "", by: Person | None, at: dt.datetime
) -> Organisation:
    """Make an organisation. Whoever makes it becomes its administrator and coordinator."""
    organisation = Organisation.objects.create(
        name=name.strip(), short_name=short_name.strip(), kind=kind, time_zone=time_zone, currency=currency
    )
    if by is not None:
        for role in (Role.ADMINISTRATOR, Role.COORDINATOR):
            RoleGrant.objects.create(person=by, organisation=organisation, role=role, since=at)
        rules.forget_roles(by)
    audit.record(
        action="found_organisation",
        subject_kind="organisation",
        subject_id=organisation.pk,
        organisation_id=organisation.pk,
        by=by,
        at=at,
    )
    return organisation


@transaction.atomic
def find_or_add_person(
    *, email: str, name: str, known_as: str = "", title: str = "", time_zone: str, by: Person | None, at: dt.datetime
) -> tuple[Person, bool]:
    """The person with this address, made if new. Never renames somebody who is already there.

    Returns (person, is_new). People from an import or an invitation sign in by link or code until they set more.
    """
    address = email.strip().lower()
    found = Person.objects.filter(email__iexact=address).first()
    if found is not None:
        return found, False
    person = Person.objects.create_user(
        address, name=name.strip(), known_as=known_as.strip(), title=title.strip(), time_zone=time_zone
    )
    EmailAddress.objects.create(user=person, email=address, primary=True, verified=False)
    audit.record(action="add_person", subject_kind="person", subject_id=person.pk, by=by, at=at)
    return person, True


@transaction.atomic
def find_or_add_people(
    *, people: Sequence[Named], time_zone: str, by: Person | None, at: dt.datetime
) -> dict[str, Person]:
    """Lower-case address → person, for a whole list at once. Never renames somebody who is already there."""
    wanted = {entry.email.strip().lower(): entry for entry in people}
    there = _people_by_address(wanted)
    new = [
        Person(
            email=address,
            name=entry.name.strip(),
            known_as=entry.known_as.strip(),
            title=entry.title.strip(),
            time_zone=time_zone,
            password=make_password(None),
        )
        for address, entry in wanted.items()
        if address not in there
    ]
    # Somebody may add one of them at this moment: their row is taken as it is.
    Person.objects.bulk_create(new, ignore_conflicts=True, batch_size=2000)
    found = _people_by_address(wanted) if new else there
    added = [person for address, person in found.items() if address not in there]
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=person, email=person.email, primary=True, verified=False) for person in added],
        ignore_conflicts=True,
        batch_size=2000,
    )
    if added:
        facts = {"people": [person.pk for person in added]}
        audit.record(action="add_people", subject_kind="person", facts=facts, by=by, at=at)
    return found


def _people_by_address(addresses: Iterable[str]) -> dict[str, Person]:
    found = Person.objects.annotate(address=Lower("email")).filter(address__in=list(addresses))
    return {person.email.lower(): person for person in found}


@transaction.atomic
def grant_role_to_all(
    *, people: Iterable[Person], organisation: Organisation, role: str, by: Person | None, at: dt.datetime
) -> int:
    """Let everybody of a list act in this role. Returns how many did not hold it before."""
    everybody = {person.pk: person for person in people}
    open_grants = RoleGrant.objects.filter(person__in=everybody, organisation=organisation, role=role, until=None)
    without = everybody.keys() - set(open_grants.values_list("person_id", flat=True))
    RoleGrant.objects.bulk_create(
        [RoleGrant(person_id=pk, organisation=organisation, role=role, since=at) for pk in sorted(without)],
        ignore_conflicts=True,
        batch_size=2000,
    )
    for pk in without:
        rules.forget_roles(everybody[pk])
    if without:
        audit.record(
            action="grant_role_to_all",
            subject_kind="organisation",
            subject_id=organisation.pk,
            organisation_id=organisation.pk,
            facts={"role": role, "people": sorted(without)},
            by=by,
            at=at,
        )
    return len(without)


@transaction.atomic
def end_role_of_all(
    *, people_ids: Iterable[int], organisation: Organisation, role: str, by: Person | None, at: dt.datetime
) -> None:
    """End a role of many people from this moment. History stays."""
    grants = RoleGrant.objects.filter(person__in=list(people_ids), organisation=organisation, role=role, until=None)
    ids = sorted(grants.values_list("person_id", flat=True))
    grants.update(until=at)
    audit.record(
        action="end_role_of_all",
        subject_kind="organisation",
        subject_id=organisation.pk,
        organisation_id=organisation.pk,
        facts={"role": role, "people": ids},
        by=by,
        at=at,
    )


@transaction.atomic
def grant_role(
    *, person: Person, organisation: Organisation, role: str, by: Person | None, at: dt.datetime
) -> RoleGrant:
    """Let the person act in this role; granting twice changes nothing. `by` None is the product itself."""
    grant, is_new = RoleGrant.objects.get_or_create(
        person=person, organisation=organisation, role=role, until=None, defaults={"since": at}
    )
    if is_new:
        rules.forget_roles(person)
        audit.record(
            action="grant_role",
            subject_kind="person",
            subject_id=person.pk,
            organisation_id=organisation.pk,
            facts={"role": role},
            by=by,
            at=at,
        )
    return grant


@transaction.atomic
def end_role(*, person: Person, organisation: Organisation, role: str, by: Person | None, at: dt.datetime) -> None:
    """End a role from this moment. History stays."""
    ended = RoleGrant.objects.filter(person=person, organisation=organisation, role=role, until=None).update(until=at)
    if ended:
        rules.forget_roles(person)
        audit.record(
            action="end_role",
            subject_kind="person",
            subject_id=person.pk,
            organisation_id=organisation.pk,
            facts={"role": role},
            by=by,
            at=at,
        )


@transaction.atomic
def dismiss(*, grant: RoleGrant, by: Person, at: dt.datetime) -> None:
    """An administrator ends somebody's role. Raises NotAllowed, LastAdministrator."""
    if not rules.may_administer_organisation(by, grant.organisation_id, at):
        raise NotAllowed
    if grant.role == Role.ADMINISTRATOR:
        open_grants = RoleGrant.objects.select_for_update().filter(
            organisation=grant.organisation_id, role=Role.ADMINISTRATOR, until=None
        )
        if len(open_grants) <= 1:
            raise LastAdministrator
    end_role(person=grant.person, organisation=grant.organisation, role=grant.role, by=by, at=at)


@transaction.atomic
def appoint(
    *, organisation: Organisation, email: str, name: str, role: str, address_of: str, by: Person, at: dt.datetime
) -> Person:
    """An administrator gives somebody a role in their organisation and invites them by mail.

    `address_of` is the public address of this Cairn, for the link. Raises NotAllowed.
    """
    if not rules.may_administer_organisation(by, organisation.pk, at):
        raise NotAllowed
    person, _is_new = find_or_add_person(email=email, name=name, time_zone=organisation.time_zone, by=by, at=at)
    grant_role(person=person, organisation=organisation, role=role, by=by, at=at)
    invite(
        person=person,
        organisation=organisation,
        leads_to="/",
        template="mail/invitation_role.txt",
        context={"role": Role(role).label},
        address_of=address_of,
        by=by,
        at=at,
    )
    return person


@transaction.atomic
def invite(
    *,
    person: Person,
    organisation: Organisation,
    leads_to: str,
    template: str,
    context: dict[str, object],
    address_of: str,
    by: Person | None,
    at: dt.datetime,
) -> Invitation:
    """Send the person a link that lets them in once, for thirty days. Earlier open links of theirs here stop working.

    `address_of` is the public address of this Cairn.
    """
    made = invite_all(
        leads_to={person: leads_to},
        organisation=organisation,
        template=template,
        context=context,
        address_of=address_of,
        by=by,
        at=at,
    )
    return made[0]


@transaction.atomic
def invite_all(
    *,
    leads_to: Mapping[Person, str],
    organisation: Organisation,
    template: str,
    context: dict[str, object],
    address_of: str,
    by: Person | None,
    at: dt.datetime,
) -> list[Invitation]:
    """As `invite`, for many people at once: person → where their link leads."""
    withdraw_invitations(people_ids=[person.pk for person in leads_to], organisation=organisation, at=at)
    secret_of = {person.pk: secrets.token_urlsafe(32) for person in leads_to}
    invitations = Invitation.objects.bulk_create(
        [_invitation(person, organisation, place, secret_of[person.pk], at) for person, place in leads_to.items()],
        batch_size=2000,
    )
    shared = {**context, "organisation": organisation, "days": INVITATION_DAYS}
    mail.post_all(
        drafts=[
            mail.Draft(
                key=f"invitation:{invitation.pk}",
                to=invitation.person,
                template=template,
                context={**shared, "link": f"{address_of}/invitation/{secret_of[invitation.person_id]}/"},
            )
            for invitation in invitations
        ],
        organisation_id=organisation.pk,
        at=at,
    )
    return invitations


@transaction.atomic
def open_house(
    *, organisation: str, kind: str, time_zone: str, currency: str, name: str, email: str, at: dt.datetime
) -> str:
    """Make the first organisation and the person who administers and coordinates it, from the command line.

    Returns the secret of their invitation, which is shown once: there may be no mail server yet.
    """
    founded = found_organisation(name=organisation, kind=kind, time_zone=time_zone, currency=currency, by=None, at=at)
    person, _is_new = find_or_add_person(email=email, name=name, time_zone=time_zone, by=None, at=at)
    for role in (Role.ADMINISTRATOR, Role.COORDINATOR):
        grant_role(person=person, organisation=founded, role=role, by=None, at=at)
    secret = secrets.token_urlsafe(32)
    _invitation(person, founded, "/programmes/", secret, at).save()
    return secret


def _invitation(person: Person, organisation: Organisation, place: str, secret: str, at: dt.datetime) -> Invitation:
    return Invitation(
        person=person,
        organisation=organisation,
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        leads_to=place,
        sent_at=at,
        expires_at=at + dt.timedelta(days=INVITATION_DAYS),
    )


def withdraw_invitations(*, people_ids: Iterable[int], organisation: Organisation, at: dt.datetime) -> None:
    """Open links of these people to this organisation stop working."""
    Invitation.objects.filter(
        person__in=list(people_ids), organisation=organisation, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=at)


@transaction.atomic
def accept_invitation(*, secret: str, at: dt.datetime) -> Invitation:
    """Use an invitation up: the address is proven, and the door may sign the person in.

    Raises queries.NotFound when it is unknown, used, withdrawn or too old.
    """
    invitation = queries.invitation_by_secret(secret, at)
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=at)
    if not taken:
        raise queries.NotFound
    EmailAddress.objects.filter(user=invitation.person, email__iexact=invitation.person.email).update(verified=True)
    audit.record(
        action="accept_invitation",
        subject_kind="person",
        subject_id=invitation.person_id,
        organisation_id=invitation.organisation_id,
        by=invitation.person,
        at=at,
    )
    return invitation


@transaction.atomic
def answer_consent(
    *, organisation: Organisation, purpose: str, given: bool, wording_version: str, by: Person, at: dt.datetime
) -> Consent:
    """Write down a person's yes or no to one purpose. The newest answer counts; every one stays."""
    return Consent.objects.create(
        person=by, organisation=organisation, purpose=purpose, given=given, wording_version=wording_version, at=at
    )
