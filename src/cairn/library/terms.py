"""Closed word lists of the library. Doors may import this module."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContributionKind(models.TextChoices):
    """What a coach contributes."""

    FAVOURITE = "favourite", _("a question I like to ask")
    NEVER = "never", _("a question never to ask")


class ContributionState(models.TextChoices):
    """What became of it."""

    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("in use")
    DECLINED = "declined", _("not taken")
