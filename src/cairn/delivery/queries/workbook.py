"""A coach's own workbook for one engagement: coachees, sessions, attendance, as sheets in which no text can act.

Every row carries a hidden key, and what its cells held when it was written, so that an edited copy can be compared cell
by cell: with what was written, and with how things stand by then.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.terms import Mark, Mode, SessionState
from cairn.engines.hours import Balance
from cairn.foundation import sheets
from cairn.foundation.sheets import Column, Table
from cairn.ledger import queries as ledger_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

KINDS = (Kind.ONE_TO_ONE, Kind.GROUP)
DATED = (SessionState.BOOKED, SessionState.HELD)
EDITABLE = {"sessions": ("date", "start", "mode", "where"), "attendance": ("mark",), "coachees": ()}
KEY, VERSION, WRITTEN = "key", "version", "written"
Cells = dict[str, sheets.Cell]


@dataclass(frozen=True)
class Facts:
    """Everything of an engagement that stands in its workbook."""

    engagement: CoachEngagement
    sessions: Sequence[CoachingSession]
    places: Sequence[GroupPlace]
    people: Sequence[Enrolment]
    minutes: Mapping[int, Mapping[str, Balance]]
    marks: Mapping[int, Mapping[int, Attendance]]


def workbook(engagement: CoachEngagement, at: dt.datetime) -> bytes:
    """The .xlsx file for an engagement that its coach was given. Five queries, whatever its size."""
    facts = _facts(engagement, at)
    tables = (_coachees(facts, at), _sessions(facts), _attendance(facts, at))
    return sheets.write(tables, notes_title=_("Notes"))


def titles(sheet: str) -> dict[str, str]:
    """Column → its title in the reader's language, for "coachees", "sessions" or "attendance"."""
    return {
        "coachees": _coachee_titles,
        "sessions": _session_titles,
        "attendance": _attendance_titles,
    }[sheet]()


def sheet_names() -> dict[str, str]:
    """What the three sheets are called."""
    return {"coachees": _("Coachees"), "sessions": _("Sessions"), "attendance": _("Attendance")}


def written(session: CoachingSession) -> dict[str, str]:
    """The cells of a session that can be edited, as plain text. A link or a number is never among them."""
    return {
        "date": session.wall_starts.date().isoformat() if session.wall_starts else "",
        "start": f"{session.wall_starts:%H:%M}" if session.wall_starts else "",
        "mode": session.mode,
        "where": " ".join(session.where.split()) if session.mode == Mode.IN_PERSON else "",
    }


def _facts(engagement: CoachEngagement, at: dt.datetime) -> Facts:
    sessions = CoachingSession.objects.filter(engagement=engagement).exclude(
        state=SessionState.CANCELLED, wall_starts=None
    )
    places = GroupPlace.objects.filter(group__engagement=engagement).select_related("enrolment__person", "group")
    today = at.astimezone(engagement.cohort.zone).date()
    open_seat = Q(places__to_on=None) | Q(places__to_on__gt=today)
    seated = Q(open_seat, places__group__engagement=engagement)
    people = (
        Enrolment.objects.filter(Q(engagement=engagement) | seated, state__in=programme_rules.TAKING_PART)
        .select_related("person", "institution")
        .order_by("person__name", "pk")
        .distinct()
    )
    found = list(people)
    marks: dict[int, dict[int, Attendance]] = defaultdict(dict)
    made = Attendance.objects.filter(session__engagement=engagement, enrolment__isnull=False)
    for mark in made.select_related("enrolment__person"):
        marks[mark.session_id][mark.enrolment_id or 0] = mark
    return Facts(
        engagement=engagement,
        sessions=sorted(sessions.select_related("group", "enrolment__person", "detail"), key=_in_order),
        places=list(places.order_by("pk")),
        people=found,
        minutes=ledger_queries.entitlements_for(found),
        marks=marks,
    )


def _in_order(session: CoachingSession) -> tuple[int, int, str, int, int]:
    """Groups by number, then people by name, each by position."""
    number = session.group.number if session.group else 0
    name = session.enrolment.person.name.casefold() if session.enrolment else ""
    kinds = [Kind.GROUP, Kind.ONE_TO_ONE, Kind.TOPIC, Kind.DROP_IN, Kind.FAMILIARISATION, Kind.COACH_MEETING]
    return kinds.index(Kind(session.kind)), number, name, session.enrolment_id or 0, session.position


# --- the three sheets ------------------------------------------------------------------------------------------------


def _coachee_titles() -> dict[str, str]:
    found = {
        KEY: _("Key of coachee"),
        WRITTEN: _("As written"),
        "name": _("Name"),
        "email": _("E-mail"),
        "discipline": _("Discipline"),
        "institution": _("Institution"),
        "group": _("Group"),
    }
    sums = {
        "promised": _("%(kind)s: minutes promised"),
        "used": _("%(kind)s: minutes used"),
        "booked": _("%(kind)s: minutes booked"),
        "released": _("%(kind)s: minutes released"),
        "left": _("%(kind)s: minutes left"),
    }
    for kind in KINDS:
        label = str(kind.label)
        found |= {f"{kind}_{name}": text % {"kind": label[:1].upper() + label[1:]} for name, text in sums.items()}
    return found


def _coachees(facts: Facts, at: dt.datetime) -> Table:
    columns = [
        _hidden_or_locked(name, title, "minutes" if name.startswith(tuple(f"{kind}_" for kind in KINDS)) else "text")
        for name, title in _coachee_titles().items()
    ]
    today = at.astimezone(facts.engagement.cohort.zone).date()
    groups = {
        place.enrolment_id: place.group.number
        for place in facts.places
        if place.from_on <= today and (place.to_on is None or place.to_on > today)
    }
    rows = [_coachee(facts, person, groups.get(person.pk)) for person in facts.people]
    return Table(sheet_names()["coachees"], columns, rows, notes=_notes(facts.engagement, at), protected=True)


def _coachee(facts: Facts, person: Enrolment, group: int | None) -> list[sheets.writing.Value]:
    shown: Cells = {
        "name": person.person.name,
        "email": person.person.email,
        "discipline": person.discipline,
        "institution": person.institution.label,
        "group": str(group or ""),
    }
    for kind in KINDS:
        sums = facts.minutes.get(person.pk, {}).get(kind, Balance())
        figures = (sums.promised, sums.used, sums.booked, sums.released, sums.left)
        shown |= {f"{kind}_{name}": minutes for name, minutes in zip(SUMS, figures, strict=True)}
    return _row(f"C-{facts.engagement.pk}-{person.pk}", None, shown)


SUMS = ("promised", "used", "booked", "released", "left")


def _session_titles() -> dict[str, str]:
    return {
        KEY: _("Key of session"),
        VERSION: _("Version"),
        WRITTEN: _("As written"),
        "who": _("Coachee or group"),
        "kind": _("Kind"),
        "position": _("Position"),
        "date": _("Date"),
        "start": _("Start time"),
        "minutes": _("Minutes"),
        "mode": _("How"),
        "where": _("Where"),
        "zone": _("Times are"),
        "state": _("State"),
    }


def _sessions(facts: Facts) -> Table:
    title = _session_titles()
    columns = [
        _hidden_or_locked(KEY, title[KEY]),
        _hidden_or_locked(VERSION, title[VERSION], "int"),
        _hidden_or_locked(WRITTEN, title[WRITTEN]),
        Column(title["who"], width=28, locked=True),
        Column(title["kind"], width=14, locked=True),
        Column(title["position"], width=10, locked=True),
        Column(title["date"], "date", hint=_("The day on the wall of the zone in this row.")),
        Column(title["start"], width=11, hint=_("On the 24-hour clock, such as 14:30.")),
        Column(title["minutes"], "minutes", locked=True),
        Column(title["mode"], width=12, choices=tuple(str(mode.label) for mode in Mode)),
        Column(title["where"], width=32, hint=_("Place, link or number. Leave it empty to keep what stands in Cairn.")),
        Column(title["zone"], width=18, locked=True),
        Column(title["state"], width=14, locked=True),
    ]
    count: dict[tuple[str, int, int], int] = defaultdict(int)
    for session in facts.sessions:
        if session.state != SessionState.CANCELLED:
            count[_series(session)] = max(count[_series(session)] + 1, session.position)
    rows = [_session(facts, session, count[_series(session)]) for session in facts.sessions]
    return Table(sheet_names()["sessions"], columns, rows, protected=True)


def _series(session: CoachingSession) -> tuple[str, int, int]:
    return session.kind, session.group_id or 0, session.enrolment_id or 0


def whose(session: CoachingSession) -> str:
    """The coachee's name, the group's, or what a topic session is about; else empty."""
    if session.enrolment is not None:
        return session.enrolment.person.name
    return str(session.group) if session.group is not None else words.own_title(session)


def _session(facts: Facts, session: CoachingSession, series: int) -> list[sheets.writing.Value]:
    now = written(session)
    shown: Cells = {
        "who": whose(session),
        "kind": str(Kind(session.kind).label),
        "position": _("%(position)s of %(count)s")
        % {"position": session.position, "count": series or session.position},
        "date": session.wall_starts.date() if session.wall_starts else None,
        "start": now["start"],
        "minutes": session.minutes,
        "mode": str(Mode(session.mode).label),
        "where": now["where"],
        "zone": words.zone_label(session.time_zone),
        "state": str(SessionState(session.state).label),
    }
    return _row(f"S-{facts.engagement.pk}-{session.pk}", session.version, shown)


def _attendance_titles() -> dict[str, str]:
    return {
        KEY: _("Key of attendance"),
        WRITTEN: _("As written"),
        "name": _("Name"),
        "session": _("Session"),
        "date": _("Date"),
        "mark": _("Attendance"),
    }


def _attendance(facts: Facts, at: dt.datetime) -> Table:
    title = _attendance_titles()
    columns = [
        _hidden_or_locked(KEY, title[KEY]),
        _hidden_or_locked(WRITTEN, title[WRITTEN]),
        Column(title["name"], width=28, locked=True),
        Column(title["session"], width=28, locked=True),
        Column(title["date"], "date", locked=True),
        Column(title["mark"], width=16, choices=tuple(str(mark.label) for mark in Mark)),
    ]
    rows = [
        _mark(facts, session, enrolment)
        for session in sorted(facts.sessions, key=lambda each: (each.starts_at or at, each.pk))
        if _is_markable(session, at)
        for enrolment in people_in(session, facts.places, facts.marks.get(session.pk, {}).values())
    ]
    return Table(sheet_names()["attendance"], columns, rows, protected=True)


def _is_markable(session: CoachingSession, at: dt.datetime) -> bool:
    opens_at = rules.join_opens_at(session)
    return session.state in DATED and session.kind in KINDS and opens_at is not None and opens_at <= at


def people_in(
    session: CoachingSession, places: Iterable[GroupPlace], marks: Iterable[Attendance] = ()
) -> list[Enrolment]:
    """Who is in a session on its day, and whoever has a mark in it, by name."""
    day = session.wall_starts.date() if session.wall_starts else None
    there = {mark.enrolment_id: mark.enrolment for mark in marks}
    if session.enrolment is not None and day and rules.may_take_part_on(session.enrolment, day):
        there[session.enrolment_id] = session.enrolment
    if session.group_id and day:
        there |= {
            place.enrolment_id: place.enrolment
            for place in places
            if place.group_id == session.group_id
            and place.from_on <= day
            and (place.to_on is None or place.to_on > day)
            and rules.may_take_part_on(place.enrolment, day)
        }
    found = [enrolment for enrolment in there.values() if enrolment is not None]
    return sorted(found, key=lambda enrolment: (enrolment.person.name.casefold(), enrolment.pk))


def _mark(facts: Facts, session: CoachingSession, enrolment: Enrolment) -> list[sheets.writing.Value]:
    mark = facts.marks.get(session.pk, {}).get(enrolment.pk)
    shown: Cells = {
        "name": enrolment.person.name,
        "session": words.title(session),
        "date": session.wall_starts.date() if session.wall_starts else None,
        "mark": str(Mark(mark.mark).label) if mark else "",
    }
    return _row(f"A-{facts.engagement.pk}-{session.pk}-{enrolment.pk}", None, shown)


# --- cells -----------------------------------------------------------------------------------------------------------


def plain(cell: sheets.Cell) -> str:
    """A cell as plain text, the same before it is written and after it is read."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return " ".join(sheets.writing.UNHOLDABLE.sub("", str(cell)).split())


def _row(key: str, version: int | None, shown: Cells) -> list[sheets.writing.Value]:
    was = json.dumps({name: plain(cell) for name, cell in shown.items()}, ensure_ascii=False, separators=(",", ":"))
    lead: list[sheets.writing.Value] = [key, was] if version is None else [key, version, was]
    return [*lead, *shown.values()]  # type: ignore[list-item]


def _hidden_or_locked(name: str, title: str, kind: sheets.Kind = "text") -> Column:
    hidden = name in (KEY, VERSION, WRITTEN)
    return Column(title, kind, width=14 if kind == "minutes" else None, locked=True, hidden=hidden)


def _notes(engagement: CoachEngagement, at: dt.datetime) -> list[str]:
    cohort = engagement.cohort
    return [
        _("%(cohort)s of %(programme)s, for %(coach)s. Written on %(day)s at %(time)s, %(zone)s.")
        % {
            "cohort": cohort.name,
            "programme": cohort.programme.name,
            "coach": engagement.person.name,
            "day": date_format(at.astimezone(cohort.zone).date(), "j F Y"),
            "time": f"{at.astimezone(cohort.zone):%H:%M}",
            "zone": words.zone_label(cohort.time_zone),
        },
        _("Times are wall time in the zone that stands in each row."),
        _("You can change date, start time, how and where of sessions, and the marks on the sheet of attendance."),
        _("Then upload the file. You see what would change before anything does; it is done altogether or not at all."),
        _("The other cells are locked, without a password. Lift the protection to sort, delete rows or move columns."),
        _("The hidden columns tell which row is which: leave them as they are."),
        _("A link or a telephone number is not written into this file. Fill the cell only to put in another."),
        _("Sessions are added and cancelled in Cairn. A row that you add yourself is refused when you upload."),
        _("Sheets and columns of your own are left alone: they are not read."),
    ]
