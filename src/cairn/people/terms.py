"""Closed lists of words of this room, for every door and drawer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person may do in an organisation. Fixed in code; granted as dated rows."""

    COORDINATOR = "coordinator", _("coordinator")
    COACH = "coach", _("coach")
    COACHEE = "coachee", _("coachee")
    ADVISER = "adviser", _("adviser")
    SPONSOR = "sponsor", _("sponsor")
    ADMINISTRATOR = "administrator", _("administrator")
