"""Sessions, who is in them, and who came."""

import datetime as dt
import zoneinfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cairn.delivery.terms import Mark, Mode, SessionState
from cairn.people.models import Person, check_time_zone
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, Enrolment
from cairn.programmes.terms import Kind


class Series(models.Model):
    """Sessions that were planned together and stand in calendars as one event that recurs."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(CoachingGroup, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()


class CoachingSession(models.Model):
    """A meeting. Its wall time and zone are what people agreed on; the instants follow from them."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=16, choices=Kind)
    engagement = models.ForeignKey(
        CoachEngagement, null=True, on_delete=models.PROTECT, related_name="sessions", help_text="none: all coaches"
    )
    group = models.ForeignKey(CoachingGroup, null=True, on_delete=models.PROTECT, related_name="sessions")
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.PROTECT, related_name="sessions")
    position = models.PositiveSmallIntegerField(help_text="third of four: 3")
    minutes = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.UNDATED)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ONLINE)
    where = models.CharField(max_length=500, blank=True, help_text="link, place or number")
    wall_starts = models.DateTimeField(null=True, help_text="as agreed on the wall, stored as if it were UTC")
    fold = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="which of two readings of a wall time: 0 or 1"
    )
    time_zone = models.CharField(max_length=60, validators=[check_time_zone])
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="sessions")
    planned_wall = models.DateTimeField(null=True, help_text="where its series first put it: its RECURRENCE-ID")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, help_text="raised by every change; guards against overwriting")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="dated_session_has_instants",
                condition=Q(state="undated", starts_at=None, ends_at=None, wall_starts=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, wall_starts__isnull=False)
                | Q(state="cancelled")
                | Q(state="held", kind="familiarisation"),
            ),
            models.CheckConstraint(
                name="session_ends_after_it_starts", condition=Q(starts_at=None) | Q(ends_at__gt=models.F("starts_at"))
            ),
            models.CheckConstraint(
                name="session_is_for_whom_its_kind_says",
                condition=Q(kind="one_to_one", enrolment__isnull=False, group=None, engagement__isnull=False)
                | Q(kind="group", group__isnull=False, enrolment=None, engagement__isnull=False)
                | Q(kind="coach_meeting", group=None, enrolment=None, engagement=None)
                | Q(kind="familiarisation", group=None, enrolment=None, engagement__isnull=False)
                | Q(kind="topic", group=None, enrolment=None)
                | Q(kind="drop_in", group=None, enrolment=None, engagement__isnull=False)
                | Q(kind="celebration", group=None, enrolment=None, engagement=None),
            ),
            models.CheckConstraint(
                name="occurrence_knows_where_it_was_planned",
                condition=Q(series=None, planned_wall=None) | Q(series__isnull=False, planned_wall__isnull=False),
            ),
            models.CheckConstraint(name="fold_is_first_or_second", condition=Q(fold__lte=1)),
        ]
        indexes = [
            models.Index(fields=["engagement", "starts_at"]),
            models.Index(fields=["cohort", "starts_at"]),
            models.Index(fields=["group", "starts_at"]),
            models.Index(fields=["enrolment", "starts_at"]),
            models.Index(fields=["engagement", "enrolment"], condition=Q(state="undated"), name="undated_sessions"),
        ]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which the time was agreed."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def wall_time(self) -> dt.datetime | None:
        """The naive wall time, as agreed."""
        return self.wall_starts.replace(tzinfo=None) if self.wall_starts else None


class PersonTime(models.Model):
    """A person is taken for the length of a session, as coach or coachee. Nobody can be in two at once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="taken")
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="one_time_per_person_and_session"),
            ExclusionConstraint(
                name="nobody_is_double_booked",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]


class Attendance(models.Model):
    """One enrolment (or, at a coach meeting, one engagement) at one session, as it stands now."""

    session = models.ForeignKey(CoachingSession, on_delete=models.PROTECT, related_name="attendance")
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.PROTECT, related_name="attendance")
    engagement = models.ForeignKey(CoachEngagement, null=True, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=16, choices=Mark)
    marked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="one_mark_per_enrolment"),
            models.UniqueConstraint(fields=["session", "engagement"], name="one_mark_per_engagement"),
            models.CheckConstraint(
                name="mark_is_for_one",
                condition=Q(enrolment__isnull=False, engagement=None) | Q(enrolment=None, engagement__isnull=False),
            ),
        ]


class AttendanceChange(models.Model):
    """Every mark ever made, so that a correction keeps its history. Append-only."""

    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="changes")
    mark = models.CharField(max_length=16, choices=Mark)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Apology(models.Model):
    """A coachee says beforehand that they cannot come."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="apologies")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    in_time = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "enrolment"], name="one_apology_per_session")]


class WorkbookUpload(models.Model):
    """A coach's edited workbook between its preview and its application."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("previewed")
        APPLIED = "applied", _("applied")
        DISCARDED = "discarded", _("discarded")

    engagement = models.ForeignKey(CoachEngagement, on_delete=models.CASCADE, related_name="+")
    rows = models.JSONField()
    filename = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWED)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
