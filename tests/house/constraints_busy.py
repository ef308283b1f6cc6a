"""Constraints of calendars of people's own: what each allows, what it refuses."""

from cairn.delivery.models import BusyCalendar
from tests.cast import AT


def _calendar(w, name):
    return BusyCalendar.objects.create(person=w.thandiwe, kind="ics", name=name, added_at=AT)


TABLE = {
    "busy_calendar_has_a_name": (lambda w: _calendar(w, "Work"), lambda w: _calendar(w, "")),
}
