"""Stamps: what a form was filled in from, so that whoever saves second is told what was changed meanwhile."""

import hashlib
from collections.abc import Mapping

LENGTH = 10


def stamp(values: Mapping[str, object]) -> str:
    """One short digest for each named value, as text for a hidden field. Says nothing about the values themselves."""
    return " ".join(f"{name}:{_digest(value)}" for name, value in sorted(values.items()))


def changed(values: Mapping[str, object], seen: str) -> tuple[str, ...]:
    """The names whose values are no longer those that were stamped, sorted. What was not stamped is not compared."""
    stamped = dict(part.partition(":")[::2] for part in seen.split())
    return tuple(name for name, value in sorted(values.items()) if stamped.get(name, _digest(value)) != _digest(value))


def _digest(value: object) -> str:
    text = value.replace("\r\n", "\n").strip() if isinstance(value, str) else repr(value)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
