"""Everything of one's own at once, opened, to be taken away. Nothing of it is kept on disk."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from cairn.engines.carrying import SHAPE, Item
from cairn.foundation.sealing import Box
from cairn.journey.models import (
    ActionStep,
    Answer,
    AnswerVersion,
    CoachNote,
    Companion,
    ExerciseRun,
    Goal,
    GoalReview,
    JournalEntry,
    Pick,
    Portrait,
    Preparation,
    Reading,
    Rhythm,
    SealingKey,
    Share,
    Walk,
)
from cairn.journey.queries.goals import REVIEW
from cairn.journey.queries.journal import HEAD, TEXT
from cairn.journey.queries.notes import NOTE
from cairn.journey.queries.opening import box_of, identity, opened_data
from cairn.journey.queries.steps import STEP
from cairn.journey.queries.walked import ANSWER, HOMEWORK, INTAKE, VERSION
from cairn.journey.terms import ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

AGREED_WITH = "agreed_with"
"""In a step that was brought in: the name of the coach with whom it was agreed elsewhere."""


def taken_out(reader: Person) -> dict[str, list[Item]]:
    """Everything of the reader's own as `engines.carrying` shapes it, oldest first. Seventeen queries at most."""
    try:
        box = box_of(reader.pk)
    except NotFound:
        box = None
    empty: dict[str, list[Item]] = {kind: [] for kind in SHAPE}
    return (
        empty
        | (_own(reader, box) if box is not None else {})
        | {
            "rhythm": _rhythm(reader),
            "shares": _shares(reader),
            "readings": _readings(reader),
            "notes": _notes(reader),
            "picks": _picks(reader),
            "companions": _companions(reader),
        }
    )


def has_journey(reader: Person) -> bool:
    """Whether the reader has written anything here. One query."""
    return SealingKey.objects.filter(person=reader).exists()


def _own(reader: Person, box: Box) -> dict[str, list[Item]]:
    goals = list(Goal.objects.filter(person=reader).order_by("made_at", "pk"))
    names = {goal.pk: goal.name for goal in goals}
    return {
        "walks": _walks(reader, box),
        "exercises": [_run(box, each) for each in ExerciseRun.objects.filter(person=reader).order_by("begun_at", "pk")],
        "journal": [
            _entry(box, each) for each in JournalEntry.objects.filter(person=reader).order_by("written_at", "pk")
        ],
        "portrait": [
            {"name": each.name, "sections": opened_data(box, each.sealed, ItemKind.PORTRAIT, each.name)}
            | {"saved_at": each.saved_at}
            for each in Portrait.objects.filter(person=reader)
        ],
        "goals": _goals(reader, box, goals),
        "steps": [
            _step(box, each, names)
            for each in ActionStep.objects.filter(person=reader).select_related("agreed_with").order_by("made_at", "pk")
        ],
        "preparations": [
            {"name": each.name, "said": opened_data(box, each.sealed, ItemKind.PREPARATION, each.name)}
            | {"saved_at": each.saved_at}
            for each in Preparation.objects.filter(person=reader).order_by("saved_at", "pk")
        ],
    }


def _walks(reader: Person, box: Box) -> list[Item]:
    versions: dict[int, list[Item]] = defaultdict(list)
    for each in AnswerVersion.objects.filter(person=reader).order_by("answer", "number"):
        text = _text(box, each.sealed, VERSION, each.name)
        versions[each.answer_id].append(
            {"name": each.name, "number": each.number, "text": text, "written_at": each.written_at}
        )
    answers: dict[int, list[Item]] = defaultdict(list)
    for answer in Answer.objects.filter(person=reader).order_by("saved_at", "pk"):
        answers[answer.walk_id].append(
            {
                "name": answer.name,
                "question": answer.question,
                "state": answer.state,
                "text": _text(box, answer.sealed, ANSWER, answer.name) if answer.sealed is not None else None,
                "saved_at": answer.saved_at,
                "answered_at": answer.answered_at,
                "look_back_on": answer.look_back_on,
                "looked_back_at": answer.looked_back_at,
                "versions": versions[answer.pk],
            }
        )
    return [
        {
            "name": walk.name,
            "path": walk.path,
            "path_version": walk.path_version,
            "begun_at": walk.begun_at,
            "intake": _data(box, walk.sealed_intake, INTAKE, walk.name),
            "homework": _data(box, walk.sealed_homework, HOMEWORK, walk.name),
            "answers": answers[walk.pk],
        }
        for walk in Walk.objects.filter(person=reader).order_by("begun_at", "pk")
    ]


def _run(box: Box, row: ExerciseRun) -> Item:
    return {
        "name": row.name,
        "exercise": row.exercise,
        "exercise_version": row.exercise_version,
        "state": row.state,
        "values": _data(box, row.sealed, ItemKind.RUN, row.name),
        "begun_at": row.begun_at,
        "saved_at": row.saved_at,
        "finished_at": row.finished_at,
    }


def _entry(box: Box, row: JournalEntry) -> Item:
    return {
        "name": row.name,
        "head": _data(box, row.sealed_head, HEAD, row.name),
        "text": _text(box, row.sealed, TEXT, row.name),
        "written_at": row.written_at,
        "saved_at": row.saved_at,
    }


def _goals(reader: Person, box: Box, goals: list[Goal]) -> list[Item]:
    reviews: dict[int, list[Item]] = defaultdict(list)
    for each in GoalReview.objects.filter(person=reader).order_by("at", "pk"):
        text = _text(box, each.sealed, REVIEW, each.name) if each.sealed is not None else ""
        reviews[each.goal_id].append({"name": each.name, "level": each.level, "text": text, "at": each.at})
    return [
        {
            "name": goal.name,
            "said": opened_data(box, goal.sealed, ItemKind.GOAL, goal.name),
            "weight": goal.weight,
            "state": goal.state,
            "made_at": goal.made_at,
            "target_on": goal.target_on,
            "closed_at": goal.closed_at,
            "reviews": reviews[goal.pk],
        }
        for goal in goals
    ]


def _step(box: Box, row: ActionStep, goals: Mapping[int, Any]) -> Item:
    said = opened_data(box, row.sealed, STEP, row.name)
    elsewhere = said.pop(AGREED_WITH, None)
    return {
        "name": row.name,
        "goal": goals.get(row.goal_id or 0),
        "said": said,
        "due_on": row.due_on,
        "remind": row.remind,
        "made_at": row.made_at,
        "done_at": row.done_at,
        "agreed_with": row.agreed_with.name if row.agreed_with else elsewhere,
    }


def _rhythm(reader: Person) -> list[Item]:
    rows = Rhythm.objects.filter(person=reader)
    return [dict(row) for row in rows.values("pace", "remind_steps", "remind_look_backs")]


# ------------------------------------------------------------------ what only tells the story


def _shares(reader: Person) -> list[Item]:
    rows = Share.objects.filter(person=reader).select_related("reader").order_by("since", "pk")
    return [
        {
            "reader": each.reader.name,
            "kind": each.kind,
            "all": each.item_id is None,
            "since": each.since,
            "until": each.until,
            "withdrawn_at": each.withdrawn_at,
        }
        for each in rows
    ]


def _readings(reader: Person) -> list[Item]:
    rows = Reading.objects.filter(person=reader).order_by("at", "pk").values_list("reader__name", "kind", "at")
    return [{"reader": name, "kind": kind, "at": at} for name, kind, at in rows]


def _notes(reader: Person) -> list[Item]:
    """What coaches wrote and shared with the reader, opened with the coaches' own keys."""
    rows = list(
        CoachNote.objects.filter(about=reader, is_shared=True).select_related("person").order_by("written_at", "pk")
    )
    keys = dict(
        SealingKey.objects.filter(person__in={each.person_id for each in rows}).values_list("person_id", "wrapped")
    )
    boxes = {
        person_id: Box(master=settings.CAIRN_MASTER_KEY, wrapped=bytes(wrapped), person_id=person_id)
        for person_id, wrapped in keys.items()
    }
    return [
        {
            "coach": each.person.name,
            "text": _text(boxes[each.person_id], each.sealed, NOTE, each.name),
            "written_at": each.written_at,
        }
        for each in rows
        if each.person_id in boxes
    ]


def _picks(reader: Person) -> list[Item]:
    rows = Pick.objects.filter(person=reader).order_by("picked_at", "pk")
    found = rows.values_list("coach__name", "kind", "key", "picked_at", "closed_at")
    return [dict(zip(("coach", "kind", "key", "picked_at", "closed_at"), row, strict=True)) for row in found]


def _companions(reader: Person) -> list[Item]:
    rows = Companion.objects.filter(person=reader).order_by("invited_at", "pk")
    names = ("address", "invited_at", "accepted_at", "ended_at")
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*names)]


def _text(box: Box, sealed: Any, kind: str, name: Any) -> str:
    return box.open(bytes(sealed), identity(kind, name))


def _data(box: Box, sealed: Any, kind: str, name: Any) -> dict[str, Any] | None:
    return None if sealed is None else opened_data(box, sealed, kind, name)
