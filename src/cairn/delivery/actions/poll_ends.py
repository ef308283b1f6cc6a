"""A poll ends by itself where its session is cancelled or moved in another way: there is nothing left to answer.

Called from where a session changes, under the session's lock. It imports nothing that changes sessions.
"""

import datetime as dt

from cairn.delivery.models import CoachingSession, Poll
from cairn.delivery.terms import PollState
from cairn.programmes.terms import Kind


def end(session: CoachingSession, *, at: dt.datetime) -> None:
    """Withdraw the open poll of a session, if there is one. Those asked hear of the change itself."""
    if session.kind == Kind.GROUP:
        Poll.objects.filter(session=session, state=PollState.OPEN).update(state=PollState.WITHDRAWN, closed_at=at)
