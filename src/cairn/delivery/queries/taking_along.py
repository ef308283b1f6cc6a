"""What a person said and chose around sessions, for the file that they take with them: their own, and nobody else's."""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

from cairn.delivery.models import (
    BusyCalendar,
    CalendarFeed,
    CoachingSession,
    MeetingPoint,
    PartingWord,
    PollAnswer,
    ReminderChoice,
    SessionQuestion,
)
from cairn.delivery.queries import words
from cairn.delivery.queries.busy_calendars import secret_name
from cairn.delivery.terms import CalendarKind
from cairn.foundation import sealing, secrets
from cairn.people.models import Person

Item = dict[str, Any]
SESSION = ("session__cohort", "session__group", "session__detail")


def said_around_sessions(reader: Person) -> dict[str, list[Item]]:
    """By kind, oldest first; moments in UTC (ISO 8601). Seven queries, and one for each calendar.

    Whoever has left a cohort keeps what was theirs. Nothing in it opens anything: no password, and no address that
    would do without one.
    """
    return {
        "questions": [_said(each) | {"taken_up": bool(each.taken_up_at)} for each in _of(SessionQuestion, reader)],
        "points": [_said(each) | {"kind": each.kind} for each in _of(MeetingPoint, reader, "by")],
        "parting_words": [_said(each) for each in _of(PartingWord, reader, "by")],
        "poll_answers": _poll_answers(reader),
        "reminders": [
            {
                "minutes_before": each.minutes_before,
                "quiet_from": f"{each.quiet_from:%H:%M}",
                "quiet_until": f"{each.quiet_until:%H:%M}",
                "zone": reader.time_zone,
            }
            for each in ReminderChoice.objects.filter(person=reader)
        ],
        "calendars_read": [
            {"name": each.name, "kind": each.kind, "added_at": _moment(each.added_at), **_where(each)}
            for each in BusyCalendar.objects.filter(person=reader, removed_at=None).order_by("added_at", "pk")
        ],
        "calendars_fed": [
            {"detail": each.detail, "made_at": _moment(each.made_at)}
            for each in CalendarFeed.objects.filter(person=reader, revoked_at=None)
        ],
    }


def _of(kind: Any, reader: Person, whose: str = "person") -> Any:
    return kind.objects.filter(**{whose: reader}).select_related(*SESSION).order_by("at", "pk")


def _said(each: Any) -> Item:
    return {"session": _session(each.session), "text": each.text, "at": _moment(each.at)}


def _poll_answers(reader: Person) -> list[Item]:
    loaded = [f"time__poll__{name}" for name in SESSION]
    answers = PollAnswer.objects.filter(enrolment__person=reader).select_related(*loaded).order_by("at", "pk")
    return [
        {
            "session": _session(each.time.poll.session),
            "time": _moment(each.time.starts_at),
            "word": each.word,
            "at": _moment(each.at),
        }
        for each in answers
    ]


def _session(session: CoachingSession) -> Item:
    starts_at = _moment(session.starts_at) if session.starts_at else None
    title, cohort = words.title(session), session.cohort.name
    return {"title": title, "cohort": cohort, "starts_at": starts_at, "zone": session.time_zone}


def _where(calendar: BusyCalendar) -> Item:
    """Where a calendar lies. Of one that its address alone opens, only on which server."""
    try:
        kept = json.loads(secrets.read(secret_name(calendar.pk)) or "{}")
    except sealing.CannotOpen:
        return {}
    if calendar.kind == CalendarKind.CALDAV:
        return {"address": kept.get("address", ""), "user": kept.get("user", "")}
    return {"server": urlsplit(kept.get("address", "")).hostname or ""}


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
