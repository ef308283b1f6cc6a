"""A coachee's one-to-one that has lost its date: who cancelled it, and when it would have been."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes.terms import Kind

OF_DATES = ("date_session", "move_session", "restore_session", "cancel_session")
Who = Literal["coach", "team", "you", ""]


@dataclass(frozen=True)
class LostDate:
    """A session without a date that had one: when, on whose wall, and who cancelled it ("" for nobody).

    `taken_back`: it was booked a moment before, and its coachee took that back.
    """

    session_id: int
    starts_at: dt.datetime
    zone: str
    who: Who
    coach: str
    taken_back: bool = False


def lost_dates(sessions: QuerySet[CoachingSession]) -> QuerySet[Any]:
    """Those of these sessions that wait for another date since they were cancelled, the last first, with `lost`."""
    changes = AuditEntry.objects.filter(subject_kind="session", subject_id=OuterRef("pk"), action__in=OF_DATES)
    last = changes.order_by("-pk").values(
        told=JSONObject(
            action="action",
            by="by_id",
            at="at",
            starts_at="facts__starts_at",
            zone="facts__time_zone",
            taken_back="facts__taken_back",
        )
    )
    waiting = sessions.filter(kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED, version__gt=1)
    return (
        waiting.annotate(change=Subquery(last[:1]))
        .filter(change__action="cancel_session", change__starts_at__isnull=False)
        .annotate(
            lost=JSONObject(
                id="pk",
                zone="time_zone",
                change="change",
                coach_id="engagement__person",
                coach="engagement__person__name",
            )
        )
        .order_by("-change__at", "pk")
    )


def lost_date(reader: Person, session: CoachingSession) -> LostDate | None:
    """What became of the date of one session, for its coachee. One query, and none while it has a date."""
    if session.kind != Kind.ONE_TO_ONE or session.state != SessionState.UNDATED:
        return None
    found: Any = lost_dates(CoachingSession.objects.filter(pk=session.pk, enrolment__person=reader)).first()
    return read(reader, found.lost) if found is not None else None


def read(reader: Person, lost: dict[str, Any] | None) -> LostDate | None:
    """What the database told of a lost date."""
    if lost is None:
        return None
    change = lost["change"]
    who: Who = "team"
    if change["by"] is None:
        who = ""
    elif change["by"] == reader.pk:
        who = "you"
    elif change["by"] == lost["coach_id"]:
        who = "coach"
    starts_at, is_back = dt.datetime.fromisoformat(change["starts_at"]), bool(change["taken_back"])
    return LostDate(lost["id"], starts_at, change["zone"] or lost["zone"], who, lost["coach"] or "", is_back)
