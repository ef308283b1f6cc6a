"""Times of day as they are spoken: "quarter past three", "half past nine", "three o'clock"."""

import datetime as dt
import re

from cairn.engines.dictating.clocks import CLOCK_FROM
from cairn.engines.dictating.shapes import Reading

HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MINUTES = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25, "twenty five": 25}
HOUR = rf"({'|'.join(HOURS)}|\d{{1,2}})(?![:.]?\d)"
OF_DAY = r"\s+in\s+the\s+(morning|afternoon|evening)\b"
SAID = rf"(?:\s*([ap])\.?\s?m\b\.?|{OF_DAY})"
O_CLOCK = r"\s*o['’]?clock\b"


def times(reading: Reading) -> None:
    """Minutes past or to an hour; hours in words after "at", or before am, pm or o'clock; and what is said to be in the
    morning, the afternoon or the evening.
    """
    said = "|".join(sorted(MINUTES, key=len, reverse=True))
    part = rf"(?:\bat\s+)?(?:\ba\s+)?\b(?:({said})|(\d{{1,2}})\s*min(?:ute)?s?|(\d{{1,2}})(?=\s+past))"
    reading.each(
        rf"{part}\s+(past|after|to)\s+{HOUR}(?:{O_CLOCK})?{SAID}?",
        lambda found: _take(
            reading, found[5], found[1] or found[2] or found[3], found[6] or found[7], found[0], side=found[4]
        ),
    )
    hour = rf"\b({'|'.join(HOURS)})\b"
    for pattern in (
        rf"\bat\s+{hour}(?!\s+(?:hours?|and)\b)(?:{O_CLOCK})?{SAID}?",
        rf"{hour}{SAID}",
        rf"{hour}{O_CLOCK}{SAID}?",
    ):
        reading.each(pattern, lambda found: _take(reading, found[1], "", found[2] or found[3], found[0]))
    reading.each(
        rf"(?:\bat\s+)?(?<![\d:.])(\d{{1,2}})(?:[:.](\d{{2}}))?(?:{O_CLOCK})?{OF_DAY}",
        lambda found: _take(reading, found[1], found[2] or "", found[3], found[0]),
    )


def not_understood(reading: Reading) -> None:
    """What sounds like a time and is none that is understood, such as "half three", which means two different hours."""
    if reading.times or "time" in reading.asks:
        return
    reading.each(
        rf"(?:\bat\s+)?\b(?:half|quarter)(?:\s+(?:past|to|after|of))?(?:\s+(?:{'|'.join(HOURS)}|\d{{1,2}}))?\b",
        lambda found: reading.ask("time", "not_a_time", words=_said(found[0])),
    )


def _take(reading: Reading, hour: str, part: str, half: str | None, words: str, *, side: str = "past") -> None:
    number, minutes = _hour(hour), _minutes(part)
    backwards = side.lower() == "to"
    is_span = backwards and part.lower() in HOURS and _hour(part) + 1 == number  # "ten to eleven" can be an hour long
    if is_span:
        reading.ask("time", "not_a_time", words=_said(words))
    elif number > 23 or minutes > 59 or ((half or "").lower() in ("a", "p") and not 0 < number <= 12):
        reading.ask("time", "no_such_time", words=_said(words))
    else:
        late = {"p": True, "afternoon": True, "evening": True, "a": False, "morning": False}.get((half or "").lower())
        _add(reading, number, -minutes if backwards else minutes, late, _said(words))


def _add(reading: Reading, hour: int, minutes: int, late: bool | None, words: str) -> None:
    """An hour of twelve is asked about where neither the words nor the hour say which half of the day is meant."""
    on_the_dial = hour % 12 * 60 + minutes
    morning, evening = _time(on_the_dial), _time(on_the_dial + 720)
    if hour > 12 or hour == 0:
        reading.times.append(_time(hour * 60 + minutes))
    elif late is not None:
        reading.times.append(evening if late else morning)
    elif morning.hour >= CLOCK_FROM:
        reading.assume("morning", words=words, time=morning)
        reading.times.append(morning)
    elif evening.hour == 12:
        reading.times.append(evening)
    else:
        reading.ask("time", "half_of_day", sorted((morning, evening)), words=words)


def _hour(word: str) -> int:
    return int(word) if word.isdecimal() else HOURS.index(word.lower()) + 1


def _minutes(part: str) -> int:
    return int(part or 0) if not part or part.isdecimal() else MINUTES[part.lower()]


def _time(minutes: int) -> dt.time:
    return dt.time(minutes // 60 % 24, minutes % 60)


def _said(words: str) -> str:
    return re.sub(r"^at\s+", "", words.strip(), flags=re.IGNORECASE)
