"""The constraints on exercises as they were done: what each allows, what it refuses."""

from cairn.journey.models import ExerciseRun
from tests.cast import AT


def _run(w, **fields):
    given = {"person": w.thandiwe, "exercise": "wheel", "exercise_version": 1, "begun_at": AT, "saved_at": AT}
    return ExerciseRun.objects.create(**{**given, **fields})


TABLE = {
    "finished_run_has_moment": (
        lambda w: _run(w, state="finished", finished_at=AT),
        lambda w: _run(w, state="finished"),
    ),
}
