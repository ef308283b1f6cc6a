"""Sessions to come whose instant is none that clocks show at their wall time: their zone's rules were changed."""

import contextlib
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.terms import SessionState
from cairn.engines import cadence

Doubt = Literal["missing", "ambiguous"]
READ_AT_ONCE = 2_000


@dataclass(frozen=True)
class Reading:
    """A wall time by the present rules of its zone, beside the instant that was worked out by the rules of its day."""

    wall: dt.datetime
    zone: str
    stands_at: dt.datetime

    @cached_property
    def readings(self) -> tuple[dt.datetime, ...]:
        """The instants at which clocks there show this time now."""
        return cadence.readings(self.wall, self.zone)

    @property
    def is_off(self) -> bool:
        """Whether the instant is none of them."""
        return self.stands_at not in self.readings

    @property
    def moves_to(self) -> dt.datetime | None:
        """Where the instant belongs, if there is no doubt."""
        return self.readings[0] if self.is_off and len(self.readings) == 1 else None

    @property
    def doubt(self) -> Doubt | None:
        """Why nobody but people can say where it belongs."""
        if not self.is_off or len(self.readings) == 1:
            return None
        return "ambiguous" if self.readings else "missing"


def reading_of(session: CoachingSession) -> Reading | None:
    """The session's wall time as clocks show it now; None without a date."""
    if session.starts_at is None or session.wall_time is None:
        return None
    return Reading(session.wall_time, session.time_zone, session.starts_at)


def out_of_step(at: dt.datetime) -> dict[int, Reading]:
    """Session id → its reading, for every booked session to come that is off. One query.

    A zone that the database does not know any more is left alone.
    """
    rows = (
        CoachingSession.objects.filter(state=SessionState.BOOKED, starts_at__gt=at, wall_starts__isnull=False)
        .order_by()
        .values_list("pk", "wall_starts", "time_zone", "starts_at")
    )
    return dict(_off(rows.iterator(chunk_size=READ_AT_ONCE)))  # type: ignore[arg-type]  # the filter leaves no None


def zone_question(session: CoachingSession) -> str:
    """What to ask whoever runs a session whose wall time clocks no longer show, or show twice; else empty."""
    reading = reading_of(session)
    if reading is None or reading.doubt is None or session.state != SessionState.BOOKED:
        return ""
    values = {
        "time": f"{reading.wall:%H:%M}",
        "day": date_format(reading.wall.date(), "l j F Y"),
        "zone": words.zone_label(session.time_zone),
        "when": words.when_words(session),
    }
    if reading.doubt == "missing":
        return (
            _(
                "The clocks have been changed: %(time)s (%(zone)s) on %(day)s, which was agreed, exists no more."
                " Until somebody chooses, the session is held on %(when)s."
            )
            % values
        )
    return (
        _(
            "The clocks have been changed: %(time)s (%(zone)s) on %(day)s, which was agreed, happens twice now."
            " Until somebody chooses, the session is held on %(when)s."
        )
        % values
    )


def _off(rows: Iterable[tuple[int, dt.datetime, str, dt.datetime]]) -> Iterable[tuple[int, Reading]]:
    known: dict[tuple[dt.datetime, str], tuple[dt.datetime, ...]] = {}
    for pk, wall, zone, stands_at in rows:
        place = (wall, zone)
        if place not in known:
            with contextlib.suppress(cadence.UnknownZone):
                known[place] = cadence.readings(wall.replace(tzinfo=None), zone)
        if place in known and stands_at not in known[place]:
            yield pk, Reading(wall.replace(tzinfo=None), zone, stands_at)
