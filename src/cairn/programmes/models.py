"""Programmes, cohorts and who takes part. Delivery and money hang from here and point down to it."""

import zoneinfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from cairn.people.models import Organisation, Person, check_time_zone
from cairn.programmes.terms import Stays


class DateRange(Func):
    """`daterange(from, to, '[)')`: the days on which something holds."""

    function = "DATERANGE"
    output_field = models.Field()


class PartnerInstitution(models.Model):
    """An institution whose people take part; the organisation itself is one of them."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="institutions")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40, blank=True)
    is_host = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_institution_per_name"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(is_host=True), name="one_host_institution"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name as a table shows it."""
        return self.short_name or self.name


class Programme(models.Model):
    """The offer: how coaching is delivered, how wide its scope is, and who helps when coaching is not enough."""

    class Mode(models.IntegerChoices):
        SELF_DIRECTED = 1, _("Self-directed")
        COORDINATED = 2, _("Coordinated")
        FACILITATED = 3, _("Facilitated cohort")

    class Scope(models.TextChoices):
        COACHING = "coaching", _("Coaching only")
        COACHING_AND_MENTORING = "coaching_and_mentoring", _("Coaching and mentoring")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField(max_length=200)
    mode = models.PositiveSmallIntegerField(choices=Mode, default=Mode.FACILITATED)
    scope = models.CharField(max_length=30, choices=Scope, default=Scope.COACHING)
    wellbeing_contacts = models.TextField(blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="live_programme_names_wellbeing_contacts",
                condition=Q(live_at=None) | ~Q(wellbeing_contacts=""),
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="one_programme_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Cohort(models.Model):
    """One run of a programme, with its dates, limits and rules."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    time_zone = models.CharField(max_length=60, default="Europe/London", validators=[check_time_zone])
    # the plan, before anybody is recruited
    expected_people = models.PositiveIntegerField(default=50)
    expected_coaches = models.PositiveIntegerField(default=5)
    expected_new_coaches = models.PositiveIntegerField(default=5)
    expected_groups = models.PositiveIntegerField(null=True, blank=True)
    expected_rate_minor = models.PositiveBigIntegerField(null=True, blank=True, help_text="minor units per hour")
    currency = models.CharField(max_length=3, default="GBP")
    # what each person is promised, in minutes
    one_to_one_minutes = models.PositiveIntegerField(default=210)
    group_minutes = models.PositiveIntegerField(default=900)
    one_to_one_session_minutes = models.PositiveIntegerField(default=60)
    group_session_minutes = models.PositiveIntegerField(default=90)
    # what each coach is paid for besides sessions, in minutes
    meeting_minutes = models.PositiveIntegerField(default=90)
    familiarisation_minutes = models.PositiveIntegerField(default=240)
    # groups
    group_cap = models.PositiveIntegerField(default=11)
    group_minimum = models.PositiveIntegerField(default=4)
    mixes_groups = models.BooleanField(default=True)
    # cadence: `early_sessions` group sessions `early_weeks` apart, then `later_weeks`
    early_sessions = models.PositiveSmallIntegerField(default=4)
    early_weeks = models.PositiveSmallIntegerField(default=2)
    later_weeks = models.PositiveSmallIntegerField(default=4)
    # the agreement
    agreement_text = models.TextField(blank=True)
    agreement_version = models.PositiveIntegerField(default=1)
    coaching_is_compulsory = models.BooleanField(default=True)
    late_cancelled_uses_minutes = models.BooleanField(default=True)
    missed_uses_minutes = models.BooleanField(default=True)
    apologies_hours = models.PositiveSmallIntegerField(default=24)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="cohort_ends_after_it_starts", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(name="group_minimum_below_cap", condition=Q(group_minimum__lte=F("group_cap"))),
            models.CheckConstraint(
                name="cohort_lengths_are_positive",
                condition=Q(group_cap__gte=2, one_to_one_session_minutes__gte=5, group_session_minutes__gte=5),
            ),
            models.UniqueConstraint(fields=["programme", "name"], name="one_cohort_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone as an object."""
        return zoneinfo.ZoneInfo(self.time_zone)


class ClosedDay(models.Model):
    """A day on which the organisation is closed: no session is planned on it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="closed_days")
    on = models.DateField()
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "on"], name="one_closed_day_per_date")]


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


class MixingAttribute(models.Model):
    """What a cohort's groups are mixed by. Protected ones are asked of each person and never shown by value."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="mixing_attributes")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    weight = models.PositiveSmallIntegerField(default=1)
    is_protected = models.BooleanField(default=False)
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
