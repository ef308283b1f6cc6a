"""When somebody is reminded of what they have agreed to: so long before, and never in their quiet hours.

Quiet hours are wall time in the reader's own zone, from (inclusive) to (exclusive), and may span midnight. Where the
clocks skip or repeat one of their ends, the longer reading counts. Equal ends are no quiet hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SPARE = timedelta(minutes=30)
"""A reminder that waits for the morning comes at least so long before the session begins."""
EARLY = timedelta(minutes=10)
"""One that comes on the evening before does so this long before the quiet hours begin."""
LONGEST_QUIET = timedelta(hours=16)
"""More than so many hours of quiet leave no day to be reminded in."""
MOST_MINUTES = 28 * 24 * 60
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quiet:
    """Quiet hours on somebody's wall; `zone` is an IANA key."""

    starts: time
    ends: time
    zone: str

    @property
    def length(self) -> timedelta:
        """How long they are on a day without a change of clocks."""
        apart = timedelta(hours=self.ends.hour - self.starts.hour, minutes=self.ends.minute - self.starts.minute)
        return apart % _DAY

    def around(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The quiet span in which a moment lies, as instants; None when it lies in none."""
        if self.starts == self.ends:
            return None
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date()
        for first in (today - _DAY, today, today + _DAY):
            starts, ends = self._span(first, zone)
            if starts <= moment < ends:
                return starts, ends
        return None

    def _span(self, first: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        last = first if self.ends > self.starts else first + _DAY
        return min(_readings(first, self.starts, zone)), max(_readings(last, self.ends, zone))


@dataclass(frozen=True)
class Reminder:
    """A reminder so many minutes before, and the instant at which it is to leave."""

    minutes: int
    at: datetime


def moment(starts_at: datetime, minutes: int, quiet: Quiet) -> datetime:
    """The UTC instant at which to remind of a session that begins at `starts_at`, so many `minutes` before.

    In quiet hours it waits for their end, if the session is then still half an hour away; otherwise it comes shortly
    before they begin. Quiet hours are at most `LONGEST_QUIET`.
    """
    due = starts_at.astimezone(UTC) - timedelta(minutes=minutes)
    span = quiet.around(due)
    if span is None:
        return due
    begins, ends = span
    return ends if ends <= starts_at - SPARE else begins - EARLY


def reminders(starts_at: datetime, minutes: Iterable[int], quiet: Quiet) -> tuple[Reminder, ...]:
    """One reminder for each of these minutes, in the order in which they leave; the nearest to the session last.

    Two that would leave at the same instant are one: the nearer.
    """
    found = [Reminder(each, moment(starts_at, each, quiet)) for each in sorted(set(minutes), reverse=True)]
    return tuple(sorted({each.at: each for each in found}.values(), key=lambda each: each.at))


def due(planned: Sequence[Reminder], *, starts_at: datetime, known_since: datetime | None, at: datetime) -> int | None:
    """Which reminder stands to be sent at `at`, by its minutes; None when none does.

    Of several that are overdue it is the nearest to the session, so that who was away sends one and not three. What
    has begun is not reminded of, and a reminder whose moment had gone by before the time was agreed (`known_since`) is
    none: whoever agreed to it has just heard of it. The answer stays the same until the next one is due.
    """
    passed = [each for each in planned if each.at <= at and (known_since is None or each.at > known_since)]
    return passed[-1].minutes if passed and at < starts_at else None


def _readings(day: date, wall: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    local = datetime.combine(day, wall, zone)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
