"""Programmes and cohorts: the offer, one run of it, and its rules."""

import zoneinfo

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cairn.people.models import Organisation, check_time_zone
from cairn.programmes.terms import Choosing, GroupMode


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
    group_mode = models.CharField(max_length=12, choices=GroupMode, default=GroupMode.MIXED)
    avoids_meeting_again = models.BooleanField(default=False, help_text="people who shared a group before")
    coaching_styles = models.JSONField(default=list, help_text="the styles people may prefer; empty: nobody is asked")
    one_to_one_for_group_percent = models.PositiveSmallIntegerField(
        default=100, help_text="of the group minutes that somebody takes one-to-one instead"
    )
    # choosing a group oneself, among the times that coaches publish
    choosing = models.CharField(max_length=8, choices=Choosing, default=Choosing.RANK)
    choices_open_at = models.DateTimeField(null=True, blank=True)
    choices_close_at = models.DateTimeField(null=True, blank=True)
    seats_held_back = models.PositiveSmallIntegerField(default=0, help_text="in each group, for who comes late")
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
            models.CheckConstraint(
                name="choices_close_after_they_open",
                condition=Q(choices_close_at=None) | Q(choices_close_at__gt=F("choices_open_at")),
            ),
            models.CheckConstraint(
                name="no_more_one_to_one_than_group", condition=Q(one_to_one_for_group_percent__lte=100)
            ),
            models.CheckConstraint(name="held_back_seats_leave_some", condition=Q(seats_held_back__lt=F("group_cap"))),
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
