"""What of an exercise flows towards the portrait. Nothing flows into it: a line is only offered."""

from collections.abc import Iterator, Mapping
from typing import Any

from cairn.engines.exercises.shapes import Exercise, Feeds, Part, Values

SECTIONS = ("energisers", "drains", "keeps", "changes", "values", "strengths", "skills", "place", "self")
LINE_MOST = 280
_BULLETS = "-–—•*· \t"


def lines(exercise: Exercise, values: Values) -> tuple[tuple[str, str], ...]:
    """Pairs of (section, line), in the order of the definition, none twice. Several lines of one text count singly."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for feeds in exercise.feeds:
        part = exercise.part(feeds.part)
        if part is None or feeds.section not in SECTIONS:
            continue
        for text in _texts(feeds, part, values.get(feeds.part)):
            for line in text.splitlines():
                said = _short(line.strip(_BULLETS))
                if said:
                    found.setdefault((feeds.section, folded(said)), (feeds.section, said))
    return tuple(found.values())


def _short(line: str) -> str:
    return line if len(line) <= LINE_MOST else line[: LINE_MOST - 1].rstrip() + "…"


def folded(text: str) -> str:
    """A line as it is compared: without regard to case and spacing."""
    return " ".join(text.casefold().split())


def _texts(feeds: Feeds, part: Part, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield (part.options or {}).get(value, value)
    elif isinstance(value, list):
        column = part.column(feeds.column)
        for row in value:
            if isinstance(row, Mapping) and _holds(feeds.when, row):
                said = str(row.get(feeds.column, ""))
                yield ((column.options if column else None) or {}).get(said, said)
    elif isinstance(value, Mapping):
        pile = (feeds.when or {}).get("pile")
        yield from (label for card, label in (part.cards or {}).items() if pile and value.get(card) == pile)


def _holds(when: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
    return all(_reaches(row.get(column), least) for column, least in (when or {}).items())


def _reaches(value: Any, least: Any) -> bool:
    if isinstance(least, int):
        return isinstance(value, int) and value >= least
    return bool(value == least)
