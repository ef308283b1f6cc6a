"""What other systems ask for in one step, where people take two: hold and confirm, and cancel in either part."""

import datetime as dt

from django.db import transaction

from cairn.delivery import rules
from cairn.delivery.actions import booking, problems, self_booking
from cairn.delivery.models import CoachingSession
from cairn.people.models import Person
from cairn.programmes.terms import Kind


@transaction.atomic
def book_at_once(
    *,
    session: CoachingSession,
    starts_at: dt.datetime,
    place_id: int | None = None,
    expected_version: int,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """A coachee dates or moves a one-to-one of their own to a time that is offered, known to them as it is.

    Raises NotAllowed (not their own), and what the two steps raise.
    """
    _must_be_own(session, by)
    self_booking.hold_time(
        session=session, starts_at=starts_at, place_id=place_id, expected_version=expected_version, by=by, at=at
    )
    return self_booking.book_held(session=session, by=by, at=at)


def cancel_either(
    *, session: CoachingSession, reason_kind: str = "", expected_version: int, by: Person, at: dt.datetime
) -> CoachingSession:
    """Cancel a session as whoever runs it, or a one-to-one of one's own as its coachee, on a coachee's terms.

    For a session that `by` knows of. Raises NotAllowed, and what `cancel_session` and `cancel_own` raise.
    """
    if rules.may_run_session(by, session, at):
        return booking.cancel_session(
            session=session, reason_kind=reason_kind, expected_version=expected_version, by=by, at=at
        )
    _must_be_own(session, by)
    return self_booking.cancel_own(session=session, expected_version=expected_version, by=by, at=at)


def _must_be_own(session: CoachingSession, by: Person) -> None:
    if session.kind != Kind.ONE_TO_ONE or session.enrolment is None or session.enrolment.person_id != by.pk:
        raise problems.NotAllowed
