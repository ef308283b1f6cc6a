"""What values look like on the wire, going in and coming out."""

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

HIGHEST = 2**63 - 1
EARLIEST, LATEST = 1900, 2200  # years: a calendar has no use for others, and nothing overflows between them
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
WALL_PATTERN = (
    r"^(19[0-9]{2}|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"
)
NOT_TEXT = frozenset({"Cc", "Cs"})  # control characters, and halves of a pair
WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


class In(Schema):
    """A body: exactly the members it names, each of exactly its kind."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _digits(given: Any) -> Any:
    """In an address a number is digits and nothing else: no sign, no blank, no underscore."""
    if isinstance(given, str) and not DIGITS.fullmatch(given):
        raise ValueError("a whole number in digits is wanted")
    return given


def _moment(given: Any) -> dt.datetime:
    if not isinstance(given, str) or not MOMENT.fullmatch(given):
        raise ValueError("a moment such as 2027-03-03T09:00:00Z is wanted")
    return _within(dt.datetime.fromisoformat(given.upper())).astimezone(dt.UTC)


def _wall(given: Any) -> dt.datetime:
    if not isinstance(given, str) or not WALL.fullmatch(given):
        raise ValueError("a wall time such as 2027-03-03T14:00 is wanted, without a zone")
    return _within(dt.datetime.fromisoformat(given))


def _day(given: Any) -> dt.date:
    if not isinstance(given, str) or not DAY.fullmatch(given):
        raise ValueError("a day such as 2027-03-03 is wanted")
    return _within(dt.datetime.fromisoformat(given)).date()


def _within(found: dt.datetime) -> dt.datetime:
    if not EARLIEST <= found.year <= LATEST:
        raise ValueError(f"a year from {EARLIEST} to {LATEST} is wanted")
    return found


def _plain(given: str) -> str:
    """Nothing that a database or a mail cannot carry: no NUL, no other control character, no half of a pair."""
    if any(unicodedata.category(each) in NOT_TEXT and each not in "\t\n\r" for each in given):
        raise ValueError("text without control characters is wanted")
    return given


AskedId = Annotated[int, BeforeValidator(_digits), Field(ge=1, le=HIGHEST)]
Id = Annotated[int, Field(ge=1, le=HIGHEST)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Text = Annotated[str, AfterValidator(_plain)]
Moment = Annotated[
    dt.datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2027-03-03T09:00:00Z"]}, mode="validation"),
]
Day = Annotated[
    dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-03"]})
]
Wall = Annotated[
    dt.datetime,
    BeforeValidator(_wall),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": WALL_PATTERN,
            "description": "the time on the wall in the session’s own zone",
            "examples": ["2027-03-03T14:00"],
        }
    ),
]
