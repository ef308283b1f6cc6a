from django.db import models
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
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "state"])]
