"""A poll ends by itself where its session is cancelled, moved in another way, or begins: nothing is left to answer.

It imports nothing that changes sessions, because what changes them calls it.
"""

import datetime as dt

from django.db import transaction

from cairn.delivery.models import CoachingSession, Poll
from cairn.delivery.terms import PollState
from cairn.foundation import audit
from cairn.programmes.terms import Kind


def end(session: CoachingSession, *, at: dt.datetime) -> None:
    """Withdraw the open poll of a session, if there is one; call under the session's lock. Those asked hear of the
    change itself."""
    if session.kind == Kind.GROUP:
        Poll.objects.filter(session=session, state=PollState.OPEN).update(state=PollState.WITHDRAWN, closed_at=at)


def end_past_polls(*, at: dt.datetime) -> int:
    """End the polls in which nobody chose before their session began; nobody is mailed. Returns how many."""
    past = Poll.objects.filter(state=PollState.OPEN, session__starts_at__lte=at)
    return sum(_end_past(session_id, at) for session_id in past.order_by("pk").values_list("session", flat=True))


@transaction.atomic
def _end_past(session_id: int, at: dt.datetime) -> int:
    session = CoachingSession.objects.select_for_update(of=("self",), no_key=True)
    current = session.select_related("cohort__programme").get(pk=session_id)
    poll = Poll.objects.filter(session=current, state=PollState.OPEN).first()
    if poll is None or current.starts_at is None or current.starts_at > at:
        return 0  # settled, withdrawn or moved meanwhile
    end(current, at=at)
    audit.record(
        action="end_poll",
        subject_kind="poll",
        subject_id=poll.pk,
        organisation_id=current.cohort.programme.organisation_id,
        facts={"session": current.pk},
        by=None,
        at=at,
    )
    return 1
