"""When things happened in the demonstration. All of it follows from the present moment."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/London")
WEEKS_GONE = 18  # the cohort's nineteenth week: within its second quarter, and one in which every group meets
WORKING_DAYS = 5


@dataclass(frozen=True)
class Dates:
    """The present and the cohort's weeks. Week 0 is the cohort's first; weeks before it are negative."""

    now: dt.datetime

    @cached_property
    def today(self) -> dt.date:
        """The day on the wall at Eastmere."""
        return self.now.astimezone(HERE).date()

    @cached_property
    def this_week(self) -> dt.date:
        """The Monday of the present week, at a weekend of the one to come."""
        monday = self.today - dt.timedelta(days=self.today.weekday())
        return monday if self.today.weekday() < WORKING_DAYS else monday + dt.timedelta(weeks=1)

    @cached_property
    def starts_on(self) -> dt.date:
        """The cohort's first day."""
        return self.this_week - dt.timedelta(weeks=WEEKS_GONE)

    @cached_property
    def ends_on(self) -> dt.date:
        """The cohort's last day, a year of weeks later."""
        return self.starts_on + dt.timedelta(weeks=52, days=-1)

    @cached_property
    def group_weekday(self) -> int:
        """The weekday on which Ioana's group meets: today, at a weekend the Monday to come."""
        return self.today.weekday() if self.today.weekday() < WORKING_DAYS else 0

    @cached_property
    def last_working_day(self) -> dt.date:
        """The working day before today."""
        return next(day for day in (self.today - dt.timedelta(days=back) for back in range(1, 4)) if is_working(day))

    def day(self, week: int, weekday: int = 0) -> dt.date:
        """A day of one of the cohort's weeks; Monday is 0."""
        return self.starts_on + dt.timedelta(weeks=week, days=weekday)

    def at(self, week: int, weekday: int = 0, hour: int = 9, minute: int = 0) -> dt.datetime:
        """A moment of one of the cohort's weeks, on the wall at Eastmere."""
        return moment(self.day(week, weekday), dt.time(hour, minute))

    @cached_property
    def closed(self) -> dict[dt.date, str]:
        """The turn of the year, for as long as the cohort and its preparations last."""
        years = range(self.starts_on.year - 1, self.ends_on.year + 2)
        shut = [(dt.date(year, 12, day), "Winter closure") for year in years for day in (24, 25, 26, 28, 29, 30, 31)]
        return dict([*shut, *((dt.date(year, 1, 1), "New Year’s Day") for year in years)])


def moment(day: dt.date, time: dt.time) -> dt.datetime:
    """A wall time at Eastmere as an instant."""
    return dt.datetime.combine(day, time, tzinfo=HERE).astimezone(dt.UTC)


def is_working(day: dt.date) -> bool:
    """Monday to Friday."""
    return day.weekday() < WORKING_DAYS


def next_working_days(after: dt.date, count: int) -> list[dt.date]:
    """So many working days after a day, in order."""
    following = (after + dt.timedelta(days=ahead) for ahead in range(1, 3 * count + 8))
    return [day for day in following if is_working(day)][:count]
