"""Who takes part in a cohort: coaches engaged, people enrolled, agreements, imports, moves to a new job."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cairn.people.models import Organisation, Person
from cairn.programmes.models.cohorts import Cohort, PartnerInstitution
from cairn.programmes.terms import Stays


class CoachEngagement(models.Model):
    """A coach engaged for a cohort. Minutes commissioned stand in the ledger, the rate too."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        ENDED = "ended", _("ended")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="engagements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="engagements")
    is_internal = models.BooleanField(default=False)
    needs_familiarisation = models.BooleanField(default=True)
    styles = models.JSONField(default=list, help_text="of the cohort's coaching styles, those this coach works in")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "person"], name="one_engagement_per_coach_and_cohort"),
            models.CheckConstraint(
                name="answered_engagement_says_when", condition=Q(state="offered") | Q(answered_at__isnull=False)
            ),
        ]


class Enrolment(models.Model):
    """One person in one cohort; all delivery hangs here."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        OWN_TIME = "own_time", _("in own time")
        LEFT = "left", _("left")

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    institution = models.ForeignKey(PartnerInstitution, on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey(
        CoachEngagement, null=True, blank=True, on_delete=models.PROTECT, related_name="coachees"
    )
    discipline = models.CharField(max_length=120, blank=True)
    department = models.CharField(max_length=160, blank=True)
    line_manager = models.CharField(max_length=254, blank=True, help_text="name or address")
    styles = models.JSONField(default=list, help_text="of the cohort's coaching styles, those this person would like")
    contract_ends_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    enrolled_at = models.DateTimeField()
    own_time_since = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    buy_out_ends_on = models.DateField(null=True, blank=True)
    opts_out_of_groups = models.BooleanField(
        default=False, help_text="An adjustment's effect: group minutes are taken one-to-one. The reason is not kept."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "person"], name="one_enrolment_per_person_and_cohort"),
            models.CheckConstraint(
                name="left_enrolment_says_when", condition=~Q(state="left") | Q(left_on__isnull=False)
            ),
            models.CheckConstraint(
                name="own_time_says_since_when", condition=~Q(state="own_time") | Q(own_time_since__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["engagement", "state"])]


class AgreementAcceptance(models.Model):
    """A person accepted one version of a cohort's agreement. The text is kept as it stood."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="acceptances")
    version = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "version"], name="one_acceptance_per_version")]


class ParticipantImport(models.Model):
    """A file of participants between its preview and its application. Kept as rows, not as a file."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("previewed")
        APPLIED = "applied", _("applied")
        DISCARDED = "discarded", _("discarded")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="imports")
    filename = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    sheets = models.JSONField(help_text="the rows as read; emptied when applied or discarded")
    sheet = models.CharField(max_length=100, blank=True)
    mapping = models.JSONField(default=dict, help_text="column index → field")
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWED)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)


class ColumnMemory(models.Model):
    """How this organisation's headers were understood last time."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    header = models.CharField(max_length=200)
    field = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "header"], name="one_memory_per_header")]


class NewPosition(models.Model):
    """Somebody moves to a new job: said by them or their coach, recorded by a coordinator."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RECORDED = "recorded", _("recorded")
        DECLINED = "declined", _("not the case")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="new_positions")
    starts_on = models.DateField()
    wish = models.CharField(max_length=10, choices=Stays, default=Stays.UNKNOWN)
    outcome = models.CharField(max_length=10, choices=Stays, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], condition=Q(state="waiting"), name="one_waiting_new_position")
        ]
