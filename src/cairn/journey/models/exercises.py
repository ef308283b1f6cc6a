"""Exercises as they were done, and the portrait they flow into."""

from django.db import models
from django.db.models import Q

from cairn.journey.models.sealed import Sealed
from cairn.journey.terms import RunState


class ExerciseRun(Sealed):
    """One doing of an exercise. `sealed` is JSON: the values by part, as the definition's version names them."""

    exercise = models.CharField(max_length=60)
    exercise_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RunState, default=RunState.BEGUN)
    sealed = models.BinaryField(null=True)
    revision = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finished_run_has_moment", condition=~Q(state=RunState.FINISHED) | Q(finished_at__isnull=False)
            )
        ]
        indexes = [models.Index(fields=["person", "exercise", "-begun_at"])]


class Portrait(Sealed):
    """What somebody knows about themselves so far. `sealed` is JSON: sections with lines in their own words."""

    sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="one_portrait_per_person")]
