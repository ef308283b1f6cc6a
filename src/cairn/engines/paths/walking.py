"""Walking a path: which question comes next and why, how far somebody is, and which exercises are offered.

The order is a rule that can be told in a sentence, never a judgement of what somebody wrote:

1. a question whose day to look back has come, the longest waiting first;
2. what a coach picked, the longest waiting first;
3. the bigger picture: the first questions of the first stage;
4. questions on what brought the person, or on something they wrote, in the order of the path;
5. the order of the path. In each stage what was parked comes after the others; what was parked today comes last of all.

A question waits until those it comes `after` are answered, and one that asks for a condition until it holds. Skipped
questions never come again by themselves. A stage with homework is passed over until something was noted for it. All of
this decides only what comes by itself: the whole map can be walked at any time.
"""

import datetime as dt
import enum
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cairn.engines.paths.shapes import Question, QuestionPath, Stage

BIGGER_PICTURE = 3
"""So many questions of the first stage come before everything else."""


_MARKS = re.compile("[\u0300-\u036f]+")
"""Accents, once they are set apart from their letters."""


class State(enum.StrEnum):
    """Where somebody is with one question, or with a stage."""

    OPEN = "open"
    DRAFT = "draft"
    ANSWERED = "answered"
    PARKED = "parked"
    SKIPPED = "skipped"


class StageState(enum.StrEnum):
    """How a stone of the cairn is drawn."""

    WALKED = "walked"
    NOW = "now"
    BEGUN = "begun"
    SKIPPED = "skipped"
    NEXT = "next"


class Why(enum.StrEnum):
    """The kinds of reason for which a question comes."""

    LOOK_BACK = "look_back"
    PICKED = "picked"
    BIGGER_PICTURE = "bigger_picture"
    TOPIC = "topic"
    WROTE = "wrote"
    BEGUN = "begun"
    PARKED = "parked"
    FOLLOWS = "follows"
    HOMEWORK = "homework"
    ORDER = "order"
    OWN_CHOICE = "own_choice"


@dataclass(frozen=True)
class Held:
    """What somebody has made of one question. `text` is folded; `parked_on` the day on which it was parked."""

    state: State
    text: str = ""
    parked_on: dt.date | None = None


@dataclass(frozen=True)
class Progress:
    """One person's walk. `topics` holds situations too; `words` are their own on what brought them, folded.

    `homework` are the stages for which something was noted; `picks` what coaches picked, oldest first; `look_backs` the
    days on which to look back, by question, of those not looked back on yet.
    """

    today: dt.date
    topics: frozenset[str] = frozenset()
    words: str = ""
    held: Mapping[str, Held] = field(default_factory=dict)
    homework: frozenset[str] = frozenset()
    picks: tuple[str, ...] = ()
    look_backs: Mapping[str, dt.date] = field(default_factory=dict)

    def state(self, key: str) -> State:
        """Where a question stands."""
        found = self.held.get(key)
        return found.state if found else State.OPEN

    @functools.cached_property
    def written(self) -> str:
        """Everything that was written, in one piece: what is not in it need not be looked for in each text."""
        return "\n".join((self.words, *(held.text for held in self.held.values())))


@dataclass(frozen=True)
class Reason:
    """Why a question or an exercise comes now, as data; the words are made elsewhere.

    `topics` are those that match; `word` is the folded word found in the answer to `question` (or, without one, in the
    words on what brought the person); with FOLLOWS `question` is the one that was answered before.
    """

    why: Why
    topics: tuple[str, ...] = ()
    word: str = ""
    question: str = ""
    on: dt.date | None = None


@dataclass(frozen=True)
class Step:
    """The next question, and why it comes."""

    question: Question
    stage: Stage
    reason: Reason


@dataclass(frozen=True)
class Stone:
    """One question on the map."""

    question: Question
    state: State


@dataclass(frozen=True)
class StageOnMap:
    """One stage on the map. `waits` where homework stands before its questions."""

    stage: Stage
    number: int
    state: StageState
    stones: tuple[Stone, ...]
    waits: bool


@dataclass(frozen=True)
class Offer:
    """An exercise that is offered, and why."""

    exercise: str
    reason: Reason


def folded(text: str) -> str:
    """Text as words are looked for in it: small letters without marks."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def next_question(path: QuestionPath, progress: Progress) -> Step | None:
    """What comes next; None when nothing comes by itself any more."""
    return next(_steps(path, progress), None)


def reason_for(path: QuestionPath, progress: Progress, question: Question, step: Step | None = None) -> Reason:
    """Why this question, however somebody came to it: its own turn, or what it has to do with them.

    `step` is the next one where it is known already, here and in `map_of`.
    """
    step = step or next_question(path, progress)
    if step is not None and step.question.key == question.key:
        return step.reason
    for reason in (_due(question, progress), _picked(question, progress), _matching(question, progress)):
        if reason is not None:
            return reason
    if fitting := _FITTING.get(progress.state(question.key)):
        return fitting
    is_led_to = all(progress.state(key) == State.ANSWERED for key in question.after)
    return (_follows(question) if is_led_to else None) or Reason(Why.OWN_CHOICE)


def map_of(path: QuestionPath, progress: Progress, step: Step | None = None) -> tuple[StageOnMap, ...]:
    """The whole path with where somebody stands on it."""
    step = step or next_question(path, progress)
    here = step.stage.key if step else ""
    return tuple(_on_map(stage, number, here, progress) for number, stage in enumerate(path.stages, start=1))


def offered(path: QuestionPath, progress: Progress) -> tuple[Offer, ...]:
    """Exercises by what brought the person, then by what they wrote; each once, with its first reason."""
    found: dict[str, Reason] = {}
    for topic in path.topics:
        if topic.key in progress.topics:
            for exercise in topic.exercises:
                found.setdefault(exercise, Reason(Why.TOPIC, topics=(topic.key,)))
    for words, exercises in path.wrote_offers.items():
        reason = _wrote(tuple(re.split(r"[,|]\s*", words)), progress)
        for exercise in exercises if reason else ():
            found.setdefault(exercise, reason or Reason(Why.WROTE))
    return tuple(Offer(exercise, reason) for exercise, reason in found.items())


def waits_for_homework(stage: Stage, progress: Progress) -> bool:
    """Whether a stage is passed over until something was found out for it."""
    return bool(stage.homework) and stage.key not in progress.homework


def _steps(path: QuestionPath, progress: Progress) -> Iterator[Step]:
    """All steps that can be taken now, the first first. A question may stand in it more than once."""
    stages = {question.key: stage for stage in path.stages for question in stage.questions}
    by_key = {question.key: question for question in path.questions}
    due = sorted((on, key) for key, on in progress.look_backs.items() if on <= progress.today and key in by_key)
    for on, key in due:
        yield Step(by_key[key], stages[key], Reason(Why.LOOK_BACK, question=key, on=on))
    for key in progress.picks:
        if key in by_key:
            yield Step(by_key[key], stages[key], Reason(Why.PICKED))
    yield from _bigger_picture(path, progress)
    for stage, question in _fresh(path, progress):
        if reason := _matching(question, progress):
            yield Step(question, stage, _FITTING.get(progress.state(question.key)) or reason)
    yield from _in_order(path, progress)


_FRESH = frozenset({State.OPEN, State.DRAFT})
_LEFT = _FRESH | {State.PARKED}
_FITTING = {State.DRAFT: Reason(Why.BEGUN), State.PARKED: Reason(Why.PARKED)}


def _bigger_picture(path: QuestionPath, progress: Progress) -> Iterator[Step]:
    if not path.stages:
        return
    first = path.stages[0]
    plain = [each for each in first.questions if not _is_conditional(each)][:BIGGER_PICTURE]
    for question in plain:
        state = progress.state(question.key)
        if state in _FRESH and _may_come(first, question, progress):
            yield Step(question, first, _FITTING.get(state) or Reason(Why.BIGGER_PICTURE))


def _in_order(path: QuestionPath, progress: Progress) -> Iterator[Step]:
    """Stage by stage the untouched, then the parked; at the very end what was parked today."""
    lately = []
    for stage in path.stages:
        parked = []
        for question in stage.questions:
            state = progress.state(question.key)
            if state not in _LEFT or not _may_come(stage, question, progress):
                continue
            if state in _FRESH:
                yield Step(question, stage, _ordinary(stage, question, progress))
            else:
                parked.append(Step(question, stage, _FITTING[state]))
        lately += [step for step in parked if _was_today(step, progress)]
        yield from (step for step in parked if not _was_today(step, progress))
    yield from lately


def _was_today(step: Step, progress: Progress) -> bool:
    on = progress.held[step.question.key].parked_on
    return on is not None and on >= progress.today


def _ordinary(stage: Stage, question: Question, progress: Progress) -> Reason:
    """Why a question comes whose turn it simply is."""
    if begun := _FITTING.get(progress.state(question.key)):
        return begun
    if stage.homework:
        return Reason(Why.HOMEWORK)
    return _follows(question) or Reason(Why.ORDER)


def _follows(question: Question) -> Reason | None:
    return Reason(Why.FOLLOWS, question=question.after[-1]) if question.after else None


def _fresh(path: QuestionPath, progress: Progress) -> Iterator[tuple[Stage, Question]]:
    for stage in path.stages:
        for question in stage.questions:
            if progress.state(question.key) in _FRESH and _may_come(stage, question, progress):
                yield stage, question


def _may_come(stage: Stage, question: Question, progress: Progress) -> bool:
    if waits_for_homework(stage, progress):
        return False
    if any(progress.state(key) != State.ANSWERED for key in question.after):
        return False
    return not _is_conditional(question) or _matching(question, progress) is not None


def _is_conditional(question: Question) -> bool:
    """Whether a question is asked only of those for whom something holds. What it comes `after` is no such thing."""
    return bool(question.wrote) or (question.only_if and bool(question.topics))


def _matching(question: Question, progress: Progress) -> Reason | None:
    """What a question has to do with what brought somebody, or with what they wrote."""
    topics = tuple(topic for topic in question.topics if topic in progress.topics)
    return Reason(Why.TOPIC, topics=topics) if topics else _wrote(question.wrote, progress, question.key)


def _wrote(words: Iterable[str], progress: Progress, itself: str = "") -> Reason | None:
    """The first of these words that stands in somebody's own, and in the answer to which question."""
    sought = [word for word in (folded(each).strip() for each in words) if word and word in progress.written]
    if not sought:
        return None
    places = [("", progress.words), *((key, held.text) for key, held in progress.held.items() if key != itself)]
    for key, text in places:
        for word in sought:
            found = re.search(rf"(?<!\w){re.escape(word)}\w*", text) if word in text else None
            if found:
                return Reason(Why.WROTE, word=found.group(), question=key)
    return None


def _due(question: Question, progress: Progress) -> Reason | None:
    on = progress.look_backs.get(question.key)
    return Reason(Why.LOOK_BACK, question=question.key, on=on) if on and on <= progress.today else None


def _picked(question: Question, progress: Progress) -> Reason | None:
    return Reason(Why.PICKED) if question.key in progress.picks else None


def _on_map(stage: Stage, number: int, here: str, progress: Progress) -> StageOnMap:
    stones = tuple(Stone(question, progress.state(question.key)) for question in stage.questions)
    waits = waits_for_homework(stage, progress)
    return StageOnMap(stage, number, _stage_state(stage, here, stones, progress), stones, waits)


def _stage_state(stage: Stage, here: str, stones: tuple[Stone, ...], progress: Progress) -> StageState:
    if stage.key == here:
        return StageState.NOW
    states = {stone.state for stone in stones}
    left = [
        stone
        for stone in stones
        if stone.state in _LEFT
        and (stone.state != State.OPEN or _matching(stone.question, progress) or not _is_conditional(stone.question))
    ]
    if states and not left and State.ANSWERED in states:
        return StageState.WALKED
    if State.SKIPPED in states and not left:
        return StageState.SKIPPED
    return StageState.BEGUN if states - {State.OPEN} else StageState.NEXT
