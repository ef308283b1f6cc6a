"""A journey with something in every part of it, written through the actions. Every text holds the word it is given."""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from cairn.engines.portrait import SECTIONS, Written
from cairn.journey import actions, queries
from cairn.library import queries as library
from cairn.people.models import Person

DAY = dt.timedelta(days=1)


@dataclass
class Whole:
    """What was written: every text, and the rows that tests ask for."""

    texts: list[str] = field(default_factory=list)
    entry_id: int = 0
    goal_id: int = 0
    run_ids: list[int] = field(default_factory=list)


class Words:
    """Texts that nobody else wrote: the word, what it is, and a number."""

    def __init__(self, word: str) -> None:
        self.word, self.count, self.all = word, itertools.count(1), []

    def __call__(self, what: str) -> str:
        text = f"{self.word}-{what}-{next(self.count)}"
        self.all.append(text)
        return text


def write(person: Person, at: dt.datetime, *, word: str = "LEAK", coach: Person | None = None) -> Whole:
    """Everything that a person can write in their journey, a day apart."""
    say, made = Words(word), Whole()
    actions.begin_walk(topics=["change"], situations=["unclear"], words=say("intake"), by=person, at=at)
    path = library.path()
    stage = next(each for each in path.stages if each.homework)
    actions.note_homework(stage=stage.key, text=say("homework"), seen="", by=person, at=at)
    questions = [question.key for question in path.questions]
    first = {"question": questions[0], "look_back_on": (at + 90 * DAY).date(), "by": person}
    actions.finish_answer(**first, text=say("answer"), revision=0, at=at)
    actions.finish_answer(**first, text=say("answer"), revision=1, at=at + DAY)
    actions.save_answer(question=questions[1], text=say("draft"), revision=0, by=person, at=at + DAY)
    actions.park_question(question=questions[2], text=say("parked"), revision=0, by=person, at=at + DAY)
    actions.skip_question(question=questions[3], text="", revision=0, by=person, at=at + DAY)
    for number, exercise in enumerate(library.exercises().values()):
        run = actions.begin_run(exercise=exercise.key, by=person, at=at + number * DAY)
        values = values_of(exercise, say)
        actions.save_run(run_id=run.pk, values=values, revision=run.revision, by=person, at=at + number * DAY)
        if number % 3 != 2:
            actions.finish_run(run_id=run.pk, by=person, at=at + number * DAY)
        made.run_ids.append(run.pk)
    lines = [Written("", say("portrait")), Written("", say("portrait"))]
    seen = queries.portrait(person).seen[SECTIONS[0]]
    actions.keep_section(section=SECTIONS[0], lines=lines, seen=seen, by=person, at=at + 2 * DAY)
    entry = actions.write_entry(
        text=say("entry"), title=say("title"), tags=[say("tag").lower()], prompt=say("prompt"), by=person, at=at + DAY
    )
    say.all[-2] = say.all[-2].lower()
    made.entry_id = entry.pk
    actions.write_entry(text=say("entry"), by=person, at=at + 3 * DAY)
    levels = [say("level") for _each in range(5)]
    goal = actions.set_goal(title=say("goal"), why=say("why"), levels=levels, by=person, at=at)
    made.goal_id = goal.pk
    actions.review_goal(goal_id=goal.pk, level=1, note=say("review"), by=person, at=at + 5 * DAY)
    other = actions.set_goal(title=say("goal"), by=person, at=at)
    actions.close_goal(goal_id=other.pk, state="let_go", by=person, at=at + 6 * DAY)
    actions.add_step(text=say("step"), due_on=at.date(), goal_id=goal.pk, remind=True, by=person, at=at)
    done = actions.add_step(text=say("step"), agreed_with=coach, by=person, at=at + DAY)
    actions.finish_step(step_id=done.pk, by=person, at=at + 2 * DAY)
    for part in ("bring", "take_away"):
        revision = 0 if part == "bring" else 1
        actions.save_preparation(session_id=7, part=part, text=say(part), revision=revision, by=person, at=at)
    if coach is not None:
        actions.write_note(about_id=person.pk, text=say("note-private"), is_shared=False, by=coach, at=at)
        actions.write_note(about_id=person.pk, text=say("note-shared"), is_shared=True, by=coach, at=at)
        actions.pick(person_id=person.pk, kind="question", key=questions[5], by=coach, at=at)
        actions.share(kind="entry", item_id=entry.pk, reader=coach, until=at + 30 * DAY, by=person, at=at + DAY)
        queries.shared_item(coach, person.pk, "entry", entry.pk, at + 2 * DAY)
    made.texts = say.all
    return made


def values_of(exercise: Any, say: Words) -> dict[str, Any]:
    """Something in every part of an exercise."""
    return {part.key: _part(part, say) for part in exercise.parts} | {"_words": say("words")}


def _part(part: Any, say: Words) -> Any:
    if part.kind in ("text", "short"):
        return say("part")
    if part.kind == "scale":
        return part.high
    if part.kind == "choice":
        return next(iter(part.options))
    if part.kind == "sort":
        return dict.fromkeys(part.cards, next(iter(part.piles)))
    return [{column.key: _cell(column, say) for column in part.columns} for _row in range(2)]


def _cell(column: Any, say: Words) -> Any:
    if column.kind in ("scale", "number"):
        return column.high
    if column.kind == "choice":
        return next(iter(column.options))
    return "2027-03-01" if column.kind == "date" else say("cell")
