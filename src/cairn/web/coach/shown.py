"""A session as a coach's page shows it: finished words, and what can be done with it now."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.queries import RolledSession, RollRow, SeenSession
from cairn.delivery.terms import FOR_THE_COHORT, OF_ALL_COACHES, Mode, SessionState
from cairn.programmes.terms import Kind
from cairn.web.moments import call, clock_of, link, moment
from cairn.web.templatetags import _amounts

SOON = dt.timedelta(hours=6)


@dataclass(frozen=True)
class Shown:
    """What the pages of a coach need of one session. `opens_in` is in seconds, 0 when it is not soon.

    `elsewhere` is the coachee's clock where the session's comes first, `beside` where the reader's does.
    """

    session: RolledSession
    name: str
    about: str
    elsewhere: str
    beside: str
    join: str
    number: str
    call: str
    can_mark: bool
    alone: bool
    opens: str
    opens_in: int
    to_write_up: bool
    cancelled: bool
    everybody: str
    price: str
    page: str
    to_note: bool
    arranged: tuple[tuple[str, str], ...]
    due: tuple[tuple[str, str], ...]
    late: tuple[tuple[RollRow, str], ...] = ()


def shown(session: RolledSession, zone: str, at: dt.datetime) -> Shown:
    """Put a session into words for the moment at which it is looked at; `zone` is the reader's."""
    opens_at = session.opens_at()
    number = session.session.where if session.session.mode == Mode.PHONE else ""
    waits = opens_at if opens_at is not None and opens_at > at else None
    return Shown(
        session=session,
        name=name_of(session),
        about=about(session, session.of),
        elsewhere=elsewhere(session),
        beside=elsewhere(session, zone),
        join=link(session.join_link(at)),
        number=number,
        call=call(number),
        can_mark=session.markable(at) and bool(session.roll),
        alone=session.session.enrolment is not None and bool(session.roll),
        opens=moment(waits, zone, at) if waits else "",
        opens_in=int((waits - at).total_seconds()) + 1 if waits and waits - at < SOON else 0,
        to_write_up=session.is_to_write_up(at),
        cancelled=session.session.state == SessionState.CANCELLED,
        everybody=_everybody(session),
        price=price(session),
        page=page(session),
        to_note=session.session.kind in FOR_THE_COHORT and session.is_unmarked(at) and not session.roll,
        arranged=arranged(session),
        due=arranged(session, due=True) if session.ends_at is not None and session.ends_at <= at else (),
        late=late(session, at),
    )


def name_of(session: SeenSession) -> str:
    """Who or what it is about: a coachee, a group, or the kind of meeting."""
    if session.session.enrolment is not None:
        return session.session.enrolment.person.name
    if session.session.group is not None:
        return _("Group %(number)s") % {"number": session.session.group.number}
    return session.title


def about(session: SeenSession, of: int = 0) -> str:
    """Which of its series, and how people meet."""
    position = session.session.position
    which = _("%(n)s of %(of)s") % {"n": position, "of": of} if of >= position else _("number %(n)s") % {"n": position}
    kind = session.session.kind
    words = [str(Kind(kind).label)] if kind == Kind.ONE_TO_ONE else []
    if kind in (Kind.ONE_TO_ONE, Kind.GROUP):
        words.append(which)
    words.append(str(Mode(session.session.mode).label))
    return ", ".join(words)


def elsewhere(session: SeenSession, zone: str = "") -> str:
    """The start on the coachee's clock where that shows another time: “16:45 in Tbilisi”.

    Another than the session's and, if the page leads with hours of another `zone`, than those.
    """
    enrolment = session.session.enrolment
    if enrolment is None or session.starts_at is None:
        return ""
    theirs = enrolment.person.time_zone
    beside = clock_of(session.starts_at, session.zone, theirs)
    return clock_of(session.starts_at, zone, theirs) if zone and beside else beside


def page(session: SeenSession) -> str:
    """What the page of a meeting of many holds besides, as its link says; empty for other sessions."""
    return {
        Kind.COACH_MEETING: _("Agenda, notes and points"),
        Kind.TOPIC: _("Questions and presentation"),
        Kind.DROP_IN: _("What is said of it"),
        Kind.CELEBRATION: _("Who comes, and parting words"),
    }.get(Kind(session.session.kind), "")


def price(session: SeenSession) -> str:
    """What attendance costs whom, said once."""
    cohort: Any = session.session.cohort
    minutes = _amounts.minutes(session.session.minutes)
    if session.session.kind in OF_ALL_COACHES:
        return _("%(minutes)s are paid when you were there.") % {"minutes": minutes}
    if session.session.kind in FOR_THE_COHORT:
        return _("Saved as you mark. %(minutes)s count once for you, whoever came.") % {"minutes": minutes}
    absent = {
        (True, True): _("and for each who was here, cancelled late or missed it"),
        (True, False): _("and for each who was here or cancelled late"),
        (False, True): _("and for each who was here or missed it"),
        (False, False): _("and for each who was here"),
    }[cohort.late_cancelled_uses_minutes, cohort.missed_uses_minutes]
    return _("Saved as you mark. %(minutes)s count once for you, %(absent)s.") % {"minutes": minutes, "absent": absent}


def arranged(session: RolledSession, *, due: bool = False) -> tuple[tuple[str, str], ...]:
    """(name, what is arranged) of who is in it, each sentence once; the name is empty where one person is meant."""
    if session.session.state == SessionState.CANCELLED:
        return ()
    alone = session.session.enrolment is not None
    found = [
        ("" if alone else row.seat.name, each.text)
        for row in session.roll
        for each in row.arranged
        if each.due_after or not due
    ]
    return tuple(dict.fromkeys(found))


def late(session: RolledSession, at: dt.datetime) -> tuple[tuple[RollRow, str], ...]:
    """Who cancelled too late, with the minutes it costs. Where marks can be made, another mark forgives as well."""
    if session.markable(at) or not session.session.cohort.late_cancelled_uses_minutes:
        return ()
    alone = session.session.enrolment
    if alone is not None and not rules.may_be_forgiven(alone, at.astimezone(session.session.zone).date()):
        return ()
    minutes = _amounts.minutes(session.session.minutes)
    return tuple((row, minutes) for row in session.roll if row.seat.likely_mark == "late_cancelled")


def _everybody(session: RolledSession) -> str:
    """What the one-tap button says; empty when nobody waits for a mark, or one tap on one person does the same."""
    open_rows = [row for row in session.roll if not row.seat.likely_mark]
    if len(open_rows) < 2:
        return ""
    return _("Everyone was here") if len(open_rows) == len(session.roll) else _("Everybody else was here")
