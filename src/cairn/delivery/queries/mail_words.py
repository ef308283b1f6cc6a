"""What a mail about a session says to one reader: who did what, when it is on their own clock, how they meet, and where
it stands in Cairn.

A coachee is named to nobody but the coach of their one-to-one; a link or a number to join by never stands in a mail.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import event_words, reminders, words
from cairn.delivery.rules import Part
from cairn.delivery.terms import OF_ALL_COACHES, Mode, SessionState
from cairn.foundation import here
from cairn.people.models import Person
from cairn.programmes.terms import Kind

Event = Literal["booked", "moved", "cancelled"]
OWN_COACH = (Kind.ONE_TO_ONE, Kind.GROUP)
YOU = {
    "booked": gettext_lazy("You booked it."),
    "moved": gettext_lazy("You changed it."),
    "cancelled": gettext_lazy("You cancelled it."),
}
NAMED = {
    "booked": gettext_lazy("%(name)s booked it."),
    "moved": gettext_lazy("%(name)s changed it."),
    "cancelled": gettext_lazy("%(name)s cancelled it."),
}
YOUR_COACH = {
    "booked": gettext_lazy("Your coach, %(name)s, booked it."),
    "moved": gettext_lazy("Your coach, %(name)s, changed it."),
    "cancelled": gettext_lazy("Your coach, %(name)s, cancelled it."),
}
TEAM = {
    "booked": gettext_lazy("The programme team booked it."),
    "moved": gettext_lazy("The programme team changed it."),
    "cancelled": gettext_lazy("The programme team cancelled it."),
}


def about(session: CoachingSession, reader: Person, part: Part) -> dict[str, Any]:
    """The session for one reader's mail. `title` names nobody, so it can be a subject; `what` may name a coachee."""
    coachee, title = _coachee(session, part), words.title(session)
    return {
        "title": title,
        "what": _("%(title)s with %(name)s") % {"title": title, "name": coachee} if coachee else title,
        "when": words.when_words(session),
        "yours": reminders.own_time(session, reader.time_zone),
        "how": words.mode_words(session, with_place=True),
        "joins": joins(session, part),
        "page": page(session, part),
        "part": part,
    }


def page(session: CoachingSession, part: Part) -> str:
    """The full address of the session's page for this reader."""
    return here.address(reminders.page_of(session, is_coach=part == "coach"))


def choose(session: CoachingSession, part: Part) -> str:
    """Where a coachee gives a one-to-one that has lost its date another; else empty."""
    waits = session.kind == Kind.ONE_TO_ONE and session.state == SessionState.UNDATED
    return here.address(reverse("book_session", args=[session.pk])) if waits and part == "coachee" else ""


def own_clock(starts_at: dt.datetime | None, zone: str, reader: Person) -> str:
    """A start on the reader's clock; empty where the zone in which it was agreed shows the same, or without a date."""
    if starts_at is None:
        return ""
    return reminders.own_time(CoachingSession(starts_at=starts_at, time_zone=zone), reader.time_zone)


def line(session: CoachingSession, reader: Person, *, with_how: bool = False) -> str:
    """One date among several, with the reader's own clock where that differs."""
    text, yours = words.when_words(session), reminders.own_time(session, reader.time_zone)
    if with_how:
        text = f"{text}, {words.mode_words(session, with_place=True)}"
    return _("%(when)s; on your own clock: %(yours)s") % {"when": text, "yours": yours} if yours else text


def list_page(session: CoachingSession, reader: Person) -> str:
    """Where somebody finds a series, by one of its sessions."""
    if session.engagement is not None:
        coaches = session.engagement.person_id == reader.pk
    else:
        coaches = session.kind in OF_ALL_COACHES
    return here.address(reverse(event_words.LISTS["coach" if coaches else "coachee"]))


def done(
    event: Event, session: CoachingSession, *, reader: Person, by: Person | None, parts: Mapping[int, Part]
) -> str:
    """Who made the change; `parts` says what each is in the session, and whoever is in none is of the programme team.

    Empty when nobody made it, or a coachee of whom this reader hears nothing.
    """
    if by is None:
        return ""
    part, by_part = parts[reader.pk], parts.get(by.pk)
    if by.pk == reader.pk:
        return str(YOU[event])
    if by_part == "coachee":
        return NAMED[event] % {"name": by.name} if _coachee(session, part) else ""
    if by_part != "coach":
        return str(TEAM[event])
    own = part == "coachee" and session.kind in OWN_COACH
    return (YOUR_COACH if own else NAMED)[event] % {"name": by.name}


def joins(session: CoachingSession, part: Part) -> str:
    """How people come together, as far as a mail may say; the address of the session's page follows."""
    if session.mode == Mode.PHONE:
        return _by_phone(session, part)
    if not session.where:
        if part == "coach" and session.kind in OWN_COACH:
            if session.mode == Mode.ONLINE:
                return _("There is no link to it yet. Please write it on the session’s page:")
            return _("The place is not given yet. Please write it on the session’s page:")
        if session.mode == Mode.IN_PERSON:
            return _("The place is not given yet. Once it is, it stands on the session’s page:")
    if session.mode == Mode.IN_PERSON:
        return _("Its page in Cairn:")
    return _("The way to join is shown in Cairn from 15 minutes before the session begins:")


def _by_phone(session: CoachingSession, part: Part) -> str:
    if session.where:
        return _("The number is shown in Cairn from 15 minutes before the session begins:")
    coachee = _coachee(session, part)
    if coachee:
        told = _("No number is given yet. Agree with %(name)s who rings whom, or write one on the session’s page:")
        return told % {"name": coachee}
    if part == "coach" and session.kind in OWN_COACH:
        return _("No number is given yet. Please write it on the session’s page, where everybody in it finds it:")
    if session.kind == Kind.ONE_TO_ONE:
        return _("No number is given yet. Agree with your coach who rings whom. Its page in Cairn:")
    return _("No number is given yet. Once it is, it is shown in Cairn from 15 minutes before the session begins:")


def _coachee(session: CoachingSession, part: Part) -> str:
    """The coachee's name, for the coach of a one-to-one alone."""
    if part != "coach" or session.kind != Kind.ONE_TO_ONE or session.enrolment is None:
        return ""
    return session.enrolment.person.name
