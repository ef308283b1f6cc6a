"""A time that a coachee could not have: what they are told, and which times come next."""

import datetime as dt

from cairn.delivery.actions import problems
from cairn.delivery.models import Availability, CoachingSession
from cairn.delivery.queries import not_bookable
from cairn.delivery.queries import self_booking as reads
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment


class Lost(Exception):
    """The start cannot be booked; `was_held`: its coachee had held it before. `clashed`: somebody who has to be there
    is in another session then, or somebody else holds it.

    Why, and the next free times, are worked out when the coach's row is locked no more.
    """

    def __init__(
        self,
        session: CoachingSession,
        engagement: CoachEngagement,
        enrolment: Enrolment,
        starts_at: dt.datetime,
        *,
        was_held: bool = False,
        clashed: bool = False,
    ) -> None:
        self.session, self.engagement, self.enrolment = session, engagement, enrolment
        self.starts_at, self.was_held, self.clashed = starts_at, was_held, clashed


def refusal(lost: Lost, *, by: Person, at: dt.datetime) -> problems.JustTaken | problems.NotBookable:
    """What is said of it, with the next times that can be booked: from that start on, or else from now on."""
    session, engagement, enrolment, zone = lost.session, lost.engagement, lost.enrolment, lost.session.time_zone
    following: tuple[dt.datetime, ...] = ()
    for after in dict.fromkeys((max(lost.starts_at, at), at)):
        following = following or reads.next_bookable(session, engagement, enrolment, after=after, holder=by, at=at)
    why = not_bookable.why_not(
        session=session, engagement=engagement, enrolment=enrolment, starts_at=lost.starts_at, holder=by, at=at
    )
    if why is None or (lost.clashed and why != "own_session"):
        return problems.JustTaken("coach", following, zone, lost.starts_at)
    if why == "not_offered" and lost.was_held:
        why = "no_longer"
    kept = Availability.objects.filter(person=engagement.person_id) if why == "late" else Availability.objects.none()
    return problems.NotBookable(why, following, zone, kept.values_list("notice_hours", flat=True).first() or 0)
