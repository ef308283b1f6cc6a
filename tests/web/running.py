"""A coach's and a coachee's days, made through the product's own actions."""

import datetime as dt
from typing import Any

from cairn.delivery import actions
from cairn.delivery.models import Attendance, AttendanceChange, CoachingSession
from cairn.ledger.models import LedgerEntry
from tests.cast import AT, World
from tests.delivery import making

LINK = "https://meet.example/only-near-its-time"
DAY_BEFORE = AT - dt.timedelta(days=1)
WEEK_BEFORE = AT - dt.timedelta(days=7)


def group_session(
    world: World, starts: dt.datetime, *, at: dt.datetime = WEEK_BEFORE, number: int = 1, **more: Any
) -> CoachingSession:
    """A group's session on the wall of London."""
    fields = {"mode": "online", "where": LINK, **more}
    return actions.add_session(
        cohort=world.cohort,
        kind="group",
        group=world.groups[number],
        wall_starts=starts.replace(tzinfo=None),
        by=world.halina,
        at=at,
        **fields,
    )


def one_to_one(
    world: World, starts: dt.datetime, who: str = "thandiwe", *, at: dt.datetime = WEEK_BEFORE, **more: Any
) -> CoachingSession:
    """A coachee's session on the wall of London."""
    fields = {"mode": "online", "where": LINK, **more}
    enrolment = world.enrolments[who]
    return actions.add_session(
        cohort=enrolment.cohort,
        kind="one_to_one",
        enrolment=enrolment,
        wall_starts=starts.replace(tzinfo=None),
        by=world.halina,
        at=at,
        **fields,
    )


def undated(world: World, who: str = "thandiwe") -> CoachingSession:
    """A session that waits for a date."""
    return making.undated(world, who)


def meeting(world: World, starts: dt.datetime, *, at: dt.datetime = WEEK_BEFORE) -> CoachingSession:
    """All coaches of the cohort meet."""
    return actions.add_session(
        cohort=world.cohort, kind="coach_meeting", wall_starts=starts.replace(tzinfo=None), by=world.halina, at=at
    )


def mark_of(session: CoachingSession, world: World, who: str) -> str:
    """The mark as it stands, or ""."""
    found = Attendance.objects.filter(session=session, enrolment=world.enrolments[who]).first()
    return found.mark if found else ""


def marks_made(session: CoachingSession) -> int:
    """How many marks were ever made."""
    return AttendanceChange.objects.filter(attendance__session=session).count()


def minutes_used(session: CoachingSession) -> int:
    """Minutes that this session used up in all accounts."""
    used = LedgerEntry.objects.filter(source_kind="session", source_id=session.pk, movement="use")
    return sum(entry.minutes for entry in used)
