"""Two tabs, or two devices, that both wrote into one doing of an exercise: nothing of either is lost.

A page remembers marks of what it was filled with (`marks`). When it is saved and something else was saved meanwhile,
each part is looked at on its own: changed on one side only, that side counts; changed on both, rows and paragraphs of
both are kept, except those that one side took away on purpose, and cards lie where they were last laid. Of two
numbers or choices the later counts.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cairn.engines.exercises.shapes import WORDS, Exercise, Values

Marks = dict[str, list[str]]


def marks(exercise: Exercise, values: Values) -> Marks:
    """Short fingerprints of the items of each part, to tell later what has changed. They hold no text."""
    return {key: [_mark(item) for item in _items(values.get(key))] for key in _keys(exercise, values)}


def reconcile(exercise: Exercise, stored: Values, mine: Values, base: Mapping[str, Any] | None) -> Values:
    """What to keep when `mine` was written on top of `base` while `stored` was saved elsewhere.

    Without `base` everything of both sides is kept. Keys that the exercise does not know stay as they are stored.
    """
    kept = {key: value for key, value in stored.items() if key not in _keys(exercise, mine)}
    for key in _keys(exercise, mine):
        seen = None if base is None else _seen(base.get(key))
        value = _part(stored.get(key), mine.get(key), seen)
        if value not in (None, "", [], {}):
            kept[key] = value
    return kept


def _keys(exercise: Exercise, values: Values) -> list[str]:
    own = [part.key for part in exercise.parts]
    return [*own, *(key for key in values if key not in own), *([] if WORDS in values else [WORDS])]


def _seen(marked: Any) -> set[str]:
    return {each for each in marked if isinstance(each, str)} if isinstance(marked, list) else set()


def _mark(item: Any) -> str:
    plain = json.dumps(item, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:10]


def _items(value: Any) -> list[Any]:
    """A part as items that can be kept each on its own: rows, paragraphs, cards, or the one value."""
    if value in (None, "", [], {}):
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [[card, pile] for card, pile in value.items()]
    if isinstance(value, str):
        return [each.strip() for each in value.split("\n\n") if each.strip()]
    return [value]


def _part(stored: Any, mine: Any, seen: set[str] | None) -> Any:
    if stored == mine:
        return mine
    theirs, ours = _items(stored), _items(mine)
    if seen is not None:
        if {_mark(item) for item in theirs} == seen:
            return mine
        if {_mark(item) for item in ours} == seen:
            return stored
    return _as(stored if mine is None else mine, _united(theirs, ours, seen or set()))


def _as(shape: Any, items: list[Any]) -> Any:
    """Items put together again as the part they came from; of single values the last."""
    if isinstance(shape, list):
        return items
    if isinstance(shape, dict):
        return dict(items)
    if isinstance(shape, str):
        return "\n\n".join(items)
    return items[-1] if items else None


def _united(theirs: list[Any], ours: list[Any], seen: set[str]) -> list[Any]:
    """Items of both sides, theirs first. What was seen at the start and is missing on one side was taken away there."""
    in_theirs, in_ours = {_mark(item) for item in theirs}, {_mark(item) for item in ours}
    kept = [item for item in theirs if _mark(item) in in_ours or _mark(item) not in seen]
    return kept + [item for item in ours if _mark(item) not in in_theirs and _mark(item) not in seen]
