"""One line as people write it in an e-mail, read as a session: "Tue 3pm, 45 min, phone".

Days come before months, weeks begin on Monday, a time that could be morning or afternoon is asked about, and nothing is
guessed in silence: what was assumed is said, each in a sentence, and what cannot be told is asked, with the answers
that are possible. The words of the line are English; the sentences go through gettext at the door.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from cairn.engines import cadence
from cairn.engines.dictating import clocks, days, ways
from cairn.engines.dictating.shapes import ASKED, About, Ask, Choice, Dictated, Mode, Reading, one
from cairn.engines.wording import Wording

__all__ = ["LONGEST_LINE", "About", "Ask", "Choice", "Dictated", "Mode", "parse"]

LONGEST_LINE = 300
STEPS = (
    *(ways.links, days.dates, ways.numbers, ways.person, clocks.lengths, clocks.times),
    *(days.weekdays, days.relative_days, ways.modes, clocks.bare_hours),
)


def parse(
    line: str,
    *,
    today: dt.date,
    zone: str,
    answers: Mapping[About, Any] | None = None,
) -> Dictated:
    """Read a line on a day in a zone (IANA name). `answers` are choices to what was asked before, by what it is about.

    >>> read = parse("tomorrow 15:00 with Ana, 45 min", today=dt.date(2027, 3, 3), zone="Europe/London")
    >>> read.wall_starts, read.minutes, read.person
    (datetime.datetime(2027, 3, 4, 15, 0), 45, 'Ana')

    Raises cadence.UnknownZone.
    """
    reading = Reading(" ".join(line.replace("–", "-").replace("—", "-").split())[:LONGEST_LINE], today)
    for step in STEPS:
        step(reading)
    unread = ways.rest(reading)
    given, read_day = answers or {}, days.one_day(reading)
    chosen_day: dt.date | None = given.get("day", read_day)
    chosen_time: dt.time | None = given.get("time", one(reading, "time", reading.times))
    minutes, mode = one(reading, "minutes", reading.lengths), one(reading, "mode", reading.modes)
    asks = {about: ask for about, ask in reading.asks.items() if about not in given}
    fold: Literal[0, 1] | None = given.get("fold")
    if chosen_day and chosen_time and not asks.keys() & {"day", "time"}:
        _try_on_the_wall(asks, chosen_day, chosen_time, zone, fold)
    for about, found in (("day", chosen_day), ("time", chosen_time)):
        if found is None and about not in asks:
            key = f"{about}_missing"
            asks[about] = Ask(about, Wording(f"dictating.{key}", ASKED[key]))  # type: ignore[index,arg-type]
    if chosen_day and chosen_day < today and "day" not in asks:
        reading.assume("gone_by", day=chosen_day)
    return Dictated(
        day=None if "day" in asks else chosen_day,
        time=None if "time" in asks else chosen_time,
        fold=fold,
        minutes=None if "minutes" in asks else given.get("minutes", minutes),
        mode=None if "mode" in asks else given.get("mode", mode),
        where=reading.where,
        person=reading.person,
        assumed=tuple(reading.assumed),
        asks=tuple(asks.values()),
        unread=unread,
    )


def _try_on_the_wall(asks: dict[About, Ask], day: dt.date, at: dt.time, zone: str, fold: Literal[0, 1] | None) -> None:
    """A time that the clocks skip, or show twice, is asked about."""
    try:
        cadence.instant(day, at, zone, fold)
    except cadence.AmbiguousWallTime as twice:
        asks["fold"] = Ask("fold", twice.wording, (0, 1))
    except cadence.MissingWallTime as missing:
        later = missing.params["later"]
        asks["time"] = Ask("time", missing.wording, (later.time(),) if isinstance(later, dt.datetime) else ())
