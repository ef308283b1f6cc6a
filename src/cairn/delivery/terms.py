"""Closed lists of words of this room, for every door and drawer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cairn.programmes.terms import Kind

# Meetings of all coaches of a cohort, and sessions to which everybody in it is asked; a celebration is both.
OF_ALL_COACHES = frozenset({Kind.COACH_MEETING, Kind.CELEBRATION})
FOR_THE_COHORT = frozenset({Kind.TOPIC, Kind.DROP_IN, Kind.CELEBRATION})
MEETINGS = OF_ALL_COACHES | FOR_THE_COHORT


class Mark(TextChoices):
    """What is said of one person at one session."""

    ATTENDED = "attended", _("attended")
    EXCUSED = "excused", _("excused")
    LATE_CANCELLED = "late_cancelled", _("late cancelled")
    MISSED = "missed", _("missed")


class SessionState(TextChoices):
    """Where a session stands."""

    UNDATED = "undated", _("without a date")
    BOOKED = "booked", _("booked")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class Mode(TextChoices):
    """How people meet."""

    ONLINE = "online", _("online")
    IN_PERSON = "in_person", _("in person")
    PHONE = "phone", _("by phone")


class CancelReason(TextChoices):
    """Why a session was cancelled, as far as the programme needs to know. Nobody is asked for more."""

    COACH = "coach", _("the coach cannot come")
    COACHEES = "coachees", _("too few coachees can come")
    PLACE = "place", _("the place or the link cannot be used")
    OTHER = "other", _("something else")


class FeedDetail(TextChoices):
    """How much of a session the feed for somebody's own calendar says."""

    BUSY = "busy", _("only that I am busy")
    TITLE = "title", _("that it is coaching, and of which kind")
    FULL = "full", _("everything I see in Cairn, but for how to join")


class CalendarKind(TextChoices):
    """How a calendar of somebody's own is read."""

    ADDRESS = "ics", _("an .ics address")
    CALDAV = "caldav", _("CalDAV, with an app password")


class CalendarState(TextChoices):
    """Whether a calendar of somebody's own answers."""

    NEW = "new", _("not read yet")
    WORKING = "working", _("answers")
    FAILING = "failing", _("does not answer")


class CalendarProblem(TextChoices):
    """Why a calendar of somebody's own could not be read, in words that help its owner."""

    PASSWORD = "password", _("It wants another user name or password. Many providers ask for an app password.")
    FORBIDDEN = "forbidden", _("It does not let Cairn in. Look whether the address may be read by others.")
    GONE = "gone", _("There is nothing at this address any more. Copy the address anew from your calendar.")
    NOT_CALENDAR = "not_calendar", _("What lies at this address is no calendar, but perhaps a page about one.")
    CUT = "cut", _("The calendar came only in part. Cairn tries again.")
    NO_CALDAV = "no_caldav", _("There is no CalDAV at this address. Your provider’s help pages name the right one.")
    NO_CALENDAR = "no_calendar", _("The account has no calendar with events that count as busy.")
    ADDRESS = "address", _("This address cannot be used: it must begin with https:// and name a host.")
    PRIVATE = "private", _("This address lies in a private network, where Cairn does not go.")
    CLEAR = "clear", _("The address does not begin with https://, and Cairn sends no password in clear.")
    ELSEWHERE = "elsewhere", _("The calendar leads to another host, which Cairn does not give the password.")
    NAME = "name", _("The host in the address does not exist.")
    CONNECTION = "connection", _("The host does not answer.")
    CERTIFICATE = "certificate", _("The host cannot prove that it is the one in the address.")
    SLOW = "slow", _("The calendar took too long to answer.")
    LARGE = "large", _("The calendar is too large. Perhaps your provider can publish the next year only.")
    MANY = "many", _("The calendar has too many events. Perhaps your provider can publish the next year only.")
    RULE = "rule", _("An event repeats more often than can be worked out.")
    REDIRECTS = "redirects", _("The address leads on and on. Copy it anew from your calendar.")
    BROKEN = "broken", _("The answer of the host was cut off or cannot be understood.")
    SERVER = "server", _("The host says that it has trouble of its own.")
    UNFORESEEN = "unforeseen", _("Something went wrong that nobody foresaw. Cairn tries again.")


class ReplyAnswer(TextChoices):
    """What a calendar program answered to an invitation."""

    ACCEPTED = "accepted", _("accepted")
    TENTATIVE = "tentative", _("perhaps")
    DECLINED = "declined", _("declined")


class PollState(TextChoices):
    """Where a poll stands."""

    OPEN = "open", _("open")
    SETTLED = "settled", _("settled")
    WITHDRAWN = "withdrawn", _("withdrawn")


class PollWord(TextChoices):
    """What somebody says of one time."""

    YES = "yes", _("yes")
    IF_NEED_BE = "maybe", _("if need be")
    NO = "no", _("no")


class PlaceState(TextChoices):
    """Whether somebody has a place in a session for the whole cohort, waits for one, or said that they cannot come."""

    SEATED = "seated", _("has a place")
    WAITING = "waiting", _("on the waiting list")
    AWAY = "away", _("cannot come")


class QuestionStage(TextChoices):
    """When a question for a topic session was asked."""

    BEFORE = "before", _("beforehand")
    DURING = "during", _("during the session")


class PointKind(TextChoices):
    """What a coach brings to a coach meeting."""

    CHALLENGE = "challenge", _("a common challenge")
    COMMENT = "comment", _("a comment")
    FEEDBACK = "feedback", _("feedback")
