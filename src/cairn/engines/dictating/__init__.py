"""One line as people write it in an e-mail, read as a session: "Tue 3pm, 45 min, phone".

Days come before months, weeks begin on Monday, a time that could be morning or afternoon is asked about, and nothing is
guessed in silence: what was assumed is said, each in a sentence, and what cannot be told is asked, with the answers
that are possible. The words of the line are English; the sentences go through gettext at the door.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from cairn.engines import cadence
from cairn.engines.dictating import clocks, days, spoken, ways, zones
from cairn.engines.dictating.shapes import ASKED, ASSUMED, HERE, About, Ask, Choice, Dictated, Mode, Reading, one
from cairn.engines.wording import Refusal, Wording

__all__ = ["HERE", "LONGEST_LINE", "About", "Ask", "Choice", "Dictated", "Mode", "is_zone", "parse", "zone_of"]

is_zone, zone_of = zones.is_zone, zones.zone_of

LONGEST_LINE = 300
DASHES = str.maketrans("–—−", "---")
STEPS = (
    *(ways.links, zones.named, days.dates, ways.numbers, ways.person, spoken.times, clocks.lengths, clocks.times),
    *(days.weekdays, days.relative_days, ways.modes, spoken.not_understood, clocks.bare_hours),
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
    given = answers or {}
    reading = Reading(" ".join(line.translate(DASHES).split())[:LONGEST_LINE], today, zone, given.get("zone", ""))
    for step in STEPS:
        step(reading)
    unread = ways.rest(reading)
    read_day = days.one_day(reading)
    chosen_day: dt.date | None = given.get("day", read_day)
    chosen_time: dt.time | None = given.get("time", one(reading, "time", reading.times))
    minutes, mode = one(reading, "minutes", reading.lengths), one(reading, "mode", reading.modes)
    named = given.get("zone", one(reading, "zone", reading.zones))
    said_zone = zone if named in (None, HERE) else named
    asks = {about: ask for about, ask in reading.asks.items() if about not in given}
    fold: Literal[0, 1] | None = given.get("fold")
    if chosen_day and chosen_time and not asks.keys() & {"day", "time", "zone"}:
        _try_on_the_wall(asks, chosen_day, chosen_time, said_zone, fold)
    for about, found in (("day", chosen_day), ("time", chosen_time)):
        if found is None and about not in asks:
            key = f"{about}_missing"
            asks[about] = Ask(about, Wording(f"dictating.{key}", ASKED[key]))  # type: ignore[index,arg-type]
    read = Dictated(
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
    return _on_the_clock(replace(read, said=read.wall_starts, said_zone=said_zone), zone)


def _on_the_clock(read: Dictated, zone: str) -> Dictated:
    """The same on the session's clock. While it cannot be told which moment is meant, no time is given at all."""
    if read.said_zone == zone and all(ask.about != "zone" for ask in read.asks):
        return read
    if read.said is None or any(ask.about in ("zone", "fold") for ask in read.asks):
        return replace(read, day=None, time=None)
    meant = zones.instant(read.said.date(), read.said.time(), read.said_zone, read.fold)
    here = meant.astimezone(ZoneInfo(zone))
    wall = here.replace(tzinfo=None, fold=0)
    fold: Literal[0, 1] | None = (1 if here.fold else 0) if len(cadence.readings(wall, zone)) > 1 else None
    assumed = read.assumed
    if wall != read.said:
        params = {"there": read.said, "there_place": _place(read.said_zone), "here": wall, "here_place": _place(zone)}
        assumed = (*assumed, Wording("dictating.converted", ASSUMED["converted"], params))
    return replace(read, day=wall.date(), time=wall.time(), fold=fold, assumed=assumed)


def _place(zone: str) -> str:
    """The city by which people know a zone."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def _try_on_the_wall(asks: dict[About, Ask], day: dt.date, at: dt.time, zone: str, fold: Literal[0, 1] | None) -> None:
    """A time that the clocks skip, or show twice, is asked about."""
    try:
        zones.instant(day, at, zone, fold)
    except cadence.AmbiguousWallTime as twice:
        asks["fold"] = Ask("fold", _of_place(twice, zone), (0, 1))
    except cadence.MissingWallTime as missing:
        later = missing.params["later"]
        asks["time"] = Ask("time", _of_place(missing, zone), _around(dt.datetime.combine(day, at), later))


def _of_place(refusal: Refusal, zone: str) -> Wording:
    """What stands in the way, with the zone as people know it."""
    wording = refusal.wording
    return replace(wording, params={**wording.params, "zone": _place(zone)})


def _around(wall: dt.datetime, later: object) -> tuple[dt.time, ...]:
    """As long before the time that is skipped as the time that takes its place is after it, and that one."""
    if not isinstance(later, dt.datetime):
        return ()
    earlier = wall - (later - wall)
    return tuple(each.time() for each in (earlier, later) if each.date() == wall.date())
