"""Reads of the library: content files checked against the shapes of the engines, read once per process."""

import functools
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from cairn.engines.exercises.shapes import Exercise
from cairn.engines.paths.shapes import QuestionPath

LANGUAGE = "en"
PATH = "cairn"


T = TypeVar("T")


@dataclass(frozen=True)
class Prompts:
    """The file of prompts."""

    prompts: dict[str, str]


class BadContent(Exception):
    """A content file does not have the shape it must have. The sentence names file and field."""


@functools.cache
def path(key: str = PATH, language: str = LANGUAGE) -> QuestionPath:
    """The question path of this name, in this language or else in English. Raises BadContent, KeyError."""
    return _checked(QuestionPath, _file("paths", key, language), {"language": language})


@functools.cache
def exercises(language: str = LANGUAGE) -> dict[str, Exercise]:
    """All exercises by key, in the order in which they are listed on the page."""
    folder = _content() / LANGUAGE / "exercises"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = [_checked(Exercise, _file("exercises", name[: -len(".yaml")], language), {}) for name in names]
    return {each.key: each for each in found}


@functools.cache
def prompts(language: str = LANGUAGE) -> dict[str, str]:
    """Open questions to begin a journal entry with, by key, in the order of the file."""
    return _checked(Prompts, _file("", "prompts", language), {}).prompts


def _content() -> Traversable:
    return resources.files("cairn.library") / "content"


def _file(kind: str, key: str, language: str) -> Traversable:
    for each in (language, LANGUAGE):
        found = _content().joinpath(each, *filter(None, [kind]), f"{key}.yaml")
        if found.is_file():
            return found
    raise KeyError(key)


def _checked(shape: type[T], file: Traversable, more: dict[str, Any]) -> T:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return TypeAdapter(shape).validate_python({**data, **more})
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise BadContent(f"{file.name}: {error}") from error
