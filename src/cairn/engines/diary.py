"""A journal as files: an entry as Markdown with a few lines on top, and files of any kind of diary read as entries.

What is on top of a file that Cairn wrote is YAML whose values are JSON, so other programs read it too. Of other
people's files the usual forms are understood; what is not understood stays in the text, so that nothing is lost.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cairn.engines import words

FORMAT, VERSION = "cairn-journal", 1
LONGEST_TEXT = 100_000
LONGEST_TITLE = 200
MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if len(month) > 3 else month for month in MONTHS)
_HEAD = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_HEADING = re.compile(r"\A\s*#{1,3}[ \t]+([^\n]*)(?:\n|\Z)")
LONGEST_HEADING = 300
_ISO = re.compile(r"(?<!\d)(\d{4})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\.?[ _-](?:of[ _-])?({_MONTH})\.?,?[ _-](\d{{4}})(?!\d)", re.I
)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\.?[ _-](\d{{1,2}})(?:st|nd|rd|th)?,?[ _-](\d{{4}})(?!\d)", re.I)
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")


@dataclass(frozen=True)
class Written:
    """One entry as it comes from a file or goes into one. `written_at` is aware."""

    text: str
    written_at: dt.datetime
    title: str = ""
    tags: tuple[str, ...] = ()
    prompt: str = ""


class NotOurs(Exception):
    """The file does not have the shape of an exported journal."""


def to_markdown(entry: Written) -> str:
    """The entry as a file of its own."""
    head: dict[str, Any] = {"title": entry.title, "written_at": entry.written_at.isoformat()}
    head |= {"tags": list(entry.tags), "prompt": entry.prompt}
    said = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items() if value]
    return "\n".join(["---", *said, "---", "", entry.text, ""])


def file_name(entry: Written) -> str:
    """A name for the entry's file, by date and title, in letters that every system can store."""
    plain = re.sub(r"[^\w]+", "-", words.fold(entry.title or words.first_words(entry.text, 40)))[:60].strip("-_")
    return f"{entry.written_at:%Y-%m-%d}{'-' if plain else ''}{plain}.md"


def to_data(entries: list[Written]) -> dict[str, Any]:
    """All entries as one JSON document."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "entries": [
            {
                "title": each.title,
                "written_at": each.written_at.isoformat(),
                "tags": list(each.tags),
                "prompt": each.prompt,
                "text": each.text,
            }
            for each in entries
        ],
    }


def from_data(data: Any) -> list[Written]:
    """The entries of such a document again, exactly. Raises NotOurs."""
    if not isinstance(data, Mapping) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise NotOurs
    try:
        return [_from_row(row) for row in data["entries"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotOurs from error


def _from_row(row: Mapping[str, Any]) -> Written:
    said = (row["text"], row["title"], row["prompt"], *row["tags"])
    if not all(isinstance(each, str) for each in said):
        raise NotOurs
    moment = dt.datetime.fromisoformat(row["written_at"])
    if moment.tzinfo is None:
        raise NotOurs
    return Written(row["text"], moment, row["title"][:LONGEST_TITLE], tuple(row["tags"]), row["prompt"])


def from_markdown(name: str, content: str, given: dt.datetime) -> Written:
    """What a file of Markdown or plain text says. `given` is the moment that counts when the file names none.

    The date is looked for on top of the file, in its name, and in its first heading; a heading becomes the title and
    goes from the text. A day without a time is noon of that day in the zone of `given`.
    """
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    head, text = _head_of(content)
    title = str(head.get("title") or "").strip()
    moment = _moment(head.get("written_at") or head.get("date") or head.get("created"), given)
    heading, below = _heading_of(text)
    if heading and not title:
        title, text = heading, below
    moment = moment or _day(_stem(name), given) or _day(heading, given) or given
    tags = words.tags(",".join(_listed(head.get("tags"))))
    prompt = str(head.get("prompt") or "")
    if len(title) > LONGEST_TITLE:
        title, text = "", f"{title}\n\n{text}"
    return Written(text.strip("\n"), moment, title, tags, prompt)


def _stem(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]


def _heading_of(text: str) -> tuple[str, str]:
    """The heading with which a text begins, and what stands below it; empty where it begins with none.

    Taken apart by hand: a pattern for the signs that may end the line took hours over a line of blanks.
    """
    found = _HEADING.match(text)
    heading = found[1].rstrip(" \t").rstrip("#").strip() if found else ""
    if found is None or not heading or len(heading) > LONGEST_HEADING:
        return "", text
    return heading, text[found.end() :]


def _head_of(content: str) -> tuple[dict[str, Any], str]:
    found = _HEAD.match(content)
    if found is None:
        return {}, content
    said: dict[str, Any] = {}
    last = ""
    for line in found[1].split("\n"):
        key, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z_][\w-]*", key):
            last = key.lower()
            said[last] = _value(value.strip())
        elif last and line.strip().startswith("- "):
            said[last] = [*_listed(said[last]), line.strip()[2:].strip("\"' ")]
    return said, content[found.end() :].lstrip("\n")


def _value(typed: str) -> Any:
    try:
        return json.loads(typed) if typed[:1] in ('"', "[") else typed.strip("'")
    except (ValueError, RecursionError):
        return [each.strip("\"' ") for each in typed.strip("[]").split(",")] if typed[0] == "[" else typed.strip('"')


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split(",") if value else []
    return [str(each) for each in value] if isinstance(value, list) else []


def _moment(said: Any, given: dt.datetime) -> dt.datetime | None:
    """A moment or a day in ISO's form, or a day in another usual one."""
    if not isinstance(said, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(said.strip())
    except ValueError:
        return _day(said, given)
    if len(said.strip()) <= len("2027-03-03"):
        return _noon(moment.year, moment.month, moment.day, given)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=given.tzinfo)
    return _sensible(moment, given)


def _day(said: str, given: dt.datetime) -> dt.datetime | None:
    """The first day named in a line, at noon."""
    if found := _ISO.search(said):
        return _noon(int(found[1]), int(found[2]), int(found[3]), given)
    if found := _DAY_FIRST.search(said):
        return _noon(int(found[3]), _month(found[2]), int(found[1]), given)
    if found := _MONTH_FIRST.search(said):
        return _noon(int(found[3]), _month(found[1]), int(found[2]), given)
    if found := _DOTTED.search(said):
        return _noon(int(found[3]), int(found[2]), int(found[1]), given)
    return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3].lower()))


def _noon(year: int, month: int, day: int, given: dt.datetime) -> dt.datetime | None:
    try:
        moment = dt.datetime(year, month, day, 12, tzinfo=given.tzinfo)
    except ValueError:
        return None
    return given if moment.date() == given.date() else _sensible(moment, given)


def _sensible(moment: dt.datetime, given: dt.datetime) -> dt.datetime | None:
    """Nobody wrote a diary here before 1900, and nobody tomorrow."""
    try:
        is_past = moment.timestamp() <= given.timestamp() and moment.year >= 1900
    except (OverflowError, ValueError):
        return None
    return moment if is_past else None
