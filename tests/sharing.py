"""Something of every kind that can be shared, sealed as its author, with a word of one's choice in each text."""

import datetime as dt
import json
import uuid
from typing import Any

from cairn.journey.actions.keeping import box_for
from cairn.journey.models import Answer, ExerciseRun, Goal, GoalReview, JournalEntry, Portrait, Preparation, Walk
from cairn.journey.queries.goals import REVIEW
from cairn.journey.queries.opening import identity
from cairn.people.models import Person
from tests import cast

QUESTION = "picture"
EXERCISE = "keep_and_change"


def thandiwe_writes(world: cast.World, word: str) -> dict[str, int]:
    """The same by Thandiwe, at the moment of the tests."""
    return write_everything(world.thandiwe, cast.AT, word)


def write_everything(person: Person, at: dt.datetime, word: str) -> dict[str, int]:
    """One item of every kind, each with the word in its text. Kind → id."""
    box = box_for(person, at)

    def sealed(kind: str, text: Any) -> dict[str, Any]:
        name = uuid.uuid4()
        kept = text if isinstance(text, str) else json.dumps(text)
        return {"person": person, "name": name, "sealed": box.seal(kept, identity(kind, name))}

    walk, _is_new = Walk.objects.get_or_create(
        person=person, path="cairn", defaults={"path_version": 1, "begun_at": at}
    )
    entry = JournalEntry(**sealed("journal", f"{word}-entry"), written_at=at, saved_at=at)
    entry.sealed_head = box.seal(
        json.dumps({"title": f"{word}-title", "tags": [f"{word}-tag"]}), identity("journal-head", entry.name)
    )
    answer = Answer(
        **sealed("answer", f"{word}-answer"),
        walk=walk,
        question=QUESTION,
        state="answered",
        saved_at=at,
        answered_at=at,
    )
    run = ExerciseRun(
        **sealed("exercise", {"aspects": [{"what": f"{word}-exercise", "wish": "keep"}]}),
        exercise=EXERCISE,
        exercise_version=1,
        state="finished",
        begun_at=at,
        saved_at=at,
        finished_at=at,
    )
    portrait = Portrait(
        **sealed("portrait", {"sections": {"energisers": [{"id": "1", "text": f"{word}-portrait"}]}}), saved_at=at
    )
    goal = Goal(
        **sealed("goal", {"title": f"{word}-goal", "why": f"{word}-why", "levels": [f"{word}-level"] * 5}), made_at=at
    )
    preparation = Preparation(
        **sealed("preparation", {"bring": f"{word}-bring", "take_away": f"{word}-take"}), session_id=1, saved_at=at
    )
    made = {
        "entry": entry,
        "answer": answer,
        "exercise": run,
        "portrait": portrait,
        "goal": goal,
        "preparation": preparation,
    }
    for each in made.values():
        each.save()
    GoalReview.objects.create(**sealed(REVIEW, f"{word}-review"), goal=goal, level=1, at=at)
    return {kind: each.pk for kind, each in made.items()}
