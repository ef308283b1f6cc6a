"""Whether a session lies in the hours that its coach keeps. Hours bind coachees only; a coach is told, no more."""

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries.availability import kept_by
from cairn.engines import availability as engine


def is_outside_hours(session: CoachingSession) -> bool:
    """Whether any of it lies outside them; False without a date, and for a coach who keeps no hours. One statement."""
    engagement = session.engagement
    if engagement is None or session.starts_at is None or session.ends_at is None:
        return False
    kept = kept_by(engagement.person_id, session.starts_at.date(), session.ends_at.date())
    if kept is None or not (kept.rules.hours or kept.rules.differing):
        return False
    return not engine.is_open(kept.rules, session.starts_at, session.ends_at)
