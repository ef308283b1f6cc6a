"""Mails about sessions: to exactly those who are in them, apart from whoever made the change.

Each person gets a mail of their own, so nobody sees another's address, and no mail names another coachee. The key of a
mail holds the session's version, so that one change sends one mail.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.rules import Participants
from cairn.foundation import mail
from cairn.people.models import Person


def tell(
    session: CoachingSession,
    there: Participants,
    event: str,
    *,
    was: str = "",
    by: Person | None,
    at: dt.datetime,
) -> None:
    """Mail everybody in the session: `event` is booked, moved or cancelled; `was` is when it stood before."""
    context = {
        "title": words.title(session),
        "when": words.when_words(session),
        "was": was,
        "how": words.mode_words(session, with_place=True),
        "event": event,
    }
    for person in _others(there.people, by):
        mail.post(
            key=f"session:{session.pk}:v{session.version}:{event}:{person.pk}",
            to=person,
            template=f"mail/session_{event}.txt",
            context=context,
            organisation_id=session.cohort.programme.organisation_id,
            at=at,
        )


def tell_of_series(
    sessions: Sequence[CoachingSession], people: Iterable[Person], *, by: Person | None, at: dt.datetime
) -> None:
    """One mail to each person with every date of a new series."""
    first = sessions[0]
    context = {
        "series": _series_title(first),
        "dates": [f"{words.when_words(session)}, {words.mode_words(session, with_place=True)}" for session in sessions],
    }
    for person in _others(people, by):
        mail.post(
            key=f"series:{first.pk}:{person.pk}",
            to=person,
            template="mail/session_series.txt",
            context=context,
            organisation_id=first.cohort.programme.organisation_id,
            at=at,
        )


def tell_coach_of_apologies(
    session: CoachingSession, sender: Person, event: str, *, number: int, at: dt.datetime
) -> None:
    """Tell the coach that a coachee cannot come after all, or can. No reason is asked or given."""
    if session.engagement is None:
        return
    mail.post(
        key=f"session:{session.pk}:v{session.version}:{event}:{sender.pk}:{number}",
        to=session.engagement.person,
        template=f"mail/{event}.txt",
        context={"title": words.title(session), "when": words.when_words(session), "sender": sender},
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )


def _others(people: Iterable[Person], by: Person | None) -> list[Person]:
    return [person for person in people if by is None or person.pk != by.pk]


def _series_title(session: CoachingSession) -> str:
    if session.group is not None:
        return _("Group %(number)s") % {"number": session.group.number}
    return _("Coach meetings")
