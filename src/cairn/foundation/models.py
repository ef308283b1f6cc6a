from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Who did what to which thing, when. Append-only; holds ids and plain facts, never anybody's text."""

    at = models.DateTimeField(db_index=True)
    by_id = models.BigIntegerField(null=True, help_text="a person; no foreign key points up")
    organisation_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"])]


class MailMessage(models.Model):
    """One mail, from the moment it was decided until it was delivered or finally failed."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    key = models.CharField(max_length=200, unique=True, help_text="One event, one mail: the event's own name.")
    to_id = models.BigIntegerField(null=True, db_index=True, help_text="a person; no foreign key points up")
    address = models.EmailField(max_length=254)
    organisation_id = models.BigIntegerField(null=True, db_index=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(help_text="emptied once the mail was sent")
    calendar = models.TextField(
        blank=True, default="", db_default="", help_text="an iTIP message (RFC 5546) beside the words; emptied too"
    )
    unsubscribe = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="where one click ends mails of this kind"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="from when on it is of no use to anybody")

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "state"])]


class Secret(models.Model):
    """Something the product itself must be able to read again, such as an app password: sealed by the master key."""

    name = models.CharField(max_length=120, unique=True, help_text="what it belongs to, as kind:id")
    sealed = models.BinaryField()
    master = models.CharField(max_length=16, help_text="fingerprint of the master key that sealed it")


class Webhook(models.Model):
    """An address of another system that is told when something happens in an organisation. Secret: `webhook:<id>`."""

    organisation_id = models.BigIntegerField(db_index=True)
    address = models.URLField(max_length=500)
    events = ArrayField(models.CharField(max_length=40))
    made_by_id = models.BigIntegerField(help_text="a person; no foreign key points up")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="webhook_hears_something", condition=~Q(events=[]))]


class WebhookDelivery(models.Model):
    """One event told to one address: ids and plain facts only. Tried again until it arrives or finally fails."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=120, help_text="the event's own name: one event, one delivery")
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, help_text="what the address last answered")
    problem = models.CharField(max_length=20, default="", help_text="why nothing came back: a key of webhooks.PROBLEMS")
    queued_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "key"], name="one_delivery_per_event")]
