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


class Stays(TextChoices):
    """What becomes of somebody who moves to a new job."""

    OWN_TIME = "own_time", _("stays on in own time")
    LEAVES = "leaves", _("leaves the cohort")
    UNKNOWN = "unknown", _("not yet known")
