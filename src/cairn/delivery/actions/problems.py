"""What can stand in the way of a change to a session, each with a sentence for the person who sees it."""

import datetime as dt
from typing import Literal

from django.core.exceptions import PermissionDenied
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import not_bookable, words
from cairn.delivery.terms import SessionState
from cairn.people import actions as people_actions
from cairn.programmes import actions as programme_actions

Busy = Literal["coach", "coachee", "held"]


class NotAllowed(people_actions.NotAllowed, PermissionDenied):
    """The person can see the session but may not change it."""


class Refused(programme_actions.Refused):
    """Something expected stands in the way; `str()` is a sentence for the person. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        self.text = sentence
        super().__init__()

    def __str__(self) -> str:
        return self.text


class JustTaken(Refused):
    """Somebody who has to be there is in another session then, or a coachee is choosing the time just now: "held".

    Says nothing about that other session, and not who is choosing. `next_free` are the next starts (UTC) at which
    everybody is free.
    """

    def __init__(self, who_is_busy: Busy, next_free: tuple[dt.datetime, ...], zone: str, on: dt.datetime) -> None:
        self.who_is_busy, self.next_free = who_is_busy, next_free
        taken = {
            "coach": _("The coach is no longer free on %(when)s."),
            "coachee": _("Somebody who has to be there is not free on %(when)s."),
            "held": _("A coachee is choosing %(when)s just now; it is kept for them for a few minutes."),
        }[who_is_busy] % {"when": words.moment_words(on, zone)}
        super().__init__(taken + _next_times(next_free, zone))


class NotBookable(Refused):
    """A start that a coachee cannot book for a reason that nobody else is; `reason` says it, `next_free` as above."""

    def __init__(
        self, why: not_bookable.Why, next_free: tuple[dt.datetime, ...], zone: str, notice_hours: int = 0
    ) -> None:
        self.why, self.next_free = why, next_free
        sentences: dict[not_bookable.Why, str] = {
            "past": _("This time has gone by."),
            "own_session": _("You are in another session then."),
            "own_calendar": _("Your own calendar says that you are busy then."),
            "own_near": _("Another session of yours stands too near to it."),
            "outside": _("Your coaching does not run on that day."),
            "not_offered": _("This time is not one of those that your coach offers."),
            "no_longer": _("Your coach no longer offers this time."),
            "late": _("It is too late to book this time: your coach wants to know earlier."),
            "far": _("This time is further ahead than your coach offers any."),
        }
        self.reason = sentences[why]
        if why == "late" and notice_hours:
            self.reason = ngettext(
                "It is too late to book this time: your coach wants to know %(hours)s hour before.",
                "It is too late to book this time: your coach wants to know %(hours)s hours before.",
                notice_hours,
            ) % {"hours": notice_hours}
        super().__init__(self.reason + _next_times(next_free, zone))


class ChangedMeanwhile(Refused):
    """Somebody else changed the session since this person looked; `session` is how it stands now."""

    def __init__(self, session: CoachingSession) -> None:
        self.session = session
        now = {
            SessionState.UNDATED: _("It has no date now."),
            SessionState.BOOKED: _("It is now on %(when)s, %(how)s."),
            SessionState.HELD: _("It has been held, on %(when)s."),
            SessionState.CANCELLED: _("It has been cancelled."),
        }[SessionState(session.state)] % {
            "when": words.when_words(session),
            "how": words.mode_words(session, with_place=False),
        }
        super().__init__(_("This session was changed since you opened it.") + " " + now)


class InThePast(Refused):
    """A time that has gone by."""

    def __init__(self, starts_at: dt.datetime, zone: str) -> None:
        super().__init__(
            _("%(when)s has gone by. Choose a later time.") % {"when": words.moment_words(starts_at, zone)}
        )


class DayInThePast(Refused):
    """A day that has gone by."""

    def __init__(self, on: dt.date) -> None:
        super().__init__(_("%(day)s has gone by. Choose today or a later day.") % {"day": date_format(on, "j F Y")})


class OutsideCohort(Refused):
    """A day before the cohort begins or after it ends."""

    def __init__(self, starts_on: dt.date, ends_on: dt.date) -> None:
        super().__init__(
            _("The cohort runs from %(first)s to %(last)s. Choose a day within it.")
            % {"first": date_format(starts_on, "j F Y"), "last": date_format(ends_on, "j F Y")}
        )


class AlreadyHeld(Refused):
    """What took place stays where it was."""

    def __init__(self) -> None:
        super().__init__(_("This session has been held, so it can no longer be moved or cancelled."))


class NotPossibleNow(Refused):
    """The session's state does not allow it; the sentence says why."""


class NobodyThere(Refused):
    """A session without anybody to hold it for."""

    def __init__(self) -> None:
        super().__init__(_("Nobody would be in this session on that day, so it was not booked."))


class NoCoachYet(Refused):
    """Sessions need a coach first."""

    def __init__(self) -> None:
        super().__init__(_("There is no coach for this yet. Form the groups or choose a coach first."))


class GroupLacksMinutes(Refused):
    """Somebody in the group has not enough minutes left for its sessions."""

    def __init__(self, number: int, reason: str) -> None:
        self.number = number
        super().__init__(
            _("Group %(number)s was not planned, because minutes do not suffice. %(reason)s")
            % {"number": number, "reason": reason}
        )


class AlreadyPlanned(Refused):
    """Nothing is missing."""


class PlanChanged(Refused):
    """What was previewed no longer holds, because people's time was taken meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody's time was taken since you looked, so these dates are not the ones you saw. Look again.")
        )


class StrangerMarked(Refused):
    """A mark for somebody who is not in the session."""

    def __init__(self) -> None:
        super().__init__(_("Attendance was given for somebody who is not in this session. Nothing was changed."))


class TooEarly(Refused):
    """Attendance is not marked ahead of time."""

    def __init__(self, session: CoachingSession, minutes: int) -> None:
        super().__init__(
            _("Attendance can be marked from %(minutes)s minutes before the session begins: %(when)s.")
            % {"minutes": minutes, "when": words.when_words(session)}
        )


class CutOffPassed(Refused):
    """Too near its time for a coachee to move a session alone."""

    def __init__(self, hours: int) -> None:
        if hours:
            sentence = _("This session begins in less than %(hours)s hours, so it can no longer be moved here.") % {
                "hours": hours
            }
        else:
            sentence = _("This session has begun, so it can no longer be moved.")
        super().__init__(sentence + " " + _("Write to your coach if you cannot come."))


class NothingHeld(Refused):
    """No time was chosen, or it was let go in another window."""

    def __init__(self) -> None:
        super().__init__(_("No time is kept for you now. Choose one."))


class TooLate(Refused):
    """Apologies end where the session begins."""

    def __init__(self) -> None:
        super().__init__(_("The session has begun. Speak to your coach, who marks attendance."))


def _next_times(next_free: tuple[dt.datetime, ...], zone: str) -> str:
    if not next_free:
        return ""
    times = "; ".join(words.moment_words(start, zone) for start in next_free)
    return " " + _("The next free times are: %(times)s.") % {"times": times}
