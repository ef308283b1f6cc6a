"""When a coach can be met, and a time kept for somebody while they make up their mind."""

import zoneinfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from cairn.delivery.models.sessions import CoachingSession
from cairn.delivery.terms import Mode
from cairn.people.models import Person, check_time_zone


class Availability(models.Model):
    """How a coach lets people book: rules that hold for every week. One per person, whatever programmes they work in.

    Minutes are whole minutes; a limit of None is no limit. Hours are wall time in `time_zone`.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    time_zone = models.CharField(max_length=60, validators=[check_time_zone])
    is_open = models.BooleanField(default=True, help_text="coachees may book for themselves")
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=15)
    notice_hours = models.PositiveSmallIntegerField(default=24, help_text="how long before it begins it can be booked")
    cut_off_hours = models.PositiveSmallIntegerField(default=24, help_text="until when a coachee may move it alone")
    most_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    most_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(default=60, help_text="how far ahead it can be booked")
    step_minutes = models.PositiveSmallIntegerField(default=30, help_text="starts lie so far apart")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="availability_limits_make_sense",
                condition=Q(horizon_days__gte=1, horizon_days__lte=400, step_minutes__gte=5, step_minutes__lte=240)
                & (Q(most_per_day=None) | Q(most_per_day__gte=1))
                & (Q(most_per_week=None) | Q(most_per_week__gte=1)),
            )
        ]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone as an object."""
        return zoneinfo.ZoneInfo(self.time_zone)


class MeetingPlace(models.Model):
    """A place, link or number at which a coach meets people one to one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80, help_text="as coachees choose it")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ONLINE)
    where = models.CharField(max_length=500, blank=True, help_text="link, place or number")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="meeting_place_has_a_name", condition=~Q(name="")),
            models.UniqueConstraint(fields=["person", "name"], name="one_meeting_place_per_name"),
        ]
        ordering = ["position", "pk"]


class WeeklyHours(models.Model):
    """A span of every week on the coach's wall; weekdays count from Monday, 0. `place` None: any of the coach's."""

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField(help_text="midnight at the end of the day is 00:00")
    place = models.ForeignKey(MeetingPlace, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="weekday_is_one_of_seven", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="weekly_hours_end_after_they_start", condition=Q(ends__gt=F("starts")) | Q(ends="00:00")
            ),
        ]
        ordering = ["weekday", "starts"]


class AvailabilityException(models.Model):
    """Days that differ: away (the whole day without times), or open for a span besides the weekly hours."""

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="exceptions")
    first_on = models.DateField()
    last_on = models.DateField()
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    is_open = models.BooleanField(default=False, help_text="open at these times; otherwise away")

    class Meta:
        constraints = [
            models.CheckConstraint(name="exception_ends_after_it_starts", condition=Q(last_on__gte=F("first_on"))),
            models.CheckConstraint(
                name="exception_has_both_times_or_none",
                condition=Q(starts=None, ends=None, is_open=False)
                | (Q(starts__isnull=False, ends__isnull=False) & (Q(ends__gt=F("starts")) | Q(ends="00:00"))),
            ),
        ]
        ordering = ["first_on", "starts"]


class Hold(models.Model):
    """A time kept for five minutes while somebody confirms. One for each session; a coach's holds never overlap.

    Whoever takes a coach's time first deletes the holds that have run out, under the lock of the coach's row.
    """

    session = models.OneToOneField(CoachingSession, on_delete=models.CASCADE, related_name="hold")
    coach = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    wall_starts = models.DateTimeField(help_text="on the wall of the session's zone, stored as if it were UTC")
    fold = models.PositiveSmallIntegerField(default=0)
    during = DateTimeRangeField()
    place = models.ForeignKey(MeetingPlace, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_time_is_held_twice",
                expressions=[("coach", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]


class SlotWatch(models.Model):
    """Somebody wants to hear when a time of their coach becomes free; told once."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    since = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person", "starts_at"], name="one_watch_per_time"),
        ]
        indexes = [models.Index(fields=["starts_at"], condition=Q(told_at=None), name="open_watches")]
