"""Reading what somebody put into an exercise: checked and cleaned, and never cut."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Column, Exercise, Part, Values

WORDS_PER_MINUTE = 130
TEXT_MOST = 20_000
LINE_MOST = 2_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is not as it should be. `row` counts from 0, None outside rows; `column` is "" outside rows.

    `kind`: too_long (kept whole), too_many (rows, all kept), not_a_number, out_of_bounds, not_a_date (left out).
    `limit` is what there may be at most: characters as readers count them, or rows; `low` to `high` bound a number.
    """

    part: str
    kind: str
    row: int | None = None
    column: str = ""
    limit: int = 0
    low: int = 0
    high: int = 0
    value: str = ""


def read(exercise: Exercise, raw: Mapping[str, Any]) -> Values:
    """The values of one doing, from whatever was sent.

    What is unknown, blank, out of bounds or no number is left out; text is kept whole, however long. Rows without
    anything in them are dropped. `problems` says what stands in the way.
    """
    values: Values = {}
    for part in exercise.parts:
        found = _READ[part.kind](part, raw.get(part.key))
        if found not in (None, "", [], {}):
            values[part.key] = found
    if words := _text(raw.get(WORDS)):
        values[WORDS] = words
    if raw.get(CONFIRMED) in (True, "on", "true", "1"):
        values[CONFIRMED] = True
    return values


def opening(exercise: Exercise) -> Values:
    """The values of a doing that has just begun: the rows that are offered."""
    return read(exercise, {part.key: [dict(row) for row in part.start] for part in exercise.parts})


def problems(exercise: Exercise, raw: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What the person has to look at, in the order of the page."""
    return tuple(problem for part in exercise.parts for problem in _problems_of(part, raw.get(part.key)))


def is_blank(exercise: Exercise, values: Values) -> bool:
    """Whether nothing of the person's own is in it: no values, or only the rows that were offered."""
    offered = opening(exercise)
    return all(not value or value == offered.get(key) for key, value in values.items())


def graphemes(text: str) -> int:
    """How many characters readers see: extended grapheme clusters (Unicode Standard Annex 29), counted as typed."""
    return len(regex.findall(r"\X", text))


def words(text: str) -> int:
    """How many words are spoken: runs of letters and digits, held together by apostrophe or hyphen."""
    return len(regex.findall(r"[\p{L}\p{M}\p{N}]+(?:['’\-][\p{L}\p{M}\p{N}]+)*", text))


def speaking_seconds(text: str) -> int:
    """How long a text takes to say calmly, in seconds, at 130 words per minute.

    A little calmer than the pace of lectures, about 140, in Tauroza and Allison, "Speech rates in British English"
    (Applied Linguistics 11, 1990); conversation is quicker. It is an orientation, no measurement of this speaker.
    """
    return round(words(text) * 60 / WORDS_PER_MINUTE)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def _whole(value: Any) -> int | None:
    """A whole number, also typed as "+3", "−2" or "7.0"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    typed = _text(value).replace("−", "-")
    if regex.fullmatch(r"[+-]?[0-9]{1,9}(\.0*)?", typed):
        return int(typed.partition(".")[0])
    return None


def _bounded(value: Any, low: int, high: int) -> int | None:
    number = _whole(value)
    return number if number is not None and low <= number <= high else None


def _date(value: Any) -> str | None:
    try:
        return dt.date.fromisoformat(_text(value)).isoformat()
    except ValueError:
        return None


def _cell(column: Column, value: Any) -> Any:
    if column.kind in ("scale", "number"):
        return _bounded(value, column.low, column.high)
    if column.kind == "date":
        return _date(value)
    if column.kind == "choice":
        return _one_of(value, column.options)
    return _text(value)


def _rows(part: Part, value: Any) -> list[Row]:
    return [row for _number, row in _numbered_rows(part, value)]


def _numbered_rows(part: Part, value: Any) -> Iterator[tuple[int, Row]]:
    """Rows with something in them, each with the place at which it was sent."""
    for number, raw in enumerate(value if isinstance(value, list) else []):
        if not isinstance(raw, Mapping):
            continue
        cells = {column.key: _cell(column, raw.get(column.key)) for column in part.columns}
        row = {key: cell for key, cell in cells.items() if cell not in (None, "")}
        if row:
            yield number, row


def _sort(part: Part, value: Any) -> dict[str, str]:
    laid = value if isinstance(value, Mapping) else {}
    return {card: laid[card] for card in part.cards or {} if _one_of(laid.get(card), part.piles)}


def _one_of(value: Any, known: Mapping[str, str] | None) -> str | None:
    return value if isinstance(value, str) and value in (known or {}) else None


_READ: dict[str, Callable[[Part, Any], Any]] = {
    "text": lambda _part, value: _text(value),
    "short": lambda _part, value: _text(value),
    "scale": lambda part, value: _bounded(value, part.low, part.high),
    "choice": lambda part, value: _one_of(value, part.options),
    "rows": _rows,
    "sort": _sort,
}


def _problems_of(part: Part, value: Any) -> Iterator[Problem]:
    if part.kind in ("text", "short"):
        limit = part.limit or TEXT_MOST
        if graphemes(_text(value)) > limit:
            yield Problem(part.key, "too_long", limit=limit)
    elif part.kind == "scale":
        if found := _number_problem(value, part.low, part.high):
            yield Problem(part.key, found, low=part.low, high=part.high, value=_text(value))
    elif part.kind == "rows":
        yield from _problems_of_rows(part, value)


def _problems_of_rows(part: Part, value: Any) -> Iterator[Problem]:
    if sum(1 for _row in _numbered_rows(part, value)) > part.most:
        yield Problem(part.key, "too_many", limit=part.most)
    for number, raw in enumerate(value if isinstance(value, list) else []):
        if not isinstance(raw, Mapping):
            continue
        for column in part.columns:
            kind = _cell_problem(column, raw.get(column.key))
            if kind:
                limit = TEXT_MOST if column.kind == "long" else LINE_MOST
                typed = "" if kind == "too_long" else _text(raw.get(column.key))
                yield Problem(part.key, kind, number, column.key, limit, column.low, column.high, typed)


def _cell_problem(column: Column, value: Any) -> str:
    if column.kind in ("scale", "number"):
        return _number_problem(value, column.low, column.high)
    typed = _text(value)
    if column.kind == "date":
        return "not_a_date" if typed and _date(typed) is None else ""
    if column.kind in ("text", "long"):
        return "too_long" if len(typed) > (TEXT_MOST if column.kind == "long" else LINE_MOST) else ""
    return ""


def _number_problem(value: Any, low: int, high: int) -> str:
    if value is None or (isinstance(value, str) and not _text(value)):
        return ""
    if _whole(value) is None:
        return "not_a_number"
    return "" if _bounded(value, low, high) is not None else "out_of_bounds"
