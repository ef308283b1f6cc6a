"""Mails about places in sessions for the whole cohort: each to one person, none with a word about anybody else.

With a place goes an invitation for the reader's own calendar; it is taken back when the place is given back or lost.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from cairn.delivery.actions import invitations, notices
from cairn.delivery.models import CoachingSession, SessionDetail, SessionPlace
from cairn.delivery.queries import mail_words, words
from cairn.delivery.terms import Mode
from cairn.foundation import here, mail
from cairn.people.models import Person


def tell_seated(session: CoachingSession, person: Person, place: SessionPlace, *, at: dt.datetime) -> None:
    """A place is theirs; their time has been taken."""
    calendar = invitations.invite([session], [person], at=at)
    _tell(session, person, "place_given", f"place:{place.pk}:{_stamp(place.since)}:given", calendar, at=at)


def tell_moved_up(session: CoachingSession, person: Person, place: SessionPlace, *, at: dt.datetime) -> None:
    """A place has become free, and whoever waited longest has it. Their calendar is told once their time is taken."""
    calendar = invitations.invite([session], [person], at=at)
    _tell(session, person, "place_moved_up", f"place:{place.pk}:{_stamp(place.since)}:moved-up", calendar, at=at)


def tell_lost(session: CoachingSession, person: Person, *, at: dt.datetime) -> None:
    """The session moved to a time at which they are in another one."""
    calendar = invitations.withdraw([session], [person], at=at)
    _tell(session, person, "place_lost", f"session:{session.pk}:{_stamp(at)}:lost:{person.pk}", calendar, at=at)


def tell_given_back(session: CoachingSession, person: Person, *, at: dt.datetime) -> None:
    """They gave their place back: nothing to read, but what stands in their calendar goes."""
    messages = invitations.withdraw([session], [person], at=at)
    notices.tell_calendars(messages, organisation_id=session.cohort.programme.organisation_id, at=at)


def tell_not_taking_place(session: CoachingSession, people: Iterable[Person], was: str, *, at: dt.datetime) -> None:
    """Those who waited for a place need not wait any longer."""
    _tell_all(session, people, "place_gone", f"v{session.version}:gone", at=at, was=was)


def invite(session: CoachingSession, people: Iterable[Person], *, at: dt.datetime) -> int:
    """Ask everybody in the cohort to its celebration. Returns how many mails were queued."""
    return _tell_all(session, people, "celebration_invitation", "invited", at=at)


def ask_for_parting_words(session: CoachingSession, people: Iterable[Person], *, at: dt.datetime) -> int:
    """Ask coaches for a few words to the cohort at its end. Each is asked once."""
    return _tell_all(session, people, "parting_words", "parting-words", at=at)


def _tell(
    session: CoachingSession,
    person: Person,
    template: str,
    key: str,
    calendar: invitations.Messages,
    *,
    at: dt.datetime,
) -> None:
    yours = mail_words.own_clock(session.starts_at, session.time_zone, person)
    draft = mail.Draft(key, person, f"mail/{template}.txt", {**_context(session), "yours": yours})
    drafts = notices.with_calendars([draft], calendar)
    mail.post_all(drafts=drafts, organisation_id=session.cohort.programme.organisation_id, at=at)


def _tell_all(
    session: CoachingSession, people: Iterable[Person], template: str, event: str, *, at: dt.datetime, was: str = ""
) -> int:
    context = {**_context(session), "was": was}
    drafts = [
        mail.Draft(
            f"session:{session.pk}:{event}:{person.pk}",
            person,
            f"mail/{template}.txt",
            {**context, "yours": mail_words.own_clock(session.starts_at, session.time_zone, person)},
        )
        for person in people
    ]
    return mail.post_all(drafts=drafts, organisation_id=session.cohort.programme.organisation_id, at=at)


def _context(session: CoachingSession) -> dict[str, Any]:
    detail = SessionDetail.objects.filter(session=session).first()
    return {
        "title": words.title(session),
        "when": words.when_words(session),
        "how": words.mode_words(session, with_place=True),
        "cohort": session.cohort.name,
        "programme": session.cohort.programme.name,
        "address": here.address(),
        "session_id": session.pk,
        "is_limited": detail is not None and detail.places is not None,
        "there": _shown_there(session),
    }


def _shown_there(session: CoachingSession) -> str:
    """What the session's page will say of how people come together, beyond what the mail says already."""
    if session.mode == Mode.IN_PERSON:
        return "" if session.where else _("The place is not given yet. Once it is, it stands there.")
    if session.mode == Mode.PHONE:
        return _("The number is shown there from 15 minutes before it begins.")
    return _("The way to join is shown there from 15 minutes before it begins.")


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S%f")
