"""Does the content hang together? Names that lead nowhere, prompts that do not ask."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from cairn.engines.exercises.feeding import SECTIONS
from cairn.engines.exercises.shapes import Exercise
from cairn.engines.paths.lint import lint
from cairn.engines.paths.shapes import Question, QuestionPath
from cairn.library.queries import content
from cairn.library.queries.content import LANGUAGE, PATH

KEY = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
TAKEN = {"next"}
"""Words that an address already uses where a question's key would stand."""
KINDS = {"topic", "situation"}
ASKED = re.compile(r"[^.?!]+\?")


def check(language: str = LANGUAGE) -> tuple[str, ...]:
    """What does not fit in the content of this language: a sentence each, with file and field. Raises BadContent."""
    path, exercises = content.path(PATH, language), content.exercises(language)
    path_file = content.file("paths", PATH, language).name
    found = [f"{path_file}: {each}" for each in _in_path(path, set(exercises))]
    for exercise in exercises.values():
        name = content.file("exercises", exercise.key, language).name
        found += [f"{name}: {each}" for each in _in_exercise(exercise, {topic.key for topic in path.topics})]
    prompts = content.file("", "prompts", language).name
    for key, text in content.prompts(language).items():
        found += [f"{prompts}: {each}" for each in _asking(key, text)]
    return tuple(found)


def _in_path(path: QuestionPath, exercises: set[str]) -> Iterator[str]:
    questions = {question.key for question in path.questions}
    topics = {topic.key for topic in path.topics}
    yield from _keys("stages", [stage.key for stage in path.stages])
    yield from _keys("topics", [topic.key for topic in path.topics])
    yield from _keys("questions", [question.key for question in path.questions])
    for topic in path.topics:
        yield from _leads(f"{topic.key}.exercises", topic.exercises, exercises)
        if topic.kind not in KINDS:
            yield f"{topic.key}.kind: is “{topic.kind}”; it must be topic or situation."
    for word, offered in path.wrote_offers.items():
        yield from _leads(f"wrote_offers.{word}", offered, exercises)
    for question in path.questions:
        yield from _leads(f"{question.key}.builds_on", question.builds_on, questions - {question.key})
        yield from _leads(f"{question.key}.after", question.after, questions - {question.key})
        yield from _leads(f"{question.key}.topics", question.topics, topics)
        yield from _leads(f"{question.key}.exercises", question.exercises, exercises)
        yield from _in_question(question)
    yield from _circles(path)


def _in_question(question: Question) -> Iterator[str]:
    if question.key in TAKEN:
        yield f"{question.key}: this name is taken; choose another."
    if question.only_if and not (question.topics or question.wrote):
        yield f"{question.key}.only_if: names no condition (topics or wrote), so it would be asked of everybody."
    yield from _asking(f"{question.key}.text", question.text)
    yield from _asking(f"{question.key}.look_back", question.look_back)
    for asked in ASKED.findall(question.way_in):
        yield from _asking(f"{question.key}.way_in", asked.strip())


def _circles(path: QuestionPath) -> Iterator[str]:
    """Questions that wait for one another would never be asked."""
    after = {question.key: set(question.after) for question in path.questions}
    free = {key for key, waits in after.items() if not waits & after.keys()}
    while grown := {key for key, waits in after.items() if key not in free and waits & after.keys() <= free}:
        free |= grown
    for key in after:
        if key not in free:
            yield f"{key}.after: these questions wait for one another."


def _in_exercise(exercise: Exercise, topics: set[str]) -> Iterator[str]:
    yield from _leads("topics", exercise.topics, topics)
    yield from _keys("parts", [part.key for part in exercise.parts])
    for number, feeds in enumerate(exercise.feeds):
        yield from _leads(f"feeds.{number}.section", (feeds.section,), set(SECTIONS))
        part = exercise.part(feeds.part)
        if part is None:
            yield f"feeds.{number}.part: “{feeds.part}” is nowhere to be found."
            continue
        columns = {column.key for column in part.columns}
        named = [each for each in (feeds.column, *(feeds.when or {})) if each]
        if part.kind == "rows":
            yield from _leads(f"feeds.{number}.column", named, columns)
    for text in exercise.closing:
        yield from _asking("closing", text)


def _keys(name: str, keys: list[str]) -> Iterator[str]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{name}: “{key}” stands there {times} times."
        if not KEY.match(key):
            yield f"{name}: “{key}” must be small letters, digits and underscores, at most 40."


def _leads(name: str, named: Iterable[str], known: set[str]) -> Iterator[str]:
    for each in named:
        if each not in known:
            yield f"{name}: “{each}” is nowhere to be found."


def _asking(name: str, text: str) -> Iterator[str]:
    for finding in lint(text):
        yield f"{name}: {finding.sentence}"
