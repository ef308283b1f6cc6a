"""Calendars: what Cairn gives to people's own, what it reads from them, and when people want to be reminded."""

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from cairn.delivery.models.sessions import CoachingSession
from cairn.delivery.terms import CalendarKind, CalendarState, FeedDetail, ReplyAnswer
from cairn.people.models import Organisation, Person


def two_days_and_two_hours() -> list[int]:
    """Minutes before a session at which people are reminded unless they choose otherwise."""
    return [2880, 120]


class CalendarFeed(models.Model):
    """The address at which a person's own calendar reads their sessions. Only the hash of its secret is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    detail = models.CharField(max_length=8, choices=FeedDetail, default=FeedDetail.BUSY)
    made_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(revoked_at=None), name="one_live_feed_per_person")
        ]


class BusyCalendar(models.Model):
    """A calendar of somebody's own from which Cairn reads when they are busy, and nothing else.

    Address, user and app password are secrets (`foundation.secrets`), named `busy_calendar:<id>`.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=CalendarKind)
    name = models.CharField(max_length=80, help_text="as its owner calls it")
    state = models.CharField(max_length=8, choices=CalendarState, default=CalendarState.NEW)
    problem = models.CharField(max_length=60, blank=True, help_text="a key of what went wrong last")
    failures = models.PositiveSmallIntegerField(default=0)
    etag = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="when it last answered")
    told_at = models.DateTimeField(null=True, help_text="when its owner was told that it stopped answering")
    due_at = models.DateTimeField(null=True, help_text="when it is to be read next")
    read_until = models.DateTimeField(null=True, help_text="to where the times in it are known")
    unread = models.PositiveIntegerField(default=0, db_default=0, help_text="entries that nobody could place in time")
    removed_at = models.DateTimeField(null=True, help_text="taken away by its owner, who may yet take that back")

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(removed_at=None), name="busy_calendars_due")]
        constraints = [models.CheckConstraint(name="busy_calendar_has_a_name", condition=~Q(name=""))]


class BusyTime(models.Model):
    """A span in which somebody is busy by their own calendar. No title, no place, no people are kept."""

    calendar = models.ForeignKey(BusyCalendar, on_delete=models.CASCADE, related_name="times")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    during = DateTimeRangeField()

    class Meta:
        indexes = [GistIndex(fields=["person", "during"], name="busy_times")]


class SentInvitation(models.Model):
    """What somebody's calendar was last told of a session by mail, so that it can be told of every change, and stop."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField(help_text="never lower than the session's version; rises with every message")
    starts_at = models.DateTimeField(help_text="as it was told")
    ends_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    organiser = models.CharField(
        max_length=320,
        blank=True,
        default="",
        db_default="",
        help_text="the address the event was first sent with",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="one_invitation_per_person")]
        indexes = [models.Index(fields=["person", "ends_at"], condition=Q(is_withdrawn=False), name="live_invitations")]


class InvitationReply(models.Model):
    """What somebody's calendar program answered to an invitation: the newest answer counts."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=10, choices=ReplyAnswer)
    sequence = models.PositiveIntegerField(help_text="of the invitation that was answered")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="one_reply_per_invitation")]


class ReplyMailbox(models.Model):
    """The mailbox of an organisation to which calendar programs answer. User and password: `reply_mailbox:<id>`."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(max_length=254)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    read_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)
    last_uid = models.PositiveBigIntegerField(default=0)
    uid_validity = models.PositiveBigIntegerField(default=0)


class ReminderChoice(models.Model):
    """When somebody wants to be reminded of their sessions; without a row, two days and two hours before."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    minutes_before = ArrayField(models.PositiveIntegerField(), default=two_days_and_two_hours, size=5, blank=True)
    quiet_from = models.TimeField(default="21:00", help_text="on the wall of the person's own zone")
    quiet_until = models.TimeField(default="07:00")
