"""Closed lists of words of this room, for every door and drawer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
