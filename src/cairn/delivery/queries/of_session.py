"""What every reading of a session says alike, whatever else it shows."""

import datetime as dt

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words


class OfSession:
    """What is read has a `session`."""

    session: CoachingSession

    @property
    def starts_at(self) -> dt.datetime | None:
        """The instant, or None without a date."""
        return self.session.starts_at

    @property
    def ends_at(self) -> dt.datetime | None:
        """The instant, or None without a date."""
        return self.session.ends_at

    @property
    def zone(self) -> str:
        """IANA name of the zone in which the time was agreed."""
        return self.session.time_zone

    @property
    def title(self) -> str:
        """What it is, naming nobody."""
        return words.title(self.session)


class LedSession(OfSession):
    """The same, with its number and who leads it."""

    @property
    def id(self) -> int:
        """The session's id."""
        return self.session.pk

    @property
    def coach(self) -> str:
        """The coach's name; empty for a meeting of all coaches."""
        return self.session.engagement.person.name if self.session.engagement else ""
