"""What leaving a cohort means for the person, before they decide it."""

import datetime as dt
from dataclasses import dataclass

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import changes
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class Leaving:
    """`cancelled` are one-to-one sessions to come, `left_out` group sessions; `coaches` the names of who is told."""

    enrolment: Enrolment
    on: dt.date
    cancelled: tuple[CoachingSession, ...]
    left_out: tuple[CoachingSession, ...]
    coaches: tuple[str, ...]


def leaving(reader: Person, enrolment_id: int, at: dt.datetime) -> Leaving:
    """What would happen now if the reader left one of their own cohorts. Raises NotFound."""
    enrolment = programme_queries.enrolment_of(reader, enrolment_id, at)
    on = at.astimezone(enrolment.cohort.zone).date()
    sessions = list(changes.sessions_after(enrolment, on))
    if any(each.starts_at and each.starts_at <= at for each in sessions):
        on += dt.timedelta(days=1)
        sessions = [each for each in sessions if each.wall_starts and each.wall_starts.date() >= on]
    coaches = changes.coaches_of(enrolment, changes.places_after(enrolment, on))
    return Leaving(
        enrolment=enrolment,
        on=on,
        cancelled=tuple(each for each in sessions if each.kind == Kind.ONE_TO_ONE),
        left_out=tuple(each for each in sessions if each.kind == Kind.GROUP),
        coaches=tuple(sorted({each.name for each in coaches})),
    )
