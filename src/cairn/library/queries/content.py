"""Content files checked against the shapes of the engines, read once per process.

An organisation's own folder (CAIRN_CONTENT) has the layout of the product's and lies over it: a file of the same name
takes the place of the product's, any other is added. A language without a file falls back to English.
"""

import dataclasses
import functools
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from cairn.engines.exercises.shapes import Exercise
from cairn.engines.paths.shapes import QuestionPath

LANGUAGE = "en"
PATH = "cairn"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick, where the library was built with it

T = TypeVar("T")


@dataclass(frozen=True)
class Prompts:
    """The file of prompts."""

    prompts: dict[str, str]


class BadContent(Exception):
    """A content file does not have the shape it must have. The sentence names file and field."""


@dataclass(frozen=True)
class File:
    """A content file, the language it is in, and its name as people know it: en/paths/cairn.yaml."""

    language: str
    name: str
    file: Traversable


@functools.cache
def path(key: str = PATH, language: str = LANGUAGE) -> QuestionPath:
    """The question path of this name, in this language or else in English. Raises BadContent, KeyError."""
    return _checked(QuestionPath, file("paths", key, language))


@functools.cache
def exercises(language: str = LANGUAGE) -> dict[str, Exercise]:
    """All exercises by key, in the order in which they are listed on the page. Raises BadContent."""
    found = {key: _checked(Exercise, file("exercises", key, language)) for key in _names("exercises", language)}
    for key, exercise in found.items():
        if exercise.key != key:
            name = file("exercises", key, language).name
            raise BadContent(f"{name}: key: is “{exercise.key}”; it must be the name of the file, “{key}”.")
    return found


@functools.cache
def prompts(language: str = LANGUAGE) -> dict[str, str]:
    """Open questions to begin a journal entry with, by key, in the order of the file. Raises BadContent."""
    return _checked(Prompts, file("", "prompts", language)).prompts


def forget() -> None:
    """Read the files anew next time: the folder was changed."""
    for each in (path, exercises, prompts):
        each.cache_clear()


def file(kind: str, key: str, language: str) -> File:
    """The file that is read: of this language before English, and the organisation's own before the product's."""
    for each in _languages(language):
        for folder in folders():
            name = "/".join(filter(None, (each, kind, f"{key}.yaml")))
            found = folder.joinpath(*name.split("/"))
            if found.is_file():
                return File(each, name, found)
    raise KeyError(key)


def folders() -> list[Traversable]:
    """Where content is looked for, the first one winning."""
    own = getattr(settings, "CAIRN_CONTENT", "")
    product = resources.files("cairn.library") / "content"
    return [Path(own), product] if own else [product]


def languages() -> list[str]:
    """The languages in which there is anything, English first."""
    found = {each.name for folder in folders() for each in folder.iterdir() if each.is_dir()}
    return [LANGUAGE, *sorted(found - {LANGUAGE})]


def _languages(language: str) -> list[str]:
    """`en-gb` is read as itself, as `en`, and as English."""
    wanted = [language.lower(), language.lower().partition("-")[0], LANGUAGE]
    return list(dict.fromkeys(each for each in wanted if each.replace("-", "").isalnum()))


def _names(kind: str, language: str) -> list[str]:
    places = [folder / each / kind for folder in folders() for each in _languages(language)]
    files = (each.name for place in places if place.is_dir() for each in place.iterdir())
    return sorted({name.removesuffix(".yaml") for name in files if name.endswith(".yaml")})


def _checked(shape: type[T], source: File) -> T:
    try:
        data = yaml.load(source.file.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - it is the safe one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"{source.name}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise BadContent(f"{source.name}: must begin with fields such as “key: …”.")
    if any(each.name == "language" for each in dataclasses.fields(typing.cast(Any, shape))):
        data["language"] = source.language
    for name in _unknown(shape, data):
        raise BadContent(f"{source.name}: {name}: there is no such field.")
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BadContent(f"{source.name}: {place}: {first['msg']}") from error


def _unknown(shape: Any, data: Any, place: str = "") -> Iterator[str]:
    """The fields of the data that the shape does not have: most often a slip of the pen."""
    hints = typing.get_type_hints(shape)
    for name, value in data.items() if isinstance(data, dict) else ():
        if name not in hints:
            yield f"{place}{name}"
            continue
        inner = typing.get_args(hints[name])
        if inner and dataclasses.is_dataclass(inner[0]) and isinstance(value, list):
            for number, each in enumerate(value):
                yield from _unknown(inner[0], each, f"{place}{name}.{number}.")
