"""Who frees a time by a change of their own needs no mail that it is free: what they watched there ends with it."""

import datetime as dt

from cairn.delivery.actions.occupancy import LONGEST
from cairn.delivery.models import SlotWatch
from cairn.delivery.queries import availability
from cairn.delivery.queries.seats import LOADED
from cairn.people.models import Person

Stood = tuple[dt.datetime | None, dt.datetime | None]


def end_watches(stood: Stood, *, by: Person, at: dt.datetime) -> None:
    """End the watches of `by` on times that can be booked now, where a session of theirs `stood` (from, to)."""
    starts_at, ends_at = stood
    if starts_at is None or ends_at is None:
        return
    near = SlotWatch.objects.filter(person=by, told_at=None, starts_at__lt=ends_at, starts_at__gt=starts_at - LONGEST)
    for watch in near.select_related("session", *(f"session__{each}" for each in LOADED)):
        session = watch.session
        meets = watch.starts_at + dt.timedelta(minutes=session.minutes) > starts_at
        if not meets or session.engagement is None:
            continue
        free = availability.bookable_at(
            session=session,
            engagement=session.engagement,
            enrolment=session.enrolment,
            starts_at=watch.starts_at,
            holder=by,
            at=at,
        )
        if free is not None:
            watch.delete()
