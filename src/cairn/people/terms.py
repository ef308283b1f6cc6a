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


class Scope(TextChoices):
    """What an API token lets another system do in its owner's name; never more than its owner may."""

    PEOPLE = "people:read", _("read people")
    COHORTS = "cohorts:read", _("read programmes, cohorts and groups")
    SESSIONS = "sessions:read", _("read sessions")
    SESSIONS_WRITE = "sessions:write", _("date, move and cancel sessions")
    ATTENDANCE = "attendance:read", _("read attendance")
    ATTENDANCE_WRITE = "attendance:write", _("mark attendance")
    MINUTES = "minutes:read", _("read minutes")
    INVOICES = "invoices:read", _("read invoices")
    WEBHOOKS = "webhooks:write", _("manage webhooks")
