"""One person's walk on a question path."""

from django.db import models
from django.db.models import Q

from cairn.journey.models.sealed import Sealed
from cairn.journey.terms import AnswerState, Pace
from cairn.people.models import Person


class Walk(Sealed):
    """One person on one path. `sealed_intake` is JSON: topics, situations and own words that brought them."""

    path = models.CharField(max_length=60)
    path_version = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    sealed_intake = models.BinaryField(null=True)
    sealed_homework = models.BinaryField(null=True, help_text="JSON: what was found out, by stage")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "path"], name="one_walk_per_path")]


class Answer(Sealed):
    """The current answer to one question. `revision` counts every saving, so that two tabs notice each other."""

    walk = models.ForeignKey(Walk, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=AnswerState, default=AnswerState.DRAFT)
    sealed = models.BinaryField(null=True)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    look_back_on = models.DateField(null=True)
    looked_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["walk", "question"], name="one_answer_per_question"),
            models.CheckConstraint(
                name="answered_has_text_and_moment",
                condition=~Q(state=AnswerState.ANSWERED) | Q(sealed__isnull=False, answered_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "look_back_on"])]


class AnswerVersion(Sealed):
    """An answer as it stood when its author was done with it. Never changed."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "number"], name="one_version_per_number")]


class Rhythm(models.Model):
    """How often somebody wishes to hear from Cairn, and about what. Absent: never nudged, no reminders."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    pace = models.CharField(max_length=12, choices=Pace, default=Pace.NEVER)
    next_nudge_on = models.DateField(null=True)
    remind_steps = models.BooleanField(default=False)
    remind_look_backs = models.BooleanField(default=False)
