"""A journey as it is carried from one Cairn to another: the shape of journey.json, written and read back.

The shape is versioned. Reading takes nothing on trust: whatever is not of this shape is refused as a whole, with the
place at which it was found. Texts are taken as they are. No identity of a database travels, only names of rows.
"""

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

FORMAT = "cairn-journey"
VERSION = 1
BYTES_MOST = 32_000_000
ITEMS_MOST = 50_000
TEXT_MOST = 200_000
DEEPEST = 20
KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")

Item = dict[str, Any]
Journey = dict[str, list[Item]]


class NotAJourney(Exception):
    """The file is not what a Cairn writes. `place` says where, for whoever wants to know."""

    def __init__(self, place: str) -> None:
        """Keep the place."""
        super().__init__(place)
        self.place = place


class FromTheFuture(NotAJourney):
    """A newer Cairn wrote it."""


# What an item is made of. A word is a kind of value; a mapping is the shape of a list of items within.
REVIEW = {"name": "name", "level": "level", "text": "text", "at": "moment"}
VERSION_OF_ANSWER = {"name": "name", "number": "count", "text": "text", "written_at": "moment"}
ANSWER = {
    "name": "name",
    "question": "key",
    "state": ("draft", "answered", "parked", "skipped"),
    "text": "text?",
    "saved_at": "moment",
    "answered_at": "moment?",
    "look_back_on": "day?",
    "looked_back_at": "moment?",
    "versions": VERSION_OF_ANSWER,
}
SHAPE: dict[str, Mapping[str, Any]] = {
    "walks": {
        "name": "name",
        "path": "key",
        "path_version": "count",
        "begun_at": "moment",
        "intake": "intake?",
        "homework": "homework?",
        "answers": ANSWER,
    },
    "exercises": {
        "name": "name",
        "exercise": "key",
        "exercise_version": "count",
        "state": ("begun", "finished", "skipped"),
        "values": "data?",
        "begun_at": "moment",
        "saved_at": "moment",
        "finished_at": "moment?",
    },
    "journal": {"name": "name", "head": "head?", "text": "text", "written_at": "moment", "saved_at": "moment?"},
    "portrait": {"name": "name", "sections": "portrait", "saved_at": "moment"},
    "goals": {
        "name": "name",
        "said": "goal",
        "weight": "weight",
        "state": ("open", "reached", "let_go"),
        "made_at": "moment",
        "target_on": "day?",
        "closed_at": "moment?",
        "reviews": REVIEW,
    },
    "steps": {
        "name": "name",
        "goal": "name?",
        "said": "step",
        "due_on": "day?",
        "remind": "yes",
        "made_at": "moment",
        "done_at": "moment?",
        "agreed_with": "line?",
    },
    "preparations": {"name": "name", "said": "preparation", "saved_at": "moment"},
    "rhythm": {
        "pace": ("never", "weekly", "fortnightly", "monthly"),
        "remind_steps": "yes",
        "remind_look_backs": "yes",
    },
}
# What the words within a sealed object are: a text, a list of these, a mapping by key ("*": by any key). What has "!"
# must be there. Keys that are not named are taken as they are.
WITHIN: dict[str, Any] = {
    "intake": {"topics": ["text"], "situations": ["text"], "words": "text"},
    "homework": {"*": {"text": "text", "at": "text"}},
    "head": {"title": "text", "tags": ["text"], "prompt": "text"},
    "portrait": {
        "sections": {"*": [{"id": "text!", "text": "text!", "mark": "text", "exercise": "text", "on": "text"}]},
        "left_out": ["text"],
    },
    "goal": {"title": "text!", "why": "text", "levels": ["text"]},
    "step": {"text": "text!", "agreed_with": "text"},
    "preparation": {"bring": "text", "take_away": "text"},
}
LEVELS = 5
# What only tells the story: written for the person to read, and not brought in anywhere.
TOLD = ("shares", "readings", "notes", "picks", "companions")


def written(journey: Mapping[str, Any], at: dt.datetime) -> bytes:
    """The file: UTF-8 JSON, indented for people. `journey` holds what SHAPE and TOLD name."""
    whole = {"format": FORMAT, "version": VERSION, "taken_out_at": at, **journey}
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_plain).encode()


def read(raw: bytes) -> Journey:
    """The journey in a file, checked throughout. Raises NotAJourney, FromTheFuture."""
    if len(raw) > BYTES_MOST:
        raise NotAJourney("size")
    try:
        whole = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotAJourney("json") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise NotAJourney("format")
    version = whole.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise NotAJourney("version")
    if version > VERSION:
        raise FromTheFuture("version")
    found = {kind: _items(whole.get(kind, []), shape, kind) for kind, shape in SHAPE.items()}
    if _many(found) > ITEMS_MOST:
        raise NotAJourney("items")
    return found


def fingerprint(kind: str, item: Mapping[str, Any]) -> str:
    """What makes two items the same thing: everything said and dated in them, without their names and lists within."""
    plain = {
        key: value
        for key, value in item.items()
        if key not in ("name", "goal") and not isinstance(SHAPE.get(kind, {}).get(key), Mapping)
    }
    words = json.dumps([kind, plain], sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _many(found: Any) -> int:
    if isinstance(found, dict):
        return sum(_many(each) for each in found.values())
    return len(found) + sum(_many(each) for each in found) if isinstance(found, list) else 0


def _items(value: Any, shape: Mapping[str, Any], place: str) -> list[Item]:
    if not isinstance(value, list):
        raise NotAJourney(place)
    return [_item(each, shape, f"{place}[{number}]") for number, each in enumerate(value)]


def _item(value: Any, shape: Mapping[str, Any], place: str) -> Item:
    if not isinstance(value, dict):
        raise NotAJourney(place)
    return {key: _value(value.get(key), kind, f"{place}.{key}") for key, kind in shape.items()}


def _value(value: Any, kind: Any, place: str) -> Any:
    if isinstance(kind, Mapping):
        return _items(value if value is not None else [], kind, place)
    if isinstance(kind, tuple):
        if value not in kind:
            raise NotAJourney(place)
        return value
    if value is None and kind.endswith("?"):
        return None
    try:
        return _READ[kind.removesuffix("?")](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise NotAJourney(place) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MOST:
        raise ValueError
    value.encode()  # no half characters
    return value


def _line(value: Any) -> str:
    if len(_text(value)) > 200:
        raise ValueError
    return str(value)


def _key(value: Any) -> str:
    if not KEY.fullmatch(_text(value)):
        raise ValueError
    return str(value)


def _moment(value: Any) -> dt.datetime:
    found = dt.datetime.fromisoformat(_text(value))
    if found.tzinfo is None or not 1900 < found.year < 2200:
        raise ValueError
    return found.astimezone(dt.UTC)


def _day(value: Any) -> dt.date:
    found = dt.date.fromisoformat(_text(value))
    if not 1900 < found.year < 2200:
        raise ValueError
    return found


def _whole(low: int, high: int) -> Any:
    def number(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError
        return value

    return number


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _data(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    _must_be_shallow(value, DEEPEST)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def _must_be_shallow(value: Any, left: int) -> None:
    """Nothing that a Cairn writes holds lists within lists so deep; reading them again would fail on every page."""
    if left == 0:
        raise ValueError
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _must_be_shallow(each, left - 1)


def _goal(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and value.get("levels") and len(value["levels"]) != LEVELS:
        raise ValueError
    found: dict[str, Any] = _object("goal")(value)
    return found


def _object(kind: str) -> Any:
    def data(value: Any) -> dict[str, Any]:
        found = _data(value)
        _check(found, WITHIN[kind])
        return found

    return data


def _check(value: Any, shape: Any) -> None:
    """Raises ValueError where a value is of another kind than its shape says."""
    if isinstance(shape, str):
        _text(value)
    elif isinstance(shape, list):
        for each in _list(value):
            _check(each, shape[0])
    else:
        _check_object(value, shape)


def _check_object(value: Any, shape: Mapping[str, Any]) -> None:
    if not isinstance(value, dict):
        raise ValueError
    for key, kind in shape.items():
        if key == "*":
            for each in value.values():
                _check(each, kind)
        elif key in value and (value[key] is not None or kind == "text!"):
            _check(value[key], kind)
        elif kind == "text!":
            raise ValueError


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


_READ = {
    "name": lambda value: uuid.UUID(_text(value)),
    "text": _text,
    "line": _line,
    "key": _key,
    "moment": _moment,
    "day": _day,
    "count": _whole(0, 1_000_000),
    "level": _whole(-2, 2),
    "weight": _whole(1, 10),
    "yes": _yes,
    "data": _data,
    **{kind: _object(kind) for kind in WITHIN},
    "goal": _goal,
}
