"""Shapes of delivery: sessions and who is in them, when coaches are free, calendars, polls, what meetings hold."""

from cairn.delivery.models.booking import (
    Availability,
    AvailabilityException,
    Hold,
    MeetingPlace,
    SlotWatch,
    WeeklyHours,
)
from cairn.delivery.models.calendars import (
    BusyCalendar,
    BusyTime,
    CalendarFeed,
    InvitationReply,
    ReminderChoice,
    ReplyMailbox,
    SentInvitation,
)
from cairn.delivery.models.meetings import MeetingPoint, PartingWord, SessionDetail, SessionPlace, SessionQuestion
from cairn.delivery.models.polls import Poll, PollAnswer, PollTime
from cairn.delivery.models.sessions import (
    Apology,
    Attendance,
    AttendanceChange,
    CoachingSession,
    PersonTime,
    Series,
    WorkbookUpload,
)

__all__ = [
    "Apology",
    "Attendance",
    "AttendanceChange",
    "Availability",
    "AvailabilityException",
    "BusyCalendar",
    "BusyTime",
    "CalendarFeed",
    "CoachingSession",
    "Hold",
    "InvitationReply",
    "MeetingPlace",
    "MeetingPoint",
    "PartingWord",
    "PersonTime",
    "Poll",
    "PollAnswer",
    "PollTime",
    "ReminderChoice",
    "ReplyMailbox",
    "SentInvitation",
    "Series",
    "SessionDetail",
    "SessionPlace",
    "SessionQuestion",
    "SlotWatch",
    "WeeklyHours",
    "WorkbookUpload",
]
