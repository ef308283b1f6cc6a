"""What an exercise is made of. Read from content files, so that an organisation can add one without code.

The values of one doing are a mapping from a part's key to: a string (`text`, `short`, `choice`), a whole number
(`scale`), a list of rows, each a mapping from a column's key to a string or whole number (`rows`), or a mapping from
a card's key to a pile's key (`sort`). A `date` in a row is a string YYYY-MM-DD. Nothing is required: every part may
stay empty, and what is blank is not there.

Two keys belong to no part: `WORDS`, what the person says to the closing questions, and `CONFIRMED` (true), their own
statement that nothing was new and one thing was confirmed, which is a result like any other.
"""

from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]

WORDS = "_words"
CONFIRMED = "_confirmed"


@dataclass(frozen=True)
class Column:
    """One column of a part with rows. `kind`: text, long, scale, choice, date or number (whole)."""

    key: str
    kind: str
    label: str
    low: int = 0
    high: int = 10
    options: dict[str, str] | None = None


@dataclass(frozen=True)
class Part:
    """One part. `kind`: text, short (at most `limit` characters as readers count them), scale, choice, rows, sort.

    `start` are the rows offered the first time (for instance the usual aspects of the wheel); people change them.
    `cards` and `piles` belong to a sort. `low_words` and `high_words` name the ends of a scale. A text with `seconds`
    is meant to be spoken within that time.
    """

    key: str
    kind: str
    label: str
    help: str = ""
    columns: tuple[Column, ...] = ()
    start: tuple[dict[str, Any], ...] = ()
    most: int = 30
    limit: int = 0
    low: int = 0
    high: int = 10
    low_words: str = ""
    high_words: str = ""
    options: dict[str, str] | None = None
    cards: dict[str, str] | None = None
    piles: dict[str, str] | None = None
    seconds: int = 0

    def column(self, key: str) -> Column | None:
        """The column with this key."""
        return next((column for column in self.columns if column.key == key), None)


@dataclass(frozen=True)
class Feeds:
    """What of an exercise flows into the portrait: column of a part into a section, where `when` holds.

    `when` maps a column to the least value it must have (scales) or to the value itself (choices). Of a sort the labels
    of the cards flow that lie on the pile named by `when` ({pile: key}); of a text or short the text itself.
    """

    section: str
    part: str
    column: str = ""
    when: dict[str, Any] | None = None


@dataclass(frozen=True)
class Exercise:
    """A definition. `picture` names the plate drawn from its values: wheel, line, network, overlap, week or none.

    `order` is its place in lists, lowest first.
    """

    key: str
    version: int
    language: str
    title: str
    purpose: str
    minutes: int
    parts: tuple[Part, ...]
    order: int = 100
    picture: str = ""
    closing: tuple[str, ...] = ()
    """Open questions to look at the whole with."""
    facilitator: str = ""
    topics: tuple[str, ...] = ()
    feeds: tuple[Feeds, ...] = ()
    source: tuple[str, ...] = ()

    def part(self, key: str) -> Part | None:
        """The part with this key."""
        return next((part for part in self.parts if part.key == key), None)
