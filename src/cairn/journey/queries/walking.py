"""Reads of one's own walk: the next question, the page of a question, the map, versions and days to look back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cairn.engines.paths import walking as engine
from cairn.engines.paths.shapes import Question, QuestionPath, Stage
from cairn.engines.paths.walking import StageState, State
from cairn.engines.reconciling import Change, changes
from cairn.journey.models import AnswerVersion
from cairn.journey.queries.opening import identity
from cairn.journey.queries.reasons import question_reason, shared_reason
from cairn.journey.queries.sharing import Readers, readers_of
from cairn.journey.queries.walked import VERSION, Picked, Walked, fingerprint, walked
from cairn.journey.terms import ItemKind
from cairn.library import queries as library
from cairn.people.models import Person
from cairn.people.queries import NotFound

QUOTED = 600
"""So many characters of an earlier answer stand beside a question."""
MOST_VERSIONS = 50

Stages = tuple[tuple[str, str], ...]
"""(title, state) of each stage; the state is walked, now or next."""


@dataclass(frozen=True)
class NextQuestion:
    """What comes next, with the sentence that says why. `looks_back`: its day to look back has come."""

    key: str
    text: str
    reason: str
    stage_title: str
    stage_number: int
    stages: Stages
    looks_back: bool = False


@dataclass(frozen=True)
class Earlier:
    """What was written before, beside a question that builds on it. `is_cut`: there is more of it."""

    key: str
    question: str
    text: str
    is_cut: bool
    moment: dt.datetime
    versions: int


@dataclass(frozen=True)
class Offered:
    """An exercise that is offered. `reason` is empty where the question itself names it."""

    key: str
    title: str
    minutes: int
    reason: str


@dataclass(frozen=True)
class QuestionPage:
    """Everything on the page of one question. `revision` is 0 and `saved_at` None before the first saving.

    `waiting` is the first stage, up to this one, whose questions wait for something to be found out.
    """

    question: Question
    stage: Stage
    number: int
    stages: Stages
    answer_id: int
    written: str
    revision: int
    state: State
    saved_at: dt.datetime | None
    answered_at: dt.datetime | None
    versions: int
    look_back_on: dt.date | None
    looks_back: bool
    reason: str
    earlier: tuple[Earlier, ...]
    more: int
    exercises: tuple[Offered, ...]
    waiting: Stage | None
    readers: Readers


@dataclass(frozen=True)
class MapQuestion:
    """One question on the map. `moment`: when it was answered, or last written at."""

    key: str
    text: str
    state: State
    moment: dt.datetime | None
    versions: int
    look_back_on: dt.date | None


@dataclass(frozen=True)
class MapStage:
    """One stone of the cairn. `homework` is what to find out elsewhere, `noted` whether something was noted."""

    key: str
    number: int
    title: str
    about: str
    state: StageState
    questions: tuple[MapQuestion, ...]
    homework: tuple[str, ...]
    waits: bool
    first: str


@dataclass(frozen=True)
class LookBack:
    """An answer to look back on: the question, what is asked now, since when."""

    key: str
    text: str
    prompt: str
    on: dt.date
    answered_at: dt.datetime


@dataclass(frozen=True)
class PathMap:
    """The whole path. `brought` are the topics and situations that were chosen, in words."""

    path: QuestionPath
    stages: tuple[MapStage, ...]
    next: NextQuestion | None
    is_begun: bool
    brought: tuple[str, ...]
    offered: tuple[Offered, ...]
    look_backs: tuple[LookBack, ...]


@dataclass(frozen=True)
class OpenedVersion:
    """An answer as it stood once. `changes` lead from the version before it; empty for the first."""

    number: int
    written_at: dt.datetime
    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Versions:
    """How an answer changed, oldest first. `now` is what has been written since the last version, if anything."""

    question: Question
    answer_id: int
    versions: tuple[OpenedVersion, ...]
    now: str
    saved_at: dt.datetime


@dataclass(frozen=True)
class Intake:
    """What brought somebody here, beside everything that could."""

    path: QuestionPath
    topics: tuple[str, ...]
    situations: tuple[str, ...]
    words: str
    is_said: bool


@dataclass(frozen=True)
class Homework:
    """What to find out for a stage, and what was noted of it. `seen` goes back with what is noted next."""

    stage: Stage
    number: int
    text: str
    seen: str
    noted_at: dt.datetime | None


# ------------------------------------------------------------------ what comes next


def next_question(reader: Person, at: dt.datetime) -> NextQuestion | None:
    """The question that comes next for the reader, and why; None when nothing comes by itself. Three queries."""
    walk = walked(reader, at)
    step = engine.next_question(walk.path, walk.progress)
    return _next(walk, reader, step, engine.map_of(walk.path, walk.progress, step))


def _next(
    walk: Walked, reader: Person, step: engine.Step | None, stages: tuple[engine.StageOnMap, ...]
) -> NextQuestion | None:
    if step is None:
        return None
    return NextQuestion(
        key=step.question.key,
        text=step.question.text,
        reason=question_reason(walk, step.question, step.stage, step.reason, reader),
        stage_title=step.stage.title,
        stage_number=walk.path.stages.index(step.stage) + 1,
        stages=_rail(stages, step.stage.key),
        looks_back=step.reason.why == engine.Why.LOOK_BACK,
    )


def _rail(stages: tuple[engine.StageOnMap, ...], here: str) -> Stages:
    """The cairn laid on its side. The stage that is looked at is the one in hand."""
    words = {StageState.WALKED: "walked"}
    return tuple(
        (each.stage.title, "now" if each.stage.key == here else words.get(each.state, "next")) for each in stages
    )


# ------------------------------------------------------------------ one question


def question_page(reader: Person, key: str, at: dt.datetime) -> QuestionPage:
    """One question with the reader's own answer. Four queries. Raises NotFound for a key that the path lacks."""
    return _page(walked(reader, at), reader, key, at)


def _page(walk: Walked, reader: Person, key: str, at: dt.datetime) -> QuestionPage:
    question, stage = walk.path.question(key), walk.path.stage_of(key)
    if question is None or stage is None:
        raise NotFound
    row = walk.answers.get(key)
    stages_before = walk.path.stages.index(stage)
    step = engine.next_question(walk.path, walk.progress)
    stages = engine.map_of(walk.path, walk.progress, step)
    reason = engine.reason_for(walk.path, walk.progress, question, step)
    earlier = _earlier(walk, (*question.builds_on, *((reason.question,) if reason.word else ())), key)
    readers = readers_of(reader, ItemKind.ANSWER, (row.id if row else 0,), at)
    written = sum(1 for each, text in walk.texts.items() if text.strip() and each != key)
    return QuestionPage(
        question=question,
        stage=stage,
        number=stages_before + 1,
        stages=_rail(stages, stage.key),
        answer_id=row.id if row else 0,
        written=walk.texts.get(key, ""),
        revision=row.revision if row else 0,
        state=walk.progress.state(key),
        saved_at=row.saved_at if row and row.sealed is not None else None,
        answered_at=row.answered_at if row else None,
        versions=row.versions if row else 0,
        look_back_on=row.look_back_on if row else None,
        looks_back=walk.progress.look_backs.get(key, dt.date.max) <= walk.progress.today,
        reason=question_reason(walk, question, stage, reason, reader),
        earlier=earlier,
        more=written - len(earlier),
        exercises=tuple(each for exercise in question.exercises for each in _exercise(exercise, "")),
        waiting=next((each.stage for each in stages[: stages_before + 1] if each.waits), None),
        readers=readers[row.id if row else 0],
    )


def _earlier(walk: Walked, keys: tuple[str, ...], itself: str) -> tuple[Earlier, ...]:
    found = []
    for key in dict.fromkeys(keys):
        question, text = walk.path.question(key), walk.texts.get(key, "").strip()
        if question is None or not text or key == itself:
            continue
        row = walk.answers[key]
        moment = row.answered_at or row.saved_at
        found.append(Earlier(key, question.text, _cut(text), len(text) > QUOTED, moment, row.versions))
    return tuple(found)


def _cut(text: str) -> str:
    """The beginning of a text, up to the end of a word."""
    return text if len(text) <= QUOTED else text[:QUOTED].rsplit(None, 1)[0] + " …"


def _exercise(key: str, reason: str) -> tuple[Offered, ...]:
    found = library.exercises().get(key)
    return (Offered(key, found.title, found.minutes, reason),) if found else ()


# ------------------------------------------------------------------ the whole path


def path_map(reader: Person, at: dt.datetime, picked: Picked | None = None) -> PathMap:
    """The whole path with where the reader stands, what is offered and what waits. Queries as of `walked`."""
    walk = walked(reader, at, picked)
    step = engine.next_question(walk.path, walk.progress)
    stages = engine.map_of(walk.path, walk.progress, step)
    return PathMap(
        path=walk.path,
        stages=tuple(_stage(walk, each) for each in stages),
        next=_next(walk, reader, step, stages),
        is_begun=walk.is_begun,
        brought=tuple(each.label for each in walk.path.topics if each.key in walk.progress.topics),
        offered=_offered(walk),
        look_backs=_due(walk),
    )


def _offered(walk: Walked) -> tuple[Offered, ...]:
    offers = engine.offered(walk.path, walk.progress)
    return tuple(one for each in offers for one in _exercise(each.exercise, shared_reason(walk, each.reason)))


def _stage(walk: Walked, found: engine.StageOnMap) -> MapStage:
    open_ = (each.question.key for each in found.stones if each.state in (State.OPEN, State.DRAFT, State.PARKED))
    return MapStage(
        key=found.stage.key,
        number=found.number,
        title=found.stage.title,
        about=found.stage.about,
        state=found.state,
        questions=tuple(_stone(walk, each) for each in found.stones),
        homework=found.stage.homework,
        waits=found.waits,
        first=next(open_, found.stones[0].question.key if found.stones else ""),
    )


def _stone(walk: Walked, stone: engine.Stone) -> MapQuestion:
    key = stone.question.key
    row = walk.answers.get(key) if stone.state != State.OPEN else None
    moment = (row.answered_at if stone.state == State.ANSWERED else row.saved_at) if row else None
    waiting = walk.progress.look_backs.get(key)
    return MapQuestion(key, stone.question.text, stone.state, moment, row.versions if row else 0, waiting)


def look_backs_due(reader: Person, at: dt.datetime) -> tuple[LookBack, ...]:
    """The answers to look back on by now, the longest waiting first. Three queries; no text of the reader's."""
    return _due(walked(reader, at))


def _due(walk: Walked) -> tuple[LookBack, ...]:
    due = sorted((on, key) for key, on in walk.progress.look_backs.items() if on <= walk.progress.today)
    found = []
    for on, key in due:
        if question := walk.path.question(key):
            prompt = question.look_back or question.text
            found.append(LookBack(key, question.text, prompt, on, walk.answers[key].answered_at))
    return tuple(found)


# ------------------------------------------------------------------ versions, intake, homework


def versions(reader: Person, key: str, at: dt.datetime) -> Versions:
    """How the reader's answer to a question changed. Four queries. Raises NotFound where nothing was ever answered."""
    walk = walked(reader, at)
    question, row = walk.path.question(key), walk.answers.get(key)
    if question is None or row is None or not row.versions or walk.box is None:
        raise NotFound
    rows = AnswerVersion.objects.filter(answer=row.id, person=reader).order_by("-number")[:MOST_VERSIONS]
    texts = [(each, walk.box.open(bytes(each.sealed), identity(VERSION, each.name))) for each in reversed(rows)]
    found: list[OpenedVersion] = []
    for each, text in texts:
        steps = changes(found[-1].text, text) if found else ()
        found.append(OpenedVersion(each.number, each.written_at, text, steps))
    written = walk.texts.get(key, "")
    return Versions(question, row.id, tuple(found), written if written != found[-1].text else "", row.saved_at)


def look_back(reader: Person, key: str, at: dt.datetime) -> tuple[QuestionPage, OpenedVersion]:
    """A question with what was said then. Five queries. Raises NotFound where there is no day to look back on."""
    walk = walked(reader, at)
    page = _page(walk, reader, key, at)
    if page.look_back_on is None or not page.versions or walk.box is None:
        raise NotFound
    last = AnswerVersion.objects.filter(answer=page.answer_id, person=reader).order_by("-number")[0]
    text = walk.box.open(bytes(last.sealed), identity(VERSION, last.name))
    return page, OpenedVersion(last.number, last.written_at, text, ())


def intake(reader: Person, at: dt.datetime) -> Intake:
    """What the reader said brings them here. Three queries."""
    walk = walked(reader, at)
    said: Any = walk.intake
    return Intake(
        path=walk.path,
        topics=tuple(said.get("topics", ())),
        situations=tuple(said.get("situations", ())),
        words=said.get("words", ""),
        is_said=bool(said),
    )


def homework(reader: Person, stage_key: str, at: dt.datetime) -> Homework:
    """What is to be found out for a stage, and what the reader noted. Raises NotFound for a stage without."""
    walk = walked(reader, at)
    for number, stage in enumerate(walk.path.stages, start=1):
        if stage.key == stage_key and stage.homework:
            noted = walk.homework.get(stage_key, {})
            moment = dt.datetime.fromisoformat(noted["at"]) if noted.get("at") else None
            text = str(noted.get("text", ""))
            return Homework(stage, number, text, fingerprint(text), moment)
    raise NotFound


def homework_awaited(reader: Person, at: dt.datetime) -> str:
    """The first stage that waits only for its homework, once nothing else comes by itself; else empty."""
    walk = walked(reader, at)
    if engine.next_question(walk.path, walk.progress) is not None:
        return ""
    return next((each.key for each in walk.path.stages if engine.waits_for_homework(each, walk.progress)), "")
