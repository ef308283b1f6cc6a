"""What an uploaded workbook would do as things stand now: changes, conflicts with later edits, cells refused."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.delivery.models import Attendance, CoachingSession, WorkbookUpload
from cairn.delivery.queries import words, workbook
from cairn.delivery.queries.workbook_rows import Refused
from cairn.delivery.terms import Mark, Mode, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import CoachEngagement, GroupPlace
from cairn.programmes.terms import Kind

OPEN = (SessionState.UNDATED, SessionState.BOOKED)
Did = Literal["date", "move", "details", "mark"]


@dataclass(frozen=True)
class Change:
    """One row that differs from Cairn. `was` is in words how it stands now, `becomes` what the file says.

    `key` names the row within its upload. `seen` stands for what the reader sees of Cairn's side: when it differs at
    the moment of applying, somebody changed it meanwhile. `takeable` is false where only Cairn's side can stay.
    """

    key: str
    cells: tuple[str, ...]
    did: Did
    who: str
    what: str
    was: str
    becomes: str
    seen: str
    session: CoachingSession
    to: Mapping[str, str]
    enrolment_id: int | None = None
    written: str = ""
    takeable: bool = True

    @property
    def cell(self) -> str:
        """The first cell that was edited."""
        return self.cells[0]


@dataclass
class Plan:
    """Everything an upload would do. `refused` has to be mended in the file before any of it is done.

    `problems` stood in the way when it was tried last; they may have gone since.
    """

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    problems: list[Refused] = field(default_factory=list)
    minutes: list["MinutesMoved"] = field(default_factory=list)
    same: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether the file says what Cairn says."""
        return not (self.changes or self.conflicts or self.refused)


@dataclass(frozen=True)
class MinutesMoved:
    """What the changes do to one account, in minutes: signed differences."""

    who: str
    kind: str
    booked: int
    used: int

    @property
    def left(self) -> int:
        """By how much what is left changes."""
        return -self.booked - self.used


def upload_for(reader: Person, upload_id: int, at: dt.datetime) -> WorkbookUpload:
    """A preview that the reader uploaded for an engagement of theirs and that is still open."""
    own = programme_queries.engagements_of(reader, at).order_by().select_related(None).values("pk")
    found = (
        WorkbookUpload.objects.filter(
            pk=upload_id, uploaded_by=reader, engagement__in=own, state=WorkbookUpload.State.PREVIEWED
        )
        .select_related("engagement__cohort__programme", "engagement__person")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def workbook_plan(upload: WorkbookUpload) -> Plan:
    """What an upload that the reader was given would do now. Three queries, whatever its size."""
    kept, engagement = upload.rows, upload.engagement
    ids = {each["id"] for each in kept["sessions"]} | {each["session"] for each in kept["marks"]}
    ids |= {each["session"] for each in kept.get("minutes", []) if each.get("session")}
    sessions = _sessions(engagement, ids)
    plan = Plan(
        refused=[Refused(**each) for each in kept["refused"]],
        problems=[Refused(**each) for each in kept.get("problems", [])],
    )
    for edit in kept["sessions"]:
        _compare_session(plan, edit, sessions.get(edit["id"]))
    places = _places(engagement) if kept["marks"] or kept.get("minutes") else []
    marks = _marks(kept["marks"])
    for edit in kept["marks"]:
        _compare_mark(plan, edit, sessions.get(edit["session"]), places, marks)
    plan.minutes = _minutes(kept.get("minutes", []), engagement, sessions, places)
    return plan


def _sessions(engagement: CoachEngagement, ids: set[int]) -> dict[int, CoachingSession]:
    found = CoachingSession.objects.filter(engagement=engagement, pk__in=ids)
    return {session.pk: session for session in found.select_related("group", "enrolment__person")}


def _places(engagement: CoachEngagement) -> list[GroupPlace]:
    return list(GroupPlace.objects.filter(group__engagement=engagement).select_related("enrolment__person"))


def _marks(edits: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], Attendance]:
    found = Attendance.objects.filter(
        session__in={each["session"] for each in edits}, enrolment__in={each["enrolment"] for each in edits}
    )
    return {(mark.session_id, mark.enrolment_id or 0): mark for mark in found.select_related("enrolment__person")}


def _compare_session(plan: Plan, edit: Mapping[str, Any], session: CoachingSession | None) -> None:
    cells, was, to = edit["cells"], edit["was"], edit["to"]
    edited = _edited(was, to)
    places = tuple(cells[name] for name in edited if name in cells and to[name] != was[name])
    if session is None:
        plan.refused.append(Refused(places[0], "", _("This session is not in this workbook any more.")))
        return
    now = workbook.written(session)
    if all(now[name] == to[name] or (name == "where" and session.where == to[name]) for name in edited):
        plan.same += 1
        return
    merged = {name: to[name] if name in edited else now[name] for name in now}
    touched = session.version != edit["version"] and (
        now != was or str(SessionState(session.state).label) != edit["state"]
    )
    is_open = session.state in OPEN and session.kind != Kind.FAMILIARISATION
    change = Change(
        key=f"s{session.pk}",
        cells=places,
        did=_did(session, now, merged),
        who=workbook.whose(session),
        what=words.title(session),
        was=_in_words(now, session),
        becomes=_in_words(merged, session),
        seen=str(session.version),
        session=session,
        to=merged,
        written=_in_words(was, session),
        takeable=is_open,
    )
    if touched:
        plan.conflicts.append(change)
    elif not is_open:
        plan.refused.append(Refused(places[0], _in_words(to, session), _closed(session)))
    elif not merged["date"]:
        plan.refused.append(Refused(places[0], "", _("This session has no date yet. Give it one as well.")))
    else:
        plan.changes.append(change)


def _edited(was: Mapping[str, str], to: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that were edited. Day and hour are one thing: whoever changes one of them has seen the other."""
    edited = {name for name in to if to[name] != was[name]}
    edited |= {"date", "start"} if edited & {"date", "start"} else set()
    return tuple(name for name in workbook.EDITABLE["sessions"] if name in edited)


def _did(session: CoachingSession, now: Mapping[str, str], to: Mapping[str, str]) -> Did:
    if session.state == SessionState.UNDATED:
        return "date"
    return "move" if (now["date"], now["start"]) != (to["date"], to["start"]) else "details"


def _closed(session: CoachingSession) -> str:
    if session.state == SessionState.HELD:
        return _("This session has been held, so it stays where it was.")
    if session.state == SessionState.CANCELLED:
        return _("This session was cancelled. Restore it in Cairn first.")
    return _("This session has no time of its own.")


def _in_words(values: Mapping[str, str], session: CoachingSession) -> str:
    when = _("no date")
    if values["date"] and values["start"]:
        day = dt.date.fromisoformat(values["date"])
        zone = words.zone_label(session.time_zone)
        when = f"{date_format(day, 'D j M Y')}, {values['start']} ({zone})"
    mode = str(Mode(values["mode"]).label) if values["mode"] else ""
    return ", ".join(part for part in (when, mode, values["where"]) if part)


def _compare_mark(
    plan: Plan,
    edit: Mapping[str, Any],
    session: CoachingSession | None,
    places: Sequence[GroupPlace],
    marks: Mapping[tuple[int, int], Attendance],
) -> None:
    mark = marks.get((edit["session"], edit["enrolment"]))
    name = _name_in(session, edit["enrolment"], places, mark)
    if session is None or name is None:
        plan.refused.append(Refused(edit["cell"], "", _("This person is not in this session any more.")))
        return
    now = mark.mark if mark else ""
    if now == edit["to"]:
        plan.same += 1
        return
    change = Change(
        key=f"m{session.pk}-{edit['enrolment']}",
        cells=(edit["cell"],),
        did="mark",
        who=name,
        what=_dated_title(session),
        was=_mark_words(now),
        becomes=_mark_words(edit["to"]),
        seen=now,
        session=session,
        to={"mark": edit["to"]},
        enrolment_id=edit["enrolment"],
        written=_mark_words(edit["was"]),
    )
    (plan.changes if now == edit["was"] else plan.conflicts).append(change)


def _dated_title(session: CoachingSession) -> str:
    day = session.wall_starts.date() if session.wall_starts else None
    return f"{words.title(session)}, {date_format(day, 'D j M Y')}" if day else words.title(session)


def _mark_words(mark: str) -> str:
    return str(Mark(mark).label) if mark else _("not marked")


def _name_in(
    session: CoachingSession | None, enrolment_id: int, places: Sequence[GroupPlace], mark: Attendance | None
) -> str | None:
    """The name of somebody who is in this session of the coach's; None for anybody else."""
    if session is None:
        return None
    there = workbook.people_in(session, places, [mark] if mark else [])
    return next((enrolment.person.name for enrolment in there if enrolment.pk == enrolment_id), None)


def _minutes(
    kept: Sequence[Mapping[str, Any]],
    engagement: CoachEngagement,
    sessions: Mapping[int, CoachingSession],
    places: Sequence[GroupPlace],
) -> list[MinutesMoved]:
    people = {place.enrolment_id: place.enrolment.person.name for place in places}
    people |= {each.enrolment_id or 0: each.enrolment.person.name for each in sessions.values() if each.enrolment}
    found = []
    for each in kept:
        name = engagement.person.name if each["coach"] else people.get(each["enrolment"])
        if name:
            found.append(MinutesMoved(name, str(Kind(each["kind"]).label), each["booked"], each["used"]))
    return found
