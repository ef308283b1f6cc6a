"""Closed lists of words of this room, for every door and drawer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What minutes are for. The first two are promised to coachees; coaches are commissioned for all of them."""

    ONE_TO_ONE = "one_to_one", _("one-to-one")
    GROUP = "group", _("group")
    COACH_MEETING = "coach_meeting", _("coach meeting")
    FAMILIARISATION = "familiarisation", _("familiarisation")
    TOPIC = "topic", _("topic session")
    DROP_IN = "drop_in", _("drop-in")
    CELEBRATION = "celebration", _("celebration")


class Stays(TextChoices):
    """What becomes of somebody who moves to a new job."""

    OWN_TIME = "own_time", _("stays on in own time")
    LEAVES = "leaves", _("leaves the cohort")
    UNKNOWN = "unknown", _("not yet known")


class GroupMode(TextChoices):
    """How groups come about."""

    MIXED = "mixed", _("mixed")
    ALIKE = "alike", _("of like people")
    SELF_CHOSEN = "self_chosen", _("chosen by the people themselves")


class Choosing(TextChoices):
    """How people choose a group's time: they rank and the engine settles, or they take a seat at once."""

    RANK = "rank", _("rank the times; seats are given when choosing closes")
    PICK = "pick", _("take a seat at once, while there is one")


class MoveWish(TextChoices):
    """What somebody who asks to move asks for."""

    ANOTHER_GROUP = "another", _("another group")
    ANOTHER_COACH = "coach", _("another coach")
    THIS_GROUP = "this_group", _("a group that is named")


class MoveState(TextChoices):
    """Where a request to move stands."""

    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("cannot be met")
    WITHDRAWN = "withdrawn", _("withdrawn")
    UNDONE = "undone", _("undone")


class Against(TextChoices):
    """What stands against a move, in words for the person concerned. They reveal nobody, and no rule about somebody."""

    FULL = "cap", _("Every other group is full.")
    TOO_SMALL = "minimum", _("The group they are in would become too small.")
    TIME = "slot", _("No other coach is free at a time that is possible.")
    MINUTES = "coach_minutes", _("No other coach has the minutes.")
    RULES = "rules", _("The rules by which the groups are formed leave no other place.")
    MIX = "mix", _("The groups would no longer be mixed as evenly as was promised to everybody.")


class Need(TextChoices):
    """What an adjustment asks for."""

    ONE_TO_ONE = "one_to_one", _("one-to-one coaching instead of a group")
    SMALLER_GROUP = "smaller_group", _("a smaller group")
    CAMERA_OFF = "camera_off", _("the camera off")
    WRITTEN_SUMMARY = "written", _("a written summary of each session")
    OTHER = "other", _("something else")


ARRANGED_BY_DEFAULT = {
    Need.ONE_TO_ONE: _("Coaching is one-to-one, not in a group."),
    Need.SMALLER_GROUP: _("The group stays small."),
    Need.CAMERA_OFF: _("The camera may be off."),
    Need.WRITTEN_SUMMARY: _("A written summary is sent after each session."),
}
TOLD_TO_GROUP_BY_DEFAULT = {Need.CAMERA_OFF: _("Cameras may be off in this group.")}
DUE_AFTER_BY_DEFAULT = frozenset({Need.WRITTEN_SUMMARY})


class AdjustmentState(TextChoices):
    """Where an adjustment stands."""

    WAITING = "waiting", _("waiting")
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("not possible")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")


class SlotState(TextChoices):
    """What became of a choice."""

    SAID = "said", _("said")
    SEATED = "seated", _("has a seat")
    WAITING = "waiting", _("on the waiting list")
