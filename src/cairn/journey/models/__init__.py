"""The coachee's own records. Only this room imports this package; the import contracts hold it to that."""

from cairn.journey.models.exercises import ExerciseRun, Portrait
from cairn.journey.models.goals import ActionStep, Goal, GoalReview, Preparation
from cairn.journey.models.journal import JournalEntry, JournalImport
from cairn.journey.models.sealed import Erasure, SealingKey
from cairn.journey.models.sharing import CoachNote, Companion, Pick, Reading, Share
from cairn.journey.models.walking import Answer, AnswerVersion, Rhythm, Walk

__all__ = [
    "ActionStep",
    "Answer",
    "AnswerVersion",
    "CoachNote",
    "Companion",
    "Erasure",
    "ExerciseRun",
    "Goal",
    "GoalReview",
    "JournalEntry",
    "JournalImport",
    "Pick",
    "Portrait",
    "Preparation",
    "Reading",
    "Rhythm",
    "SealingKey",
    "Share",
    "Walk",
]
