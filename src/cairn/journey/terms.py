"""Closed word lists of the journey. Doors may import this module."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemKind(models.TextChoices):
    """What can be shared, and what a sealed text is."""

    ENTRY = "entry", _("journal entry")
    ANSWER = "answer", _("answer")
    RUN = "exercise", _("exercise")
    PORTRAIT = "portrait", _("portrait")
    GOAL = "goal", _("goal")
    PREPARATION = "preparation", _("session preparation")


class AnswerState(models.TextChoices):
    """Where somebody is with one question."""

    DRAFT = "draft", _("begun")
    ANSWERED = "answered", _("answered")
    PARKED = "parked", _("parked")
    SKIPPED = "skipped", _("skipped")


class RunState(models.TextChoices):
    """Where somebody is with one doing of an exercise."""

    BEGUN = "begun", _("begun")
    FINISHED = "finished", _("finished")
    SKIPPED = "skipped", _("skipped")


class GoalState(models.TextChoices):
    """What became of a goal."""

    OPEN = "open", _("open")
    REACHED = "reached", _("reached")
    LET_GO = "let_go", _("let go")


class PickKind(models.TextChoices):
    """What a coach picks for next time."""

    QUESTION = "question", _("question")
    EXERCISE = "exercise", _("exercise")


class Pace(models.TextChoices):
    """How often somebody wishes to be nudged."""

    NEVER = "never", _("not at all")
    WEEKLY = "weekly", _("every week")
    FORTNIGHTLY = "fortnightly", _("every two weeks")
    MONTHLY = "monthly", _("every month")
