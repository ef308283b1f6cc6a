import datetime as dt
import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from cairn.people.terms import Role, Scope


def check_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name}) from error


class Organisation(models.Model):
    """A university, firm, centre or practice. Everything that is not somebody's own belongs to one."""

    class Kind(models.TextChoices):
        UNIVERSITY = "university", _("University or college")
        COMPANY = "company", _("Company")
        CENTRE = "centre", _("Community or counselling centre")
        PRACTICE = "practice", _("Private practice")

    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.UNIVERSITY)
    time_zone = models.CharField(max_length=60, default="Europe/London", validators=[check_time_zone])
    currency = models.CharField(max_length=3, default="GBP")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="organisation_has_a_name", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name as a table shows it."""
        return self.short_name or self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone as an object."""
        return zoneinfo.ZoneInfo(self.time_zone)


class PersonManager(BaseUserManager["Person"]):
    """What Django's own machinery needs in order to make and find a person by address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Make a person; without a password they sign in by code, passkey or invitation."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password) if password else person.set_unusable_password()
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Addresses differ in case only by accident."""
        return self.get(email__iexact=username or "")


class Person(AbstractBaseUser):
    """A human. What they may do stands in their roles, enrolments and engagements, never here."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=200)
    known_as = models.CharField(_("known as"), max_length=80, blank=True)
    title = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=60, default="Europe/London", validators=[check_time_zone])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_address"),
            models.CheckConstraint(name="person_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calling_name(self) -> str:
        """How the product speaks to this person."""
        return self.known_as or self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone as an object."""
        return zoneinfo.ZoneInfo(self.time_zone)


class RoleGrant(models.Model):
    """One role of one person in one organisation, from a moment until another. Never deleted: it is history."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"], condition=Q(until=None), name="one_open_grant_per_role"
            ),
            models.CheckConstraint(
                name="grant_ends_after_it_begins", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
        ]

    def live_at(self, at: dt.datetime) -> bool:
        """Whether the grant holds at this moment."""
        return self.since <= at and (self.until is None or at < self.until)


class Invitation(models.Model):
    """A link by e-mail that lets one person in once. Only the hash of its secret is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    leads_to = models.CharField(max_length=200, default="/")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class Consent(models.Model):
    """One answer to one request for consent. Append-only: the newest row of a purpose counts."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=80)
    given = models.BooleanField()
    wording_version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "-at"])]


class ApiToken(models.Model):
    """A key with which another system acts for one person, within its scopes, until it expires. We keep its hash."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80, help_text="what it is for, in its owner's words")
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, help_text="the last characters, by which its owner knows it")
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="token_may_do_something", condition=~Q(scopes=[])),
            models.CheckConstraint(name="token_expires_after_it_was_made", condition=Q(expires_at__gt=F("made_at"))),
        ]


class ApiRequest(models.Model):
    """A write that came with an idempotency key, and what was answered: the same key is answered the same again."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64, help_text="of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_request_per_key")]
