"""Reads of a person's own records. Every read takes its reader."""

from cairn.journey.queries.goals import (
    Attainment,
    OpenedGoal,
    OpenedReview,
    attainment,
    goal,
    goal_titles,
    goals,
    reviews,
)
from cairn.journey.queries.journal import PAGE, OpenedEntry, entries, entry, wrapped_key
from cairn.journey.queries.sharing import Readers, readers_of
from cairn.journey.queries.steps import OpenedStep, all_steps, open_steps, step, steps_of_goal, steps_of_session
from cairn.people.queries import NotFound

__all__ = [
    "PAGE",
    "Attainment",
    "NotFound",
    "OpenedEntry",
    "OpenedGoal",
    "OpenedReview",
    "OpenedStep",
    "Readers",
    "all_steps",
    "attainment",
    "entries",
    "entry",
    "goal",
    "goal_titles",
    "goals",
    "open_steps",
    "readers_of",
    "reviews",
    "step",
    "steps_of_goal",
    "steps_of_session",
    "wrapped_key",
]
