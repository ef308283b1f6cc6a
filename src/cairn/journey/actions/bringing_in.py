"""Bringing a journey in from elsewhere: everything comes back with its dates, or nothing at all.

What is here already stays as it is and is not doubled. Where both sides have something that there can only be one of,
what is here stands, and what was brought is kept beside it: an answer as a version, a portrait as a journal entry.
Nothing that was shared elsewhere is shared here.
"""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from cairn.engines.carrying import Item, Journey
from cairn.engines.exercises import reading
from cairn.engines.exercises.shapes import CONFIRMED, WORDS
from cairn.foundation import audit
from cairn.foundation.sealing import Box
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import (
    ActionStep,
    Answer,
    AnswerVersion,
    ExerciseRun,
    Goal,
    GoalReview,
    JournalEntry,
    Portrait,
    Preparation,
    Rhythm,
    Walk,
)
from cairn.journey.queries.bringing_in import Coming, coming, renamed
from cairn.journey.queries.goals import REVIEW
from cairn.journey.queries.journal import HEAD, TEXT
from cairn.journey.queries.opening import identity
from cairn.journey.queries.steps import STEP
from cairn.journey.queries.taking_out import AGREED_WITH
from cairn.journey.queries.walked import ANSWER, HOMEWORK, INTAKE, VERSION
from cairn.journey.terms import AnswerState, GoalState, ItemKind, Pace, RunState
from cairn.library import queries as library
from cairn.people.models import Person

BATCH = 1000


@transaction.atomic
def bring_in(*, journey: Journey, by: Person, at: dt.datetime) -> dict[str, int]:
    """Take a journey (`engines.carrying.read`) into one's own. Twice brings nothing more. Returns counts by kind."""
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # one at a time
    found = coming(by, journey)
    hand = _Hand(by, box_for(by, at), at)
    hand.walks(found.new["walks"], found.new["answers"])
    hand.exercises(found.new["exercises"])
    hand.journal(found.new["journal"])
    hand.portrait(found.new["portrait"])
    hand.goals(found)
    hand.steps(found)
    hand.preparations(found.new["preparations"])
    hand.rhythm(found.new["rhythm"])
    audit.record(action="bring_in", subject_kind="person", subject_id=by.pk, facts=found.counts, by=by, at=at)
    return found.counts


class _Hand:
    """Writes the rows of one person, sealed with their key."""

    def __init__(self, person: Person, box: Box, at: dt.datetime) -> None:
        self.person, self.box, self.at = person, box, at

    def walks(self, walks: list[Item], new: list[Item]) -> None:
        """Walks that are not here; then the answers, each on the walk of its path."""
        here = {walk.path: walk for walk in Walk.objects.filter(person=self.person)}
        for item in walks:
            walk = here.get(item["path"])
            if walk is None:
                name = self._name(item)
                here[item["path"]] = Walk.objects.create(
                    person=self.person,
                    name=name,
                    path=item["path"],
                    path_version=item["path_version"],
                    begun_at=item["begun_at"],
                    sealed_intake=self._data(item["intake"], INTAKE, name),
                    sealed_homework=self._data(item["homework"], HOMEWORK, name),
                )
            elif walk.sealed_intake is None and item["intake"] is not None:
                walk.sealed_intake = self._data(item["intake"], INTAKE, walk.name)
                walk.save(update_fields=["sealed_intake"])
        answered = {(each.walk_id, each.question): each for each in Answer.objects.filter(person=self.person)}
        fresh, versions = [], []
        for item in new:
            walk = here[item["path"]]
            answer = answered.get((walk.pk, item["question"]))
            if answer is None:
                answer = self._answer(walk, item)
                answered[walk.pk, item["question"]] = answer
                fresh.append(answer)
                versions.append((answer, item["versions"]))
            else:
                versions.append((answer, [*item["versions"], *self._as_version(item)]))
        Answer.objects.bulk_create(fresh, batch_size=BATCH)
        self._versions(versions)

    def _answer(self, walk: Walk, item: Item) -> Answer:
        name, text, state = self._name(item), item["text"], item["state"]
        if state == AnswerState.ANSWERED and (text is None or item["answered_at"] is None):
            state = AnswerState.DRAFT
        return Answer(
            person=self.person,
            walk=walk,
            name=name,
            question=item["question"],
            state=state,
            sealed=None if text is None else self._text(text, ANSWER, name),
            saved_at=item["saved_at"],
            answered_at=item["answered_at"],
            look_back_on=item["look_back_on"],
            looked_back_at=item["looked_back_at"],
        )

    def _as_version(self, item: Item) -> list[Item]:
        """What stands in an answer whose question is answered here as well, unless its last version says the same."""
        if not item["text"] or (item["versions"] and item["versions"][-1]["text"] == item["text"]):
            return []
        name = uuid.uuid5(item["name"], "version")
        return [{"name": name, "text": item["text"], "written_at": item["saved_at"], "number": 0}]

    def _versions(self, wanted: list[tuple[Answer, list[Item]]]) -> None:
        """Versions after those that are here; numbers follow on."""
        here = set(AnswerVersion.objects.filter(person=self.person).values_list("name", flat=True))
        last: dict[int, int] = defaultdict(int)
        own = AnswerVersion.objects.filter(person=self.person).order_by().values("answer")
        last.update(own.annotate(last=Max("number")).values_list("answer", "last"))
        rows = []
        for answer, items in wanted:
            for item in items:
                name = self._name(item)
                if name in here:
                    continue
                here.add(name)
                last[answer.pk] += 1
                rows.append(
                    AnswerVersion(
                        person=self.person,
                        answer=answer,
                        name=name,
                        number=last[answer.pk],
                        sealed=self._text(item["text"], VERSION, name),
                        written_at=item["written_at"],
                    )
                )
        AnswerVersion.objects.bulk_create(rows, batch_size=BATCH)

    def exercises(self, items: list[Item]) -> None:
        rows = []
        for item in items:
            name, state = self._name(item), item["state"]
            if state == RunState.FINISHED and item["finished_at"] is None:
                state = RunState.BEGUN
            rows.append(
                ExerciseRun(
                    person=self.person,
                    name=name,
                    exercise=item["exercise"],
                    exercise_version=item["exercise_version"],
                    state=state,
                    sealed=self._data(_cleaned(item["exercise"], item["values"]), ItemKind.RUN, name),
                    begun_at=item["begun_at"],
                    saved_at=item["saved_at"],
                    finished_at=item["finished_at"],
                )
            )
        ExerciseRun.objects.bulk_create(rows, batch_size=BATCH)

    def journal(self, items: list[Item]) -> None:
        rows = []
        for item in items:
            name = self._name(item)
            rows.append(
                JournalEntry(
                    person=self.person,
                    name=name,
                    sealed=self._text(item["text"], TEXT, name),
                    sealed_head=self._data(item["head"], HEAD, name),
                    written_at=item["written_at"],
                    saved_at=item["saved_at"],
                )
            )
        JournalEntry.objects.bulk_create(rows, batch_size=BATCH)

    def portrait(self, items: list[Item]) -> None:
        for item in items[:1]:
            if Portrait.objects.filter(person=self.person).exists():
                text = "\n".join(_portrait_lines(item["sections"])) or "—"
                head = {"title": _("A portrait brought in from elsewhere"), "tags": []}
                self.journal([{**item, "head": head, "text": text, "written_at": item["saved_at"]}])
                continue
            name = self._name(item)
            Portrait.objects.create(
                person=self.person,
                name=name,
                sealed=sealed_data(self.box, item["sections"], ItemKind.PORTRAIT, name),
                saved_at=item["saved_at"],
            )

    def goals(self, found: Coming) -> None:
        rows = []
        for item in found.new["goals"]:
            name, closed = self._name(item), item["closed_at"]
            is_open = item["state"] == GoalState.OPEN or closed is None
            rows.append(
                Goal(
                    person=self.person,
                    name=name,
                    sealed=sealed_data(self.box, item["said"], ItemKind.GOAL, name),
                    weight=item["weight"],
                    state=GoalState.OPEN if is_open else item["state"],
                    made_at=item["made_at"],
                    target_on=item["target_on"],
                    closed_at=None if is_open else closed,
                )
            )
        Goal.objects.bulk_create(rows, batch_size=BATCH)
        goals = self._goals()
        reviews = []
        for item in found.new["reviews"]:
            name = self._name(item)
            reviews.append(
                GoalReview(
                    person=self.person,
                    goal_id=goals[found.goals[item["of"]]],
                    name=name,
                    level=item["level"],
                    sealed=self._text(item["text"], REVIEW, name) if item["text"] else None,
                    at=item["at"],
                )
            )
        GoalReview.objects.bulk_create(reviews, batch_size=BATCH)

    def steps(self, found: Coming) -> None:
        goals = self._goals()
        rows = []
        for item in found.new["steps"]:
            name = self._name(item)
            said = item["said"] | ({AGREED_WITH: item["agreed_with"]} if item["agreed_with"] else {})
            rows.append(
                ActionStep(
                    person=self.person,
                    name=name,
                    goal_id=goals.get(found.goals.get(item["goal"], item["goal"])),
                    sealed=sealed_data(self.box, said, STEP, name),
                    due_on=item["due_on"],
                    remind=item["remind"],
                    reminded_at=self.at if item["remind"] else None,  # what was due elsewhere is not announced again
                    made_at=item["made_at"],
                    done_at=item["done_at"],
                )
            )
        ActionStep.objects.bulk_create(rows, batch_size=BATCH)

    def preparations(self, items: list[Item]) -> None:
        """Their sessions were elsewhere: numbers below zero belong to none here."""
        lowest = Preparation.objects.filter(person=self.person).aggregate(low=Min("session_id"))["low"] or 0
        rows = []
        for number, item in enumerate(items, start=1):
            name = self._name(item)
            rows.append(
                Preparation(
                    person=self.person,
                    name=name,
                    session_id=min(lowest, 0) - number,
                    sealed=sealed_data(self.box, item["said"], ItemKind.PREPARATION, name),
                    saved_at=item["saved_at"],
                )
            )
        Preparation.objects.bulk_create(rows, batch_size=BATCH)

    def rhythm(self, items: list[Item]) -> None:
        for item in items:
            nudged = item["pace"] != Pace.NEVER
            tomorrow = self.at.astimezone(self.person.zone).date() + dt.timedelta(days=1)
            Rhythm.objects.create(person=self.person, next_nudge_on=tomorrow if nudged else None, **item)

    def _goals(self) -> dict[uuid.UUID, int]:
        return dict(Goal.objects.filter(person=self.person).values_list("name", "pk"))

    def _name(self, item: Item) -> uuid.UUID:
        return renamed(item["name"], self.person)

    def _text(self, text: str, kind: str, name: uuid.UUID) -> bytes:
        return self.box.seal(text, identity(kind, name))

    def _data(self, data: dict[str, Any] | None, kind: str, name: uuid.UUID) -> bytes | None:
        return None if data is None else sealed_data(self.box, data, kind, name)


def _portrait_lines(kept: dict[str, Any]) -> list[str]:
    """The lines of a portrait, in order."""
    return [str(line["text"]) for lines in kept.get("sections", {}).values() for line in lines]


def _cleaned(key: str, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """The values of an exercise as its definition here reads them; what it does not know stays as it came."""
    definition = library.exercises().get(key)
    if values is None or definition is None:
        return values
    known = {part.key for part in definition.parts} | {WORDS, CONFIRMED}
    return {each: value for each, value in values.items() if each not in known} | reading.read(definition, values)
