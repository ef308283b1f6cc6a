"""A journey of somebody who has written for years: as many sealed rows as one person may ever come to."""

import datetime as dt

from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import ActionStep, CoachNote, ExerciseRun, Goal, JournalEntry, Reading, Share
from cairn.journey.queries.notes import NOTE
from cairn.journey.queries.opening import identity
from cairn.journey.queries.steps import STEP
from cairn.journey.terms import ItemKind
from tests import cast

MOST = 1_000  # of each kind: no person writes a hundred thousand texts; the benchmarks take five thousand
SHARED_OF, RUNS_OF, GOALS_OF = 5, 10, 50
WORDS = "Thursdays are good, and I would keep the room in which they happen. " * 6


def gather(world: cast.World, start: int, stop: int) -> None:
    """Add to Thandiwe's journey what the numbers `start`…`stop` are, up to the most."""
    author, coach = world.thandiwe, world.ioana
    box, coachs_box = box_for(author, cast.AT), box_for(coach, cast.AT)
    numbers = range(start, min(stop, MOST) + 1)
    entries = [JournalEntry(person=author, written_at=_at(number)) for number in numbers]
    steps = [ActionStep(person=author, made_at=_at(number), agreed_with=coach) for number in numbers]
    runs = [_run(author, _at(number)) for number in numbers if number % RUNS_OF == 0]
    goals = [Goal(person=author, made_at=_at(number)) for number in numbers if number % GOALS_OF == 0]
    notes = [CoachNote(person=coach, about=author, is_shared=True) for number in numbers if number % RUNS_OF == 0]
    for entry in entries:
        entry.sealed = box.seal(WORDS, identity("journal", entry.name))
    for step in steps:
        step.sealed = sealed_data(box, {"text": "A small one"}, STEP, step.name)
    for run in runs:
        run.sealed = sealed_data(box, {"aspects": [{"aspect": "Room", "now": 3, "wished": 8}]}, ItemKind.RUN, run.name)
    for goal in goals:
        goal.sealed = sealed_data(box, {"title": "A goal", "why": "", "levels": [""] * 5}, ItemKind.GOAL, goal.name)
    for note in notes:
        note.sealed = coachs_box.seal("A note.", identity(NOTE, note.name))
        note.written_at = note.saved_at = cast.AT
    for rows in (entries, steps, runs, goals, notes):
        if rows:
            type(rows[0]).objects.bulk_create(rows)
    until = cast.AT + dt.timedelta(days=90)
    Share.objects.bulk_create(
        Share(person=author, reader=coach, kind=ItemKind.ENTRY, item_id=entry.pk, since=_at(1), until=until)
        for entry in entries[::SHARED_OF]
    )
    Reading.objects.bulk_create(
        Reading(person=author, reader=coach, kind=ItemKind.ENTRY, item_id=entry.pk, at=_at(1)) for entry in entries
    )


def _run(author: object, at: dt.datetime) -> ExerciseRun:
    return ExerciseRun(
        person=author,
        exercise="wheel",
        exercise_version=1,
        state="finished",
        begun_at=at,
        saved_at=at,
        finished_at=at,
    )


def _at(number: int) -> dt.datetime:
    return cast.AT - dt.timedelta(hours=number)
