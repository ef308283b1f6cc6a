"""Goals, steps, and what somebody brings to a session."""

from django.db import models
from django.db.models import Q

from cairn.journey.models.sealed import Sealed
from cairn.journey.terms import GoalState
from cairn.people.models import Person


class Goal(Sealed):
    """What for. `sealed` is JSON: title, why, and the words of the five levels from −2 to +2."""

    sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    weight = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=GoalState, default=GoalState.OPEN)
    made_at = models.DateTimeField()
    target_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="goal_weight_from_1_to_10", condition=Q(weight__gte=1, weight__lte=10)),
            models.CheckConstraint(
                name="open_goal_is_not_closed",
                condition=Q(state=GoalState.OPEN, closed_at=None)
                | Q(~Q(state=GoalState.OPEN), closed_at__isnull=False),
            ),
        ]


class GoalReview(Sealed):
    """How far a goal has come, on its own scale from −2 to +2. Never changed."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")
    level = models.SmallIntegerField()
    sealed = models.BinaryField(null=True)
    session_id = models.BigIntegerField(null=True, help_text="a coaching session; no foreign key points up")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="review_level_from_minus_2_to_2", condition=Q(level__gte=-2, level__lte=2))
        ]


class ActionStep(Sealed):
    """The next thing, with a date. `agreed_with` names the coach with whom it was agreed in a session."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, null=True, related_name="+")
    sealed = models.BinaryField()
    due_on = models.DateField(null=True)
    remind = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    agreed_with = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    session_id = models.BigIntegerField(null=True, help_text="a coaching session; no foreign key points up")

    class Meta:
        indexes = [models.Index(fields=["person", "done_at", "due_on"])]


class Preparation(Sealed):
    """What somebody brings to a session and takes away from it. `sealed` is JSON: bring, take_away."""

    session_id = models.BigIntegerField(help_text="a coaching session; no foreign key points up")
    sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "session_id"], name="one_preparation_per_session")]
