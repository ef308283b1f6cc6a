"""The constraints on a coach's hours and places: what each allows, what it refuses."""

import datetime as dt

from cairn.delivery.models import Availability, AvailabilityException, MeetingPlace, WeeklyHours
from tests.house.constraints_programmes import each

NINE, TEN, MIDNIGHT = dt.time(9), dt.time(10), dt.time()
APRIL, MAY = dt.date(2027, 4, 1), dt.date(2027, 5, 1)


def _availability(w, who="ioana", **fields):
    return Availability.objects.create(person=w.people[who], time_zone="Europe/London", **fields)


def _hours(w, **fields):
    kept = Availability.objects.first() or _availability(w)
    return WeeklyHours.objects.create(availability=kept, **{"weekday": 0, "starts": NINE, "ends": TEN, **fields})


def _exception(w, **fields):
    kept = Availability.objects.first() or _availability(w)
    return AvailabilityException.objects.create(availability=kept, **{"first_on": APRIL, "last_on": APRIL, **fields})


def _place(w, who="ioana", **fields):
    return MeetingPlace.objects.create(person=w.people[who], **{"name": "Room 12", **fields})


TABLE = {
    "availability_limits_make_sense": (
        lambda w: _availability(w, horizon_days=400, step_minutes=5, most_per_day=1, most_per_week=1),
        lambda w: _availability(w, most_per_day=0),
    ),
    "meeting_place_has_a_name": (_place, lambda w: _place(w, name="")),
    "one_meeting_place_per_name": (
        lambda w: each(lambda **f: _place(w, **f), {}, {"name": "Room 14"}, {"who": "malik"}),
        lambda w: each(lambda **f: _place(w, **f), {}, {}),
    ),
    "weekday_is_one_of_seven": (lambda w: _hours(w, weekday=6), lambda w: _hours(w, weekday=7)),
    "weekly_hours_end_after_they_start": (
        lambda w: each(lambda **f: _hours(w, **f), {}, {"ends": MIDNIGHT}),
        lambda w: _hours(w, ends=NINE),
    ),
    "exception_ends_after_it_starts": (
        lambda w: each(lambda **f: _exception(w, **f), {}, {"last_on": MAY}),
        lambda w: _exception(w, first_on=MAY),
    ),
    "exception_has_both_times_or_none": (
        lambda w: each(
            lambda **f: _exception(w, **f),
            {},
            {"starts": NINE, "ends": TEN},
            {"starts": NINE, "ends": MIDNIGHT, "is_open": True},
        ),
        lambda w: _exception(w, is_open=True),
    ),
}
