"""Sentences that engines have for people: English kept apart from its parameters, so that a door can translate it.

An engine never translates. It hands out a `Wording`, or raises a `Refusal` that carries one; a door passes `template`
through gettext and fills in `params` in the reader's own formats. `sentence` is the English text, for logs and tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import ClassVar

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def gettext_noop(text: str) -> str:
    """Mark a template for `makemessages`, which looks for a call of this name; the text itself stays as it is."""
    return text


def english(value: object) -> str:
    """A parameter as plain British English: dates as 3 May 2027, times on the 24-hour clock."""
    if isinstance(value, datetime):
        return f"{english(value.date())}, {english(value.time())}"
    if isinstance(value, date):
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


@dataclass(frozen=True)
class Wording:
    """A stable key, an English template with {named} places, and what goes into them."""

    key: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.template.format(**{name: english(value) for name, value in self.params.items()})


class Refusal(Exception):
    """An expected failure with a sentence fit for the person who sees it. Subclasses name the key and the template."""

    key: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, **params: object) -> None:
        self.params: Mapping[str, object] = params
        super().__init__(self.sentence)

    @property
    def wording(self) -> Wording:
        return Wording(self.key, self.template, self.params)

    @property
    def sentence(self) -> str:
        return self.wording.sentence
