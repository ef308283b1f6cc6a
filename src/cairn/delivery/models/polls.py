"""A group finds another time for one of its sessions."""

from django.db import models
from django.db.models import F, Q

from cairn.delivery.models.sessions import CoachingSession
from cairn.delivery.terms import PollState, PollWord
from cairn.people.models import Person
from cairn.programmes.models import Enrolment


class Poll(models.Model):
    """Times put to everybody in a session that must move. One open poll for each session."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="polls")
    state = models.CharField(max_length=10, choices=PollState, default=PollState.OPEN)
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(state="open"), name="one_open_poll_per_session"),
            models.CheckConstraint(name="poll_closes_after_it_opens", condition=Q(closes_at__gt=F("opened_at"))),
        ]


class PollTime(models.Model):
    """One time to choose: wall time in the session's zone as if it were UTC, and the instants that follow from it."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="times")
    wall_starts = models.DateTimeField()
    fold = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "starts_at"], name="one_poll_time_per_start"),
            models.UniqueConstraint(fields=["poll"], condition=Q(is_chosen=True), name="one_chosen_time_per_poll"),
            models.CheckConstraint(name="poll_time_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
        ]


class PollAnswer(models.Model):
    """What one coachee says of one time."""

    time = models.ForeignKey(PollTime, on_delete=models.CASCADE, related_name="answers")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    word = models.CharField(max_length=8, choices=PollWord)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["time", "enrolment"], name="one_answer_per_poll_time")]
