"""What people ask for about groups: to move, to have coaching adjusted, and to choose a time themselves."""

from django.db import models
from django.db.models import Q

from cairn.people.models import Person
from cairn.programmes.models.cohorts import Cohort
from cairn.programmes.models.groups import CoachingGroup
from cairn.programmes.models.people import CoachEngagement, Enrolment
from cairn.programmes.terms import AdjustmentState, MoveState, MoveWish, Need, SlotState


class MoveRequest(models.Model):
    """Somebody asks to change group. No reason is asked for and none is kept."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="move_requests")
    wish = models.CharField(max_length=12, choices=MoveWish, default=MoveWish.ANOTHER_GROUP)
    to_group = models.ForeignKey(CoachingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=MoveState, default=MoveState.WAITING)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    from_on = models.DateField(null=True, help_text="the first day in the new group")
    moves = models.JSONField(default=list, help_text="who changed seat and coach, from what to what; for undo")
    points = models.JSONField(default=dict, help_text="score before and after, as shown when it was approved")
    rule_against = models.CharField(max_length=20, blank=True, help_text="which rule stood against it; never whose")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state="waiting"), name="one_waiting_move_request"
            ),
            models.CheckConstraint(
                name="answered_move_request_says_when",
                condition=Q(state__in=["waiting", "withdrawn"])
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="move_to_a_group_names_it",
                condition=Q(wish="this_group", to_group__isnull=False) | (~Q(wish="this_group") & Q(to_group=None)),
            ),
            models.CheckConstraint(
                name="approved_move_says_from_when", condition=~Q(state="approved") | Q(from_on__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"])]


class Adjustment(models.Model):
    """A reasonable adjustment: what is needed, never why. Coach and group see its effect only."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="adjustments")
    need = models.CharField(max_length=16, choices=Need)
    other = models.CharField(max_length=200, blank=True, help_text="what is needed, in the person's words")
    most_people = models.PositiveSmallIntegerField(null=True, blank=True, help_text="for a smaller group")
    arrangement = models.CharField(max_length=200, blank=True, help_text="what the coach is told")
    group_told = models.CharField(max_length=200, blank=True, help_text="what the whole group is told, naming nobody")
    due_after = models.BooleanField(default=False, help_text="the coach is reminded of it after each session")
    instead = models.CharField(max_length=200, blank=True, help_text="what is possible instead, where it is declined")
    group_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="the cohort's share of group minutes one-to-one when this was agreed"
    )
    state = models.CharField(max_length=10, choices=AdjustmentState, default=AdjustmentState.WAITING)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "need"],
                condition=Q(state__in=["waiting", "agreed"]) & ~Q(need="other"),
                name="one_adjustment_per_need",
            ),
            models.CheckConstraint(name="other_need_is_said", condition=~Q(need="other") | ~Q(other="")),
            models.CheckConstraint(
                name="smaller_group_says_how_small",
                condition=Q(need="smaller_group", most_people__gte=2)
                | (~Q(need="smaller_group") & Q(most_people=None)),
            ),
            models.CheckConstraint(
                name="answered_adjustment_says_when",
                condition=Q(state__in=["waiting", "withdrawn"])
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ended_adjustment_says_when", condition=~Q(state="ended") | Q(ended_at__isnull=False)
            ),
        ]


class GroupSlot(models.Model):
    """A weekly time at which a coach offers to hold a group, published for people to say whether they can come."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="slots")
    engagement = models.ForeignKey(CoachEngagement, on_delete=models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(help_text="1 is Monday, 7 Sunday")
    starts = models.TimeField(help_text="on the wall, in the cohort's zone")
    where = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    group = models.ForeignKey(CoachingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="slots")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "weekday", "starts"],
                condition=Q(withdrawn_at=None),
                name="one_slot_per_coach_and_time",
            ),
            models.CheckConstraint(name="slot_is_on_a_weekday", condition=Q(weekday__gte=1, weekday__lte=7)),
        ]


class SlotChoice(models.Model):
    """What one person says about one slot: cannot come, can, how much they wish it, and their seat once settled."""

    slot = models.ForeignKey(GroupSlot, on_delete=models.CASCADE, related_name="choices")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="slot_choices")
    can_come = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 is most wished")
    state = models.CharField(max_length=10, choices=SlotState, default=SlotState.SAID)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "enrolment"], name="one_choice_per_slot"),
            models.UniqueConstraint(fields=["enrolment", "rank"], name="one_slot_per_rank"),
            models.UniqueConstraint(fields=["enrolment"], condition=Q(state="seated"), name="one_chosen_seat"),
            models.CheckConstraint(
                name="who_cannot_come_has_no_wish", condition=Q(can_come=True) | Q(rank=None, state="said")
            ),
        ]
