"""What a line is read into, and the line on its way there."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from cairn.engines.wording import Wording, gettext_noop

Mode = Literal["online", "in_person", "phone"]
About = Literal["day", "time", "fold", "zone", "minutes", "mode"]
Choice = dt.date | dt.time | int | str
Found = TypeVar("Found", dt.date, dt.time, int, Mode, str)

LEAST_MINUTES, MOST_MINUTES = 5, 480
HERE = "here"  # the answer that a time is meant on the session's own clock
LOOKALIKES = frozenset("ſıİ\u212a")  # `re` takes them for s, i and k when it does not mind capitals
CUT = " ¦ "  # stands where something was understood, so that what is left falls into pieces

ASKED: dict[str, str] = {
    "day_missing": gettext_noop("On which day? The line does not say."),
    "time_missing": gettext_noop("At what time? The line does not say."),
    "day_two": gettext_noop("The line names several days. Which is meant?"),
    "time_two": gettext_noop("The line names several times. When does it begin?"),
    "minutes_two": gettext_noop("The line names several lengths. Which is meant?"),
    "mode_two": gettext_noop("The line names several ways to meet. Which is meant?"),
    "zone_two": gettext_noop("The line names several time zones. Which is meant?"),
    "which_zone": gettext_noop("“{words}” can stand for several clocks. Which is meant?"),
    "zone_or_place": gettext_noop("“{words}”: is the time meant on the clock there?"),
    "no_such_zone": gettext_noop(
        "Which clock is “{words}”? Name it by its city in the line, like “Auckland time”, or leave it out."
    ),
    "half_of_day": gettext_noop("“{words}” could be in the morning or in the afternoon. Which is meant?"),
    "which_next": gettext_noop("“{words}” can be the coming one or the one after it. Which is meant?"),
    "today_or_next": gettext_noop("Today is a {weekday}. Is today meant, or the {weekday} after it?"),
    "no_such_day": gettext_noop("There is no day “{words}”."),
    "no_such_time": gettext_noop("There is no time “{words}”."),
    "not_a_time": gettext_noop("“{words}” was not understood as a time. Write it in figures, like 15:15."),
    "no_such_length": gettext_noop("“{words}” cannot be the length of a session."),
    "other_weekday": gettext_noop("{day} is a {weekday}, not a {said}. Which is meant?"),
}
ASSUMED: dict[str, str] = {
    "next_year": gettext_noop("{gone} has gone by, so {day} is meant."),
    "century": gettext_noop("“{words}” is read as {day}."),
    "day_first": gettext_noop("“{words}” is read as {day}: the day comes before the month."),
    "this_gone": gettext_noop("“{words}” has gone by in this week, so {day} is meant."),
    "morning": gettext_noop("“{words}” is read on the 24-hour clock: {time}."),
    "noon": gettext_noop("“{words}” is read as {time}."),
    "midnight": gettext_noop("“{words}” is read as 00:00, when that day begins."),
    "from_today": gettext_noop("“{words}” is read as {day}."),
    "converted": gettext_noop("{there} in {there_place} is {here} in {here_place}."),
    "same_half": gettext_noop("“{words}” is read as {time} to {until}."),
    "person": gettext_noop("“{words}” is read as the person."),
    "place_in_person": gettext_noop("“{words}” is read as the place, so you meet in person."),
    "link_online": gettext_noop("There is a link, so you meet online."),
    "number_phone": gettext_noop("There is a number, so you meet by phone."),
}


@dataclass(frozen=True)
class Ask:
    """Something the line does not tell. `choices` are the answers that are possible; none: anything."""

    about: About
    wording: Wording
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Dictated:
    """What a line says. None and "" are what it does not say; `unread` are words that nothing was made of.

    `day` and `time` are on the wall of the zone; `fold` is the answer where that time happens twice. `said` is what the
    line says, naive, on the wall of `said_zone`, which is another zone where the line names one.
    """

    day: dt.date | None = None
    time: dt.time | None = None
    fold: Literal[0, 1] | None = None
    minutes: int | None = None
    mode: Mode | None = None
    where: str = ""
    person: str = ""
    assumed: tuple[Wording, ...] = ()
    asks: tuple[Ask, ...] = ()
    unread: tuple[str, ...] = ()
    said: dt.datetime | None = None
    said_zone: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to ask."""
        return not self.asks

    @property
    def wall_starts(self) -> dt.datetime | None:
        """Day and time, when both are known."""
        return dt.datetime.combine(self.day, self.time) if self.day and self.time else None


@dataclass
class Reading:
    """The line on its way: what is still unread, what was found, what was assumed."""

    text: str
    today: dt.date
    zone: str
    zone_answer: str = ""
    zones: list[str] = field(default_factory=list)
    days: list[dt.date] = field(default_factory=list)
    times: list[dt.time] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    modes: list[Mode] = field(default_factory=list)
    where: str = ""
    person: str = ""
    weekdays: list[tuple[int, str, str]] = field(default_factory=list)
    assumed: list[Wording] = field(default_factory=list)
    asks: dict[About, Ask] = field(default_factory=dict)

    def each(self, pattern: str, take: Callable[[re.Match[str]], bool | None], *, with_names: bool = False) -> None:
        """Cut out every match of which `take` makes something; it returns False to leave one as it is.

        A word of ours is not one that is written with a letter of another alphabet which only looks the same in
        capitals; in names, with `with_names`, every letter stands for itself.
        """

        def cut(found: re.Match[str]) -> str:
            is_other = not with_names and not LOOKALIKES.isdisjoint(found[0])
            return found[0] if is_other or take(found) is False else CUT

        self.text = re.sub(pattern, cut, self.text, flags=re.IGNORECASE)

    def assume(self, key: str, **params: object) -> None:
        self.assumed.append(Wording(f"dictating.{key}", ASSUMED[key], params))

    def ask(self, about: About, key: str, choices: Iterable[Choice] = (), **params: object) -> None:
        self.asks.setdefault(about, Ask(about, Wording(f"dictating.{key}", ASKED[key], params), tuple(choices)))


def one(reading: Reading, about: About, found: Sequence[Found]) -> Found | None:
    """The only one that was found; several are asked about."""
    several = list(dict.fromkeys(found))
    if len(several) > 1:
        reading.ask(about, f"{about}_two", several)
    return several[0] if len(several) == 1 else None
