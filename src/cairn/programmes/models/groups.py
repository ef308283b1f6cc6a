"""What groups are mixed by, the rules they keep, the groups with their dated seats, and proposals."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from cairn.people.models import Person
from cairn.programmes.models.cohorts import Cohort
from cairn.programmes.models.people import CoachEngagement, Enrolment


class DateRange(Func):
    """`daterange(from, to, '[)')`: the days on which something holds."""

    function = "DATERANGE"
    output_field = models.Field()


class MixingAttribute(models.Model):
    """What a cohort's groups are mixed by. Protected ones are asked of each person and never shown by value."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="mixing_attributes")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    weight = models.PositiveSmallIntegerField(default=1)
    is_protected = models.BooleanField(default=False)
    of = models.JSONField(default=list, help_text="keys of attributes of which this is the intersection")
    avoids_isolation = models.BooleanField(default=False, help_text="nobody should be the only one in a group")
    seats_alike = models.BooleanField(default=False, help_text="in groups of like people: seat these together")
    choices = models.JSONField(default=list, help_text="the answers offered, for a protected attribute")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "key"], name="one_attribute_per_key")]
        ordering = ["id"]


class MixingAnswer(models.Model):
    """A person's own answer for mixing. Apart from everything else; only the grouping problem reads it."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    attribute = models.ForeignKey(MixingAttribute, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=80, blank=True, help_text="empty: prefers not to say")
    consented = models.BooleanField(default=False)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "attribute"], name="one_mixing_answer_per_attribute"),
            models.CheckConstraint(name="mixing_value_needs_consent", condition=Q(value="") | Q(consented=True)),
        ]


class ConflictOfInterest(models.Model):
    """A coach must not coach this person, or anybody of this department."""

    engagement = models.ForeignKey(CoachEngagement, on_delete=models.CASCADE, related_name="conflicts")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    department = models.CharField(max_length=160, blank=True)
    declared_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="conflict_names_person_or_department",
                condition=Q(enrolment__isnull=False, department="") | (Q(enrolment=None) & ~Q(department="")),
            )
        ]


class PairRule(models.Model):
    """Two people who must be in one group, or must not."""

    class Rule(models.TextChoices):
        APART = "apart", _("apart")
        TOGETHER = "together", _("together")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="pair_rules")
    first = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=10, choices=Rule)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_rule_per_pair"),
            models.CheckConstraint(name="pair_is_in_order", condition=Q(first__lt=F("second"))),
        ]


class CoachingGroup(models.Model):
    """A group of a cohort with its coach."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="groups")
    number = models.PositiveSmallIntegerField()
    engagement = models.ForeignKey(CoachEngagement, on_delete=models.PROTECT, related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "number"], name="one_group_per_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return str(_("Group %(number)s") % {"number": self.number})


class GroupPlace(models.Model):
    """A dated seat in a group: history, so that old attendance never changes."""

    group = models.ForeignKey(CoachingGroup, on_delete=models.PROTECT, related_name="places")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="places")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True, help_text="the first day on which it no longer holds")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="place_ends_after_it_begins", condition=Q(to_on=None) | Q(to_on__gte=F("from_on"))
            ),
            ExclusionConstraint(
                name="one_group_place_at_a_time",
                expressions=[
                    ("enrolment", RangeOperators.EQUAL),
                    (DateRange("from_on", "to_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class GroupingProposal(models.Model):
    """The solver's answer, with its proof, until a human adopts it. People stand in it by enrolment id only."""

    class State(models.TextChoices):
        WORKING = "working", _("being worked out")
        PROPOSED = "proposed", _("proposed")
        ADOPTED = "adopted", _("adopted")
        SUPERSEDED = "superseded", _("superseded")
        FAILED = "failed", _("could not be worked out")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="proposals")
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    assignment = models.JSONField(help_text="enrolment id → engagement id and group number")
    previous = models.JSONField(default=list, help_text="what each move replaced, newest last, for undo")
    pins = models.JSONField(default=dict, help_text="enrolment id → group number")
    answer = models.JSONField(help_text="score, bound, proof, reasons, as the engine gave them; protected values never")
    progress = models.JSONField(default=dict, help_text="while it is worked out: what is done, score, bound")
    stop_asked_at = models.DateTimeField(null=True)
    seed = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    adopted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort"], condition=Q(state="working"), name="one_proposal_in_work"),
            models.UniqueConstraint(fields=["cohort"], condition=Q(state="proposed"), name="one_open_proposal"),
            models.UniqueConstraint(fields=["cohort"], condition=Q(state="adopted"), name="one_adopted_proposal"),
            models.CheckConstraint(
                name="adopted_by_a_person", condition=~Q(state="adopted") | Q(adopted_by__isnull=False)
            ),
        ]
