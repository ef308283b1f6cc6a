"""The clock: the one place that reads the time. Doors read it and pass `at` down."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today(zone: dt.tzinfo) -> dt.date:
    """The date on the wall in `zone`."""
    return now().astimezone(zone).date()
