"""Writes of a person's own records. Nothing here is logged but that it happened."""

from cairn.journey.actions.goals import (
    ChangedMeanwhile,
    GoalIsClosed,
    NoTitle,
    change_goal,
    close_goal,
    delete_goal,
    reopen_goal,
    review_goal,
    set_goal,
    weigh,
)
from cairn.journey.actions.journal import NothingWritten, delete_entry, rewrite_entry, write_entry
from cairn.journey.actions.steps import (
    NoWords,
    add_step,
    agree_step,
    change_step,
    delete_step,
    finish_step,
    move_step,
    reopen_step,
)

__all__ = [
    "ChangedMeanwhile",
    "GoalIsClosed",
    "NoTitle",
    "NoWords",
    "NothingWritten",
    "add_step",
    "agree_step",
    "change_goal",
    "change_step",
    "close_goal",
    "delete_entry",
    "delete_goal",
    "delete_step",
    "finish_step",
    "move_step",
    "reopen_goal",
    "reopen_step",
    "review_goal",
    "rewrite_entry",
    "set_goal",
    "weigh",
    "write_entry",
]
