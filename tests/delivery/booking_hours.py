"""A coach's hours for tests: Monday to Friday, nine to five in London, half an hour apart."""

import datetime as dt
from typing import Any

from cairn.delivery.models import Availability, MeetingPlace, WeeklyHours
from cairn.people.models import Person


def keep(coach: Person, **rules: Any) -> Availability:
    """Open hours from nine to five on working days. Without more: a day's notice, a day's cut-off, no buffers."""
    made: Availability = Availability.objects.create(
        person=coach, **{"time_zone": "Europe/London", "buffer_after_minutes": 0, **rules}
    )
    WeeklyHours.objects.bulk_create(
        WeeklyHours(availability=made, weekday=day, starts=dt.time(9), ends=dt.time(17)) for day in range(5)
    )
    return made


def place(coach: Person, name: str, mode: str = "online", where: str = "https://meet.example/LEAK-LINK") -> Any:
    """Somewhere to meet."""
    position = MeetingPlace.objects.filter(person=coach).count() + 1
    return MeetingPlace.objects.create(person=coach, name=name, mode=mode, where=where, position=position)
